/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Faults and keepers (D4).
 *
 * The message to a keeper is described at enum keeper_order.
 */
#ifndef KERNEL_OBJECT_KEEPER_H
#define KERNEL_OBJECT_KEEPER_H

#include "kernel/object/process.h"

struct fault {
	enum fault_code   code;
	enum fault_access access;
	uint64_t          address;
	uint64_t          info;
	uint8_t           length; /* FAULT_FOREIGN: what is still to be skipped. */
	struct map_fault  map; /* For memory faults. */
};

/*
 * The loaded process has faulted: tell its keeper, or leave it faulted if it
 * has none. It does not run again until it is restarted.
 */
_Noreturn void keeper_fault(const struct fault *f);

/*
 * Did this fault come after its instruction, which must not run twice: a
 * breakpoint, a single step, a foreign system call?
 */
bool keeper_came_after(enum fault_code code);

/* The same for what was recorded in the loaded process while it runs. */
_Noreturn void keeper_again(void);

#endif
