/* SPDX-License-Identifier: BSD-2-Clause */
/* Address spaces: trees of nodes with pages as leaves. */
#include <string.h>

#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/range.stub.h"
#include "testsuite/guest/tests.h"

static volatile uint8_t *
byte(unsigned i, uint64_t offset)
{
	return (volatile uint8_t *)window(i) + offset;
}

void
test_space_page(void)
{
	new_page(A);
	OK(page_write(A, 5, "q", 1));
	map_window(0, A);
	CHECK_IS(*byte(0, 5), 'q');
	*byte(0, 6) = 'r';
	OK(page_read(A, 6, 1, echo_buffer, 1, NULL));
	CHECK_IS(echo_buffer[0], 'r');
	/* A smaller segment in a larger slot: behind it is nothing. */
	CHECK_IS(probe(byte(0, 4096), ACCESS_READ), FAULT_UNMAPPED);
	CHECK_IS(probe(byte(0, 1 << 22), ACCESS_READ), FAULT_UNMAPPED);
	CHECK_IS(probe(byte(0, 4095), ACCESS_READ), FAULT_NONE);
}

/* A slot that changes takes effect before the call returns. */
void
test_space_unmap(void)
{
	new_page(A);
	new_page(B);
	OK(page_write(A, 0, "a", 1));
	OK(page_write(B, 0, "b", 1));
	for (unsigned i = 0; i < 4; i++) {
		map_window(0, A);
		CHECK_IS(*byte(0, 0), 'a');
		map_window(0, B);
		CHECK_IS(*byte(0, 0), 'b');
	}
	map_window(0, 0);
	CHECK_IS(probe(window(0), ACCESS_READ), FAULT_UNMAPPED);
	CHECK_IS(probe_fault.word[2], (uintptr_t)window(0));
}

/* F2: a rescinded page is unmapped everywhere at once. */
void
test_space_rescind_F2(void)
{
	uint64_t at = new_frame();

	OK(range_page(R_RANGE, at, A));
	map_window(0, A);
	map_window(1, A);
	*byte(0, 0) = 1;
	CHECK_IS(*byte(1, 0), 1);
	OK(range_rescind(R_RANGE, at, OID_INDEX_FRAME));
	CHECK_IS(probe(window(0), ACCESS_READ), FAULT_UNMAPPED);
	CHECK_IS(probe(window(1), ACCESS_WRITE), FAULT_UNMAPPED);
	OK(range_page(R_RANGE, at, A)); /* The new page is another. */
	CHECK_IS(probe(window(0), ACCESS_READ), FAULT_UNMAPPED);
	map_window(0, A);
	CHECK_IS(*byte(0, 0), 0);
	OK(range_free(R_RANGE, at));
	CHECK_IS(probe(window(0), ACCESS_READ), FAULT_UNMAPPED);
}

/* A rescinded node takes all below with it, and no more. */
void
test_space_rescind_node_F2(void)
{
	uint64_t at = new_frame();

	new_page(A);
	OK(range_node(R_RANGE, at, 0, B));
	OK(node_swap(B, 2, A, 0));
	map_window(0, B);
	map_window(1, A);
	*byte(0, 2 * PAGE_SIZE) = 4;
	CHECK_IS(*byte(1, 0), 4);
	OK(range_rescind(R_RANGE, at, 0));
	CHECK_IS(probe(byte(0, 2 * PAGE_SIZE), ACCESS_READ), FAULT_UNMAPPED);
	CHECK_IS(*byte(1, 0), 4);
}

