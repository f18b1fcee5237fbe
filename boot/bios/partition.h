/* SPDX-License-Identifier: BSD-2-Clause */
/* The partition table of a disk's first sector. */
#ifndef BOOT_BIOS_PARTITION_H
#define BOOT_BIOS_PARTITION_H

#include "boot/bios/bootrecord.h"

/* Returns what is wrong with the table, or NULL. Any partition may be there. */
const char *partition_table_check(const struct mbr *mbr);

/* The entry of our type that begins at `lba`, or -1. */
int partition_find(const struct mbr *mbr, uint64_t lba);

#endif
