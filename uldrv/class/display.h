/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The display class: a screen of characters, as orders (uldrv/class/order.h).
 * A cell is two bytes, character (code page 437) and attribute (4 bits of
 * background, 4 of foreground); the data area begins with the cells of the
 * screen, row by row, as the client wants it to look.
 *
 * info[0]: columns, info[1]: rows.
 */
#ifndef ULDRV_CLASS_DISPLAY_H
#define ULDRV_CLASS_DISPLAY_H

#include "uldrv/class/order.h"

enum {
	DISPLAY_COLUMNS = 80,
	DISPLAY_ROWS = 25,
	DISPLAY_BYTES = 2 * DISPLAY_COLUMNS * DISPLAY_ROWS,
};

enum display_order {
	DISPLAY_SHOW,   /* These bytes at offset, both even, on the screen. */
	DISPLAY_CURSOR, /* To cell `argument`; beyond the screen: hidden. */
	DISPLAY_ORDERS,
};

#endif
