/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/constructor/constructor.h"

#include <string.h>

#include "kernel/abi/cap.h"
#include "kernel/abi/discrim.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.h"
#include "kernel/abi/process.stub.h"
#include "userland/rt/build.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/idl/constructor.stub.h"
#include "userland/rt/slot.h"

struct start_registers {
	struct registers regs;
	uint64_t         fs_base, gs_base;
};

_Static_assert(sizeof(struct start_registers) == 192, "set_registers");

enum status
construct_image(struct constructor *c, const void *image, uint64_t bytes,
    uint64_t stack_pages, const void *name, size_t name_bytes)
{
	enum status st;

	if (c->stack_pages != 0)
		return RC_STATE;
	if (stack_pages == 0 || stack_pages > STACK_PAGES_MOST)
		return RC_ARGUMENT;
	if (bytes > ELF_HIGHEST || name_bytes >= sizeof(c->name))
		return RC_CORRUPT;
	st = template_make(&c->template, image, bytes);
	if (st != RC_OK)
		return st;
	memset(c->name, 0, sizeof(c->name));
	memcpy(c->name, name, name_bytes);
	c->stack_pages = (unsigned)stack_pages;
	return RC_OK;
}

/* --- Holes ---------------------------------------------------------------- */

/*
 * A start capability for requestors of a constructor by the same maker, which
 * is sealed and has no holes, gives a product nothing but products that talk
 * to nobody else. The maker's word is asked for before anything is sent.
 */
static bool
is_discreet_constructor(capreg thing, uint64_t data)
{
	uint64_t yes = 0, holes = 1;

	return data == 0 && node_get(REG_NODE, MAKER_SLOT, REG_RT) == RC_OK &&
	    constructor_branded(REG_RT, thing, &yes) == RC_OK && yes == 1 &&
	    constructor_holes(thing, &holes) == RC_OK && holes == 0;
}

/*
 * A capability through which nothing can leave the product. But for a
 * constructor the kernel knows, which also sees that a number is what a boot
 * service leads to, and may be something else after the next boot.
 */
static bool
is_safe(capreg thing, uint64_t kind, uint64_t data)
{
	uint64_t discreet = 0;

	if (kind == CK_START)
		return is_discreet_constructor(thing, data);
	return discrim_discreet(REG_DISCRIM, thing, &discreet) == RC_OK &&
	    discreet == 1;
}

/* What stands in slot n is in `thing`: enter it. */
static enum status
classify(struct constructor *c, unsigned n, capreg thing)
{
	uint64_t    kind, data;
	uint32_t    bit = UINT32_C(1) << n;
	enum status st;

	st = discrim_classify(REG_DISCRIM, thing, &kind, NULL, &data);
	if (st != RC_OK)
		return st;
	c->inserted &= ~bit;
	c->holes &= ~bit;
	if (kind != CK_VOID)
		c->inserted |= bit;
	if (!is_safe(thing, kind, data))
		c->holes |= bit;
	return RC_OK;
}

static bool
register_ok(uint64_t n)
{
	return n == SLOT_KEEPER ||
	    (n > REG_VOID && n < CAP_REGISTERS && n != REG_BANK &&
		n != REG_PROCESS);
}

/* Where REG_NODE keeps what products get in a register, or as keeper. */
static unsigned
kept_in(unsigned n)
{
	return n == SLOT_KEEPER ? KEEPER_SLOT : n;
}

/* Void, or what the kernel takes as a keeper. */
static enum status
check_keeper(capreg thing)
{
	uint64_t    kind = 0;
	enum status st =
	    discrim_classify(REG_DISCRIM, thing, &kind, NULL, NULL);

	if (st == RC_OK && kind != CK_VOID && kind != CK_START)
		st = RC_ARGUMENT;
	return st;
}

/* Until it is classified it counts as a hole, so that a failure is safe. */
enum status
construct_insert(struct constructor *c, uint64_t n)
{
	enum status st = register_ok(n) ? RC_OK : RC_ARGUMENT;

	if (st == RC_OK && n == SLOT_KEEPER)
		st = check_keeper(REG_IN0);
	if (st == RC_OK)
		st = node_swap(
		    REG_NODE, kept_in((unsigned)n), REG_IN0, REG_VOID);
	if (st != RC_OK)
		return st;
	c->inserted |= UINT32_C(1) << n;
	c->holes |= UINT32_C(1) << n;
	return classify(c, (unsigned)n, REG_IN0);
}

enum status
construct_adopt(struct constructor *c)
{
	enum status st = RC_OK;

	for (unsigned n = 0; st == RC_OK && n < CAP_REGISTERS; n++) {
		if (!register_ok(n))
			continue;
		st = node_get(REG_NODE, n, REG_IN2);
		if (st == RC_OK)
			st = classify(c, n, REG_IN2);
	}
	return st;
}

