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
#include "uldrv/lib/virtio.h"

enum {
	VB_SLOTS = BLOCK_ENTRIES, /* The size of our queue. */

	/* Feature bits, 5.2.3. */
	VB_F_SIZE_MAX = 1,
	VB_F_SEG_MAX = 2,
	VB_F_RO = 5,
	VB_F_BLK_SIZE = 6,
	VB_F_FLUSH = 9,

	/* Request types and status, 5.2.6. */
	VB_IN = 0,
	VB_OUT = 1,
	VB_FLUSH = 4,
	VB_S_OK = 0,
	VB_S_IOERR = 1,
	VB_S_UNSUPP = 2,
	VB_S_NONE = 0xff, /* Ours: the device has not written it. */
};

struct vb_header {
	uint32_t type;
	uint32_t reserved;
	uint64_t sector;
};

enum {
	VB_TABLE = 2 + BLOCK_SEGMENTS, /* Descriptors in a table. */
	VB_TABLES_IN_PAGE = PAGE_SIZE / (VB_TABLE * 16 + 64),
	VB_HEADERS_AT = PAGE_SIZE,
	VB_STATUS_AT = VB_HEADERS_AT + VB_SLOTS * 16,
	VB_TABLES_AT = 2 * PAGE_SIZE,
	VB_DMA_BYTES = VB_TABLES_AT +
	    (VB_SLOTS + VB_TABLES_IN_PAGE - 1) / VB_TABLES_IN_PAGE * PAGE_SIZE,
};

_Static_assert((int)VB_SLOTS == (int)VIRTIO_SLOTS, "one page for the queue");
_Static_assert(VB_DMA_BYTES == 13 * PAGE_SIZE, "dma-pages of the tree source");

#endif
