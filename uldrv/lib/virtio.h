/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What all virtio drivers share: finding the structures, features, and split
 * virtqueues (VIRTIO 1.1, non-legacy interface over PCI).
 *
 * Invariants:
 *  1. A queue has one page of DMA memory: descriptors, available and used ring.
 *  2. The device is believed only as far as: an index of the used ring no
 *     further ahead than the queue is long, an id of the queue. Whether that
 *     id is in flight, the driver must know.
 */
#ifndef ULDRV_LIB_VIRTIO_H
#define ULDRV_LIB_VIRTIO_H

#include "devdb/virtio.regs.h"
#include "uldrv/lib/uldrv.h"

enum {
	VIRTIO_SLOTS = 64, /* The most a queue of ours has. */

	/* Feature bits, 6. */
	VIRTIO_F_INDIRECT = 28,
	VIRTIO_F_VERSION = 32,
	VIRTIO_F_PLATFORM = 33,

	/* Descriptor flags, 2.6.5. */
	VIRTQ_NEXT = 1,
	VIRTQ_WRITE = 2, /* By the device. */
	VIRTQ_INDIRECT = 4,

	VIRTQ_NO_NOTIFY = 1, /* 2.6.10 */

	/* In a queue's page. */
	VIRTQ_AVAIL_AT = VIRTIO_SLOTS * 16,
	VIRTQ_USED_AT = 2048,
};

#define VIRTIO_BIT(bit) (UINT64_C(1) << (bit))

struct virtq_desc {
	uint64_t address;
	uint32_t bytes;
	uint16_t flags;
	uint16_t next;
};

struct virtq_avail {
	uint16_t flags;
	uint16_t index;
	uint16_t ring[VIRTIO_SLOTS];
};

struct virtq_used {
	uint16_t flags;
	uint16_t index;
	struct {
		uint32_t id;
		uint32_t bytes;
	} ring[VIRTIO_SLOTS];
};

_Static_assert(sizeof(struct virtq_desc) == 16, "descriptor");
_Static_assert(
    VIRTQ_AVAIL_AT + sizeof(struct virtq_avail) <= VIRTQ_USED_AT, "avail");
_Static_assert(VIRTQ_USED_AT + sizeof(struct virtq_used) <= PAGE_SIZE, "used");

struct virtq {
	uint32_t at;        /* Its page, in DMA memory. */
	uint16_t number;    /* 0 or 1. */
	uint16_t slots;     /* A power of two, at most VIRTIO_SLOTS. */
	uint16_t available; /* Free-running, as avail.index. */
	uint16_t used;
};

/*
 * Ties the common structures to their regions, and that of the device itself
 * to `device` if it has `least` bytes; least 0: it is not wanted.
 */
enum status virtio_find(
    struct dev *d, unsigned device, uint32_t least) must_check;

enum status virtio_reset(struct dev *d) must_check;

/* The same when the driver leaves: nobody waits for what the device says. */
void virtio_leave(struct dev *d);

/*
 * Steps 2 to 6 of 3.1.1, after the reset: accepts what is both offered and
 * known. RC_UNSUPPORTED if something needed (a mask) is not offered.
 */
enum status virtio_negotiate(struct dev *d, uint64_t known, uint64_t needed,
    uint64_t *features) must_check;

/*
 * Sets up queue `number` in the page at `at`, of at most `most` slots; between
 * virtio_negotiate and virtio_run.
 */
enum status virtio_queue(struct dev *d, struct virtq *q, uint16_t number,
    uint32_t at, uint16_t most) must_check;

/* Step 8: the device may use its queues. */
void virtio_run(struct dev *d);

/*
 * Our interrupt: those of irqs that were this device's. It clears the line
 * (4.1.4.5); messages are always ours.
 */
uint64_t virtio_interrupt(struct dev *d, uint64_t irqs);

static inline struct virtq_desc *
virtq_desc(const struct dev *d, const struct virtq *q, unsigned slot)
{
	return (struct virtq_desc *)dev_dma(d, q->at) + slot;
}

/* Makes the chain that begins in this slot available. */
static inline void
virtq_offer(const struct dev *d, struct virtq *q, unsigned slot)
{
	struct virtq_avail *avail = dev_dma(d, q->at + VIRTQ_AVAIL_AT);

	avail->ring[q->available % q->slots] = (uint16_t)slot;
	q->available++;
	dma_release(); /* The ring entry before the index. */
	__atomic_store_n(&avail->index, q->available, __ATOMIC_RELAXED);
}

/* Tells the device that there is something new, if it wants to hear it. */
static inline void
virtq_kick(struct dev *d, const struct virtq *q)
{
	const struct virtq_used *used = dev_dma(d, q->at + VIRTQ_USED_AT);

	dma_full(); /* The index before the look at the flags (2.6.13.4.1). */
	if ((__atomic_load_n(&used->flags, __ATOMIC_RELAXED) &
		VIRTQ_NO_NOTIFY) != 0)
		return;
	if (q->number == 0)
		virtio_write_NOTIFY_QUEUE0(d, 0);
	else
		virtio_write_NOTIFY_QUEUE1(d, q->number);
}

enum virtq_next {
	VIRTQ_EMPTY,
	VIRTQ_DONE,   /* *slot was used, the device has written *bytes. */
	VIRTQ_BROKEN, /* The device broke the rules; reset it. */
};

static inline must_check enum virtq_next
virtq_next(
    const struct dev *d, struct virtq *q, uint32_t *slot, uint32_t *bytes)
{
	const struct virtq_used *used = dev_dma(d, q->at + VIRTQ_USED_AT);
	/* Orders the device's writes of the entries before our reads. */
	uint16_t index = __atomic_load_n(&used->index, __ATOMIC_ACQUIRE);

	if (index == q->used)
		return VIRTQ_EMPTY;
	if ((uint16_t)(index - q->used) > q->slots)
		return VIRTQ_BROKEN;
	*slot = __atomic_load_n(
	    &used->ring[q->used % q->slots].id, __ATOMIC_RELAXED);
	*bytes = __atomic_load_n(
	    &used->ring[q->used % q->slots].bytes, __ATOMIC_RELAXED);
	q->used++;
	return *slot < q->slots ? VIRTQ_DONE : VIRTQ_BROKEN;
}

#endif
