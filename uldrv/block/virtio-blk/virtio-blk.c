/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio block device, non-legacy interface only (VIRTIO 1.1).
 *
 * Invariants:
 *  1. Slot i is busy from request until its completion, or until the device
 *     was reset; only then is its memory used again.
 *  2. The device is believed only as far as: an index of the used ring no
 *     further ahead than the slots in flight, an id of a busy slot.
 *     Anything else, and what was in flight ends with a reset.
 */
#include "uldrv/block/virtio-blk/virtio-blk.h"

#include "devdb/virtio-blk.regs.h"
#include "uldrv/lib/block.h"

struct virtio_blk {
	uint64_t     features;
	struct virtq queue;
};

static bool
feature(const struct virtio_blk *v, unsigned bit)
{
	return (v->features & VIRTIO_BIT(bit)) != 0;
}

/* ------------------------------------------------------------- start-up */

static enum status
geometry(struct dev *d, const struct virtio_blk *v)
{
	struct block_geometry *g = block_geometry(d);
	uint32_t               segments = BLOCK_SEGMENTS, size = UINT32_MAX;
	uint64_t               sectors;
	uint8_t                generation;
	unsigned               tries = 4;

	/* The device may change it while we read (4.1.4.3.2). */
	do {
		generation = virtio_read_CONFIG_GENERATION(d);
		sectors = virtio_blk_read_CAPACITY(d);
	} while (virtio_read_CONFIG_GENERATION(d) != generation && --tries > 0);
	if (feature(v, VB_F_SEG_MAX))
		segments = virtio_blk_read_SEG_MAX(d);
	if (feature(v, VB_F_SIZE_MAX))
		size = virtio_blk_read_SIZE_MAX(d);
	if (tries == 0 || sectors > UINT64_MAX / BLOCK_SECTOR ||
	    segments == 0 || size < BLOCK_SECTOR)
		return RC_DEVICE;
	*g = (struct block_geometry){
	    .sectors = sectors,
	    .features = BLOCK_HAS_DMA |
		(feature(v, VB_F_RO) ? BLOCK_READ_ONLY : 0) |
		(feature(v, VB_F_FLUSH) ? BLOCK_HAS_FLUSH : 0),
	    .segments = segments < BLOCK_SEGMENTS ? segments : BLOCK_SEGMENTS,
	    .bytes = BLOCK_BYTES_MAX,
	    .segment_bytes = size & ~(uint32_t)(BLOCK_SECTOR - 1),
	    .sector_bytes = BLOCK_SECTOR,
	    .address_bits = 64,
	};
	if (feature(v, VB_F_BLK_SIZE) &&
	    virtio_blk_read_BLK_SIZE(d) == PAGE_SIZE)
		g->sector_bytes = PAGE_SIZE;
	dev_remark(d, "%llu sectors%s%s", (unsigned long long)sectors,
	    feature(v, VB_F_RO) ? ", read-only" : "",
	    feature(v, VIRTIO_F_PLATFORM) ? "" : ", no ACCESS_PLATFORM");
	return RC_OK;
}

static enum status
start(struct dev *d)
{
	const uint64_t known = VIRTIO_BIT(VB_F_SIZE_MAX) |
	    VIRTIO_BIT(VB_F_SEG_MAX) | VIRTIO_BIT(VB_F_RO) |
	    VIRTIO_BIT(VB_F_BLK_SIZE) | VIRTIO_BIT(VB_F_FLUSH);
	struct virtio_blk *v = d->state;
	enum status        st = virtio_reset(d);

	if (st == RC_OK)
		st = virtio_negotiate(
		    d, known, VIRTIO_BIT(VIRTIO_F_INDIRECT), &v->features);
	if (st == RC_OK)
		st = virtio_queue(d, &v->queue, 0, 0, VB_SLOTS);
	if (st == RC_OK)
		st = geometry(d, v);
	if (st == RC_OK)
		virtio_run(d);
	return st;
}

static enum status
probe(struct dev *d)
{
	enum status st;

	if (!dev_dma_has(d, VB_DMA_BYTES))
		return RC_NO_MEMORY;
	st = virtio_find(d, VIRTIO_BLK_REGION_DEVICE, 24);
	return st == RC_OK ? start(d) : st;
}

/* ------------------------------------------------------------- requests */

static uint32_t
table_at(unsigned slot)
{
	return VB_TABLES_AT + slot / VB_TABLES_IN_PAGE * PAGE_SIZE +
	    slot % VB_TABLES_IN_PAGE * (VB_TABLE * 16 + 64);
}

