/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory map: what the BIOS says, made sorted and disjoint. */
#ifndef BOOT_BIOS_E820_H
#define BOOT_BIOS_E820_H

#include "boot/handoff/handoff.h"

enum {
	E820_RAW = 128, /* Entries taken from the BIOS. */
};

/*
 * Writes to `out` (room for HANDOFF_REGIONS) the disjoint regions, by
 * ascending address, that the n <= E820_RAW regions of `in` amount to. Where
 * they overlap, the kind that allows least wins; neighbours of one kind are
 * one region. Returns their number; *cut is set if some at the top did not
 * fit and were left out.
 */
unsigned e820_merge(const struct handoff_region *in, unsigned n,
    struct handoff_region *out, bool *cut);

/* Whether [first, first + bytes) lies in one region of RAM. */
bool e820_is_ram(const struct handoff_region *map, unsigned n, uint64_t first,
    uint64_t bytes);

/* All bytes of RAM. */
uint64_t e820_ram(const struct handoff_region *map, unsigned n);

/*
 * The highest page-aligned address where `bytes` of RAM lie above 1 MiB,
 * below `limit` and outside [taken, taken + taken_bytes); 0 if there is none.
 */
uint64_t e820_place(const struct handoff_region *map, unsigned n,
    uint64_t bytes, uint64_t limit, uint64_t taken, uint64_t taken_bytes);

#endif
