/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A terminal of 80 by 25 characters: bytes go in, cells come out, as the
 * display class shows them. It knows what the shell draws with: CR, LF, BS,
 * TAB, and of the escape sequences K, J, H, A to D and G; others are swallowed.
 * Pure code.
 *
 * Invariants:
 *  1. row and column are on the screen; column may be one beyond the last,
 *     when the next character begins a new row.
 *  2. Cells outside of first to last are as the display has them.
 */
#ifndef USERLAND_CONSOLE_SCREEN_H
#define USERLAND_CONSOLE_SCREEN_H

#include "uldrv/class/display.h"

enum { SCREEN_PARAMETERS = 2 };

struct screen {
	uint16_t cell[DISPLAY_ROWS * DISPLAY_COLUMNS];
	unsigned row, column;
	unsigned first, last; /* Changed cells: first to last - 1. */
	uint8_t  escape;      /* 0, or how far a sequence has come. */
	unsigned parameter[SCREEN_PARAMETERS], parameters;
};

void screen_init(struct screen *s);
void screen_put(struct screen *s, const uint8_t *bytes, size_t n);

/* All of it must be shown. */
void screen_spoil(struct screen *s);

#endif
