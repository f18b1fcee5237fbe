/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The domain's own address space: slot n of its root node is the 128 MiB at
 * n << SPACE_SLOT_SHIFT. The image takes slot 0 and the stack slot 31.
 */
#ifndef USERLAND_RT_SPACE_H
#define USERLAND_RT_SPACE_H

#include "userland/rt/invoke.h"

enum {
	SPACE_SLOT_SHIFT = 27,
	SPACE_SLOT_FIRST = 1,
	SPACE_SLOT_LAST = 30,
};

/*
 * Map what `segment` holds (page, node, guard, window, ...) at the start of a
 * slot, in place of what was there; void unmaps. Uses REG_RT.
 */
enum status space_map(unsigned slot, capreg segment) must_check;

/*
 * How many slots of a node, from `first` on, hold something: what a client may
 * touch of a ring, whose node the driver never had. Uses REG_RT.
 */
unsigned space_pages(capreg node, unsigned first);

static inline void *
space_address(unsigned slot)
{
	return (void *)((uintptr_t)slot << SPACE_SLOT_SHIFT);
}

#endif
