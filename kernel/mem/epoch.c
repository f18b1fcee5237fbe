/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Epochs: snapshots, first writes, credits (F4, F7, S4).
 *
 * Dirty frames hang on the list of their epoch, of which there are two: the
 * working one and, from a snapshot to the end of its commit, the frozen one.
 * A snapshot makes the one the other by counting on.
 *
 *                 epoch_first_write                 clean queued
 *      clean ----------------------> dirty, writable ----------> in flight
 *        ^                               | epoch_snapshot           |
 *        |                               v                          |
 *        |         first write:      dirty, frozen --- queued ----->|
 *        |         content copied out,                              |
 *        |         object dirty anew                                |
 *        +-------------------------------------------- done --------+
 *
 * Invariants:
 *  1. A persistent frame is writable only if it is on the working list.
 *  2. A frame in flight (FF_IO_OUT) is on no list; when its object is written,
 *     the object moves to a new frame and the old one stays with the store.
 *  3. The frozen list is empty when a snapshot is taken.
 *  4. An object has taken at most one credit in an epoch (`charged`).
 */
#include "kernel/mem/epoch.h"
#include "kernel/mem/cache.h"
#include "kernel/mem/map.h"
#include "kernel/mem/object.h"
#include "kernel/mem/pager.h"
#include "kernel/sched/wait.h"

static struct {
	struct frame_list list[2]; /* By parity of the epoch. */
	bool              freezing;
	bool              recording; /* See epoch_recorded. */
	bool              failed; /* A clean of the frozen epoch did. */
	uint32_t          used, reserve_used;
	uint32_t          used_frozen;
	uint32_t          limit, limit_next, reserve;
} epochs;

void
epoch_init(void)
{
	memset(&epochs, 0, sizeof(epochs));
	frame_list_init(&epochs.list[0], LIST_DIRTY_0);
	frame_list_init(&epochs.list[1], LIST_DIRTY_1);
}

struct frame_list *
epoch_dirty(void)
{
	return &epochs.list[mem.epoch & 1];
}

struct frame_list *
epoch_frozen(void)
{
	return &epochs.list[(mem.epoch & 1) ^ 1];
}

bool
epoch_freezing(void)
{
	return epochs.freezing;
}

bool
epoch_may_clean(void)
{
	return epochs.freezing && !epochs.recording;
}

uint64_t
frame_content(const struct frame *f)
{
	if (f->use == USE_FROZEN)
		return (uint64_t)f->frozen.high << 32 | f->frozen.low;
	return f->number;
}

/* --- Credits (F7) -------------------------------------------------------- */

uint32_t
epoch_used(void)
{
	return epochs.used;
}

uint32_t
epoch_credits(void)
{
	return epochs.limit > epochs.used ? epochs.limit - epochs.used : 0;
}

/* Is there one in a pool that the running process may use? */
enum status
epoch_credit_ready(void)
{
	if (epochs.used < epochs.limit)
		return RC_OK;
	if (epochs.reserve_used < epochs.reserve && wait_uses_reserve())
		return RC_OK;
	pager_credit_wanted();
	return wait_on(WAIT_CREDIT, 0);
}

void
epoch_credit_take(void)
{
	if (epochs.used < epochs.limit) {
		epochs.used++;
		pager_credit_used(epochs.used);
	} else {
		epochs.reserve_used++;
	}
}

void
epoch_refund(void)
{
	if (epochs.used > 0)
		epochs.used--;
	pager_credit_used(epochs.used);
	wait_wake(WAIT_CREDIT, 0);
}

void
epoch_credit_set(uint32_t now, uint32_t next, uint32_t reserve)
{
	epochs.limit = now;
	epochs.limit_next = next;
	epochs.reserve = reserve;
	wait_wake(WAIT_CREDIT, 0);
}

/* --- First writes (S4) --------------------------------------------------- */

/* The frozen content goes to a frame of its own, the object stays. */
static enum status
copy_out(struct frame *f)
{
	struct frame *c = NULL;
	enum status   st = frame_alloc_raw(CLASS_ANY, USE_FROZEN, &c);

	if (st != RC_OK)
		return st;
	frame_copy(c, f);
	c->kind = f->kind;
	c->count = f->count;
	c->epoch = 0;
	c->flags = FF_DIRTY;
	frozen_name(c, f->number);
	frame_list_replace(epoch_frozen(), f, c);
	mem_counters.copies++;
	return RC_OK;
}

/* Everything that makes n the object instead of f, but for the content. */
static void
take_over(struct frame *n, struct frame *f)
{
	uint64_t number = f->number;

	frame_unname(f);
	frame_name(n, number);
	n->kind = f->kind;
	n->count = f->count;
	n->charged = f->charged;
	n->held = mem.entry;
	n->flags = f->flags & (FF_FORCED | FF_LENT);
	n->state = f->state;
	if (n->kind == FK_PAGE)
		n->rmap = (struct rmap){0, NO_INDEX};
	frame_reuse(f, USE_FROZEN);
	frozen_name(f, number);
}

