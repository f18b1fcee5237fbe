/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A terminal of the tests: rows of text, a cursor, and the few sequences that
 * the line editor uses. Anything else fails the test.
 */
#ifndef TESTSUITE_UNIT_USERLAND_SCREEN_H
#define TESTSUITE_UNIT_USERLAND_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

enum {
	SCREEN_ROWS = 256,
	SCREEN_COLUMNS = 200, /* Wider than the editor may use. */
	CELL_BYTES = 5,
};

struct screen {
	unsigned row, column;
	bool     strange; /* Something came that it does not know. */
	unsigned state, number, missing;
	size_t   bytes; /* That ever came. */
	char     cell[SCREEN_ROWS][SCREEN_COLUMNS][CELL_BYTES];
};

void screen_reset(struct screen *s);

/* A struct term's write function; arg is the screen. */
void screen_write(void *arg, const char *text, size_t bytes);

/* The text of a row, without trailing blanks; valid until the next call. */
const char *screen_row(const struct screen *s, unsigned row);

#endif
