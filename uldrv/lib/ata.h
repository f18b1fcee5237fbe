/* SPDX-License-Identifier: BSD-2-Clause */
/* What ATA disks say of themselves: IDENTIFY DEVICE, ATA-6 8.15. */
#ifndef ULDRV_LIB_ATA_H
#define ULDRV_LIB_ATA_H

#include "uldrv/class/block.h"
#include "uldrv/lib/uldrv.h"

enum {
	ATA_IDENTIFY_WORDS = 256,
	ATA_IDENTIFY_BYTES = 512,

	/* What a task file of 28 bits can name (ATA-6 6.2). */
	ATA_LBA28_SECTORS = 1 << 28,
};

bool     ata_has_lba(const uint16_t *word);
bool     ata_has_dma(const uint16_t *word);
bool     ata_has_lba48(const uint16_t *word);
unsigned ata_queue_depth(const uint16_t *word); /* 1: no queue. */

/*
 * Fills in sectors, sector size, serial, and whether there is a cache to
 * flush. A disk that cannot be is RC_DEVICE, or RC_UNSUPPORTED, with a remark.
 */
enum status ata_geometry(
    struct dev *d, const uint16_t *word, struct block_geometry *g) must_check;

#endif
