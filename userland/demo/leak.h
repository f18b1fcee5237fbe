/* SPDX-License-Identifier: BSD-2-Clause */
/* Every way in which a domain could pass a secret on, tried. */
#ifndef USERLAND_DEMO_LEAK_H
#define USERLAND_DEMO_LEAK_H

#include "userland/rt/invoke.h"
#include "userland/rt/registers.h"

enum {
	LEAK_SECRET = 32,
	LEAK_DEPTH = 3, /* Nodes within nodes are looked into so far. */
};

struct leak {
	char     secret[LEAK_SECRET];
	uint64_t found, tried, accepted;
};

/*
 * Try what a register holds and what can be fetched through it. Uses
 * REG_IN0 to REG_IN2, REG_OWN + 3 and REG_RT.
 */
void leak_through(struct leak *l, capreg holder);

#endif
