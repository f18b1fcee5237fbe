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

#include <string.h>

#include "devdb/virtio-blk.regs.h"
#include "uldrv/lib/block.h"

#define RESET_TIME (500 * MILLISECOND)

struct virtio_blk {
	uint64_t features;
	uint16_t slots;     /* The queue's size, at most VB_SLOTS. */
	uint16_t available; /* Free-running, as avail.index. */
	uint16_t used;
};

static bool
feature(const struct virtio_blk *v, unsigned bit)
{
	return (v->features >> bit & 1) != 0;
}

/* ------------------------------------------------------------- start-up */

/*
 * Finds the structures that the capabilities describe (4.1.4). The first of
 * each type that can be used is taken, as the specification asks.
 */
static enum status
find_regions(struct dev *d)
{
	static const struct {
		uint8_t  type, region;
		uint32_t least;
	} wanted[] = {
	    {VB_CAP_COMMON, VIRTIO_BLK_REGION_COMMON, 56},
	    {VB_CAP_ISR, VIRTIO_BLK_REGION_ISR, 1},
	    {VB_CAP_DEVICE, VIRTIO_BLK_REGION_DEVICE, 24},
	    {VB_CAP_NOTIFY, VIRTIO_BLK_REGION_NOTIFY, 2},
	};
	unsigned at = 0, most = CONTROL_CONFIG / 4;

	while (
	    (at = config_capability(d, VB_CAP_VENDOR, at)) != 0 && most-- > 0)
		for (unsigned i = 0; i < 4; i++)
			if (config_8(d, at + VB_CAP_TYPE_AT) ==
				wanted[i].type &&
			    !reg_present(d, wanted[i].region))
				(void)!reg_found(d, wanted[i].region,
				    config_8(d, at + VB_CAP_BAR_AT),
				    config_32(d, at + VB_CAP_OFFSET_AT),
				    config_32(d, at + VB_CAP_LENGTH_AT),
				    wanted[i].least);
	for (unsigned i = 0; i < 4; i++)
		if (!reg_present(d, wanted[i].region)) {
			dev_remark(d, "no structure of type %u (legacy only?)",
			    wanted[i].type);
			return RC_NOT_FOUND;
		}
	return RC_OK;
}

/* The queue's own notify register (4.1.4.4), in place of the whole region. */
static enum status
find_notify(struct dev *d)
{
	uint16_t offset = virtio_blk_read_QUEUE_NOTIFY_OFF(d);
	unsigned at = 0, most = CONTROL_CONFIG / 4;

	while (
	    (at = config_capability(d, VB_CAP_VENDOR, at)) != 0 && most-- > 0)
		if (config_8(d, at + VB_CAP_TYPE_AT) == VB_CAP_NOTIFY)
			break;
	if (at == 0)
		return RC_DEVICE;
	return reg_found(d, VIRTIO_BLK_REGION_NOTIFY,
	    config_8(d, at + VB_CAP_BAR_AT),
	    config_32(d, at + VB_CAP_OFFSET_AT) +
		(uint64_t)offset * config_32(d, at + VB_CAP_FACTOR_AT),
	    2, 2);
}

static bool
is_reset(struct dev *d)
{
	return virtio_blk_read_DEVICE_STATUS(d) == 0;
}

static uint64_t
offered(struct dev *d)
{
	uint64_t low;

	virtio_blk_write_DEVICE_FEATURE_SELECT(d, 0);
	low = virtio_blk_read_DEVICE_FEATURE(d);
	virtio_blk_write_DEVICE_FEATURE_SELECT(d, 1);
	return low | (uint64_t)virtio_blk_read_DEVICE_FEATURE(d) << 32;
}

