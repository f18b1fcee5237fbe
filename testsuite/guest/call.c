/* SPDX-License-Identifier: BSD-2-Clause */
/* Call, return and send: words, capabilities, start data. */
#include <string.h>

#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.stub.h"
#include "testsuite/guest/tests.h"

/* An echo server in A, its start capability, with this data, in B. */
static void
echo(unsigned data)
{
	peer_spawn(A, echo_server, 0, PRIORITY_HIGH);
	start_of(A, data, B);
}

void
test_call_words(void)
{
	struct message m = {
	    .control = control_make(INVOKE_CALL, B),
	    .word = {1, UINT64_MAX, 0x8000000000000000, 4, 5},
	};

	echo(0x1234);
	ant_invoke(&m);
	CHECK_IS(message_source(&m), FROM_REPLY);
	CHECK_IS(m.word[0], 1);
	CHECK_IS(m.word[1], UINT64_MAX);
	CHECK_IS(m.word[2], UINT64_C(0x8000000000000000));
	CHECK_IS(m.word[3], 4);
	CHECK_IS(m.word[4], 5);
	CHECK_IS(message_data(&m), 0);
	CHECK_IS(seen[0].count, 1);
	CHECK_IS(message_source(&seen[0].last), FROM_CALL);
	CHECK_IS(message_data(&seen[0].last), 0x1234);
	CHECK_IS(seen[0].last.word[4], 5);
	/* Only the resume capability came with it. */
	CHECK_IS(seen[0].last.control >> RESULT_RECEIVED_SHIFT & 15, 8);
}

/* The registers that the interface preserves, and those it gives. */
static void
call_registers(void)
{
	register uint64_t r10 __asm__("r10") = 3;
	register uint64_t r8 __asm__("r8") = 4;
	register uint64_t r9 __asm__("r9") = 99;
	register uint64_t r12 __asm__("r12") = 0;
	register uint64_t r13 __asm__("r13") = 0x1313;
	register uint64_t r14 __asm__("r14") = 0x1414;
	register uint64_t r15 __asm__("r15") = 0x1515;
	uint64_t          rax = control_make(INVOKE_CALL, B), rdi = 7, rsi = 1;
	uint64_t          rdx = 2, rbx = 0xbbbb;

	__asm__ volatile("call ant_invoke_bare"
			 : "+a"(rax), "+D"(rdi), "+S"(rsi), "+d"(rdx),
			 "+r"(r10), "+r"(r8), "+r"(r9), "+r"(r12), "+r"(r13),
			 "+r"(r14), "+r"(r15), "+b"(rbx)
			 :
			 : "rcx", "r11", "memory", "cc");
	board[0] = rax;
	board[1] = rdi;
	board[2] = rsi;
	board[3] = rdx;
	board[4] = r10;
	board[5] = r8;
	board[6] = r9;
	board[7] = r12;
	board[8] = r13;
	board[9] = r14;
	board[10] = r15;
	board[11] = rbx;
}

void
test_call_registers(void)
{
	static const uint64_t want[] = {
	    FROM_REPLY, 7, 1, 2, 3, 4, 99, 0, 0x1313, 0x1414, 0x1515, 0xbbbb};

	echo(0);
	call_registers();
	for (unsigned i = 0; i < 12; i++)
		CHECK_IS(board[i], want[i]);
}

/* What ant_invoke_registers takes and gives, in its order. */
enum bare_register {
	BARE_RAX,
	BARE_RBX,
	BARE_RCX,
	BARE_RDX,
	BARE_RSI,
	BARE_RDI,
	BARE_RBP,
	BARE_R8,
	BARE_R9,
	BARE_R10,
	BARE_R11,
	BARE_R12,
	BARE_R13,
	BARE_R14,
	BARE_R15,
	BARE_REGISTERS,
};
void ant_invoke_registers(uint64_t r[BARE_REGISTERS]);

/* Each register holds something else; the words are 0xa0 to 0xa4. */
static void
bare_fill(uint64_t r[BARE_REGISTERS], uint64_t control)
{
	for (unsigned i = 0; i < BARE_REGISTERS; i++)
		r[i] = UINT64_C(0x1111111111111111) * (i + 1);
	r[BARE_RAX] = control;
	r[BARE_RDI] = 0xa0;
	r[BARE_RSI] = 0xa1;
	r[BARE_RDX] = 0xa2;
	r[BARE_R10] = 0xa3;
	r[BARE_R8] = 0xa4;
	r[BARE_R12] = 0; /* No string, and no room for one. */
}

