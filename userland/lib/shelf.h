/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Places for 32,768 capabilities: a tree of nodes, three high, below a node in
 * a register, that grows with what the domain's bank sells.
 *
 * Invariant: a node that has been put in stays, so what failed half-way is
 * gone on with by the next attempt, and no place that exists can fail.
 */
#ifndef USERLAND_LIB_SHELF_H
#define USERLAND_LIB_SHELF_H

#include "userland/rt/invoke.h"

enum {
	SHELF_PLACES = 1 << (3 * NODE_SHIFT),
};

struct shelf {
	capreg top;        /* Bought by the first shelf_room. */
	capreg scratch[2]; /* Their content is lost. */
	bool   begun;
};

/* Have a place. RC_LIMIT: there are no more; others are the bank's. */
enum status shelf_room(struct shelf *s, unsigned place) must_check;

/* Of a place that there is. */
enum status shelf_put(
    const struct shelf *s, unsigned place, capreg from) must_check;
enum status shelf_get(
    const struct shelf *s, unsigned place, capreg to) must_check;

#endif
