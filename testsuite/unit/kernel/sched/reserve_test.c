/* SPDX-License-Identifier: BSD-2-Clause */
/* Reserves: admission, budgets, deadlines. */
#include "kernel/sched/reserve.h"
#include "testsuite/unit/kernel/sched/support.h"

#define MS UINT64_C(1000000)

static uint32_t
make(uint64_t period, uint64_t budget)
{
	uint32_t id = 0;

	CU_ASSERT_EQUAL_FATAL(reserve_make(period, budget, &id), RC_OK);
	CU_ASSERT(reserve_ok());
	return id;
}

/* reserve.admission.1: what cannot be kept is not promised. */
static void
admission(void)
{
	uint32_t id = 7, a;

	reserves_init();
	CU_ASSERT_EQUAL(reserve_make(0, 0, &id), RC_ARGUMENT);
	CU_ASSERT_EQUAL(reserve_make(MS - 1, MS / 2, &id), RC_ARGUMENT);
	CU_ASSERT_EQUAL(reserve_make(UINT64_MAX, MS, &id), RC_ARGUMENT);
	CU_ASSERT_EQUAL(reserve_make(MS, MS + 1, &id), RC_ARGUMENT);
	CU_ASSERT_EQUAL(
	    reserve_make(MS, RESERVE_BUDGET_LEAST - 1, &id), RC_ARGUMENT);
	CU_ASSERT_EQUAL(reserve_make(10 * MS, 91 * MS / 10, &id), RC_LIMIT);
	CU_ASSERT_EQUAL(id, 7);
	a = make(10 * MS, 5 * MS);
	(void)make(100 * MS, 40 * MS - 1000);
	CU_ASSERT_EQUAL(reserve_make(100 * MS, MS, &id), RC_LIMIT);
	CU_ASSERT_EQUAL(reserve_drop(a), RC_OK);
	(void)make(100 * MS, MS);
	CU_ASSERT(reserve_ok());
}

/* reserve.admission.2: the numbers run out, and come back. */
static void
numbers(void)
{
	uint32_t id[RESERVES], more;

	reserves_init();
	for (unsigned i = 1; i < RESERVES; i++) {
		id[i] = make(1000 * MS, MS);
		CU_ASSERT_EQUAL(reserve_number(id[i]), i);
	}
	CU_ASSERT_EQUAL(reserve_make(1000 * MS, MS, &more), RC_NO_MEMORY);
	CU_ASSERT_EQUAL(reserve_drop(id[5]), RC_OK);
	CU_ASSERT_EQUAL(reserve_drop(id[5]), RC_NOT_FOUND);
	more = make(1000 * MS, MS);
	CU_ASSERT_EQUAL(reserve_number(more), 5);
	/* The old id of the number is dead for good. */
	CU_ASSERT_NOT_EQUAL(more, id[5]);
	CU_ASSERT_EQUAL(reserve_number(id[5]), 0);
	CU_ASSERT_EQUAL(reserve_number(0), 0);
	CU_ASSERT_EQUAL(reserve_number(UINT32_MAX), 0);
	CU_ASSERT_EQUAL(reserve_number(more | RESERVES), 0);
	CU_ASSERT_PTR_NULL(reserve_at(0));
	CU_ASSERT_PTR_NULL(reserve_at(RESERVES));
}

/* reserve.budget.1: used up, it waits for its deadline, and has it anew. */
static void
budget_is_used_up(void)
{
	const unsigned n = reserve_number((reserves_init(), make(10 * MS, 2 * MS)));

	reserve_wake(n, 100 * MS);
	CU_ASSERT_EQUAL(reserve_at(n)->deadline, 110 * MS);
	reserve_run(n, 100 * MS);
	CU_ASSERT_EQUAL(reserve_next(100 * MS), 102 * MS);
	CU_ASSERT_FALSE(reserve_charge(101 * MS));
	CU_ASSERT_EQUAL(reserve_at(n)->left, MS);
	CU_ASSERT_TRUE(reserve_charge(103 * MS));
	CU_ASSERT_FALSE(reserve_has_budget(n));
	CU_ASSERT_EQUAL(reserve_at(n)->exhausted, 1);
	CU_ASSERT_FALSE(reserve_charge(104 * MS)); /* It no longer runs. */
	CU_ASSERT_EQUAL(reserve_next(104 * MS), 110 * MS);
	reserve_wake(n, 105 * MS); /* Sleeping and waking helps nothing. */
	CU_ASSERT_FALSE(reserve_has_budget(n));
	CU_ASSERT_EQUAL(reserve_replenish(109 * MS), 0);
	CU_ASSERT_EQUAL(reserve_replenish(110 * MS), 1u << n);
	CU_ASSERT_EQUAL(reserve_at(n)->deadline, 120 * MS);
	CU_ASSERT_EQUAL(reserve_at(n)->left, 2 * MS);
	CU_ASSERT_EQUAL(reserve_at(n)->used, 3 * MS);
	CU_ASSERT_EQUAL(reserve_next(110 * MS), UINT64_MAX);
	CU_ASSERT(reserve_ok());
}

