/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables of devices, windows and alarms: full, and usable again afterwards. */
#include "kernel/abi/cache.stub.h"
#include "kernel/abi/clock.stub.h"
#include "kernel/abi/dma.stub.h"
#include "kernel/abi/dma_spaces.stub.h"
#include "kernel/abi/irq.stub.h"
#include "kernel/abi/irq_space.stub.h"
#include "kernel/abi/kinfo.h"
#include "kernel/abi/mmio.stub.h"
#include "kernel/abi/mmio_space.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/pager.stub.h"
#include "kernel/abi/port_space.stub.h"
#include "kernel/abi/ports.stub.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/range.stub.h"
#include "kernel/abi/window.stub.h"
#include "testsuite/guest/tests.h"

enum {
	FREE_MMIO = 0xe0000000,
	SOURCE = 0x00e8,
	NOTICES = 64,
	LOW_MOST = 4096, /* Frames below 16 MiB. */
};

/* What there is of queries and restrictions in device.c's kinds. */
void
test_device_queries(void)
{
	struct mmio_info info;
	uint64_t         count = 0, ours = 0;

	extra(X_MMIO_SPACE, A);
	OK(mmio_space_alloc(A, FREE_MMIO, PAGE_SIZE, 0, "ours", 4, B));
	OK(mmio_space_query(A, 0, &info, sizeof(info), NULL, &count));
	for (uint64_t i = 0; i < count; i++) {
		OK(mmio_space_query(A, i, &info, sizeof(info), NULL, NULL));
		ours += info.address == FREE_MMIO;
	}
	CHECK_IS(ours, 1);
	CHECK_IS(mmio_space_query(A, count, &info, sizeof(info), NULL, NULL),
	    RC_NOT_FOUND);
	CHECK_IS(mmio_restrict(B, CR_ALL + 1, C), RC_ARGUMENT);
	OK(mmio_release(B));
	extra(X_DMA_SPACES, A);
	CHECK_IS(dma_spaces_query(
		     A, 0, &info, sizeof(info), NULL, &count, NULL),
	    RC_NOT_FOUND);
	extra(X_IRQ_SPACE, A);
	OK(irq_space_alloc_line(A, 12, 0, 0, "edge", 4, B));
	OK(process_make_notice(R_SELF, 1, C));
	OK(irq_bind(B, C));
	OK(irq_mask(B, 1));
	OK(irq_info(B, NULL, NULL, &count, NULL));
	CHECK_IS(count, 1);
	OK(irq_mask(B, 0));
	OK(irq_info(B, NULL, NULL, &count, NULL));
	CHECK_IS(count, 0);
	CHECK_IS(irq_mask(B, 2), RC_ARGUMENT);
	CHECK_IS(irq_ack(B, 2), RC_ARGUMENT);
	OK(irq_release(B));
}

/* F9, D15: what a space with 24 address bits can reach, and what is kept. */
void
test_dma_pages(void)
{
	uint64_t at = new_frame(), address = 0;

	extra(X_DMA_SPACES, A);
	OK(dma_spaces_alloc(A, SOURCE, 24, "low", 3, B));
	new_page(C);
	CHECK_IS(dma_map(B, C, &address), RC_UNSUPPORTED);
	CHECK_IS(dma_page(B, ARENA_FRAMES, R_RANGE, D), RC_ARGUMENT);
	OK(dma_page(B, at, R_RANGE, D));
	CHECK_IS(dma_page(B, at, R_RANGE, E), RC_STATE);
	OK(page_write(D, 0, "low", 3));
	OK(dma_map(B, D, &address));
	CHECK(address < 1 << 24);
	CHECK_IS(dma_map(B, D, &address), RC_EXISTS);
	CHECK_IS(range_rescind(R_RANGE, at, OID_INDEX_FRAME), RC_BUSY);
	CHECK_IS(range_free(R_RANGE, at), RC_BUSY);
	new_node(E);
	CHECK_IS(node_make_process(E, D, F), RC_BUSY);
	OK(dma_release(B));
	OK(range_free(R_RANGE, at));
	CHECK_IS(kind_of(D), CK_VOID);
}

