/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * D3: the longest that interrupts are off, which is what single invocations take
 * at the worst that can be set up here. No figure named longest_ is recorded
 * above 20,000 in testsuite/bench/bounds. What is done in pieces, after each of
 * which an interrupt may come, is divided by their number, as the kernel counts
 * invocations.
 */
#include "kernel/abi/clock.stub.h"
#include "kernel/abi/kinfo.h"
#include "kernel/abi/kinfo.stub.h"
#include "kernel/abi/mmio.stub.h"
#include "kernel/abi/mmio_space.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/range.stub.h"
#include "testsuite/bench/domain/bench.h"

enum { AT_NODE = 200, AT_PAGE, AT_OTHER }; /* Frames of the arena. */

#define NO_DEVICE UINT64_C(0xd0000000) /* Nothing answers there. */

static inline uint64_t
rdtsc(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

/* A process with an alarm for each notice bit. */
static void
make_with_alarms(uint64_t node, uint64_t page)
{
	OK(range_node(R_RANGE, node, 0, A));
	OK(range_page(R_RANGE, page, B));
	OK(node_make_process(A, B, A));
	for (unsigned bit = 0; bit < NOTICE_BITS; bit++) {
		OK(process_make_notice(A, bit, B));
		OK(clock_alarm(R_CLOCK, UINT64_MAX - bit * 77 % 64, B));
	}
}

/* Its alarms go, its page is zeroed, its tables go. */
static uint64_t
destroy_with_alarms(void)
{
	uint64_t t;

	make_with_alarms(AT_NODE, AT_PAGE);
	t = rdtsc();
	OK(range_free(R_RANGE, AT_NODE));
	t = rdtsc() - t;
	OK(range_free(R_RANGE, AT_PAGE));
	return t;
}

/* One among many. */
static uint64_t
set_alarm(void)
{
	uint64_t t;

	OK(process_make_notice(R_SELF, 0, B));
	t = rdtsc();
	OK(clock_alarm(R_CLOCK, UINT64_MAX - 100, B));
	return rdtsc() - t;
}

static uint64_t
call_64k(void)
{
	struct message m = {
	    .control = control_make(INVOKE_SEND, B),
	    .send = echo_buffer,
	    .send_bytes = STRING_MAX,
	};
	uint64_t t = rdtsc();

	ant_invoke(&m);
	return rdtsc() - t;
}

/* 32 slots of a node, each with 128 KiB of one page behind it. */
static void
map_all(void)
{
	for (unsigned i = 0; i < NODE_SLOTS; i++)
		for (unsigned k = 0; k < 4; k++)
			(void)bench_touch((uint8_t *)window(1) +
			    ((uint64_t)i << 17) + k * PAGE_SIZE);
}

/* The kernel has begun so many invocations. */
static uint64_t
invocations(void)
{
	struct kinfo_counters c;
	size_t                n = 0;

	OK(kinfo_counters(R_RT, &c, sizeof(c), &n));
	return c.invocations;
}

/* A segment of a new node, in A, with this in each slot, is mapped. */
static void
map_node(capreg each)
{
	OK(range_node(R_RANGE, AT_NODE, 0, A));
	OK(node_segment(A, 22, A));
	for (unsigned i = 0; i < NODE_SLOTS; i++)
		OK(node_swap(A, i, each, 0));
	map_window(1, A);
	map_all();
	extra(X_KINFO, R_RT);
}

uint64_t
bench_piece(void (*invoke)(void), unsigned empty)
{
	uint64_t t, pieces = invocations();

	t = rdtsc();
	invoke();
	t = rdtsc() - t;
	pieces = invocations() - pieces - 1 - empty; /* 1: that of the count. */
	CHECK(pieces > 1);
	return t / pieces;
}

static void
free_node(void)
{
	OK(range_free(R_RANGE, AT_NODE));
}

/* At the death of a node go those of one page. */
static uint64_t
unmap_node(void)
{
	map_node(D);
	return bench_piece(free_node, 1);
}

static void
make_process(void)
{
	OK(node_make_process(A, B, A));
}

/* The page becomes a process's. */
static uint64_t
unmap_state(void)
{
	uint64_t t;

	OK(range_page(R_RANGE, AT_PAGE, B));
	OK(range_node(R_RANGE, AT_OTHER, 0, E));
	OK(node_segment(E, 17, E));
	for (unsigned i = 0; i < 4; i++)
		OK(node_swap(E, i, B, 0));
	map_node(E);
	OK(range_node(R_RANGE, AT_OTHER + 1, 0, A));
	t = bench_piece(make_process, 1);
	OK(range_free(R_RANGE, AT_OTHER + 1));
	OK(range_free(R_RANGE, AT_PAGE));
	OK(range_free(R_RANGE, AT_OTHER));
	OK(range_free(R_RANGE, AT_NODE));
	return t;
}

static void
release_device(void)
{
	OK(mmio_release(E));
}

/* A device's memory is given back. */
static uint64_t
unmap_device(void)
{
	uint64_t t;

	extra(X_MMIO_SPACE, A);
	OK(mmio_space_alloc(A, NO_DEVICE, 1 << 17, 0, "bench", 5, E));
	map_node(E);
	t = bench_piece(release_device, 1);
	free_node();
	return t;
}

static uint64_t
zero_page(void)
{
	uint64_t t = rdtsc();

	OK(page_zero(C));
	return rdtsc() - t;
}

void
bench_longest(void)
{
	measure("longest_destroy_process", destroy_with_alarms);
	measure("longest_set_alarm", set_alarm);
	new_page(C);
	new_node(D);
	OK(node_segment(D, 17, D));
	for (unsigned i = 0; i < 4; i++)
		OK(node_swap(D, i, C, 0));
	measure("longest_unmap_128_pages", unmap_node);
	measure("longest_unmap_state", unmap_state);
	measure("longest_unmap_device", unmap_device);
	measure("longest_zero_page", zero_page);
	peer_apart(A, echo_server, 0, PRIORITY_HIGH);
	peer_start(A);
	start_of(A, 0, B);
	measure("longest_string_untouched", call_64k);
}
