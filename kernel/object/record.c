/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making the record of a snapshot: of one instant, and in pieces (D3, M6).
 *
 * At the instant (record_begin) nothing is written but the header. Then each
 * piece writes what some of the activities are; and whoever is about to change
 * one that was not written yet has it written first (activity_touch), as a
 * frozen object's content is copied out before its first write.
 *
 * Invariants:
 *  1. While a record is open, an activity has sched.phase if it is written, or
 *     was free or another's at the instant; one that has not is as it was then.
 *     While none is open, all up to activity_end have it.
 *  2. There is room for all: what is in use at the instant is counted before,
 *     and what is made later is not written.
 *  3. From epoch_snapshot until epoch_recorded nobody but the record uses them.
 */
#include "kernel/object/record.h"
#include "kernel/abi/pager.h"
#include "kernel/hal/hal.h"
#include "kernel/mem/epoch.h"
#include "kernel/object/cpu.h"
#include "kernel/object/outside.h"
#include "kernel/object/wall.h"

enum {
	FRAMES_PIECE  = 12,  /* Made in one piece; most of it is clearing them. */
	ENTRIES_PIECE = 128, /* Looked at in one: about 100 instructions each. */
};

static struct {
	uint32_t frame[PAGER_RECORD_MAX];
	uint32_t frames;    /* How many there are. */
	uint32_t entries;   /* Written. */
	uint32_t next, end; /* Activities to be looked at yet. */
	uint32_t unstarted; /* Of those, next to be written. */
	bool     open;
} record;

void
record_init(void)
{
	memset(&record, 0, sizeof(record));
}

static void
put(const struct record_entry *e)
{
	const uint32_t       page = record.entries / RECORD_ENTRIES;
	struct record_entry *to;

	assert(page < record.frames);
	to = frame_data(&mem.frame[record.frame[page]]);
	to[record.entries++ % RECORD_ENTRIES] = *e;
}

/* How the process of an activity is found by a restart. */
static enum record_kind
kind_of(const struct activity *a)
{
	/* A parcel is lost at power-off: its process waits outside still. */
	if (a->flags & (AF_OUTSIDE | AF_RESTART))
		return RECORD_OUTSIDE;
	return a->state == KA_RESERVED ? RECORD_IDLE : RECORD_RUNNING;
}

void
activity_written(struct activity *a)
{
	a->phase = sched.phase;
	if (a->state == STATE_FREE ||
	    frame_source(oid_frame((oid){a->oid})) != SOURCE_PERSISTENT)
		return;
	put(&(struct record_entry){
	    .oid   = a->oid,
	    .count = a->count,
	    .kind  = (uint8_t)kind_of(a),
	    .flags = (uint8_t)((a->flags & AF_NOTICE ? RF_NOTICE : 0) |
	        (a->flags & AF_AVAILABLE ? RF_AVAILABLE : 0)),
	    .a     = a->notices,
	    .b     = a->call,
	});
}

static void
put_reserves(void)
{
	for (unsigned i = 1; i < RESERVES; i++) {
		struct record_entry   e = {.kind = RECORD_RESERVE};
		const struct reserve *r = reserve_at(i);

		if (!reserve_was_used(i))
			continue;
		e.oid = reserve_id(i);
		if (r != NULL) {
			e.a = r->period;
			e.b = r->budget;
		}
		put(&e);
	}
}

/* --- Before the instant -------------------------------------------------- */

/* Entries that the record would have now, at most. */
static uint32_t
most_entries(void)
{
	uint32_t n = 1 + restart_unstarted_count() + activity_total() -
	    activity_free_count();

	for (unsigned i = 1; i < RESERVES; i++)
		n += reserve_was_used(i);
	return n;
}

static void
give_back(void)
{
	while (record.frames > 0)
		frame_free(&mem.frame[record.frame[--record.frames]]);
}

enum status
record_prepare(uint32_t limit)
{
	const uint32_t need =
	    (most_entries() + RECORD_ENTRIES - 1) / RECORD_ENTRIES;
	struct frame *f;

	debug_assert(!record.open && limit <= PAGER_RECORD_MAX);
	for (unsigned i = 0; record.frames < need; i++) {
		enum status st = RC_NO_MEMORY;

		if (i == FRAMES_PIECE)
			return ST_AGAIN;
		if (record.frames < limit)
			st = frame_alloc(CLASS_ANY, USE_FROZEN, &f);
		if (st != RC_OK) {
			give_back();
			return st;
		}
		record.frame[record.frames++] = frame_index(f);
	}
	return RC_OK;
}

/* --- The instant, and after it ------------------------------------------- */

void
record_begin(void)
{
	record.open      = true;
	record.entries   = 0;
	record.unstarted = 0;
	record.next      = 0;
	record.end       = activity_end();
	sched.phase ^= 1;
	put(&(struct record_entry){
	    .oid  = RECORD_MAGIC,
	    .kind = RECORD_HEADER,
	    .a    = cpu.call_number,
	    .b    = wall.persistent_base + hal_clock_now(),
	});
	put_reserves();
}

const uint32_t *
record_frames(uint32_t *n)
{
	*n = record.frames;
	return record.frame;
}

bool
record_is_open(void)
{
	return record.open;
}

bool
record_go_on(void)
{
	struct record_entry e;

	for (unsigned i = 0; i < ENTRIES_PIECE; i++) {
		if (restart_unstarted(record.unstarted, &e)) {
			record.unstarted++;
			put(&e);
		} else if (record.next < record.end) {
			activity_touch(activity_slot(record.next++));
		} else {
			record.open   = false;
			record.frames = 0;
			return true;
		}
	}
	return false;
}

