/* SPDX-License-Identifier: BSD-2-Clause */
/* How long a tool waits for an answer: the environment may ask for more. */
#ifndef TESTSUITE_SETUP_PATIENCE_H
#define TESTSUITE_SETUP_PATIENCE_H

#include <stdlib.h>

/* So many milliseconds, times DEADLINE_SCALE where that is set. */
static inline int
patience(int ms)
{
	const char *text = getenv("DEADLINE_SCALE");
	const long  scale = text != NULL ? strtol(text, NULL, 10) : 1;

	return scale < 1 ? ms : scale > 1000 ? 1000 * ms : (int)scale * ms;
}

#endif