/* Steps 4 to 6 of 3.1.1. */
static enum status
negotiate(struct dev *d, struct virtio_blk *v)
{
	const uint64_t known = 1ULL << VB_F_SIZE_MAX | 1ULL << VB_F_SEG_MAX |
	    1ULL << VB_F_RO | 1ULL << VB_F_BLK_SIZE | 1ULL << VB_F_FLUSH |
	    1ULL << VB_F_INDIRECT | 1ULL << VB_F_VERSION |
	    1ULL << VB_F_PLATFORM;
	uint8_t status = VIRTIO_BLK_DEVICE_STATUS_ACKNOWLEDGE |
	    VIRTIO_BLK_DEVICE_STATUS_DRIVER;

	virtio_blk_write_DEVICE_STATUS(d, status);
	v->features = offered(d) & known;
	if (!feature(v, VB_F_VERSION) || !feature(v, VB_F_INDIRECT)) {
		dev_remark(d, "offers no VERSION_1 or no INDIRECT_DESC");
		return RC_UNSUPPORTED;
	}
	virtio_blk_write_DRIVER_FEATURE_SELECT(d, 0);
	virtio_blk_write_DRIVER_FEATURE(d, (uint32_t)v->features);
	virtio_blk_write_DRIVER_FEATURE_SELECT(d, 1);
	virtio_blk_write_DRIVER_FEATURE(d, (uint32_t)(v->features >> 32));
	status |= VIRTIO_BLK_DEVICE_STATUS_FEATURES_OK;
	virtio_blk_write_DEVICE_STATUS(d, status);
	if (virtio_blk_read_DEVICE_STATUS(d) != status) {
		dev_remark(d, "refuses the features 0x%llx",
		    (unsigned long long)v->features);
		return RC_DEVICE;
	}
	if (feature(v, VB_F_PLATFORM))
		d->control->said.features |= CONTROL_CONFINED;
	return RC_OK;
}

static enum status
queue_begin(struct dev *d, struct virtio_blk *v)
{
	uint16_t vector = dev_given(d)->message != 0
	    ? 0
	    : VIRTIO_BLK_QUEUE_MSIX_VECTOR_NONE;
	uint16_t size;

	virtio_blk_write_MSIX_CONFIG(d, VIRTIO_BLK_MSIX_CONFIG_NONE);
	virtio_blk_write_QUEUE_SELECT(d, 0);
	size = virtio_blk_read_QUEUE_SIZE(d);
	/* A power of two (2.6); 0 means that there is no queue. */
	if (size == 0 || (size & (size - 1)) != 0) {
		dev_remark(d, "queue of %u entries", size);
		return RC_DEVICE;
	}
	v->slots = size < VB_SLOTS ? size : VB_SLOTS;
	v->available = 0;
	v->used = 0;
	memset(dev_dma(d, 0), 0, VB_DMA_BYTES);
	virtio_blk_write_QUEUE_SIZE(d, v->slots);
	virtio_blk_write_QUEUE_MSIX_VECTOR(d, vector);
	if (virtio_blk_read_QUEUE_MSIX_VECTOR(d) != vector) {
		dev_remark(d, "has no MSI-X vector left");
		return RC_DEVICE;
	}
	virtio_blk_write_QUEUE_DESC(d, dev_bus(d, 0));
	virtio_blk_write_QUEUE_DRIVER(d, dev_bus(d, VB_AVAIL_AT));
	virtio_blk_write_QUEUE_DEVICE(d, dev_bus(d, VB_USED_AT));
	virtio_blk_write_QUEUE_ENABLE(d, 1);
	return find_notify(d);
}

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
		generation = virtio_blk_read_CONFIG_GENERATION(d);
		sectors = virtio_blk_read_CAPACITY(d);
	} while (
	    virtio_blk_read_CONFIG_GENERATION(d) != generation && --tries > 0);
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
	    feature(v, VB_F_PLATFORM) ? "" : ", no ACCESS_PLATFORM");
	return RC_OK;
}

static enum status
start(struct dev *d)
{
	struct virtio_blk *v = d->state;
	enum status        st;

	virtio_blk_write_DEVICE_STATUS(d, 0);
	if (!dev_until(d, is_reset, RESET_TIME)) {
		dev_remark(d, "does not come out of reset");
		return RC_TIMEOUT;
	}
	st = negotiate(d, v);
	if (st == RC_OK)
		st = queue_begin(d, v);
	if (st == RC_OK)
		st = geometry(d, v);
	if (st == RC_OK)
		virtio_blk_write_DEVICE_STATUS(d,
		    VIRTIO_BLK_DEVICE_STATUS_ACKNOWLEDGE |
			VIRTIO_BLK_DEVICE_STATUS_DRIVER |
			VIRTIO_BLK_DEVICE_STATUS_FEATURES_OK |
			VIRTIO_BLK_DEVICE_STATUS_DRIVER_OK);
	return st;
}

