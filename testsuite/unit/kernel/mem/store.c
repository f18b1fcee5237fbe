/* SPDX-License-Identifier: BSD-2-Clause */
/* A store at the other end of the pager ring: honest unless told otherwise. */
#include <stdlib.h>

#include "testsuite/unit/kernel/mem/support.h"

#include "kernel/mem/epoch.h"
#include "kernel/mem/pager.h"

struct fake_store store;

static struct pager_control *control;
static uint32_t              ring[PAGER_PAGES];

static void
doorbell(void)
{
	store.bells++;
}

static void *
place(unsigned first, uint32_t n)
{
	uint32_t i = n % PAGER_RING;

	return (uint8_t *)frame_data(&mem.frame[ring[first + i / 64]]) +
	    i % 64 * 64;
}

void
store_put(const struct pager_completion *c)
{
	memcpy(
	    place(1 + PAGER_RING_PAGES, store.completion_head), c, sizeof(*c));
	store.completion_head++;
}

void
store_publish(void)
{
	control->completion_head = store.completion_head;
}

enum status
store_kick(void)
{
	uint32_t    left;
	enum status st;

	store_publish();
	do {
		st = pager_kick(&left);
	} while (st == RC_OK && left != 0);
	return st;
}

static void
tell_credits(void)
{
	struct pager_completion c = {
	    .op = PAGER_CREDIT,
	    .epoch = mem.epoch,
	    .credits = store.credits,
	    .word = {store.credits, 8, 0},
	};

	store_put(&c);
}

static void
begin(uint32_t credits, uint32_t records)
{
	struct pager_completion open = {.op = PAGER_OPEN,
	    .epoch = 1,
	    .count = records,
	    .word = {7, 1000, 3}};

	for (unsigned i = 0; i < STORE_OBJECTS; i++)
		free(store.object[i].content);
	memset(&store, 0, sizeof(store));
	store.credits = credits;
	for (unsigned i = 0; i < PAGER_PAGES; i++) {
		struct frame *f = make_page(500000 + i);

		object_pin(f);
		ring[i] = frame_index(f);
	}
	if (pager_bind(ring, PAGER_PAGES, doorbell) != RC_OK)
		abort();
	control = frame_data(&mem.frame[ring[0]]);
	store_put(&open);
	tell_credits();
	if (store_kick() != RC_OK)
		abort();
}

void
store_start(uint32_t credits)
{
	begin(credits, 0);
}

void
store_start_records(uint32_t records)
{
	begin(100, records);
}

/* --- Answers ---------------------------------------------------------------
 */

static struct stored *
object_of(const struct pager_request *r)
{
	uint64_t n = frame_position(oid_frame((oid){r->oid}));

	if (n >= STORE_OBJECTS)
		abort();
	return &store.object[n];
}

static void
do_fetch(const struct pager_request *r, struct pager_completion *c)
{
	struct stored *o = object_of(r);

	store.fetches++;
	c->status = store.fail_fetch;
	if (c->status != RC_OK)
		return;
	c->kind = o->kind;
	c->count = o->count;
	c->flags = o->charged ? PAGER_CHARGED : 0;
	if (o->content != NULL && o->kind != FK_FREE && o->kind != FK_ZERO)
		memcpy(hal_direct((paddr){r->frame << PAGE_SHIFT}), o->content,
		    PAGE_SIZE);
}

static void
do_stat(struct pager_completion *c, const struct stored *o)
{
	store.stats++;
	c->kind = o->kind;
	c->count = o->count;
}

static void
keep_value(struct stored *o, uint64_t epoch, uint64_t value)
{
	if (epoch == store.snapshot_epoch) {
		o->generation_value = value;
	} else {
		o->working_value = value;
		o->in_working = true;
	}
}

static void
freeze(uint64_t epoch)
{
	store.snapshot_epoch = epoch;
	for (unsigned i = 0; i < STORE_OBJECTS; i++) {
		struct stored *o = &store.object[i];

		o->charged = false;
		if (o->in_working)
			o->generation_value = o->working_value;
		o->in_working = false;
	}
}