enum status
construct_hole(const struct constructor *c, uint64_t index, uint64_t *n,
    uint64_t *kind, uint64_t *rights)
{
	enum status st;

	for (unsigned i = 0; i < PLACES; i++) {
		if ((c->holes >> i & 1) == 0 || index-- != 0)
			continue;
		st = node_get(REG_NODE, kept_in(i), REG_IN2);
		*n = i;
		return st == RC_OK ? discrim_classify(REG_DISCRIM, REG_IN2,
					 kind, rights, NULL)
				   : st;
	}
	return RC_NOT_FOUND;
}

/* Is REG_IN2 among the accepted? */
static enum status
is_accepted(bool *accepted)
{
	uint64_t    same = 0;
	enum status st = RC_OK;

	for (unsigned i = 0; st == RC_OK && same == 0 && i < NODE_SLOTS; i++) {
		st = node_get(REG_IN0, i, REG_IN1);
		if (st == RC_OK)
			st = discrim_compare(
			    REG_DISCRIM, REG_IN2, REG_IN1, &same);
	}
	*accepted = same != 0;
	return st;
}

enum status
construct_others(const struct constructor *c, uint64_t *others)
{
	uint64_t    kind;
	enum status st;

	st = discrim_classify(REG_DISCRIM, REG_IN0, &kind, NULL, NULL);
	if (st != RC_OK)
		return st;
	if (kind != CK_VOID && kind != CK_NODE)
		return RC_CAPABILITY;
	*others = 0;
	for (unsigned i = 0; st == RC_OK && i < PLACES; i++) {
		bool accepted = false;

		if ((c->holes >> i & 1) == 0)
			continue;
		st = node_get(REG_NODE, kept_in(i), REG_IN2);
		if (st == RC_OK && kind == CK_NODE)
			st = is_accepted(&accepted);
		*others += !accepted;
	}
	return st;
}

/* --- Products ------------------------------------------------------------- */

/*
 * The brand is a node, for nobody else has it or can get it; unless
 * system.dts has given one, with which it has branded domains of its own.
 */
enum status
construct_seal(struct constructor *c)
{
	enum status st;
	bool        present;

	if (c->stack_pages == 0)
		return RC_STATE;
	st = slot_get(REG_NODE, BRAND_SLOT, REG_IN2, &present);
	if (st == RC_OK && !present)
		st = bank_node(REG_BANK, REG_IN2);
	if (st == RC_OK && !present)
		st = node_swap(REG_NODE, BRAND_SLOT, REG_IN2, REG_VOID);
	if (st == RC_OK)
		st = node_get(REG_NODE, BRAND_SLOT, REG_BRAND);
	if (st == RC_OK)
		c->sealed = true;
	return st;
}

static enum status
put(unsigned slot, capreg from)
{
	return process_swap(REG_PRODUCT, slot, from, REG_VOID);
}

static enum status
put_kept(unsigned slot, unsigned kept)
{
	enum status st = node_get(REG_NODE, kept, REG_IN2);

	return st == RC_OK ? put(slot, REG_IN2) : st;
}

/* Give the product its capabilities. */
static enum status
furnish(const struct constructor *c)
{
	enum status st = put(REG_BANK, REG_IN0);

	if (st == RC_OK)
		st = put(REG_PROCESS, REG_PRODUCT);
	for (unsigned i = 1; st == RC_OK && i < CAP_REGISTERS; i++)
		if ((c->inserted >> i & 1) != 0)
			st = put_kept(i, i);
	if (st == RC_OK && (c->inserted >> SLOT_KEEPER & 1) != 0)
		st = put_kept(SLOT_KEEPER, KEEPER_SLOT);
	if (st == RC_OK)
		st = put(SLOT_SPACE, REG_PRODUCT_SPACE);
	if (st == RC_OK)
		st = put(SLOT_SCHEDULE, REG_IN1);
	return st == RC_OK ? put(SLOT_BRAND, REG_BRAND) : st;
}

static enum status
enter(const struct constructor *c)
{
	const struct start_registers regs = {
	    .regs.rip = c->template.entry,
	    .regs.rsp = BUILD_STACK + (uint64_t)c->stack_pages * PAGE_SIZE,
	    .fs_base = c->template.fs_base,
	};
	enum status st;

	st = process_name(REG_PRODUCT, c->name, strlen(c->name));
	if (st == RC_OK)
		st = process_set_registers(REG_PRODUCT, &regs, sizeof(regs));
	return st;
}

/* A bank of somebody's own making could keep hold of what it sells. */
static enum status
check_bank(void)
{
	uint64_t    genuine = 0;
	enum status st = bank_verify(REG_BANK, REG_IN0, &genuine);

	return st == RC_OK && genuine != 1 ? RC_CAPABILITY : st;
}

enum status
construct_yield(const struct constructor *c)
{
	enum status st = c->sealed ? check_bank() : RC_STATE;

	if (st == RC_OK)
		st = template_space(&c->template, c->stack_pages);
	if (st == RC_OK)
		st = node_make_process(REG_HIGH, REG_IN2, REG_PRODUCT);
	if (st == RC_OK)
		st = furnish(c);
	if (st == RC_OK)
		st = enter(c);
	if (st == RC_OK)
		st = process_start(REG_PRODUCT);
	return st == RC_OK ? process_make_start(REG_PRODUCT, 0, REG_PRODUCT)
			   : st;
}
