/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Intel 82540EM, legacy descriptors. Both rings are used in turn: entry i mod
 * ENTRIES is the i-th frame, and the device finishes them in that order.
 *
 * DMA memory: page 0 the receive ring, 1 the transmit ring.
 *
 * Invariants:
 *  1. done <= next <= done + ENTRIES - 1: a full ring would look empty to the
 *     device (SDM 3.2.6).
 *  2. Of a descriptor the device has finished its length is checked before it
 *     is believed.
 */
#include "devdb/e1000.regs.h"
#include "uldrv/class/net.h"
#include "uldrv/lib/order.h"

#define RESET_TIME (100 * MILLISECOND)

enum {
	ENTRIES = 64,
	/* Descriptor status and errors (SDM 3.2.3, 3.3.3). */
	DONE = 1,
	END_OF_PACKET = 2,
	/* Commands (SDM 3.3.3). */
	TX_END = 1,
	TX_CRC = 2,
	TX_REPORT = 8,
	CAUSES = E1000_ICR_SENT | E1000_ICR_RECEIVED | E1000_ICR_RECEIVE_LOW |
	    E1000_ICR_OVERRUN | E1000_ICR_LINK,
	/* SDM 14.5: 10, 8 and 6 for copper. */
	GAP = 10 | 8 << 10 | 6 << 20,
	COLLISIONS = 15,
	DISTANCE = 64,
};

struct descriptor {
	uint64_t address;
	uint16_t bytes;
	uint8_t  unused, command; /* Transmit: check sum offset, command. */
	uint8_t  status;
	uint8_t  errors; /* Receive. */
	uint16_t special;
};

struct receive_descriptor {
	uint64_t address;
	uint16_t bytes, checksum;
	uint8_t  status, errors;
	uint16_t special;
};

_Static_assert(sizeof(struct descriptor) == 16, "descriptor");
_Static_assert(sizeof(struct receive_descriptor) == 16, "descriptor");

struct side {
	uint32_t next, done; /* Free-running. */
	uint8_t  slot[ENTRIES];
	uint64_t address[ENTRIES]; /* The device may spoil its own copy. */
};

struct e1000 {
	struct side receive, send;
};

static bool
is_reset(struct dev *d)
{
	return (e1000_read_CTRL(d) & E1000_CTRL_RESET) == 0;
}

static void
rings_begin(struct dev *d)
{
	uint64_t receive = dev_bus(d, 0), send = dev_bus(d, PAGE_SIZE);
	uint32_t bytes = ENTRIES * sizeof(struct descriptor);

	__builtin_memset(dev_dma(d, 0), 0, 2 * PAGE_SIZE);
	e1000_write_RDBAL(d, (uint32_t)receive);
	e1000_write_RDBAH(d, (uint32_t)(receive >> 32));
	e1000_write_RDLEN(d, bytes);
	e1000_write_RDH(d, 0);
	e1000_write_RDT(d, 0);
	e1000_write_TDBAL(d, (uint32_t)send);
	e1000_write_TDBAH(d, (uint32_t)(send >> 32));
	e1000_write_TDLEN(d, bytes);
	e1000_write_TDH(d, 0);
	e1000_write_TDT(d, 0);
}

/* The address that the EEPROM gave it stands in the first filter. */
static enum status
station(struct dev *d)
{
	uint32_t low = e1000_read_ADDRESS_LOW(d);
	uint32_t high = e1000_read_ADDRESS_HIGH(d);

	if (high == UINT32_MAX || (high & E1000_ADDRESS_HIGH_VALID) == 0) {
		dev_remark(d, "its EEPROM has no station address");
		return RC_DEVICE;
	}
	order_info(d)[0] = low | (uint64_t)(high & 0xffff) << 32;
	order_info(d)[1] = (e1000_read_STATUS(d) & E1000_STATUS_LINK_UP) != 0;
	dev_remark(d, "%02x:%02x:%02x:%02x:%02x:%02x", low & 255,
	    low >> 8 & 255, low >> 16 & 255, low >> 24, high & 255,
	    high >> 8 & 255);
	return RC_OK;
}

static enum status
start(struct dev *d)
{
	struct e1000 *e = d->state;
	enum status   st;

	*e = (struct e1000){.receive = {.next = 0}};
	e1000_write_IMC(d, UINT32_MAX);
	e1000_write_CTRL(d, E1000_CTRL_RESET);
	if (!dev_until(d, is_reset, RESET_TIME)) {
		dev_remark(d, "does not come out of reset");
		return RC_TIMEOUT;
	}
	e1000_write_IMC(d, UINT32_MAX);
	e1000_write_CTRL(d, E1000_CTRL_LINK_UP | E1000_CTRL_AUTO_SPEED);
	st = station(d);
	if (st != RC_OK)
		return st;
	for (unsigned i = 0; i < 128; i++)
		e1000_write_MULTICAST(d, i, 0);
	rings_begin(d);
	e1000_write_TIPG(d, GAP);
	/* Buffers of 2048 bytes, frames of 1522 at most (SDM 13.4.22). */
	e1000_write_RCTL(
	    d, E1000_RCTL_ENABLE | E1000_RCTL_BROADCAST | E1000_RCTL_STRIP_CRC);
	e1000_write_TCTL(d,
	    E1000_TCTL_ENABLE | E1000_TCTL_PAD |
		COLLISIONS << E1000_TCTL_THRESHOLD_SHIFT |
		DISTANCE << E1000_TCTL_DISTANCE_SHIFT);
	(void)e1000_read_ICR(d);
	e1000_write_IMS(d, CAUSES);
	return RC_OK;
}