/* D2: which registers an invocation preserves, and what it gives in others. */
void
test_call_registers_D2(void)
{
	static const unsigned preserved[] = {BARE_RBX, BARE_RBP, BARE_R14,
	    BARE_R15, BARE_R9, BARE_R12, BARE_R13};
	static const unsigned words[] = {
	    BARE_RDI, BARE_RSI, BARE_RDX, BARE_R10, BARE_R8};
	static const capreg to[] = {B, C};
	uint64_t            r[BARE_REGISTERS], was[BARE_REGISTERS];

	echo(0x1234);
	extra(X_NUMBER, C);
	for (unsigned k = 0; k < 2; k++) {
		bare_fill(was, control_make(INVOKE_CALL, to[k]));
		memcpy(r, was, sizeof(r));
		ant_invoke_registers(r);
		for (unsigned i = 0; i < 7; i++)
			CHECK_IS(r[preserved[i]], was[preserved[i]]);
		CHECK_IS(r[BARE_RAX], FROM_REPLY);
		for (unsigned i = 0; k == 0 && i < 5; i++)
			CHECK_IS(r[words[i]], 0xa0 + i);
	}
	CHECK_IS(r[BARE_RDI], RC_ORDER); /* Of the number: no such order. */
}

/*
 * D2: the result word says where a message came from, the start capability's
 * data, the string's length, whether it was cut, and which capabilities came.
 */
void
test_call_result_D2(void)
{
	const struct message *m = &seen[0].last;
	uint64_t              r[BARE_REGISTERS];

	echo(0xfedc);
	bare_fill(r, control_make(INVOKE_CALL, B) | CONTROL_SEND(1, R_LOG));
	memset(echo_buffer, 7, 99);
	r[BARE_R9] = (uintptr_t)echo_buffer;
	r[BARE_R12] = 99 | UINT64_C(40) << 32; /* Room for 40. */
	r[BARE_R13] = (uintptr_t)board;
	ant_invoke_registers(r);
	CHECK_IS(r[BARE_RAX],
	    FROM_REPLY | RESULT_TRUNCATED |
		UINT64_C(40) << RESULT_LENGTH_SHIFT |
		UINT64_C(2) << RESULT_RECEIVED_SHIFT);
	CHECK_IS(m->control & ~((uint64_t)RESULT_TRUNCATED),
	    FROM_CALL | RESULT_AWAITED | UINT64_C(0xfedc) << RESULT_DATA_SHIFT |
		UINT64_C(99) << RESULT_LENGTH_SHIFT |
		UINT64_C(10) << RESULT_RECEIVED_SHIFT);
	CHECK_IS(board[4], UINT64_C(0x0707070707070707));
}

/*
 * D2: no sender can pass for a notice, whatever it puts into its registers;
 * and register 0 is void after all that could have been received into it.
 */
void
test_call_source_D2(void)
{
	uint64_t r[BARE_REGISTERS];

	echo(FROM_NOTICE);
	for (unsigned bit = CONTROL_SEND_SHIFT;
	     bit < CONTROL_RECEIVE_SHIFT; bit++) {
		bare_fill(r, control_make(INVOKE_CALL, B) ^ UINT64_C(1) << bit);
		seen[0].last.control = FROM_CALL;
		ant_invoke_registers(r);
		CHECK_IS(message_source(&seen[0].last), FROM_CALL);
	}
	CHECK(seen[0].count > 10);
	bare_fill(r, control_make(INVOKE_CALL, B) | CONTROL_SEND(0, R_LOG) |
		CONTROL_SEND(1, R_LOG) | CONTROL_SEND(2, R_LOG));
	ant_invoke_registers(r); /* All four are received into 0. */
	CHECK_IS(r[BARE_RAX] >> RESULT_RECEIVED_SHIFT & 15, 7);
	CHECK_IS(kind_of(0), CK_VOID);
	CHECK_IS(process_swap(R_SELF, 0, R_LOG, 0), RC_ARGUMENT);
	CHECK_IS(kind_of(0), CK_VOID);
}

