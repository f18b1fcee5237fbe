/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Restarts from records that are long, damaged, or late: what is in memory by
 * the time an entry's turn comes decides, and nothing is fetched for it.
 */
#include "testsuite/unit/kernel/object/support.h"

#include "kernel/abi/pager.h"
#include "kernel/mem/cache.h"
#include "kernel/mem/epoch.h"
#include "kernel/object/wall.h"

static struct record_entry page[RECORD_ENTRIES];
static struct activity    *others[ACTIVITIES];

static oid
nth(unsigned i)
{
	return oid_make(frame_of(SOURCE_PERSISTENT, 1000 + i), 0);
}

static void
clear(void)
{
	memset(page, 0, sizeof(page));
}

static void
fill(unsigned from, unsigned n)
{
	clear();
	for (unsigned i = 0; i < n; i++)
		page[i] = (struct record_entry){
		    .oid = nth(from + i).v,
		    .count = 1,
		    .kind = RECORD_RUNNING,
		};
}

/* No activity is free, so that all of a record goes on the list. */
static void
take_activities(void)
{
	for (unsigned i = 0; i < ACTIVITIES; i++)
		others[i] = activity_alloc((oid){0x1000 + i}, 1);
}

static unsigned
on_the_list(void)
{
	struct record_entry e;
	unsigned            n = 0;

	while (restart_unstarted(n, &e))
		n++;
	return n;
}

/* S2: the list has an end; the log says who is beyond it. */
static void
S2_list_is_full(void)
{
	uint32_t before;

	start_machine();
	take_activities();
	before = frame_free_count();
	restart_begin(0, PAGER_RECORD_MAX);
	for (uint32_t i = 0; i < PAGER_RECORD_MAX; i++) {
		fill(i * RECORD_ENTRIES, RECORD_ENTRIES);
		restart_page(i, page);
	}
	CU_ASSERT_PTR_NULL(strstr(fake.log, "no memory to start"));
	fill(0, 1);
	restart_page(PAGER_RECORD_MAX, page);
	CU_ASSERT_PTR_NOT_NULL(strstr(fake.log, "no memory to start"));
	restart_end();
	CU_ASSERT_EQUAL(on_the_list(), PAGER_RECORD_MAX * RECORD_ENTRIES);
	CU_ASSERT_EQUAL(frame_free_count(), before - PAGER_RECORD_MAX);
}

/* S2: a list that fills its frames to the last entry gives them all back. */
static void
S2_list_of_whole_frames(void)
{
	const uint32_t before = (start_machine(), take_activities(),
	    frame_free_count());
	unsigned started = 0;

	fill(0, RECORD_ENTRIES);
	restart_begin(0, 1);
	restart_page(0, page);
	restart_end();
	CU_ASSERT_EQUAL(on_the_list(), RECORD_ENTRIES);
	for (unsigned i = 0; i < ACTIVITIES; i++)
		activity_destroy(others[i]);
	for (; on_the_list() > 0 && started < 2 * RECORD_ENTRIES; started++) {
		restart_more();
		for (uint32_t i = 0; i < ACTIVITIES; i++)
			if (activity_at(i) != NULL)
				activity_destroy(activity_at(i));
	}
	CU_ASSERT_EQUAL(on_the_list(), 0);
	CU_ASSERT_EQUAL(frame_free_count(), before);
	CU_ASSERT_PTR_NOT_NULL(strstr(fake.log, "all processes are started"));
}

/*
 * S2: until its turn comes its node may have become anything; then it gets an
 * activity by its number, which the dispatcher looks into. One that has got an
 * activity meanwhile keeps it.
 */
