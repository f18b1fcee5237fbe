/* SPDX-License-Identifier: BSD-2-Clause */
/* A pipe's bytes and queues; the timer's heap. */
#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "userland/pipe/pipe.h"
#include "userland/timer/times.h"

static struct pipe  p;
static struct times t;

/* pipe.bytes.1: what goes in comes out, in order, whatever the pieces. */
static void
bytes_keep_their_order(void)
{
	uint8_t  out[PIPE_BYTES], in[PIPE_BYTES];
	unsigned wrote = 0, seen = 0;

	memset(&p, 0, sizeof(p));
	srand(3);
	while (seen < 300000) {
		size_t n = (size_t)rand() % PIPE_BYTES + 1, got;

		for (size_t i = 0; i < n; i++)
			in[i] = (uint8_t)((wrote + i) * 7);
		wrote += (unsigned)pipe_put(&p, in, n);
		got = pipe_take(&p, out, (size_t)rand() % PIPE_BYTES + 1);
		for (size_t i = 0; i < got; i++)
			CU_ASSERT_FATAL(out[i] == (uint8_t)((seen + i) * 7));
		seen += (unsigned)got;
		CU_ASSERT_FATAL(pipe_ok(&p) && p.used == wrote - seen);
	}
	CU_ASSERT(seen >= 300000);
}

/* pipe.queue.1: the first come is the first served; the 17th is refused. */
static void
queues_are_served_in_turn(void)
{
	unsigned place = 99, at, used = 0;
	size_t   most = 0;

	memset(&p, 0, sizeof(p));
	p.wait[END_READER].first = 11; /* They go round. */
	for (unsigned i = 0; i < PIPE_WAITERS; i++) {
		CU_ASSERT_EQUAL(pipe_queue(&p, END_READER, i, &place), RC_OK);
		CU_ASSERT_FALSE(used >> place & 1);
		used |= 1u << place;
	}
	CU_ASSERT_EQUAL(pipe_queue(&p, END_READER, 1, &place), RC_BUSY);
	CU_ASSERT_FALSE(pipe_next(&p, END_READER, &at, &most));
	CU_ASSERT(pipe_ok(&p));
	CU_ASSERT_EQUAL(pipe_put(&p, "x", 1), 1);
	for (unsigned i = 0; i < PIPE_WAITERS; i++) {
		CU_ASSERT(pipe_next(&p, END_READER, &at, &most));
		CU_ASSERT_EQUAL(most, i);
		pipe_served(&p, END_READER);
	}
	CU_ASSERT_FALSE(pipe_next(&p, END_READER, &at, &most));
	CU_ASSERT(pipe_ok(&p));
}

/* pipe.hang_up.1: nobody waits at an end whose other end is closed. */
static void
hanging_up_wakes(void)
{
	unsigned at;
	size_t   most;

	for (unsigned end = 0; end < END_COUNT; end++) {
		memset(&p, 0, sizeof(p));
		p.used = end == END_WRITER ? PIPE_BYTES : 0;
		CU_ASSERT_EQUAL(pipe_queue(&p, end, 1, &at), RC_OK);
		CU_ASSERT_FALSE(pipe_next(&p, end, &at, &most));
		p.closed[!end] = true;
		CU_ASSERT(pipe_next(&p, end, &at, &most));
		CU_ASSERT_FALSE(pipe_ok(&p));
		pipe_served(&p, end);
		CU_ASSERT(pipe_ok(&p));
	}
}

/* --- Times ---------------------------------------------------------------- */

