/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages that a keeper lends for one access, and single steps (D4). */
#include <string.h>

#include "kernel/abi/guard.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/restart.stub.h"
#include "testsuite/guest/tests.h"

enum { FLAG_TF = 1 << 8 };

#define AT ((uintptr_t)window(2))

/* A peer in A that will fault; the worker is its keeper. C is a page. */
static void
borrower(void (*fn)(uint64_t), uint64_t argument)
{
	peer_new(A, fn, argument, PRIORITY_HIGH);
	self_start(0x66, B);
	peer_give(A, SLOT_KEEPER, B);
	new_page(C);
	new_page(D);
}

/* Answer the fault in H by lending a page; *m is the next one. */
static void
lend(struct message *m, capreg page)
{
	*m = (struct message){
	    .control = control_make(INVOKE_RETURN, H) | CONTROL_SEND(0, page) |
		CONTROL_RECEIVE(3, H),
	    .word = {RESTART_LEND},
	};
	ant_invoke(m);
}

/* The same, where nothing is to come after it: the peer runs to its end. */
static void
lend_last(capreg page)
{
	OK(restart_lend(H, page));
}

static void
set_page(capreg page, uint64_t at, uint64_t value)
{
	OK(page_write(page, at, &value, sizeof(value)));
}

static uint64_t
of_page(capreg page, uint64_t at)
{
	uint64_t v = 0;

	OK(page_read(page, at, 8, &v, sizeof(v), NULL));
	return v;
}

static uint64_t
flags(void)
{
	uint64_t f;

	__asm__ volatile("pushfq; popq %0" : "=r"(f));
	return f;
}

static void
loads(uint64_t at)
{
	for (unsigned i = 0; i < 8; i++) {
		board[i] = *(volatile uint64_t *)(uintptr_t)at;
		board[9] |= flags() & FLAG_TF;
	}
	board[8] = 1;
}

/* A domain stands in for a page, load by load: each gives something else. */
void
test_loan_each_load_D4(void)
{
	struct message m;

	borrower(loads, AT + 16);
	peer_start(A);
	wait_message(&m);
	for (unsigned i = 0; i < 8; i++) {
		CHECK_IS(m.word[1], FAULT_UNMAPPED);
		CHECK_IS(m.word[2], AT + 16);
		CHECK_IS(m.word[3], ACCESS_READ);
		CHECK_IS(board[i], 0);
		set_page(C, 16, 100 + i);
		if (i < 7)
			lend(&m, C);
		else
			lend_last(C);
		CHECK_IS(board[i], 100 + i);
	}
	CHECK_IS(board[8], 1);
	CHECK_IS(board[9], 0); /* It never saw that it was stepped. */
}

static void
stores(uint64_t at)
{
	*(volatile uint64_t *)(uintptr_t)at = 0x1111;
	*(volatile uint64_t *)(uintptr_t)(at + 8) += 0x2222;
	board[0] = 1;
}

/* Stores go to the page that was lent, one each. */
void
test_loan_store_D4(void)
{
	struct message m;

	borrower(stores, AT);
	set_page(D, 8, 1);
	peer_start(A);
	wait_message(&m);
	CHECK_IS(m.word[3], ACCESS_WRITE);
	lend(&m, C);
	CHECK_IS(m.word[2], AT + 8);
	CHECK_IS(of_page(C, 0), 0x1111);
	CHECK_IS(of_page(C, 8), 0);
	while (board[0] == 0) { /* It may be read first, and then written. */
		lend_last(D);
		if (board[0] == 0)
			wait_message(&m);
	}
	CHECK_IS(of_page(D, 8), 0x2223);
	CHECK_IS(of_page(C, 8), 0);
}

static void
copies(uint64_t at)
{
	const uint8_t *from = (const uint8_t *)(uintptr_t)at + 4092;
	uint8_t       *to = (uint8_t *)(uintptr_t)at + 3 * PAGE_SIZE - 4;

	__asm__ volatile("movsq" : "+S"(from), "+D"(to) : : "memory");
	board[0] = 1;
}

/* One instruction that needs four pages gets them all. */
void
test_loan_four_pages_D4(void)
{
	static const capreg page[] = {C, D, E, F};
	struct message      m;
	uint64_t            was = 0;
	unsigned            n = 0;

	borrower(copies, AT);
	new_page(E);
	new_page(F);
	set_page(C, 4088, UINT64_C(0x0403020100000000));
	set_page(D, 0, UINT64_C(0x08070605));
	peer_start(A);
	m.control = control_make(INVOKE_RETURN, 0) | CONTROL_RECEIVE(3, H);
	ant_invoke(&m);
	for (; board[0] == 0 && n < 16; n++) {
		was = (m.word[2] - AT) / PAGE_SIZE;
		CHECK(was < 4);
		if (n < 3)
			lend(&m, page[was]);
		else
			lend_last(page[was]);
	}
	CHECK_IS(n, 4);
	CHECK_IS(of_page(E, 4088) >> 32, 0x04030201);
	CHECK_IS(of_page(F, 0), 0x08070605);
}

