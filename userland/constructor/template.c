/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/constructor/template.h"

#include <string.h>

#include "kernel/abi/cap.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "userland/rt/build.h"
#include "userland/rt/idl/bank.stub.h"

enum {
	LEAF_SPAN = PAGE_SHIFT + NODE_SHIFT,
	REG_PAGE = REG_IN2,
	TOP_SLOT_SHIFT = BUILD_SPAN - NODE_SHIFT,
	SOME = 3, /* The bank sells so many at a time. */
};

/* --- Making the template -------------------------------------------------- */

static bool
has_content(const unsigned char *data, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		if (data[i] != 0)
			return true;
	return false;
}

/* The leaf of an address, writable, in REG_LEAF; `now` is the one there. */
static enum status
open_leaf(struct template *t, unsigned leaf, unsigned *now)
{
	enum status st;

	if (*now == leaf)
		return RC_OK;
	st = bank_node(REG_BANK, REG_LEAF);
	if (st == RC_OK)
		st = node_restrict(REG_LEAF, CR_READ_ONLY, REG_PAGE);
	if (st == RC_OK)
		st = node_swap(REG_HIGH, leaf, REG_PAGE, REG_VOID);
	if (st != RC_OK)
		return st;
	t->leaves |= UINT32_C(1) << leaf;
	*now = leaf;
	return RC_OK;
}

static enum status
put_page(struct template *t, const struct elf_segment *s, uint64_t at,
    unsigned *now)
{
	const uint64_t address = s->address + at;
	const unsigned leaf = (unsigned)(address >> LEAF_SPAN);
	const unsigned slot =
	    (unsigned)(address >> PAGE_SHIFT) & (NODE_SLOTS - 1);
	const unsigned char *data = (const unsigned char *)s->data + at;
	size_t      bytes = at < s->file_bytes ? s->file_bytes - at : 0;
	enum status st = open_leaf(t, leaf, now);

	if (bytes > PAGE_SIZE)
		bytes = PAGE_SIZE;
	if (st != RC_OK)
		return st;
	if (s->writable)
		t->writable[leaf] |= UINT32_C(1) << slot;
	if (s->writable && !has_content(data, bytes))
		return RC_OK;
	st = bank_page(REG_BANK, REG_PAGE);
	if (st == RC_OK && bytes > 0)
		st = page_write(REG_PAGE, 0, data, bytes);
	if (st == RC_OK)
		st = page_restrict(REG_PAGE,
		    CR_READ_ONLY | (s->executable ? 0 : CR_NO_EXECUTE),
		    REG_PAGE);
	if (st == RC_OK)
		st = node_swap(REG_LEAF, slot, REG_PAGE, REG_VOID);
	if (st == RC_OK)
		t->filled[leaf] |= UINT32_C(1) << slot;
	return st;
}

static enum status
put_segments(struct template *t, const struct elf_image *image)
{
	unsigned    now = TEMPLATE_LEAVES;
	enum status st = RC_OK;

	for (unsigned i = 0; i < image->count; i++) {
		const struct elf_segment *s = &image->segment[i];

		for (uint64_t at = 0; st == RC_OK && at < s->memory_bytes;
		     at += PAGE_SIZE)
			st = put_page(t, s, at, &now);
	}
	return st;
}

/* Give back what a failure has left; what was lost is the bank's to keep. */
static void
take_apart(const struct template *t)
{
	for (unsigned i = 0; i < TEMPLATE_LEAVES; i++) {
		if ((t->leaves >> i & 1) == 0 ||
		    node_get(REG_HIGH, i, REG_LEAF) != RC_OK)
			continue;
		for (unsigned k = 0; k < NODE_SLOTS; k++)
			if ((t->filled[i] >> k & 1) != 0 &&
			    node_get(REG_LEAF, k, REG_PAGE) == RC_OK)
				ignore_status(bank_free(REG_BANK, REG_PAGE));
		ignore_status(bank_free(REG_BANK, REG_LEAF));
	}
	ignore_status(bank_free(REG_BANK, REG_HIGH));
}

enum status
template_make(struct template *t, const void *image, size_t bytes)
{
	const struct elf_segment *last;
	struct elf_image          elf;
	enum status               st = elf_read(image, bytes, &elf);

	if (st != RC_OK)
		return st;
	last = &elf.segment[elf.count - 1];
	if (last->address + last->memory_bytes > UINT64_C(1) << TEMPLATE_SPAN)
		return RC_LIMIT;
	*t = (struct template){.entry = elf.entry, .fs_base = elf.fs_base};
	st = bank_node(REG_BANK, REG_HIGH);
	if (st == RC_OK)
		st = node_segment(REG_HIGH, TEMPLATE_SPAN, REG_HIGH);
	if (st != RC_OK)
		return st;
	st = put_segments(t, &elf);
	if (st == RC_OK)
		st = node_restrict(REG_HIGH, CR_READ_ONLY, REG_PAGE);
	if (st == RC_OK)
		st = node_swap(REG_NODE, TEMPLATE_SLOT, REG_PAGE, REG_VOID);
	if (st != RC_OK)
		take_apart(t);
	return st;
}

