/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Windows: slots of 4 KiB through which a driver that copies by itself reaches
 * the frames whose I/O is in flight, and no others (S8).
 */
#ifndef KERNEL_MEM_WINDOW_H
#define KERNEL_MEM_WINDOW_H

#include "kernel/mem/map.h"

enum {
	WINDOWS_MAX = 32,
	WINDOW_SLOTS_MAX = 1024, /* Of one window. */
	WINDOW_SLOTS = 4096,     /* Of all. */
};

/*
 * Make a window; the capability is a segment of just the span that n slots
 * need. RC_NO_MEMORY: no window or not as many slots are left.
 */
must_check enum status window_make(uint32_t slots, struct cap *out);

/* The window of a capability. RC_VOID: dead. */
must_check enum status window_find(const struct cap *c, uint32_t *window);
uint32_t               window_slots(uint32_t window);

/* Put a frame into a slot. RC_ARGUMENT: there is none, or it is taken. */
must_check enum status window_put(
    uint32_t window, uint32_t slot, const struct frame *f, bool read_only);

/* Empty a slot; takes effect at the next map_flush. */
void window_take(uint32_t window, uint32_t slot);

#endif
