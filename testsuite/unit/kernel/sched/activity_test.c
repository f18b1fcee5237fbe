/* SPDX-License-Identifier: BSD-2-Clause */
/* The activity table and the run queues (S2). */
#include "testsuite/unit/kernel/sched/support.h"

/* The record of a snapshot has had these, in the state that they had then. */
static unsigned written, written_state;

void
activity_written(struct activity *a)
{
	written++;
	written_state = a->state;
	a->phase      = sched.phase;
}

/* D3: what changes after a snapshot's instant is written before it does, once. */
static void
D3_written_before_it_changes(void)
{
	struct activity *a, *b, *late;

	table_start(4);
	a = running(1);
	b = running(2);
	a->flags |= AF_NOTICE;
	written = 0;
	activity_release(a, true);
	CU_ASSERT_EQUAL(written, 0); /* No snapshot has been taken. */
	sched.phase ^= 1;
	sched_ready(a);
	CU_ASSERT_EQUAL(written, 1);
	CU_ASSERT_EQUAL(written_state, KA_RESERVED);
	activity_destroy(b);
	CU_ASSERT_EQUAL(written, 2);
	CU_ASSERT_NOT_EQUAL(written_state, STATE_FREE);
	activity_destroy(a);
	late = running(3);
	sched_ready(late);
	CU_ASSERT_EQUAL(written, 2); /* It was made later. */
}

/* S2: found by process, as long as it is one's. */
static void
S2_found_by_process(void)
{
	struct activity *a[TABLE];

	table_start(TABLE);
	for (unsigned i = 0; i < TABLE; i++) {
		a[i] = activity_alloc((oid){i * 1024 + 7}, i);
		CU_ASSERT_PTR_NOT_NULL_FATAL(a[i]);
		CU_ASSERT_EQUAL(a[i]->count, i);
	}
	for (unsigned i = 0; i < TABLE; i++) {
		activity_hash(a[i]);
		CU_ASSERT_PTR_EQUAL(activity_find((oid){i * 1024 + 7}), a[i]);
		CU_ASSERT_PTR_EQUAL(activity_at(activity_index(a[i])), a[i]);
	}
	for (unsigned i = 0; i < TABLE; i += 2)
		activity_destroy(a[i]);
	for (unsigned i = 0; i < TABLE; i++)
		CU_ASSERT_PTR_EQUAL(activity_find((oid){i * 1024 + 7}),
		    i % 2 == 0 ? NULL : a[i]);
	CU_ASSERT_PTR_NULL(activity_at(activity_index(a[0])));
	CU_ASSERT_PTR_NULL(activity_at(TABLE));
	CU_ASSERT_PTR_NULL(activity_at(NO_ACTIVITY));
	CU_ASSERT_EQUAL(activity_free_count(), TABLE / 2);
	CU_ASSERT(table_ok());
}

/* S2: a full table says so, and who waits for an entry is woken by the next
 * that comes free. */
static void
S2_full_table_wakes(void)
{
	struct activity *a[4];

	table_start(4);
	for (unsigned i = 0; i < 4; i++)
		a[i] = running(i);
	CU_ASSERT_PTR_NULL(activity_alloc((oid){9}, 1));
	waits(a[0], WAIT_MEMORY, 0);
	CU_ASSERT_EQUAL(sched_highest(), -1);
	activity_destroy(a[1]);
	CU_ASSERT_PTR_EQUAL(sched_next(), a[0]);
	CU_ASSERT_PTR_NOT_NULL(activity_alloc((oid){9}, 1));
}

/* A reserved one stays with its process, another is freed. */
static void
S2_release_keeps_reserved(void)
{
	struct activity *a, *b;

	table_start(4);
	a = running(1);
	b = running(2);
	a->flags |= AF_NOTICE;
	activity_release(a, true);
	activity_release(b, true);
	CU_ASSERT_EQUAL(activity_free_count(), 3);
	CU_ASSERT_EQUAL(a->state, KA_RESERVED);
	CU_ASSERT(a->flags & AF_AVAILABLE);
	sched_ready(a);
	CU_ASSERT_FALSE(a->flags & AF_AVAILABLE);
	CU_ASSERT_PTR_EQUAL(sched_next(), a);
	activity_release(a, false);
	CU_ASSERT_FALSE(a->flags & AF_AVAILABLE);
	CU_ASSERT(table_ok());
}

