/* SPDX-License-Identifier: BSD-2-Clause */
/* Busy servers: who waits for one, and in what order (D5). */
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/range.stub.h"
#include "testsuite/guest/tests.h"

static void
client(uint64_t word)
{
	board[10]++;
	board[word] = 1 + call1(A, word);
}

/* Clients 1 to n, in B up, of the worker, which is busy: they queue. */
static void
clients_queue(unsigned n, unsigned priority)
{
	self_start(1, A);
	for (unsigned i = 1; i <= n; i++) {
		peer_new(A + i, client, i, priority);
		peer_give(A + i, A, A);
		peer_start(A + i);
		CHECK_IS(peer_state(A + i), PS_RUNNING); /* Queued. */
	}
}

/* What comes next; answers the last, if there was one. */
static unsigned
next(bool answer)
{
	struct message m = {
	    .control = control_make(INVOKE_RETURN, answer ? H : 0) |
		CONTROL_RECEIVE(3, H),
	    .word = {60},
	};

	ant_invoke(&m);
	return (unsigned)m.word[0];
}

void
test_queue_fifo_D5(void)
{
	clients_queue(5, PRIORITY_HIGH);
	for (unsigned i = 1; i <= 5; i++) {
		CHECK_IS(next(i > 1), i);
		CHECK_IS(peer_state(A + i), PS_WAITING);
		CHECK(i == 1 || board[i - 1] == 61);
	}
	CHECK_IS(send1(H, 60), RC_OK);
	CHECK_IS(board[5], 61);
}

/* First come, first served, also when those behind are more urgent. */
void
test_queue_fifo_priorities_D5(void)
{
	self_start(1, A);
	for (unsigned i = 1; i <= 4; i++) {
		peer_new(A + i, client, i, 9 + i);
		peer_give(A + i, A, A);
		peer_start(A + i);
	}
	for (unsigned i = 1; i <= 4; i++)
		CHECK_IS(next(i > 1), i);
}

/* The one whose turn it would be dies: the next one gets it. */
void
test_queue_head_destroyed_D5(void)
{
	clients_queue(4, PRIORITY_HIGH);
	peer_destroy(A + 1);
	CHECK_IS(next(false), 2);
	peer_destroy(A + 3);
	CHECK_IS(next(true), 4);
	CHECK_IS(board[3], 0);
}

/* Stopped in the queue, likewise. */
void
test_queue_head_stopped_D5(void)
{
	clients_queue(3, PRIORITY_HIGH);
	OK(process_stop(A + 1));
	CHECK_IS(peer_state(A + 1), PS_AVAILABLE);
	CHECK_IS(next(false), 2);
	CHECK_IS(next(true), 3);
	CHECK_IS(board[1], 0);
}

static void
become_free(uint64_t data)
{
	struct message m = {
	    .control = control_make(INVOKE_RETURN, 0) | CONTROL_RECEIVE(3, H)};

	board[7] = 0;
	for (;;) {
		ant_invoke(&m);
		board[8 + board[7]++] = m.word[0];
		m.control = control_make(INVOKE_RETURN, H) |
		    CONTROL_RECEIVE(3, H);
		m.word[0] = data;
	}
}

static void
stay_busy(uint64_t unused)
{
	(void)unused;
	call1(B, 0);
	become_free(50);
}

static void
idle_forever(uint64_t unused)
{
	(void)unused;
	board[6]++;
	for (;;)
		;
}

/*
 * Three clients, less urgent than we are, have queued on a server; it has
 * become free, and the first of them, in D, was woken but has not run yet.
 */
static void
first_is_woken(void)
{
	struct message m;

	peer_new(B, stay_busy, 0, PRIORITY_HIGH);
	self_start(1, C);
	peer_give(B, B, C);
	peer_start(B);
	wait_message(&m);
	OK(node_swap(R_EXTRA, X_SPARE, H, 0));
	start_of(B, 0, A);
	for (unsigned i = 1; i <= 3; i++) {
		peer_new(C + i, client, i, PRIORITY_LOW);
		peer_give(C + i, A, A);
		peer_start(C + i);
	}
	/* They run, and queue, as soon as we wait for something ourselves. */
	WAIT_FOR(board[10] == 3);
	OK(node_get(R_EXTRA, X_SPARE, H));
	CHECK_IS(send1(H, 0), RC_OK);
	CHECK_IS(peer_state(B), PS_AVAILABLE);
	CHECK_IS(board[1] | board[2] | board[3], 0);
}

