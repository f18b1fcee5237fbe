/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a capability to the object it names.
 *
 * A capability is valid while the object has the count, kind and role that it
 * was made for. A stale hint costs one hash look-up and is refreshed in place,
 * unless the slot's own frame is being written to disk.
 */
#ifndef KERNEL_MEM_RESOLVE_H
#define KERNEL_MEM_RESOLVE_H

#include "kernel/mem/object.h"

/* What an object must be for a capability of a kind to be valid. */
struct cap_rule {
	uint8_t  kind; /* enum frame_kind; FK_FREE: names no object. */
	uint8_t  role; /* enum node_role, of a node. */
	uint16_t unused;
	uint32_t count_mask; /* Bits of the count that must agree. */
};

enum { CAP_RULES = 64 };

/* Indexed by enum cap_kind; unknown kinds name no object. */
extern const struct cap_rule cap_rule[CAP_RULES];

/* Does the frame, of the right number, hold what the capability names? */
static inline bool
cap_fits(const struct cap *c, const struct frame *f)
{
	const struct cap_rule    *r = &cap_rule[c->type & (CAP_RULES - 1)];
	unsigned                  i = oid_index(cap_oid(c));
	const struct node_header *h;

	if (f->kind != r->kind)
		return false;
	if (r->kind == FK_PAGE)
		return i == OID_INDEX_FRAME && f->count == c->count;
	if (r->kind != FK_NODE || i == OID_INDEX_FRAME)
		return false;
	h = &frame_nodes(f)->node[i];
	return h->role == r->role &&
	    ((h->count ^ c->count) & r->count_mask) == 0;
}

/* The slow half of cap_resolve: looks in the hash, fetches, refreshes. */
must_check enum status cap_resolve_slow(
    struct cap *slot, const struct frame *holder, struct frame **out);

/* The object of this slot is in f: its hint says so from now on, if it may. */
void cap_refresh(
    struct cap *slot, const struct frame *holder, const struct frame *f);

/*
 * Find the frame of a page, node, guard, process, start, resume, restart,
 * notice or forwarder capability, and hold it until the end of this kernel
 * entry. holder is the frame that slot lies in, NULL for one of the kernel's.
 * RC_VOID: the capability is dead. ST_WAIT, RC_MEDIA as object_fetch.
 * For resume and restart only the node is found: the call number is checked
 * by kernel/object.
 */
must_check static inline enum status
cap_resolve(struct cap *slot, const struct frame *holder, struct frame **out)
{
	struct frame *f = frame_hinted(cap_hint(slot));

	if (f->number != oid_frame(cap_oid(slot)) || !cap_fits(slot, f))
		return cap_resolve_slow(slot, holder, out);
	frame_hold(f);
	*out = f;
	return RC_OK;
}

#endif
