/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the loader tells the kernel.
 *
 * The loader enters the kernel in 64-bit mode with interrupts off and rdi =
 * the physical address of struct handoff (below 4 GiB, also the virtual one).
 * Mapped on entry: the first 4 GiB one to one, and the first 1 GiB at
 * KERNEL_BASE. The kernel lies where its header said; the boot range lies
 * page-aligned and contiguous below 4 GiB. The stack has at least 4 KiB. Stack,
 * page tables and hand-off lie below 640 KiB: the kernel may use that memory
 * once it has left them.
 */
#ifndef BOOT_HANDOFF_HANDOFF_H
#define BOOT_HANDOFF_HANDOFF_H

#include "kernel/abi/types.h"

#define KERNEL_BASE UINT64_C(0xffffffff80000000)

enum {
	HANDOFF_MAGIC = 0x4f444e48, /* "HNDO" */
	HANDOFF_VERSION = 1,
	HANDOFF_REGIONS = 64,
	HANDOFF_LOG_SIZE = 1024,
};

enum region_kind {
	REGION_RAM = 1, /* The E820 numbers. */
	REGION_RESERVED,
	REGION_ACPI,
	REGION_NVS,
	REGION_BAD,
};

struct handoff_region {
	uint64_t first; /* Physical address of the first byte. */
	uint64_t bytes;
	uint32_t kind;
	uint32_t unused;
};

struct handoff {
	uint32_t              magic;
	uint32_t              version;
	uint32_t              bytes; /* sizeof(struct handoff) */
	uint32_t              nregions;
	struct handoff_region region[HANDOFF_REGIONS]; /* Sorted, disjoint. */
	uint64_t kernel_first; /* Physical extent, .bss included. */
	uint64_t kernel_bytes;
	uint64_t range_first; /* Physical extent of the boot range image. */
	uint64_t range_bytes;
	uint64_t ramdisk_first; /* Unpacked volume image, or 0. */
	uint64_t ramdisk_bytes;
	uint64_t rsdp;        /* ACPI root pointer, or 0. */
	uint64_t tsc_start;   /* RDTSC at the partition boot record. */
	uint8_t  volume[16];  /* UUID of the volume it was loaded from. */
	uint32_t slot_serial; /* Serial of the boot slot used. */
	uint8_t  slot;        /* 0 = A, 1 = B. */
	uint8_t  bios_drive;
	uint8_t  fell_back; /* The newest slot did not verify. */
	uint8_t  partition; /* 0-3, or 255: not in the table. */
	/* The BIOS clock (INT 1Ah), BCD as read; century 0: not available. */
	uint8_t  century, year, month, day, hour, minute, second, dst;
	uint8_t  edd_bus[4];  /* "PCI " or zeros: EDD 3.0 host bus. */
	uint8_t  edd_type[8]; /* "ATA     ", "SCSI    " ... or zeros. */
	uint32_t unused;
	uint64_t edd_interface; /* Bus, slot, function as EDD gives them. */
	char     log[HANDOFF_LOG_SIZE]; /* What the loader printed, 0-ended. */
};

/* The loader is 32-bit code, where uint64_t would be aligned to 4. */
_Static_assert(
    offsetof(struct handoff, kernel_first) == 16 + 24 * HANDOFF_REGIONS,
    "regions");
_Static_assert(offsetof(struct handoff, volume) == 1616, "volume");
_Static_assert(offsetof(struct handoff, edd_interface) == 1664, "edd");
_Static_assert(offsetof(struct handoff, log) == 1672, "log");
_Static_assert(sizeof(struct handoff) == 2696, "size");

/*
 * The boot range image: this header, then one entry for each frame, padded to
 * a page, then the frames. Frame i has OID frame_of(SOURCE_BOOT, i).
 * The checksum is of the whole image with the field itself zero: CRC32C.
 */
enum {
	BOOT_RANGE_MAGIC = 0x474e5242, /* "BRNG" */
	BOOT_RANGE_VERSION = 1,
};

struct boot_range {
	uint32_t magic;
	uint32_t version;
	uint32_t checksum;
	uint32_t nframes;
	uint32_t first_frame;  /* Byte offset of frame 0, a multiple of 4096. */
	uint32_t nprocesses;   /* Processes to be started. */
	uint32_t processes_at; /* Byte offset of their OIDs, uint64_t each. */
	uint32_t nservices;    /* Boot services, by number. */
	uint32_t services_at;  /* Byte offset of their struct cap (F6). */
	uint32_t unused[7];
};

struct boot_range_entry {
	uint8_t  kind; /* enum frame_kind */
	uint8_t  flags;
	uint16_t unused;
	uint32_t count; /* Allocation count; at least that of its nodes. */
};

/*
 * The kernel image in a boot slot: this header, padded to a page, then the
 * bytes to be put at physical address `first`.
 */
enum { KERNEL_IMAGE_MAGIC = 0x4e524b41 /* "AKRN" */ };

struct kernel_image {
	uint32_t magic;
	uint32_t version;  /* HANDOFF_VERSION it was built for. */
	uint32_t checksum; /* CRC32C of the whole image, this field zero. */
	uint32_t unused;
	uint64_t first;       /* Physical load address, page-aligned. */
	uint64_t file_bytes;  /* Bytes in the image after this page. */
	uint64_t total_bytes; /* With .bss, which the loader zeroes. */
	uint64_t entry;       /* Virtual address. */
};

#endif
