/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/bank/books.h"

#include "kernel/abi/node.stub.h"
#include "kernel/abi/range.stub.h"

enum {
	LEVELS = 4, /* Of nodes below the topmost, for runs. */
	TOP_SPAN = 37,
	BANKS_NODE = 4, /* Indices in a frame of nodes. */
	BANKS_LEAF = 5,
	NUMBERS_LEAF = 6,
	BANKS_SPAN = 22,
	LEAF_SPAN = PAGE_SHIFT + NODE_SHIFT,
	REG_ABOVE = REG_T0,
	REG_NEW = REG_RESULT,
};

/* log2 of the bytes that a node of a level covers, 0 being the highest. */
static unsigned
span_of(unsigned level)
{
	return TOP_SPAN - NODE_SHIFT * (level + 1);
}

/* The first of the groups that share a node covering 2^span bytes. */
static uint32_t
first_sharing(uint32_t group, unsigned span)
{
	return group & ~((UINT32_C(1) << (span - PAGE_SHIFT)) - 1);
}

static enum status
get_node(uint32_t group, unsigned span, unsigned index, capreg to)
{
	const uint64_t at =
	    (uint64_t)first_sharing(group, span) * GROUP_FRAMES + BOOKS_NODES;
	enum status st = range_node(REG_RANGE, at, index, to);

	return st == RC_OK ? node_segment(to, span, to) : st;
}

static enum status
put(capreg above, uint32_t group, unsigned span)
{
	uint32_t slot = group >> (span - PAGE_SHIFT) & (NODE_SLOTS - 1);

	return node_swap(above, slot, REG_NEW, REG_VOID);
}

/* The nodes that begin with this group, from the highest down. */
static enum status
open_nodes(uint32_t group)
{
	enum status st = RC_OK;

	for (unsigned i = 0; st == RC_OK && i < LEVELS; i++) {
		unsigned span = span_of(i);
		capreg   above = i == 0 ? REG_BOOKS : REG_ABOVE;

		if (first_sharing(group, span) != group)
			continue;
		if (i > 0)
			st = get_node(group, span_of(i - 1), i - 1, above);
		if (st == RC_OK)
			st = get_node(group, span, i, REG_NEW);
		if (st == RC_OK)
			st = put(above, group, span);
	}
	return st;
}

static enum status
open_bank_nodes(uint32_t group)
{
	enum status st = RC_OK;

	if (group == 0) {
		st = get_node(group, BANKS_SPAN, BANKS_NODE, REG_NEW);
		if (st == RC_OK)
			st = node_swap(
			    REG_BOOKS, BOOKS_BANKS_SLOT, REG_NEW, REG_VOID);
	}
	if (st == RC_OK && first_sharing(group, LEAF_SPAN) == group) {
		st = get_node(group, BANKS_SPAN, BANKS_NODE, REG_ABOVE);
		if (st == RC_OK)
			st = get_node(group, LEAF_SPAN, BANKS_LEAF, REG_NEW);
		if (st == RC_OK)
			st = put(REG_ABOVE, group, LEAF_SPAN);
	}
	return st;
}

static enum status
open_number_nodes(uint32_t group)
{
	enum status st;

	if (group != 0)
		return RC_OK;
	st = get_node(group, LEAF_SPAN, NUMBERS_LEAF, REG_NEW);
	return st == RC_OK ? node_swap(REG_BOOKS, BOOKS_NUMBERS_SLOT, REG_NEW,
					 REG_VOID)
			   : st;
}

static enum status
open_page(uint32_t group, unsigned frame, unsigned leaf)
{
	enum status st;

	st = get_node(group, LEAF_SPAN, leaf, REG_ABOVE);
	if (st == RC_OK)
		st = range_page(REG_RANGE,
		    (uint64_t)group * GROUP_FRAMES + frame, REG_NEW);
	return st == RC_OK ? put(REG_ABOVE, group, PAGE_SHIFT) : st;
}

enum status
books_open(uint32_t group)
{
	const uint64_t books = ledger_books(group * GROUP_RUNS);
	enum status    st = open_nodes(group);

	if (st == RC_OK)
		st = open_page(group, BOOKS_RUNS, LEVELS - 1);
	if (st == RC_OK && (books >> BOOKS_BANKS & 1) != 0) {
		st = open_bank_nodes(group);
		if (st == RC_OK)
			st = open_page(group, BOOKS_BANKS, BANKS_LEAF);
	}
	if (st == RC_OK && (books >> BOOKS_NUMBERS & 1) != 0) {
		st = open_number_nodes(group);
		if (st == RC_OK)
			st = open_page(group, BOOKS_NUMBERS, NUMBERS_LEAF);
	}
	return st;
}
