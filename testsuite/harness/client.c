/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/harness/client.h"

#include <stdio.h>
#include <string.h>

#include "testsuite/harness/trace.h"

/* Lets the device reach the pages of an operation, or no more. */
static void
reach(struct client *c, const struct client_op *op, unsigned how)
{
	uint32_t offset;

	for (unsigned i = 0; i < op->request.nsegments && i < BLOCK_SEGMENTS;
	     i++) {
		if ((op->request.flags & BLOCK_WINDOW) != 0)
			continue;
		if (harness_ram(c->h, op->segment[i].address, &offset) &&
		    offset / PAGE_SIZE >= DATA_FIRST)
			c->h->reach[offset / PAGE_SIZE] = (uint8_t)how;
	}
}

static void
produce(struct client *c, struct client_op *op)
{
	struct block_ring *ring = c->h->ring;
	uint32_t           place = ring_place(&c->request, 0);

	ring->request[place] = op->request;
	memcpy(ring->segment[place], op->segment, sizeof(op->segment));
	reach(c, op,
	    op->request.op == BLOCK_READ        ? REACH_WRITE
		: op->request.op == BLOCK_WRITE ? REACH_READ
						: REACH_NONE);
	if (ring_produce(&c->request, 1))
		harness_ring(c->h);
}

/* What BlockClient.attach makes the client do (uldrv/class/block.h). */
static void
attach(struct client *c, uint32_t generation)
{
	struct block_ring *ring = c->h->ring;

	memset(&ring->control.request, 0, sizeof(ring->control.request));
	memset(&ring->control.completion, 0, sizeof(ring->control.completion));
	ring_begin(&c->request, &ring->control.request, BLOCK_ENTRIES);
	ring_begin(&c->completion, &ring->control.completion, BLOCK_ENTRIES);
	ring_want(&c->completion, true);
	for (unsigned i = 0; i < CLIENT_OPS; i++)
		if (c->op[i].open) {
			c->reissued++;
			produce(c, &c->op[i]);
		}
	__atomic_store_n(
	    &ring->control.client_generation, generation, __ATOMIC_RELEASE);
	harness_ring(c->h);
}

bool
client_open(struct client *c, struct harness *h)
{
	*c = (struct client){.h = h, .next_tag = 1000, .restarts_max = 4};
	attach(c, h->control->given.generation + 1);
	if (!harness_start(h) && c->restarts_max > 0)
		return client_restart(c);
	return true;
}

/* What came back, for the trace. */
static void
tell(struct client *c, const struct client_op *op)
{
	static const char *const name[BLOCK_OP_COUNT + 1] = {
	    "nothing", "read", "write", "flush", "geometry", "nonsense"};
	uint32_t sum = 0, offset;

	for (unsigned i = 0; op->request.op == BLOCK_READ &&
	     op->status == RC_OK && i < op->request.nsegments;
	     i++) {
		const struct block_segment *s = &op->segment[i];
		const uint8_t              *data = NULL;

		if ((op->request.flags & BLOCK_WINDOW) != 0)
			data = c->h->window + s->address;
		else if (harness_ram(c->h, s->address, &offset))
			data = c->h->ram + offset;
		for (uint32_t b = 0; data != NULL && b < s->bytes; b++)
			sum = sum * 31 + data[b];
	}
	talk_note(c->h, "%s of sector %llu: status %u, %u bytes, sum %08x",
	    name[op->request.op <= BLOCK_OP_COUNT ? op->request.op
						  : BLOCK_OP_COUNT],
	    (unsigned long long)op->request.sector, op->status, op->bytes, sum);
}

static void
collect(struct client *c)
{
	struct block_ring *ring = c->h->ring;
	uint32_t           ready;

	if (ring_ready(&c->completion, &ready) != RC_OK) {
		c->wrong++;
		return;
	}
	for (; ready > 0; ready--) {
		struct block_completion done =
		    ring->completion[ring_place(&c->completion, 0)];
		unsigned i;

		ring_consume(&c->completion, 1);
		for (i = 0; i < CLIENT_OPS; i++)
			if (c->op[i].open && c->op[i].tag == done.tag)
				break;
		if (i == CLIENT_OPS || done.status > RC_LIMIT + 64) {
			c->wrong++;
			continue;
		}
		c->op[i].open = false;
		c->op[i].status = (enum status)done.status;
		c->op[i].bytes = done.bytes;
		c->completed++;
		reach(c, &c->op[i], REACH_NONE);
		if (talk_wanted(c->h))
			tell(c, &c->op[i]);
	}
	c->geometry = ring->control.geometry;
}

bool
client_restart(struct client *c)
{
	do {
		if (c->restarts++ >= c->restarts_max)
			return false;
		if (c->h->verbose)
			printf("  the driver is started again\n");
		harness_kill(c->h);
		collect(c);
		attach(c, c->h->control->given.generation + 1);
	} while (!harness_start(c->h));
	return true;
}

struct client_op *
client_new(struct client *c, enum block_op op, uint64_t sector)
{
	for (unsigned i = 0; i < CLIENT_OPS; i++) {
		struct client_op *o = &c->op[i];

		if (o->open || o->tag != 0)
			continue;
		*o = (struct client_op){
		    .tag = c->next_tag++,
		    .request = {.op = (uint8_t)op, .sector = sector},
		};
		o->request.tag = o->tag;
		return o;
	}
	return NULL;
}

void
client_segment(struct client_op *op, const struct harness *h, unsigned page,
    uint32_t offset, uint32_t bytes)
{
	struct block_segment *s = &op->segment[op->request.nsegments++];

	s->bytes = bytes;
	s->address = h->copies
	    ? page * PAGE_SIZE + offset
	    : harness_bus(h, (DATA_FIRST + page) * PAGE_SIZE) + offset;
	if (h->copies)
		op->request.flags |= BLOCK_WINDOW;
}

void
client_issue(struct client *c, struct client_op *op)
{
	op->open = true;
	produce(c, op);
}

static bool
any_open(const struct client *c)
{
	for (unsigned i = 0; i < CLIENT_OPS; i++)
		if (c->op[i].open)
			return true;
	return false;
}

bool
client_wait(struct client *c, uint64_t time)
{
	uint64_t until = c->h->now + time;

	collect(c);
	while (any_open(c)) {
		uint64_t before = c->h->now;

		if (c->h->now >= until)
			return false;
		if (!harness_run(c->h, until - c->h->now) && !client_restart(c))
			return false;
		collect(c);
		/* Nothing moves and nothing is awaited: a lost request. */
		if (c->h->now == before && c->h->pending == 0 &&
		    c->h->dev.busy == 0 && any_open(c) && !c->h->dev.stopped)
			return false;
	}
	return true;
}
