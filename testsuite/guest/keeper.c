/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults, and the keepers that hear of them (D4). */
#include "kernel/abi/process.h"

#include "kernel/abi/discrim.stub.h"
#include "kernel/abi/guard.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/restart.order.h"
#include "kernel/abi/restart.stub.h"
#include "testsuite/guest/tests.h"

void ant_invoke_int80(void);

static void
fault_by(uint64_t how)
{
	switch (how) {
	case 0:
		__asm__ volatile("xor %%eax, %%eax; cltd; idivl %%eax" ::
				     : "eax", "edx", "cc");
		break;
	case 1:
		__asm__ volatile("ud2");
		break;
	case 2:
		__asm__ volatile("int3");
		break;
	case 3:
		__asm__ volatile("hlt");
		break;
	case 4:
		__asm__ volatile("mov %0, %%rax; mov (%%rax), %%rax"
				 :
				 : "r"(UINT64_C(0x123456789abcdef0))
				 : "rax");
		break;
	case 5:
		__asm__ volatile("in $0x60, %%al" ::: "eax");
		break;
	case 6:
		ant_invoke_int80();
		break;
	case 7:
		__asm__ volatile("pushf; orq $0x100, (%%rsp); popf; nop" ::
				     : "cc", "memory");
		break;
	case 8:
		__asm__ volatile("cli");
		break;
	case 9:
		__asm__ volatile("mov %%rax, %%cr3" ::: "memory");
		break;
	case 10:
		__asm__ volatile("int $0x20");
		break;
	default:
		break;
	}
	board[0]++;
}

/* A peer in A that will fault; the worker is its keeper. */
static void
faulter(void (*fn)(uint64_t), uint64_t argument)
{
	peer_new(A, fn, argument, PRIORITY_HIGH);
	self_start(0x66, B);
	peer_give(A, SLOT_KEEPER, B);
}

void
test_keeper_exceptions_D4(void)
{
	static const struct {
		unsigned        how;
		enum fault_code code;
	} want[] = {{0, FAULT_DIVIDE}, {1, FAULT_INSTRUCTION},
	    {2, FAULT_BREAKPOINT}, {3, FAULT_PROTECTION}, {4, FAULT_PROTECTION},
	    {5, FAULT_PROTECTION}, {6, FAULT_PROTECTION}, {7, FAULT_DEBUG},
	    {8, FAULT_PROTECTION}, {9, FAULT_PROTECTION},
	    {10, FAULT_PROTECTION}};
	struct message m;

	for (unsigned i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		if (i == 0) {
			faulter(fault_by, want[0].how);
			peer_start(A);
		} else {
			peer_rerun(A, fault_by, want[i].how);
		}
		wait_message(&m);
		CHECK_IS(message_source(&m), FROM_CALL);
		CHECK_IS(message_data(&m), 0x66);
		CHECK_IS(m.word[0], KEEPER_PROCESS);
		CHECK_IS(m.word[1], want[i].code);
		CHECK_IS(m.word[2], m.word[4]);
		CHECK_IS(peer_state(A), PS_WAITING);
		CHECK_IS(peer_fault(A), want[i].code);
		CHECK_IS(board[0], 0);
		CHECK_IS(kind_of(E), CK_PROCESS);
		CHECK_IS(kind_of(H), CK_RESTART);
	}
}

/* The keeper may mend the process with its capability, and let it go on. */
void
test_keeper_mends(void)
{
	struct register_set r;
	struct message      m;

	faulter(fault_by, 1);
	peer_start(A);
	wait_message(&m);
	CHECK(same_cap(E, A));
	OK(process_get_registers(E, &r, sizeof(r), NULL));
	CHECK_IS(r.regs.rip, m.word[4]);
	r.regs.rip += 2; /* ud2 */
	OK(process_set_registers(E, &r, sizeof(r)));
	OK(restart_retry(H));
	CHECK_IS(board[0], 1);
	CHECK_IS(peer_fault(A), FAULT_NONE);
	CHECK_IS(restart_retry(H), RC_VOID); /* Once. */
}

/* Opaque: the keeper gets no process capability. */
void
test_keeper_opaque(void)
{
	struct message m;

	faulter(fault_by, 1);
	extra(X_NO_CALL, C); /* Some other start: not of ours. */
	peer_start(A);
	wait_message(&m);
	CHECK(message_has_cap(&m, 0));
	CHECK(message_has_cap(&m, 3));
	CHECK(!message_has_cap(&m, 1));
	CHECK(!message_has_cap(&m, 2));
}

void
test_keeper_kill(void)
{
	struct message m;

	faulter(fault_by, 1);
	peer_start(A);
	wait_message(&m);
	OK(restart_kill(H));
	CHECK_IS(restart_retry(H), RC_VOID);
	CHECK_IS(restart_kill(H), RC_VOID);
	CHECK_IS(peer_state(A), PS_WAITING);
	CHECK_IS(peer_fault(A), FAULT_INSTRUCTION);
	CHECK_IS(board[0], 0);
	peer_rerun(A, fault_by, 99); /* Who holds the process still may. */
	CHECK_IS(board[0], 1);
}