static void
repeats(uint64_t at)
{
	uint64_t       to[4] = {0, 0, 0, 0};
	const uint64_t *from = (const uint64_t *)(uintptr_t)at;
	uint64_t       *p = to, n = 4;

	__asm__ volatile("rep movsq"
			 : "+S"(from), "+D"(p), "+c"(n)
			 :
			 : "memory");
	for (unsigned i = 0; i < 4; i++)
		board[i] = to[i];
	board[8] = 1;
}

/* Each iteration of a repeated instruction is an access of its own. */
void
test_loan_repeat_D4(void)
{
	struct message m;

	borrower(repeats, AT);
	peer_start(A);
	wait_message(&m);
	for (unsigned i = 0; i < 4; i++) {
		CHECK_IS(m.word[2], AT + 8 * i);
		set_page(C, 8 * i, 50 + i);
		if (i < 3)
			lend(&m, C);
		else
			lend_last(C);
	}
	for (unsigned i = 0; i < 4; i++)
		CHECK_IS(board[i], 50 + i);
	CHECK_IS(board[8], 1);
}

/*
 * Code that nobody has mapped. What it leaves of the flags is in board[0] and
 * board[1]; see the bytes.
 */
static void
executes(uint64_t at)
{
	uint64_t rax = 0, r11 = 0;

	__asm__ volatile("call *%2; mov %%r11, %1"
			 : "=&a"(rax), "=&r"(r11)
			 : "r"(at)
			 : "rcx", "rdx", "rdi", "rsi", "r8", "r9", "r10", "r11",
			 "r12", "memory", "cc");
	board[0] = rax;
	board[1] = r11;
	board[2] = flags();
	board[8] = 1;
}

/* Let it run to its end, lending a page whenever it faults; how often. */
static unsigned
lend_all(const uint8_t *code, size_t bytes)
{
	struct message m;
	unsigned       n = 0;

	borrower(executes, AT);
	OK(page_write(C, 0, code, bytes));
	OK(page_restrict(C, CR_READ_ONLY, C));
	peer_start(A);
	wait_message(&m);
	for (n = 1; n < 32; n++) {
		CHECK_IS(m.word[3], ACCESS_EXECUTE);
		OK(restart_lend(H, C));
		if (board[8] != 0)
			break;
		wait_message(&m);
	}
	return n;
}

/* A page of code is fetched instruction by instruction. */
void
test_loan_fetch_D4(void)
{
	static const uint8_t code[] = {
	    0xb8, 42, 0, 0, 0, /* mov $42, %eax */
	    0x83, 0xc0, 1,     /* add $1, %eax */
	    0xc3,              /* ret */
	};

	CHECK_IS(lend_all(code, sizeof(code)), 3);
	CHECK_IS(board[0], 43);
	CHECK_IS(board[2] & FLAG_TF, 0);
}

/* Instructions that store the flags do not show that they were stepped. */
void
test_loan_flags_D4(void)
{
	static const uint8_t code[] = {
	    0x9c,             /* pushf */
	    0x58,             /* pop %rax */
	    0x66, 0x9c,       /* pushfw */
	    0x66, 0x41, 0x5b, /* pop %r11w */
	    0x50, 0x9d,       /* push %rax; popf */
	    0xc3,             /* ret */
	};

	CHECK_IS(lend_all(code, sizeof(code)), 7);
	CHECK_IS(board[0] & (FLAG_TF | 2), 2);
	CHECK_IS(board[1] & FLAG_TF, 0);
	CHECK_IS(board[2] & FLAG_TF, 0);
}

/* Nor does an invocation, which leaves the flags in r11. */
void
test_loan_invocation_D4(void)
{
	static const uint8_t code[] = {
	    0x31, 0xc0,       /* xor %eax, %eax: call void */
	    0x45, 0x31, 0xe4, /* xor %r12d, %r12d */
	    0x0f, 0x05,       /* syscall */
	    0x48, 0x89, 0xf8, /* mov %rdi, %rax */
	    0xc3,             /* ret */
	};

	CHECK_IS(lend_all(code, sizeof(code)), 5);
	CHECK_IS(board[0], RC_VOID);
	CHECK_IS(board[1] & FLAG_TF, 0);
	CHECK_IS(board[2] & FLAG_TF, 0);
}

/* A page that may be written is not executed, whoever lends it (S15). */
void
test_loan_rights_D4(void)
{
	struct message m;

	borrower(executes, AT);
	peer_start(A);
	wait_message(&m);
	lend(&m, C);
	CHECK_IS(m.word[3], ACCESS_EXECUTE);
	CHECK_IS(m.word[2], AT);
	OK(page_restrict(C, CR_NO_EXECUTE | CR_READ_ONLY, D));
	lend(&m, D);
	CHECK_IS(m.word[3], ACCESS_EXECUTE);
	/* Read-only: the store faults again. */
	peer_rerun(A, stores, AT);
	wait_message(&m);
	lend(&m, D);
	CHECK_IS(m.word[3], ACCESS_WRITE);
	CHECK_IS(m.word[2], AT);
	CHECK_IS(of_page(C, 0), 0);
}