void
test_call_caps(void)
{
	struct message m = {
	    .control = control_make(INVOKE_CALL, B) | CONTROL_SEND(0, R_LOG) |
		CONTROL_SEND(1, C) | CONTROL_SEND(2, R_CLOCK) |
		CONTROL_RECEIVE(0, E) | CONTROL_RECEIVE(1, F) |
		CONTROL_RECEIVE(2, G) | CONTROL_RECEIVE(3, H),
	};

	echo(0);
	new_page(C);
	cap_copy(R_LOG, H);
	ant_invoke(&m);
	CHECK_IS(m.control >> RESULT_RECEIVED_SHIFT & 15, 7);
	CHECK(message_has_cap(&m, 1));
	CHECK(!message_has_cap(&m, 3));
	CHECK(same_cap(E, R_LOG));
	CHECK(same_cap(F, C));
	CHECK(same_cap(G, R_CLOCK));
	CHECK_IS(kind_of(H), CK_VOID); /* Nothing came: it is cleared. */
	CHECK_IS(seen[0].last.control >> RESULT_RECEIVED_SHIFT & 15, 15);
}

/* A server that answers with four capabilities. */
static void
four_caps(uint64_t unused)
{
	const uint64_t receive = CONTROL_RECEIVE(3, D);
	struct message m = {
	    .control = control_make(INVOKE_RETURN, 0) | receive};

	(void)unused;
	for (;;) {
		ant_invoke(&m);
		m.control = control_make(INVOKE_RETURN, D) | receive |
		    CONTROL_SEND(0, 1) | CONTROL_SEND(1, 2) |
		    CONTROL_SEND(2, 3) | CONTROL_SEND(3, 4);
	}
}

void
test_return_four_caps(void)
{
	struct message m = {
	    .control = control_make(INVOKE_CALL, B) | CONTROL_RECEIVE(0, E) |
		CONTROL_RECEIVE(1, F) | CONTROL_RECEIVE(2, G) |
		CONTROL_RECEIVE(3, H),
	};

	peer_new(A, four_caps, 0, PRIORITY_HIGH);
	for (unsigned i = 1; i <= 4; i++)
		peer_give(A, i, i);
	peer_start(A);
	start_of(A, 0, B);
	ant_invoke(&m);
	CHECK_IS(m.control >> RESULT_RECEIVED_SHIFT & 15, 15);
	for (unsigned i = 0; i < 4; i++)
		CHECK(same_cap(E + i, 1 + i));
}

/* Two slots into one register: the last one wins. Into 0: nowhere. */
void
test_call_receive_registers(void)
{
	struct message m = {
	    .control = control_make(INVOKE_CALL, B) | CONTROL_SEND(0, R_LOG) |
		CONTROL_SEND(1, R_CLOCK) | CONTROL_RECEIVE(0, E) |
		CONTROL_RECEIVE(1, E),
	};

	echo(0);
	ant_invoke(&m);
	CHECK(same_cap(E, R_CLOCK));
	m = (struct message){
	    .control = control_make(INVOKE_CALL, B) | CONTROL_SEND(0, R_LOG),
	};
	ant_invoke(&m);
	CHECK(message_has_cap(&m, 0)); /* It came, and was not wanted. */
	CHECK_IS(kind_of(0), CK_VOID);
}

/* The same register sent in all slots, and received into the invoked one. */
void
test_call_same_register(void)
{
	struct message m = {
	    .control = control_make(INVOKE_CALL, B) | CONTROL_SEND(0, B) |
		CONTROL_SEND(1, B) | CONTROL_SEND(2, B) |
		CONTROL_RECEIVE(0, C) | CONTROL_RECEIVE(2, B),
	};

	echo(5);
	cap_copy(B, D);
	ant_invoke(&m);
	CHECK_IS(m.word[0], 0);
	CHECK(same_cap(B, D));
	CHECK(same_cap(C, D));
}

/* Send goes on; the server sees no resume capability. */
void
test_send_start(void)
{
	echo(3);
	CHECK_IS(send1(B, 42), RC_OK);
	CHECK_IS(seen[0].count, 1);
	CHECK_IS(seen[0].last.word[0], 42);
	CHECK_IS(message_source(&seen[0].last), FROM_CALL);
	CHECK_IS(seen[0].last.control >> RESULT_RECEIVED_SHIFT & 15, 0);
	CHECK_IS(peer_state(A), PS_AVAILABLE);
}

/* With send and return the fourth capability is an ordinary one. */
void
test_send_fourth_cap(void)
{
	struct message m = {
	    .control = control_make(INVOKE_SEND, B) | CONTROL_SEND(3, R_LOG),
	    .word = {6},
	};

	echo(0);
	ant_invoke(&m);
	CHECK_IS(m.word[0], RC_OK);
	CHECK_IS(seen[0].last.control >> RESULT_RECEIVED_SHIFT & 15, 8);
}