/* A restart capability is no resume, and answers nothing else. */
void
test_keeper_restart_orders(void)
{
	struct message m;

	faulter(fault_by, 1);
	peer_start(A);
	wait_message(&m);
	CHECK_IS(call1(H, RESTART_ANSWER + 1), RC_ORDER);
	CHECK_IS(call1(H, UINT64_MAX), RC_ORDER);
	CHECK_IS(kind_of(H), CK_RESTART);
	CHECK_IS(peer_fault(A), FAULT_INSTRUCTION);
	peer_destroy(A);
	CHECK_IS(restart_retry(H), RC_VOID);
}

void
test_keeper_none(void)
{
	peer_spawn(A, fault_by, 1, PRIORITY_HIGH);
	CHECK_IS(peer_state(A), PS_WAITING);
	CHECK_IS(peer_fault(A), FAULT_INSTRUCTION);
	CHECK_IS(board[0], 0);
	/* Its keeper is dead, or itself: the same. */
	peer_new(B, fault_by, 1, PRIORITY_HIGH);
	start_of(A, 0, C);
	peer_give(B, SLOT_KEEPER, C);
	peer_destroy(A);
	peer_start(B);
	CHECK_IS(peer_fault(B), FAULT_INSTRUCTION);
	start_of(B, 0, C);
	peer_give(B, SLOT_KEEPER, C);
	peer_rerun(B, fault_by, 0);
	CHECK_IS(peer_fault(B), FAULT_DIVIDE);
}

/* While the keeper is busy the instruction waits with it. */
void
test_keeper_busy_D4(void)
{
	struct message m;

	faulter(fault_by, 1);
	peer_start(A); /* We are its keeper, and busy. */
	CHECK_IS(peer_state(A), PS_RUNNING);
	CHECK_IS(peer_fault(A), FAULT_NONE);
	wait_message(&m);
	CHECK_IS(m.word[1], FAULT_INSTRUCTION);
	CHECK_IS(peer_state(A), PS_WAITING);
}

static void
touch(uint64_t at)
{
	volatile uint8_t *p = (volatile uint8_t *)(uintptr_t)at;

	board[0] = *p;
	p[1] = 8;
	board[1] = 1;
}

/* A process keeper that maps what is missing; the access is repeated. */
void
test_keeper_maps(void)
{
	struct message m;

	faulter(touch, (uintptr_t)window(2) + 3);
	peer_start(A);
	wait_message(&m);
	CHECK_IS(m.word[0], KEEPER_PROCESS);
	CHECK_IS(m.word[1], FAULT_UNMAPPED);
	CHECK_IS(m.word[2], (uintptr_t)window(2) + 3);
	CHECK_IS(m.word[3], ACCESS_READ);
	new_page(C);
	OK(page_write(C, 3, "k", 1));
	OK(page_restrict(C, CR_READ_ONLY, D));
	map_window(2, D);
	m.control = control_make(INVOKE_RETURN, H) | CONTROL_RECEIVE(3, H);
	m.word[0] = RESTART_RETRY;
	ant_invoke(&m); /* The answer, and at once the next fault. */
	CHECK_IS(board[0], 'k');
	CHECK_IS(m.word[1], FAULT_ACCESS);
	CHECK_IS(m.word[2], (uintptr_t)window(2) + 4);
	CHECK_IS(m.word[3], ACCESS_WRITE);
	map_window(2, C);
	OK(restart_retry(H));
	CHECK_IS(board[1], 1);
}

/* A guard in window 0 over a node in B; the guard itself in C. */
static void
guarded_window(void)
{
	new_node(B);
	OK(node_segment(B, 22, B));
	new_node(C);
	OK(node_make_guard(C, 22, C));
	OK(guard_swap(C, 0, B, 0));
	self_start(0x77, R_RT);
	OK(guard_swap(C, 1, R_RT, 0));
	OK(guard_restrict(C, CR_OPAQUE, D));
	map_window(0, D);
}

static void
fill(uint64_t at)
{
	for (unsigned i = 0; i < 8; i++)
		((volatile uint8_t *)(uintptr_t)at)[i * PAGE_SIZE] = 1;
	board[0] = 1;
}

/* Demand zero by a segment keeper: no process capability is needed. */
void
test_keeper_segment_demand_zero_D4(void)
{
	struct message m;
	unsigned       faults = 0;

	guarded_window();
	new_node(E);
	OK(node_swap(B, 0, E, 0));
	OK(node_swap(R_EXTRA, X_SPARE, E, 0));
	peer_new(A, fill, (uintptr_t)window(0) + 2 * PAGE_SIZE, PRIORITY_HIGH);
	peer_start(A);
	m.control = control_make(INVOKE_RETURN, 0);
	while (board[0] == 0 && faults < 9) {
		m.control |= CONTROL_RECEIVE(0, E) | CONTROL_RECEIVE(3, H);
		ant_invoke(&m);
		CHECK_IS(message_data(&m), 0x77);
		CHECK_IS(m.word[0], KEEPER_SEGMENT);
		CHECK_IS(m.word[1], FAULT_UNMAPPED);
		CHECK_IS(m.word[2], (uint64_t)(2 + faults) * PAGE_SIZE);
		CHECK_IS(m.word[3], ACCESS_WRITE);
		CHECK(same_cap(E, C)); /* The guard, not opaque. */
		new_page(F);
		OK(node_get(R_EXTRA, X_SPARE, G));
		OK(node_swap(G, 2 + faults, F, 0));
		faults++;
		if (faults == 8) {
			OK(restart_retry(H));
			break;
		}
		m.control = control_make(INVOKE_RETURN, H);
		m.word[0] = RESTART_RETRY;
	}
	CHECK_IS(faults, 8);
	CHECK_IS(board[0], 1);
}

