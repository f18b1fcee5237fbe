/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a request may be. Pure: it looks at a copy of the request.
 *
 * RC_OK: it goes to the driver as it now stands; RC_EXISTS: it is done
 * already; anything else is its answer.
 */
#ifndef ULDRV_MUX_BLOCK_GUARD_H
#define ULDRV_MUX_BLOCK_GUARD_H

#include "uldrv/class/control.h"
#include "uldrv/lib/block.h"

/*
 * The store's: well formed, and within the disk. Its segments are bus
 * addresses, or offsets into a window of that many bytes.
 */
enum status guard_store(const struct block_geometry *g, uint64_t window_bytes,
    struct block_io *io) must_check;

/*
 * A raw client's: well formed, within its extent and its data area, and
 * writing only what it may. Then its sector becomes one of the disk, and its
 * offsets bus addresses; or for a driver that copies, offsets from its window,
 * where the data area stands at `area`.
 */
enum status guard_raw(const struct block_geometry *g,
    const struct control_client *c, const struct block_claim *claim,
    uint64_t area, struct block_io *io) must_check;

/* What GEOMETRY tells a raw client: a disk that is its extent. */
struct block_geometry guard_geometry(
    const struct block_geometry *g, const struct control_client *c);

#endif
