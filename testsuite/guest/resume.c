/* SPDX-License-Identifier: BSD-2-Clause */
/* Resume capabilities: the right to reply, exactly once. */
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/range.stub.h"
#include "testsuite/guest/tests.h"

static void
call_once(uint64_t word)
{
	struct message m = {
	    .control = control_make(INVOKE_CALL, A) | CONTROL_RECEIVE(3, B),
	    .word = {word},
	};

	ant_invoke(&m);
	board[0]++;
	board[1] = m.word[0];
	board[2] = message_source(&m);
}

/* A client in A that waits for us; the right to answer it is in H. */
static void
client_waits(void)
{
	struct message m;

	peer_new(A, call_once, 5, PRIORITY_HIGH);
	self_start(1, B);
	peer_give(A, A, B);
	peer_start(A);
	wait_message(&m);
	CHECK_IS(m.word[0], 5);
	CHECK_IS(kind_of(H), CK_RESUME);
	CHECK_IS(peer_state(A), PS_WAITING);
}

void
test_resume_once(void)
{
	client_waits();
	CHECK_IS(send1(H, 33), RC_OK);
	CHECK_IS(board[0], 1);
	CHECK_IS(board[1], 33);
	CHECK_IS(board[2], FROM_REPLY);
	CHECK_IS(send1(H, 34), RC_VOID);
	CHECK_IS(call1(H, 34), RC_VOID);
	CHECK_IS(board[0], 1);
}

/* All copies are void with the reply, wherever they are. */
void
test_resume_copies(void)
{
	client_waits();
	new_node(C);
	cap_copy(H, D);
	OK(node_swap(C, 0, H, 0));
	CHECK(same_cap(D, H));
	CHECK_IS(send1(D, 1), RC_OK);
	OK(node_get(C, 0, E));
	CHECK_IS(send1(H, 2), RC_VOID);
	CHECK_IS(send1(E, 2), RC_VOID);
	CHECK_IS(board[0], 1);
	CHECK_IS(kind_of(H), CK_VOID);
	CHECK_IS(kind_of(E), CK_VOID);
	CHECK(same_cap(H, 0));
}

/* A spent one does not fit the process's next call. */
void
test_resume_next_call(void)
{
	struct message m;

	client_waits();
	cap_copy(H, D);
	peer_rerun(A, call_once, 6);
	wait_message(&m);
	CHECK_IS(m.word[0], 6);
	CHECK(!same_cap(D, H));
	CHECK_IS(send1(D, 1), RC_VOID);
	CHECK_IS(board[0], 0);
	CHECK_IS(send1(H, 2), RC_OK);
	CHECK_IS(board[1], 2);
}

void
test_resume_destroyed(void)
{
	client_waits();
	peer_destroy(A);
	CHECK_IS(send1(H, 1), RC_VOID);
	CHECK_IS(kind_of(H), CK_VOID);
	CHECK_IS(board[0], 0);
}

/* F1: a new process on the same node and page is another process. */
void
test_resume_rebuilt_F1(void)
{
	struct message m;
	uint64_t       node = 0, index = 0;

	client_waits();
	cap_copy(H, D);
	OK(range_identify(R_RANGE, A, &node, &index, NULL));
	OK(range_rescind(R_RANGE, node, index));
	OK(range_node(R_RANGE, node, index, A));
	new_page(B);
	OK(node_make_process(A, B, A));
	CHECK_IS(send1(D, 1), RC_VOID);
	/* Neither is it when the new one waits, with its first call. */
	OK(range_rescind(R_RANGE, node, index));
	for (unsigned i = 0; i < 5; i++) {
		peer_new(A, call_once, 7, PRIORITY_HIGH);
		self_start(1, B);
		peer_give(A, A, B);
		peer_start(A);
		wait_message(&m);
		CHECK_IS(m.word[0], 7);
		CHECK_IS(send1(D, 1), RC_VOID);
		peer_destroy(A);
	}
	CHECK_IS(board[0], 0);
}

/* Return on a resume capability: the usual answer of a server. */
static void
answer_by_return(uint64_t word)
{
	struct message m = {
	    .control = control_make(INVOKE_RETURN, B),
	    .word = {word},
	};

	ant_invoke(&m);
	board[5]++;
}

void
test_resume_by_another(void)
{
	client_waits();
	peer_new(C, answer_by_return, 44, PRIORITY_HIGH);
	peer_give(C, B, H);
	peer_start(C);
	CHECK_IS(board[1], 44);
	CHECK_IS(board[5], 0);
	CHECK_IS(peer_state(C), PS_AVAILABLE);
	CHECK_IS(send1(H, 1), RC_VOID);
	start_of(C, 0, D);
	CHECK_IS(send1(D, 0), RC_OK);
	CHECK_IS(board[5], 1);
}