/* A woken one that dies gives the turn on. */
void
test_queue_woken_destroyed_D5(void)
{
	first_is_woken();
	peer_destroy(D);
	WAIT_FOR(board[2] == 51 && board[3] == 51);
	CHECK_IS(board[1], 0);
}

/* One that is made to do something else meanwhile, likewise. */
void
test_queue_woken_redirected_D5(void)
{
	struct register_set r;

	first_is_woken();
	OK(process_get_registers(D, &r, sizeof(r), NULL));
	r.regs.rip = (uintptr_t)idle_forever;
	OK(process_set_registers(D, &r, sizeof(r)));
	WAIT_FOR(board[2] == 51 && board[3] == 51);
	WAIT_FOR(board[6] == 1); /* It shares the processor with them. */
}

/* Its capability replaced: it calls another, and gives the turn on. */
void
test_queue_woken_other_cap_D5(void)
{
	first_is_woken();
	extra(X_NUMBER, E);
	peer_give(D, A, E);
	WAIT_FOR(board[2] == 51 && board[3] == 51);
	CHECK_IS(board[1], 1); /* number.get said RC_OK. */
}

/* A server that dies: all who waited for it see void. */
void
test_queue_server_destroyed_D5(void)
{
	struct message m;

	peer_new(B, stay_busy, 0, PRIORITY_HIGH);
	self_start(1, C);
	peer_give(B, B, C);
	peer_start(B);
	wait_message(&m);
	start_of(B, 0, A);
	for (unsigned i = 1; i <= 3; i++) {
		peer_new(B + i, client, i, PRIORITY_HIGH);
		peer_give(B + i, A, A);
		peer_start(B + i);
		CHECK_IS(peer_state(B + i), PS_RUNNING);
	}
	peer_destroy(B);
	for (unsigned i = 1; i <= 3; i++)
		CHECK_IS(board[i], 1 + RC_VOID);
}

/* A busy server is waited for by sends, too; a return gives the turn on. */
static void
sender(uint64_t word)
{
	board[word] = 1 + send1(A, word);
}

void
test_queue_send_waits(void)
{
	self_start(1, A);
	for (unsigned i = 1; i <= 3; i++) {
		peer_new(A + i, sender, i, PRIORITY_HIGH);
		peer_give(A + i, A, A);
		peer_start(A + i);
		CHECK_IS(board[i], 0);
		CHECK_IS(peer_state(A + i), PS_RUNNING);
	}
	for (unsigned i = 1; i <= 3; i++) {
		CHECK_IS(next(false), i);
		CHECK_IS(board[i], 1 + RC_OK);
	}
}

/* Destroying a process that is queued, ready, running below, waiting. */
void
test_destroy_any_state(void)
{
	struct message m;

	self_start(1, A);
	peer_new(B, client, 1, PRIORITY_HIGH);
	peer_give(B, A, A);
	peer_start(B); /* Queued on us. */
	peer_destroy(B);
	CHECK_IS(kind_of(B), CK_VOID);
	peer_spawn(B, become_free, 0, PRIORITY_LOW); /* Ready. */
	peer_destroy(B);
	peer_new(B, client, 2, PRIORITY_HIGH);
	peer_give(B, A, A);
	peer_start(B);
	wait_message(&m);
	CHECK_IS(m.word[0], 2); /* Waiting for us. */
	peer_destroy(B);
	CHECK_IS(send1(H, 1), RC_VOID);
	peer_spawn(B, become_free, 0, PRIORITY_HIGH); /* Available. */
	start_of(B, 0, C);
	peer_destroy(B);
	CHECK_IS(send1(C, 1), RC_VOID);
	CHECK_IS(call1(B, PROCESS_START), RC_VOID);
}

static void
destroy_myself(uint64_t at)
{
	board[0] = 1;
	board[1] = (uint64_t)range_rescind(A, at, board[3]);
	board[0] = 2;
}

/* A process may end itself, in the middle of its call. */
void
test_destroy_itself(void)
{
	uint64_t at = 0, index = 0;

	peer_new(B, destroy_myself, 0, PRIORITY_HIGH);
	OK(range_identify(R_RANGE, B, &at, &index, NULL));
	board[3] = index;
	peer_rerun(B, destroy_myself, at);
	CHECK(board[1] != 0); /* It has no range yet. */
	peer_give(B, A, R_RANGE);
	peer_rerun(B, destroy_myself, at);
	CHECK_IS(board[0], 1);
	CHECK_IS(kind_of(B), CK_VOID);
	OK(range_node(R_RANGE, at, index, C));
}