/* The way to the guard was read-only: its keeper cannot make it writable. */
void
test_loan_guard_rights_D4(void)
{
	struct message m;

	new_node(E);
	OK(node_make_guard(E, 17, E));
	self_start(0x77, R_RT);
	OK(guard_swap(E, 1, R_RT, 0));
	OK(guard_restrict(E, CR_READ_ONLY | CR_OPAQUE, E));
	map_window(2, E);
	new_page(C);
	set_page(C, 0, 7);
	peer_spawn(A, loads, AT, PRIORITY_HIGH);
	wait_message(&m);
	CHECK_IS(m.word[0], KEEPER_SEGMENT);
	lend(&m, C);
	CHECK_IS(board[0], 7);
	peer_rerun(A, stores, AT);
	wait_message(&m);
	CHECK_IS(m.word[3], ACCESS_WRITE);
	lend(&m, C);
	CHECK_IS(m.word[3], ACCESS_WRITE);
	CHECK_IS(m.word[2], 0);
	CHECK_IS(of_page(C, 0), 7);
}

static void
undefined(uint64_t unused)
{
	(void)unused;
	__asm__ volatile("ud2");
}

void
test_loan_errors(void)
{
	struct message m;

	borrower(undefined, 0);
	peer_start(A);
	wait_message(&m);
	CHECK_IS(restart_lend(H, C), RC_STATE);
	CHECK_IS(restart_lend(H, R_CLOCK), RC_CAPABILITY);
	CHECK_IS(peer_fault(A), FAULT_INSTRUCTION);
	peer_rerun(A, loads, AT);
	wait_message(&m);
	CHECK_IS(restart_lend(H, R_CLOCK), RC_CAPABILITY);
	OK(restart_lend(H, C));
	CHECK_IS(restart_lend(H, C), RC_VOID);
}

/* A page that dies, or registers that are changed: the loan is over. */
void
test_loan_ends_D4(void)
{
	struct message m;

	borrower(loads, AT + 16);
	set_page(C, 16, 5);
	peer_start(A);
	wait_message(&m);
	lend(&m, C);
	CHECK_IS(board[0], 5);
	/* Elsewhere with the same registers, and back. */
	peer_rerun(A, stores, AT + 16);
	wait_message(&m);
	CHECK_IS(m.word[3], ACCESS_WRITE);
	CHECK_IS(of_page(C, 16), 5);
}

static uint64_t steps; /* Where step_me's instructions begin. */

static void
step_me(uint64_t unused)
{
	(void)unused;
	__asm__ volatile("lea 1f(%%rip), %%rax\n\t"
			 "mov %%rax, %0\n\t"
			 "ud2\n"
			 "1:\tnop\n\t"
			 "nop\n\t"
			 "push %%rax\n\t"
			 "pop %%rax\n\t"
			 "nop"
			 : "=m"(steps)
			 :
			 : "rax", "memory");
	board[0] = 1;
}

/* D4: a debugger steps with the trap flag, which is the process's own then. */
void
test_debug_steps_D4(void)
{
	struct register_set r;
	struct message      m;

	borrower(step_me, 0);
	peer_start(A);
	wait_message(&m);
	OK(process_get_registers(E, &r, sizeof(r), NULL));
	r.regs.rip = steps;
	r.regs.rflags |= FLAG_TF;
	OK(process_set_registers(E, &r, sizeof(r)));
	for (unsigned i = 1; i <= 4; i++) {
		OK(restart_retry(H));
		wait_message(&m);
		CHECK_IS(m.word[1], FAULT_DEBUG);
		CHECK_IS(m.word[4], steps + i);
	}
	OK(process_get_registers(E, &r, sizeof(r), NULL));
	CHECK(r.regs.rflags & FLAG_TF);
	r.regs.rflags &= ~(uint64_t)FLAG_TF;
	OK(process_set_registers(E, &r, sizeof(r)));
	OK(restart_retry(H));
	CHECK_IS(board[0], 1);
}

static void
loads_ss(uint64_t at)
{
	uint64_t after;

	/* The flags that are pushed next are seen before any trap comes. */
	__asm__ volatile("movw (%1), %%ss; pushfq; popq %0"
			 : "=r"(after)
			 : "r"(at)
			 : "memory");
	board[1] = after & FLAG_TF;
	board[0] = 1;
}

/* A load of SS holds the trap back: it is an error, and is not stepped. */
void
test_loan_stack_segment_D4(void)
{
	struct message m;
	uint16_t       ss;
	uint64_t       whole;

	__asm__ volatile("movw %%ss, %0" : "=r"(ss));
	whole = ss;
	borrower(loads_ss, AT);
	set_page(C, 0, whole);
	peer_start(A);
	wait_message(&m);
	CHECK_IS(m.word[1], FAULT_UNMAPPED);
	lend(&m, C);
	CHECK_IS(m.word[1], FAULT_INSTRUCTION);
	CHECK_IS(board[0], 0);
	CHECK_IS(board[1], 0);
}
