/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting for a bit or a deadline, whatever else comes. */
#include <CUnit/CUnit.h>
#include <string.h>

#include "kernel/abi/clock.order.h"
#include "testsuite/runner/runner.h"
#include "userland/rt/registers.h"
#include "userland/rt/server.h"
#include "userland/rt/wait.h"

enum { BELL = 3 };

/* What comes, one after another: a call, or the bits of a notice. */
struct event {
	uint64_t at; /* The time by then. */
	bool     call;
	uint64_t bits;
};

static struct {
	const struct event *next;
	unsigned            left, busy;
	uint64_t            now, alarm;
	bool                no_clock;
} fake;

static void
comes(struct message *m)
{
	/* The answer to the call before. */
	if ((m->control >> CONTROL_CAP_SHIFT & 31) == REG_RESUME)
		fake.busy += m->word[0] == RC_BUSY;
	CU_ASSERT_FATAL(fake.left > 0);
	fake.now = fake.next->at;
	m->control = fake.next->call ? (uint64_t)FROM_CALL | RESULT_AWAITED
				     : (uint64_t)FROM_NOTICE;
	m->word[1] = fake.next->bits;
	fake.next++;
	fake.left--;
}

void
ant_invoke(struct message *m)
{
	switch (m->control >> CONTROL_CAP_SHIFT & 31) {
	case REG_PROCESS:
		m->word[0] = RC_OK;
		return;
	case REG_CLOCK:
		if (m->word[0] == CLOCK_ALARM)
			fake.alarm = m->word[1];
		m->word[0] = fake.no_clock ? RC_VOID : RC_OK;
		m->word[1] = fake.now;
		return;
	default:
		comes(m);
	}
}

void
ant_invoke_words(struct message *m)
{
	ant_invoke(m);
}

static enum wait_end
waits(const struct event *events, unsigned n)
{
	memset(&fake, 0, sizeof(fake));
	fake.next = events;
	fake.left = n;
	return wait_rung(1u << BELL, 100);
}

#define BIT(n) (UINT64_C(1) << (n))

/* wait.1: the bit ends it at once, and no sooner does anything else. */
static void
a_bit_ends_it(void)
{
	static const struct event events[] = {
	    {.at = 1, .bits = BIT(WAIT_BIT)},
	    {.at = 2, .call = true},
	    {.at = 3, .bits = BIT(5)},
	    {.at = 4, .bits = BIT(BELL)},
	};

	CU_ASSERT_EQUAL(waits(events, 4), WAIT_RUNG);
	CU_ASSERT_EQUAL(fake.alarm, 100);
	CU_ASSERT_EQUAL(fake.left, 0);
	CU_ASSERT_EQUAL(fake.busy, 1);
}

/* wait.2: the deadline, and what was rung when it had come all the same. */
static void
the_deadline_ends_it(void)
{
	static const struct event over[] = {
	    {.at = 99, .bits = BIT(WAIT_BIT)}, {.at = 100, .bits = BIT(WAIT_BIT)}};
	static const struct event both[] = {
	    {.at = 101, .bits = BIT(BELL) | BIT(WAIT_BIT)}};

	CU_ASSERT_EQUAL(waits(over, 2), WAIT_OVER);
	CU_ASSERT_EQUAL(fake.left, 0);
	CU_ASSERT_EQUAL(waits(both, 1), WAIT_RUNG);
}

/* wait.3: a restart ends it, and so does a clock that does not answer. */
static void
nothing_to_wait_for(void)
{
	static const struct event restarted[] = {
	    {.at = 1, .bits = BIT(NOTICE_BIT_RESTARTED) | BIT(BELL)}};

	CU_ASSERT_EQUAL(waits(restarted, 1), WAIT_LOST);
	fake.no_clock = true;
	CU_ASSERT_FALSE(wait_for(5));
}

/* wait.4: so many nanoseconds, from now on. */
static void
a_pause(void)
{
	static const struct event events[] = {
	    {.at = 29, .bits = BIT(BELL)}, {.at = 30, .bits = BIT(WAIT_BIT)}};

	memset(&fake, 0, sizeof(fake));
	fake.next = events;
	fake.left = 2;
	fake.now = 20;
	CU_ASSERT(wait_for(10));
	CU_ASSERT_EQUAL(fake.alarm, 30);
	CU_ASSERT_EQUAL(fake.left, 0);
}

int
main(int argc, char **argv)
{
	static const struct runner_test tests[] = {
	    RUNNER_TEST(a_bit_ends_it),
	    RUNNER_TEST(the_deadline_ends_it),
	    RUNNER_TEST(nothing_to_wait_for),
	    RUNNER_TEST(a_pause),
	    {NULL, NULL},
	};
	static const struct runner_suite suites[] = {
	    {.name = "wait", .tests = tests},
	    {.name = NULL},
	};

	return runner_main(argc, argv, suites);
}
