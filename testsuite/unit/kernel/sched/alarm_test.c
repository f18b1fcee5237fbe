/* SPDX-License-Identifier: BSD-2-Clause */
/* The heap of alarms. */
#include "testsuite/unit/kernel/sched/support.h"

#include <stdlib.h>
#include <time.h>

enum { ALARMS = 40 };

static uint64_t heap[ALARMS * 16];

static enum status
set(uint64_t process, unsigned bit, uint64_t when)
{
	return alarm_set(&(struct alarm){
	    .when = when, .process = process, .count = 1, .bit = (uint8_t)bit});
}

/* Whatever the order in which they were set, they come by time. */
static void
by_time(void)
{
	struct alarm a;
	uint64_t     last = 0, n = 0;

	alarm_init(heap, ALARMS);
	CU_ASSERT_EQUAL(alarm_next(), UINT64_MAX);
	for (unsigned i = 0; i < ALARMS; i++)
		CU_ASSERT_EQUAL(set(i, 0, 100 + i * 17 % ALARMS), RC_OK);
	CU_ASSERT_EQUAL(alarm_next(), 100);
	CU_ASSERT_FALSE(alarm_due(99, &a));
	while (alarm_due(1000, &a)) {
		CU_ASSERT(a.when >= last);
		last = a.when;
		n++;
	}
	CU_ASSERT_EQUAL(n, ALARMS);
	CU_ASSERT_EQUAL(alarm_count(), 0);
}

/* One for each process and bit; a new one takes the old one's place. */
static void
one_for_each_bit(void)
{
	struct alarm a;

	alarm_init(heap, ALARMS);
	CU_ASSERT_EQUAL(set(1, 2, 500), RC_OK);
	CU_ASSERT_EQUAL(set(1, 3, 400), RC_OK);
	CU_ASSERT_EQUAL(set(2, 2, 300), RC_OK);
	CU_ASSERT_EQUAL(set(1, 2, 100), RC_OK);
	CU_ASSERT_EQUAL(alarm_count(), 3);
	CU_ASSERT_EQUAL(alarm_next(), 100);
	CU_ASSERT_EQUAL(alarm_cancel(1, 2), RC_OK);
	CU_ASSERT_EQUAL(alarm_cancel(1, 2), RC_NOT_FOUND);
	CU_ASSERT(alarm_due(300, &a));
	CU_ASSERT_EQUAL(a.process, 2);
	CU_ASSERT_FALSE(alarm_due(300, &a));
}

/*
 * S2: whoever takes all the alarms that he can get leaves one to everybody else.
 * What is there already can always be changed.
 */
static void
S2_full(void)
{
	alarm_init(heap, ALARMS);
	for (unsigned i = 0; i < ALARMS; i++)
		CU_ASSERT_EQUAL(set(1, i, i), RC_OK);
	CU_ASSERT_EQUAL(set(1, ALARMS, 1), RC_NO_MEMORY);
	for (unsigned p = 2; p < 2 + ALARMS; p++) {
		CU_ASSERT_EQUAL(set(p, 3, 1), RC_OK);
		CU_ASSERT_EQUAL(set(p, 4, 1), RC_NO_MEMORY);
		CU_ASSERT_EQUAL(set(p, 3, 2), RC_OK);
	}
	CU_ASSERT_EQUAL(alarm_count(), 2 * ALARMS);
	CU_ASSERT_EQUAL(set(99, 0, 1), RC_NO_MEMORY);
	CU_ASSERT_EQUAL(set(1, 5, 1000), RC_OK);
	CU_ASSERT_EQUAL(alarm_count(), 2 * ALARMS);
	alarm_forget(7);
	CU_ASSERT_EQUAL(set(99, 0, 1), RC_OK);
	alarm_forget(1);
	CU_ASSERT_EQUAL(set(99, 1, 1), RC_NO_MEMORY);
	CU_ASSERT_EQUAL(alarm_cancel(2, 3), RC_OK);
	CU_ASSERT_EQUAL(set(99, 1, 1), RC_OK);
}

