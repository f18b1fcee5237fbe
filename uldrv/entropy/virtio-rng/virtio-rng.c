/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio entropy device (VIRTIO 1.1, 5.4). An order is one descriptor, in the
 * slot of its name.
 */
#include "uldrv/class/entropy.h"
#include "uldrv/lib/order.h"
#include "uldrv/lib/virtio.h"

struct rng {
	struct virtq queue;
	uint64_t     given; /* Bit i: the device has descriptor i. */
	uint32_t     bytes[VIRTIO_SLOTS];
};

static enum status
start(struct dev *d)
{
	struct rng *r = d->state;
	uint64_t    features;
	enum status st = virtio_reset(d);

	r->given = 0;
	if (st == RC_OK)
		st = virtio_negotiate(d, 0, 0, &features);
	if (st == RC_OK)
		st = virtio_queue(d, &r->queue, 0, 0, VIRTIO_SLOTS);
	if (st == RC_OK)
		virtio_run(d);
	return st;
}

static enum status
probe(struct dev *d)
{
	enum status st = dev_dma_has(d, PAGE_SIZE) ? virtio_find(d, 0, 0)
						   : RC_NO_MEMORY;

	return st == RC_OK ? start(d) : st;
}

static enum status
order(struct dev *d, const struct order_io *io)
{
	struct rng *r = d->state;

	if (io->slot >= r->queue.slots)
		return RC_BUSY;
	*virtq_desc(d, &r->queue, io->slot) = (struct virtq_desc){
	    .address = order_bus(d, io->offset),
	    .bytes = io->bytes,
	    .flags = VIRTQ_WRITE,
	};
	r->given |= UINT64_C(1) << io->slot;
	r->bytes[io->slot] = io->bytes;
	virtq_offer(d, &r->queue, io->slot);
	virtq_kick(d, &r->queue);
	return RC_OK;
}

static void
reset(struct dev *d)
{
	if (dev_restart(d, start))
		order_complete_all(d, RC_TIMEOUT);
}

/* False if the device broke the rules. */
static bool
drain(struct dev *d, struct rng *r)
{
	uint32_t slot, bytes;

	for (;;)
		switch (virtq_next(d, &r->queue, &slot, &bytes)) {
		case VIRTQ_EMPTY:
			return true;
		case VIRTQ_BROKEN:
			return false;
		case VIRTQ_DONE:
			if ((r->given >> slot & 1) == 0 || bytes == 0 ||
			    bytes > r->bytes[slot])
				return false;
			r->given &= ~(UINT64_C(1) << slot);
			order_complete(d, slot, RC_OK, bytes, 0);
		}
}

static uint64_t
serve(struct dev *d, uint64_t irqs)
{
	struct rng *r = d->state;
	uint16_t    used = r->queue.used;
	uint64_t    ours = virtio_interrupt(d, irqs);

	if (!drain(d, r)) {
		dev_remark(d, "broke the used ring");
		reset(d);
	}
	return used != r->queue.used ? irqs : ours;
}

static void
expired(struct dev *d)
{
	struct rng *r = d->state;
	uint16_t    used = r->queue.used;

	/* An interrupt may have been lost: look before the reset. */
	if (!drain(d, r) || r->queue.used == used)
		reset(d);
}

const struct driver driver = {
    .name = "virtio-rng",
    .class = &entropy_class,
    .state_bytes = sizeof(struct rng),
    .deadline = 5 * SECOND,
    .probe = probe,
    .serve = serve,
    .order = order,
    .expired = expired,
    .suspend = virtio_reset,
    .resume = start,
    .remove = virtio_leave,
};
