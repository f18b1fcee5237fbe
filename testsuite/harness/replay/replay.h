/* SPDX-License-Identifier: BSD-2-Clause */
/* The back end that plays a trace (environment TRACE) to the driver. */
#ifndef TESTSUITE_HARNESS_REPLAY_REPLAY_H
#define TESTSUITE_HARNESS_REPLAY_REPLAY_H

#include "testsuite/harness/trace.h"

struct replay {
	struct trace *t;
	size_t        at;       /* The next line. */
	bool          diverged; /* Told once; then nothing moves any more. */
	size_t        spoilt;   /* The n-th write is another; 0: none. */
	size_t        writes;   /* That were played. */
};

/* Has the n-th register write of the trace changed; 0: none. */
void replay_spoil(struct harness *h, size_t n);

size_t replay_writes(const struct harness *h);

/* Was all of it played, without a difference? */
bool replay_ended(struct harness *h);

#endif
