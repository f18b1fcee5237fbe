/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A table with its memory and its capabilities: what a directory and a record
 * collection have in common. Registers: REG_OWN and REG_OWN + 1 for good,
 * REG_OWN + 2, + 3 and REG_RT meanwhile.
 *
 * Invariant: the capability of record n lies in place n of the shelf, void if
 * its value is data, so nothing is kept alive that nobody can ask for.
 */
#ifndef USERLAND_LIB_COLLECTION_H
#define USERLAND_LIB_COLLECTION_H

#include "userland/lib/heap.h"
#include "userland/lib/shelf.h"
#include "userland/lib/table.h"

struct collection {
	struct table table;
	struct heap  heap;
	struct shelf shelf;
};

/* With its memory at a slot of the address space. */
void collection_init(struct collection *c, unsigned slot);

/*
 * Have a record of a key, new or not, and room for a capability beside it; on
 * failure nothing has changed.
 */
enum status collection_have(struct collection *c, const void *key,
    size_t bytes, unsigned *at) must_check;

/* Give record `at` a value. */
enum status collection_set_cap(
    struct collection *c, unsigned at, capreg value) must_check;
enum status collection_set_data(struct collection *c, unsigned at,
    const void *data, size_t bytes) must_check;

enum status collection_cap(
    struct collection *c, unsigned at, capreg to) must_check;

enum status collection_remove(struct collection *c, unsigned at) must_check;

#endif