/* The innermost guard's keeper hears of it, with its own offset. */
void
test_keeper_segment_innermost_D4(void)
{
	struct message m;

	guarded_window();
	new_node(E);
	OK(node_make_guard(E, 17, E));
	new_node(F);
	OK(guard_swap(E, 0, F, 0));
	self_start(0x78, R_RT);
	OK(guard_swap(E, 1, R_RT, 0));
	OK(node_swap(B, 3, E, 0)); /* 3 x 2^17 within the outer one. */
	peer_spawn(A, touch, (uintptr_t)window(0) + 3 * 131072 + 4096 + 9,
	    PRIORITY_HIGH);
	wait_message(&m);
	CHECK_IS(message_data(&m), 0x78);
	CHECK_IS(m.word[0], KEEPER_SEGMENT);
	CHECK_IS(m.word[2], 4096 + 9);
	OK(restart_kill(H));
	peer_rerun(A, touch, (uintptr_t)window(0) + 4 * 131072);
	wait_message(&m);
	CHECK_IS(message_data(&m), 0x77);
	CHECK_IS(m.word[2], 4 * 131072);
}

/* Beyond what a guard covers its keeper has no say. */
void
test_keeper_segment_beyond(void)
{
	struct message m;

	guarded_window();
	faulter(touch, (uintptr_t)window(0) + (1 << 22));
	peer_start(A);
	wait_message(&m);
	CHECK_IS(message_data(&m), 0x66);
	CHECK_IS(m.word[0], KEEPER_PROCESS);
	CHECK_IS(m.word[1], FAULT_UNMAPPED);
}

/* A write to a read-only page in a guarded segment: copy on write. */
void
test_keeper_segment_write(void)
{
	struct message m;

	guarded_window();
	new_node(E);
	new_page(F);
	OK(page_write(F, 0, "o", 1));
	OK(page_restrict(F, CR_READ_ONLY, G));
	OK(node_swap(E, 0, G, 0));
	OK(node_swap(B, 0, E, 0));
	OK(node_swap(R_EXTRA, X_SPARE, E, 0));
	peer_spawn(A, touch, (uintptr_t)window(0), PRIORITY_HIGH);
	wait_message(&m);
	CHECK_IS(board[0], 'o');
	CHECK_IS(m.word[0], KEEPER_SEGMENT);
	CHECK_IS(m.word[1], FAULT_ACCESS);
	CHECK_IS(m.word[2], 1);
	CHECK_IS(m.word[3], ACCESS_WRITE);
	OK(node_get(R_EXTRA, X_SPARE, E));
	OK(node_get(E, 0, F));
	new_page(G);
	OK(page_copy(G, F));
	OK(node_swap(E, 0, G, 0));
	OK(restart_retry(H));
	CHECK_IS(board[1], 1);
	OK(page_read(G, 0, 2, echo_buffer, 2, NULL));
	CHECK_IS(echo_buffer[0], 'o');
	CHECK_IS(echo_buffer[1], 8);
	OK(page_read(F, 0, 2, echo_buffer, 2, NULL));
	CHECK_IS(echo_buffer[1], 0);
}

/* guard.open.1: a keeper opens what it keeps; nobody else, and not more. */
void
test_guard_open(void)
{
	uint64_t rights = 0;

	guarded_window();
	CHECK_IS(guard_get(D, 0, E), RC_RIGHTS);
	self_start(0x76, E);
	CHECK_IS(guard_open(D, E, F), RC_RIGHTS);
	peer_new(A, fill, 0, PRIORITY_LOW);
	start_of(A, 0x77, E);
	CHECK_IS(guard_open(D, E, F), RC_RIGHTS);
	CHECK_IS(kind_of(F), CK_VOID);
	self_start(0x77, E);
	OK(guard_open(D, E, F));
	CHECK(same_cap(F, C));
	OK(guard_get(F, 0, G));
	CHECK(same_cap(G, B));
	/* A weak one stays weak. */
	OK(guard_restrict(D, CR_WEAK, D));
	OK(guard_open(D, E, F));
	OK(discrim_classify(R_DISCRIM, F, NULL, &rights, NULL));
	CHECK_IS(rights, CR_WEAK);
	OK(guard_swap(C, 1, 0, 0));
	CHECK_IS(guard_open(D, E, F), RC_RIGHTS);
}