void
test_space_read_only(void)
{
	new_page(A);
	OK(page_restrict(A, CR_READ_ONLY, B));
	map_window(0, B);
	CHECK_IS(probe(window(0), ACCESS_READ), FAULT_NONE);
	CHECK_IS(probe(window(0), ACCESS_WRITE), FAULT_ACCESS);
	CHECK_IS(probe_fault.word[2], (uintptr_t)window(0));
	/* By a node on the way. */
	new_node(B);
	OK(node_swap(B, 0, A, 0));
	OK(node_restrict(B, CR_READ_ONLY, C));
	map_window(0, C);
	CHECK_IS(probe(window(0), ACCESS_READ), FAULT_NONE);
	CHECK_IS(probe(window(0), ACCESS_WRITE), FAULT_ACCESS);
	map_window(0, B);
	CHECK_IS(probe(window(0), ACCESS_WRITE), FAULT_NONE);
	/* Both ways at once: S1, two tables of one node. */
	map_window(1, C);
	CHECK_IS(probe(window(1), ACCESS_WRITE), FAULT_ACCESS);
	CHECK_IS(probe(window(0), ACCESS_WRITE), FAULT_NONE);
	/* S15: weak is read-only, too. */
	OK(node_restrict(B, CR_WEAK, C));
	map_window(2, C);
	CHECK_IS(probe(window(2), ACCESS_READ), FAULT_NONE);
	CHECK_IS(probe(window(2), ACCESS_WRITE), FAULT_ACCESS);
}

/* S15: executable only what is read-only and not no-execute. */
void
test_space_execute_S15(void)
{
	new_page(A);
	OK(page_write(A, 0, "\xc3", 1)); /* ret */
	map_window(0, A);
	CHECK_IS(probe(window(0), ACCESS_EXECUTE), FAULT_ACCESS);
	OK(page_restrict(A, CR_READ_ONLY, B));
	map_window(1, B);
	CHECK_IS(probe(window(1), ACCESS_EXECUTE), FAULT_NONE);
	CHECK_IS(probe(window(1), ACCESS_WRITE), FAULT_ACCESS);
	/* The writable mapping of the same page stays unexecutable. */
	CHECK_IS(probe(window(0), ACCESS_WRITE), FAULT_NONE);
	CHECK_IS(probe(window(0), ACCESS_EXECUTE), FAULT_ACCESS);
	CHECK_IS(probe(window(1), ACCESS_EXECUTE), FAULT_NONE);
	OK(page_restrict(A, CR_READ_ONLY | CR_NO_EXECUTE, C));
	map_window(2, C);
	CHECK_IS(probe(window(2), ACCESS_READ), FAULT_NONE);
	CHECK_IS(probe(window(2), ACCESS_EXECUTE), FAULT_ACCESS);
	/* Taken away on the way. */
	new_node(C);
	OK(node_swap(C, 0, B, 0));
	OK(node_restrict(C, CR_NO_EXECUTE, E));
	map_window(3, E);
	CHECK_IS(probe(window(3), ACCESS_EXECUTE), FAULT_ACCESS);
	map_window(3, C);
	CHECK_IS(probe(window(3), ACCESS_EXECUTE), FAULT_NONE);
	/* Written by another name, it is still the same code. */
	*byte(0, 0) = 0x90;
	*byte(0, 1) = 0xc3;
	CHECK_IS(probe(window(1), ACCESS_EXECUTE), FAULT_NONE);
}

/* S1: a child's span is at most its slot's. */
void
test_space_span_S1(void)
{
	new_page(A);
	new_node(B);
	OK(node_swap(B, 0, A, 0));
	new_node(C);
	OK(node_swap(C, 0, B, 0)); /* 17 bits in slots of 12. */
	map_window(0, C);
	CHECK_IS(probe(window(0), ACCESS_READ), FAULT_MALFORMED);
	OK(node_segment(C, 22, C));
	map_window(0, C);
	CHECK_IS(probe(window(0), ACCESS_READ), FAULT_NONE);
	OK(node_segment(C, 40, C)); /* Larger than the root's slots. */
	map_window(0, C);
	CHECK_IS(probe(window(0), ACCESS_READ), FAULT_MALFORMED);
	OK(node_segment(B, 16, B)); /* Slots smaller than a page. */
	map_window(0, B);
	CHECK_IS(probe(window(0), ACCESS_READ), FAULT_MALFORMED);
	OK(node_segment(B, 1, B));
	map_window(0, B);
	CHECK_IS(probe(window(0), ACCESS_READ), FAULT_MALFORMED);
}

