/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Register access below the generated accessors; drivers call only those.
 *
 * A region is a part of one granted resource. An access beyond it reaches
 * nothing: it reads as all ones, as an absent device does.
 */
#ifndef ULDRV_LIB_REGISTERS_H
#define ULDRV_LIB_REGISTERS_H

#include "kernel/abi/status.h"
#include "kernel/abi/types.h"

struct dev;

enum {
	REGION_LIBRARY = 4, /* The first region of a library's registers. */
};

enum region_kind {
	REGION_NONE,
	REGION_PORTS,
	REGION_MMIO,
};

struct region {
	uint8_t  kind;     /* enum region_kind */
	uint8_t  resource; /* Index of the grant (uldrv/class/control.h). */
	uint32_t bytes;
	uint64_t base; /* Of the region, in the resource. */
};

/*
 * Ties region i to a whole resource of at least `bytes` bytes. RC_NOT_FOUND
 * if that was not granted; an optional one then stays absent.
 */
enum status reg_region(struct dev *d, unsigned i, enum region_kind kind,
    unsigned resource, uint32_t bytes, bool optional) must_check;

/*
 * The same to a part of an MMIO or port resource, as a capability of the
 * device has described it; RC_DEVICE if that cannot be true.
 */
enum status reg_found(struct dev *d, unsigned i, unsigned resource,
    uint64_t base, uint64_t bytes, uint32_t least) must_check;

bool reg_present(const struct dev *d, unsigned i);

/* bytes: 1, 2, 4, or 8 in two halves, the lower first. */
uint64_t reg_read(
    struct dev *d, unsigned region, uint32_t offset, unsigned bytes);
void reg_write(struct dev *d, unsigned region, uint32_t offset, unsigned bytes,
    uint64_t value);

/* Many 16-bit accesses to one port, as PIO data transfers need. */
void reg_read_words(
    struct dev *d, unsigned region, uint32_t offset, void *to, unsigned words);
void reg_write_words(struct dev *d, unsigned region, uint32_t offset,
    const void *from, unsigned words);

#endif