static enum status
probe(struct dev *d)
{
	enum status st = dev_dma_has(d, 2 * PAGE_SIZE) ? e1000_regions(d)
						       : RC_NO_MEMORY;

	return st == RC_OK ? start(d) : st;
}

static void
receive(struct dev *d, struct side *s, uint64_t address, uint8_t slot)
{
	struct receive_descriptor *ring = dev_dma(d, 0);

	s->slot[s->next % ENTRIES] = slot;
	s->address[s->next % ENTRIES] = address;
	ring[s->next % ENTRIES] = (struct receive_descriptor){
	    .address = address};
	s->next++;
	dma_release(); /* The descriptor before the tail that lends it. */
	e1000_write_RDT(d, s->next % ENTRIES);
}

static void
send(struct dev *d, struct side *s, const struct order_io *io)
{
	struct descriptor *ring = dev_dma(d, PAGE_SIZE);

	s->slot[s->next % ENTRIES] = io->slot;
	ring[s->next % ENTRIES] = (struct descriptor){
	    .address = order_bus(d, io->offset),
	    .bytes = (uint16_t)io->bytes,
	    .command = TX_END | TX_CRC | TX_REPORT,
	};
	s->next++;
	dma_release(); /* The descriptor before the tail that lends it. */
	e1000_write_TDT(d, s->next % ENTRIES);
}

static enum status
order(struct dev *d, const struct order_io *io)
{
	struct e1000 *e = d->state;

	switch ((enum net_order)io->op) {
	case NET_SEND:
		if (e->send.next - e->send.done == ENTRIES - 1)
			return RC_BUSY;
		send(d, &e->send, io);
		return RC_OK;
	case NET_RECEIVE:
		if (e->receive.next - e->receive.done == NET_RECEIVES)
			return RC_LIMIT;
		receive(d, &e->receive, order_bus(d, io->offset), io->slot);
		return RC_OK;
	case NET_LINK:
		order_complete(d, io->slot, RC_OK, 0,
		    (e1000_read_STATUS(d) & E1000_STATUS_LINK_UP) != 0);
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

/* False if the device says what cannot be. */
static bool
drain_receive(struct dev *d, struct side *s)
{
	struct receive_descriptor *ring = dev_dma(d, 0);

	while (s->done != s->next) {
		struct receive_descriptor *r = &ring[s->done % ENTRIES];
		struct receive_descriptor  r1;
		uint8_t                    slot = s->slot[s->done % ENTRIES];
		uint64_t address = s->address[s->done % ENTRIES];

		/* Orders the look at DONE before those at the rest. */
		if ((__atomic_load_n(&r->status, __ATOMIC_ACQUIRE) & DONE) == 0)
			return true;
		__builtin_memcpy(&r1, r, sizeof(r1));
		s->done++;
		if (r1.bytes > NET_BUFFER)
			return false;
		/* A bad frame is nobody's: its buffer is lent again. */
		if ((r1.status & END_OF_PACKET) == 0 || r1.errors != 0 ||
		    r1.bytes < NET_LEAST)
			receive(d, s, address, slot);
		else
			order_complete(d, slot, RC_OK, r1.bytes, 0);
	}
	return true;
}

static void
drain_send(struct dev *d, struct side *s)
{
	const struct descriptor *ring = dev_dma(d, PAGE_SIZE);

	for (; s->done != s->next; s->done++) {
		if ((__atomic_load_n(
			 &ring[s->done % ENTRIES].status, __ATOMIC_ACQUIRE) &
			DONE) == 0)
			return;
		order_complete(d, s->slot[s->done % ENTRIES], RC_OK, 0, 0);
	}
}

static bool
drain(struct dev *d)
{
	struct e1000 *e = d->state;

	if (!drain_receive(d, &e->receive))
		return false;
	drain_send(d, &e->send);
	return true;
}

static uint64_t
serve(struct dev *d, uint64_t irqs)
{
	uint32_t causes = e1000_read_ICR(d); /* Reading it clears them. */

	if (causes == UINT32_MAX || (causes & CAUSES) == 0)
		return 0;
	if (!drain(d)) {
		dev_remark(d, "broke the receive ring");
		reset(d);
	}
	return irqs;
}

static void
expired(struct dev *d)
{
	const struct e1000 *e = d->state;
	uint32_t            done = e->send.done;

	/* An interrupt may have been lost: look before the reset. */
	(void)e1000_read_ICR(d);
	if (!drain(d) || e->send.done == done)
		reset(d);
}

static void
leave(struct dev *d)
{
	e1000_write_IMC(d, UINT32_MAX);
	e1000_write_RCTL(d, 0);
	e1000_write_TCTL(d, 0);
	e1000_write_CTRL(d, E1000_CTRL_RESET);
}

static enum status
suspend(struct dev *d)
{
	leave(d);
	return RC_OK;
}

const struct driver driver = {
    .name = "e1000",
    .class = &net_class,
    .state_bytes = sizeof(struct e1000),
    .deadline = 5 * SECOND,
    .probe = probe,
    .serve = serve,
    .order = order,
    .expired = expired,
    .suspend = suspend,
    .resume = start,
    .remove = leave,
};
