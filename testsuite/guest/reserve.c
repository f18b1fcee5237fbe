/* SPDX-License-Identifier: BSD-2-Clause */
/* Processor-capacity reserves, on the running machine. */
#include "kernel/abi/kinfo.h"
#include "kernel/abi/kinfo.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/schedule.stub.h"
#include "testsuite/guest/tests.h"

#define MS UINT64_C(1000000)

static volatile uint64_t turns;

/* Takes all that it is given. */
static void
runaway(uint64_t unused)
{
	(void)unused;
	for (;;)
		turns++;
}

/* How much a process used, in nanoseconds, while the worker slept so long. */
static uint64_t
used_in(capreg process, uint64_t ns)
{
	struct message m;
	uint64_t       before = 0, after = 0;

	OK(process_state(process, NULL, NULL, NULL, &before));
	CHECK(wait_ns(ns, &m));
	OK(process_state(process, NULL, NULL, NULL, &after));
	return after - before;
}

/*
 * Does a hog that may run whenever it wants use more in some window than who
 * has a fifth? Not in every one: what the machine itself is held up goes to who
 * happens to run.
 */
static bool
hog_gets_more(capreg hog, capreg reserved)
{
	struct message m;
	uint64_t       h0 = 0, h1 = 0, r0 = 0, r1 = 0;

	for (unsigned i = 0; i < 10; i++) {
		OK(process_state(hog, NULL, NULL, NULL, &h0));
		OK(process_state(reserved, NULL, NULL, NULL, &r0));
		CHECK(wait_ns(200 * MS, &m));
		OK(process_state(hog, NULL, NULL, NULL, &h1));
		OK(process_state(reserved, NULL, NULL, NULL, &r1));
		if (h1 - h0 > r1 - r0)
			return true;
	}
	return false;
}

/* schedule.reserve: the terms, and what is refused. */
void
test_reserve_orders(void)
{
	uint64_t period = 0, budget = 0, left = 0, used = 9, id = 0;
	uint64_t share = 0;
	size_t   bytes = 0;
	struct kinfo_reserve all[31];

	extra(X_SCHEDULE_TOP, A);
	CHECK_IS(schedule_figures(A, NULL, NULL, NULL, NULL), RC_NOT_FOUND);
	CHECK_IS(schedule_release(A), RC_NOT_FOUND);
	CHECK_IS(schedule_reserve(A, 0, 0, B), RC_ARGUMENT);
	CHECK_IS(schedule_reserve(A, MS, MS + 1, B), RC_ARGUMENT);
	CHECK_IS(schedule_reserve(A, 10 * MS, 10 * MS, B), RC_LIMIT);
	OK(schedule_reserve(A, 10 * MS, MS, B));
	OK(schedule_get(B, NULL, &id));
	CHECK(id != 0);
	OK(schedule_figures(B, &period, &budget, &left, &used));
	CHECK_IS(period, 10 * MS);
	CHECK_IS(budget, MS);
	CHECK_IS(left, MS);
	CHECK_IS(used, 0);
	extra(X_KINFO, C);
	OK(kinfo_reserves(C, all, sizeof(all), &bytes, &share));
	CHECK_IS(bytes, sizeof(all[0]));
	CHECK_IS(all[0].id, id);
	CHECK_IS(all[0].period, 10 * MS);
	CHECK_IS(all[0].budget, MS);
	CHECK(share > (1 << 20) / 11 && share < (1 << 20) / 9);
	OK(schedule_lower(B, 3, C));
	OK(schedule_figures(C, NULL, NULL, NULL, NULL));
	CHECK_IS(schedule_reserve(C, 10 * MS, MS, D), RC_RIGHTS);
	CHECK_IS(schedule_release(C), RC_RIGHTS);
	OK(schedule_release(B));
	CHECK_IS(schedule_release(B), RC_NOT_FOUND);
	CHECK_IS(schedule_figures(C, NULL, NULL, NULL, NULL), RC_NOT_FOUND);
	/* Its number is used again, its id is not. */
	OK(schedule_reserve(A, 10 * MS, MS, D));
	CHECK_IS(schedule_figures(C, NULL, NULL, NULL, NULL), RC_NOT_FOUND);
	OK(schedule_release(D));
}