/* reserve.budget.2: what was not used is not saved up. */
static void
budget_is_not_saved(void)
{
	const unsigned n = reserve_number((reserves_init(), make(10 * MS, 2 * MS)));

	reserve_wake(n, 0);
	reserve_run(n, 0);
	(void)reserve_charge(MS); /* 1 of 2 ms used; sleeps. */
	reserve_run(0, MS);
	/* At 2 ms there is room for 1 ms until 10: it goes on as it was. */
	reserve_wake(n, 2 * MS);
	CU_ASSERT_EQUAL(reserve_at(n)->deadline, 10 * MS);
	CU_ASSERT_EQUAL(reserve_at(n)->left, MS);
	/* At 9 ms 1 ms would be the whole processor: a new period. */
	reserve_wake(n, 9 * MS);
	CU_ASSERT_EQUAL(reserve_at(n)->deadline, 19 * MS);
	CU_ASSERT_EQUAL(reserve_at(n)->left, 2 * MS);
	/* Long asleep. */
	reserve_wake(n, 1000 * MS);
	CU_ASSERT_EQUAL(reserve_at(n)->deadline, 1010 * MS);
	CU_ASSERT_EQUAL(reserve_at(n)->left, 2 * MS);
}

/* reserve.edf.1: the earliest deadline goes first. */
static void
earliest_deadline(void)
{
	unsigned a, b;

	reserves_init();
	a = reserve_number(make(100 * MS, 10 * MS));
	b = reserve_number(make(20 * MS, 2 * MS));
	reserve_wake(a, 0);
	reserve_wake(b, 5 * MS);
	CU_ASSERT(reserve_before(b, a));
	reserve_wake(b, 95 * MS);
	CU_ASSERT(reserve_before(a, b));
}

/*
 * reserve.edf.2: admitted reserves that always want to run get their budget in
 * each period, whatever they do: a simulation of the rules, ms by ms.
 */
static void
all_meet_their_deadlines(void)
{
	static const uint64_t terms[][2] = {
	    {5, 1}, {7, 2}, {11, 2}, {40, 6}, {100, 5}};
	enum { N = 5 };
	unsigned n[N];
	uint64_t got[N] = {0};

	reserves_init();
	for (unsigned i = 0; i < N; i++) {
		n[i] = reserve_number(make(terms[i][0] * MS, terms[i][1] * MS));
		reserve_wake(n[i], 0);
	}
	for (uint64_t t = 0; t < 1000; t++) {
		unsigned best = N;

		(void)reserve_replenish(t * MS);
		for (unsigned i = 0; i < N; i++) {
			/* At each period's end its whole budget was had. */
			if (t % terms[i][0] == 0)
				CU_ASSERT_EQUAL(
				    got[i], t / terms[i][0] * terms[i][1]);
			if (reserve_has_budget(n[i]) &&
			    (best == N || reserve_before(n[i], n[best])))
				best = i;
		}
		if (best == N)
			continue;
		reserve_run(n[best], t * MS);
		(void)reserve_charge((t + 1) * MS);
		reserve_run(0, (t + 1) * MS);
		got[best]++;
		CU_ASSERT(reserve_ok());
	}
}

