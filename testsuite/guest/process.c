/* SPDX-License-Identifier: BSD-2-Clause */
/* Process: control of a process through its capability. */
#include "kernel/abi/process.stub.h"

#include <string.h>

#include "kernel/abi/discrim.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/port_space.stub.h"
#include "kernel/abi/range.stub.h"
#include "kernel/abi/schedule.stub.h"
#include "testsuite/guest/tests.h"

static void
count_up(uint64_t i)
{
	board[i]++;
}

/* Ends waiting for a reply that never comes. */
static void
call_a(uint64_t word)
{
	board[1] = 1 + call1(A, word);
}

void
test_process_registers_caps(void)
{
	peer_new(A, count_up, 0, PRIORITY_HIGH);
	for (unsigned i = 1; i < CAP_REGISTERS; i++) {
		OK(process_get(A, i, B));
		CHECK_IS(kind_of(B), CK_VOID);
	}
	OK(process_swap(A, 15, R_LOG, B));
	CHECK_IS(kind_of(B), CK_VOID);
	OK(process_swap(A, 15, R_CLOCK, B));
	CHECK_IS(kind_of(B), CK_LOG);
	OK(process_get(A, 15, B));
	CHECK_IS(kind_of(B), CK_CLOCK);
	/* Register 0 is void and stays so. */
	CHECK_IS(process_swap(A, 0, R_LOG, B), RC_ARGUMENT);
	OK(process_get(A, 0, B));
	CHECK_IS(kind_of(B), CK_VOID);
	CHECK_IS(process_get(A, SLOT_STATE, B), RC_ARGUMENT);
	CHECK_IS(process_swap(A, SLOT_STATE, 0, B), RC_ARGUMENT);
	CHECK_IS(process_get(A, 22, B), RC_ARGUMENT);
	CHECK_IS(process_get(A, UINT64_MAX, B), RC_ARGUMENT);
	CHECK_IS(call1(A, 0), RC_ORDER);
	CHECK_IS(call1(A, 14), RC_ORDER);
}

void
test_process_slot_kinds(void)
{
	peer_new(A, count_up, 0, PRIORITY_HIGH);
	CHECK_IS(process_swap(A, SLOT_SPACE, R_LOG, B), RC_CAPABILITY);
	CHECK_IS(process_swap(A, SLOT_KEEPER, R_LOG, B), RC_CAPABILITY);
	CHECK_IS(process_swap(A, SLOT_KEEPER, R_EXTRA, B), RC_CAPABILITY);
	CHECK_IS(process_swap(A, SLOT_SCHEDULE, R_LOG, B), RC_CAPABILITY);
	CHECK_IS(process_swap(A, SLOT_IO, R_LOG, B), RC_CAPABILITY);
	for (unsigned i = SLOT_SPACE; i < SLOT_STATE; i++) {
		if (i == SLOT_BRAND)
			continue;
		OK(process_swap(A, i, 0, 0));
		OK(process_get(A, i, B));
		CHECK_IS(kind_of(B), CK_VOID);
	}
	new_page(B);
	OK(process_swap(A, SLOT_SPACE, B, 0));
	OK(process_get(A, SLOT_SPACE, C));
	CHECK(same_cap(B, C));
}

void
test_process_get_set_registers(void)
{
	struct register_set in, out;
	size_t              n = 0;

	peer_new(A, count_up, 0, PRIORITY_HIGH);
	memset(&in, 0, sizeof(in));
	in.regs.r15 = 15;
	in.regs.rbx = UINT64_MAX;
	in.regs.rax = 0x123;
	in.regs.rip = 0x400000;
	in.regs.rsp = 0x500000;
	in.regs.rflags = 0x202;
	in.fs_base = 0x600000;
	in.gs_base = 0x700000;
	OK(process_set_registers(A, &in, sizeof(in)));
	OK(process_get_registers(A, &out, sizeof(out), &n));
	CHECK_IS(n, sizeof(out));
	CHECK_IS(out.regs.r15, 15);
	CHECK_IS(out.regs.rbx, UINT64_MAX);
	CHECK_IS(out.regs.rax, 0x123);
	CHECK_IS(out.regs.rip, 0x400000);
	CHECK_IS(out.regs.rsp, 0x500000);
	CHECK_IS(out.fs_base, 0x600000);
	CHECK_IS(out.gs_base, 0x700000);
	CHECK_IS(process_set_registers(A, &in, 191), RC_STRING);
	CHECK_IS(process_set_registers(A, &in, 193), RC_STRING);
	CHECK_IS(process_set_registers(A, &in, 0), RC_STRING);
}

