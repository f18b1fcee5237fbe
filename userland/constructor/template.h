/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program as all its products begin: pages with their content, read-only,
 * in the leaves of a node of 4 MiB, which stands in TEMPLATE_SLOT of REG_NODE
 * and is paid by the constructor's own bank. A product's space shares what it
 * cannot write and gets copies of the rest.
 *
 * Invariants:
 *  1. Leaves and pages of the template can be reached only read-only, by
 *     products and constructor alike, so products share no place to write to.
 *  2. `writable` and `filled` say, page by page, what a product gets: shared,
 *     a copy of the template's page (both), or zeros (writable alone).
 */
#ifndef USERLAND_CONSTRUCTOR_TEMPLATE_H
#define USERLAND_CONSTRUCTOR_TEMPLATE_H

#include "userland/rt/elf.h"
#include "userland/rt/invoke.h"
#include "userland/rt/registers.h"

enum {
	REG_PRODUCT = REG_OWN,
	REG_PRODUCT_SPACE = REG_OWN + 1,
	REG_HIGH = REG_OWN + 2, /* The 4 MiB node being filled. */
	REG_LEAF = REG_OWN + 3,

	TEMPLATE_SLOT = 16, /* Of REG_NODE. */
	TEMPLATE_SPAN = 22,
	TEMPLATE_LEAVES = NODE_SLOTS,
	STACK_PAGES_MOST = NODE_SLOTS,
};

struct template {
	uint64_t entry, fs_base;
	uint32_t leaves; /* Bit i: leaf i is there. */
	uint32_t writable[TEMPLATE_LEAVES]; /* Bit i: page i of the leaf. */
	uint32_t filled[TEMPLATE_LEAVES];
};

/*
 * Make it, from an image that is mapped; on failure nothing is left. Uses
 * REG_OWN and REG_IN1.
 */
enum status template_make(struct template *t, const void *image, size_t bytes)
    must_check;

/*
 * A space for a product in REG_PRODUCT_SPACE, with a stack of so many pages,
 * and in REG_HIGH and REG_IN2 a node and a page to make the process of; all
 * bought from REG_IN0, as many in one order as can be. Uses REG_PRODUCT,
 * REG_LEAF and REG_RT.
 */
enum status template_space(
    const struct template *t, unsigned stack_pages) must_check;

#endif
