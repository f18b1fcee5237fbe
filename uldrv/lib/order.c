/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Invariants:
 *  1. A slot is open from the moment driver.order accepted it until its
 *     completion; d->busy is the part of those that has a deadline.
 *  2. Nothing of the ring is looked at twice: an order is copied, checked and
 *     then used.
 *  3. A client that breaks the ring is left alone until it connects again.
 */
#include "uldrv/lib/order.h"

#include "uldrv/lib/backend.h"

struct front {
	struct ring_end request, completion;
	uint64_t        tag[ORDER_ENTRIES];
	uint64_t        open; /* Bit i: slot i. */
	uint64_t        again; /* Open, to be given to the driver again. */
	struct order_io io[ORDER_ENTRIES];
	uint64_t        info[ORDER_INFO];
	uint32_t        written; /* Completions not yet published. */
	bool            active;
	bool            broken;
};

_Static_assert(sizeof(struct front) <= ORDER_STATE, "class state");

static struct front *
front_of(struct dev *d)
{
	return d->class_state;
}

uint64_t *
order_info(struct dev *d)
{
	return front_of(d)->info;
}

static uint32_t
data_bytes(const struct dev *d)
{
	return dev_given(d)->data_pages * (uint32_t)PAGE_SIZE;
}

void *
order_data(const struct dev *d, uint64_t offset)
{
	return ((struct order_ring *)d->ring)->data + offset;
}

/* The server maps it behind the driver's own DMA memory. */
uint64_t
order_bus(const struct dev *d, uint64_t offset)
{
	return dev_bus(d,
	    (uint32_t)offset + dev_given(d)->dma_pages * (uint32_t)PAGE_SIZE);
}

bool
order_within(const struct dev *d, uint64_t offset, uint32_t bytes)
{
	return bytes <= PAGE_SIZE && offset <= data_bytes(d) &&
	    bytes <= data_bytes(d) - offset &&
	    offset % PAGE_SIZE + bytes <= PAGE_SIZE;
}

static void
broken(struct dev *d)
{
	front_of(d)->broken = true;
	dev_remark(d, "the client broke the ring");
	d->control->said.errors++;
}

static void
complete(struct dev *d, uint64_t tag, enum status st, uint32_t bytes,
    uint64_t result)
{
	struct front      *f = front_of(d);
	struct order_ring *ring = d->ring;
	uint32_t           space;

	if (f->broken || !f->active)
		return;
	if (ring_space(&f->completion, &space) != RC_OK ||
	    space <= f->written) {
		broken(d);
		return;
	}
	ring->completion[ring_place(&f->completion, f->written)] =
	    (struct order_completion){
		.tag = tag,
		.status = (uint32_t)st,
		.bytes = bytes,
		.result = result,
	    };
	f->written++;
	d->control->said.errors += st != RC_OK;
}

void
order_complete(struct dev *d, unsigned slot, enum status st, uint32_t bytes,
    uint64_t result)
{
	struct front *f = front_of(d);
	uint64_t      bit = UINT64_C(1) << slot;

	if ((f->open & bit) == 0)
		return;
	f->open &= ~bit;
	f->again &= ~bit;
	d->busy &= ~bit;
	d->old &= d->busy;
	d->control->said.bytes += bytes;
	complete(d, f->tag[slot], st, bytes, result);
}

void
order_complete_all(struct dev *d, enum status st)
{
	while (front_of(d)->open != 0)
		order_complete(
		    d, (unsigned)__builtin_ctzll(front_of(d)->open), st, 0, 0);
}

/* Open before the driver knows it: it may complete it at once. */
static enum status
offer(struct dev *d, const struct order_io *io)
{
	struct front *f = front_of(d);
	uint64_t      bit = UINT64_C(1) << io->slot;
	enum status   st;

	f->open |= bit;
	if ((d->driver->class->rule[io->op].flags & ORDER_WATCHED) != 0)
		d->busy |= bit;
	st = d->driver->order(d, io);
	if (st == RC_OK)
		return RC_OK;
	f->open &= ~bit;
	d->busy &= ~bit;
	return st;
}

