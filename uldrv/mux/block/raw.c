/* SPDX-License-Identifier: BSD-2-Clause */
/* Raw clients: their connections, and what they ask. */
#include "uldrv/mux/block/guard.h"
#include "uldrv/mux/block/mux.h"

static struct control_client_said *
said_of(struct dev *d, unsigned k)
{
	return &d->control->said.client[k];
}

/* True if there is nothing more to be done for it. */
static bool
settle(struct dev *d, unsigned k)
{
	struct front              *f = front_of(d);
	struct port               *p = &f->port[MUX_RAW + k];
	struct control_client_said *said = said_of(d, k);
	unsigned                   flow = SHARE_RAW + k;
	uint32_t                   g = dev_given(d)->client[k].generation;

	if (p->generation != 0 && p->generation != g) {
		p->generation = 0;
		p->leaving = true;
		f->raws &= ~(1u << (MUX_RAW + k));
		if (share_waits(&f->share, flow))
			share_drop(&f->share, flow);
	}
	if (p->leaving && f->share.flow[flow].flying != 0)
		return false;
	p->leaving = false;
	if (p->generation == 0 && g != 0 &&
	    port_ready((void *)d->client[k], g)) {
		port_begin(p, (void *)d->client[k], g);
		f->raws |= 1u << (MUX_RAW + k);
		*said = (struct control_client_said){0};
	}
	/* The server may see it at any time: it comes last. */
	__atomic_store_n(&said->generation, p->generation, __ATOMIC_RELEASE);
	return p->generation == g;
}

bool
raw_settle(struct dev *d)
{
	bool settled = true;

	for (unsigned k = 0; k < CONTROL_CLIENTS; k++)
		settled &= settle(d, k);
	return settled;
}

static enum status
check(struct dev *d, unsigned k, struct entry *e)
{
	struct front                *f = front_of(d);
	const struct control_client *c = &dev_given(d)->client[k];
	struct block_ring           *ring = f->port[MUX_RAW + k].ring;
	uint8_t           *area = ((struct block_raw_ring *)ring)->data;
	struct block_claim claim = {0};
	enum status        st;

	if (f->port[MUX_STORE].generation != 0)
		claim = f->port[MUX_STORE].ring->control.claim;
	st = guard_raw(&f->geometry, c, &claim,
	    (uintptr_t)area - (uintptr_t)d->window, &e->io);
	if (st == RC_EXISTS && e->io.op == BLOCK_GEOMETRY)
		ring->control.geometry = guard_geometry(&f->geometry, c);
	return st;
}

/*
 * Its entry is free, and there is room for one more completion. One that says
 * it has taken what was never there has broken its ring: it would find room no
 * more, and nobody would know why.
 */
static bool
has_room(struct dev *d, unsigned k)
{
	struct front      *f = front_of(d);
	const struct port *p = &f->port[MUX_RAW + k];
	uint32_t           space;

	if (share_waits(&f->share, SHARE_RAW + k))
		return false;
	if (ring_space(&p->completion, &space) != RC_OK) {
		port_broken(d, MUX_RAW + k);
		return false;
	}
	return space > p->open + p->written;
}

static void
take(struct dev *d, unsigned k)
{
	struct front *f = front_of(d);
	struct port  *p = &f->port[MUX_RAW + k];
	unsigned      at = BLOCK_ENTRIES + k;
	enum status   st = port_take(p, &f->entry[at]);

	p->open++;
	said_of(d, k)->requests++;
	if (st == RC_OK)
		st = check(d, k, &f->entry[at]);
	(void)mux_admit(d, SHARE_RAW + k, at, st);
}

bool
raw_drain(struct dev *d, unsigned k)
{
	struct port *p = &front_of(d)->port[MUX_RAW + k];
	uint32_t     ready = 0;

	port_want(p, false);
	while (port_serves(p)) {
		if (ring_ready(&p->request, &ready) != RC_OK)
			port_broken(d, MUX_RAW + k);
		else if (ready == 0 || !has_room(d, k))
			break;
		else
			take(d, k);
	}
	if (!port_serves(p))
		return false;
	/* What has no room is looked at when something has left. */
	if (ready != 0) {
		front_of(d)->full = true;
		return false;
	}
	/* Say that we wait, then look once more. */
	port_want(p, true);
	if (ring_ready(&p->request, &ready) != RC_OK)
		port_broken(d, MUX_RAW + k);
	return port_serves(p) && ready != 0;
}
