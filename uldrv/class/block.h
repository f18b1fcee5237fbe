/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The block class: how a client and the driver of one disk share a ring.
 *
 *     page 0      struct block_control
 *     page 1      64 requests of 32 bytes, then 64 completions of 16 bytes
 *     pages 2-9   64 places of 32 segments; request in place p has its
 *                 segments in place p
 *
 * The pages belong to neither: who connects the two (devdb's server) pays for
 * them, so that a driver's death takes nothing from its client. Both map all
 * of them writable.
 *
 * Life of a connection. The generation is the number of the driver instance,
 * 1 for the first. A new instance touches nothing until
 * control.client_generation is its own number. The client, told by
 * BlockClient.attach of generation g, while no driver touches the ring:
 *   1. takes what completions are there (they are true) from the old ring,
 *   2. zeroes both struct ring_shared and begins its ends anew,
 *   3. produces again every request that has not completed,
 *   4. writes g to client_generation (release) and rings the doorbell.
 * So nothing in flight is lost; a write may be done twice, with the same
 * content, and no other request for those sectors is in flight meanwhile.
 *
 * Requests may complete in any order and overlap as they like; a FLUSH covers
 * the writes that had completed when it was produced, and only those.
 * At most BLOCK_ENTRIES requests may be outstanding, so that completions
 * always find room; the driver refuses to take more.
 *
 * Segments. `address` is a bus address (from Dma.map or Cache.expose through
 * the disk's DMA space), or with BLOCK_WINDOW in the request's flags an offset
 * into the window given to the driver. Lengths are multiples of 512 and
 * addresses of 4; what a segment may reach is enforced by who granted it, not
 * by the driver, where there is an IOMMU.
 *
 * Raw clients (Devdb.disk_open) have a ring of their own with the same driver,
 * and behind it the pages of a data area:
 *
 *     pages 10-25 the data area, mapped for the disk by who made the ring
 *
 * A raw client names no bus address. Its segments are offsets into the data
 * area, none crosses a page, and BLOCK_WINDOW is not for it. Its sectors count
 * from the beginning of the extent that it was granted, and GEOMETRY tells it
 * of that extent and no more. Each connection and each instance of the driver
 * has another generation: the server puts it into control.generation and rings
 * the client, which then does what stands under 1 to 4; it learns the first
 * one from Devdb.disk_open. What it asks for is checked, shared out and
 * bounded by the mux (uldrv/mux/block).
 *
 * The server may take back the store's wish to be rung for completions, if it
 * rings it then: the store that looks at its ring wishes again.
 *
 * The store says in `claim` which sectors are its volume's, or that none are;
 * no raw client may write those, nor any before that was said.
 */
#ifndef ULDRV_CLASS_BLOCK_H
#define ULDRV_CLASS_BLOCK_H

#include "uldrv/class/ring.h"

enum {
	BLOCK_SECTOR = 512, /* Always; geometry says what the disk likes. */
	BLOCK_ENTRIES = 64,
	BLOCK_SEGMENTS = 32,       /* Of one request. */
	BLOCK_BYTES_MAX = 1 << 20, /* Of one request. */
	BLOCK_PAGES = 10,
	BLOCK_DATA_PAGES = 16, /* Of a raw client. */
	BLOCK_MAGIC = 0x314b4c42, /* "BLK1" */
};

enum block_op {
	BLOCK_NONE,
	BLOCK_READ,
	BLOCK_WRITE,
	BLOCK_FLUSH, /* Completed writes are on the platter before it ends. */
	BLOCK_GEOMETRY, /* Fills control.geometry before it completes. */
	BLOCK_OP_COUNT,
};

enum block_flags {
	BLOCK_WINDOW = 1 << 0, /* Segment addresses are window offsets. */
	BLOCK_FLAGS_ALL = (1 << 1) - 1,
};

struct block_request {
	uint64_t tag; /* The client's; comes back unchanged. */
	uint64_t sector;
	uint8_t  op;        /* enum block_op */
	uint8_t  flags;     /* enum block_flags */
	uint16_t nsegments; /* 0 for flush and geometry. */
	uint32_t unused0;
	uint64_t unused1;
};

struct block_segment {
	uint64_t address;
	uint32_t bytes;
	uint32_t unused;
};

/*
 * status: RC_OK; RC_ARGUMENT (malformed, or beyond the end of the disk);
 * RC_MEDIA (these sectors cannot be read or written); RC_DEVICE (the disk
 * failed, trying again may help); RC_TIMEOUT (it was reset, try again);
 * RC_UNSUPPORTED (no such operation on this disk, or an address it cannot
 * reach); RC_RIGHTS (write to a read-only disk). bytes: transferred from the
 * first segment on; less than asked only with a status other than RC_OK.
 */
struct block_completion {
	uint64_t tag;
	uint32_t status; /* enum status */
	uint32_t bytes;
};

enum block_features {
	BLOCK_READ_ONLY = 1 << 0,
	BLOCK_HAS_FLUSH = 1 << 1,  /* Else the disk has no volatile cache. */
	BLOCK_HAS_DMA = 1 << 2,    /* Takes bus addresses. */
	BLOCK_HAS_WINDOW = 1 << 3, /* Takes window offsets. */
};

/* Written by the store, `decided` last; read by the mux and by the server. */
struct block_claim {
	uint64_t first, sectors; /* sectors is 0 if it holds none. */
	uint32_t decided;        /* 1: it has looked at the disk. */
	uint8_t  unused[RING_LINE - 20];
};

/* Written by the driver before a GEOMETRY request completes. */
struct block_geometry {
	uint64_t sectors;       /* Of 512 bytes. */
	uint32_t features;      /* enum block_features */
	uint32_t segments;      /* The most it takes in a request, <= 32. */
	uint32_t bytes;         /* The most it takes in a request. */
	uint32_t segment_bytes; /* The most it takes in a segment. */
	uint32_t sector_bytes;  /* Of the disk itself: 512 or 4096. */
	uint32_t address_bits;  /* It can address, 24, 32 or 64. */
	char     serial[24];    /* With its final 0; "" when unknown. */
	uint8_t  unused[8];
};

_Static_assert(sizeof(struct block_request) == 32, "request");
_Static_assert(sizeof(struct block_segment) == 16, "segment");
_Static_assert(sizeof(struct block_completion) == 16, "completion");
_Static_assert(sizeof(struct block_geometry) == 64, "geometry");
_Static_assert(sizeof(struct block_claim) == RING_LINE, "claim");

struct block_control {
	uint32_t magic; /* BLOCK_MAGIC, by who made the ring; for people. */
	uint32_t
	    generation; /* Of the instance that is to use it; by the server. */
	uint8_t               unused0[RING_LINE - 8];
	uint32_t              client_generation; /* Written by the client. */
	uint8_t               unused1[RING_LINE - 4];
	struct ring_shared    request;    /* Client to driver. */
	struct ring_shared    completion; /* Driver to client. */
	struct block_geometry geometry;
	struct block_claim    claim;
	uint8_t               unused2[PAGE_SIZE - 8 * RING_LINE];
};

struct block_ring {
	struct block_control    control;
	struct block_request    request[BLOCK_ENTRIES];
	struct block_completion completion[BLOCK_ENTRIES];
	uint8_t                 unused[PAGE_SIZE - BLOCK_ENTRIES * (32 + 16)];
	struct block_segment    segment[BLOCK_ENTRIES][BLOCK_SEGMENTS];
};

/* As a raw client maps it. */
struct block_raw_ring {
	struct block_ring ring;
	uint8_t           data[BLOCK_DATA_PAGES * PAGE_SIZE];
};

_Static_assert(sizeof(struct block_control) == PAGE_SIZE, "one page");
_Static_assert(offsetof(struct block_ring, request) == PAGE_SIZE, "page 1");
_Static_assert(offsetof(struct block_ring, segment) == 2 * PAGE_SIZE, "page 2");
_Static_assert(sizeof(struct block_ring) == BLOCK_PAGES * PAGE_SIZE, "pages");

#endif