/* reserve.restore.1: as recorded; a bad record is refused. */
static void
restored(void)
{
	uint32_t id;

	reserves_init();
	(void)make(10 * MS, MS);
	id = make(20 * MS, 2 * MS);
	reserves_init();
	CU_ASSERT_EQUAL(reserve_restore(id, 20 * MS, 2 * MS), RC_OK);
	CU_ASSERT_EQUAL(reserve_restore(id, 20 * MS, 2 * MS), RC_EXISTS);
	CU_ASSERT_EQUAL(reserve_number(id), 2);
	CU_ASSERT_EQUAL(reserve_restore(0, 20 * MS, MS), RC_ARGUMENT);
	CU_ASSERT_EQUAL(reserve_restore(3, 20 * MS, MS), RC_ARGUMENT);
	CU_ASSERT_EQUAL(reserve_restore(0x1ff, 20 * MS, MS), RC_ARGUMENT);
	CU_ASSERT_EQUAL(reserve_restore(0x103, 20 * MS, 0), RC_ARGUMENT);
	CU_ASSERT_EQUAL(reserve_restore(0x103, 20 * MS, 19 * MS), RC_LIMIT);
	CU_ASSERT(reserve_ok());
}

/* A process with a reserve, ready. */
static struct activity *
ready_by(uint64_t number, unsigned priority, uint32_t id)
{
	struct activity *a = running(number);

	a->state = KA_RESERVED; /* Asleep until now. */
	sched_set_priority(a, priority, id);
	sched_ready(a);
	CU_ASSERT(table_ok());
	return a;
}

static void
runs_next(struct activity *a)
{
	CU_ASSERT_PTR_EQUAL(sched_next(), a);
	CU_ASSERT(table_ok());
}

/* reserve.queue.1: with budget before all priorities, by deadline. */
static void
reserved_go_first(void)
{
	struct activity *high, *slow, *quick;

	table_start(TABLE);
	clock_now = 0;
	high = ready_by(1, 15, 0);
	slow = ready_by(2, 0, make(100 * MS, 10 * MS));
	CU_ASSERT_EQUAL(sched_highest(), LEVEL_RESERVED);
	quick = ready_by(3, 0, make(20 * MS, 2 * MS));
	runs_next(quick);
	CU_ASSERT_FALSE(sched_preempts(quick));
	runs_next(slow);
	sched_ready_first(quick);
	CU_ASSERT(sched_preempts(slow));
	CU_ASSERT(sched_preempts(high));
	runs_next(quick);
	runs_next(high);
	CU_ASSERT_PTR_NULL(sched_next());
	CU_ASSERT_EQUAL(sched_highest(), -1);
}

/* reserve.queue.2: without budget by priority, in turn with its equals. */
static void
spent_by_priority(void)
{
	struct activity *a, *b, *c, *order[2];

	table_start(TABLE);
	clock_now = 0;
	a = ready_by(1, 5, make(100 * MS, MS));
	runs_next(a);
	sched_runs(a, 0);
	sched_charge(2 * MS);
	CU_ASSERT_EQUAL(sched_level(a), 5);
	sched_ready_first(a);
	b = ready_by(2, 5, 0);
	c = ready_by(3, 9, 0);
	runs_next(c);
	order[0] = sched_next();
	order[1] = sched_next();
	CU_ASSERT((order[0] == a && order[1] == b) ||
	    (order[0] == b && order[1] == a));
	/* It sleeps, and wakes when the period is over. */
	a->state = KA_RESERVED;
	sched_ready(a);
	CU_ASSERT_EQUAL(sched_highest(), 5);
	sched_charge(100 * MS);
	CU_ASSERT_EQUAL(sched_highest(), LEVEL_RESERVED);
	runs_next(a);
}

/*
 * reserve.queue.4: of those of one reserve the more urgent goes first, with
 * budget and without, and takes the processor from the other.
 */
static void
urgent_in_reserve(void)
{
	struct activity *low, *high;
	uint32_t         id;

	table_start(TABLE);
	clock_now = 0;
	id   = make(100 * MS, 10 * MS);
	low  = ready_by(1, 2, id);
	high = ready_by(2, 5, id);
	runs_next(high);
	runs_next(low);
	CU_ASSERT_FALSE(sched_preempts(low));
	sched_ready(high);
	CU_ASSERT(sched_preempts(low));
	sched_runs(low, 0);
	sched_charge(20 * MS);
	CU_ASSERT_EQUAL(sched_highest(), 5);
	CU_ASSERT(sched_preempts(low));
	sched_preempt(low, UINT64_MAX);
	CU_ASSERT_EQUAL(sched_highest(), 5);
	runs_next(high);
	CU_ASSERT_EQUAL(sched_highest(), 2);
	runs_next(low);
	CU_ASSERT_EQUAL(sched_highest(), -1);
}