/* The frame is under I/O and stays with the store: the object moves. */
static enum status
move(struct frame **pf)
{
	struct frame *f = *pf, *n = NULL;
	enum status   st;

	if (f->pins > 0)
		return wait_on(WAIT_IO, f->number);
	st = frame_alloc_raw(CLASS_ANY, USE_OBJECT, &n);
	if (st != RC_OK)
		return st;
	if (f->kind == FK_PAGE)
		map_frame_revoke(f);
	frame_copy(n, f);
	take_over(n, f);
	object_moved(f, n);
	mem_counters.copies++;
	*pf = n;
	return RC_OK;
}

/* Take the frame off its list, its old content safe. */
static enum status
detach(struct frame **pf)
{
	struct frame *f = *pf;

	if (f->flags & FF_IO_OUT)
		return move(pf);
	if (!(f->flags & FF_DIRTY)) {
		age_remove(f);
		return RC_OK;
	}
	if (f->list == epoch_dirty()->id) { /* A clean of it has failed. */
		frame_list_remove(epoch_dirty(), f);
		return RC_OK;
	}
	return copy_out(f);
}

enum status
epoch_first_write(struct frame **pf)
{
	bool          charge = (*pf)->charged != (uint32_t)mem.epoch;
	struct frame *f;
	enum status   st;

	debug_assert(is_persistent((*pf)->number));
	if (charge) {
		st = epoch_credit_ready();
		if (st != RC_OK)
			return st;
	}
	st = detach(pf);
	if (st != RC_OK)
		return st;
	f = *pf;
	f->epoch = mem.epoch;
	f->charged = (uint32_t)mem.epoch;
	f->flags |= FF_DIRTY;
	if (charge) {
		epoch_credit_take();
		f->flags |= FF_PAID;
	}
	if (f->kind == FK_NODE)
		frame_nodes(f)->header.boot = mem.boot;
	frame_list_add(epoch_dirty(), f);
	return RC_OK;
}

/* --- Snapshot and commit ------------------------------------------------- */

/* The record's frames join what is to be written of the frozen epoch. */
static void
add_record(const uint32_t *record, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		struct frame *f = &mem.frame[record[i]];

		debug_assert(f->use == USE_FROZEN && f->list == LIST_NONE);
		f->kind = FK_PAGE;
		f->count = 0;
		f->epoch = 0;
		f->flags = FF_DIRTY;
		frozen_name(f, oid_frame(pager_record_oid(i)));
		frame_list_add(epoch_frozen(), f);
	}
}

enum status
epoch_snapshot(const uint32_t *record, uint32_t nrecord, uint64_t call_number,
    uint64_t *epoch)
{
	if (epochs.freezing || !pager_open())
		return RC_BUSY;
	assert(epoch_frozen()->count == 0 && nrecord <= PAGER_RECORD_MAX);
	*epoch = mem.epoch;
	epochs.freezing = true;
	epochs.recording = nrecord > 0;
	epochs.failed = false;
	epochs.used_frozen = epochs.used;
	epochs.used = epochs.reserve_used = 0;
	epochs.limit = epochs.limit_next;
	mem.epoch++;
	mem.changes++; /* No process may be written. */
	pager_snapshot(*epoch, call_number, nrecord);
	add_record(record, nrecord);
	map_snapshot();
	pager_credit_used(0);
	wait_wake(WAIT_CREDIT, 0);
	pager_bell(); /* Its completion starts the cleaning. */
	return RC_OK;
}

void
epoch_recorded(void)
{
	epochs.recording = false;
}

void
epoch_committed(bool ok)
{
	if (ok && epochs.failed)
		log_line("pager: committed an epoch that it could not write");
	epochs.freezing = false;
	if (!ok) /* Its changes belong to the working epoch now. */
		epochs.used += epochs.used_frozen;
	epochs.used_frozen = 0;
	pager_credit_used(epochs.used);
	wait_wake(WAIT_COMMIT, 0);
}

/*
 * In the frozen epoch nothing may stay: what an object still holds is dirty in
 * the working one, and a copy has a successor there. The store knows that the
 * commit cannot succeed, for it is the one that failed.
 */
void
epoch_not_cleaned(struct frame *f, uint64_t epoch)
{
	if (epoch != mem.epoch)
		epochs.failed = true;
	if (f->use == USE_FROZEN) {
		f->flags = 0;
		frame_free(f);
		return;
	}
	f->charged = (uint32_t)mem.epoch;
	frame_list_add(epoch_dirty(), f);
}
