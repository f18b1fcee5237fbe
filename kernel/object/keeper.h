/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Faults and keepers (D4).
 *
 * The message to a keeper: word 0 is KEEPER_SEGMENT or KEEPER_PROCESS, word 1
 * the enum fault_code, word 2 the address (for a segment keeper the offset
 * within its segment), word 3 the enum fault_access or the CPU's error code,
 * word 4 the program counter. Capabilities: slot 0 the guarded node, not
 * opaque, for a segment keeper, or the process, if the keeper slot's
 * capability has not the right OPAQUE; slot 3 the restart capability.
 */
#ifndef KERNEL_OBJECT_KEEPER_H
#define KERNEL_OBJECT_KEEPER_H

#include "kernel/object/process.h"

enum keeper_order {
	KEEPER_SEGMENT = 0xfa00,
	KEEPER_PROCESS,
};

struct fault {
	enum fault_code   code;
	enum fault_access access;
	uint64_t          address;
	uint64_t          info;
	struct map_fault  map; /* For memory faults. */
};

/*
 * The loaded process has faulted: tell its keeper, or leave it faulted if it
 * has none. It does not run again until it is restarted.
 */
_Noreturn void keeper_fault(const struct fault *f);

#endif
