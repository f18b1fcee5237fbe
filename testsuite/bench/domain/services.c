/* SPDX-License-Identifier: BSD-2-Clause */
/* The space bank and the constructor, as their clients see them. */
#include <string.h>

#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/range.stub.h"
#include "kernel/abi/schedule.stub.h"
#include "testsuite/bench/domain/bench.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/idl/constructor.stub.h"

enum {
	X_FRAMES = 24, /* Slots of the extra node, as in system.dts. */
	X_BANK,
	X_CONSTRUCTOR,
	X_IMAGE,

	OBJECTS = 10000,
	OBJECT_PAGES = 3000,
	NODE_FRAMES = (OBJECTS - OBJECT_PAGES) / FRAME_NODES,
};

static inline uint64_t
rdtsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

static uint64_t
page_once(void)
{
	uint64_t start = rdtsc();

	OK(bank_page(A, B));
	start = rdtsc() - start;
	OK(bank_free(A, B));
	return start;
}

static uint64_t
node_once(void)
{
	uint64_t start = rdtsc();

	OK(bank_node(A, B));
	start = rdtsc() - start;
	OK(bank_free(A, B));
	return start;
}

static uint64_t
free_once(void)
{
	uint64_t start;

	OK(bank_page(A, B));
	start = rdtsc();
	OK(bank_free(A, B));
	return rdtsc() - start;
}

/* --- The constructor ------------------------------------------------------ */

/* hello.elf is not longer than its segment; the rest is zeros. */
static const uint64_t image_bytes = 24 * PAGE_SIZE;

static uint64_t
yield_once(void)
{
	uint64_t start, left = 1;

	OK(bank_sub_bank(A, UINT64_MAX, C));
	start = rdtsc();
	OK(constructor_yield(D, C, E, B));
	start = rdtsc() - start;
	while (left > 0)
		OK(bank_destroy(C, &left));
	return start;
}

/* The products are of a low priority, and do not come to run. */
static void
construct(void)
{
	OK(node_get(R_EXTRA, X_CONSTRUCTOR, D));
	OK(node_get(R_EXTRA, X_IMAGE, E));
	OK(constructor_image(D, image_bytes, 1, E, "hello", 5));
	OK(constructor_insert(D, 1, R_LOG));
	OK(constructor_seal(D));
	OK(node_get(R_EXTRA, X_SCHEDULE, E));
	OK(schedule_lower(E, 1, E));
	measure("constructor_yield", yield_once);
}

/* --- Destruction ---------------------------------------------------------- */

void
figure(const char *name, uint64_t value)
{
	bench_mark_start();
	bench_mark_stop();
	say("%s\t%lu\n", name, value);
}

static uint64_t
destroy_bank(void)
{
	uint64_t left = 1, start;

	OK(bank_sub_bank(A, UINT64_MAX, C));
	for (unsigned i = 0; i < OBJECT_PAGES; i++)
		OK(bank_page(C, B));
	for (unsigned i = OBJECT_PAGES; i < OBJECTS; i++)
		OK(bank_node(C, B));
	start = rdtsc();
	while (left > 0)
		OK(bank_destroy(C, &left));
	return (rdtsc() - start) / OBJECTS;
}

/* Seven processes, with activities, as many as there can be in one frame. */
static void
fill_with_processes(uint64_t frame, uint64_t *page)
{
	for (unsigned i = 0; i < FRAME_NODES; i++) {
		OK(range_node(D, frame, i, B));
		OK(range_page(D, (*page)++, C));
		OK(node_make_process(B, C, B));
		OK(process_make_notice(B, i, C));
	}
}

/* 10,000 objects in frames of one's own; each frame is one call to free. */
static uint64_t
free_longest(void)
{
	uint64_t longest = 0, page = NODE_FRAMES;

	OK(node_get(R_EXTRA, X_FRAMES, D));
	for (uint64_t i = 0; i < NODE_FRAMES; i++) {
		if (i % 50 == 0)
			fill_with_processes(i, &page);
		for (unsigned k = 0; i % 50 != 0 && k < FRAME_NODES; k++)
			OK(range_node(D, i, k, B));
	}
	while (page < NODE_FRAMES + OBJECT_PAGES)
		OK(range_page(D, page++, B));
	for (uint64_t i = 0; i < NODE_FRAMES + OBJECT_PAGES; i++) {
		uint64_t start = rdtsc();

		OK(range_free(D, i));
		start = rdtsc() - start;
		if (start > longest)
			longest = start;
	}
	return longest;
}

void
bench_services(void)
{
	OK(node_get(R_EXTRA, X_BANK, A));
	measure("bank_page", page_once);
	measure("bank_node", node_once);
	measure("bank_free", free_once);
	construct();
	figure("bank_destroy_object", destroy_bank());
	figure("free_longest", free_longest());
}
