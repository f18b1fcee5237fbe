/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The line being typed: editing, history, drawing. Pure code: bytes in, a
 * terminal out. All its state is this struct, so a snapshot in mid-line loses
 * nothing and edit_redraw shows it again (D14).
 *
 * Invariants (edit_ok):
 *  1. start <= cursor <= length < LINE_BYTES, line[length] is 0.
 *  2. cursor and start are at the first byte of a character, or at length.
 *  3. The screen shows the prompt, then the line from `start` on, as far as
 *     it fits, with the cursor at `cursor`.
 */
#ifndef USERLAND_SHELL_EDIT_H
#define USERLAND_SHELL_EDIT_H

#include <stdbool.h>

#include "userland/lib/history.h"
#include "userland/shell/keys.h"
#include "userland/lib/term.h"

enum {
	EDIT_COLUMNS = 80,
	PROMPT_BYTES = 32,
};

enum edit_event {
	EDIT_MORE,
	EDIT_LINE,      /* edit.line is complete; then call edit_begin. */
	EDIT_INTERRUPT, /* ^C: the line was dropped; then call edit_begin. */
	EDIT_END,       /* ^D on an empty line; the same. */
};

struct edit {
	struct term   *term;
	struct keys    keys;
	struct history history;
	unsigned       back; /* History line shown; 0: the one being typed. */
	unsigned       length, cursor, start;
	char           prompt[PROMPT_BYTES];
	char           line[LINE_BYTES];
	char           typed[LINE_BYTES];  /* Kept while history is shown. */
	char           killed[LINE_BYTES]; /* For ^Y. */
};

void edit_init(struct edit *e, struct term *term);

/* Show the prompt and an empty line. */
void edit_begin(struct edit *e, const char *prompt);

/* Show prompt and line again, on the line the cursor is on. */
void edit_redraw(struct edit *e);

enum edit_event edit_feed(struct edit *e, uint8_t byte);

bool edit_ok(const struct edit *e);

#endif
