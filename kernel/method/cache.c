/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Object cache: what the store does with frames in flight (S8).
 *
 * bind starts the pager; expose and conceal say when a device or a driver can
 * reach the frame of an open request. Each batch is done wholly or not at all.
 */
#include "kernel/device/dma.h"
#include "kernel/mem/pager.h"
#include "kernel/mem/window.h"
#include "kernel/method/proto.h"
#include "kernel/object/cpu.h"
#include "kernel/object/notice.h"
#include "kernel/object/store.h"

enum { BATCH_MOST = 128 };

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
	uint32_t object;
};

static enum status
find_through(const struct cap *c, struct through *out)
{
	out->dma = c->type == CK_DMA;
	return out->dma ? dma_find(c, &out->object)
			: window_find(c, &out->object);
}

/* D15: a frame the device cannot address gets one that it can. */
static enum status
expose_dma(
    const struct through *t, struct frame *f, bool to_disk, struct exposure *x)
{
	struct frame *bounce = NULL;
	enum status   st = dma_expose(t->object, f, !to_disk, &x->where);

	if (st != RC_UNSUPPORTED)
		return st;
	st = frame_alloc(dma_class(t->object), USE_BOUNCE, &bounce);
	if (st != RC_OK)
		return RC_NO_MEMORY; /* The store waits for nobody. */
	if (to_disk)
		memcpy(frame_data(bounce), frame_data(f), PAGE_SIZE);
	st = dma_expose(t->object, bounce, !to_disk, &x->where);
	if (st != RC_OK) {
		frame_free(bounce);
		return st;
	}
	dma_bounced(t->object);
	cpu.counters.bounces++;
	x->bounce = bounce;
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
		return RC_ARGUMENT;
	x->bounce = NULL;
	x->object = t->object;
	if (t->dma) {
		st = expose_dma(t, f, to_disk, x);
	} else {
		x->where = e->slot;
		st = window_put(t->object, e->slot, f, to_disk);
	}
	if (st != RC_OK)
		return st;
	x->way = t->dma ? EXPOSED_DMA : EXPOSED_WINDOW;
	*out = t->dma ? x->where : x->where << PAGE_SHIFT;
	pager_exposed(f, true);
	return RC_OK;
}

/* End a reachability; the flush is still to come. */
static void
withdraw(uint64_t tag)
{
	struct exposure *x;
	bool             to_disk;

	(void)pager_exposable(tag, &x, &to_disk);
	if (x->way == EXPOSED_WINDOW)
		window_take(x->object, (uint32_t)x->where);
	else
		dma_conceal(x->object, x->where);
}

/* After the flush: nothing reaches it any more. */
static void
settle(uint64_t tag)
{
	struct exposure *x;
	bool             to_disk;
	struct frame    *f = pager_exposable(tag, &x, &to_disk);

	if (x->bounce != NULL) {
		if (!to_disk)
			memcpy(frame_data(f), frame_data(x->bounce), PAGE_SIZE);
		frame_free(x->bounce);
		x->bounce = NULL;
	}
	x->way = EXPOSED_NOT;
	pager_exposed(f, false);
}

/* One flush for what was withdrawn: of the TLB, and of each DMA space. */
static void
flush(const uint64_t *tag, unsigned n)
{
	uint32_t last = DEVICE_NONE;

	map_flush();
	for (unsigned i = 0; i < n; i++) {
		struct exposure *x;
		bool             to_disk;

		(void)pager_exposable(tag[i], &x, &to_disk);
		if (x->way == EXPOSED_DMA && x->object != last) {
			dma_flush(x->object);
			last = x->object;
		}
	}
}

/* End the reachability of a batch of exposed tags. */
static void
conceal(const uint64_t *tag, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		withdraw(tag[i]);
	flush(tag, n);
	for (unsigned i = 0; i < n; i++)
		settle(tag[i]);
}

static struct pager_expose
entry_at(const struct invocation *inv, unsigned i)
{
	struct pager_expose e;

	memcpy(&e, inv->string + i * sizeof(e), sizeof(e));
	return e;
}

enum status
method_cache_expose(struct invocation *inv)
{
	unsigned       n = inv->string_bytes / sizeof(struct pager_expose);
	uint64_t      *out = (void *)inv->out_string;
	struct through t;

	if (find_through(&inv->cap[0].cap, &t) != RC_OK)
		return RC_CAPABILITY;
	assert(n <= BATCH_MOST); /* As cache.idl bounds the string. */
	if (inv->string_bytes % sizeof(struct pager_expose) != 0)
		return RC_STRING;
	for (unsigned i = 0; i < n; i++) {
		struct pager_expose e = entry_at(inv, i);
		enum status         st = expose_one(&t, &e, &out[i]);

		if (st != RC_OK) {
			conceal(batch, i);
			return st;
		}
		batch[i] = e.tag;
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
	conceal(batch, n);
	return RC_OK;
}
