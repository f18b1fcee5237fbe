/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making the record of a snapshot.
 */
#include "kernel/object/record.h"
#include "kernel/hal/hal.h"
#include "kernel/mem/epoch.h"
#include "kernel/object/cpu.h"
#include "kernel/object/outside.h"
#include "kernel/object/wall.h"

struct writer {
	uint32_t *frames;
	uint32_t  n, limit;
	uint32_t  used; /* Entries in the last frame. */
};

static enum status
put(struct writer *w, const struct record_entry *e)
{
	struct record_entry *page;
	struct frame        *f;
	enum status          st;

	if (w->n == 0 || w->used == RECORD_ENTRIES) {
		if (w->n == w->limit)
			return RC_NO_MEMORY;
		st = frame_alloc(CLASS_ANY, USE_FROZEN, &f);
		if (st != RC_OK)
			return st;
		w->frames[w->n++] = frame_index(f);
		w->used           = 0;
	}
	page            = frame_data(&mem.frame[w->frames[w->n - 1]]);
	page[w->used++] = *e;
	return RC_OK;
}

static struct record_entry
describe(const struct activity *a)
{
	struct record_entry e = {
	    .oid   = a->oid,
	    .count = a->count,
	    .kind  = RECORD_RUNNING,
	    .flags = a->flags & AF_NOTICE ? RF_NOTICE : 0,
	    .a     = a->notices,
	    .b     = a->call,
	};

	/* A parcel is lost at power-off: its process waits outside still. */
	if (a->flags & (AF_OUTSIDE | AF_RESTART))
		e.kind = RECORD_OUTSIDE;
	else if (a->state == KA_RESERVED)
		e.kind = RECORD_IDLE;
	if (a->flags & AF_AVAILABLE)
		e.flags |= RF_AVAILABLE;
	return e;
}

static struct record_entry
describe_reserve(unsigned number)
{
	const struct reserve *r = reserve_at(number);

	return (struct record_entry){
	    .oid  = reserve_id(number),
	    .kind = RECORD_RESERVE,
	    .a    = r != NULL ? r->period : 0,
	    .b    = r != NULL ? r->budget : 0,
	};
}

enum status
record_make(uint32_t *frames, uint32_t limit, uint32_t *n)
{
	struct writer       w = {.frames = frames, .limit = limit};
	struct record_entry e = {
	    .oid  = RECORD_MAGIC,
	    .kind = RECORD_HEADER,
	    .a    = cpu.call_number,
	    .b    = wall.persistent_base + hal_clock_now(),
	};
	enum status st = put(&w, &e);

	for (unsigned i = 1; st == RC_OK && i < RESERVES; i++)
		if (reserve_was_used(i)) {
			e  = describe_reserve(i);
			st = put(&w, &e);
		}
	for (uint32_t i = 0; st == RC_OK && restart_unstarted(i, &e); i++)
		st = put(&w, &e);
	for (uint32_t i = 0; st == RC_OK && i < activity_end(); i++) {
		const struct activity *a = activity_at(i);

		if (a == NULL || frame_source(oid_frame((oid){a->oid})) !=
					 SOURCE_PERSISTENT)
			continue;
		e  = describe(a);
		st = put(&w, &e);
	}
	if (st == RC_OK) {
		*n = w.n;
		return RC_OK;
	}
	while (w.n > 0)
		frame_free(&mem.frame[w.frames[--w.n]]);
	return st;
}
