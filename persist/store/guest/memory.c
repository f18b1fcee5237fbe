/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The store's memory: ephemeral frames of its own, taken at start and kept.
 *
 * It may not ask a bank (S7), so it holds a range that is nobody else's. The
 * heap grows in whole nodes of 32 pages under the node mapped at PLACE_HEAP.
 */
#include "kernel/abi/dma.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/range.stub.h"
#include "kernel/abi/reset.order.h"
#include "persist/store/guest/guest.h"
#include "userland/rt/log.h"

enum {
	LEAF_SHIFT = 17, /* Span of a node of pages. */
	UPPER_SHIFT = 22,
	TOP_SHIFT = 27,
};

static struct {
	size_t   used;  /* Bytes of the heap. */
	uint64_t frame; /* Next position in the range. */
	uint64_t node;  /* Next node, counted from the last position down. */
	uint64_t nodes_first;
} heap;

/* Nodes come seven to a frame, from a part of the range of their own. */
static enum status
node_new(capreg where, unsigned span)
{
	enum status st;

	if (heap.nodes_first == 0) {
		uint64_t source;

		st = range_length(REG_RANGE, &heap.nodes_first, &source);
		if (st != RC_OK)
			return st;
		heap.nodes_first /= 2;
	}
	st = range_node(REG_RANGE, heap.nodes_first + heap.node / FRAME_NODES,
	    heap.node % FRAME_NODES, where);
	if (st != RC_OK)
		return st;
	heap.node++;
	return node_segment(where, span, where);
}

/*
 * Map one more page at the heap's end; for DMA, one that the selected disk can
 * address. Uses T0 to T2.
 */
static enum status
grow(bool dma)
{
	size_t      at = heap.used;
	unsigned    top = (unsigned)(at >> UPPER_SHIFT) & 31;
	unsigned    leaf = (unsigned)(at >> LEAF_SHIFT) & 31;
	enum status st = RC_OK;

	if (at >> TOP_SHIFT != 0)
		return RC_LIMIT;
	if (at % (1u << UPPER_SHIFT) == 0) {
		st = node_new(REG_T1, UPPER_SHIFT);
		if (st == RC_OK)
			st = node_swap(REG_T0, top, REG_T1, REG_VOID);
	} else {
		st = node_get(REG_T0, top, REG_T1);
	}
	if (st == RC_OK && at % (1u << LEAF_SHIFT) == 0) {
		st = node_new(REG_T2, LEAF_SHIFT);
		if (st == RC_OK)
			st = node_swap(REG_T1, leaf, REG_T2, REG_VOID);
	} else if (st == RC_OK) {
		st = node_get(REG_T1, leaf, REG_T2);
	}
	if (st == RC_OK && dma)
		st = dma_page(REG_DMA, heap.frame, REG_RANGE, REG_T1);
	else if (st == RC_OK)
		st = range_page(REG_RANGE, heap.frame, REG_T1);
	if (st == RC_OK)
		st = node_swap(
		    REG_T2, (at >> PAGE_SHIFT) & 31, REG_T1, REG_VOID);
	if (st == RC_OK) {
		heap.frame++;
		heap.used += PAGE_SIZE;
	}
	return st;
}

static void *
take(size_t bytes, bool dma)
{
	uint8_t    *first = (uint8_t *)(uintptr_t)PLACE_HEAP + heap.used;
	size_t      end = heap.used + bytes;
	enum status st;

	st = node_get(REG_NODE, NODE_HEAP, REG_T0);
	if (st == RC_OK)
		st = node_get(REG_NODE, NODE_RANGE, REG_RANGE);
	while (st == RC_OK && heap.used < end)
		st = grow(dma);
	if (st != RC_OK) {
		log_printf("store: no memory for %zu KiB (status %u); give "
			   "the machine more",
		    bytes / 1024, (unsigned)st);
		return NULL;
	}
	return first;
}

void *
memory_take(size_t bytes)
{
	return take(bytes, false);
}

void *
memory_take_dma(size_t bytes)
{
	return take(bytes, true);
}

enum status
memory_page(const void *address, capreg where)
{
	size_t      at = (uintptr_t)address - PLACE_HEAP;
	enum status st;

	st = node_get(REG_NODE, NODE_HEAP, where);
	if (st == RC_OK)
		st = node_get(where, (at >> UPPER_SHIFT) & 31, where);
	if (st == RC_OK)
		st = node_get(where, (at >> LEAF_SHIFT) & 31, where);
	if (st == RC_OK)
		st = node_get(where, (at >> PAGE_SHIFT) & 31, where);
	return st;
}
