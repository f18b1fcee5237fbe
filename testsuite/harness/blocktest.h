/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of any block driver over any back end. */
#ifndef TESTSUITE_HARNESS_BLOCKTEST_H
#define TESTSUITE_HARNESS_BLOCKTEST_H

#include "testsuite/harness/client.h"

struct script_result {
	bool          ended;  /* All requests completed. */
	unsigned long wrong;  /* Statuses or content that must not be. */
	unsigned long strays; /* DMA beyond what was lent. */
	unsigned long fired;
	unsigned long restarts;
};

/*
 * Runs the script of requests with this fault. Every request is tried again a
 * few times; what is then wrong is counted, with content left out after a
 * fault that lies.
 */
struct script_result block_script(const struct fault *fault);

#endif