/* reserve.queue.5: at one priority each reserve that is used up has its turn. */
static void
spent_take_turns(void)
{
	enum { RESERVED = 3 };
	struct activity *all[RESERVED + 1];
	unsigned         turns[RESERVED + 1] = {0};

	table_start(TABLE);
	clock_now = 0;
	for (unsigned i = 0; i < RESERVED; i++) {
		all[i] = ready_by(i + 1, 5, make(100 * MS, MS));
		runs_next(all[i]);
		sched_runs(all[i], 0);
		sched_charge(2 * MS);
	}
	for (unsigned i = 0; i < RESERVED; i++)
		sched_ready(all[i]);
	all[RESERVED] = ready_by(RESERVED + 1, 5, 0);
	for (unsigned i = 0; i < 4 * (RESERVED + 1); i++) {
		struct activity *a = sched_next();

		for (unsigned k = 0; k <= RESERVED; k++)
			turns[k] += a == all[k];
		sched_ready(a);
	}
	for (unsigned k = 0; k <= RESERVED; k++)
		CU_ASSERT_EQUAL(turns[k], 4);
}

/* reserve.budget.3: who joins one that runs by it brings no new budget. */
static void
joins_who_runs(void)
{
	struct activity *a;
	uint32_t         id;

	table_start(TABLE);
	clock_now = 0;
	id = make(100 * MS, 10 * MS);
	a  = ready_by(1, 5, id);
	runs_next(a);
	clock_now = 95 * MS;
	sched_runs(a, clock_now);
	(void)ready_by(2, 5, id);
	CU_ASSERT_EQUAL(reserve_at(reserve_number(id))->deadline, 100 * MS);
}

/* reserve.queue.3: those of a reserve that is dropped while they are ready. */
static void
dropped_while_ready(void)
{
	struct activity *a, *b;
	uint32_t         id, other;

	table_start(TABLE);
	clock_now = 0;
	id = make(100 * MS, 10 * MS);
	a = ready_by(1, 5, id);
	b = ready_by(2, 6, id);
	sched_drop_reserve(id);
	sched_drop_reserve(id);
	CU_ASSERT_NOT_EQUAL(sched_highest(), LEVEL_RESERVED);
	/* Its number is not used while they are on its queue. */
	other = make(100 * MS, MS);
	CU_ASSERT_NOT_EQUAL(other & 0xff, id & 0xff);
	runs_next(b);
	runs_next(a);
	sched_ready(a);
	CU_ASSERT_EQUAL(sched_highest(), 5);
	other = make(100 * MS, MS);
	CU_ASSERT_EQUAL(other & 0xff, id & 0xff);
	/* A capability of old: by its priority, for good. */
	runs_next(a);
	sched_ready(a);
	CU_ASSERT_EQUAL(sched_highest(), 5);
}

/* reserve.clock.1: the clock comes for the end of a budget and of a period. */
static void
clock_comes_for_reserves(void)
{
	static uint64_t  heap[64];
	struct activity *a;

	alarm_init(heap, 4);
	table_start(TABLE);
	clock_now = 0;
	a = ready_by(1, 5, make(100 * MS, 10 * MS));
	runs_next(a);
	clock_arm(UINT64_MAX);
	CU_ASSERT_EQUAL(deadline, UINT64_MAX);
	sched_runs(a, 0);
	clock_arm(UINT64_MAX);
	CU_ASSERT_EQUAL(deadline, 10 * MS);
	clock_arm(7 * MS);
	CU_ASSERT_EQUAL(deadline, 7 * MS);
	sched_charge(10 * MS);
	clock_arm(UINT64_MAX);
	CU_ASSERT_EQUAL(deadline, 100 * MS);
}

const struct runner_test reserve_tests[] = {
    RUNNER_TEST(admission),
    RUNNER_TEST(numbers),
    RUNNER_TEST(budget_is_used_up),
    RUNNER_TEST(budget_is_not_saved),
    RUNNER_TEST(earliest_deadline),
    RUNNER_TEST(all_meet_their_deadlines),
    RUNNER_TEST(restored),
    RUNNER_TEST(reserved_go_first),
    RUNNER_TEST(spent_by_priority),
    RUNNER_TEST(urgent_in_reserve),
    RUNNER_TEST(spent_take_turns),
    RUNNER_TEST(joins_who_runs),
    RUNNER_TEST(dropped_while_ready),
    RUNNER_TEST(clock_comes_for_reserves),
    {NULL, NULL},
};
