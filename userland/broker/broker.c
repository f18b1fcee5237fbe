/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/broker/broker.h"

#include <string.h>

struct job *
broker_job(struct broker *b, unsigned link)
{
	unsigned same = 0;

	for (unsigned i = 0; i < BROKER_JOBS; i++)
		same += b->job[i].state != JOB_FREE && b->job[i].link == link;
	if (same == BROKER_SHARE)
		return NULL;
	for (unsigned i = 0; i < BROKER_JOBS; i++) {
		struct job *j = &b->job[i];

		if (j->state != JOB_FREE)
			continue;
		*j = (struct job){
		    .state = JOB_WAITING,
		    .link = (uint8_t)link,
		    .number = b->numbers++,
		};
		return j;
	}
	return NULL;
}

bool
broker_open(const struct broker *b, unsigned link)
{
	for (unsigned i = 0; i < BROKER_JOBS; i++)
		if (b->job[i].link == link &&
		    (b->job[i].state == JOB_WAITING ||
			b->job[i].state == JOB_GIVEN))
			return true;
	return false;
}

enum status
broker_attach(struct broker *b, unsigned link, struct order_ring *ring,
    uint32_t generation, unsigned pages)
{
	struct link *l = &b->link[link];
	bool         before = l->watch.later;

	if (!watch_join(&l->watch, order_shown(ring), generation)) {
		/* It has had time: no instance has come meanwhile. */
		if (before)
			broker_fail(b, link, RC_DEVICE);
		return RC_STATE;
	}
	if (!order_area(ring, pages, &l->data_bytes)) {
		watch_broken(&l->watch);
		broker_fail(b, link, RC_DEVICE);
		return RC_CORRUPT;
	}
	memset(&ring->control.request, 0, sizeof(ring->control.request));
	memset(&ring->control.completion, 0, sizeof(ring->control.completion));
	ring_begin(&l->request, &ring->control.request, ORDER_ENTRIES);
	ring_begin(&l->completion, &ring->control.completion, ORDER_ENTRIES);
	ring_want(&l->completion, true);
	l->ring = ring;
	l->pieces = 0;
	for (unsigned i = 0; i < BROKER_JOBS; i++)
		if (b->job[i].link == link && b->job[i].state == JOB_GIVEN)
			b->job[i].state = JOB_WAITING;
	/* Orders the cleared ring before the driver's first look at it. */
	__atomic_store_n(
	    &ring->control.client_generation, generation, __ATOMIC_RELEASE);
	return RC_OK;
}

void
broker_fail(struct broker *b, unsigned link, enum status st)
{
	b->link[link].watch.connected = false;
	b->link[link].pieces = 0;
	for (unsigned i = 0; i < BROKER_JOBS; i++) {
		struct job *j = &b->job[i];

		if (j->link == link &&
		    (j->state == JOB_WAITING || j->state == JOB_GIVEN)) {
			j->state = JOB_DONE;
			j->status = st;
		}
	}
}

/* The job that waits longest for this link, or NULL. */
static struct job *
oldest(struct broker *b, unsigned link)
{
	struct job *best = NULL;

	for (unsigned i = 0; i < BROKER_JOBS; i++) {
		struct job *j = &b->job[i];

		if (j->link == link && j->state == JOB_WAITING &&
		    (best == NULL || j->number < best->number))
			best = j;
	}
	return best;
}

static unsigned
pieces(const struct link *l)
{
	unsigned n = l->data_bytes / BROKER_PIECE;

	return n < 32 ? n : 31;
}

/* False if it has to wait on. */
static bool
give(struct broker *b, struct link *l, struct job *j)
{
	unsigned piece = (unsigned)__builtin_ctz(~l->pieces);
	uint64_t at = (uint64_t)piece * BROKER_PIECE;
	uint32_t space;

	if (ring_space(&l->request, &space) != RC_OK || space == 0)
		return false;
	/* An order without bytes needs no piece, but its slot is the tag. */
	if (j->bytes != 0) {
		if (piece >= pieces(l))
			return false;
		l->pieces |= 1u << piece;
		j->piece = (uint8_t)piece;
		memcpy(l->ring->data + at, j->data, j->bytes);
	}
	l->ring->request[ring_place(&l->request, 0)] = (struct order_request){
	    .tag = (uint64_t)(j - b->job),
	    .op = j->op,
	    .bytes = j->bytes,
	    .offset = j->bytes != 0 ? at : 0,
	    .argument = j->echo ? at + BROKER_BYTES : j->argument,
	};
	j->state = JOB_GIVEN;
	return true;
}

/* The answer's bytes leave the data area before the piece is another's. */
static void
take(struct link *l, struct job *j, const struct order_completion *done)
{
	uint32_t bytes = done->bytes < j->bytes ? done->bytes : j->bytes;
	uint64_t at = (uint64_t)j->piece * BROKER_PIECE;

	j->state = JOB_DONE;
	j->status = (enum status)done->status;
	j->result = done->result;
	if (j->bytes == 0)
		return;
	l->pieces &= ~(1u << j->piece);
	if (j->gives && j->status == RC_OK)
		memcpy(j->data,
		    l->ring->data + at + (j->echo ? BROKER_BYTES : 0), bytes);
	j->bytes = bytes;
}

static bool
collect(struct broker *b, struct link *l)
{
	uint32_t ready;

	if (ring_ready(&l->completion, &ready) != RC_OK)
		return false;
	for (; ready > 0; ready--) {
		struct order_completion done;
		struct job             *j;

		memcpy(&done,
		    &l->ring->completion[ring_place(&l->completion, 0)],
		    sizeof(done));
		ring_consume(&l->completion, 1);
		if (done.tag >= BROKER_JOBS)
			return false;
		j = &b->job[done.tag];
		if (j->state != JOB_GIVEN || &b->link[j->link] != l)
			return false;
		take(l, j, &done);
	}
	return true;
}

bool
broker_pump(struct broker *b, unsigned link)
{
	struct link *l = &b->link[link];
	struct job  *j;
	bool         bell = false;

	if (!l->watch.connected)
		return false;
	if (!collect(b, l)) {
		/* Until another instance of it has a ring of its own. */
		watch_broken(&l->watch);
		return false;
	}
	while ((j = oldest(b, link)) != NULL && give(b, l, j))
		bell |= ring_produce(&l->request, 1);
	return bell;
}
