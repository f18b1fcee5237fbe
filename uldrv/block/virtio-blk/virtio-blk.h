/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a virtio block device and its driver share in memory (VIRTIO 1.1, 2.6
 * split virtqueues, 5.2 block device), and where it lies in DMA memory:
 *
 *     page 0       descriptor table, available ring, used ring
 *     page 1       headers of 16 bytes, then status bytes, one for each slot
 *     pages 2-12   an indirect table for each slot, six in a page
 *
 * A request takes one slot, which is also its descriptor, and an indirect
 * table: header, up to 32 segments, status byte.
 */
#ifndef ULDRV_BLOCK_VIRTIO_BLK_VIRTIO_BLK_H
#define ULDRV_BLOCK_VIRTIO_BLK_VIRTIO_BLK_H

#include "uldrv/class/block.h"

enum {
	VB_SLOTS = BLOCK_ENTRIES, /* The size of our queue. */

	/* Capabilities, 4.1.4. */
	VB_CAP_VENDOR = 9,
	VB_CAP_COMMON = 1,
	VB_CAP_NOTIFY = 2,
	VB_CAP_ISR = 3,
	VB_CAP_DEVICE = 4,
	VB_CAP_TYPE_AT = 3,
	VB_CAP_BAR_AT = 4,
	VB_CAP_OFFSET_AT = 8,
	VB_CAP_LENGTH_AT = 12,
	VB_CAP_FACTOR_AT = 16,

	/* Feature bits, 5.2.3 and 6. */
	VB_F_SIZE_MAX = 1,
	VB_F_SEG_MAX = 2,
	VB_F_RO = 5,
	VB_F_BLK_SIZE = 6,
	VB_F_FLUSH = 9,
	VB_F_INDIRECT = 28,
	VB_F_VERSION = 32,
	VB_F_PLATFORM = 33,

	/* Descriptor flags, 2.6.5. */
	VB_DESC_NEXT = 1,
	VB_DESC_WRITE = 2, /* By the device. */
	VB_DESC_INDIRECT = 4,

	VB_USED_NO_NOTIFY = 1, /* 2.6.10 */

	/* Request types and status, 5.2.6. */
	VB_IN = 0,
	VB_OUT = 1,
	VB_FLUSH = 4,
	VB_S_OK = 0,
	VB_S_IOERR = 1,
	VB_S_UNSUPP = 2,
	VB_S_NONE = 0xff, /* Ours: the device has not written it. */
};

struct vb_desc {
	uint64_t address;
	uint32_t bytes;
	uint16_t flags;
	uint16_t next;
};

struct vb_avail {
	uint16_t flags;
	uint16_t index;
	uint16_t ring[VB_SLOTS];
};

struct vb_used {
	uint16_t flags;
	uint16_t index;
	struct {
		uint32_t id;
		uint32_t bytes;
	} ring[VB_SLOTS];
};

struct vb_header {
	uint32_t type;
	uint32_t reserved;
	uint64_t sector;
};

enum {
	VB_TABLE = 2 + BLOCK_SEGMENTS, /* Descriptors in a table. */
	VB_TABLES_IN_PAGE = PAGE_SIZE / (VB_TABLE * 16 + 64),
	VB_AVAIL_AT = VB_SLOTS * 16,
	VB_USED_AT = 2048,
	VB_HEADERS_AT = PAGE_SIZE,
	VB_STATUS_AT = VB_HEADERS_AT + VB_SLOTS * 16,
	VB_TABLES_AT = 2 * PAGE_SIZE,
	VB_DMA_BYTES = VB_TABLES_AT +
	    (VB_SLOTS + VB_TABLES_IN_PAGE - 1) / VB_TABLES_IN_PAGE * PAGE_SIZE,
};

_Static_assert(sizeof(struct vb_desc) == 16, "descriptor");
_Static_assert(VB_AVAIL_AT + sizeof(struct vb_avail) <= VB_USED_AT, "avail");
_Static_assert(VB_USED_AT + sizeof(struct vb_used) <= PAGE_SIZE, "used");
_Static_assert(VB_DMA_BYTES == 13 * PAGE_SIZE, "dma-pages of the tree source");

#endif
