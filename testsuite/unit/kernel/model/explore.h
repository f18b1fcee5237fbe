/* SPDX-License-Identifier: BSD-2-Clause */
/* Looks at every interleaving of a few actors. */
#ifndef TESTSUITE_UNIT_KERNEL_MODEL_EXPLORE_H
#define TESTSUITE_UNIT_KERNEL_MODEL_EXPLORE_H

#include <CUnit/CUnit.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "testsuite/runner/runner.h"

enum { STATE_BYTES = 64 };

/* A model's own struct lies in it; what it does not use is zero. */
union state {
	uint8_t  bytes[STATE_BYTES];
	uint64_t words[STATE_BYTES / 8];
};

struct machine {
	unsigned steps; /* Numbers that `step` takes. */

	/* Do this step, if it is possible now: from s to *to. */
	bool (*step)(const union state *s, unsigned i, union state *to);

	/* Is this state as it must be? last: nothing more can happen. */
	bool (*good)(const union state *s, bool last);
};

struct explored {
	uint32_t states; /* Different ones. */
	uint32_t last;   /* Of those, in which nothing more can happen. */
	bool     good;
};

struct explored explore(const struct machine *m, const union state *first);

extern const struct runner_test ring_tests[], notice_tests[], call_tests[];

#endif
