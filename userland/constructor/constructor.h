/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A constructor's work, without its loop.
 *
 * Invariants:
 *  1. Once sealed, neither image nor capabilities change.
 *  2. A product holds what was inserted, its requestor's bank, its own
 *     process, and nothing else.
 */
#ifndef USERLAND_CONSTRUCTOR_CONSTRUCTOR_H
#define USERLAND_CONSTRUCTOR_CONSTRUCTOR_H

#include "userland/rt/invoke.h"
#include "userland/rt/registers.h"

enum {
	REG_PRODUCT = REG_OWN,
	REG_PRODUCT_SPACE = REG_OWN + 1,
	PROGRAM_NAME = 16,
};

struct constructor {
	const void *image; /* Where it is mapped. */
	size_t      bytes; /* 0: there is none yet. */
	char        name[PROGRAM_NAME];
	bool        sealed;
};

/* Believe an image mapped at `image`, or refuse it. */
enum status constructor_image(struct constructor *c, const void *image,
    uint64_t bytes, const void *name, size_t name_bytes) must_check;

/* May the builder choose what this register holds? */
bool constructor_register_ok(uint64_t n);

/* Count the holes among the slots of REG_NODE. */
enum status constructor_holes(uint64_t *holes) must_check;

/* Build in REG_PRODUCT, paid for by REG_IN0, running by REG_IN1. */
enum status constructor_yield(const struct constructor *c) must_check;

#endif
