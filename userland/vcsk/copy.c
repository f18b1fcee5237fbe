/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/vcsk/copy.h"

#include "kernel/abi/cap.h"
#include "kernel/abi/discrim.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/process.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/registers.h"
#include "userland/rt/slot.h"

enum {
	REG_PAYER = REG_OWN,     /* The segment's bank. */
	REG_NEW = REG_OWN + 1,   /* What was bought last. */
	REG_LEVEL = REG_OWN + 2, /* And + 3: nodes on the way, in turn. */
	REG_FROM = REG_IN1,      /* And REG_IN2: the same of the original. */
	DEPTH = 12,              /* No segment is deeper. */
};

struct found {
	bool     present;
	capreg   page; /* Where it is, if present. */
	unsigned rights;
};

static unsigned
slot_of(uint64_t offset, unsigned span)
{
	return (unsigned)(offset >> (span - NODE_SHIFT)) & (NODE_SLOTS - 1);
}

static enum status
buy_node(capreg guard, unsigned span)
{
	enum status st;

	st = node_get(guard, COPY_BANK, REG_PAYER);
	if (st != RC_OK)
		return st;
	st = bank_node(REG_PAYER, REG_NEW);
	if (st != RC_OK || span == COPY_SPAN_LEAST)
		return st;
	return node_segment(REG_NEW, span, REG_NEW);
}

/*
 * Have the node of span 17 for an offset, buying what is missing; *leaf is
 * the register it ends up in.
 */
static enum status
open_path(capreg guard, unsigned span, uint64_t offset, capreg *leaf)
{
	capreg      above = guard, node = REG_LEVEL;
	unsigned    slot = COPY_SPACE;
	enum status st;
	bool        present;

	for (;;) {
		st = slot_get(above, slot, node, &present);
		if (st != RC_OK)
			return st;
		if (!present) {
			st = buy_node(guard, span);
			if (st != RC_OK)
				return st;
			st = node_swap(above, slot, REG_NEW, REG_VOID);
			if (st != RC_OK)
				return st;
			continue;
		}
		if (span == COPY_SPAN_LEAST)
			break;
		slot = slot_of(offset, span);
		above = node;
		node = node == REG_LEVEL ? REG_LEVEL + 1 : REG_LEVEL;
		span -= NODE_SHIFT;
	}
	*leaf = node;
	return RC_OK;
}

/* One step down the original; false when the way has ended. */
static bool
step(capreg *at, uint64_t *offset, struct found *f, enum status *st)
{
	uint64_t kind, rights, data;
	unsigned span;
	capreg   below = *at == REG_FROM ? REG_IN2 : REG_FROM;

	*st = discrim_classify(REG_DISCRIM, *at, &kind, &rights, &data);
	if (*st != RC_OK)
		return false;
	if (kind == CK_PAGE && *offset < PAGE_SIZE) {
		*f = (struct found){true, *at, (unsigned)rights};
		return false;
	}
	if (kind != CK_NODE)
		return false;
	span = (unsigned)data + 1;
	if (span < COPY_SPAN_LEAST || (span < 64 && *offset >> span != 0))
		return false;
	*st = node_get(*at, slot_of(*offset, span), below);
	*offset &= (UINT64_C(1) << (span - NODE_SHIFT)) - 1;
	*at = below;
	return *st == RC_OK;
}

/* The page of the original at an offset; nothing there means zeros. */
static enum status
find_original(capreg guard, uint64_t offset, struct found *f)
{
	capreg      at = REG_FROM;
	enum status st;

	st = slot_get(guard, COPY_ORIGINAL, at, &f->present);
	if (st != RC_OK || !f->present)
		return st;
	f->present = false;
	for (unsigned i = 0; i < DEPTH; i++)
		if (!step(&at, &offset, f, &st))
			break;
	return st;
}

/* Put a page of its own into the space: zero, or a copy. */
static enum status
put_own(capreg guard, capreg leaf, unsigned slot, const struct found *from)
{
	enum status st;

	st = node_get(guard, COPY_BANK, REG_PAYER);
	if (st != RC_OK)
		return st;
	st = bank_page(REG_PAYER, REG_NEW);
	if (st == RC_OK && from->present)
		st = page_copy(REG_NEW, from->page);
	if (st != RC_OK)
		return st;
	st = page_restrict(REG_NEW, CR_NO_EXECUTE, REG_NEW);
	if (st != RC_OK)
		return st;
	return node_swap(leaf, slot, REG_NEW, REG_VOID);
}

/* There is a page: it must be one that is still the original's. */
static enum status
own_present(capreg guard, capreg leaf, unsigned slot, unsigned access)
{
	struct found f = {.present = true, .page = REG_FROM};
	uint64_t     kind, rights;
	enum status  st;

	st = discrim_classify(REG_DISCRIM, f.page, &kind, &rights, NULL);
	if (st != RC_OK)
		return st;
	if (access == ACCESS_EXECUTE)
		return (rights & CR_NO_EXECUTE) != 0 ? RC_RIGHTS : RC_OK;
	if (access == ACCESS_READ || (rights & CR_READ_ONLY) == 0)
		return RC_OK;
	return put_own(guard, leaf, slot, &f);
}

enum status
copy_fault(capreg guard, unsigned span, uint64_t offset, unsigned access)
{
	struct found f = {0};
	unsigned     slot;
	capreg       leaf;
	enum status  st;
	bool         present;

	if (span < COPY_SPAN_LEAST || span > COPY_SPAN_MOST ||
	    offset >> span != 0)
		return RC_ARGUMENT;
	st = open_path(guard, span, offset, &leaf);
	if (st != RC_OK)
		return st;
	slot = slot_of(offset, COPY_SPAN_LEAST);
	st = slot_get(leaf, slot, REG_FROM, &present);
	if (st != RC_OK)
		return st;
	if (present)
		return own_present(guard, leaf, slot, access);
	st = find_original(guard, offset, &f);
	if (st != RC_OK)
		return st;
	if (f.present && access != ACCESS_WRITE)
		return node_swap(leaf, slot, f.page, REG_VOID);
	return put_own(guard, leaf, slot, &f);
}

enum status
copy_freeze(capreg guard, unsigned span, capreg frozen)
{
	enum status st;
	bool        present;

	st = slot_get(guard, COPY_ORIGINAL, REG_LEVEL, &present);
	if (st != RC_OK || present)
		return st != RC_OK ? st : RC_STATE;
	st = slot_get(guard, COPY_SPACE, REG_LEVEL, &present);
	if (st == RC_OK && !present) {
		st = buy_node(guard, span);
		if (st == RC_OK)
			st = node_restrict(
			    REG_NEW, CR_READ_ONLY | CR_WEAK, frozen);
	} else if (st == RC_OK) {
		st = node_restrict(REG_LEVEL, CR_READ_ONLY | CR_WEAK, frozen);
	}
	if (st == RC_OK)
		st = node_swap(guard, COPY_ORIGINAL, frozen, REG_VOID);
	if (st != RC_OK)
		return st;
	st = node_swap(guard, COPY_SPACE, REG_VOID, REG_VOID);
	if (st != RC_OK)
		ignore_status(
		    node_swap(guard, COPY_ORIGINAL, REG_VOID, REG_VOID));
	return st;
}
