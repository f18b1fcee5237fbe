/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A note: numbered lines of text, which are just memory of the shell that
 * holds them, and so survive a restart.
 *
 *     TEXT       append a line          .dN        delete line N
 *     .iN TEXT   insert before line N   .l         list
 *     .          leave
 *
 * A line that is to start with a full stop is typed with two.
 */
#ifndef USERLAND_DEMO_NOTE_H
#define USERLAND_DEMO_NOTE_H

#include <stdbool.h>

#include "userland/lib/history.h"
#include "userland/lib/term.h"

enum {
	NOTE_LINES = 100,
};

struct note {
	unsigned count;
	char     line[NOTE_LINES][LINE_BYTES];
};

void note_clear(struct note *n);
void note_help(struct term *out);
void note_list(const struct note *n, struct term *out);

/* One line typed in note mode; false: the user leaves. */
bool note_type(struct note *n, struct term *out, const char *line);

#endif
