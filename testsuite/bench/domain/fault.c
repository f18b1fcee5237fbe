/* SPDX-License-Identifier: BSD-2-Clause */
/* Page faults: answered by the kernel, and by a keeper. */
#include "kernel/abi/guard.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/node.order.h"
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

/* Keeper: puts the page in, and has the instruction run again. */
static void
keeper(uint64_t unused)
{
	(void)unused;
	ant_invoke_keep(control_make(INVOKE_RETURN, 0) | CONTROL_RECEIVE(3, H),
	    control_make(INVOKE_CALL, A) | CONTROL_SEND(0, B), NODE_SWAP,
	    control_make(INVOKE_RETURN, H) | CONTROL_RECEIVE(3, H));
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

/* Told all registers, and answers with all (D16). */
static void
program_keeper(uint64_t unused)
{
	static struct register_set told __attribute__((aligned(256)));

	(void)unused;
	ant_invoke_program_keeper(
	    control_make(INVOKE_RETURN, 0) | CONTROL_RECEIVE(3, H),
	    control_make(INVOKE_RETURN, H) | CONTROL_RECEIVE(3, H),
	    RESTART_ANSWER, &told, offsetof(struct registers, rax));
}

static uint64_t
call_foreign(void)
{
	peer_rerun(D, ant_invoke_program, 0);
	CHECK_IS(bench_caught, 7);
	return bench_arrived - bench_start - BEFORE_SYSCALL;
}

static void
foreign(void)
{
	peer_apart(C, program_keeper, 0, PRIORITY_HIGH);
	peer_start(C);
	peer_new(D, ant_invoke_program, 0, PRIORITY_HIGH);
	start_of(C, 0, E);
	peer_give(D, SLOT_KEEPER, E);
	OK(process_set_foreign(D, 1));
	measure("fault_foreign", call_foreign);
}

void
bench_fault(void)
{
	by_kernel();
	by_keeper();
	peer_destroy(C);
	foreign();
}
