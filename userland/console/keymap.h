/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys of a US keyboard as the bytes that a serial terminal would send. */
#ifndef USERLAND_CONSOLE_KEYMAP_H
#define USERLAND_CONSOLE_KEYMAP_H

#include "uldrv/class/input.h"

enum { KEYMAP_BYTES = 4 };

struct keymap {
	bool shift, control, caps;
};

/* What an event of the input class types; returns how many bytes, 0 to 4. */
size_t keymap_type(
    struct keymap *k, uint64_t event, uint8_t bytes[KEYMAP_BYTES]);

#endif
