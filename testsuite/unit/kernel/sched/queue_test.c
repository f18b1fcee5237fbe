/* SPDX-License-Identifier: BSD-2-Clause */
/* Who waits for what, and whose turn it is (D5, F5). */
#include "testsuite/unit/kernel/sched/support.h"

static const uint64_t server = 1000;

/* Three callers wait for the server, in this order. */
static void
three_wait(struct activity **a)
{
	table_start(TABLE);
	for (unsigned i = 0; i < 3; i++) {
		a[i] = running(i + 1);
		waits(a[i], WAIT_PROCESS, server);
	}
	CU_ASSERT_EQUAL(sched_highest(), -1);
}

/* D5: the head alone is woken. */
static void
D5_head_only(void)
{
	struct activity *a[3];

	three_wait(a);
	for (unsigned i = 0; i < 3; i++) {
		wait_wake_one(WAIT_PROCESS, server);
		CU_ASSERT_PTR_EQUAL(sched_next(), a[i]);
		CU_ASSERT_PTR_NULL(sched_next());
		sched_turn_taken(a[i], server);
	}
	CU_ASSERT(table_ok());
}

/* D5: one that dies, or leaves with an error, gives the turn on. */
static void
D5_turn_goes_on(void)
{
	struct activity *a[3];

	three_wait(a);
	wait_wake_one(WAIT_PROCESS, server);
	activity_destroy(a[0]);
	CU_ASSERT_PTR_EQUAL(sched_next(), a[1]);
	sched_turn_over(a[1]);
	CU_ASSERT_PTR_EQUAL(sched_next(), a[2]);
	sched_turn_over(a[1]); /* It has none any more. */
	sched_turn_over(a[2]);
	CU_ASSERT_PTR_NULL(sched_next());
}

/* D5: woken, and then waiting for something else: the turn goes on. */
static void
D5_turn_and_other_wait(void)
{
	struct activity *a[3];

	three_wait(a);
	wait_wake_one(WAIT_PROCESS, server);
	CU_ASSERT_PTR_EQUAL(sched_next(), a[0]);
	waits(a[0], WAIT_FRAME, 5);
	CU_ASSERT_PTR_EQUAL(sched_next(), a[1]);
	/* Another server is something else, too. */
	waits(a[1], WAIT_PROCESS, server + 1);
	CU_ASSERT_PTR_EQUAL(sched_next(), a[2]);
	CU_ASSERT(table_ok());
}

/* D5: woken, delivering to another: likewise. */
static void
D5_turn_used_elsewhere(void)
{
	struct activity *a[3];

	three_wait(a);
	wait_wake_one(WAIT_PROCESS, server);
	CU_ASSERT_PTR_EQUAL(sched_next(), a[0]);
	sched_turn_taken(a[0], server + 1);
	CU_ASSERT_PTR_EQUAL(sched_next(), a[1]);
}

/* D5: somebody was faster: the woken one keeps its place. */
static void
D5_overtaken_keeps_place(void)
{
	struct activity *a[3];

	three_wait(a);
	wait_wake_one(WAIT_PROCESS, server);
	CU_ASSERT_PTR_EQUAL(sched_next(), a[0]);
	waits(a[0], WAIT_PROCESS, server);
	CU_ASSERT_PTR_NULL(sched_next()); /* The server is busy. */
	wait_wake_one(WAIT_PROCESS, server);
	CU_ASSERT_PTR_EQUAL(sched_next(), a[0]);
	sched_turn_taken(a[0], server);
	wait_wake_one(WAIT_PROCESS, server);
	CU_ASSERT_PTR_EQUAL(sched_next(), a[1]);
}

/* D5: a destroyed server wakes all. */
static void
D5_all_are_woken(void)
{
	struct activity *a[3];

	three_wait(a);
	wait_wake(WAIT_PROCESS, server);
	for (unsigned i = 0; i < 3; i++)
		CU_ASSERT_PTR_EQUAL(sched_next(), a[i]);
}

/* Keys that share a list do not wake each other, kinds neither. */
static void
keys_and_kinds_apart(void)
{
	struct activity *a[TABLE];

	table_start(TABLE);
	for (unsigned i = 0; i < TABLE; i++) {
		a[i] = running(i);
		waits(a[i], i % 2 ? WAIT_FRAME : WAIT_IO, i / 2);
	}
	for (unsigned i = 0; i < TABLE; i++) {
		wait_wake(i % 2 ? WAIT_FRAME : WAIT_IO, i / 2);
		CU_ASSERT_PTR_EQUAL(sched_next(), a[i]);
		CU_ASSERT_PTR_NULL(sched_next());
	}
}

/* F5: a resident process waits for nobody but a server. */
static void
F5_resident_never_waits(void)
{
	struct activity *a;

	table_start(TABLE);
	a = running(1);
	wait_set_process(true, false);
	for (unsigned k = WAIT_NONE + 1; k < WAIT_KINDS; k++) {
		if (k != WAIT_PROCESS)
			CU_ASSERT_EQUAL(
			    wait_on((enum wait_kind)k, 3), RC_NOT_RESIDENT);
	}
	CU_ASSERT_FALSE(wait_noted());
	CU_ASSERT_EQUAL(wait_on(WAIT_PROCESS, 3), ST_WAIT);
	CU_ASSERT(wait_noted());
	sched_wait(a);
	CU_ASSERT_FALSE(wait_noted());
}

/* What ps shows, and the count of S12. */
static void
S12_states_and_retries(void)
{
	static const struct {
		enum wait_kind      kind;
		enum kinfo_activity shows;
	} want[] = {{WAIT_PROCESS, KA_STALLED}, {WAIT_FRAME, KA_PAGING},
	    {WAIT_IO, KA_PAGING}, {WAIT_CREDIT, KA_CREDIT},
	    {WAIT_MEMORY, KA_MEMORY}};
	struct activity *a;

	table_start(TABLE);
	a = running(1);
	for (unsigned i = 0; i < 300; i++) {
		waits(a, want[i % 5].kind, 1);
		CU_ASSERT_EQUAL(a->state, want[i % 5].shows);
		wait_wake(want[i % 5].kind, 1);
		CU_ASSERT_PTR_EQUAL(sched_next(), a);
		sched_turn_over(a);
		CU_ASSERT_EQUAL(a->retries, i < 255 ? i + 1 : 255);
	}
}

const struct runner_test queue_tests[] = {
    RUNNER_TEST(D5_head_only),
    RUNNER_TEST(D5_turn_goes_on),
    RUNNER_TEST(D5_turn_and_other_wait),
    RUNNER_TEST(D5_turn_used_elsewhere),
    RUNNER_TEST(D5_overtaken_keeps_place),
    RUNNER_TEST(D5_all_are_woken),
    RUNNER_TEST(keys_and_kinds_apart),
    RUNNER_TEST(F5_resident_never_waits),
    RUNNER_TEST(S12_states_and_retries),
    {NULL, NULL},
};