/* --- A product's space ---------------------------------------------------- */

/* A page of its own, in REG_PAGE: zero, or the template's content. */
static enum status
own_page(capreg leaf, unsigned slot, bool filled)
{
	enum status st = bank_page(REG_IN0, REG_PAGE);

	if (st == RC_OK && filled)
		st = node_get(leaf, slot, REG_PRODUCT);
	if (st == RC_OK && filled)
		st = page_copy(REG_PAGE, REG_PRODUCT);
	if (st == RC_OK)
		st = page_restrict(REG_PAGE, CR_NO_EXECUTE, REG_PAGE);
	return st;
}

/*
 * Leaf i of the template, which is in REG_RT, as a product's own. The node
 * for the first one has been bought together with others.
 */
static enum status
own_leaf(const struct template *t, unsigned i, bool *bought)
{
	enum status st = *bought ? RC_OK : bank_node(REG_IN0, REG_LEAF);

	*bought = false;
	if (st == RC_OK)
		st = node_copy(REG_LEAF, REG_RT);
	for (unsigned k = 0; st == RC_OK && k < NODE_SLOTS; k++) {
		if ((t->writable[i] >> k & 1) == 0)
			continue;
		st = own_page(REG_RT, k, (t->filled[i] >> k & 1) != 0);
		if (st == RC_OK)
			st = node_swap(REG_LEAF, k, REG_PAGE, REG_VOID);
	}
	return st == RC_OK ? node_swap(REG_HIGH, i, REG_LEAF, REG_VOID) : st;
}

/* Leaves that nobody can write are shared, and with them mapping tables. */
static enum status
put_leaves(const struct template *t)
{
	bool        bought = true;
	enum status st = RC_OK;

	for (unsigned i = 0; st == RC_OK && i < TEMPLATE_LEAVES; i++) {
		if ((t->leaves >> i & 1) == 0)
			continue;
		st = node_get(REG_NODE, TEMPLATE_SLOT, REG_RT);
		if (st == RC_OK)
			st = node_get(REG_RT, i, REG_RT);
		if (st != RC_OK)
			break;
		st = t->writable[i] != 0
		    ? own_leaf(t, i, &bought)
		    : node_swap(REG_HIGH, i, REG_RT, REG_VOID);
	}
	return st;
}

/*
 * Pages into the leaf in REG_LEAF, from slot 0 on, some at a time; the last
 * one bought is the process's, and stays in REG_PAGE. No-execute is the
 * leaf's, for all of them.
 */
static enum status
put_stack(unsigned pages)
{
	static const capreg some[SOME] = {REG_PRODUCT, REG_RT, REG_PAGE};
	enum status         st = RC_OK;

	for (unsigned at = 0; st == RC_OK && at < pages + 1; at += SOME) {
		unsigned n = pages + 1 - at < SOME ? pages + 1 - at : SOME;

		/* The last one of all in REG_PAGE. */
		st = bank_pages(REG_IN0, n, some[SOME - n],
		    n > 1 ? some[SOME - n + 1] : REG_VOID,
		    n > 2 ? REG_PAGE : REG_VOID);
		for (unsigned i = 0; st == RC_OK && i < n; i++)
			if (at + i < pages)
				st = node_swap(REG_LEAF, at + i,
				    some[SOME - n + i], REG_VOID);
	}
	return st == RC_OK ? node_restrict(REG_LEAF, CR_NO_EXECUTE, REG_LEAF)
			   : st;
}

/* The space but for the stack and the process; REG_PAGE is in use by then. */
static enum status
put_program(const struct template *t)
{
	enum status st = node_segment(
	    REG_PRODUCT_SPACE, BUILD_SPAN, REG_PRODUCT_SPACE);

	if (st == RC_OK)
		st = node_segment(REG_HIGH, TEMPLATE_SPAN, REG_HIGH);
	if (st == RC_OK)
		st = put_leaves(t);
	return st == RC_OK
	    ? node_swap(REG_PRODUCT_SPACE, 0, REG_HIGH, REG_VOID)
	    : st;
}

enum status
template_space(const struct template *t, unsigned stack_pages)
{
	enum status st;

	st = bank_nodes(REG_IN0, SOME, REG_PRODUCT_SPACE, REG_HIGH, REG_LEAF);
	if (st == RC_OK)
		st = put_program(t);
	if (st == RC_OK)
		st = bank_nodes(REG_IN0, 2, REG_LEAF, REG_HIGH, REG_VOID);
	if (st == RC_OK)
		st = put_stack(stack_pages);
	if (st == RC_OK)
		st = node_swap(REG_PRODUCT_SPACE, BUILD_STACK >> TOP_SLOT_SHIFT,
		    REG_LEAF, REG_VOID);
	return st;
}
