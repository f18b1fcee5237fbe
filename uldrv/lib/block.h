/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver's side of the block class: takes requests from the ring, checks
 * them, and hands them to driver.request; what a driver sees is well formed
 * and within the disk.
 */
#ifndef ULDRV_LIB_BLOCK_H
#define ULDRV_LIB_BLOCK_H

#include "uldrv/class/block.h"
#include "uldrv/lib/uldrv.h"

/*
 * A request, copied out of the ring: READ, WRITE or FLUSH. The slot is its name
 * until it is completed, 0 to 63, the lowest that is free.
 */
struct block_io {
	uint64_t             sector;
	uint32_t             bytes; /* Of all segments. */
	uint8_t              op;    /* enum block_op */
	bool                 window;
	uint8_t              slot;
	uint16_t             nsegments;
	struct block_segment segment[BLOCK_SEGMENTS];
};

extern const struct class_ops block_class;

/* What the driver fills in during probe. */
struct block_geometry *block_geometry(struct dev *d);

/*
 * Completes the request in a slot that driver.request accepted; a slot that is
 * not busy is let be. RC_OK stands for all its bytes.
 */
void block_complete(struct dev *d, unsigned slot, enum status st);

/* Completes all that is in flight. */
void block_complete_all(struct dev *d, enum status st);

#endif
