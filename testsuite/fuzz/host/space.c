/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model's address spaces: a tree of nodes, walked anew at each access. No
 * tables, no caches: what they must never differ from.
 */
#include "testsuite/fuzz/host/fuzz.h"

enum { STEPS = 28, LEAST_NODE_SPAN = PAGE_SHIFT + NODE_SHIFT };

static struct reach
stop(struct reach r, enum fault_code code)
{
	r.page = NOWHERE;
	r.fault = (uint8_t)code;
	return r;
}

static enum fault_code
no_segment(unsigned kind)
{
	switch (kind) {
	case CK_VOID:
	case CK_BOOTSVC:
		return FAULT_UNMAPPED;
	case CK_RESTARTED:
		return FAULT_RESTARTED;
	default:
		return FAULT_MALFORMED;
	}
}

static bool
segment(unsigned kind)
{
	return kind == CK_PAGE || kind == CK_NODE || kind == CK_GUARD;
}

static uint64_t
within(uint64_t offset, unsigned span)
{
	return span >= 64 ? offset : offset & ((UINT64_C(1) << span) - 1);
}

static struct reach
allowed(struct reach r, unsigned rights, enum fault_access a)
{
	if (a == ACCESS_WRITE && rights & CR_READ_ONLY)
		return stop(r, FAULT_ACCESS);
	if (a == ACCESS_EXECUTE &&
	    (rights & CR_NO_EXECUTE || !(rights & CR_READ_ONLY)))
		return stop(r, FAULT_ACCESS);
	return r;
}

/* media: what is unread on the way stops it. */
static struct reach
way(uint32_t at, uint64_t v, enum fault_access a, bool media)
{
	const struct mcap *c = &node_at(at)->slot[SLOT_SPACE];
	const bool         resident = proc_at(at)->resident;
	struct reach       r = {.page = NOWHERE, .fault = FAULT_UNMAPPED};
	unsigned           limit = 64, rights = 0;
	uint64_t           offset = v;

	if (v >> USER_SPAN != 0)
		return r;
	for (unsigned i = 0; i < STEPS; i++) {
		unsigned    kind = c->kind, span;
		struct mcap now;

		if (rights & CR_WEAK && kind != CK_PAGE && kind != CK_NODE)
			kind = CK_VOID;
		if (!segment(kind))
			return stop(r, no_segment(kind));
		span = kind == CK_PAGE ? PAGE_SHIFT : (c->data & 63u) + 1;
		rights |= c->rights & (CR_READ_ONLY | CR_NO_EXECUTE | CR_WEAK);
		rights |= rights & CR_WEAK ? CR_READ_ONLY : 0;
		if (span > limit)
			return stop(r, FAULT_MALFORMED);
		if (span < 64 && offset >> span != 0)
			return stop(r, FAULT_UNMAPPED);
		if ((kind == CK_NODE && span < LEAST_NODE_SPAN) ||
		    (kind == CK_GUARD && span < PAGE_SHIFT))
			return stop(r, FAULT_MALFORMED);
		if (resident && at_persistent(c->at))
			return stop(r, FAULT_ACCESS); /* F9 */
		if (media && unread(c->at))
			return stop(r, FAULT_MEDIA);
		now = cap_now(c);
		if (now.kind == CK_VOID)
			return stop(r, FAULT_UNMAPPED);
		if (kind == CK_PAGE) {
			r.page = c->at;
			return allowed(r, rights, a);
		}
		if (kind == CK_GUARD) {
			r.guarded = true;
			r.rights = (uint8_t)rights;
			r.guard = now;
			r.offset = offset;
			limit = span;
			c = &node_at(now.at)->slot[0];
			continue;
		}
		limit = span - NODE_SHIFT;
		c = &node_at(now.at)->slot[offset >> limit];
		offset = within(offset, limit);
	}
	return stop(r, FAULT_MALFORMED);
}

struct reach
space_reach(uint32_t at, uint64_t v, enum fault_access a)
{
	return way(at, v, a, false);
}

struct reach
space_walk(uint32_t at, uint64_t v, enum fault_access a)
{
	return way(at, v, a, true);
}

bool
user_range(uint64_t v, uint64_t bytes)
{
	const uint64_t end = UINT64_C(1) << USER_SPAN;

	return v < end && bytes <= end - v;
}

uint32_t
space_extent(uint32_t at, uint64_t v, uint32_t bytes, enum fault_access a,
    struct reach *r, uint64_t *where)
{
	uint32_t done = 0;

	while (done < bytes) {
		*r = space_reach(at, v + done, a);
		*where = v + done;
		if (r->page == NOWHERE)
			return done;
		done += (uint32_t)(PAGE_SIZE - (v + done) % PAGE_SIZE);
	}
	return bytes;
}

static void
move(uint32_t at, uint64_t v, void *to, const void *from, uint32_t bytes)
{
	uint32_t done = 0;

	while (done < bytes) {
		const uint64_t in = (v + done) % PAGE_SIZE;
		const uint32_t n = (uint32_t)(PAGE_SIZE - in) < bytes - done
		    ? (uint32_t)(PAGE_SIZE - in)
		    : bytes - done;
		struct reach   r = space_reach(
			  at, v + done, from != NULL ? ACCESS_WRITE : ACCESS_READ);
		uint8_t       *page;

		MUST(r.page != NOWHERE && !unread(r.page));
		page = frame_at(r.page)->data + in;
		if (from != NULL) {
			memcpy(page, (const uint8_t *)from + done, n);
			touch(r.page);
		} else {
			memcpy((uint8_t *)to + done, page, n);
		}
		done += n;
	}
}

void
space_read(uint32_t at, uint64_t v, void *to, uint32_t bytes)
{
	move(at, v, to, NULL, bytes);
}

void
space_write(uint32_t at, uint64_t v, const void *from, uint32_t bytes)
{
	move(at, v, NULL, from, bytes);
}