void
test_process_start_stop(void)
{
	peer_new(A, count_up, 3, PRIORITY_HIGH);
	CHECK_IS(peer_state(A), PS_AVAILABLE);
	OK(process_start(A));
	CHECK_IS(board[3], 1);
	CHECK_IS(peer_state(A), PS_AVAILABLE); /* It has ended. */
	/* A peer below us is running, and stopped before it gets anywhere. */
	peer_new(B, count_up, 4, PRIORITY_LOW);
	OK(process_start(B));
	CHECK_IS(peer_state(B), PS_RUNNING);
	OK(process_start(B)); /* It runs already. */
	OK(process_stop(B));
	CHECK_IS(peer_state(B), PS_AVAILABLE);
	OK(process_stop(B));
	CHECK_IS(board[4], 0);
	OK(process_start(B));
	CHECK_IS(peer_state(B), PS_RUNNING);
}

/* A reply to a process that was stopped is lost. */
void
test_process_stop_waiting(void)
{
	struct message m;

	peer_new(A, call_a, 7, PRIORITY_HIGH);
	self_start(9, B);
	peer_give(A, A, B);
	peer_start(A);
	wait_message(&m);
	CHECK_IS(m.word[0], 7);
	CHECK_IS(peer_state(A), PS_WAITING);
	OK(process_stop(A));
	CHECK_IS(reply1(H, 1), RC_VOID);
	CHECK_IS(board[1], 0);
	/* Started, it goes on behind its call, without an answer. */
	OK(process_start(A));
	CHECK(board[1] != 0);
	CHECK_IS(reply1(H, 1), RC_VOID);
}

void
test_process_make_start(void)
{
	peer_new(A, echo_server, 0, PRIORITY_HIGH);
	peer_start(A);
	CHECK_IS(process_make_start(A, 0x10000, B), RC_ARGUMENT);
	CHECK_IS(process_make_start(A, UINT64_MAX, B), RC_ARGUMENT);
	OK(process_make_start(A, 0xffff, B));
	CHECK_IS(call1(B, 1), 1);
	CHECK_IS(message_data(&seen[0].last), 0xffff);
	CHECK_IS(process_make_notice(A, 64, B), RC_ARGUMENT);
	CHECK_IS(process_make_notice(A, UINT64_MAX, B), RC_ARGUMENT);
}

void
test_process_state(void)
{
	uint64_t state = 9, fault = 9, address = 9, ticks = 9;

	peer_new(A, count_up, 0, PRIORITY_HIGH);
	OK(process_state(A, &state, &fault, &address, &ticks));
	CHECK_IS(state, PS_AVAILABLE);
	CHECK_IS(fault, FAULT_NONE);
	OK(process_state(R_SELF, &state, &fault, NULL, NULL));
	CHECK_IS(state, PS_RUNNING);
}

void
test_process_name(void)
{
	new_page(C);
	peer_new(A, count_up, 0, PRIORITY_HIGH);
	OK(process_name(A, "abcdefghijklmno", 15));
	CHECK_IS(process_name(A, "abcdefghijklmnop", 16), RC_STRING);
	CHECK_IS(process_name(A, "", 0), RC_STRING);
	OK(process_name(A, "x", 1));
}

/* F3: what was made into a process can be reached as such only. */
void
test_process_consumes_F3(void)
{
	new_node(A);
	new_page(B);
	cap_copy(A, C);
	cap_copy(B, D);
	map_window(0, B);
	*(volatile uint64_t *)window(0) = 1;
	OK(node_make_process(A, B, E));
	CHECK_IS(node_clear(A), RC_VOID);
	CHECK_IS(node_get(C, SLOT_STATE, F), RC_VOID);
	CHECK_IS(page_read(B, 0, 8, echo_buffer, 8, NULL), RC_VOID);
	CHECK_IS(page_write(D, 0, "x", 1), RC_VOID);
	/* The mapping went with it; and it cannot be mapped anew. */
	CHECK_IS(probe(window(0), ACCESS_WRITE), FAULT_UNMAPPED);
	CHECK_IS(probe(window(0), ACCESS_READ), FAULT_UNMAPPED);
	/* Nor be made into a second process. */
	new_node(F);
	CHECK_IS(node_make_process(F, B, G), RC_CAPABILITY);
}

