/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Object cache: what the store does with frames in flight (S8).
 *
 * bind starts the pager; expose and conceal say when a device or a driver can
 * reach the frame of an open request. Each batch is done wholly or not at all:
 * the copies to and from bounce frames are made in pieces (D3), before any of a
 * batch is exposed, and while none can be reached but all count as exposed.
 */
#include "kernel/device/dma.h"
#include "kernel/mem/pager.h"
#include "kernel/mem/window.h"
#include "kernel/method/proto.h"
#include "kernel/object/cpu.h"
#include "kernel/object/notice.h"
#include "kernel/object/store.h"

enum {
	BATCH_MOST = 32,
	COPIES_MOST = 8, /* Of bounce frames, in a piece of a call (D3). */
};

/* The tags of the batch in hand. */
static uint64_t batch[BATCH_MOST];

/* --- bind ---------------------------------------------------------------- */

static struct notice_binding doorbell;

static void
ring_doorbell(void)
{
	notice_post(&doorbell);
}

/* The frames of the ring: pages of the boot range, in the node's slots. */
static enum status
ring_frames(struct ref *node, uint32_t frames[PAGER_PAGES])
{
	struct cap *slot = ref_slots(node);

	for (unsigned i = 0; i < PAGER_PAGES; i++) {
		struct frame *f = NULL;

		if (slot[i].type != CK_PAGE || slot[i].rights & CR_READ_ONLY ||
		    frame_source(oid_frame(cap_oid(&slot[i]))) != SOURCE_BOOT ||
		    cap_resolve(&slot[i], node->frame, &f) != RC_OK)
			return RC_ARGUMENT;
		frames[i] = frame_index(f);
	}
	return RC_OK;
}

enum status
method_cache_bind(struct invocation *inv, uint64_t pages)
{
	uint32_t    frames[PAGER_PAGES];
	enum status st;

	if (pager_bound())
		return RC_STATE;
	if (pages != PAGER_PAGES)
		return RC_ARGUMENT;
	st = ring_frames(&inv->cap[0], frames);
	if (st != RC_OK)
		return st;
	inv_commit(inv);
	doorbell = notice_binding(&inv->cap[1].cap);
	store_bound();
	return pager_bind(frames, PAGER_PAGES, ring_doorbell);
}

enum status
method_cache_window(struct invocation *inv, uint64_t slots)
{
	struct cap  c;
	enum status st;

	if (slots < 1 || slots > WINDOW_SLOTS_MAX)
		return RC_ARGUMENT;
	st = window_make((uint32_t)slots, &c);
	if (st != RC_OK)
		return st;
	inv_commit(inv);
	inv->out_cap[0] = c;
	return RC_OK;
}

/* --- expose --------------------------------------------------------------- */

/* Through what: a window, or the DMA space of a device. */
struct through {
	bool     dma;
	bool     limited; /* There are frames that it cannot address. */
	uint32_t object;
};

static enum status
find_through(const struct cap *c, struct through *out)
{
	enum status st;

	out->dma = c->type == CK_DMA;
	st = out->dma ? dma_find(c, &out->object)
		      : window_find(c, &out->object);
	out->limited = out->dma && st == RC_OK &&
	    dma_class(out->object) != CLASS_ANY;
	return st;
}

static void
drop_bounce(struct exposure *x)
{
	if (x->bounce != NULL)
		frame_free(x->bounce);
	x->bounce = NULL;
}

/*
 * D15: a frame the device cannot address gets one that it can, before any of the
 * batch is exposed; `left` of them in this piece of the call (D3). One that lies
 * ready is of the piece before, for frames in flight do not change; or of a call
 * that was never ended, for another device perhaps. The request's end frees it.
 */
static enum status
bounce_one(const struct through *t, uint64_t tag, unsigned *left)
{
	struct exposure *x;
	bool             to_disk;
	struct frame    *f = pager_exposable(tag, &x, &to_disk);

	if (f == NULL || x->way != EXPOSED_NOT)
		return RC_ARGUMENT;
	if (dma_reaches(t->object, f)) {
		drop_bounce(x);
		return RC_OK;
	}
	if (x->bounce != NULL && dma_reaches(t->object, x->bounce))
		return RC_OK;
	drop_bounce(x);
	if ((*left)-- == 0)
		return ST_AGAIN;
	if (frame_alloc_raw(dma_class(t->object), USE_BOUNCE, &x->bounce) !=
	    RC_OK)
		return RC_NO_MEMORY; /* The store waits for nobody. */
	if (to_disk)
		frame_copy(x->bounce, f);
	return RC_OK;
}

static enum status
expose_one(const struct through *t, const struct pager_expose *e, uint64_t *out)
{
	struct exposure *x;
	bool             to_disk;
	struct frame    *f = pager_exposable(e->tag, &x, &to_disk);
	enum status      st;

	if (f == NULL || x->way != EXPOSED_NOT)
		return RC_ARGUMENT; /* Perhaps by this very batch. */
	if (!t->limited)
		drop_bounce(x); /* Of a call for another device. */
	x->object = t->object;
	x->where = e->slot;
	if (t->dma)
		st = dma_expose(t->object, x->bounce != NULL ? x->bounce : f,
		    !to_disk, &x->where);
	else
		st = window_put(t->object, e->slot, f, to_disk);
	if (st != RC_OK)
		return st;
	if (x->bounce != NULL) {
		dma_bounced(t->object);
		cpu.counters.bounces++;
	}
	x->way = t->dma ? EXPOSED_DMA : EXPOSED_WINDOW;
	*out = t->dma ? x->where : x->where << PAGE_SHIFT;
	pager_exposed(f, true);
	return RC_OK;
}

