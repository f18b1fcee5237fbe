/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/lib/heap.h"

#include "kernel/abi/cap.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/registers.h"
#include "userland/rt/slot.h"
#include "userland/rt/space.h"

enum {
	HEAP_SPAN = PAGE_SHIFT + 2 * NODE_SHIFT,
};

static enum status
begin(struct heap *h)
{
	enum status st = bank_node(REG_BANK, h->top);

	if (st == RC_OK)
		st = node_segment(h->top, HEAP_SPAN, h->top);
	if (st == RC_OK)
		st = space_map(h->slot, h->top);
	h->begun = st == RC_OK;
	return st;
}

/* The leaf of a page in scratch[0], bought if there is none. */
static enum status
have_leaf(const struct heap *h, unsigned leaf)
{
	enum status st;
	bool        present;

	st = slot_get(h->top, leaf, h->scratch[0], &present);
	if (st != RC_OK || present)
		return st;
	st = bank_node(REG_BANK, h->scratch[0]);
	return st == RC_OK ? node_swap(h->top, leaf, h->scratch[0], REG_VOID)
			   : st;
}

static enum status
add_page(struct heap *h)
{
	enum status st = have_leaf(h, h->pages / NODE_SLOTS);

	if (st == RC_OK)
		st = bank_page(REG_BANK, h->scratch[1]);
	if (st == RC_OK)
		st = page_restrict(
		    h->scratch[1], CR_NO_EXECUTE, h->scratch[1]);
	if (st == RC_OK)
		st = node_swap(h->scratch[0], h->pages % NODE_SLOTS,
		    h->scratch[1], REG_VOID);
	if (st == RC_OK)
		h->pages++;
	return st;
}

enum status
heap_grow(struct heap *h, unsigned pages)
{
	enum status st = RC_OK;

	if (pages > HEAP_PAGES)
		return RC_LIMIT;
	if (!h->begun)
		st = begin(h);
	while (st == RC_OK && h->pages < pages)
		st = add_page(h);
	return st;
}
