/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What stands below block.h: the store's ring, the driver, and completions.
 * Linked into the driver's program, which does not see whose request it has.
 */
#include <string.h>

#include "uldrv/lib/backend.h"
#include "uldrv/mux/block/guard.h"
#include "uldrv/mux/block/mux.h"

struct block_geometry *
block_geometry(struct dev *d)
{
	return &front_of(d)->geometry;
}

/* --------------------------------------------------------------- ports */

void
port_begin(struct port *p, struct block_ring *ring, uint32_t generation)
{
	*p = (struct port){.ring = ring, .generation = generation};
	ring_begin(&p->request, &ring->control.request, BLOCK_ENTRIES);
	ring_begin(&p->completion, &ring->control.completion, BLOCK_ENTRIES);
}

void
port_broken(struct dev *d, unsigned port)
{
	front_of(d)->port[port].broken = true;
	if (port != MUX_STORE) {
		d->control->said.client[port - MUX_RAW].broken = 1;
		return;
	}
	dev_remark(d, "the client broke the ring");
	d->control->said.errors++;
}

enum status
port_take(struct port *p, struct entry *e)
{
	uint32_t             place = ring_place(&p->request, 0);
	struct block_request rq;
	enum status          st = RC_OK;

	__builtin_memcpy(&rq, &p->ring->request[place], sizeof(rq));
	e->tag = rq.tag;
	e->io.sector = rq.sector;
	e->io.bytes = 0;
	e->io.op = rq.op;
	e->io.window = (rq.flags & BLOCK_WINDOW) != 0;
	e->io.nsegments = rq.nsegments;
	if ((rq.flags & ~(unsigned)BLOCK_FLAGS_ALL) != 0 ||
	    rq.nsegments > BLOCK_SEGMENTS)
		st = RC_ARGUMENT;
	else
		memcpy(e->io.segment, p->ring->segment[place],
		    rq.nsegments * sizeof(e->io.segment[0]));
	ring_consume(&p->request, 1);
	return st;
}

static void
publish(struct dev *d, unsigned port)
{
	struct front *f = front_of(d);
	struct port  *p = &f->port[port];
	uint32_t      n = p->written;

	p->written = 0;
	f->spoken &= ~(1u << port);
	if (!port_serves(p) || !ring_produce(&p->completion, n))
		return;
	if (port == MUX_STORE)
		be_client(d);
	else
		be_bell(d, port - MUX_RAW);
}

static void
count(struct dev *d, unsigned port, enum status st, uint32_t bytes)
{
	struct control_client_said *said;

	if (port == MUX_STORE) {
		d->control->said.errors += st != RC_OK;
		return;
	}
	said = &d->control->said.client[port - MUX_RAW];
	front_of(d)->port[port].open--;
	said->errors += st != RC_OK;
	said->bytes += bytes;
}

/* What was asked by an earlier connection's client is told to nobody. */
void
port_complete(struct dev *d, unsigned port, uint64_t tag, enum status st,
    uint32_t bytes)
{
	struct front *f = front_of(d);
	struct port  *p = &f->port[port];
	uint32_t      space;

	if (!port_serves(p))
		return;
	if (ring_space(&p->completion, &space) != RC_OK ||
	    space <= p->written) {
		port_broken(d, port);
		return;
	}
	p->ring->completion[ring_place(&p->completion, p->written)] =
	    (struct block_completion){
		.tag = tag,
		.status = (uint32_t)st,
		.bytes = bytes,
	    };
	p->written++;
	f->spoken |= 1u << port;
	count(d, port, st, bytes);
	/* Each completion has its place, if the client counts as agreed. */
	if (p->written >= BLOCK_ENTRIES / 2)
		publish(d, port);
}

/* ----------------------------------------------------------- the driver */

static unsigned
port_of(unsigned flow)
{
	return flow < SHARE_RAW ? (unsigned)MUX_STORE
				: MUX_RAW + flow - SHARE_RAW;
}

void
block_complete(struct dev *d, unsigned slot, enum status st)
{
	struct front  *f = front_of(d);
	struct flight *w = &f->flight[slot];
	uint32_t       bytes = st == RC_OK ? w->bytes : 0;

	if ((d->busy >> slot & 1) == 0)
		return;
	d->busy &= ~(UINT64_C(1) << slot);
	d->old &= d->busy;
	d->control->said.bytes += bytes;
	share_done(&f->share, w->flow);
	port_complete(d, port_of(w->flow), w->tag, st, bytes);
}

void
block_complete_all(struct dev *d, enum status st)
{
	while (d->busy != 0)
		block_complete(d, (unsigned)__builtin_ctzll(d->busy), st);
}

/* RC_OK: the driver has it; RC_BUSY: not now; else that is its answer. */
static enum status
give(struct dev *d, unsigned flow, struct entry *e)
{
	unsigned       slot;
	struct flight *w;
	enum status    st;

	if (d->busy == UINT64_MAX)
		return RC_BUSY;
	slot = (unsigned)__builtin_ctzll(~d->busy);
	w = &front_of(d)->flight[slot];
	w->tag = e->tag;
	w->bytes = e->io.bytes;
	w->flow = (uint8_t)flow;
	e->io.slot = (uint8_t)slot;
	st = d->driver->request(d, &e->io);
	if (d->stopped)
		return RC_BUSY;
	if (st == RC_OK)
		d->busy |= UINT64_C(1) << slot;
	return st;
}

