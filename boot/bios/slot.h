/* SPDX-License-Identifier: BSD-2-Clause */
/* Which boot slot to take, and whether what it names may be believed. */
#ifndef BOOT_BIOS_SLOT_H
#define BOOT_BIOS_SLOT_H

#include "boot/handoff/handoff.h"
#include "persist/format/layout.h"

enum slot_state {
	SLOT_GOOD,
	SLOT_EMPTY, /* Never written: not worth a word. */
	SLOT_DAMAGED,
	SLOT_VERSION, /* Of a version that we do not know. */
	SLOT_FOREIGN, /* Of another volume. */
	SLOT_OUTSIDE, /* Names blocks that are not its own. */
};

/* Checks all that the header alone can tell. */
enum slot_state slot_check(const struct boot_slot *slot,
    const uint8_t volume[16], const struct boot_area *area);

/* In words, for a message. */
const char *slot_state_name(enum slot_state state);

/*
 * Fills `order` with the numbers of the good slots, highest serial first, and
 * returns how many there are. Of equal serials, slot A.
 */
unsigned slot_order(const enum slot_state state[BOOT_SLOTS],
    const struct boot_slot slot[BOOT_SLOTS], unsigned order[BOOT_SLOTS]);

/*
 * Both return what is wrong, or NULL. The first looks at the header alone,
 * `bytes` being all of the image; the second at a whole boot range.
 */
const char *kernel_check(const struct kernel_image *kernel, uint64_t bytes);
const char *range_check(const struct boot_range *range, uint64_t bytes);

#endif
