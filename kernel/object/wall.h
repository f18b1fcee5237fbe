/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the clock capability adds to the time since boot, in nanoseconds.
 */
#ifndef KERNEL_OBJECT_WALL_H
#define KERNEL_OBJECT_WALL_H

#include "kernel/abi/types.h"

struct wall {
	uint64_t day_base;        /* Unix time at boot; 0: not known (D13). */
	uint64_t persistent_base; /* What earlier boots ran, as last saved. */
};
extern struct wall wall;

#endif