/* Holds an order against its rule; the driver has the last word. */
static enum status
begin(struct dev *d, const struct order_io *io)
{
	const struct class_ops *class = d->driver->class;
	const struct order_rule *rule;

	if (io->op >= class->rules || !class->rule[io->op].known)
		return RC_ORDER;
	rule = &class->rule[io->op];
	if (io->bytes < rule->least || io->bytes > rule->most ||
	    io->offset > data_bytes(d) ||
	    io->bytes > data_bytes(d) - io->offset)
		return RC_ARGUMENT;
	if ((rule->flags & ORDER_ONE_PAGE) != 0 &&
	    !order_within(d, io->offset, io->bytes))
		return RC_ARGUMENT;
	return offer(d, io);
}

static void
publish(struct dev *d)
{
	struct front *f = front_of(d);
	uint32_t      n = f->written;

	f->written = 0;
	if (n != 0 && !f->broken && ring_produce(&f->completion, n))
		be_client(d);
}

/* Whether another may follow. */
static bool
next(struct dev *d)
{
	struct front        *f = front_of(d);
	struct order_ring   *ring = d->ring;
	struct order_request rq;
	struct order_io      io;
	enum status          st;

	/* Each completion has its place, if the client counts as agreed. */
	if (f->written >= ORDER_ENTRIES / 2)
		publish(d);
	if (f->open == UINT64_MAX)
		return false;
	__builtin_memcpy(
	    &rq, &ring->request[ring_place(&f->request, 0)], sizeof(rq));
	io = (struct order_io){
	    .offset = rq.offset,
	    .argument = rq.argument,
	    .op = rq.op,
	    .bytes = rq.bytes,
	    .slot = (uint8_t)__builtin_ctzll(~f->open),
	};
	f->tag[io.slot] = rq.tag;
	st = begin(d, &io);
	if (st == RC_BUSY || d->stopped)
		return false;
	f->io[io.slot] = io;
	ring_consume(&f->request, 1);
	d->control->said.requests++;
	if (st != RC_OK)
		complete(d, rq.tag, st, 0, 0);
	return true;
}

void
order_wake(struct dev *d)
{
	front_of(d)->again = front_of(d)->open;
}

/* What was open before the driver slept; false if some of it must wait on. */
static bool
give_again(struct dev *d)
{
	struct front *f = front_of(d);

	while (f->again != 0 && !d->stopped) {
		unsigned    slot = (unsigned)__builtin_ctzll(f->again);
		uint64_t    bit = UINT64_C(1) << slot;
		enum status st = offer(d, &f->io[slot]);

		if (st == RC_BUSY) {
			f->open |= bit;
			return false;
		}
		f->again &= ~bit;
		if (st != RC_OK)
			complete(d, f->tag[slot], st, 0, 0);
	}
	return !d->stopped;
}

/* True if the ring has been begun for this instance. */
static bool
connected(struct dev *d)
{
	struct front      *f = front_of(d);
	struct order_ring *ring = d->ring;

	if (f->active || ring == NULL)
		return f->active;
	/* Orders the client's clearing of the ring before our look at it. */
	if (__atomic_load_n(&ring->control.client_generation,
		__ATOMIC_ACQUIRE) != dev_given(d)->generation)
		return false;
	ring_begin(&f->request, &ring->control.request, ORDER_ENTRIES);
	ring_begin(&f->completion, &ring->control.completion, ORDER_ENTRIES);
	__builtin_memcpy(ring->control.info, f->info, sizeof(f->info));
	f->active = true;
	return true;
}

void
order_turn(struct dev *d, uint64_t notices)
{
	struct front *f = front_of(d);
	uint32_t      ready;
	bool          more;

	(void)notices;
	if (!connected(d) || f->broken)
		return;
	more = !d->suspended && give_again(d);
	ring_want(&f->request, false);
	while (more && !f->broken && !d->stopped) {
		ready = 0;
		if (ring_ready(&f->request, &ready) != RC_OK)
			broken(d);
		more = ready != 0 && next(d);
		if (more || f->broken || ready != 0)
			continue;
		/* Say that we wait, then look once more. */
		ring_want(&f->request, true);
		if (ring_ready(&f->request, &ready) != RC_OK)
			broken(d);
		more = ready != 0;
		if (more)
			ring_want(&f->request, false);
	}
	publish(d);
}
