/* SPDX-License-Identifier: BSD-2-Clause */
/* Notices: bits that never wait. */
#include "kernel/abi/process.stub.h"

#include "kernel/abi/clock.stub.h"
#include "testsuite/guest/tests.h"

static void
listener(uint64_t i)
{
	struct message m = {
	    .control = control_make(INVOKE_RETURN, 0) | CONTROL_RECEIVE(3, D)};

	for (;;) {
		ant_invoke(&m);
		seen[i].last = m;
		seen[i].count++;
		m.control = control_make(INVOKE_RETURN,
				message_source(&m) == FROM_CALL ? D : 0) |
		    CONTROL_RECEIVE(3, D);
	}
}

/* A listener in A, notices of bits 3 and 63 in B and C, a start in D. */
static void
listen(unsigned priority)
{
	peer_spawn(A, listener, 0, priority);
	OK(process_make_notice(A, 3, B));
	OK(process_make_notice(A, 63, C));
	start_of(A, 7, D);
}

void
test_notice_wakes(void)
{
	listen(PRIORITY_HIGH);
	CHECK_IS(send1(B, 1234), RC_OK);
	CHECK_IS(seen[0].count, 1);
	CHECK_IS(message_source(&seen[0].last), FROM_NOTICE);
	CHECK_IS(seen[0].last.word[1], 1u << 3);
	CHECK_IS(seen[0].last.word[0], 0); /* The sender says nothing. */
	CHECK_IS(message_data(&seen[0].last), 0);
	CHECK_IS(seen[0].last.control >> RESULT_RECEIVED_SHIFT & 15, 0);
	CHECK_IS(send1(C, 0), RC_OK);
	CHECK_IS(seen[0].count, 2);
	CHECK_IS(seen[0].last.word[1], UINT64_C(1) << 63);
}

/* Any kind of invocation, any order; a call is answered by the kernel. */
void
test_notice_any_order(void)
{
	listen(PRIORITY_HIGH);
	CHECK_IS(call1(B, 0), RC_OK);
	CHECK_IS(call1(B, UINT64_MAX), RC_OK);
	CHECK_IS(seen[0].count, 2);
}

/* While the receiver is busy, bits gather; each comes once. */
void
test_notice_pending(void)
{
	listen(PRIORITY_LOW);
	for (unsigned i = 0; i < 5; i++) {
		CHECK_IS(send1(B, 0), RC_OK);
		CHECK_IS(send1(C, 0), RC_OK);
	}
	CHECK_IS(seen[0].count, 0);
	CHECK_IS(call1(D, 9), 9); /* The notice goes before the call. */
	CHECK_IS(seen[0].count, 2);
	CHECK_IS(message_source(&seen[0].last), FROM_CALL);
}

static void
caller(uint64_t word)
{
	struct message m = {.control = control_make(INVOKE_CALL, A)};

	board[0] = call1(A, word);
	board[1] = 1;
	m.control = control_make(INVOKE_RETURN, 0);
	ant_invoke(&m);
	board[2] = message_source(&m);
	board[3] = m.word[1];
}

/* One that waits for a reply gets the reply, and the notice afterwards. */
void
test_notice_while_waiting(void)
{
	struct message m;

	peer_new(A, caller, 5, PRIORITY_HIGH);
	OK(process_make_notice(A, 1, B));
	self_start(0, C);
	peer_give(A, A, C);
	peer_start(A);
	wait_message(&m);
	CHECK_IS(m.word[0], 5);
	CHECK_IS(send1(B, 0), RC_OK);
	CHECK_IS(board[1], 0);
	CHECK_IS(send1(H, 66), RC_OK);
	CHECK_IS(board[0], 66);
	CHECK_IS(board[2], FROM_NOTICE);
	CHECK_IS(board[3], 2);
}

/* A message that looks like a notice comes from a call. */
void
test_notice_forged(void)
{
	struct message m = {
	    .control = control_make(INVOKE_SEND, D),
	    .word = {0, 8},
	};

	listen(PRIORITY_HIGH);
	ant_invoke(&m);
	CHECK_IS(seen[0].count, 1);
	CHECK_IS(message_source(&seen[0].last), FROM_CALL);
}

void
test_notice_dead(void)
{
	listen(PRIORITY_HIGH);
	peer_destroy(A);
	CHECK_IS(send1(B, 0), RC_VOID);
	CHECK_IS(kind_of(B), CK_VOID);
	CHECK_IS(clock_alarm(R_CLOCK, now_ns(), B), RC_CAPABILITY);
}

/* A process that was stopped is available, so its notices wake it. */
void
test_notice_after_stop(void)
{
	struct message m;

	peer_new(A, caller, 5, PRIORITY_HIGH);
	OK(process_make_notice(A, 1, B));
	self_start(0, C);
	peer_give(A, A, C);
	peer_start(A);
	wait_message(&m);
	OK(process_stop(A));
	peer_rerun(A, listener, 0);
	CHECK_IS(send1(B, 0), RC_OK);
	CHECK_IS(seen[0].count, 1);
	/* And what came while it waited is not lost by the stop. */
	peer_rerun(A, caller, 6);
	wait_message(&m);
	CHECK_IS(m.word[0], 6);
	CHECK_IS(send1(B, 0), RC_OK);
	OK(process_stop(A));
	CHECK_IS(board[1], 1); /* Woken, behind its call. */
}

/* To oneself: it comes with the next wait. */
void
test_notice_self(void)
{
	struct message m;

	OK(process_make_notice(R_SELF, 9, A));
	CHECK_IS(send1(A, 0), RC_OK);
	CHECK_IS(send1(A, 0), RC_OK);
	wait_message(&m);
	CHECK_IS(message_source(&m), FROM_NOTICE);
	CHECK_IS(m.word[1], 1u << 9);
	CHECK(wait_ns(1000, &m)); /* Only once. */
}

static void
notify_at_return(uint64_t unused)
{
	struct message m = {.control = control_make(INVOKE_RETURN, 0)};

	(void)unused;
	send1(A, 0); /* Itself, busy. */
	ant_invoke(&m);
	board[0] = message_source(&m);
}

void
test_notice_pending_at_return(void)
{
	peer_new(A, notify_at_return, 0, PRIORITY_HIGH);
	OK(process_make_notice(A, 0, B));
	peer_give(A, A, B);
	peer_start(A);
	CHECK_IS(board[0], FROM_NOTICE);
}