/* D15: no frame of the class is left; an ordinary page is still to be had. */
void
test_dma_pages_all(void)
{
	enum status st = RC_OK;
	uint64_t    n = 0;

	extra(X_DMA_SPACES, A);
	OK(dma_spaces_alloc(A, SOURCE, 24, "low", 3, B));
	extra(X_ALL_FRAMES, C);
	while (st == RC_OK && n <= LOW_MOST)
		if ((st = dma_page(B, n, C, D)) == RC_OK)
			n++;
	CHECK_IS(st, RC_NO_MEMORY);
	CHECK(n > 100);
	new_page(E);
	OK(page_zero(E));
	for (uint64_t i = 0; i < n; i++)
		if (range_free(C, i) != RC_OK)
			CHECK(!"range.free");
	OK(dma_page(B, 0, C, D));
	OK(range_free(C, 0));
	OK(dma_release(B));
}

/* No more than 512 pages are pinned through one space. */
void
test_dma_limit(void)
{
	enum status st = RC_OK;
	uint64_t    n = 0, address = 0;

	extra(X_DMA_SPACES, A);
	OK(dma_spaces_alloc(A, SOURCE, 64, "all", 3, B));
	extra(X_ALL_FRAMES, C);
	for (; st == RC_OK && n <= 512; n++) {
		OK(range_page(C, n, D));
		st = dma_map(B, D, &address);
	}
	CHECK_IS(st, RC_LIMIT);
	CHECK_IS(n, 513);
	OK(dma_release(B));
	for (uint64_t i = 0; i < n; i++)
		OK(range_free(C, i));
}

/* All vectors for messages. */
void
test_full_vectors(void)
{
	enum status st = RC_OK;
	uint64_t    n = 0;

	extra(X_IRQ_SPACE, A);
	extra(X_ALL_FRAMES, D);
	OK(range_node(D, 0, 0, C));
	for (; st == RC_OK && n < 256; n++) {
		st = irq_space_alloc_msi(A, SOURCE, "m", 1, B, NULL, NULL);
		if (st == RC_OK && n % NODE_SLOTS == 0)
			OK(range_node(D, n / NODE_SLOTS, 1, C));
		if (st == RC_OK)
			OK(node_swap(C, n % NODE_SLOTS, B, 0));
	}
	CHECK_IS(st, RC_NO_MEMORY);
	CHECK(n > 100);
	for (uint64_t i = 0; i < n - 1; i++) {
		OK(range_node(D, i / NODE_SLOTS, 1, C));
		OK(node_get(C, i % NODE_SLOTS, B));
		OK(irq_release(B));
	}
	for (uint64_t i = 0; i <= n / NODE_SLOTS; i++)
		OK(range_free(D, i));
	OK(irq_space_alloc_msi(A, SOURCE, "m", 1, B, NULL, NULL));
	OK(irq_release(B));
}

/* A window and all its parts, of which it has 64 if there are as many. */
static enum status
window_with_parts(uint64_t address, capreg space, capreg to)
{
	enum status st = mmio_space_alloc(
	    space, address, PAGE_SIZE, 0, "whole", 5, to);
	unsigned    n = 0;

	if (st != RC_OK)
		return st;
	while ((st = mmio_part(to, 0, PAGE_SIZE, C)) == RC_OK && n <= 64)
		n++;
	CHECK(n == 64 ? st == RC_LIMIT : st == RC_NO_MEMORY);
	return RC_OK;
}