/* S1: one node with two spans is two segments. */
void
test_space_two_spans_S1(void)
{
	new_page(A);
	new_page(B);
	OK(page_write(A, 0, "a", 1));
	OK(page_write(B, 0, "b", 1));
	new_node(C);
	OK(node_swap(C, 0, A, 0));
	OK(node_swap(C, 1, B, 0));
	OK(node_segment(C, 22, E));
	map_window(0, C);
	map_window(1, E);
	CHECK_IS(*byte(0, 0), 'a');
	CHECK_IS(*byte(0, PAGE_SIZE), 'b');
	CHECK_IS(*byte(1, 0), 'a');
	CHECK_IS(*byte(1, 1 << 17), 'b');
	CHECK_IS(probe(byte(1, PAGE_SIZE), ACCESS_READ), FAULT_UNMAPPED);
	CHECK_IS(probe(byte(0, 1 << 17), ACCESS_READ), FAULT_UNMAPPED);
	OK(node_swap(C, 1, A, 0)); /* Both see the change. */
	CHECK_IS(*byte(0, PAGE_SIZE), 'a');
	CHECK_IS(*byte(1, 1 << 17), 'a');
}

/* A node that holds itself: the walk ends, as malformed or as nothing. */
void
test_space_loop_S1(void)
{
	new_node(A);
	OK(node_segment(A, 27, B));
	for (unsigned i = 0; i < NODE_SLOTS; i++)
		OK(node_swap(A, i, B, 0));
	map_window(0, B);
	CHECK_IS(probe(window(0), ACCESS_READ), FAULT_MALFORMED);
	for (unsigned i = 0; i < NODE_SLOTS; i++)
		OK(node_swap(A, i, A, 0)); /* Of 17 bits. */
	map_window(0, B);
	CHECK_IS(probe(window(0), ACCESS_READ), FAULT_MALFORMED);
}

/* Guards without end keep the span: their number is bounded. */
void
test_space_guard_loop_S1(void)
{
	new_node(A);
	OK(node_make_guard(A, 27, A));
	{
		struct message m = {
		    .control = control_make(INVOKE_CALL, A) |
			CONTROL_SEND(0, A),
		    .word = {2, 0}, /* guard.swap */
		};

		ant_invoke(&m);
		CHECK_IS(m.word[0], RC_OK);
	}
	map_window(0, A);
	CHECK_IS(probe(window(0), ACCESS_READ), FAULT_MALFORMED);
}

/* What is no segment. */
void
test_space_not_segment(void)
{
	map_window(0, R_LOG);
	CHECK_IS(probe(window(0), ACCESS_READ), FAULT_MALFORMED);
	map_window(0, R_SELF);
	CHECK_IS(probe(window(0), ACCESS_WRITE), FAULT_MALFORMED);
	extra(X_NUMBER, A);
	map_window(0, A);
	CHECK_IS(probe(window(0), ACCESS_READ), FAULT_MALFORMED);
}

/* Through weak nodes only pages and nodes are reached (S15). */
void
test_space_weak_S15(void)
{
	new_page(A);
	new_node(B);
	OK(node_make_guard(B, 22, B));
	{
		struct message m = {
		    .control = control_make(INVOKE_CALL, B) |
			CONTROL_SEND(0, A),
		    .word = {2, 0},
		};

		ant_invoke(&m);
		CHECK_IS(m.word[0], RC_OK);
	}
	new_node(C);
	OK(node_segment(C, 27, C));
	OK(node_swap(C, 0, B, 0));
	map_window(0, C);
	CHECK_IS(probe(window(0), ACCESS_READ), FAULT_NONE);
	OK(node_restrict(C, CR_WEAK, C));
	map_window(0, C);
	CHECK_IS(probe(window(0), ACCESS_READ), FAULT_UNMAPPED);
}

static void
own_space(uint64_t at)
{
	board[0] = *(volatile uint8_t *)(uintptr_t)at;
}

