/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs of other systems, whose calls their keeper answers (D16). */
#include "kernel/abi/process.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/restart.order.h"
#include "kernel/abi/restart.stub.h"
#include "testsuite/guest/tests.h"

uint64_t ant_invoke_foreign_syscall(uint64_t number, uint64_t word);
uint64_t ant_invoke_foreign_sysenter(uint64_t number, uint64_t word);
uint64_t ant_invoke_foreign_int80(uint64_t number, uint64_t word);
uint64_t ant_invoke_foreign_int0(uint64_t number, uint64_t word);
uint64_t ant_invoke_foreign_prefixed(uint64_t number, uint64_t word);

static const struct {
	uint64_t (*call)(uint64_t, uint64_t);
	uint64_t as;
} ways[] = {
    {ant_invoke_foreign_syscall, FOREIGN_SYSCALL},
    {ant_invoke_foreign_sysenter, FOREIGN_SYSENTER},
    {ant_invoke_foreign_int80, 0x80},
    {ant_invoke_foreign_int0, 0},
    {ant_invoke_foreign_prefixed, 0x21},
};

enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

static struct register_set told;

/* Calls twice, and notes what it is answered. */
static void
stranger(uint64_t way)
{
	board[0] = ways[way].call(1234, 56);
	board[1] = ways[way].call(board[0], 57);
	__builtin_trap();
}

/* A foreign peer in A that will call; the worker is its keeper. */
static void
make_stranger(uint64_t way, unsigned priority)
{
	peer_new(A, stranger, way, priority);
	self_start(0x66, B);
	peer_give(A, SLOT_KEEPER, B);
	OK(process_set_foreign(A, 1));
}

/* Wait for what the keeper is told, or answer and wait for the next. */
static void
hear(struct message *m, uint64_t control)
{
	m->control = control | CONTROL_RECEIVE(0, E) | CONTROL_RECEIVE(3, H);
	m->receive = &told;
	m->receive_limit = sizeof(told);
	ant_invoke(m);
}

static void
wait_call(struct message *m)
{
	*m = (struct message){0};
	hear(m, control_make(INVOKE_RETURN, 0));
}

/* One invocation answers with all registers and waits for the next call. */
static void
answer_next(struct message *m)
{
	*m = (struct message){
	    .word = {RESTART_ANSWER},
	    .send = &told,
	    .send_bytes = sizeof(told),
	};
	hear(m, control_make(INVOKE_RETURN, H));
}

static void
check_call(const struct message *m, uint64_t as, uint64_t rax, uint64_t rdi)
{
	CHECK_IS(message_source(m), FROM_CALL);
	CHECK_IS(m->word[0], KEEPER_PROCESS);
	CHECK_IS(m->word[1], FAULT_FOREIGN);
	CHECK_IS(m->word[3], as);
	CHECK_IS(m->word[4], told.regs.rip);
	CHECK_IS(message_received(m), sizeof(told));
	CHECK_IS(told.regs.rax, rax);
	CHECK_IS(told.regs.rdi, rdi);
	CHECK_IS(kind_of(H), CK_RESTART);
	CHECK_IS(peer_fault(A), FAULT_FOREIGN);
}

/* Whatever the instruction, with its keeper free and with it busy. */
void
test_foreign_calls_D16(void)
{
	for (uint64_t i = 0; i < 2 * WAYS; i++) {
		const uint64_t way = i % WAYS;
		struct message m;

		board[0] = board[1] = 0;
		if (i == 0)
			make_stranger(way, PRIORITY_HIGH);
		else
			peer_rerun(A, stranger, way);
		if (i == 0 || i >= WAYS)
			peer_start(A); /* We are busy: it waits for us. */
		wait_call(&m);
		check_call(&m, ways[way].as, 1234, 56);
		told.regs.rax = 4321;
		answer_next(&m);
		CHECK_IS(board[0], 4321);
		check_call(&m, ways[way].as, 4321, 57);
		told.regs.rax = 9;
		answer_next(&m);
		CHECK_IS(board[1], 9);
		CHECK_IS(m.word[1], FAULT_INSTRUCTION); /* Its trap. */
		CHECK_IS(restart_answer(H, &told, sizeof(told)), RC_STATE);
	}
}

/* What the keeper answers is forced like all that a state page holds (F3). */
void
test_foreign_forced_D16(void)
{
	struct message m;

	make_stranger(0, PRIORITY_HIGH);
	peer_start(A);
	wait_call(&m);
	told.regs.rip |= UINT64_C(1) << 63;
	told.regs.cs = 8;
	told.regs.ss = 0;
	told.regs.rflags = UINT64_MAX & ~(UINT64_C(1) << 8 | 1 << 18);
	told.regs.trap = 3;
	told.fs_base = UINT64_C(1) << 63;
	told.regs.rax = 5;
	CHECK_IS(restart_answer(H, &told, sizeof(told) - 1), RC_STRING);
	OK(restart_answer(H, &told, sizeof(told)));
	CHECK_IS(restart_answer(H, &told, sizeof(told)), RC_VOID);
	wait_call(&m);
	CHECK_IS(board[0], 5);
	check_call(&m, FOREIGN_SYSCALL, 5, 57);
	CHECK_IS(told.regs.cs & 3, 3);
	CHECK_IS(told.regs.rflags & 0x3000, 0); /* IOPL. */
	CHECK_IS(told.fs_base, 0);
	CHECK_IS(told.regs.rip >> 47, 0);
}

/* Retry goes on behind the call, with the registers as they are. */
void
test_foreign_retry_and_kill_D16(void)
{
	struct message m;

	make_stranger(2, PRIORITY_HIGH);
	peer_start(A);
	wait_call(&m);
	OK(restart_retry(H));
	wait_call(&m);
	CHECK_IS(board[0], 1234);
	check_call(&m, 0x80, 1234, 57);
	OK(restart_kill(H));
	CHECK_IS(restart_answer(H, &told, sizeof(told)), RC_VOID);
	CHECK_IS(board[1], 0);
}

/* The order that makes one, and one no more. */
void
test_foreign_order_D16(void)
{
	struct message m;

	CHECK_IS(process_set_foreign(R_SELF, 1), RC_BUSY);
	make_stranger(2, PRIORITY_HIGH);
	CHECK_IS(process_set_foreign(A, 2), RC_ARGUMENT);
	OK(process_set_foreign(A, 0));
	peer_start(A);
	wait_message(&m);
	CHECK_IS(m.word[1], FAULT_PROTECTION); /* INT 80h as for all. */
	CHECK_IS(m.word[2], m.word[4]);
	CHECK_IS(message_received(&m), 0);
	OK(process_set_foreign(A, 1));
	OK(restart_retry(H));
	wait_call(&m);
	check_call(&m, 0x80, 1234, 56);
}
