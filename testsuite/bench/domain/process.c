/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A process made from frames never used, to its first instruction; and
 * destroyed, its frames given back.
 */
#include "kernel/abi/process.stub.h"

#include "kernel/abi/node.stub.h"
#include "kernel/abi/range.stub.h"
#include "testsuite/bench/domain/bench.h"

enum { AT_NODE = 200, AT_PAGE }; /* Frames of the arena. */

static struct register_set registers;

static inline uint64_t
rdtsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

static void
create(void)
{
	OK(range_node(R_RANGE, AT_NODE, 0, A));
	OK(range_page(R_RANGE, AT_PAGE, B));
	OK(node_make_process(A, B, A));
	OK(process_swap(A, SLOT_SPACE, C, 0));
	OK(process_swap(A, SLOT_SCHEDULE, D, 0));
	OK(process_set_registers(A, &registers, sizeof(registers)));
	OK(process_start(A));
}

static void
destroy(void)
{
	OK(range_free(R_RANGE, AT_NODE));
	OK(range_free(R_RANGE, AT_PAGE));
}

static uint64_t
create_once(void)
{
	uint64_t start = rdtsc();

	create();
	start = bench_arrived - start;
	destroy();
	return start;
}

static uint64_t
destroy_once(void)
{
	uint64_t start;

	create();
	start = rdtsc();
	destroy();
	return rdtsc() - start;
}

void
bench_process(void)
{
	peer_new(A, bench_born, 0, PRIORITY_HIGH);
	OK(process_get_registers(A, &registers, sizeof(registers), NULL));
	OK(process_get(A, SLOT_SPACE, C));
	OK(process_get(A, SLOT_SCHEDULE, D));
	measure("process_create", create_once);
	measure("process_destroy", destroy_once);
}