/* F3: a non-canonical or kernel program counter never gets into the CPU. */
void
test_process_hostile_rip_F3(void)
{
	static const uint64_t rips[] = {UINT64_C(0x800000000000),
	    UINT64_C(0xffff800000000000), UINT64_C(0xffffffff80000000),
	    UINT64_MAX, UINT64_C(0x7fffffffffff), UINT64_C(0x7ffffffffffe),
	    UINT64_C(0x8000000000000000)};
	struct register_set   r;
	struct message        m;

	peer_new(A, count_up, 0, PRIORITY_HIGH);
	self_start(1, B);
	peer_give(A, SLOT_KEEPER, B);
	for (unsigned i = 0; i < sizeof(rips) / sizeof(rips[0]); i++) {
		memset(&r, 0, sizeof(r));
		r.regs.rip = rips[i];
		r.regs.rsp = rips[i];
		OK(process_set_registers(A, &r, sizeof(r)));
		OK(process_start(A));
		wait_message(&m);
		CHECK_IS(message_data(&m), 1);
		CHECK(m.word[4] < UINT64_C(0x800000000000));
	}
}

/*
 * F3: one that waits in the last instruction that there can be goes on behind
 * it, which is a fault; and it has the words of the message that came.
 */
void
test_process_top_rip_F3(void)
{
	static const uint8_t syscall[] = {0x0f, 0x05};
	struct register_set  r = {
	     .regs.rip = UINT64_C(0x7ffffffffffe),
	     .regs.rax = control_make(INVOKE_RETURN, 0),
	};
	struct message m;

	new_page(B);
	OK(page_write(B, PAGE_SIZE - sizeof(syscall), syscall,
	    sizeof(syscall)));
	OK(page_restrict(B, CR_READ_ONLY, B));
	for (unsigned span = 17; span <= 47; span += NODE_SHIFT) {
		new_node(C);
		OK(node_segment(C, span, C));
		OK(node_swap(C, NODE_SLOTS - 1, B, 0));
		cap_copy(C, B);
	}
	peer_new(A, count_up, 0, PRIORITY_HIGH);
	self_start(1, C);
	peer_give(A, SLOT_KEEPER, C);
	peer_give(A, SLOT_SPACE, B);
	OK(process_set_registers(A, &r, sizeof(r)));
	OK(process_start(A));
	CHECK_IS(peer_state(A), PS_AVAILABLE);
	start_of(A, 0, C);
	peer_new(D, call_a, 77, PRIORITY_HIGH);
	peer_give(D, A, C);
	peer_start(D);
	wait_message(&m);
	CHECK_IS(message_data(&m), 1);
	CHECK_IS(m.word[1], FAULT_PROTECTION);
	CHECK_IS(m.word[4], UINT64_C(0x800000000000));
	OK(process_get_registers(A, &r, sizeof(r), NULL));
	CHECK_IS(r.regs.rdi, 77);
	CHECK_IS(r.regs.rax & RESULT_SOURCE_MASK, FROM_CALL);
}

/* F3: selectors and flags are the kernel's. */
void
test_process_hostile_flags_F3(void)
{
	struct register_set r, out;
	struct message      m;

	peer_new(A, call_a, 0, PRIORITY_HIGH);
	self_start(1, B);
	peer_give(A, A, B);
	OK(process_get_registers(A, &r, sizeof(r), NULL));
	r.regs.cs = 0x08;
	r.regs.ss = 0x10;
	r.regs.rflags = UINT64_MAX & ~UINT64_C(0x100); /* But for TF. */
	r.regs.trap = 0x100;
	r.regs.error = UINT64_MAX;
	r.fs_base |= UINT64_C(0xffff) << 48;
	r.gs_base = UINT64_MAX;
	OK(process_set_registers(A, &r, sizeof(r)));
	OK(process_start(A));
	wait_message(&m); /* It ran, in user mode. */
	CHECK_IS(message_data(&m), 1);
	OK(process_get_registers(A, &out, sizeof(out), NULL));
	CHECK_IS(out.regs.cs & 3, 3);
	CHECK_IS(out.regs.ss & 3, 3);
	CHECK_IS(out.regs.rflags & 0x3000, 0);    /* IOPL */
	CHECK_IS(out.regs.rflags & 0x4000, 0);    /* NT */
	CHECK_IS(out.regs.rflags & 0x20000, 0);   /* VM */
	CHECK_IS(out.regs.rflags & 0x200, 0x200); /* IF */
	CHECK_IS(out.regs.rflags & 0x180000, 0);  /* VIF, VIP */
}

/* What a process may and may not do to itself. */
void
test_process_self(void)
{
	struct register_set r;
	size_t              n = 0;

	OK(process_get_registers(R_SELF, &r, sizeof(r), &n));
	CHECK_IS(n, sizeof(r));
	CHECK_IS(process_set_registers(R_SELF, &r, sizeof(r)), RC_BUSY);
	CHECK_IS(process_stop(R_SELF), RC_BUSY);
	OK(process_start(R_SELF));
	OK(process_name(R_SELF, "worker", 6));
}

