/* SPDX-License-Identifier: BSD-2-Clause */
/* What the domain of programs.idl gives and accepts. */
#ifndef USERLAND_RT_IDL_PROGRAMS_H
#define USERLAND_RT_IDL_PROGRAMS_H

#include "kernel/abi/types.h"

enum {
	PROGRAMS_NAME = 16, /* With its final 0. */
	PROGRAMS_MOST = 24, /* Kept at a time. */
	PROGRAMS_BYTES = 1 << 20,
	PROGRAMS_TEXT = 256,
	PROGRAMS_WORDS = 160, /* What run is told, without a final 0. */
	PROGRAMS_CHUNK = 4096,
};

/* Data of its start capabilities. */
enum programs_facet {
	PROGRAMS_USE = 1,     /* All but stage and receive. */
	PROGRAMS_PUSH = 2,    /* Only those. */
	PROGRAMS_KEEPER = 16, /* And up: the keeper of a program. */
};

enum programs_state {
	PROGRAMS_NONE,
	PROGRAMS_KEPT,
	PROGRAMS_RUNNING,
	PROGRAMS_FAULTED,
	PROGRAMS_STATES,
};

struct programs_program {
	char     name[PROGRAMS_NAME];
	uint32_t state; /* enum programs_state */
	uint32_t bytes; /* Of its image. */
	uint32_t frames; /* That its bank has sold, while it runs. */
	uint32_t fault; /* enum fault_code; the last one, and where. */
	uint64_t address, pc;
	uint64_t runs;
};

#endif
