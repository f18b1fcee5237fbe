/* SPDX-License-Identifier: BSD-2-Clause */
/* The lines typed before, the newest first. It is just memory. */
#ifndef USERLAND_LIB_HISTORY_H
#define USERLAND_LIB_HISTORY_H

enum {
	LINE_BYTES = 256, /* A line with its final 0. */
	HISTORY_LINES = 32,
};

struct history {
	unsigned count; /* Lines ever added. */
	char     line[HISTORY_LINES][LINE_BYTES];
};

/* Empty lines and repetitions of the newest are left out. */
void history_add(struct history *h, const char *line);

/* The n-th newest line, from 1; NULL if there are not that many. */
const char *history_get(const struct history *h, unsigned n);

#endif
