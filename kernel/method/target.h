/* SPDX-License-Identifier: BSD-2-Clause */
/* The process that an order of a process capability is about: cpu.other. */
#ifndef KERNEL_METHOD_TARGET_H
#define KERNEL_METHOD_TARGET_H

#include "kernel/object/cpu.h"

/* Find and prepare it for writing. Statuses of process_prepare and _write. */
must_check static inline enum status
target_prepare(const struct invocation *inv)
{
	enum status st = process_prepare(
	    inv->self.frame, inv->self.index, &cpu.other);

	return st == RC_OK ? process_prepare_write(&cpu.other) : st;
}

/*
 * Is it the one that asks? Its registers are then in the CPU, and would be put
 * over what is written into its state page. A method runs for a loaded process.
 */
static inline bool
target_asks(void)
{
	return cpu.current->state == cpu.other.state;
}

#endif
