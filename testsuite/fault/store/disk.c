/* SPDX-License-Identifier: BSD-2-Clause */
/* The disk: completes in any order, forgets what was not flushed. */
#include "testsuite/fault/store/sim.h"

#include <stdlib.h>
#include <string.h>

uint64_t
sim_next(struct sim_random *r)
{
	uint64_t x = r->x += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

uint32_t
sim_below(struct sim_random *r, uint32_t n)
{
	return (uint32_t)((sim_next(r) >> 32) * n >> 32);
}

/*
 * Contents live as long as one life; those that the next one starts from are
 * moved to the other of two pools.
 */
enum { POOL = SIM_LOG + 4096 };

static struct content *pool[2];
static uint32_t        pool_used, pool_now;
static struct content  zero;

const struct content *
content_zero(void)
{
	return &zero;
}

struct content *
content_new(void)
{
	struct content *c;

	if (pool[pool_now] == NULL)
		pool[pool_now] = malloc(POOL * sizeof(*pool[0]));
	if (pool[pool_now] == NULL || pool_used == POOL) {
		fprintf(stderr, "sim: out of contents\n");
		exit(2);
	}
	c = &pool[pool_now][pool_used++];
	c->key = c->version = 0;
	c->torn = false;
	return c;
}

void
image_copy(struct image *to, const struct image *from)
{
	to->blocks = from->blocks;
	memcpy(to->block, from->block, from->blocks * sizeof(from->block[0]));
}

void
content_reset(const struct image *keep, struct image *moved)
{
	static struct image from;

	image_copy(&from, keep);

	pool_now = 1 - pool_now;
	pool_used = 0;
	image_copy(moved, &from);
	for (uint32_t i = 0; i < from.blocks; i++) {
		struct content *c;

		if (from.block[i] == &zero)
			continue;
		c = content_new();
		*c = *from.block[i];
		moved->block[i] = c;
	}
}

void
disk_start(struct disk *d, const struct image *from, uint8_t *frames)
{
	image_copy(&d->now, from);
	image_copy(&d->base, from);
	d->events = 0;
	d->npending = 0;
	memset(d->pending, 0, sizeof(d->pending));
	d->frames = d->frames_rw = frames;
	d->transfers = 0;
	d->fail_left = 0;
}

bool
disk_full(const struct disk *d)
{
	return d->events + 256 > SIM_LOG;
}

static struct event *
event_add(struct disk *d, enum event_kind kind)
{
	struct event *e = &d->event[d->events++];

	memset(e, 0, sizeof(*e));
	e->kind = kind;
	return e;
}

/* An object's page says in its first words what it is (kernel.c). */
static void
write_log(struct disk *d, const struct store_io *io, uint32_t i)
{
	struct event   *e = event_add(d, EV_WRITE);
	struct content *c = content_new();
	const uint8_t  *from = io->buffer != NULL
	     ? (const uint8_t *)io->buffer
	     : d->frames + io->frame[i] * PAGE_SIZE;

	memcpy(c->data, from, BLOCK_SIZE);
	if (io->buffer == NULL) {
		memcpy(&c->key, c->data, 8);
		memcpy(&c->version, c->data + 8, 8);
	}
	e->block = (uint32_t)io->block + i;
	e->content = c;
}

void
disk_give(struct disk *d, const struct store_io *io)
{
	uint32_t i = 0;

	while (d->pending[i].busy)
		i++;
	d->pending[i] = (struct pending){
	    .busy = true, .io = *io, .first = d->events, .before = d->events};
	d->npending++;
	if (io->op == STORE_WRITE)
		for (uint32_t b = 0; b < io->count; b++)
			write_log(d, io, b);
}

static enum status
disk_fault(struct disk *d)
{
	d->transfers++;
	if (d->fail_at != 0 && d->transfers == d->fail_at)
		d->fail_left = d->sticky ? 40 : 1;
	if (d->fail_left == 0)
		return RC_OK;
	d->fail_left--;
	d->faults++;
	return RC_DEVICE;
}

static void
read_do(const struct image *im, const struct store_io *io, uint8_t *frames)
{
	for (uint32_t i = 0; i < io->count; i++)
		memcpy(io->buffer != NULL ? (uint8_t *)io->buffer
					  : frames + io->frame[i] * PAGE_SIZE,
		    im->block[io->block + i]->data, BLOCK_SIZE);
}

static void
pending_do(struct disk *d, const struct pending *p)
{
	struct event *e;

	switch (p->io.op) {
	case STORE_READ:
		read_do(&d->now, &p->io, d->frames_rw);
		break;
	case STORE_WRITE:
		for (uint32_t i = 0; i < p->io.count; i++) {
			d->now.block[p->io.block + i] = d->event[p->first + i]
							    .content;
			e = event_add(d, EV_DONE);
			e->write = p->first + i;
		}
		break;
	case STORE_FLUSH:
		e = event_add(d, EV_FLUSH);
		e->before = p->before;
		break;
	}
}

static void
write_lost(struct disk *d, const struct pending *p)
{
	for (uint32_t i = 0; i < p->io.count; i++)
		event_add(d, EV_LOST)->write = p->first + i;
}

bool
disk_step(struct disk *d, struct store *s)
{
	uint32_t       n;
	struct pending p;
	enum status    st;

	if (d->npending == 0)
		return false;
	n = sim_below(&d->random, d->npending);
	for (uint32_t i = 0;; i++) {
		if (!d->pending[i].busy || n-- > 0)
			continue;
		p = d->pending[i];
		d->pending[i].busy = false;
		break;
	}
	d->npending--;
	st = disk_fault(d);
	/* A failed write may have arrived all the same. */
	if (st == RC_OK ||
	    (p.io.op == STORE_WRITE && sim_below(&d->random, 2) == 0))
		pending_do(d, &p);
	else if (p.io.op == STORE_WRITE)
		write_lost(d, &p);
	store_io_done(s, p.io.tag, st);
	return true;
}

void
image_serve(const struct image *im, struct store *s, uint8_t *frames)
{
	struct store_io io;

	while (store_next_io(s, &io)) {
		if (io.op == STORE_READ)
			read_do(im, &io, frames);
		store_io_done(
		    s, io.tag, io.op == STORE_READ ? RC_OK : RC_DEVICE);
	}
}
