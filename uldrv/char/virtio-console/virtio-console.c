/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio console device (VIRTIO 1.1, 5.3): port 0, without MULTIPORT. Bytes
 * are copied between the class's ring and pieces of our own memory, one
 * descriptor each.
 *
 * Pieces go out in the order of their numbers, round and round, so that after a
 * reset those that the device had not used go out again as they were written.
 * A far end that takes nothing looks as a device that hangs: both are reset
 * when the deadline has passed, and no more can come out twice than the
 * beginning of what the device had then.
 *
 * DMA memory: page 0 the receive queue, 1 the transmit queue, 2 pieces for
 * what comes in, 3 for what goes out.
 */
#include "devdb/virtio-console.regs.h"
#include "uldrv/lib/char.h"
#include "uldrv/lib/virtio.h"

enum {
	F_SIZE = 0,
	PIECES = 16, /* Of each direction, at most. */
	PIECE = (int)PAGE_SIZE / PIECES,
	PIECES_AT = 2 * (int)PAGE_SIZE,
	DMA_BYTES = 4 * (int)PAGE_SIZE,
};

/* One direction. */
struct side {
	struct virtq q;
	uint32_t     given;         /* Bit i: the device has piece i, */
	uint16_t     bytes[PIECES]; /* of so many bytes. */
	unsigned     next;          /* To go out; counts on. */
};

struct console {
	uint64_t    features;
	struct side receive, send;
};

static uint32_t
piece_at(const struct side *s, unsigned i)
{
	return PIECES_AT + s->q.number * (uint32_t)PAGE_SIZE + i * PIECE;
}

static void
offer(struct dev *d, struct side *s, unsigned i, uint16_t flags)
{
	s->given |= 1u << i;
	*virtq_desc(d, &s->q, i) = (struct virtq_desc){
	    .address = dev_bus(d, piece_at(s, i)),
	    .bytes = s->bytes[i],
	    .flags = flags,
	};
	virtq_offer(d, &s->q, i);
}

/* All that the device has not, for what comes in. */
static void
lend(struct dev *d, struct side *s)
{
	for (unsigned i = 0; i < s->q.slots; i++) {
		if ((s->given >> i & 1) != 0)
			continue;
		s->bytes[i] = PIECE;
		offer(d, s, i, VIRTQ_WRITE);
	}
	virtq_kick(d, &s->q);
}

/* A fresh device is given what the last one had not sent. */
static void
send_again(struct dev *d, struct side *s)
{
	if (s->given == 0)
		return;
	for (unsigned n = 0; n < s->q.slots; n++) {
		unsigned i = (s->next + n) % s->q.slots;

		if ((s->given >> i & 1) != 0)
			offer(d, s, i, 0);
	}
	virtq_kick(d, &s->q);
}

static enum status
start(struct dev *d)
{
	struct console *c = d->state;
	uint16_t        before = c->send.q.slots;
	enum status     st = virtio_reset(d);

	if (st == RC_OK)
		st = virtio_negotiate(d, VIRTIO_BIT(F_SIZE), 0, &c->features);
	if (st == RC_OK)
		st = virtio_queue(d, &c->receive.q, 0, 0, PIECES);
	if (st == RC_OK)
		st = virtio_queue(d, &c->send.q, 1, PAGE_SIZE, PIECES);
	if (st != RC_OK)
		return st;
	/* In a queue of another length the pieces have other numbers. */
	if (before != c->send.q.slots)
		c->send.given = c->send.next = 0;
	c->receive.given = 0;
	virtio_run(d);
	lend(d, &c->receive);
	send_again(d, &c->send);
	return RC_OK;
}

static enum status
probe(struct dev *d)
{
	struct console *c = d->state;
	enum status     st = dev_dma_has(d, DMA_BYTES)
		? virtio_find(d, VIRTIO_CONSOLE_REGION_DEVICE, 4)
		: RC_NO_MEMORY;

	if (st == RC_OK)
		st = start(d);
	if (st != RC_OK)
		return st;
	if ((c->features & VIRTIO_BIT(F_SIZE)) != 0)
		dev_remark(d, "port 0, %u x %u", virtio_console_read_COLS(d),
		    virtio_console_read_ROWS(d));
	else
		dev_remark(d, "port 0");
	return RC_OK;
}

