/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the supervisor and the tests' library. */
#ifndef TESTSUITE_GUEST_INTERNAL_H
#define TESTSUITE_GUEST_INTERNAL_H

#include "testsuite/guest/guest.h"

enum { REG_NONE = 0 };

/* The running test. */
struct run {
	unsigned failures, checks;
	char     what[160]; /* The first failure. */

	uint64_t frame;      /* The next free one of the arena. */
	uint64_t node_frame; /* Where nodes come from; 0: none yet. */
	unsigned node_index;
	unsigned peers;
	unsigned windows; /* Bit i: window i is in use. */
	uint64_t probe;   /* Address. */
	bool     all_frames; /* It had X_ALL_FRAMES. */
	bool     probing; /* The peer of probe() exists. */
};
extern struct run run;

/* A process from the arena, with this space and a lower schedule. */
void process_build(capreg to, unsigned priority);

#endif