/*
 * Nothing reaches these any more, by what they were exposed through. Has any a
 * bounce frame?
 */
static bool
withdraw(const uint64_t *tag, unsigned n)
{
	uint32_t         last = DEVICE_NONE;
	struct exposure *x;
	bool             to_disk;
	bool             bounced = false;

	for (unsigned i = 0; i < n; i++) {
		(void)pager_exposable(tag[i], &x, &to_disk);
		if (x->way == EXPOSED_WINDOW)
			window_take(x->object, (uint32_t)x->where);
		else if (x->way == EXPOSED_DMA)
			dma_conceal(x->object, x->where);
	}
	map_flush(); /* One flush: of the TLB, and of each DMA space. */
	for (unsigned i = 0; i < n; i++) {
		(void)pager_exposable(tag[i], &x, &to_disk);
		if (x->way == EXPOSED_DMA && x->object != last) {
			dma_flush(x->object);
			last = x->object;
		}
		x->way = EXPOSED_GONE;
		bounced = bounced || x->bounce != NULL;
	}
	return bounced;
}

/*
 * After that: at most so many frames get what their device wrote for them into
 * another; false: not all.
 */
static bool
take_back(const uint64_t *tag, unsigned n, unsigned left)
{
	struct exposure *x;
	struct frame    *f;
	bool             to_disk;

	for (unsigned i = 0; i < n; i++) {
		f = pager_exposable(tag[i], &x, &to_disk);
		if (x->bounce != NULL && !to_disk) {
			if (left-- == 0)
				return false;
			frame_copy(f, x->bounce);
		}
		drop_bounce(x);
	}
	return true;
}

static void
settle(const uint64_t *tag, unsigned n)
{
	struct exposure *x;
	bool             to_disk;

	for (unsigned i = 0; i < n; i++) {
		pager_exposed(pager_exposable(tag[i], &x, &to_disk), false);
		x->way = EXPOSED_NOT;
	}
}

static struct pager_expose
entry_at(const struct invocation *inv, unsigned i)
{
	struct pager_expose e;

	memcpy(&e, inv->string + i * sizeof(e), sizeof(e));
	return e;
}

/* The first n of the batch have bounce frames, and the first `exposed` more. */
static void
undo(unsigned n, unsigned exposed)
{
	struct exposure *x;
	bool             to_disk;

	(void)withdraw(batch, exposed);
	settle(batch, exposed);
	for (unsigned i = 0; i < n; i++) {
		(void)pager_exposable(batch[i], &x, &to_disk);
		drop_bounce(x);
	}
}

enum status
method_cache_expose(struct invocation *inv)
{
	unsigned       n = inv->string_bytes / sizeof(struct pager_expose);
	unsigned       left = COPIES_MOST, i;
	uint64_t      *out = (void *)inv->out_string;
	struct through t;
	enum status    st = RC_OK;

	if (find_through(&inv->cap[0].cap, &t) != RC_OK)
		return RC_CAPABILITY;
	assert(n <= BATCH_MOST); /* As cache.idl bounds the string. */
	if (inv->string_bytes % sizeof(struct pager_expose) != 0)
		return RC_STRING;
	for (i = 0; i < n; i++) {
		batch[i] = entry_at(inv, i).tag;
		if (!t.limited)
			continue;
		st = bounce_one(&t, batch[i], &left);
		if (st == ST_AGAIN)
			return st;
		if (st != RC_OK) {
			undo(i, 0);
			return st;
		}
	}
	for (i = 0; i < n; i++) {
		struct pager_expose e = entry_at(inv, i);

		st = expose_one(&t, &e, &out[i]);
		if (st != RC_OK) {
			undo(t.limited ? n : i, i);
			return st;
		}
	}
	inv_commit(inv);
	inv->out_bytes = n * (uint32_t)sizeof(*out);
	return RC_OK;
}

/* --- conceal -------------------------------------------------------------- */

/*
 * All tags exposed, and each named once? ST_AGAIN: some of what maps them is
 * gone, and more will go.
 */
static enum status
all_exposed(const uint64_t *tag, unsigned n)
{
	uint64_t seen[256 / 64] = {0};
	unsigned left = MAP_PIECE;

	for (unsigned i = 0; i < n; i++) {
		uint64_t        *word = &seen[tag[i] / 64 % 4];
		const uint64_t   bit = UINT64_C(1) << tag[i] % 64;
		struct exposure *x;
		bool             to_disk;

		if (pager_exposable(tag[i], &x, &to_disk) == NULL ||
		    x->way == EXPOSED_NOT || (*word & bit) != 0)
			return RC_ARGUMENT;
		*word |= bit;
	}
	for (unsigned i = 0; i < n; i++) {
		struct exposure *x;
		bool             to_disk;

		(void)pager_exposable(tag[i], &x, &to_disk);
		if (x->way == EXPOSED_WINDOW &&
		    !map_device_thin_page(x->object, x->where, &left)) {
			map_flush();
			return ST_AGAIN;
		}
	}
	return RC_OK;
}

enum status
method_cache_conceal(struct invocation *inv)
{
	unsigned    n = inv->string_bytes / sizeof(uint64_t);
	enum status st;

	assert(n <= BATCH_MOST);
	if (inv->string_bytes % sizeof(uint64_t) != 0)
		return RC_STRING;
	memcpy(batch, inv->string, n * sizeof(uint64_t));
	st = all_exposed(batch, n);
	if (st != RC_OK)
		return st;
	inv_commit(inv);
	if (withdraw(batch, n) && !take_back(batch, n, COPIES_MOST))
		return ST_AGAIN;
	settle(batch, n);
	return RC_OK;
}
