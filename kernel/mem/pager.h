/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's side of the pager protocol (S8; layout in kernel/abi/pager.h).
 */
#ifndef KERNEL_MEM_PAGER_H
#define KERNEL_MEM_PAGER_H

#include "kernel/mem/frame.h"

/* Is there a store? Without one, persistent objects wait. */
bool pager_bound(void);

/*
 * Called by the dispatcher before it idles and at each clock interrupt: ages
 * pages, starts cleaning when free frames run low. Bounded work.
 */
void pager_poll(void);

/* Called once by the store's `cache.bind`; see kernel/method/cache.c. */
must_check enum status pager_bind(
    const uint32_t *ring, uint32_t npages, void (*doorbell)(void));

#endif
