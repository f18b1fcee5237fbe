/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the installer writes into the boot sectors for them to read, and where
 * in low memory each piece of the bootstrap lives.
 *
 *     0x00600  master boot record, after it moved itself
 *     0x07be0  top of the stack, which grows down
 *     0x07bf0  struct boot_passed
 *     0x07c00  partition boot record; its data at RECORD_OFFSET
 *     0x08000  extended bootstrap: image, then .bss, to 0x1f000
 *     0x20000  bounce buffer for INT 13h, 60 KiB
 *     0x30000  struct handoff
 *     0x31000  page tables for the kernel's first instructions, 7 pages
 *     0x38000  the kernel's first stack, 8 KiB
 *
 * This header is also read by the assembler: hence macros, not enums.
 */
#ifndef BOOT_BIOS_BOOTRECORD_H
#define BOOT_BIOS_BOOTRECORD_H

#define MBR_ADDRESS     0x0600
#define STACK_TOP       0x7be0
#define PASSED_ADDRESS  0x7bf0
#define RECORD_ADDRESS  0x7c00 /* Of the partition boot record. */
#define IMAGE_ADDRESS   0x8000
#define IMAGE_LIMIT     0x1f000
#define BOUNCE_ADDRESS  0x20000
#define HANDOFF_ADDRESS 0x30000
#define TABLES_ADDRESS  0x31000
#define KSTACK_TOP      0x3a000
#define LOW_MEMORY_END  0x3a000 /* Nothing of ours lies above it. */

#define BOOT_SIGNATURE  0xaa55 /* Last two bytes of a boot sector. */
#define MBR_TABLE       446    /* Offset of the four partition entries. */
#define ENTRY_BYTES     16
#define ENTRY_TYPE      4 /* Offsets within a partition entry. */
#define ENTRY_FIRST     8
#define ENTRY_SECTORS   12
#define ENTRY_ACTIVE    0x80
#define ANTEROS_TYPE    0xae /* = PARTITION_TYPE of persist/format. */

#define RECORD_OFFSET   0x1c0
#define RECORD_NPIECES  0x1c6
#define RECORD_OWN_LBA  0x1c8
#define RECORD_VOLUME   0x1d0
#define RECORD_PIECES   0x1e0
#define PIECE_BYTES     8
#define PIECE_COUNT     4 /* Offsets within a piece. */
#define PIECE_SEGMENT   6
#define RECORD_MAGIC    0x42544e41 /* "ANTB" */

/* Offsets in the image's first bytes, struct image_header. */
#define IMAGE_MAGIC_AT  4
#define IMAGE_MAGIC     0x45544e41 /* "ANTE" */
#define IMAGE_VOLUME_AT 8
#define IMAGE_CODE_AT   64

#ifndef __ASSEMBLER__

#include "kernel/abi/types.h"
#include "persist/format/layout.h"

enum {
	RECORD_VERSION = 1,
	RECORD_PIECES_MAX = 3,
	IMAGE_SECTORS_MAX = BOOT_BLOCKS * BLOCK_SECTORS - 1,
	/* One INT 13h transfer ends before the next 64 KiB boundary: the DMA
	 * of some controllers does not carry across it. */
	PIECE_SECTORS = 64,
	BOUNCE_SECTORS = 120,
	PARTITIONS = 4,
};

_Static_assert(ANTEROS_TYPE == PARTITION_TYPE, "one partition type");

/* `count` sectors from `sector` of the partition to real-mode `segment`:0. */
struct boot_piece {
	uint32_t sector;
	uint16_t count;
	uint16_t segment;
};

/* In the partition's first sector, at RECORD_OFFSET. */
struct boot_record {
	uint32_t          magic;
	uint16_t          version;
	uint16_t          npieces;
	uint64_t          own_lba; /* Used when no entry was handed over. */
	uint8_t           volume[16];
	struct boot_piece piece[RECORD_PIECES_MAX]; /* The block list. */
	uint32_t          checksum; /* CRC32C of this, the field zero. */
} __attribute__((packed));

/*
 * The image begins with this, the first three bytes being a jump. The boot
 * record compares magic and volume; the image checks itself when it runs.
 */
struct image_header {
	uint8_t          jump[4];
	uint32_t         magic;
	uint8_t          volume[16];
	struct boot_area area[BOOT_SLOTS];
	uint32_t         bytes;
	uint32_t         checksum; /* CRC32C of the image, the field zero. */
};

_Static_assert(sizeof(struct image_header) == IMAGE_CODE_AT, "code follows");
_Static_assert(offsetof(struct image_header, magic) == IMAGE_MAGIC_AT &&
	offsetof(struct image_header, volume) == IMAGE_VOLUME_AT,
    "as the assembler knows it");

_Static_assert(
    offsetof(struct boot_record, npieces) + RECORD_OFFSET == RECORD_NPIECES,
    "as the assembler knows it");
_Static_assert(
    offsetof(struct boot_record, own_lba) + RECORD_OFFSET == RECORD_OWN_LBA,
    "as the assembler knows it");
_Static_assert(
    offsetof(struct boot_record, volume) + RECORD_OFFSET == RECORD_VOLUME,
    "as the assembler knows it");
_Static_assert(
    offsetof(struct boot_record, piece) + RECORD_OFFSET == RECORD_PIECES,
    "as the assembler knows it");
_Static_assert(sizeof(struct boot_piece) == PIECE_BYTES, "likewise");
_Static_assert(RECORD_OFFSET + sizeof(struct boot_record) <= SECTOR_SIZE - 2,
    "the record ends before the signature");

/* What the partition boot record leaves for the extended bootstrap. */
struct boot_passed {
	uint64_t tsc;
	uint64_t lba; /* First sector of the partition. */
};

struct mbr_entry {
	uint8_t  status; /* ENTRY_ACTIVE or 0. */
	uint8_t  chs_first[3];
	uint8_t  type; /* 0: empty. */
	uint8_t  chs_last[3];
	uint32_t first;
	uint32_t sectors;
} __attribute__((packed));

struct mbr {
	uint8_t          code[440];
	uint32_t         disk_id;
	uint16_t         zero;
	struct mbr_entry entry[PARTITIONS];
	uint16_t         signature;
} __attribute__((packed));

_Static_assert(sizeof(struct mbr) == SECTOR_SIZE, "one sector");
_Static_assert(offsetof(struct mbr, entry) == MBR_TABLE, "the PC's own layout");

#endif
#endif