/* Windows and parts until no kernel object is left: for no kind. */
void
test_full_kernel_objects(void)
{
	uint64_t n = 0;

	extra(X_MMIO_SPACE, A);
	extra(X_ALL_FRAMES, D);
	while (n < 256 &&
	    window_with_parts(FREE_MMIO + n * PAGE_SIZE, A, B) == RC_OK) {
		OK(range_node(D, n / NODE_SLOTS, 1, E));
		OK(node_swap(E, n % NODE_SLOTS, B, 0));
		n++;
	}
	CHECK(n > 20 && n < 256);
	CHECK_IS(mmio_space_alloc(
		     A, FREE_MMIO + 0x100000, PAGE_SIZE, 0, "x", 1, C),
	    RC_NO_MEMORY);
	extra(X_PORT_SPACE, A);
	CHECK_IS(port_space_alloc(A, 0x2800, 1, "x", 1, C), RC_NO_MEMORY);
	extra(X_IRQ_SPACE, A);
	CHECK_IS(irq_space_alloc_line(A, 12, 0, 0, "x", 1, C), RC_NO_MEMORY);
	CHECK_IS(irq_space_alloc_msi(A, SOURCE, "x", 1, C, NULL, NULL),
	    RC_NO_MEMORY);
	extra(X_DMA_SPACES, A);
	CHECK_IS(dma_spaces_alloc(A, SOURCE, 64, "x", 1, C), RC_NO_MEMORY);
	for (uint64_t i = 0; i < n; i++) {
		OK(range_node(D, i / NODE_SLOTS, 1, E));
		OK(node_get(E, i % NODE_SLOTS, B));
		OK(mmio_release(B)); /* With all its parts. */
	}
	for (uint64_t i = 0; i <= n / NODE_SLOTS; i++)
		OK(range_free(D, i));
	extra(X_PORT_SPACE, A);
	OK(port_space_alloc(A, 0x2800, 1, "x", 1, C));
	OK(ports_release(C));
}

/* S8: windows are the store's; it gets none when there is no place. */
void
test_full_windows(void)
{
	enum status st = RC_OK;
	uint64_t    slots = 0, n = 0;

	extra(X_CACHE, A);
	CHECK_IS(cache_window(A, 0, B), RC_ARGUMENT);
	CHECK_IS(cache_window(A, 1025, B), RC_ARGUMENT);
	for (; (st = cache_window(A, 1, C)) == RC_OK && n < 10000; n++)
		if (n == 0)
			OK(window_slots(C, &slots));
	CHECK_IS(st, RC_NO_MEMORY);
	CHECK_IS(slots, 1);
	extra(X_PAGER, A); /* Nobody is the store. */
	CHECK_IS(pager_kick(A, NULL), RC_STATE);
}

/*
 * One alarm for each notice bit of each process, until there are no more; but a
 * process that has none gets one (S2).
 */
void
test_full_alarms(void)
{
	enum status st = RC_OK;
	uint64_t    frames = 0;

	extra(X_ALL_FRAMES, A);
	for (unsigned n = 0; st == RC_OK && n < 200; n++) {
		OK(range_node(A, frames++, 0, B));
		OK(range_page(A, frames++, C));
		OK(node_make_process(B, C, B));
		for (unsigned bit = 0; st == RC_OK && bit < NOTICES; bit++) {
			OK(process_make_notice(B, bit, C));
			st = clock_alarm(R_CLOCK, UINT64_MAX, C);
		}
		if (check_failed())
			return;
	}
	CHECK_IS(st, RC_NO_MEMORY);
	OK(range_node(A, frames++, 0, B));
	OK(range_page(A, frames++, C));
	OK(node_make_process(B, C, B));
	OK(process_make_notice(B, 0, C));
	OK(process_make_notice(B, 1, B));
	OK(clock_alarm(R_CLOCK, UINT64_MAX, C));
	CHECK_IS(clock_alarm(R_CLOCK, UINT64_MAX, B), RC_NO_MEMORY);
	OK(range_free(A, 0)); /* The first process: its alarms are free. */
	OK(clock_alarm(R_CLOCK, UINT64_MAX, B));
	for (uint64_t i = 1; i < frames; i++)
		OK(range_free(A, i));
}
