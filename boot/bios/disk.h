/* SPDX-License-Identifier: BSD-2-Clause */
/* The disk we were loaded from, by the BIOS's INT 13h extensions. */
#ifndef BOOT_BIOS_DISK_H
#define BOOT_BIOS_DISK_H

#include "boot/handoff/handoff.h"

/*
 * Learns about the drive and fills in the hand-off's bios_drive and edd_
 * fields. Returns what is wrong, or NULL.
 */
const char *disk_open(struct handoff *h, uint8_t drive);

/* Where the drive is, for people: "ATA at PCI 00:01.1" or "BIOS drive". */
void disk_place(const struct handoff *h, char *to, size_t size);

/*
 * Reads `bytes` from sector `lba` on to any address below 4 GiB. A sector that
 * cannot be read is tried three times, then named on the screen.
 */
must_check bool disk_read(uint64_t lba, void *to, uint32_t bytes);

#endif