/* timer.order.1: the earliest comes first, however they came and went. */
static void
times_are_ordered(void)
{
	uint64_t last = 0, due;
	unsigned number, added = 0;

	times_init(&t);
	srand(5);
	for (unsigned client = 0; added < 2000;
	     client = (client + 1) % TIMES_CLIENTS) {
		const struct time_entry e = {
		    .due = (uint64_t)rand(), .client = (uint8_t)client};

		if (times_room(&t, client, &number) != RC_OK)
			break;

		CU_ASSERT_FALSE(times_uses(&t, number));
		times_add(&t, &e);
		CU_ASSERT_FATAL(times_uses(&t, number));
		CU_ASSERT_EQUAL(t.entry[number].due, e.due);
		added++;
		if (added % 3 == 0) {
			times_remove(&t, t.heap[(unsigned)rand() % t.count]);
			CU_ASSERT_FATAL(times_ok(&t));
		}
	}
	CU_ASSERT(t.count > TIMES / 2);
	while (times_first(&t, &number, &due)) {
		CU_ASSERT_FATAL(due >= last);
		last = due;
		times_remove(&t, number);
	}
	CU_ASSERT(times_ok(&t));
}

/* timer.period.1: missed periods are left out, the phase stays. */
static void
periods_keep_their_phase(void)
{
	unsigned number;

	times_init(&t);
	CU_ASSERT_EQUAL(times_room(&t, 0, &number), RC_OK);
	times_add(&t, &(struct time_entry){.due = 105, .period = 10});
	times_add(&t, &(struct time_entry){.due = 120});
	times_again(&t, number, 105);
	CU_ASSERT_EQUAL(t.entry[number].due, 115);
	times_again(&t, number, 139);
	CU_ASSERT_EQUAL(t.entry[number].due, 145);
	CU_ASSERT_NOT_EQUAL(t.heap[0], number);
	times_again(&t, number, 140); /* It came without cause. */
	CU_ASSERT_EQUAL(t.entry[number].due, 145);
	CU_ASSERT(times_ok(&t));
}

/* timer.period.2: one that ends beyond what a word holds never ends. */
static void
periods_do_not_wrap(void)
{
	unsigned number;

	times_init(&t);
	CU_ASSERT_EQUAL(times_room(&t, 0, &number), RC_OK);
	times_add(&t,
	    &(struct time_entry){.due = 100, .period = UINT64_MAX});
	times_again(&t, number, 150);
	CU_ASSERT_EQUAL(t.entry[number].due, UINT64_MAX);
	CU_ASSERT(times_ok(&t));
}

/* As many for a client as it can have; how many that were. */
static unsigned
takes_all(unsigned client)
{
	unsigned number, n = 0;

	while (n <= TIMES && times_room(&t, client, &number) == RC_OK) {
		times_add(&t,
		    &(struct time_entry){.due = n, .client = (uint8_t)client});
		n++;
	}
	CU_ASSERT(times_ok(&t));
	return n;
}

/*
 * timer.share.1: whoever takes all he can get leaves each of the others his
 * share, whether they are there yet or not, and gives back what he took.
 */
static void
nobody_takes_all(void)
{
	unsigned number, due = 0;
	uint64_t first;

	times_init(&t);
	CU_ASSERT_EQUAL(takes_all(3), TIMES_MOST);
	for (unsigned i = 0; i < TIMES_CLIENTS; i++)
		if (i != 3)
			CU_ASSERT(takes_all(i) >= TIMES_SHARE);
	CU_ASSERT_EQUAL(t.count, TIMES);
	/* Each has one less, and can have it again. */
	while (times_first(&t, &number, &first) && first == due) {
		unsigned client = t.entry[number].client;

		times_remove(&t, number);
		CU_ASSERT_EQUAL(times_room(&t, client, &number), RC_OK);
		times_add(&t,
		    &(struct time_entry){
			.due = TIMES, .client = (uint8_t)client});
	}
	CU_ASSERT_EQUAL(t.count, TIMES);
	while (times_first(&t, &number, &first))
		times_remove(&t, number);
	CU_ASSERT(times_ok(&t));
	CU_ASSERT_EQUAL(takes_all(TIMES_CLIENTS - 1), TIMES_MOST);
}

static const struct runner_test tests[] = {
    RUNNER_TEST(bytes_keep_their_order),
    RUNNER_TEST(queues_are_served_in_turn),
    RUNNER_TEST(hanging_up_wakes),
    RUNNER_TEST(times_are_ordered),
    RUNNER_TEST(periods_keep_their_phase),
    RUNNER_TEST(periods_do_not_wrap),
    RUNNER_TEST(nobody_takes_all),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "pipe", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
