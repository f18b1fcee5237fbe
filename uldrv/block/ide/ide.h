/* SPDX-License-Identifier: BSD-2-Clause */
/* One IDE channel, and the disk on it that we serve. */
#ifndef ULDRV_BLOCK_IDE_IDE_H
#define ULDRV_BLOCK_IDE_IDE_H

#include "devdb/ide.regs.h"
#include "uldrv/lib/block.h"

enum {
	IDE_PRDS = PAGE_SIZE / 8,
	IDE_DMA_BYTES = PAGE_SIZE,

	/* Of one command of 28 bits (ATA-6 6.2). */
	IDE_LBA28_BYTES = 256 * BLOCK_SECTOR,
};

/* Physical region descriptor, BM 1.2. */
struct ide_prd {
	uint32_t address;
	uint16_t bytes; /* 0 means 65536. */
	uint16_t last;  /* IDE_PRD_LAST in the last one. */
};

enum { IDE_PRD_LAST = 0x8000 };

struct ide {
	uint8_t         unit; /* 0 or 1 on the channel. */
	bool            lba48;
	bool            dma;
	bool            active; /* A command is being carried out. */
	uint32_t        done;   /* PIO: bytes moved so far. */
	struct block_io io;
};

/* identify.c: reset the channel, find a disk, fill in the geometry. */
enum status ide_start(struct dev *d) must_check;

/* Neither BSY, nor gone. */
bool ide_idle(struct dev *d);

/* The device register: our unit, with the top of an LBA of 28 bits. */
void ide_device(struct dev *d, uint8_t lba_top);

#endif
