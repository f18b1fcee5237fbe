/* SPDX-License-Identifier: BSD-2-Clause */
#include "devdb/catalogue/catalogue.h"

#include "kernel/abi/node.stub.h"
#include "userland/rt/idl/bank.stub.h"

enum {
	ROOT_SPAN = 22,
	LEAF_SPAN = 17, /* 32 pages. */
	DESTROY_MOST = 64,
};

enum status
held_get(enum catalogue_slot node, unsigned i, capreg to)
{
	enum status st = node_get(REG_NODE, node, REG_RT);

	return st != RC_OK ? st : node_get(REG_RT, i, to);
}

enum status
held_put(enum catalogue_slot node, unsigned i, capreg from)
{
	enum status st = node_get(REG_NODE, node, REG_RT);

	return st != RC_OK ? st : node_swap(REG_RT, i, from, REG_VOID);
}

/* The pages, and the node frames above them. */
enum status
segment_new(uint64_t pages, capreg bank, capreg root)
{
	enum status st = bank_sub_bank(REG_BANK, pages + 4, bank);

	if (st == RC_OK)
		st = bank_node(bank, root);
	return st != RC_OK ? st : node_segment(root, ROOT_SPAN, root);
}

/* The leaf of a page into REG_T2; bought with its first page. */
static enum status
leaf_of(capreg bank, capreg root, uint32_t page)
{
	uint32_t    i = page / NODE_SLOTS;
	enum status st;

	if (page % NODE_SLOTS != 0)
		return node_get(root, i, REG_T2);
	st = bank_node(bank, REG_T2);
	if (st == RC_OK)
		st = node_segment(REG_T2, LEAF_SPAN, REG_T2);
	return st != RC_OK ? st : node_swap(root, i, REG_T2, REG_VOID);
}

enum status
segment_grow(capreg bank, capreg root, uint32_t from, uint32_t to)
{
	enum status st = RC_OK;

	for (; from < to && st == RC_OK; from++) {
		st = leaf_of(bank, root, from);
		if (st == RC_OK)
			st = bank_page(bank, REG_T3);
		if (st == RC_OK)
			st = node_swap(
			    REG_T2, from % NODE_SLOTS, REG_T3, REG_VOID);
	}
	return st;
}

void
segment_free(capreg bank)
{
	uint64_t remaining = 1;

	for (unsigned i = 0; i < DESTROY_MOST && remaining != 0; i++)
		if (bank_destroy(bank, &remaining) != RC_OK)
			break;
}
