/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio network device (VIRTIO 1.1, 5.1), without offloads. Each frame is a
 * chain of two descriptors: the header, in our own memory, and the client's
 * part of the data area. Chain i is descriptors 2i and 2i + 1.
 *
 * DMA memory: page 0 the receive queue, 1 the transmit queue, 2 headers.
 */
#include "devdb/virtio-net.regs.h"
#include "uldrv/class/net.h"
#include "uldrv/lib/order.h"
#include "uldrv/lib/virtio.h"

enum {
	F_MAC = 5,
	F_STATUS = 16,
	HEADER = 12, /* 5.1.6: with VERSION_1. */
	HEADERS_AT = 2 * PAGE_SIZE,
	CHAINS = VIRTIO_SLOTS / 2,
	DMA_BYTES = 3 * PAGE_SIZE,
};

/* One direction. */
struct side {
	struct virtq q;
	uint32_t     free;         /* Bit i: chain i is. */
	uint8_t      slot[CHAINS]; /* Of the order in chain i. */
};

struct net {
	uint64_t    features;
	struct side receive, send;
};

static enum status
side_begin(struct dev *d, struct side *s, uint16_t number)
{
	enum status st = virtio_queue(
	    d, &s->q, number, number * (uint32_t)PAGE_SIZE, VIRTIO_SLOTS);

	if (st == RC_OK && s->q.slots < 4) {
		dev_remark(d, "queue %u of %u entries", number, s->q.slots);
		st = RC_DEVICE;
	}
	if (st == RC_OK)
		s->free = UINT32_MAX >> (32 - s->q.slots / 2);
	return st;
}

static bool
link_is_up(struct dev *d)
{
	const struct net *n = d->state;

	return (n->features & VIRTIO_BIT(F_STATUS)) == 0 ||
	    (virtio_net_read_STATUS(d) & VIRTIO_NET_STATUS_LINK_UP) != 0;
}

static void
describe(struct dev *d)
{
	uint64_t address = 0;

	for (unsigned i = 0; i < 6; i++)
		address |= (uint64_t)virtio_net_read_MAC(d, i) << 8 * i;
	order_info(d)[0] = address;
	order_info(d)[1] = link_is_up(d);
	dev_remark(d, "%02x:%02x:%02x:%02x:%02x:%02x", (unsigned)address & 255,
	    (unsigned)(address >> 8) & 255, (unsigned)(address >> 16) & 255,
	    (unsigned)(address >> 24) & 255, (unsigned)(address >> 32) & 255,
	    (unsigned)(address >> 40) & 255);
}

static enum status
start(struct dev *d)
{
	struct net *n = d->state;
	enum status st = virtio_reset(d);

	if (st == RC_OK)
		st = virtio_negotiate(
		    d, VIRTIO_BIT(F_STATUS), VIRTIO_BIT(F_MAC), &n->features);
	if (st == RC_OK)
		st = side_begin(d, &n->receive, 0);
	if (st == RC_OK)
		st = side_begin(d, &n->send, 1);
	if (st != RC_OK)
		return st;
	__builtin_memset(dev_dma(d, HEADERS_AT), 0, PAGE_SIZE);
	describe(d);
	virtio_run(d);
	return RC_OK;
}

static enum status
probe(struct dev *d)
{
	enum status st = dev_dma_has(d, DMA_BYTES)
	    ? virtio_find(d, VIRTIO_NET_REGION_DEVICE, 8)
	    : RC_NO_MEMORY;

	return st == RC_OK ? start(d) : st;
}

static void
offer(struct dev *d, struct side *s, const struct order_io *io, bool write)
{
	unsigned           i = (unsigned)__builtin_ctz(s->free);
	struct virtq_desc *desc = virtq_desc(d, &s->q, 2 * i);
	uint16_t           flags = write ? VIRTQ_WRITE : 0;

	s->free &= ~(UINT32_C(1) << i);
	s->slot[i] = io->slot;
	desc[0] = (struct virtq_desc){
	    .address = dev_bus(
		d, HEADERS_AT + (i + (write ? 0u : CHAINS)) * 16),
	    .bytes = HEADER,
	    .flags = flags | VIRTQ_NEXT,
	    .next = (uint16_t)(2 * i + 1),
	};
	desc[1] = (struct virtq_desc){
	    .address = order_bus(d, io->offset),
	    .bytes = io->bytes,
	    .flags = flags,
	};
	virtq_offer(d, &s->q, 2 * i);
	virtq_kick(d, &s->q);
}

static enum status
order(struct dev *d, const struct order_io *io)
{
	struct net *n = d->state;

	switch ((enum net_order)io->op) {
	case NET_SEND:
		if (n->send.free == 0)
			return RC_BUSY;
		offer(d, &n->send, io, false);
		return RC_OK;
	case NET_RECEIVE:
		/* One chain stays free, as the class says. */
		if ((n->receive.free & (n->receive.free - 1)) == 0)
			return RC_LIMIT;
		offer(d, &n->receive, io, true);
		return RC_OK;
	case NET_LINK:
		order_complete(d, io->slot, RC_OK, 0, link_is_up(d));
		return RC_OK;
	case NET_ORDERS:
		break;
	}
	return RC_ORDER;
}

static void
reset(struct dev *d)
{
	if (dev_restart(d, start))
		order_complete_all(d, RC_TIMEOUT);
}

/* What the device has done with one side; false if it broke the rules. */
static bool
drain(struct dev *d, struct side *s, uint32_t least, uint32_t most)
{
	uint32_t head, bytes;

	for (;;)
		switch (virtq_next(d, &s->q, &head, &bytes)) {
		case VIRTQ_EMPTY:
			return true;
		case VIRTQ_BROKEN:
			return false;
		case VIRTQ_DONE:
			if (head % 2 != 0 || (s->free >> head / 2 & 1) != 0 ||
			    bytes < least || bytes > most)
				return false;
			s->free |= UINT32_C(1) << head / 2;
			order_complete(d, s->slot[head / 2], RC_OK,
			    bytes > HEADER ? bytes - HEADER : 0, 0);
		}
}

static bool
drain_all(struct dev *d, struct net *n)
{
	return drain(d, &n->receive, HEADER + NET_LEAST, HEADER + NET_BUFFER) &&
	    drain(d, &n->send, 0, HEADER);
}

static uint64_t
serve(struct dev *d, uint64_t irqs)
{
	struct net *n = d->state;
	uint16_t    used = (uint16_t)(n->receive.q.used + n->send.q.used);
	uint64_t    ours = virtio_interrupt(d, irqs);

	if (!drain_all(d, n)) {
		dev_remark(d, "broke the used ring");
		reset(d);
	}
	return used != (uint16_t)(n->receive.q.used + n->send.q.used) ? irqs
								      : ours;
}

static void
expired(struct dev *d)
{
	struct net *n = d->state;
	uint16_t    used = n->send.q.used;

	/* An interrupt may have been lost: look before the reset. */
	if (!drain_all(d, n) || n->send.q.used == used)
		reset(d);
}

const struct driver driver = {
    .name = "virtio-net",
    .class = &net_class,
    .state_bytes = sizeof(struct net),
    .deadline = 5 * SECOND,
    .probe = probe,
    .serve = serve,
    .order = order,
    .expired = expired,
    .suspend = virtio_reset,
    .resume = start,
    .remove = virtio_leave,
};
