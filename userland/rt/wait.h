/* SPDX-License-Identifier: BSD-2-Clause */
/* A pause, for domains that nobody calls. */
#ifndef USERLAND_RT_WAIT_H
#define USERLAND_RT_WAIT_H

#include "kernel/abi/types.h"

enum {
	WAIT_BIT = 62, /* Of the domain's notice word. */
};

/*
 * Wait so many nanoseconds, at least. Callers are answered RC_BUSY meanwhile.
 * False: the machine was restarted, or there is no clock. Uses REG_RT and the
 * registers of a request.
 */
bool wait_for(uint64_t nanoseconds);

#endif