static void
coroutine(uint64_t rounds)
{
	struct message m = {
	    .control = control_make(INVOKE_CALL, A) | CONTROL_RECEIVE(3, B),
	    .word = {rounds},
	};

	ant_invoke(&m);
	for (unsigned i = 0; i < rounds; i++) {
		/* Calling the resume answers, and waits for the answer. */
		m.control = control_make(INVOKE_CALL, B) |
		    CONTROL_RECEIVE(3, B);
		m.word[0]++;
		ant_invoke(&m);
	}
	board[3] = m.word[0];
}

/* A call on a resume capability: two processes that answer each other. */
void
test_resume_coroutine(void)
{
	struct message m;

	peer_new(A, coroutine, 10, PRIORITY_HIGH);
	self_start(1, B);
	peer_give(A, A, B);
	peer_start(A);
	wait_message(&m);
	CHECK_IS(m.word[0], 10);
	for (unsigned i = 0; i < 10; i++) {
		m.control = control_make(INVOKE_CALL, H) |
		    CONTROL_RECEIVE(3, H);
		ant_invoke(&m);
		CHECK_IS(message_source(&m), FROM_REPLY);
		CHECK_IS(m.word[0], 11 + i);
		CHECK(message_has_cap(&m, 3));
	}
	CHECK_IS(send1(H, 99), RC_OK);
	CHECK_IS(board[3], 99);
}

/* A server may answer its clients in any order. */
void
test_resume_out_of_order(void)
{
	struct message m;

	new_node(B);
	for (unsigned i = 0; i < 5; i++) {
		peer_new(A, call_once, i, PRIORITY_HIGH);
		self_start(1, C);
		peer_give(A, A, C);
		peer_start(A);
		wait_message(&m);
		CHECK_IS(m.word[0], i);
		OK(node_swap(B, i, H, 0));
	}
	for (unsigned i = 0; i < 5; i++) {
		unsigned k = i * 3 % 5;

		OK(node_get(B, k, C));
		CHECK_IS(send1(C, 100 + k), RC_OK);
		CHECK_IS(board[0], i + 1);
		CHECK_IS(board[1], 100 + k);
		CHECK_IS(send1(C, 1), RC_VOID);
	}
}

/* Holds, in D, what was the right to answer its own call. */
static void
own_resume(uint64_t word)
{
	struct message m = {
	    .control = control_make(INVOKE_CALL, A),
	    .word = {word},
	};

	ant_invoke(&m);
	board[1] = m.word[0];
	board[2] = send1(D, 7);
	board[3] = call1(D, 7);
	board[0] = 1;
	m = (struct message){.control = control_make(INVOKE_RETURN, D)};
	ant_invoke(&m);
	board[0] = 2;
}

/*
 * resume.own.1: one's own is void, in whichever way it is invoked: it is alive
 * while its process waits, and who waits sends nothing.
 */
void
test_resume_own(void)
{
	struct message m;

	peer_new(A, own_resume, 5, PRIORITY_HIGH);
	self_start(1, B);
	peer_give(A, A, B);
	peer_start(A);
	wait_message(&m);
	CHECK_IS(kind_of(H), CK_RESUME);
	peer_give(A, D, H);
	CHECK_IS(send1(H, 33), RC_OK);
	CHECK_IS(board[1], 33);
	CHECK_IS(board[2], RC_VOID);
	CHECK_IS(board[3], RC_VOID);
	CHECK_IS(board[0], 1);
	CHECK_IS(peer_state(A), PS_AVAILABLE); /* Its return went to nobody. */
}

/* Answering a process that was started meanwhile. */
void
test_resume_started(void)
{
	client_waits();
	OK(process_start(A));
	CHECK_IS(board[0], 1); /* It went on, with what it had. */
	CHECK_IS(send1(H, 9), RC_VOID);
}

/* The answer with string and capabilities. */
static void
call_string(uint64_t unused)
{
	static uint8_t buffer[8192];
	struct message m = {
	    .control = control_make(INVOKE_CALL, A) | CONTROL_RECEIVE(0, B) |
		CONTROL_RECEIVE(3, C),
	    .receive = buffer,
	    .receive_limit = sizeof(buffer),
	};

	(void)unused;
	ant_invoke(&m);
	board[0] = message_received(&m);
	board[1] = buffer[0] + buffer[board[0] - 1];
	board[2] = m.control >> RESULT_RECEIVED_SHIFT & 15;
}

void
test_resume_string(void)
{
	static uint8_t text[5000];
	struct message m;

	peer_new(A, call_string, 0, PRIORITY_HIGH);
	self_start(1, B);
	peer_give(A, A, B);
	peer_start(A);
	wait_message(&m);
	text[0] = 3;
	text[4999] = 4;
	m = (struct message){
	    .control = control_make(INVOKE_SEND, H) | CONTROL_SEND(0, R_LOG) |
		CONTROL_SEND(3, R_CLOCK),
	    .send = text,
	    .send_bytes = sizeof(text),
	};
	ant_invoke(&m);
	CHECK_IS(m.word[0], RC_OK);
	CHECK_IS(board[0], 5000);
	CHECK_IS(board[1], 7);
	CHECK_IS(board[2], 9);
	OK(process_get(A, C, D));
	CHECK(same_cap(D, R_CLOCK));
}
