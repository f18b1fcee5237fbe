/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Windows of device memory: every physical address that is not RAM. A driver
 * reaches one by mapping it; the kernel never touches its content.
 *
 * A part is a window of its own, for one driver of a device with several
 * functions; it dies with what it is a part of.
 */
#ifndef KERNEL_DEVICE_MMIO_H
#define KERNEL_DEVICE_MMIO_H

#include "kernel/device/device.h"
#include "kernel/mem/map.h"

enum { MMIO_PARTS_MOST = 64 }; /* Of one window, parts of parts included. */

void mmio_init(void);

/* RC_ARGUMENT, RC_TAKEN; RC_OK: mmio_take will succeed. */
must_check enum status mmio_check(
    uint64_t address, uint64_t bytes, uint64_t cache);
uint32_t mmio_take(uint64_t address, uint64_t bytes, enum cache_mode cache,
    const void *label, size_t n);

/* RC_ARGUMENT, RC_LIMIT; RC_OK: mmio_part will succeed. */
must_check enum status mmio_part_check(
    uint32_t index, uint64_t offset, uint64_t bytes);
uint32_t mmio_part(uint32_t index, uint64_t offset, uint64_t bytes);

/*
 * Some of what maps it or a part is gone. False: there is more (D3), and it is to
 * be called again before mmio_release.
 */
must_check bool mmio_thin(uint32_t index);

/* Nothing maps it, nor a part of it, when this returns. */
void mmio_release(uint32_t index);

/* A capability to it: a segment of the span it needs, never executable. */
struct cap mmio_cap(uint32_t index, unsigned rights);

must_check enum status mmio_query(uint64_t index, struct mmio_info *out);
uint64_t               mmio_total(void);

bool mmio_ok(void);

#endif