/* A page can be the whole space. */
void
test_space_page_root(void)
{
	/* mov $0x5a, %al; ud2, at address 0. */
	static const uint8_t code[] = {0xb0, 0x5a, 0x0f, 0x0b};
	struct register_set  r;
	struct message       m;

	peer_new(A, own_space, 0, PRIORITY_HIGH);
	new_page(B);
	OK(page_write(B, 0, code, sizeof(code)));
	OK(page_restrict(B, CR_READ_ONLY, B));
	peer_give(A, SLOT_SPACE, B);
	self_start(1, C);
	peer_give(A, SLOT_KEEPER, C);
	memset(&r, 0, sizeof(r));
	OK(process_set_registers(A, &r, sizeof(r)));
	OK(process_start(A));
	wait_message(&m);
	CHECK_IS(m.word[1], FAULT_INSTRUCTION);
	CHECK_IS(m.word[4], 2);
	OK(process_get_registers(A, &r, sizeof(r), NULL));
	CHECK_IS(r.regs.rax, 0x5a);
}

/* Shared subtrees, one page changed in one space only. */
void
test_space_two_spaces(void)
{
	new_page(B);
	new_page(C);
	OK(page_write(B, 0, "b", 1));
	OK(page_write(C, 0, "c", 1));
	peer_new(A, own_space, (uintptr_t)window(0), PRIORITY_HIGH);
	OK(process_get(R_SELF, SLOT_SPACE, E));
	map_window(0, B);
	new_node(F);
	OK(node_segment(F, 32, F));
	OK(node_copy(F, E));
	OK(node_swap(F, WINDOW_FIRST, C, 0));
	peer_give(A, SLOT_SPACE, F);
	peer_start(A);
	CHECK_IS(board[0], 'c');
	CHECK_IS(*byte(0, 0), 'b');
	OK(node_swap(F, WINDOW_FIRST, B, 0));
	peer_rerun(A, own_space, (uintptr_t)window(0));
	CHECK_IS(board[0], 'b');
	/* The space dies under it. */
	{
		uint64_t at = 0, index = 0;

		OK(range_identify(R_RANGE, F, &at, &index, NULL));
		OK(range_rescind(R_RANGE, at, index));
	}
	peer_rerun(A, own_space, (uintptr_t)window(0));
	CHECK_IS(peer_fault(A), FAULT_UNMAPPED);
}

/* More pages than one table, written and read back. */
void
test_space_many_pages(void)
{
	enum { PAGES = 96 };
	uint64_t first = 0;

	new_node(A);
	OK(node_segment(A, 22, A));
	for (unsigned k = 0; k < PAGES / NODE_SLOTS; k++) {
		new_node(B);
		OK(node_swap(A, k * 10, B, 0));
		for (unsigned i = 0; i < NODE_SLOTS; i++) {
			new_page(C);
			OK(node_swap(B, i, C, 0));
		}
	}
	map_window(0, A);
	for (unsigned i = 0; i < PAGES; i++)
		*(volatile uint64_t *)byte(
		    0, (uint64_t)(i / 32 * 320 + i % 32) * PAGE_SIZE) = i + 1;
	for (unsigned i = 0; i < PAGES; i++)
		first += *(volatile uint64_t *)byte(
		    0, (uint64_t)(i / 32 * 320 + i % 32) * PAGE_SIZE);
	CHECK_IS(first, PAGES * (PAGES + 1) / 2);
	OK(node_clear(A));
	CHECK_IS(probe(window(0), ACCESS_READ), FAULT_UNMAPPED);
}

/* Page 0 of the boot range's image stays where it is: user addresses only. */
void
test_space_kernel_addresses(void)
{
	static const uint64_t at[] = {UINT64_C(0x800000000000),
	    UINT64_C(0xffff800000000000), UINT64_C(0xffffffff80000000),
	    UINT64_C(0x7fffffffffff)};

	for (unsigned i = 0; i < 4; i++)
		CHECK(probe((const void *)(uintptr_t)at[i], ACCESS_READ) !=
		    FAULT_NONE);
	CHECK_IS(probe((const void *)(uintptr_t)at[2], ACCESS_WRITE),
	    FAULT_UNMAPPED);
	CHECK_IS(probe_fault.word[2], at[2]);
	CHECK_IS(probe((const void *)0, ACCESS_READ), FAULT_UNMAPPED);
}
