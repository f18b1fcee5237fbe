/* SPDX-License-Identifier: BSD-2-Clause */
/* Records that the store gives to the shell's `gen`, `ckpt` and `mem`. */
#ifndef USERLAND_RT_IDL_STORE_H
#define USERLAND_RT_IDL_STORE_H

#include "kernel/abi/types.h"

/* Data of the store's start capabilities. */
enum store_facet {
	STORE_LOOK,    /* generation, status. */
	STORE_CONTROL, /* And checkpoint, schedule, halt. */
};

enum store_generation_flags {
	STORE_CURRENT = 1 << 0, /* The newest committed one. */
	STORE_PINNED = 1 << 1,
	STORE_BOOTED = 1 << 2, /* This boot started from it. */
};

struct store_generation {
	uint64_t number;
	uint64_t wall; /* Nanoseconds since 1970 at its snapshot; 0: unknown. */
	uint64_t persistent; /* Nanoseconds the volume had run by then. */
	uint64_t blocks;     /* Written for it. */
	uint32_t boot;       /* Number of the boot that made it. */
	uint32_t flags;      /* enum store_generation_flags */
};

enum store_state {
	STORE_SEARCHING, /* No volume has been found yet. */
	STORE_OPEN,
	STORE_COMMITTING,
	STORE_HALTED,
	STORE_NO_VOLUME, /* The remark says why. */
};

struct store_status {
	uint64_t generation;   /* The newest committed one. */
	uint64_t blocks, free; /* Of the data area, 4 KiB each. */
	uint64_t live;         /* Used by the newest generation. */
	uint64_t credits;      /* Dirty frames that this epoch may have. */
	uint64_t credits_used;
	uint64_t sellable;    /* Frames that the bank may have sold (F7). */
	uint64_t checkpoints; /* Since boot. */
	uint64_t last_ns;     /* How long the last commit took. */
	uint64_t schedule_ms; /* 0: only when asked. */
	uint64_t pages_in, pages_out;
	uint64_t errors;     /* Reads that failed their check, and worse. */
	uint64_t booted; /* Generation that this boot started from, or 0. */
	uint64_t booted_wall; /* As its record has it, also when it is gone. */
	uint32_t state;      /* enum store_state */
	uint32_t boot;       /* This boot's number. */
	uint8_t  volume[16]; /* UUID. */
	char     remark[64];
};

_Static_assert(sizeof(struct store_generation) == 40, "generation record");
_Static_assert(sizeof(struct store_status) == 208, "status record");

#endif