static enum status
probe(struct dev *d)
{
	enum status st;

	if (!dev_dma_has(d, VB_DMA_BYTES))
		return RC_NO_MEMORY;
	st = virtio_blk_regions(d);
	if (st == RC_OK)
		st = find_regions(d);
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
	struct vb_desc *t = dev_dma(d, table_at(slot));
	uint16_t        write = io->op == BLOCK_READ ? VB_DESC_WRITE : 0;
	unsigned        n = 0;

	t[n++] = (struct vb_desc){
	    .address = dev_bus(d, VB_HEADERS_AT + slot * 16),
	    .bytes = sizeof(struct vb_header),
	    .flags = VB_DESC_NEXT,
	    .next = 1,
	};
	for (unsigned i = 0; i < io->nsegments; i++, n++)
		t[n] = (struct vb_desc){
		    .address = io->segment[i].address,
		    .bytes = io->segment[i].bytes,
		    .flags = write | VB_DESC_NEXT,
		    .next = (uint16_t)(n + 1),
		};
	t[n++] = (struct vb_desc){
	    .address = dev_bus(d, VB_STATUS_AT + slot),
	    .bytes = 1,
	    .flags = VB_DESC_WRITE,
	};
	return n;
}

static void
make_available(struct dev *d, struct virtio_blk *v, unsigned slot)
{
	struct vb_avail      *avail = dev_dma(d, VB_AVAIL_AT);
	const struct vb_used *used = dev_dma(d, VB_USED_AT);

	avail->ring[v->available % v->slots] = (uint16_t)slot;
	v->available++;
	dma_release(); /* The ring entry before the index. */
	__atomic_store_n(&avail->index, v->available, __ATOMIC_RELAXED);
	dma_full(); /* The index before the look at the flags (2.6.13.4.1). */
	if ((__atomic_load_n(&used->flags, __ATOMIC_RELAXED) &
		VB_USED_NO_NOTIFY) == 0)
		virtio_blk_write_NOTIFY_QUEUE(d, 0);
}

static enum status
request(struct dev *d, const struct block_io *io)
{
	struct virtio_blk *v = d->state;
	struct vb_desc    *desc = dev_dma(d, 0);
	unsigned           slot = io->slot;
	struct vb_header  *header;

	if (slot >= v->slots)
		return RC_BUSY;
	header = dev_dma(d, VB_HEADERS_AT + slot * 16);
	*header = (struct vb_header){
	    .type = io->op == BLOCK_READ ? VB_IN
		: io->op == BLOCK_WRITE  ? VB_OUT
					 : VB_FLUSH,
	    .sector = io->op == BLOCK_FLUSH ? 0 : io->sector,
	};
	*(uint8_t *)dev_dma(d, VB_STATUS_AT + slot) = VB_S_NONE;
	desc[slot] = (struct vb_desc){
	    .address = dev_bus(d, table_at(slot)),
	    .bytes = table_fill(d, slot, io) * (uint32_t)sizeof(*desc),
	    .flags = VB_DESC_INDIRECT,
	};
	make_available(d, v, slot);
	return RC_OK;
}

/* What was in flight ends here: a device that was reset does no more DMA. */
static void
reset(struct dev *d)
{
	enum status st = start(d);

	d->control->said.resets++;
	if (st != RC_OK)
		dev_fail(d, st);
	else
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
	const struct vb_used *used = dev_dma(d, VB_USED_AT);
	/* Orders the device's writes of the entries before our reads. */
	uint16_t index = __atomic_load_n(&used->index, __ATOMIC_ACQUIRE);

	if ((uint16_t)(index - v->used) > v->slots)
		return false;
	for (; v->used != index; v->used++) {
		uint32_t id = used->ring[v->used % v->slots].id;

		if (id >= v->slots || (d->busy >> id & 1) == 0)
			return false;
		block_complete(d, id, slot_status(d, id));
	}
	return true;
}

static uint64_t
serve(struct dev *d, uint64_t irqs)
{
	struct virtio_blk *v = d->state;
	uint16_t           used = v->used;
	uint8_t            isr = 0;

	/* Reading it clears the line (4.1.4.5). With MSI-X it is not used. */
	if (dev_given(d)->message == 0)
		isr = virtio_blk_read_ISR_STATUS(d);
	if (!drain(d, v)) {
		dev_remark(d, "broke the used ring");
		reset(d);
	}
	if (dev_given(d)->message != 0)
		return irqs;
	return isr != 0 || used != v->used ? irqs : 0;
}

static void
expired(struct dev *d)
{
	struct virtio_blk *v = d->state;
	uint16_t           used = v->used;

	/* An interrupt may have been lost: look before the reset. */
	if (drain(d, v) && v->used != used)
		return;
	dev_remark(d, "did not answer in time");
	reset(d);
}

static enum status
suspend(struct dev *d)
{
	virtio_blk_write_DEVICE_STATUS(d, 0);
	return dev_until(d, is_reset, RESET_TIME) ? RC_OK : RC_TIMEOUT;
}

static void
leave(struct dev *d)
{
	virtio_blk_write_DEVICE_STATUS(d, 0);
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
    .suspend = suspend,
    .resume = start,
    .remove = leave,
};
