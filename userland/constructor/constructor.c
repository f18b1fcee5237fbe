/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/constructor/constructor.h"

#include <string.h>

#include "kernel/abi/cap.h"
#include "kernel/abi/discrim.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.stub.h"
#include "userland/rt/build.h"

enum status
constructor_image(struct constructor *c, const void *image, uint64_t bytes,
    const void *name, size_t name_bytes)
{
	struct elf_image parsed;
	enum status      st;

	if (bytes > ELF_HIGHEST || name_bytes >= sizeof(c->name))
		return RC_CORRUPT;
	st = elf_read(image, bytes, &parsed);
	if (st != RC_OK)
		return st;
	c->image = image;
	c->bytes = bytes;
	memset(c->name, 0, sizeof(c->name));
	memcpy(c->name, name, name_bytes);
	return RC_OK;
}

bool
constructor_register_ok(uint64_t n)
{
	return n > REG_VOID && n < CAP_REGISTERS && n != REG_BANK &&
	    n != REG_PROCESS;
}

/* A capability through which nothing can leave the product. */
static bool
is_safe(uint64_t kind, uint64_t rights)
{
	const uint64_t sealed = CR_READ_ONLY | CR_WEAK;

	switch (kind) {
	case CK_VOID:
	case CK_NUMBER:
	case CK_DISCRIM:
		return true;
	case CK_PAGE:
	case CK_NODE:
		return (rights & sealed) == sealed;
	default:
		return false;
	}
}

enum status
constructor_holes(uint64_t *holes)
{
	uint64_t    kind, rights;
	enum status st;

	*holes = 0;
	for (unsigned i = 1; i < CAP_REGISTERS; i++) {
		st = node_get(REG_NODE, i, REG_IN2);
		if (st != RC_OK)
			return st;
		st = discrim_classify(
		    REG_DISCRIM, REG_IN2, &kind, &rights, NULL);
		if (st != RC_OK)
			return st;
		*holes += !is_safe(kind, rights);
	}
	return RC_OK;
}

/* Give the product its capabilities. */
static enum status
furnish(void)
{
	enum status st;

	for (unsigned i = 1; i < CAP_REGISTERS; i++) {
		capreg from = REG_IN2;

		if (i == REG_BANK) {
			from = REG_IN0;
		} else if (i == REG_PROCESS) {
			from = REG_PRODUCT;
		} else {
			st = node_get(REG_NODE, i, from);
			if (st != RC_OK)
				return st;
		}
		st = process_swap(REG_PRODUCT, i, from, REG_VOID);
		if (st != RC_OK)
			return st;
	}
	return RC_OK;
}

enum status
constructor_yield(const struct constructor *c)
{
	const struct build_plan plan = {
	    .image = c->image,
	    .image_bytes = c->bytes,
	    .name = c->name,
	    .bank = REG_IN0,
	    .schedule = REG_IN1,
	    .scratch = {REG_OWN + 2, REG_OWN + 3, REG_IN2, REG_RT},
	};
	enum status st;

	if (!c->sealed)
		return RC_STATE;
	st = build_process(&plan, REG_PRODUCT, REG_PRODUCT_SPACE);
	if (st == RC_OK)
		st = furnish();
	if (st == RC_OK)
		st = process_start(REG_PRODUCT);
	if (st == RC_OK)
		st = process_make_start(REG_PRODUCT, 0, REG_PRODUCT);
	return st;
}
