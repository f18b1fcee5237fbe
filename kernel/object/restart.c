/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The restart from a snapshot's record: what ran runs again.
 *
 * A machine with less memory than the one of the snapshot has fewer
 * activities. What finds none is kept on the unstarted list, in frames of its
 * own, and started as activities come free (S2). The list is part of the next
 * snapshots, so nothing on it is forgotten by another power cut.
 */
#include "kernel/abi/pager.h"
#include "kernel/mem/epoch.h"
#include "kernel/object/cpu.h"
#include "kernel/object/outside.h"
#include "kernel/object/record.h"
#include "kernel/object/wall.h"

enum {
	UNSTARTED_FRAMES = PAGER_RECORD_MAX,
	SPARE_SHARE      = 16, /* 1/16 of the table stays free for others. */
};

static struct {
	uint32_t frame[UNSTARTED_FRAMES];
	uint32_t first, end; /* Entries first to end - 1 are on it. */
} unstarted;

/* Entry i of all that ever were on the list. */
static struct record_entry *
entry_at(uint32_t i)
{
	struct record_entry *page =
	    frame_data(&mem.frame[unstarted.frame[i / RECORD_ENTRIES]]);

	return &page[i % RECORD_ENTRIES];
}

static void
put_off(const struct record_entry *e)
{
	struct frame *f;

	if (unstarted.end % RECORD_ENTRIES == 0) {
		if (unstarted.end / RECORD_ENTRIES == UNSTARTED_FRAMES ||
		    frame_alloc(CLASS_ANY, USE_KERNEL, &f) != RC_OK) {
			log_line("restart: no memory to start %lx", e->oid);
			return;
		}
		unstarted.frame[unstarted.end / RECORD_ENTRIES] =
		    frame_index(f);
	}
	*entry_at(unstarted.end++) = *e;
}

bool
restart_unstarted(uint32_t i, struct record_entry *out)
{
	if (i >= restart_unstarted_count())
		return false;
	*out = *entry_at(unstarted.first + i);
	return true;
}

uint32_t
restart_unstarted_count(void)
{
	return unstarted.end - unstarted.first;
}

/* The activity that a process has got by other ways meanwhile, or NULL. */
static struct activity *
has_already(oid id)
{
	struct frame  *f = frame_find(oid_frame(id));
	struct process p;

	if (f != NULL && f->kind == FK_NODE &&
	    !(f->flags & (FF_IO_IN | FF_LOST)) &&
	    frame_find(oid_frame(cap_oid(&frame_nodes(f)
		    ->slot[oid_index(id)][SLOT_STATE]))) != NULL &&
	    process_prepare(f, oid_index(id), &p) == RC_OK &&
	    process_activity(&p) != NULL)
		return process_activity(&p);
	return activity_find(id);
}

/* Give the process of an entry its activity; one is free. */
static void
start(const struct record_entry *e)
{
	oid              id = {e->oid};
	struct activity *a  = has_already(id);
	bool             fresh = a == NULL;

	if (fresh)
		a = activity_alloc(id, e->count);
	assert(a != NULL);
	if (fresh) /* Its priority is in its node; it must be loaded to run at it. */
		a->priority = PRIORITIES - 1;
	activity_touch(a);
	a->notices |= e->a;
	if (e->flags & RF_NOTICE) {
		/* S3: whatever it was to be told by is gone. */
		activity_hash(a);
		a->flags |= AF_NOTICE;
		a->notices |= UINT64_C(1) << NOTICE_BIT_RESTARTED;
	}
	if (!fresh)
		return; /* It runs, or waits for what it asked since. */
	if (e->kind == RECORD_OUTSIDE) {
		outside_wait(a, e->b, 0);
		a->flags |= AF_RESTART;
		sched_ready(a);
	} else if (e->kind == RECORD_RUNNING || e->flags & RF_AVAILABLE) {
		sched_ready(a);
	}
}

void
restart_more(void)
{
	uint32_t spare;

	if (unstarted.first == unstarted.end || record_is_open())
		return;
	spare = activity_total() / SPARE_SHARE;
	while (unstarted.first < unstarted.end &&
	    activity_free_count() > spare) {
		start(entry_at(unstarted.first));
		if (++unstarted.first % RECORD_ENTRIES == 0)
			frame_free(&mem.frame[unstarted.frame
				[unstarted.first / RECORD_ENTRIES - 1]]);
	}
	if (unstarted.first < unstarted.end)
		return;
	if (unstarted.end % RECORD_ENTRIES != 0)
		frame_free(&mem.frame[unstarted.frame
			[unstarted.end / RECORD_ENTRIES]]);
	unstarted.first = unstarted.end = 0;
	log_line("restart: all processes are started");
}

/* --- From the pager ------------------------------------------------------- */

void
restart_begin(uint64_t call_number, uint32_t npages)
{
	(void)npages;
	unstarted.first = unstarted.end = 0;
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

/* Before the processes: its record comes first. */
static void
restart_reserve(const struct record_entry *e)
{
	if (e->oid > UINT32_MAX ||
	    reserve_restore((uint32_t)e->oid, e->a, e->b) != RC_OK)
		log_line("restart: reserve %lx cannot be had", e->oid);
}

static void
restart_process(const struct record_entry *e)
{
	oid id = {e->oid};

	if (frame_source(oid_frame(id)) != SOURCE_PERSISTENT ||
	    oid_index(id) >= FRAME_NODES || activity_find(id) != NULL) {
		log_line("restart: bad entry for %lx", e->oid);
		return;
	}
	if (unstarted.end > 0 ||
	    activity_free_count() <= activity_total() / SPARE_SHARE)
		put_off(e);
	else
		start(e);
}

void
restart_page(uint32_t i, const void *page)
{
	const struct record_entry *e = page;

	for (unsigned k = 0; k < RECORD_ENTRIES; k++) {
		if (e[k].kind == RECORD_HEADER && i == 0 && k == 0)
			restart_header(&e[k]);
		else if (e[k].kind == RECORD_RESERVE)
			restart_reserve(&e[k]);
		else if (e[k].kind >= RECORD_RUNNING &&
		    e[k].kind <= RECORD_IDLE)
			restart_process(&e[k]);
	}
}

void
restart_end(void)
{
	if (unstarted.end > 0)
		log_line("restart: %u processes wait for an activity",
		    unstarted.end);
}
