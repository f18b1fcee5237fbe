/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an AHCI adapter and its driver share in memory (AHCI 4.2), and where it
 * lies in DMA memory:
 *
 *     page 0       command list, received FIS, identify data
 *     pages 1-6    a command table for each slot, six in a page
 */
#ifndef ULDRV_BLOCK_AHCI_AHCI_H
#define ULDRV_BLOCK_AHCI_AHCI_H

#include "devdb/ahci.regs.h"
#include "uldrv/lib/block.h"

enum {
	AHCI_SLOTS = 32,
	AHCI_PORTS = 32,
	AHCI_PORT_FIRST = 0x100,
	AHCI_PORT_BYTES = 0x80,

	/* Flags of a command header (AHCI 4.2.2). */
	AHCI_FIS_WORDS = 5,
	AHCI_WRITE = 1 << 6,

	/* FIS from host to device (SATA 10.3.4). */
	AHCI_FIS_H2D = 0x27,
	AHCI_FIS_COMMAND = 0x80,
	AHCI_FIS_LBA = 0x40,

	/* Commands (ACS 7). */
	ATA_READ_DMA_EXT = 0x25,
	ATA_WRITE_DMA_EXT = 0x35,
	ATA_READ_FPDMA = 0x60,
	ATA_WRITE_FPDMA = 0x61,
	ATA_FLUSH_EXT = 0xea,
	ATA_IDENTIFY = 0xec,
};

struct ahci_header {
	uint16_t flags;
	uint16_t prds;
	uint32_t bytes; /* Moved, written by the adapter. */
	uint64_t table;
	uint32_t unused[4];
};

struct ahci_prd {
	uint64_t address;
	uint32_t unused;
	uint32_t last; /* Byte of it: the length less one. */
};

struct ahci_fis {
	uint8_t type, flags, command, features;
	uint8_t lba0, lba1, lba2, device;
	uint8_t lba3, lba4, lba5, features_high;
	uint8_t count, count_high, unused0, control;
	uint8_t unused1[4];
};

struct ahci_table {
	struct ahci_fis fis;
	uint8_t         unused[128 - sizeof(struct ahci_fis)];
	struct ahci_prd prd[BLOCK_SEGMENTS];
};

_Static_assert(sizeof(struct ahci_header) == 32, "header");
_Static_assert(sizeof(struct ahci_fis) == 20, "fis");
_Static_assert(sizeof(struct ahci_table) == 640, "a multiple of 128");

enum {
	AHCI_FIS_AT = AHCI_SLOTS * sizeof(struct ahci_header),
	AHCI_IDENTIFY_AT = AHCI_FIS_AT + 256,
	AHCI_TABLES_AT = PAGE_SIZE,
	AHCI_TABLES_IN_PAGE = PAGE_SIZE / sizeof(struct ahci_table),
	AHCI_DMA_BYTES = 7 * PAGE_SIZE,
};

_Static_assert(AHCI_SLOTS <= 6 * AHCI_TABLES_IN_PAGE, "six pages of tables");

struct ahci {
	uint8_t  port;
	uint8_t  slots;  /* In use, at most 32. */
	bool     queued; /* Native command queueing. */
	bool     plain;  /* A command that is not queued is in flight. */
	uint32_t again;  /* After an error: to be carried out one by one. */
	uint32_t expected[AHCI_SLOTS]; /* Bytes; 0: the adapter does not say. */
};

/* start.c: reset the adapter, find a disk, set its port going. */
enum status ahci_start(struct dev *d) must_check;

/* start.c: what was before is forgotten; from now on it interrupts. */
void ahci_listen(struct dev *d);

/* start.c: who is the disk? Fills in the geometry. */
enum status ahci_identify(struct dev *d) must_check;

/* Of the slot: its command table, as CPU and adapter see it. */
struct ahci_table *ahci_table(struct dev *d, unsigned slot);

/* Fills the header of a slot whose table is ready, and issues it. */
void ahci_issue(struct dev *d, unsigned slot, uint16_t flags, unsigned prds);

#endif