/* Fills the slot's indirect table; returns the descriptors it took. */
static unsigned
table_fill(struct dev *d, unsigned slot, const struct block_io *io)
{
	struct virtq_desc *t = dev_dma(d, table_at(slot));
	uint16_t           write = io->op == BLOCK_READ ? VIRTQ_WRITE : 0;
	unsigned           n = 0;

	t[n++] = (struct virtq_desc){
	    .address = dev_bus(d, VB_HEADERS_AT + slot * 16),
	    .bytes = sizeof(struct vb_header),
	    .flags = VIRTQ_NEXT,
	    .next = 1,
	};
	for (unsigned i = 0; i < io->nsegments; i++, n++)
		t[n] = (struct virtq_desc){
		    .address = io->segment[i].address,
		    .bytes = io->segment[i].bytes,
		    .flags = write | VIRTQ_NEXT,
		    .next = (uint16_t)(n + 1),
		};
	t[n++] = (struct virtq_desc){
	    .address = dev_bus(d, VB_STATUS_AT + slot),
	    .bytes = 1,
	    .flags = VIRTQ_WRITE,
	};
	return n;
}

static enum status
request(struct dev *d, const struct block_io *io)
{
	struct virtio_blk *v = d->state;
	unsigned           slot = io->slot;
	struct vb_header  *header;

	if (slot >= v->queue.slots)
		return RC_BUSY;
	header = dev_dma(d, VB_HEADERS_AT + slot * 16);
	*header = (struct vb_header){
	    .type = io->op == BLOCK_READ ? VB_IN
		: io->op == BLOCK_WRITE  ? VB_OUT
					 : VB_FLUSH,
	    .sector = io->op == BLOCK_FLUSH ? 0 : io->sector,
	};
	*(uint8_t *)dev_dma(d, VB_STATUS_AT + slot) = VB_S_NONE;
	*virtq_desc(d, &v->queue, slot) = (struct virtq_desc){
	    .address = dev_bus(d, table_at(slot)),
	    .bytes = table_fill(d, slot, io) *
		(uint32_t)sizeof(struct virtq_desc),
	    .flags = VIRTQ_INDIRECT,
	};
	virtq_offer(d, &v->queue, slot);
	virtq_kick(d, &v->queue);
	return RC_OK;
}

static void
reset(struct dev *d)
{
	if (dev_restart(d, start))
		block_complete_all(d, RC_TIMEOUT);
}

static enum status
slot_status(const struct dev *d, unsigned slot)
{
	switch (*(const uint8_t *)dev_dma(d, VB_STATUS_AT + slot)) {
	case VB_S_OK:
		return RC_OK;
	case VB_S_IOERR:
		return RC_MEDIA;
	case VB_S_UNSUPP:
		return RC_UNSUPPORTED;
	default:
		return RC_DEVICE;
	}
}

/* False if the device broke the rules of the used ring. */
static bool
drain(struct dev *d, struct virtio_blk *v)
{
	uint32_t slot, bytes;

	for (;;)
		switch (virtq_next(d, &v->queue, &slot, &bytes)) {
		case VIRTQ_EMPTY:
			return true;
		case VIRTQ_BROKEN:
			return false;
		case VIRTQ_DONE:
			if ((d->busy >> slot & 1) == 0)
				return false;
			block_complete(d, slot, slot_status(d, slot));
		}
}

static uint64_t
serve(struct dev *d, uint64_t irqs)
{
	struct virtio_blk *v = d->state;
	uint16_t           used = v->queue.used;
	uint64_t           ours = virtio_interrupt(d, irqs);

	if (!drain(d, v)) {
		dev_remark(d, "broke the used ring");
		reset(d);
	}
	return used != v->queue.used ? irqs : ours;
}

static void
expired(struct dev *d)
{
	struct virtio_blk *v = d->state;
	uint16_t           used = v->queue.used;

	/* An interrupt may have been lost: look before the reset. */
	if (drain(d, v) && v->queue.used != used)
		return;
	dev_remark(d, "did not answer in time");
	reset(d);
}

const struct driver driver = {
    .name = "virtio-blk",
    .class = &block_class,
    .state_bytes = sizeof(struct virtio_blk),
    .deadline = 5 * SECOND,
    .probe = probe,
    .serve = serve,
    .request = request,
    .expired = expired,
    .suspend = virtio_reset,
    .resume = start,
    .remove = virtio_leave,
};
