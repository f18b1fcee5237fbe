/* SPDX-License-Identifier: BSD-2-Clause */
/* The beginning and the ends of a domain. */
#ifndef USERLAND_RT_EXIT_H
#define USERLAND_RT_EXIT_H

#include "kernel/abi/types.h"

/* What the builder gave: `argument` in system.dts, or of a build_plan. */
extern uint64_t ant_argument;

/*
 * Done: wait for ever, and answer RC_STATE to whoever calls, so that nobody
 * hangs on a domain that has ended. Returning from main comes here.
 */
_Noreturn void ant_exit(void);

/*
 * The domain is broken: say so in the log and fault, which its keeper and ps
 * see.
 */
_Noreturn void ant_panic(const char *file, int line, const char *what);

/* Our own mistakes only; never for input (rule 13 of the house style). */
#define ant_assert(condition) \
	((condition) ? (void)0 : ant_panic(__FILE__, __LINE__, #condition))

#endif
