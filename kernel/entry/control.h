/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control word of an invocation, taken apart (D2).
 */
#ifndef KERNEL_ENTRY_CONTROL_H
#define KERNEL_ENTRY_CONTROL_H

#include "kernel/abi/invoke.h"

#define REG_TOP(shift) (UINT64_C(16) << (shift))
#define REG_TOPS(shift)                                                        \
	(REG_TOP(shift) | REG_TOP((shift) + 5) | REG_TOP((shift) + 10) |       \
	    REG_TOP((shift) + 15))

/* Bits that no good control word has: unused ones, registers beyond 15. */
#define CONTROL_BAD                                                            \
	(~((UINT64_C(1) << CONTROL_USED_BITS) - 1) |                           \
	    REG_TOP(CONTROL_CAP_SHIFT) | REG_TOPS(CONTROL_SEND_SHIFT) |        \
	    REG_TOPS(CONTROL_RECEIVE_SHIFT))

/* The four send registers, or of the receive registers all but these bits. */
#define CONTROL_SENDS (((UINT64_C(1) << 20) - 1) << CONTROL_SEND_SHIFT)

static inline enum invoke_kind
control_kind(uint64_t control)
{
	return (enum invoke_kind)(control & 3);
}

static inline unsigned
control_cap(uint64_t control)
{
	return (unsigned)(control >> CONTROL_CAP_SHIFT) & 31;
}

static inline unsigned
control_send(uint64_t control, unsigned i)
{
	return (unsigned)(control >>
		   (CONTROL_SEND_SHIFT + CONTROL_REG_BITS * i)) &
	    31;
}

static inline unsigned
control_receive(uint64_t control, unsigned i)
{
	return (unsigned)(control >>
		   (CONTROL_RECEIVE_SHIFT + CONTROL_REG_BITS * i)) &
	    31;
}

#endif
