/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where things lie on a volume: fixed blocks and the two boot slots (S13).
 *
 * A block is 4 KiB; block numbers count from the start of the partition.
 *
 *     0-15    partition boot record (first sector) and extended bootstrap
 *     16      volume header: identity and extents, written once
 *     17, 18  superblock slots 0 and 1, written alternately
 *     19, 20  boot slot headers A and B
 *     ...     boot slot areas A and B, then the data area of the store
 */
#ifndef PERSIST_FORMAT_LAYOUT_H
#define PERSIST_FORMAT_LAYOUT_H

#include "kernel/abi/types.h"

enum {
	BLOCK_SIZE = 4096,
	SECTOR_SIZE = 512,
	BLOCK_SECTORS = BLOCK_SIZE / SECTOR_SIZE,
	BLOCK_BOOT = 0,
	BOOT_BLOCKS = 16,
	BLOCK_VOLUME = 16,
	BLOCK_SUPER = 17, /* And 18. */
	BLOCK_SLOT = 19,  /* And 20. */
	BOOT_SLOTS = 2,
	BOOT_SLOT_MAGIC = 0x544c5342, /* "BSLT" */
	BOOT_SLOT_VERSION = 1,
	PARTITION_TYPE = 0xae,
	PARTITION_FIRST_LBA = 2048,
	/* Unless the volume header says otherwise. */
	BLOCK_SLOT_AREA = 32,    /* Area of slot A; that of B follows. */
	SLOT_AREA_BLOCKS = 3072, /* 12 MiB: kernel and boot range. */
	BLOCK_DATA = BLOCK_SLOT_AREA + BOOT_SLOTS * SLOT_AREA_BLOCKS,
};

/* What a boot slot may use: boot record and volume header name it. */
struct boot_area {
	uint64_t block;
	uint64_t blocks;
};

/*
 * The header of a boot slot, in its own block. The bootstrap takes the valid
 * slot with the highest serial and falls back aloud. Both images lie in the
 * slot's area, contiguous, the kernel first.
 */
struct boot_slot {
	uint32_t magic;
	uint32_t version;
	uint32_t checksum;     /* CRC32C of this struct with the field zero. */
	uint32_t serial;       /* Higher is newer; 0 = never written. */
	uint64_t kernel_block; /* First block of struct kernel_image. */
	uint64_t kernel_bytes;
	uint64_t range_block; /* First block of struct boot_range. */
	uint64_t range_bytes;
	uint32_t format_least; /* Volume formats that this kernel opens. */
	uint32_t format_most;
	uint8_t volume[16]; /* UUID: a slot copied from elsewhere is refused. */
	char    label[64];  /* For people: version and build time. */
};

#endif