/* The watchdog looks at what goes out; what comes in may take for ever. */
static void
watched(struct dev *d, const struct console *c)
{
	d->busy = c->send.given;
	d->old &= d->busy;
}

/* The next piece that the device has used. */
static enum virtq_next
next_used(struct dev *d, struct side *s, uint32_t *i, uint32_t *bytes)
{
	enum virtq_next what = virtq_next(d, &s->q, i, bytes);

	if (what != VIRTQ_DONE)
		return what;
	if ((s->given >> *i & 1) == 0)
		return VIRTQ_BROKEN;
	s->given &= ~(1u << *i);
	return VIRTQ_DONE;
}

static bool
receive(struct dev *d, struct side *s)
{
	enum virtq_next what;
	uint32_t        i, bytes;
	uint16_t        before = s->q.used;

	while ((what = next_used(d, s, &i, &bytes)) == VIRTQ_DONE) {
		const uint8_t *from = dev_dma(d, piece_at(s, i));

		if (bytes > PIECE)
			return false;
		for (uint32_t n = 0; n < bytes; n++)
			char_input(d, from[n]);
	}
	if (what == VIRTQ_EMPTY && s->q.used != before)
		lend(d, s);
	return what == VIRTQ_EMPTY;
}

/* What the device has done; false if it broke the rules. */
static bool
drain(struct dev *d, struct console *c)
{
	enum virtq_next what;
	uint32_t        i, bytes;

	if (!receive(d, &c->receive))
		return false;
	while ((what = next_used(d, &c->send, &i, &bytes)) == VIRTQ_DONE)
		;
	watched(d, c);
	return what == VIRTQ_EMPTY;
}

static uint64_t
serve(struct dev *d, uint64_t irqs)
{
	struct console *c = d->state;
	uint16_t        done = (uint16_t)(c->receive.q.used + c->send.q.used);
	uint64_t        ours = virtio_interrupt(d, irqs);

	if (!drain(d, c)) {
		dev_remark(d, "broke the used ring");
		dev_restart(d, start);
	}
	return done != (uint16_t)(c->receive.q.used + c->send.q.used) ? irqs
								      : ours;
}

/* Output may be there: as much of it as there are free pieces for. */
static enum status
request(struct dev *d, const struct block_io *io)
{
	struct console *c = d->state;
	struct side    *s = &c->send;
	unsigned        before = s->next;

	(void)io;
	while (char_waiting(d)) {
		unsigned i = s->next % s->q.slots;
		uint8_t *to = dev_dma(d, piece_at(s, i));
		uint16_t n = 0;

		if ((s->given >> i & 1) != 0)
			break;
		while (n < PIECE && char_output(d, to + n))
			n++;
		if (n == 0)
			break;
		s->bytes[i] = n;
		s->next++;
		offer(d, s, i, 0);
	}
	if (s->next != before)
		virtq_kick(d, &s->q);
	watched(d, c);
	return RC_OK;
}

static void
expired(struct dev *d)
{
	struct console *c = d->state;
	uint16_t        done = c->send.q.used;

	/* An interrupt may have been lost: look before the reset. */
	if (!drain(d, c) || c->send.q.used == done)
		dev_restart(d, start);
}

/*
 * What has come in is taken when the device writes no more; what has not gone
 * out goes out after resume.
 */
static enum status
suspend(struct dev *d)
{
	enum status st = virtio_reset(d);

	if (st == RC_OK && !drain(d, d->state))
		st = RC_DEVICE;
	return st;
}

const struct driver driver = {
    .name = "virtio-console",
    .class = &char_class,
    .state_bytes = sizeof(struct console),
    .deadline = 5 * SECOND,
    .probe = probe,
    .serve = serve,
    .request = request,
    .expired = expired,
    .suspend = suspend,
    .resume = start,
    .remove = virtio_leave,
    .holds = true,
};