/* All of them taken: one is refused, and nothing is lost. */
void
test_reserve_exhausted(void)
{
	unsigned    n = 0;
	enum status st;

	extra(X_SCHEDULE_TOP, A);
	new_node(B);
	while ((st = schedule_reserve(A, 1000 * MS, MS, C)) == RC_OK) {
		OK(node_swap(B, n++, C, 0));
		if (n > 31)
			break;
	}
	CHECK_IS(st, RC_NO_MEMORY);
	CHECK_IS(n, 31);
	while (n-- > 0) {
		OK(node_get(B, n, C));
		OK(schedule_release(C));
	}
}

/*
 * A runaway process of the highest priority that a test can have leaves the
 * worker's reserve alone; and one with a reserve gets its budget, not more,
 * while one of a higher priority would take all.
 */
void
test_reserve_enforced(void)
{
	uint64_t used;

	extra(X_SCHEDULE_TOP, A);
	/* The worker itself: half of each 20 ms. */
	OK(schedule_reserve(A, 20 * MS, 10 * MS, B));
	OK(process_swap(R_SELF, SLOT_SCHEDULE, B, 0));
	peer_spawn(C, runaway, 0, PRIORITY_HIGH);
	/* One of the lowest priority, with a fifth. Messages take E to H. */
	OK(schedule_reserve(A, 50 * MS, 10 * MS, A));
	peer_new(D, runaway, 0, PRIORITY_LOW);
	OK(schedule_lower(A, 0, E));
	OK(process_swap(D, SLOT_SCHEDULE, E, 0));
	peer_start(D);
	used = used_in(D, 500 * MS);
	CHECK(used >= 80 * MS);
	CHECK(hog_gets_more(C, D));
	/* Given back, it has what its priority gives it: nothing. */
	OK(schedule_release(A));
	CHECK(used_in(D, 200 * MS) <= MS);
	peer_destroy(C);
	peer_destroy(D);
	extra(X_SCHEDULE, A);
	OK(schedule_lower(A, PRIORITY_WORKER, A));
	OK(process_swap(R_SELF, SLOT_SCHEDULE, A, 0));
	OK(schedule_release(B));
}

/* With nothing else to do, the processor is not kept from who used it up. */
void
test_reserve_uses_slack(void)
{
	extra(X_SCHEDULE_TOP, A);
	OK(schedule_reserve(A, 100 * MS, MS, B));
	OK(schedule_lower(B, PRIORITY_LOW, D));
	peer_new(C, runaway, 0, PRIORITY_LOW);
	OK(process_swap(C, SLOT_SCHEDULE, D, 0));
	peer_start(C);
	CHECK(used_in(C, 200 * MS) >= 100 * MS);
	peer_destroy(C);
	OK(schedule_release(B));
}

static void
answers(uint64_t unused)
{
	struct message m;

	(void)unused;
	for (;;) {
		wait_message(&m);
		turns++;
		reply1(H, 7);
	}
}

/* Calls between processes with and without reserves take the general path. */
void
test_reserve_call(void)
{
	extra(X_SCHEDULE_TOP, A);
	OK(schedule_reserve(A, 100 * MS, 50 * MS, B));
	OK(schedule_lower(B, PRIORITY_LOW, B));
	peer_new(C, answers, 0, PRIORITY_LOW);
	OK(process_swap(C, SLOT_SCHEDULE, B, 0));
	peer_start(C);
	start_of(C, 0, D);
	for (unsigned i = 0; i < 100; i++)
		CHECK_IS(call1(D, i), 7);
	/* The caller too. */
	OK(process_get(R_SELF, SLOT_SCHEDULE, F));
	OK(process_swap(R_SELF, SLOT_SCHEDULE, B, 0));
	for (unsigned i = 0; i < 100; i++)
		CHECK_IS(call1(D, i), 7);
	OK(process_swap(R_SELF, SLOT_SCHEDULE, F, 0));
	peer_destroy(C);
	extra(X_SCHEDULE_TOP, A);
}
