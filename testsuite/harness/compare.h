/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Holds the trace of a model against that of QEMU's device, access by access.
 * A model is believed as far as the two agree; where they do not, its file
 * says why, and a reason that no difference needs is a failure as well.
 */
#ifndef TESTSUITE_HARNESS_COMPARE_H
#define TESTSUITE_HARNESS_COMPARE_H

#include "testsuite/harness/trace.h"

/*
 * Patterns (fnmatch) of whole lines. Both: where the model has this line, QEMU
 * has that one. One NULL: the line stands in the other's trace only.
 */
struct model_difference {
	const char *model, *qemu;
	const char *why; /* NULL ends the table. */
};

/* Supplied by the model. */
extern const struct model_difference model_differences[];

/* Prints the first difference that nothing justifies, with what is about it. */
bool trace_agrees(const struct trace *model, const struct trace *qemu,
    const struct model_difference *differences);

#endif
