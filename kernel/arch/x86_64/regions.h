/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The list of RAM that nobody uses yet. Pure: also compiled into host tests.
 *
 * Invariants (regions_ok): whole pages, ascending, disjoint, none empty.
 */
#ifndef KERNEL_ARCH_X86_64_REGIONS_H
#define KERNEL_ARCH_X86_64_REGIONS_H

#include "boot/handoff/handoff.h"
#include "kernel/hal/hal.h"

enum {
	/* Each taken extent can split one region; a few stay in reserve. */
	REGIONS_MAX = HANDOFF_REGIONS + 16,
};

struct region_list {
	unsigned          n;
	struct hal_memory at[REGIONS_MAX];
};

/*
 * From the firmware's map, which may be unsorted, overlapping and unaligned:
 * pages that lie wholly in RAM and in nothing else. Page 0 is left out.
 * Addresses from `limit` on are left out too.
 */
void regions_from_handoff(
    struct region_list *l, const struct handoff *h, uint64_t limit);

/* Take out every page that these bytes touch. */
void regions_remove(struct region_list *l, uint64_t first, uint64_t bytes);

/* Take one page off the end of the last region that ends below `below`. */
bool regions_take(struct region_list *l, uint64_t below, paddr *page);

bool regions_ok(const struct region_list *l);

#endif
