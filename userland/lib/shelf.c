/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/lib/shelf.h"

#include "kernel/abi/node.stub.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/registers.h"
#include "userland/rt/slot.h"

static unsigned
slot_of(unsigned place, unsigned level)
{
	return place >> (NODE_SHIFT * level) & (NODE_SLOTS - 1);
}

/* The node in a slot of another, bought if there is none. */
static enum status
have_node(capreg above, unsigned slot, capreg to)
{
	enum status st;
	bool        present;

	st = slot_get(above, slot, to, &present);
	if (st != RC_OK || present)
		return st;
	st = bank_node(REG_BANK, to);
	return st == RC_OK ? node_swap(above, slot, to, REG_VOID) : st;
}

enum status
shelf_room(struct shelf *s, unsigned place)
{
	enum status st = RC_OK;

	if (place >= SHELF_PLACES)
		return RC_LIMIT;
	if (!s->begun)
		st = bank_node(REG_BANK, s->top);
	if (st != RC_OK)
		return st;
	s->begun = true;
	st = have_node(s->top, slot_of(place, 2), s->scratch[0]);
	return st == RC_OK ? have_node(s->scratch[0], slot_of(place, 1),
				 s->scratch[1])
			   : st;
}

/* The lowest node of a place, in scratch[1]. */
static enum status
find(const struct shelf *s, unsigned place)
{
	enum status st;

	if (!s->begun || place >= SHELF_PLACES)
		return RC_NOT_FOUND;
	st = node_get(s->top, slot_of(place, 2), s->scratch[0]);
	return st == RC_OK ? node_get(s->scratch[0], slot_of(place, 1),
				 s->scratch[1])
			   : st;
}

enum status
shelf_put(const struct shelf *s, unsigned place, capreg from)
{
	enum status st = find(s, place);

	return st == RC_OK
	    ? node_swap(s->scratch[1], slot_of(place, 0), from, REG_VOID)
	    : st;
}

enum status
shelf_get(const struct shelf *s, unsigned place, capreg to)
{
	enum status st = find(s, place);

	return st == RC_OK ? node_get(s->scratch[1], slot_of(place, 0), to)
			   : st;
}
