/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A constructor's work, without its loop.
 *
 * Invariants:
 *  1. Once sealed, neither template nor capabilities change.
 *  2. A product holds what was inserted, its requestor's bank, its own
 *     process, and nothing else.
 *  3. Bit i of `holes` is set if what products get in register i, or as keeper
 *     if i is SLOT_KEEPER, could carry data to somebody else than the
 *     requestor.
 */
#ifndef USERLAND_CONSTRUCTOR_CONSTRUCTOR_H
#define USERLAND_CONSTRUCTOR_CONSTRUCTOR_H

#include "kernel/abi/process.h"
#include "userland/constructor/template.h"

enum {
	PROGRAM_NAME = 16,

	/* Slots of REG_NODE: 0-15 what products get, TEMPLATE_SLOT, and */
	BRAND_SLOT = 17,
	MAKER_SLOT = 18, /* The constructor of constructors, or void. */
	KEEPER_SLOT = 19, /* What becomes the keeper of products, or void. */

	PLACES = SLOT_KEEPER + 1, /* Bits of `inserted` and `holes`. */

	REG_BRAND = REG_CLOCK, /* The same brand, at hand; no clock is needed. */

	DATA_BUILDER = 1, /* Of start capabilities. */
};

struct constructor {
	struct template template;
	char            name[PROGRAM_NAME];
	unsigned        stack_pages; /* 0: there is no image yet. */
	uint32_t        inserted, holes;
	bool            sealed;
};

/* Believe an image mapped at `image`, or refuse it. */
enum status construct_image(struct constructor *c, const void *image,
    uint64_t bytes, uint64_t stack_pages, const void *name,
    size_t name_bytes) must_check;

/* Put REG_IN0 where products will have it. */
enum status construct_insert(struct constructor *c, uint64_t n) must_check;

/* Take stock of what system.dts has put into REG_NODE. */
enum status construct_adopt(struct constructor *c) must_check;

/* Make the brand, and seal. */
enum status construct_seal(struct constructor *c) must_check;

/* RC_NOT_FOUND: there are fewer holes. */
enum status construct_hole(const struct constructor *c, uint64_t index,
    uint64_t *n, uint64_t *kind, uint64_t *rights) must_check;

/* Holes that are not in a slot of the node REG_IN0; void is an empty one. */
enum status construct_others(
    const struct constructor *c, uint64_t *others) must_check;

/* Build in REG_PRODUCT, paid for by REG_IN0, running by REG_IN1. */
enum status construct_yield(const struct constructor *c) must_check;

static inline unsigned
construct_hole_count(const struct constructor *c)
{
	return (unsigned)__builtin_popcount(c->holes);
}

#endif
