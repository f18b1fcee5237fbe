/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Invariants:
 *  1. Accepted requests (dev.busy) are at most BLOCK_ENTRIES, so an honest
 *     client always has room for their completions.
 *  2. A request is looked at only in our copy of it.
 *  3. Once the client has broken the ring we touch it no more; it gets a new
 *     one by asking for a new instance.
 */
#include "uldrv/lib/block.h"

#include <string.h>

#include "uldrv/lib/backend.h"

struct front {
	struct ring_end       request, completion;
	struct block_geometry geometry;
	uint32_t              written; /* Completions not yet published. */
	bool                  active;
	bool                  broken;
	uint64_t              tag[BLOCK_ENTRIES];
	uint32_t              bytes[BLOCK_ENTRIES];
	struct block_io       io; /* Not on the stack: half a kilobyte. */
};

static struct front *
front_of(struct dev *d)
{
	return d->class_state;
}

struct block_geometry *
block_geometry(struct dev *d)
{
	return &front_of(d)->geometry;
}

static void
broken(struct dev *d)
{
	front_of(d)->broken = true;
	dev_remark(d, "the client broke the ring");
	d->control->said.errors++;
}

static void
complete(struct dev *d, uint64_t tag, enum status st, uint32_t bytes)
{
	struct front      *f = front_of(d);
	struct block_ring *ring = d->ring;
	uint32_t           space;

	if (f->broken || !f->active)
		return;
	if (ring_space(&f->completion, &space) != RC_OK ||
	    space <= f->written) {
		broken(d);
		return;
	}
	ring->completion[ring_place(&f->completion, f->written)] =
	    (struct block_completion){
		.tag = tag,
		.status = (uint32_t)st,
		.bytes = bytes,
	    };
	f->written++;
	d->control->said.errors += st != RC_OK;
}

void
block_complete(struct dev *d, unsigned slot, enum status st)
{
	struct front *f = front_of(d);
	uint32_t      bytes = st == RC_OK ? f->bytes[slot] : 0;

	if ((d->busy >> slot & 1) == 0)
		return;
	d->busy &= ~(UINT64_C(1) << slot);
	d->old &= d->busy;
	d->control->said.bytes += bytes;
	complete(d, f->tag[slot], st, bytes);
}

void
block_complete_all(struct dev *d, enum status st)
{
	while (d->busy != 0)
		block_complete(d, (unsigned)__builtin_ctzll(d->busy), st);
}

/* Is the segment something that the device, or our window, can reach? */
static enum status
segment_check(
    struct dev *d, const struct block_io *io, const struct block_segment *s)
{
	const struct block_geometry *g = block_geometry(d);
	uint64_t                     limit = g->address_bits >= 64
				? UINT64_MAX
				: (UINT64_C(1) << g->address_bits) - 1;

	if (s->bytes == 0 || s->bytes % BLOCK_SECTOR != 0 ||
	    s->bytes > g->segment_bytes || s->address % 4 != 0)
		return RC_ARGUMENT;
	if (io->window) {
		uint64_t end = (uint64_t)dev_given(d)->windows * PAGE_SIZE;

		return s->address > end || s->bytes > end - s->address
		    ? RC_ARGUMENT
		    : RC_OK;
	}
	if (s->address > limit || s->bytes - 1 > limit - s->address)
		return RC_UNSUPPORTED;
	return RC_OK;
}

static enum status
transfer_check(struct dev *d, struct block_io *io)
{
	const struct block_geometry *g = block_geometry(d);
	uint64_t                     bytes = 0;

	if (io->nsegments == 0 || io->nsegments > g->segments)
		return RC_ARGUMENT;
	if (io->op == BLOCK_WRITE && (g->features & BLOCK_READ_ONLY) != 0)
		return RC_RIGHTS;
	if ((g->features & (io->window ? BLOCK_HAS_WINDOW : BLOCK_HAS_DMA)) ==
	    0)
		return RC_UNSUPPORTED;
	for (unsigned i = 0; i < io->nsegments; i++) {
		enum status st = segment_check(d, io, &io->segment[i]);

		if (st != RC_OK)
			return st;
		bytes += io->segment[i].bytes;
	}
	if (bytes > g->bytes || io->sector > g->sectors ||
	    bytes / BLOCK_SECTOR > g->sectors - io->sector)
		return RC_ARGUMENT;
	io->bytes = (uint32_t)bytes;
	return RC_OK;
}

