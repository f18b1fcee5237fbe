/* SPDX-License-Identifier: BSD-2-Clause */
/* A pause, for domains that nobody calls. */
#ifndef USERLAND_RT_WAIT_H
#define USERLAND_RT_WAIT_H

#include "kernel/abi/types.h"

enum {
	WAIT_BIT = 62, /* Of the domain's notice word. */
};

enum wait_end {
	WAIT_OVER, /* The deadline has come, */
	WAIT_RUNG, /* or one of the bits before it. */
	WAIT_LOST, /* The machine was restarted, or there is no clock. */
};

/*
 * Wait until one of these bits of the notice word is set, or the clock shows
 * the deadline, in nanoseconds since the boot. Callers are answered RC_BUSY
 * meanwhile, and all other bits are lost. Uses REG_RT and the registers of a
 * request.
 */
enum wait_end wait_rung(uint64_t bits, uint64_t deadline) must_check;

/*
 * The same for so many nanoseconds, at least. False: the machine was restarted,
 * or there is no clock.
 */
bool wait_for(uint64_t nanoseconds);

#endif
