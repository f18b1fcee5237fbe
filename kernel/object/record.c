/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The record of a snapshot, and the restart from it.
 */
#include "kernel/object/record.h"
#include "kernel/hal/hal.h"
#include "kernel/mem/epoch.h"
#include "kernel/object/cpu.h"
#include "kernel/object/outside.h"
#include "kernel/object/wall.h"

/* --- Making it ----------------------------------------------------------- */

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

	for (uint32_t i = 0; st == RC_OK && i < activity_total(); i++) {
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

/* --- Restart -------------------------------------------------------------- */

static uint32_t not_restarted; /* Entries that found no activity. */

void
restart_begin(uint64_t call_number, uint32_t npages)
{
	(void)npages;
	not_restarted = 0;
	if (call_number >= cpu.call_number)
		cpu.call_number = call_number + 1;
}

static void
restart_header(const struct record_entry *e)
{
	if (e->oid != RECORD_MAGIC) {
		log_line("restart: the record's header is not one");
		return;
	}
	if (e->a >= cpu.call_number)
		cpu.call_number = e->a + 1;
	wall.persistent_base = e->b;
}

static void
restart_process(const struct record_entry *e)
{
	oid              id = {e->oid};
	struct activity *a;

	if (frame_source(oid_frame(id)) != SOURCE_PERSISTENT ||
	    oid_index(id) >= FRAME_NODES || activity_find(id) != NULL) {
		log_line("restart: bad entry for %lx", e->oid);
		return;
	}
	a = activity_alloc(id, e->count);
	if (a == NULL) {
		not_restarted++;
		return;
	}
	a->notices = e->a;
	if (e->flags & RF_NOTICE) {
		/* S3: whatever it was to be told by is gone. */
		a->flags |= AF_NOTICE;
		a->notices |= UINT64_C(1) << NOTICE_BIT_RESTARTED;
	}
	if (e->kind == RECORD_OUTSIDE) {
		outside_wait(a, e->b, 0);
		a->flags |= AF_RESTART;
		sched_ready(a);
	} else if (e->kind == RECORD_RUNNING || e->flags & RF_AVAILABLE) {
		sched_ready(a);
	}
}

void
restart_page(uint32_t i, const void *page)
{
	const struct record_entry *e = page;

	for (unsigned k = 0; k < RECORD_ENTRIES; k++) {
		if (e[k].kind == RECORD_HEADER && i == 0 && k == 0)
			restart_header(&e[k]);
		else if (e[k].kind >= RECORD_RUNNING &&
		    e[k].kind <= RECORD_IDLE)
			restart_process(&e[k]);
	}
}

void
restart_end(void)
{
	if (not_restarted > 0)
		log_line("restart: %u processes found no activity; give the "
			 "machine as much memory as it had",
		    not_restarted);
}
