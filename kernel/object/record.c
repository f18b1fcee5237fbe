/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making the record of a snapshot. It is of one instant, so it is made in one
 * piece, with interrupts off (D3): in a loop that is as short as can be (M6).
 */
#include "kernel/object/record.h"
#include "kernel/hal/hal.h"
#include "kernel/mem/epoch.h"
#include "kernel/object/cpu.h"
#include "kernel/object/outside.h"
#include "kernel/object/wall.h"

struct writer {
	uint32_t            *frames;
	uint32_t             n, limit;
	struct record_entry *at, *end; /* What is left of the last frame. */
	enum status          status;
};

static __attribute__((noinline)) bool
add_page(struct writer *w)
{
	struct frame *f;

	if (w->status != RC_OK)
		return false;
	w->status = w->n == w->limit
	    ? RC_NO_MEMORY
	    : frame_alloc(CLASS_ANY, USE_FROZEN, &f);
	if (w->status != RC_OK)
		return false;
	w->frames[w->n++] = frame_index(f);
	w->at             = frame_data(f);
	w->end            = w->at + RECORD_ENTRIES;
	return true;
}

/* Where the next entry goes; NULL: there is no memory, now and from here on. */
static inline struct record_entry *
place(struct writer *w)
{
	if (unlikely(w->at == w->end) && !add_page(w))
		return NULL;
	return w->at++;
}

static inline void
describe(const struct activity *a, struct record_entry *e)
{
	const unsigned flags = a->flags;

	e->oid   = a->oid;
	e->count = a->count;
	e->a     = a->notices;
	e->b     = a->call;
	e->flags = (uint8_t)((flags & AF_NOTICE ? RF_NOTICE : 0) |
	    (flags & AF_AVAILABLE ? RF_AVAILABLE : 0));
	/* A parcel is lost at power-off: its process waits outside still. */
	if (flags & (AF_OUTSIDE | AF_RESTART))
		e->kind = RECORD_OUTSIDE;
	else
		e->kind = a->state == KA_RESERVED ? RECORD_IDLE
						  : RECORD_RUNNING;
}

/* The last: what is left of a page stays zero. */
static void
put_processes(struct writer *w)
{
	const struct activity *end = activity_slot(activity_end());
	struct record_entry   *e   = w->at;

	for (const struct activity *a = activity_slot(0); a < end; a++) {
		if (frame_source(oid_frame((oid){a->oid})) !=
			SOURCE_PERSISTENT ||
		    a->state == STATE_FREE)
			continue;
		if (unlikely(e == w->end)) {
			if (!add_page(w))
				return;
			e = w->at;
		}
		describe(a, e++);
	}
}

static void
put_reserves(struct writer *w)
{
	for (unsigned i = 1; i < RESERVES; i++) {
		const struct reserve *r;
		struct record_entry  *e;

		if (!reserve_was_used(i))
			continue;
		e = place(w);
		if (e == NULL)
			return;
		r       = reserve_at(i);
		e->oid  = reserve_id(i);
		e->kind = RECORD_RESERVE;
		if (r != NULL) {
			e->a = r->period;
			e->b = r->budget;
		}
	}
}

static void
put_unstarted(struct writer *w)
{
	struct record_entry next, *e;

	for (uint32_t i = 0; restart_unstarted(i, &next); i++) {
		e = place(w);
		if (e == NULL)
			return;
		*e = next;
	}
}

enum status
record_make(uint32_t *frames, uint32_t limit, uint32_t *n)
{
	struct writer        w = {.frames = frames, .limit = limit};
	struct record_entry *e = place(&w);

	if (e != NULL) {
		e->oid  = RECORD_MAGIC;
		e->kind = RECORD_HEADER;
		e->a    = cpu.call_number;
		e->b    = wall.persistent_base + hal_clock_now();
	}
	put_reserves(&w);
	put_unstarted(&w);
	put_processes(&w);
	if (w.status == RC_OK) {
		*n = w.n;
		return RC_OK;
	}
	while (w.n > 0)
		frame_free(&mem.frame[w.frames[--w.n]]);
	return w.status;
}
