/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the disk is to do: commit's flush and superblock first, map blocks
 * next, then pages, runs of them as one transfer (M5).
 */
#include "persist/store/state.h"

#include <string.h>

static struct io *
io_take(struct store *s, enum io_kind kind, enum store_op op, uint64_t block,
    struct store_io *out)
{
	uint32_t i = 0;

	/* store_next_io has seen that one is free. */
	while (s->io[i].kind != IO_FREE)
		i++;
	s->io[i] = (struct io){.kind = kind, .op = op, .block = block};
	s->io_busy++;
	out->tag = i + 1;
	out->op = op;
	out->block = block;
	out->count = op == STORE_FLUSH ? 0 : 1;
	out->buffer = NULL;
	return &s->io[i];
}

/* The queue's head, and those after it that continue its run. */
static void
pages_next(struct store *s, struct store_io *out)
{
	struct request *q = request_list_take(s, &s->queue), *n;
	enum store_op   op = q->state == R_READ ? STORE_READ : STORE_WRITE;
	struct io      *io = io_take(s, IO_PAGES, op, q->block, out);
	uint32_t        i = 0;

	io->first = (uint32_t)(q - s->request) + 1;
	for (;;) {
		q->queued = false;
		out->frame[i] = q->r.frame;
		out->request[i++] = q->r.tag;
		n = s->queue.head == 0 ? NULL : &s->request[s->queue.head - 1];
		if (i == STORE_VECTOR || n == NULL || n->state != q->state ||
		    n->block != q->block + 1 || q->alone || n->alone)
			break;
		n = request_list_take(s, &s->queue);
		q->next = (uint32_t)(n - s->request) + 1;
		q = n;
	}
	q->next = 0;
	out->count = i;
}

static void
mount_next(struct store *s, struct store_io *out)
{
	struct mount *m = &s->mount;

	m->wanted = false;
	m->io = true;
	if (m->state == M_HEADER) {
		io_take(s, IO_MOUNT, STORE_READ, BLOCK_VOLUME, out);
		out->buffer = s->header;
		return;
	}
	io_take(s, IO_MOUNT, STORE_READ, BLOCK_SUPER + m->slot, out);
	out->buffer = s->super[m->slot];
}

static bool
commit_next(struct store *s, struct store_io *out)
{
	struct commit *c = &s->commit;

	if (c->flush_wanted) {
		c->flush_wanted = false;
		io_take(s, IO_FLUSH, STORE_FLUSH, 0, out);
	} else if (c->super_wanted) {
		c->super_wanted = false;
		c->super_seen = true;
		io_take(s, IO_SUPER, STORE_WRITE, BLOCK_SUPER + c->slot, out);
		out->buffer = s->next;
	} else {
		return false;
	}
	c->io = true;
	return true;
}

bool
store_next_io(struct store *s, struct store_io *out)
{
	uint32_t   slot;
	struct io *io;

	if (s->io_busy == STORE_IO)
		return false;
	if (s->mount.wanted) {
		mount_next(s, out);
		return true;
	}
	if (commit_next(s, out))
		return true;
	if (cache_next_io(&s->cache, &slot)) {
		const struct slot *b = &s->cache.slot[slot];

		io = io_take(s, IO_SLOT,
		    b->state == SLOT_READING ? STORE_READ : STORE_WRITE,
		    b->at.block, out);
		io->first = slot;
		out->buffer = s->cache.data[slot];
		return true;
	}
	if (s->queue.head == 0)
		return false;
	pages_next(s, out);
	return true;
}

static void
slot_done(struct store *s, uint32_t i, enum status st)
{
	struct slot *b = &s->cache.slot[i];

	if (st != RC_OK && b->tries + 1 < IO_TRIES) {
		cache_requeue(&s->cache, i);
		return;
	}
	if (st != RC_OK)
		store_event(s, EVENT_IO_ERROR, st, b->at.block,
		    b->state == SLOT_READING ? STORE_READ : STORE_WRITE);
	if (b->state == SLOT_READING) {
		cache_read_done(&s->cache, i, st);
	} else if (st == RC_OK) {
		cache_write_done(&s->cache, i);
	} else {
		cache_write_failed(&s->cache, i);
		commit_fail(s, RC_DEVICE);
	}
}

static void
pages_done(struct store *s, const struct io *io, enum status st)
{
	uint32_t i = io->first;

	while (i != 0) {
		struct request *q = &s->request[i - 1];

		i = q->next;
		if (io->op == STORE_READ)
			request_read_done(s, q, st);
		else
			request_write_done(s, q, st);
	}
}

void
store_io_done(struct store *s, uint64_t tag, enum status st)
{
	struct io io;

	if (tag == 0 || tag > STORE_IO || s->io[tag - 1].kind == IO_FREE)
		return;
	io = s->io[tag - 1];
	s->io[tag - 1].kind = IO_FREE;
	s->io_busy--;
	switch (io.kind) {
	case IO_PAGES:
		pages_done(s, &io, st);
		break;
	case IO_SLOT:
		slot_done(s, io.first, st);
		break;
	case IO_FLUSH:
		commit_flush_done(s, st);
		break;
	case IO_SUPER:
		commit_super_done(s, st);
		break;
	case IO_MOUNT:
		mount_read_done(s, st);
		break;
	case IO_FREE:
		break;
	}
	store_pump(s);
}