bool
mux_admit(struct dev *d, unsigned flow, unsigned at, enum status st)
{
	struct front *f = front_of(d);
	struct entry *e = &f->entry[at];
	bool          first;

	if (st == RC_OK) {
		first = share_empty(&f->share, flow);
		st = first ? give(d, flow, e) : RC_BUSY;
		if (st == RC_OK) {
			share_passed(&f->share, flow);
			return false;
		}
		if (st == RC_BUSY) {
			share_put(&f->share, flow, at, e->io.bytes);
			return true;
		}
	}
	/* RC_EXISTS: done already. */
	port_complete(
	    d, port_of(flow), e->tag, st == RC_EXISTS ? RC_OK : st, 0);
	return false;
}

static void
release(struct front *f, unsigned at)
{
	if (at < BLOCK_ENTRIES)
		f->spare[f->spares++] = (uint8_t)at;
}

/* Gives the driver of what waits as much as it takes. True: it was some. */
static bool
dispatch(struct dev *d)
{
	struct front *f = front_of(d);
	bool          moved = false;
	unsigned      flow;

	while ((flow = share_next(&f->share)) != SHARE_NONE) {
		unsigned      at = share_head(&f->share, flow);
		struct entry *e = &f->entry[at];
		enum status   st = give(d, flow, e);

		if (st == RC_BUSY)
			break;
		moved = true;
		if (st == RC_OK)
			share_begun(&f->share, flow);
		else
			share_drop(&f->share, flow);
		release(f, at);
		if (st != RC_OK)
			port_complete(d, port_of(flow), e->tag, st, 0);
	}
	return moved;
}

/* ------------------------------------------------------------ the store */

static void
take(struct dev *d)
{
	struct front *f = front_of(d);
	unsigned      at = f->spare[f->spares - 1];
	struct entry *e = &f->entry[at];
	enum status   st = port_take(&f->port[MUX_STORE], e);
	unsigned      flow =
            e->io.op == BLOCK_READ ? SHARE_PAGE_IN : SHARE_CLEAN;

	d->control->said.requests++;
	if (st == RC_OK)
		st = guard_store(&f->geometry,
		    (uint64_t)dev_given(d)->windows * PAGE_SIZE, &e->io);
	if (st == RC_EXISTS && e->io.op == BLOCK_GEOMETRY)
		f->port[MUX_STORE].ring->control.geometry = f->geometry;
	f->spares -= mux_admit(d, flow, at, st);
}

/* True: look again, something came just now. */
static bool
drain(struct dev *d)
{
	struct front *f = front_of(d);
	struct port  *p = &f->port[MUX_STORE];
	uint32_t      ready = 0;

	if (!port_serves(p))
		return false;
	/* We said that we wait, and nothing has come. */
	if (p->waits && ring_ready(&p->request, &ready) == RC_OK && ready == 0)
		return false;
	port_want(p, false);
	for (;;) {
		if (ring_ready(&p->request, &ready) != RC_OK)
			port_broken(d, MUX_STORE);
		if (p->broken || ready == 0 || f->spares == 0 || d->stopped)
			break;
		take(d);
	}
	if (p->broken)
		return false;
	/* What has no room is looked at when something has left. */
	if (ready != 0) {
		f->full = true;
		return false;
	}
	/* Say that we wait, then look once more. */
	port_want(p, true);
	if (ring_ready(&p->request, &ready) != RC_OK)
		port_broken(d, MUX_STORE);
	return !p->broken && ready != 0;
}

/* ------------------------------------------------------------- the loop */

static void
front_begin(struct dev *d)
{
	struct front *f = front_of(d);

	share_begin(&f->share);
	for (unsigned i = 0; i < BLOCK_ENTRIES; i++)
		release(f, i);
	d->control->said.sectors = f->geometry.sectors;
	f->begun = true;
}

/* Looks who is there. */
static void
connect(struct dev *d)
{
	struct front      *f = front_of(d);
	struct port       *p = &f->port[MUX_STORE];
	struct block_ring *ring = d->ring;

	if (!f->begun)
		front_begin(d);
	/* Orders the server's other writes before this one. */
	f->changes =
	    __atomic_load_n(&dev_given(d)->changes, __ATOMIC_ACQUIRE);
	if (p->generation == 0 && ring != NULL &&
	    port_ready(ring, dev_given(d)->generation))
		port_begin(p, ring, dev_given(d)->generation);
	f->settled = raw_settle(d) && p->generation != 0;
}

static void
turn(struct dev *d, uint64_t notices)
{
	struct front *f = front_of(d);
	bool          again = !d->suspended;

	(void)notices;
	if (!f->settled || f->changes != dev_given(d)->changes)
		connect(d);
	while (again && !d->stopped) {
		f->full = false;
		again = drain(d);
		for (uint32_t m = f->raws; m != 0; m &= m - 1)
			again |= raw_drain(
			    d, (unsigned)__builtin_ctz(m) - MUX_RAW);
		/* What has left a queue has made room in it. */
		if (f->share.ready != 0 && dispatch(d))
			again |= f->full;
	}
	while (f->spoken != 0)
		publish(d, (unsigned)__builtin_ctz(f->spoken));
}

static struct front target_state;

const struct class_ops block_class = {
    .state_bytes = sizeof(struct front),
    .state = &target_state,
    .turn = turn,
};
