/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel and boot range, from the newest boot slot that can be had. */
#ifndef BOOT_BIOS_LOAD_H
#define BOOT_BIOS_LOAD_H

#include "boot/bios/bootrecord.h"
#include "boot/handoff/handoff.h"

/*
 * Loads both, fills in their places and the slot, and returns the kernel's
 * entry. The volume starts at sector `lba`. Stops if no slot can be booted.
 */
uint64_t load_slots(
    struct handoff *h, const struct image_header *image, uint64_t lba);

#endif
