/* SPDX-License-Identifier: BSD-2-Clause */
/* The pager's requests: what each does, and when it is done. */
#include "persist/format/check.h"
#include "persist/store/state.h"

#include <string.h>

void
request_list_add(struct store *s, struct request_list *l, struct request *q)
{
	uint32_t i = (uint32_t)(q - s->request) + 1;

	q->next = 0;
	if (l->tail != 0)
		s->request[l->tail - 1].next = i;
	else
		l->head = i;
	l->tail = i;
}

struct request *
request_list_take(struct store *s, struct request_list *l)
{
	struct request *q;

	if (l->head == 0)
		return NULL;
	q = &s->request[l->head - 1];
	l->head = q->next;
	if (l->head == 0)
		l->tail = 0;
	return q;
}

void
requests_init(struct store *s)
{
	for (uint32_t i = 0; i < s->config.requests; i++) {
		s->request[i].state = R_FREE;
		request_list_add(s, &s->unused, &s->request[i]);
	}
}

const void *
request_frame(const struct store *s, const struct request *q)
{
	return s->config.frames +
	    (q->r.frame - s->config.first_frame) * PAGE_SIZE;
}

void
request_done(struct store *s, struct request *q, enum status st)
{
	q->c.status = (uint32_t)st;
	q->state = R_DONE;
	request_list_add(s, &s->done, q);
}

/* The changes of an epoch that may still get some, or NULL. */
static struct delta *
delta_of(struct store *s, uint64_t epoch)
{
	if (epoch == s->working->epoch)
		return s->working;
	if ((s->commit.state == C_FROZEN || s->commit.state == C_DRAIN) &&
	    epoch == s->frozen->epoch)
		return s->frozen;
	return NULL;
}

/* The block of an entry is not needed, or not by this content. */
static void
block_leave(struct store *s, struct delta_entry *e)
{
	if (e->block == 0)
		return;
	if ((e->flags & DELTA_HELD) != 0)
		space_hold(&s->space, e->block);
	else
		space_release(&s->space, e->block);
	e->flags &= (uint8_t)~DELTA_HELD;
	e->block = 0;
}

static uint64_t
block_take(struct store *s, const struct delta *d)
{
	uint64_t b = space_alloc(
	    &s->space, d == s->working ? SPACE_WORKING : SPACE_FROZEN);

	if (b != 0)
		cache_forget(&s->cache, b);
	return b;
}

static bool
has_content(unsigned kind)
{
	return kind == FK_PAGE || kind == FK_NODE || kind == FK_STATE;
}

/* Clean and drop: the entry of the epoch, its block, its content. */
static void
change_start(struct store *s, struct request *q, struct delta *d)
{
	bool                made = false;
	struct delta_entry *e = delta_get(d, q->key, &made);
	bool                record = frame_source(q->key) == MAP_SOURCE_RECORD;

	if (e == NULL) {
		request_done(s, q, RC_FULL);
		return;
	}
	if (made) {
		e->flags = record ? DELTA_RECORD : 0;
		d->charged += !record;
	} else {
		q->c.flags |= PAGER_CHARGED;
	}
	e->kind = q->r.kind;
	e->count = q->r.count;
	e->check = 0;
	if (!has_content(q->r.kind)) {
		e->flags &= (uint8_t)~DELTA_BROKEN;
		block_leave(s, e);
		request_done(s, q, RC_OK);
		return;
	}
	/* F7: what was cleaned in this epoch before keeps its block. */
	if ((e->flags & DELTA_HELD) != 0)
		block_leave(s, e);
	e->flags |= DELTA_BROKEN;
	if (e->block == 0)
		e->block = block_take(s, d);
	if (e->block == 0) {
		request_done(s, q, RC_FULL);
		return;
	}
	q->block = e->block;
	e->check = check_object(s->config.crc_cpu, (oid){q->r.oid}, q->r.kind,
	    q->r.count, request_frame(s, q));
	q->state = R_WRITE;
	q->queued = true;
	request_list_add(s, &s->queue, q);
}

void
request_write_done(struct store *s, struct request *q, enum status st)
{
	struct delta       *d = delta_of(s, q->r.epoch);
	struct delta_entry *e = delta_find(d, q->key);

	if (st == RC_OK) {
		e->flags &= (uint8_t)~DELTA_BROKEN;
		request_done(s, q, RC_OK);
		return;
	}
	if (++q->tries < IO_TRIES) {
		q->alone = q->queued = true;
		request_list_add(s, &s->queue, q);
		return;
	}
	store_event(s, EVENT_IO_ERROR, st, q->block, STORE_WRITE);
	if (++q->blocks < BLOCK_TRIES) {
		uint64_t b = block_take(s, d);

		if (b != 0) {
			/* The bad one rests until the next commit. */
			space_hold(&s->space, e->block);
			q->block = e->block = b;
			q->tries = 0;
			q->queued = true;
			request_list_add(s, &s->queue, q);
			return;
		}
	}
	request_done(s, q, RC_DEVICE);
}

