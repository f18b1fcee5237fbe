/* SPDX-License-Identifier: BSD-2-Clause */
/* Priorities, round robin, alarms. */
#include "kernel/abi/clock.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/range.stub.h"
#include "kernel/abi/schedule.stub.h"
#include "testsuite/guest/tests.h"

static void
spin(uint64_t i)
{
	for (;;)
		board[i]++;
}

static void
mark(uint64_t i)
{
	board[i] = ++board[15];
}

void
test_sched_preempt(void)
{
	peer_new(A, mark, 1, PRIORITY_HIGH);
	peer_new(B, mark, 2, PRIORITY_LOW);
	peer_start(B);
	CHECK_IS(board[2], 0); /* We are more urgent. */
	peer_start(A);
	CHECK_IS(board[1], 1); /* It is. */
}

/* The most urgent first, whatever the order in which they were started. */
void
test_sched_order(void)
{
	static const unsigned priority[] = {3, 6, 1, 5, 2, 4};

	for (unsigned i = 0; i < 6; i++) {
		peer_new(A, mark, priority[i], priority[i]);
		peer_start(A);
	}
	WAIT_FOR(board[15] == 6);
	for (unsigned p = 1; p <= 6; p++)
		CHECK_IS(board[p], 7 - p);
}

/* Those of one priority take turns. */
void
test_sched_round_robin(void)
{
	for (unsigned i = 0; i < 3; i++)
		peer_spawn(A + i, spin, i, PRIORITY_LOW);
	WAIT_FOR(board[0] > 0 && board[1] > 0 && board[2] > 0);
}

/* A less urgent one gets nothing as long as another spins. */
void
test_sched_starves(void)
{
	struct message m;

	peer_spawn(A, spin, 0, PRIORITY_LOW);
	peer_spawn(B, spin, 1, PRIORITY_LOW - 1);
	CHECK(wait_ns(30000000, &m));
	WAIT_FOR(board[0] > 0);
	CHECK_IS(board[1], 0);
	OK(process_stop(A));
	WAIT_FOR(board[1] > 0);
}

/* One that has run alone for long shares when company comes. */
static void
late(uint64_t i)
{
	struct message m = {.control = control_make(INVOKE_RETURN, 0)};

	ant_invoke(&m);
	spin(i);
}

void
test_sched_late_company(void)
{
	peer_spawn(B, late, 1, PRIORITY_HIGH);
	OK(process_make_notice(B, 0, C));
	extra(X_SCHEDULE, D);
	OK(schedule_lower(D, PRIORITY_LOW, D));
	peer_give(B, SLOT_SCHEDULE, D);
	peer_spawn(A, spin, 0, PRIORITY_LOW);
	OK(clock_alarm(R_CLOCK, now_ns() + 20000000, C));
	WAIT_FOR(board[0] > 0 && board[1] > 0);
}

static void
start_other(uint64_t unused)
{
	(void)unused;
	for (unsigned i = 0; i < 1000000; i++)
		board[0]++;
	send1(A, 0);
	for (;;)
		board[0]++;
}

/* The same when the one that runs makes the company itself. */
void
test_sched_own_company(void)
{
	peer_spawn(B, late, 1, PRIORITY_HIGH);
	start_of(B, 0, C);
	extra(X_SCHEDULE, D);
	OK(schedule_lower(D, PRIORITY_LOW, D));
	peer_give(B, SLOT_SCHEDULE, D);
	peer_new(A, start_other, 0, PRIORITY_LOW);
	peer_give(A, A, C);
	peer_start(A);
	WAIT_FOR(board[0] > 1000000 && board[1] > 0);
}

/* A changed schedule takes effect at once. */
void
test_sched_change(void)
{
	peer_spawn(A, mark, 1, PRIORITY_LOW);
	CHECK_IS(board[1], 0);
	extra(X_SCHEDULE, B);
	peer_give(A, SLOT_SCHEDULE, B);
	CHECK_IS(board[1], 1);
	/* One's own: below another that is ready. */
	peer_spawn(C, mark, 2, PRIORITY_LOW);
	CHECK_IS(board[2], 0);
	OK(process_get(R_SELF, SLOT_SCHEDULE, D));
	OK(schedule_lower(B, PRIORITY_LOW - 1, E));
	OK(process_swap(R_SELF, SLOT_SCHEDULE, E, 0));
	CHECK_IS(board[2], 2);
	OK(process_swap(R_SELF, SLOT_SCHEDULE, D, 0));
	/* None at all is the lowest. */
	peer_new(C, mark, 3, PRIORITY_LOW);
	peer_give(C, SLOT_SCHEDULE, 0);
	peer_start(C);
	CHECK_IS(board[3], 0);
}

