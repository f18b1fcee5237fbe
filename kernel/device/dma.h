/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DMA spaces: the memory that one requester (bus, device, function) can reach.
 *
 * Two ways lead into one. A driver maps ephemeral pages by capability; they are
 * pinned meanwhile. The store exposes frames in flight for it (S8): these are
 * reachable from dma_expose to the dma_flush after dma_conceal.
 *
 * The bus address of a frame is its physical address. An IOMMU unit is driven
 * through struct iommu_ops; without one nothing is enforced, and query says so.
 *
 * Invariants (dma_ok):
 *  1. A frame has at most one entry for each space; it is pinned and FF_DMA
 *     while it has any.
 *  2. Each entry is in its space's list and in the hash.
 */
#ifndef KERNEL_DEVICE_DMA_H
#define KERNEL_DEVICE_DMA_H

#include "kernel/device/device.h"
#include "kernel/mem/frame.h"

enum {
	DMA_PAGES_MOST = 512, /* Mapped by capability in one space. */
};

/* Addresses are bus addresses of whole pages. Only flush may be slow. */
struct iommu_ops {
	enum status (*map)(
	    uint32_t source_id, uint64_t bus, paddr page, bool device_writes);
	void (*unmap)(uint32_t source_id, uint64_t bus);
	void (*flush)(uint32_t source_id);
};

void dma_init(void);

/* The unit that enforces the spaces; NULL: none. Before any space exists. */
void dma_set_iommu(const struct iommu_ops *ops);
bool dma_enforced(void);

/* --- Spaces; index: of an object of kind CK_DMA ------------------------- */

must_check enum status dma_check(uint64_t source_id, uint64_t limit);
uint32_t               dma_take(
		  uint32_t source_id, uint32_t limit, const void *label, size_t bytes);

/* RC_BUSY: cache frames are exposed through it. */
must_check enum status dma_release_check(uint32_t index);
void                   dma_release(uint32_t index);

/* The class of frame that its device can address. */
enum frame_class dma_class(uint32_t index);
bool             dma_reaches(uint32_t index, const struct frame *f);

/* --- Pages by capability ------------------------------------------------ */

/*
 * May this page be mapped, and is there an entry for it? RC_CAPABILITY,
 * RC_UNSUPPORTED, RC_EXISTS, RC_LIMIT, RC_NO_MEMORY, ST_WAIT.
 */
must_check enum status dma_map_prepare(uint32_t index, const struct frame *f);

/* After that; it can fail only in the IOMMU unit, and then has done nothing. */
must_check enum status dma_map(uint32_t index, struct frame *f, uint64_t *bus);

/* The device cannot reach it when this returns. RC_NOT_FOUND. */
must_check enum status dma_unmap(uint32_t index, uint64_t bus);

/* --- Frames in flight, for the object cache ----------------------------- */

/* The space of a capability, or RC_VOID. */
must_check enum status dma_find(const struct cap *c, uint32_t *index);

/*
 * RC_UNSUPPORTED: the device cannot address the frame; a bounce frame of
 * dma_class has to stand in for it, and dma_bounced counts that.
 */
must_check enum status dma_expose(
    uint32_t index, const struct frame *f, bool device_writes, uint64_t *bus);
void dma_bounced(uint32_t index);
void dma_conceal(uint32_t index, uint64_t bus);
void dma_flush(uint32_t index); /* Once after a batch of conceals. */

must_check enum status dma_query(uint64_t index, struct dma_info *out);
uint64_t               dma_total(void);

bool dma_ok(void);

#endif