void
request_read_done(struct store *s, struct request *q, enum status st)
{
	if (st != RC_OK && ++q->tries < IO_TRIES) {
		q->alone = q->queued = true;
		request_list_add(s, &s->queue, q);
		return;
	}
	if (st == RC_OK &&
	    check_object(s->config.crc_cpu, (oid){q->r.oid}, q->c.kind,
		q->c.count, request_frame(s, q)) != q->check)
		st = RC_CORRUPT;
	if (st != RC_OK)
		store_event(s, EVENT_OBJECT_BAD, st, q->block, q->key);
	request_done(s, q, st == RC_DEVICE ? RC_MEDIA : st);
}

/* S4: working, then frozen, then committed. */
static enum status
read_start(struct store *s, struct request *q)
{
	const struct delta       *d = s->working;
	const struct delta_entry *e = delta_find(d, q->key);

	if (e == NULL) {
		d = s->frozen;
		e = delta_find(d, q->key);
	}
	if (e == NULL) {
		lookup_start(s, q);
		return RC_OK;
	}
	if ((e->flags & DELTA_BROKEN) != 0)
		return RC_STATE;
	q->c.kind = e->kind;
	q->c.count = e->count;
	if (d == s->working && q->r.epoch == d->epoch)
		q->c.flags |= PAGER_CHARGED;
	if (q->r.op == PAGER_STAT || e->block == 0) {
		request_done(s, q, RC_OK);
		return RC_OK;
	}
	q->block = e->block;
	q->check = e->check;
	q->state = R_READ;
	q->queued = true;
	request_list_add(s, &s->queue, q);
	return RC_OK;
}

static bool
key_ok(const struct store *s, const struct pager_request *r)
{
	uint64_t key = oid_frame((oid){r->oid});

	if (r->oid >> OID_BITS != 0 || (r->oid & 7) != OID_INDEX_FRAME)
		return false;
	if (frame_source(key) == MAP_SOURCE_RECORD)
		return frame_position(key) < s->config.record;
	return frame_source(key) == MAP_SOURCE_OBJECTS &&
	    frame_position(key) < s->header->positions;
}

/* RC_OK if the request may start; the kernel is trusted, but for its bugs. */
static enum status
request_check(struct store *s, const struct pager_request *r)
{
	bool object = r->op == PAGER_FETCH || r->op == PAGER_STAT ||
	    r->op == PAGER_CLEAN || r->op == PAGER_DROP;
	struct delta *d = delta_of(s, r->epoch);

	if (r->tag == 0 || (object && !key_ok(s, r)))
		return RC_ARGUMENT;
	switch (r->op) {
	case PAGER_FETCH:
	case PAGER_STAT:
		return RC_OK;
	case PAGER_CLEAN:
		if (!has_content(r->kind) && r->kind != FK_ZERO)
			return RC_ARGUMENT;
		break;
	case PAGER_DROP:
		if (r->kind != FK_FREE && r->kind != FK_ZERO)
			return RC_ARGUMENT;
		break;
	case PAGER_SNAPSHOT:
		if (r->word[1] > s->config.record)
			return RC_ARGUMENT;
		return s->commit.state == C_IDLE && d == s->working ? RC_OK
								    : RC_STATE;
	case PAGER_BARRIER:
		return s->commit.state == C_FROZEN && d == s->frozen ? RC_OK
								     : RC_STATE;
	default:
		return RC_ORDER;
	}
	if (d == NULL || (d == s->frozen && s->commit.state != C_FROZEN))
		return RC_STATE;
	if (frame_source(oid_frame((oid){r->oid})) == MAP_SOURCE_RECORD)
		return d == s->frozen && r->kind == FK_META ? RC_OK : RC_STATE;
	return RC_OK;
}

enum status
store_request(struct store *s, const struct pager_request *r)
{
	struct request *q;
	enum status     st;

	if (s->mount.state != M_OPEN)
		return RC_STATE;
	st = request_check(s, r);
	if (st != RC_OK)
		return st;
	q = request_list_take(s, &s->unused);
	if (q == NULL)
		return RC_BUSY;
	*q = (struct request){.r = *r, .key = oid_frame((oid){r->oid})};
	q->c.tag = r->tag;
	q->c.op = r->op;
	q->c.oid = r->oid;
	q->c.epoch = r->epoch;
	if (r->op == PAGER_FETCH || r->op == PAGER_STAT) {
		st = read_start(s, q);
	} else if (r->op == PAGER_SNAPSHOT) {
		commit_snapshot(s, r);
		request_done(s, q, RC_OK);
	} else if (r->op == PAGER_BARRIER) {
		commit_barrier(s, q);
	} else {
		change_start(s, q, delta_of(s, r->epoch));
	}
	if (st != RC_OK)
		request_list_add(s, &s->unused, q);
	store_pump(s);
	return st;
}