/* Those of a process that is gone take no place; the others stay in order. */
static void
forget_process(void)
{
	struct alarm a;
	uint64_t     last = 0;
	unsigned     n = 0;

	alarm_init(heap, ALARMS);
	for (unsigned i = 0; i < ALARMS; i++)
		CU_ASSERT_EQUAL(
		    set(i % 3, i / 3, (i * 29 + 11) % ALARMS), RC_OK);
	alarm_forget(1);
	for (uint32_t i = 0; i < alarm_count(); i++)
		CU_ASSERT_NOT_EQUAL(alarm_at(i)->process, 1);
	CU_ASSERT_PTR_NULL(alarm_at(alarm_count()));
	while (alarm_due(UINT64_MAX, &a)) {
		CU_ASSERT(a.when >= last);
		last = a.when;
		n++;
	}
	CU_ASSERT_EQUAL(n, ALARMS - (ALARMS + 1) / 3);
	alarm_forget(1);
}

/* The hardware is set to the earlier of alarm and end of the slice. */
static void
deadline_is_the_earlier(void)
{
	alarm_init(heap, ALARMS);
	clock_arm(50);
	CU_ASSERT_EQUAL(deadline, 50);
	CU_ASSERT_EQUAL(set(1, 1, 40), RC_OK);
	clock_arm(50);
	CU_ASSERT_EQUAL(deadline, 40);
	clock_arm(30);
	CU_ASSERT_EQUAL(deadline, 30);
	CU_ASSERT_EQUAL(alarm_cancel(1, 1), RC_OK);
	clock_arm(UINT64_MAX);
	CU_ASSERT_EQUAL(deadline, UINT64_MAX);
}

/*
 * D3: none of the operations takes longer the more alarms there are. As many
 * as a machine with 4 GiB has room for, each looked for and taken out alone:
 * with a linear search this would be billions of steps.
 */
static void
D3_many(void)
{
	enum { MANY = 65536, PROCESSES = MANY / NOTICE_BITS };
	uint64_t     *memory = malloc(alarm_bytes(MANY));
	const clock_t start  = clock();
	struct alarm  a;
	uint64_t      last = 0, n = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
	alarm_init(memory, MANY);
	for (unsigned round = 0; round < 2; round++) /* Set, and replaced. */
		for (uint64_t i = 0; i < MANY; i++)
			CU_ASSERT_EQUAL_FATAL(
			    set(i % PROCESSES * 8, (unsigned)(i / PROCESSES),
				(i * 2654435761 + round) % 1000003),
			    RC_OK);
	CU_ASSERT_EQUAL(alarm_count(), MANY);
	CU_ASSERT_EQUAL(set(1, 0, 1), RC_OK);
	CU_ASSERT_EQUAL(set(1, 1, 1), RC_NO_MEMORY);
	alarm_forget(1);
	for (uint64_t p = 0; p < PROCESSES; p += 2)
		alarm_forget(p * 8);
	CU_ASSERT_EQUAL(alarm_count(), MANY / 2);
	for (uint64_t p = 1; p < PROCESSES; p += 4)
		CU_ASSERT_EQUAL_FATAL(alarm_cancel(p * 8, 63), RC_OK);
	while (alarm_due(UINT64_MAX, &a)) {
		CU_ASSERT_FATAL(a.when >= last && a.process % 16 == 8);
		last = a.when;
		n++;
	}
	CU_ASSERT_EQUAL(n, MANY / 2 - PROCESSES / 4);
	CU_ASSERT(clock() - start < 5 * CLOCKS_PER_SEC); /* Of this CPU. */
	free(memory);
}

const struct runner_test alarm_tests[] = {
    RUNNER_TEST(by_time),
    RUNNER_TEST(one_for_each_bit),
    RUNNER_TEST(S2_full),
    RUNNER_TEST(forget_process),
    RUNNER_TEST(D3_many),
    RUNNER_TEST(deadline_is_the_earlier),
    {NULL, NULL},
};