/* A new space takes effect at once, also one's own. */
void
test_process_own_space(void)
{
	OK(process_get(R_SELF, SLOT_SPACE, A));
	new_node(B);
	OK(node_segment(B, 32, B));
	OK(node_copy(B, A));
	new_page(C);
	OK(page_write(C, 0, "new", 3));
	OK(node_swap(B, WINDOW_FIRST, C, 0));
	OK(process_swap(R_SELF, SLOT_SPACE, B, 0));
	CHECK_IS(*(volatile uint8_t *)window(0), 'n');
	OK(process_swap(R_SELF, SLOT_SPACE, A, 0));
	CHECK_IS(probe(window(0), ACCESS_READ), FAULT_UNMAPPED);
}

/* Without a space a process faults at its first instruction. */
void
test_process_void_space(void)
{
	struct message m;

	peer_new(A, count_up, 0, PRIORITY_HIGH);
	self_start(1, B);
	peer_give(A, SLOT_KEEPER, B);
	peer_give(A, SLOT_SPACE, 0);
	OK(process_start(A));
	wait_message(&m);
	CHECK_IS(m.word[1], FAULT_UNMAPPED);
	CHECK_IS(m.word[2], (uintptr_t)count_up);
	CHECK_IS(m.word[3], ACCESS_EXECUTE);
	CHECK_IS(board[0], 0);
}

static void
float_up(uint64_t i)
{
	volatile double x = 1.5;

	for (unsigned k = 0; k < 50; k++) {
		__asm__ volatile("movq %0, %%xmm7" : : "r"(i + k) : "xmm7");
		x = x + (double)i;
		call1(A, i); /* Others use the registers meanwhile. */
		{
			uint64_t back;

			__asm__ volatile("movq %%xmm7, %0" : "=r"(back));
			if (back != i + k)
				board[8] = 1;
		}
	}
	board[i] = (uint64_t)x;
}

/* Vector registers belong to their process. */
void
test_process_vector_state(void)
{
	peer_new(A, echo_server, 0, PRIORITY_HIGH);
	peer_start(A);
	start_of(A, 0, B);
	peer_new(C, float_up, 2, PRIORITY_LOW);
	peer_new(D, float_up, 3, PRIORITY_LOW);
	peer_give(C, A, B);
	peer_give(D, A, B);
	peer_start(C);
	peer_start(D);
	WAIT_FOR(board[2] != 0 && board[3] != 0);
	CHECK_IS(board[2], 101);
	CHECK_IS(board[3], 151);
	CHECK_IS(board[8], 0);
}

/* process.brand.1: put in once, compared by who holds it, fetched by nobody. */
void
test_process_brand(void)
{
	uint64_t same = 2;

	peer_new(A, NULL, 0, PRIORITY_LOW);
	new_node(B);
	start_of(A, 7, C);
	OK(discrim_branded(R_DISCRIM, A, B, &same));
	CHECK_IS(same, 0);
	OK(discrim_branded(R_DISCRIM, A, 0, &same));
	CHECK_IS(same, 0); /* Nothing bears void. */
	CHECK_IS(process_get(A, SLOT_BRAND, D), RC_RIGHTS);
	OK(process_swap(A, SLOT_BRAND, 0, 0));
	OK(process_swap(A, SLOT_BRAND, B, D));
	CHECK_IS(kind_of(D), CK_VOID);
	CHECK_IS(process_get(A, SLOT_BRAND, D), RC_RIGHTS);
	CHECK_IS(process_swap(A, SLOT_BRAND, 0, D), RC_STATE);
	CHECK_IS(process_swap(A, SLOT_BRAND, B, D), RC_STATE);
	CHECK_IS(kind_of(D), CK_VOID);
	OK(discrim_branded(R_DISCRIM, A, B, &same));
	CHECK_IS(same, 1);
	OK(discrim_branded(R_DISCRIM, C, B, &same));
	CHECK_IS(same, 1); /* By a start capability, too. */
	OK(node_restrict(B, CR_READ_ONLY, D));
	OK(discrim_branded(R_DISCRIM, A, D, &same));
	CHECK_IS(same, 0);
	new_node(D);
	OK(discrim_branded(R_DISCRIM, A, D, &same));
	CHECK_IS(same, 0);
	OK(discrim_branded(R_DISCRIM, R_SELF, B, &same));
	CHECK_IS(same, 0);
	OK(discrim_branded(R_DISCRIM, B, B, &same));
	CHECK_IS(same, 0);
	OK(discrim_branded(R_DISCRIM, 0, B, &same));
	CHECK_IS(same, 0);
	peer_destroy(A);
	OK(discrim_branded(R_DISCRIM, C, B, &same));
	CHECK_IS(same, 0);
}