static void
S2_late_entry(void)
{
	enum { PAGE_NOW, UNDER_IO, LOST, NO_STATE, MALFORMED, IDLE, RUNS, WAYS };

	for (unsigned how = 0; how < WAYS; how++) {
		struct process   p;
		struct activity *a = NULL, *found;
		oid              id;

		start_machine();
		p = make_process(SOURCE_PERSISTENT, 1);
		id = process_oid(&p);
		take_activities();
		clear();
		page[0] = (struct record_entry){
		    .oid = id.v,
		    .count = p.header->count,
		    .kind = RECORD_RUNNING,
		    .a = 4,
		};
		restart_begin(0, 1);
		restart_page(0, page);
		restart_end();
		CU_ASSERT_EQUAL(on_the_list(), 1);
		for (unsigned i = 0; i < 8; i++)
			activity_destroy(others[i]);
		switch (how) {
		case PAGE_NOW:
			p.node->kind = FK_PAGE;
			break;
		case UNDER_IO:
			p.node->flags |= FF_IO_IN;
			break;
		case LOST:
			p.node->flags |= FF_LOST;
			break;
		case NO_STATE:
			p.slot[SLOT_STATE].word =
			    oid_make(frame_of(SOURCE_PERSISTENT, 7777),
				OID_INDEX_FRAME)
				.v;
			break;
		case MALFORMED:
			p.state->node_oid++;
			break;
		case RUNS:
			a = activity_alloc(id, p.header->count);
			process_set_activity(&p, a);
			activity_unhash(a);
			break;
		default:
			break;
		}
		restart_more();
		CU_ASSERT_EQUAL(on_the_list(), 0);
		found = a != NULL ? a : activity_find(id);
		CU_ASSERT_PTR_NOT_NULL_FATAL(found);
		CU_ASSERT_EQUAL(found->notices, 4);
		CU_ASSERT_EQUAL(activity_free_count(), 7);
		CU_ASSERT_EQUAL(
		    found->state, how == RUNS ? KA_RESERVED : KA_READY);
	}
}

/* D8: one that was available with notices is ready, one that waited is not. */
static void
D8_available_and_idle(void)
{
	start_machine();
	fill(0, 3);
	page[0].kind = page[1].kind = RECORD_IDLE;
	page[0].flags = RF_AVAILABLE;
	restart_begin(0, 1);
	restart_page(0, page);
	restart_end();
	CU_ASSERT_EQUAL(activity_find(nth(0))->state, KA_READY);
	CU_ASSERT_EQUAL(activity_find(nth(1))->state, KA_RESERVED);
	CU_ASSERT_EQUAL(activity_find(nth(2))->state, KA_READY);
}

/* D8: what stands where it does not belong is ignored. */
static void
D8_damaged_record(void)
{
	uint64_t number;

	start_machine();
	clear();
	cpu.call_number = 1000;
	wall.persistent_base = 5;
	/* A header that is not the first entry, or not on the first page. */
	page[1] = (struct record_entry){
	    .kind = RECORD_HEADER, .oid = RECORD_MAGIC, .a = 9999, .b = 77};
	restart_begin(10, 2);
	number = cpu.call_number;
	CU_ASSERT_EQUAL(number, 1000); /* F1: it never goes back. */
	restart_page(0, page);
	page[0] = page[1];
	restart_page(1, page);
	CU_ASSERT_EQUAL(cpu.call_number, number);
	CU_ASSERT_EQUAL(wall.persistent_base, 5);
	/* Reserves whose ids cannot be. */
	clear();
	page[0] = (struct record_entry){.kind = RECORD_RESERVE,
	    .oid = UINT64_C(0x100000101),
	    .a = 10000000,
	    .b = 1000000};
	restart_page(1, page);
	CU_ASSERT_PTR_NOT_NULL(strstr(fake.log, "cannot be had"));
	CU_ASSERT_EQUAL(reserves.share, 0);
	restart_end();
	/* F1: the highest number there is, of record and volume, is passed. */
	restart_begin(5000, 1);
	CU_ASSERT_EQUAL(cpu.call_number, 5001);
	clear();
	page[0] = (struct record_entry){
	    .kind = RECORD_HEADER, .oid = RECORD_MAGIC, .a = 3, .b = 77};
	restart_page(0, page);
	restart_end();
	CU_ASSERT_EQUAL(cpu.call_number, 5001);
	CU_ASSERT_EQUAL(wall.persistent_base, 77);
}

const struct runner_test restart_tests[] = {
    RUNNER_TEST(S2_list_is_full),
    RUNNER_TEST(S2_list_of_whole_frames),
    RUNNER_TEST(S2_late_entry),
    RUNNER_TEST(D8_available_and_idle),
    RUNNER_TEST(D8_damaged_record),
    {NULL, NULL},
};
