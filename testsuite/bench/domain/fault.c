/* SPDX-License-Identifier: BSD-2-Clause */
/* Page faults: answered by the kernel, and by a keeper. */
#include "kernel/abi/guard.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/restart.order.h"
#include "testsuite/bench/domain/bench.h"

/*
 * The slot is written anew, so that its table entry goes; then the page is
 * read. The second read says what the reading itself takes.
 */
static uint64_t
refault(void)
{
	uint64_t t;

	OK(node_swap(A, 1, B, 0));
	t = bench_touch((uint8_t *)window(0) + PAGE_SIZE);
	return t - bench_touch((uint8_t *)window(0) + PAGE_SIZE);
}

static void
by_kernel(void)
{
	new_node(A);
	new_page(B);
	OK(node_swap(A, 0, B, 0));
	map_window(0, A);
	measure("fault_resident_page", refault);
}

/* Keeper: lends the page, and has the instruction run again. */
static void
keeper(uint64_t unused)
{
	struct message m = {.control = control_make(INVOKE_RETURN, 0)};

	(void)unused;
	for (;;) {
		m.control |= CONTROL_RECEIVE(3, H);
		ant_invoke_words(&m);
		ignore_status(node_swap(A, m.word[2] / PAGE_SIZE, B, 0));
		m.control = control_make(INVOKE_RETURN, H);
		m.word[0] = RESTART_RETRY;
	}
}

static uint64_t
keep(void)
{
	uint64_t t;

	OK(node_swap(A, 1, 0, 0));
	t = bench_touch((uint8_t *)window(1) + PAGE_SIZE);
	return t - bench_touch((uint8_t *)window(1) + PAGE_SIZE);
}

static void
by_keeper(void)
{
	new_node(A);
	new_page(B);
	peer_apart(C, keeper, 0, PRIORITY_HIGH);
	peer_give(C, A, A);
	peer_give(C, B, B);
	peer_start(C);
	new_node(D);
	OK(node_make_guard(D, 17, D));
	OK(guard_swap(D, 0, A, 0));
	start_of(C, 0, E);
	OK(guard_swap(D, 1, E, 0));
	map_window(1, D);
	measure("fault_user_keeper", keep);
}

void
bench_fault(void)
{
	by_kernel();
	by_keeper();
}