static void
do_clean(const struct pager_request *r, struct pager_completion *c)
{
	struct stored *o;

	if (frame_source(oid_frame((oid){r->oid})) == SOURCE_EPHEMERAL) {
		if (r->kind != FK_PAGE || r->count != 0)
			abort(); /* As a store refuses it (request_check). */
		store.records++;
		return;
	}
	o = object_of(r);
	store.cleans++;
	c->status = store.fail_clean;
	if (c->status != RC_OK)
		return;
	c->flags = o->charged && r->epoch == mem.epoch ? PAGER_CHARGED : 0;
	if (r->epoch == mem.epoch)
		o->charged = true;
	o->kind = r->kind;
	o->count = r->count;
	if (o->content == NULL)
		o->content = calloc(1, PAGE_SIZE);
	memcpy(
	    o->content, hal_direct((paddr){r->frame << PAGE_SHIFT}), PAGE_SIZE);
	keep_value(o, r->epoch, *(uint64_t *)(void *)o->content);
}

static void
do_drop(const struct pager_request *r, struct pager_completion *c)
{
	struct stored *o = object_of(r);

	store.drops++;
	c->status = store.fail_drop;
	if (c->status != RC_OK)
		return;
	o->kind = r->kind;
	if (r->count < o->count)
		abort(); /* Counts never go back. */
	o->count = r->count;
	keep_value(o, r->epoch, 0);
}

void
store_answer(const struct pager_request *r)
{
	struct pager_completion c = {
	    .tag = r->tag, .op = r->op, .oid = r->oid, .epoch = r->epoch};

	switch (r->op) {
	case PAGER_FETCH:
		do_fetch(r, &c);
		break;
	case PAGER_STAT:
		do_stat(&c, object_of(r));
		break;
	case PAGER_CLEAN:
		do_clean(r, &c);
		break;
	case PAGER_DROP:
		do_drop(r, &c);
		break;
	case PAGER_SNAPSHOT:
		store.snapshots++;
		freeze(r->epoch);
		break;
	case PAGER_BARRIER:
		store.barriers++;
		store.barrier_epoch = r->epoch;
		break;
	default:
		abort();
	}
	store_put(&c);
	if (r->op == PAGER_SNAPSHOT)
		tell_credits();
}

bool
store_next(struct pager_request *out)
{
	if (store.request_tail == control->request_head)
		return false;
	memcpy(out, place(1, store.request_tail), sizeof(*out));
	store.request_tail++;
	return true;
}

bool
store_run(void)
{
	struct pager_request r;
	bool                 any = false;

	while (store_next(&r)) {
		any = true;
		if (r.op == PAGER_BARRIER && store.hold_barrier) {
			store.barrier_tag = r.tag;
			store.barrier_epoch = r.epoch;
			store.nheld++;
			continue;
		}
		if (store.hold) {
			store.nheld++;
			continue;
		}
		store_answer(&r);
	}
	if (any && store_kick() != RC_OK)
		abort();
	return any;
}

bool
free_object(uint64_t number)
{
	for (int i = 0; i < 50; i++) {
		enum status st;

		next_entry();
		st = object_free_prepare(number);
		if (st == RC_OK) {
			while (!map_number_thin(number))
				;
			object_free(number);
			return true;
		}
		if (st != ST_WAIT)
			return false;
		pager_poll();
		while (store_run())
			;
	}
	return false;
}

struct frame *
fetch(uint64_t position)
{
	struct frame *f = NULL;

	for (int i = 0; i < 50; i++) {
		enum status st;

		next_entry();
		st = object_fetch(frame_of(SOURCE_PERSISTENT, position), &f);
		if (st == RC_OK)
			return f;
		if (st != ST_WAIT)
			return NULL;
		pager_poll();
		while (store_run())
			;
	}
	return NULL;
}

struct frame *
fetch_write(uint64_t position)
{
	for (int i = 0; i < 50; i++) {
		struct frame *f = fetch(position);
		enum status   st;

		if (f == NULL)
			return NULL;
		st = object_prepare_write(&f);
		if (st == RC_OK)
			return f;
		if (st != ST_WAIT)
			return NULL;
		pager_poll();
		while (store_run())
			;
	}
	return NULL;
}

struct frame *
write_page(uint64_t position)
{
	struct frame *f = fetch_write(position);

	if (f == NULL || f->kind != FK_FREE)
		return f;
	if (object_make(frame_of(SOURCE_PERSISTENT, position), FK_PAGE,
		CLASS_ANY, &f) != RC_OK)
		return NULL;
	return f;
}