static void
log_notices(uint64_t unused)
{
	struct message m = {.control = control_make(INVOKE_RETURN, 0)};

	(void)unused;
	for (;;) {
		m.control = control_make(INVOKE_RETURN, 0);
		ant_invoke(&m);
		board[board[15]++] = m.word[1];
	}
}

void
test_alarm_order(void)
{
	static const unsigned order[] = {0, 3, 1, 4, 2};
	uint64_t              t, all = 0, due = 0;
	unsigned              n = 0;

	peer_spawn(A, log_notices, 0, PRIORITY_HIGH);
	/* All are to be set before the first is due; the host may stall us. */
	for (unsigned tries = 0; tries < 20; tries++) {
		t = now_ns() + 5000000;
		for (unsigned i = 0; i < 5; i++) {
			OK(process_make_notice(A, i, B));
			OK(clock_alarm(R_CLOCK, t + (i * 2 % 5) * 1000000, B));
		}
		if (now_ns() < t && board[15] == 0)
			break;
		WAIT_FOR(now_ns() > t + 5000000);
		for (unsigned i = 0; i < 16; i++)
			board[i] = 0;
	}
	/* On a slow machine several may come in one message. */
	for (unsigned k = 0; k < 5 && all != 31; k++) {
		WAIT_FOR(board[15] > k);
		all |= board[k];
		while (n < 5 && (all >> order[n] & 1) != 0)
			due |= 1u << order[n++];
		CHECK_IS(all, due);
	}
	CHECK_IS(all, 31);
}

/* One alarm for each bit: a new one takes the old one's place. */
void
test_alarm_replace_cancel(void)
{
	peer_spawn(A, log_notices, 0, PRIORITY_HIGH);
	OK(process_make_notice(A, 1, B));
	OK(process_make_notice(A, 2, C));
	OK(clock_alarm(R_CLOCK, UINT64_MAX, B));
	OK(clock_alarm(R_CLOCK, now_ns() + 3000000, B));
	OK(clock_alarm(R_CLOCK, UINT64_MAX, C));
	OK(clock_cancel(R_CLOCK, C));
	CHECK_IS(clock_cancel(R_CLOCK, C), RC_NOT_FOUND);
	WAIT_FOR(board[15] > 0);
	CHECK_IS(board[15], 1);
	CHECK_IS(board[0], 2);
	CHECK_IS(clock_cancel(R_CLOCK, B), RC_NOT_FOUND);
}

/* A time that has passed: at once. */
void
test_alarm_past(void)
{
	struct message m;

	OK(process_make_notice(R_SELF, 4, A));
	OK(clock_alarm(R_CLOCK, 0, A));
	wait_message(&m);
	CHECK_IS(message_source(&m), FROM_NOTICE);
	CHECK_IS(m.word[1], 1u << 4);
	/* And one that will not come in our days. */
	OK(clock_alarm(R_CLOCK, UINT64_MAX, A));
	CHECK(wait_ns(1000000, &m));
	OK(clock_cancel(R_CLOCK, A));
}

void
test_alarm_errors(void)
{
	CHECK_IS(clock_alarm(R_CLOCK, 0, 0), RC_CAPABILITY);
	CHECK_IS(clock_alarm(R_CLOCK, 0, R_LOG), RC_CAPABILITY);
	self_start(1, A);
	CHECK_IS(clock_alarm(R_CLOCK, 0, A), RC_CAPABILITY);
	CHECK_IS(clock_cancel(R_CLOCK, A), RC_CAPABILITY);
	CHECK_IS(call1(R_CLOCK, 0), RC_ORDER);
	CHECK_IS(call1(R_CLOCK, 4), RC_ORDER);
}

/* The alarms of the dead take no place. */
void
test_alarm_of_dead(void)
{
	/* More in all than the kernel has room for. */
	for (unsigned i = 0; i < 100; i++) {
		uint64_t at = new_frame();

		OK(range_node(R_RANGE, at, 0, A));
		new_page(B);
		OK(node_make_process(A, B, A));
		for (unsigned bit = 0; bit < NOTICE_BITS; bit++) {
			OK(process_make_notice(A, bit, B));
			OK(clock_alarm(R_CLOCK, UINT64_MAX - bit, B));
		}
		OK(range_rescind(R_RANGE, at, 0));
	}
	CHECK_IS(clock_cancel(R_CLOCK, B), RC_CAPABILITY);
}

void
test_clock_now(void)
{
	uint64_t boot = 0, persistent = 0, wall = 0, before = 0;

	for (unsigned i = 0; i < 100; i++) {
		OK(clock_now(R_CLOCK, &boot, &persistent, &wall));
		CHECK(boot >= before);
		CHECK(persistent >= boot);
		before = boot;
	}
	/* QEMU has a clock: it is past 2020. */
	CHECK(wall > UINT64_C(1577836800) * 1000000000);
}