/* D11: in a call the fourth slot belongs to the kernel. */
void
test_call_fourth_cap(void)
{
	struct message m = {
	    .control = control_make(INVOKE_CALL, B) | CONTROL_SEND(3, R_LOG),
	};

	echo(0);
	ant_invoke(&m);
	CHECK_IS(m.word[0], RC_CONTROL);
	CHECK_IS(seen[0].count, 0);
	m = (struct message){
	    .control = control_make(INVOKE_CALL, B) | CONTROL_SEND(3, C),
	    .word = {9},
	};
	ant_invoke(&m); /* Void is what it has to be. */
	CHECK_IS(m.word[0], 9);
}

/* To oneself: it would wait for ever. */
void
test_call_self(void)
{
	self_start(0, A);
	CHECK_IS(call1(A, 1), RC_BUSY);
	CHECK_IS(send1(A, 1), RC_BUSY);
}

static void
return_to_self(uint64_t unused)
{
	struct message m = {.control = control_make(INVOKE_RETURN, A)};

	(void)unused;
	board[0] = 1;
	ant_invoke(&m);
	board[0] = 2;
	board[1] = m.word[0];
}

/* A return to oneself is lost; it leaves the process available. */
void
test_return_self(void)
{
	peer_new(A, return_to_self, 0, PRIORITY_HIGH);
	start_of(A, 0, B);
	peer_give(A, A, B);
	peer_start(A);
	CHECK_IS(board[0], 1);
	CHECK_IS(peer_state(A), PS_AVAILABLE);
	CHECK_IS(send1(B, 77), RC_OK);
	CHECK_IS(board[0], 2);
	CHECK_IS(board[1], 77);
}

void
test_call_no_call_right(void)
{
	extra(X_NO_CALL, A);
	CHECK_IS(call1(A, 1), RC_RIGHTS);
	CHECK_IS(kind_of(A), CK_START);
}

static void
client(uint64_t i)
{
	for (unsigned k = 0; k < 100; k++)
		if (call1(A, i + k) == i + k)
			board[i]++;
}

/* A server calls a server: resume capabilities nest. */
static void
forward(uint64_t unused)
{
	const uint64_t receive = CONTROL_RECEIVE(3, D);
	struct message m = {
	    .control = control_make(INVOKE_RETURN, 0) | receive};

	(void)unused;
	for (;;) {
		ant_invoke(&m);
		m.word[0] = call1(A, m.word[0] + 1) + 1;
		m.control = control_make(INVOKE_RETURN, D) | receive;
	}
}

void
test_call_nested(void)
{
	echo(0);
	for (unsigned i = 0; i < 5; i++) {
		peer_new(C, forward, 0, PRIORITY_HIGH);
		peer_give(C, A, B);
		peer_start(C);
		start_of(C, 0, B);
	}
	CHECK_IS(call1(B, 100), 110);
	CHECK_IS(seen[0].last.word[0], 105);
}

/* Many clients of one server, from above and below. */
void
test_call_many_clients(void)
{
	echo(0);
	for (unsigned i = 1; i <= 6; i++) {
		peer_new(C, client, i, i % 2 ? PRIORITY_LOW : 12);
		peer_give(C, A, B);
		peer_start(C);
	}
	WAIT_FOR(seen[0].count == 600 && board[1] == 100 && board[3] == 100 &&
	    board[5] == 100);
	for (unsigned i = 1; i <= 6; i++)
		CHECK_IS(board[i], 100);
	CHECK_IS(seen[0].count, 600);
}

/* Across address spaces. */
void
test_call_other_space(void)
{
	struct message m = {
	    .control = control_make(INVOKE_CALL, B),
	    .word = {1, 2, 3, 4, 5},
	};

	peer_new(A, echo_server, 0, PRIORITY_HIGH);
	OK(process_get(R_SELF, SLOT_SPACE, C));
	new_node(D);
	OK(node_segment(D, 32, D));
	OK(node_copy(D, C));
	peer_give(A, SLOT_SPACE, D);
	peer_start(A);
	start_of(A, 0, B);
	for (unsigned i = 0; i < 10; i++) {
		m.control = control_make(INVOKE_CALL, B);
		ant_invoke(&m);
		CHECK_IS(m.word[4], 5);
	}
	CHECK_IS(seen[0].count, 10);
}