/* Copies the entry at `own`; what is malformed in itself is refused here. */
static enum status
take(struct dev *d, struct block_io *io)
{
	struct front        *f = front_of(d);
	struct block_ring   *ring = d->ring;
	uint32_t             place = ring_place(&f->request, 0);
	struct block_request rq;

	__builtin_memcpy(&rq, &ring->request[place], sizeof(rq));
	io->slot = (uint8_t)__builtin_ctzll(~d->busy);
	f->tag[io->slot] = rq.tag;
	io->sector = rq.sector;
	io->bytes = 0;
	io->op = rq.op;
	io->window = (rq.flags & BLOCK_WINDOW) != 0;
	io->nsegments = rq.nsegments;
	if ((rq.flags & ~(unsigned)BLOCK_FLAGS_ALL) != 0 ||
	    rq.nsegments > BLOCK_SEGMENTS)
		return RC_ARGUMENT;
	memcpy(io->segment, ring->segment[place],
	    rq.nsegments * sizeof(io->segment[0]));
	return RC_OK;
}

/* RC_OK: accepted by the driver; RC_BUSY: not now; else complete it so. */
static enum status
begin(struct dev *d, struct block_io *io)
{
	const struct block_geometry *g = block_geometry(d);
	enum status                  st;

	switch (io->op) {
	case BLOCK_READ:
	case BLOCK_WRITE:
		st = transfer_check(d, io);
		return st != RC_OK ? st : d->driver->request(d, io);
	case BLOCK_FLUSH:
		if (io->nsegments != 0)
			return RC_ARGUMENT;
		/* Nothing is cached: what has completed is on the platter. */
		if ((g->features & BLOCK_HAS_FLUSH) == 0)
			return RC_EXISTS;
		return d->driver->request(d, io);
	case BLOCK_GEOMETRY:
		if (io->nsegments != 0)
			return RC_ARGUMENT;
		((struct block_ring *)d->ring)->control.geometry = *g;
		return RC_EXISTS;
	default:
		return RC_ARGUMENT;
	}
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
	struct front *f = front_of(d);
	enum status   st;
	bool          trivial;

	/* Each completion has its place, if the client counts as agreed. */
	if (f->written >= BLOCK_ENTRIES / 2)
		publish(d);
	if (d->busy == UINT64_MAX)
		return false;
	st = take(d, &f->io);
	if (st == RC_OK)
		st = begin(d, &f->io);
	if (st == RC_BUSY || d->stopped)
		return false;
	ring_consume(&f->request, 1);
	d->control->said.requests++;
	trivial = st == RC_EXISTS; /* Done already. */
	f->bytes[f->io.slot] = f->io.bytes;
	if (st == RC_OK)
		d->busy |= UINT64_C(1) << f->io.slot;
	else
		complete(d, f->tag[f->io.slot], trivial ? RC_OK : st, 0);
	return true;
}

/* True if the ring has been begun for this instance. */
static bool
connected(struct dev *d)
{
	struct front      *f = front_of(d);
	struct block_ring *ring = d->ring;

	if (f->active || ring == NULL)
		return f->active;
	/* Orders the client's clearing of the ring before our look at it. */
	if (__atomic_load_n(&ring->control.client_generation,
		__ATOMIC_ACQUIRE) != dev_given(d)->generation)
		return false;
	ring_begin(&f->request, &ring->control.request, BLOCK_ENTRIES);
	ring_begin(&f->completion, &ring->control.completion, BLOCK_ENTRIES);
	f->active = true;
	return true;
}

static void
turn(struct dev *d, uint64_t notices)
{
	struct front *f = front_of(d);
	uint32_t      ready;
	bool          more = true;

	(void)notices;
	if (!connected(d) || f->broken)
		return;
	ring_want(&f->request, false);
	while (more && !f->broken && !d->suspended) {
		if (ring_ready(&f->request, &ready) != RC_OK)
			broken(d);
		else if (ready != 0)
			more = next(d);
		else
			more = false;
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

const struct class_ops block_class = {
    .state_bytes = sizeof(struct front),
    .turn = turn,
};