/* It moves on with call and return, without what was its process's. */
static void
move_leaves_nothing(void)
{
	struct activity *a;

	table_start(4);
	a = running(1);
	a->retries = 5;
	activity_hash(a);
	activity_move(a, (oid){2}, 7);
	CU_ASSERT_PTR_NULL(activity_find((oid){1}));
	CU_ASSERT_EQUAL(a->oid, 2);
	CU_ASSERT_EQUAL(a->count, 7);
	CU_ASSERT_EQUAL(a->notices, 0);
	activity_hash(a);
	activity_hash(a); /* Twice does no harm. */
	CU_ASSERT_PTR_EQUAL(activity_find((oid){2}), a);
	activity_destroy(a);
	CU_ASSERT_PTR_NULL(activity_find((oid){2}));
}

/* Highest first; of one priority in the order in which they came. */
static void
highest_first(void)
{
	static const unsigned priority[] = {3, 15, 0, 3, 15, 7};
	static const unsigned order[] = {1, 4, 5, 0, 3, 2};
	struct activity      *a[6];

	table_start(TABLE);
	CU_ASSERT_EQUAL(sched_highest(), -1);
	CU_ASSERT_PTR_NULL(sched_next());
	for (unsigned i = 0; i < 6; i++) {
		a[i] = running(i);
		a[i]->priority = (uint8_t)priority[i];
		sched_ready(a[i]);
	}
	CU_ASSERT_EQUAL(sched_highest(), 15);
	CU_ASSERT(table_ok());
	for (unsigned i = 0; i < 6; i++)
		CU_ASSERT_PTR_EQUAL(sched_next(), a[order[i]]);
	CU_ASSERT_EQUAL(sched_highest(), -1);
}

/* One that was only interrupted goes on first. */
static void
ready_first(void)
{
	struct activity *a, *b;

	table_start(TABLE);
	a = running(1);
	b = running(2);
	sched_ready(a);
	sched_ready_first(b);
	CU_ASSERT_PTR_EQUAL(sched_next(), b);
	CU_ASSERT_PTR_EQUAL(sched_next(), a);
}

/* A new priority takes effect while it is ready. */
static void
priority_of_ready(void)
{
	struct activity *a, *b;

	table_start(TABLE);
	a = running(1);
	b = running(2);
	a->priority = 2;
	b->priority = 4;
	sched_ready(a);
	sched_ready(b);
	sched_set_priority(a, 9, 0);
	CU_ASSERT_EQUAL(sched_highest(), 9);
	CU_ASSERT(table_ok());
	sched_set_priority(a, 4, 0); /* Behind who is there. */
	CU_ASSERT_PTR_EQUAL(sched_next(), b);
	sched_set_priority(b, 1, 0); /* Running: for the next time. */
	CU_ASSERT_EQUAL(sched_highest(), 4);
	sched_ready(b);
	CU_ASSERT_PTR_EQUAL(sched_next(), a);
	CU_ASSERT_PTR_EQUAL(sched_next(), b);
}

/* Destroyed on any queue it leaves it. */
static void
destroy_anywhere(void)
{
	struct activity *a, *b;

	table_start(4);
	a = running(1);
	b = running(2);
	a->priority = 5;
	sched_ready(a);
	waits(b, WAIT_PROCESS, 77);
	activity_destroy(a);
	activity_destroy(b);
	CU_ASSERT_EQUAL(sched_highest(), -1);
	wait_wake(WAIT_PROCESS, 77);
	CU_ASSERT_PTR_NULL(sched_next());
	CU_ASSERT_EQUAL(activity_free_count(), 4);
	CU_ASSERT(table_ok());
}

const struct runner_test activity_tests[] = {
    RUNNER_TEST(S2_found_by_process),
    RUNNER_TEST(S2_full_table_wakes),
    RUNNER_TEST(S2_release_keeps_reserved),
    RUNNER_TEST(D3_written_before_it_changes),
    RUNNER_TEST(move_leaves_nothing),
    RUNNER_TEST(highest_first),
    RUNNER_TEST(ready_first),
    RUNNER_TEST(priority_of_ready),
    RUNNER_TEST(destroy_anywhere),
    {NULL, NULL},
};
