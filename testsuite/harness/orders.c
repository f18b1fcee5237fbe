/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/harness/orders.h"

#include <stdio.h>
#include <string.h>

#include "testsuite/harness/trace.h"

#define TRY_TIME (60 * SECOND)

enum { TRIES = 4 };

static bool
lied(const struct orders *o)
{
	const struct fault *f = &o->h->fault;

	return f->fired != 0 && fault_info[f->kind].lies;
}

void
orders_wrong(struct orders *o, const char *what)
{
	if (lied(o))
		return;
	o->wrong++;
	printf("  wrong: %s (fault %s at %lu%s)\n", what,
	    fault_info[o->h->fault.kind].name, o->h->fault.at,
	    o->h->fault.sticky ? ", sticky" : "");
}

static void
produce(struct orders *o, const struct order_try *t)
{
	struct order_ring *ring = orders_ring(o);

	ring->request[ring_place(&o->request, 0)] = t->request;
	if (ring_produce(&o->request, 1))
		harness_ring(o->h);
}

/* As uldrv/class/order.h asks of a client. */
static void
attach(struct orders *o, uint32_t generation)
{
	struct order_ring *ring = orders_ring(o);

	memset(&ring->control.request, 0, sizeof(ring->control.request));
	memset(&ring->control.completion, 0, sizeof(ring->control.completion));
	ring_begin(&o->request, &ring->control.request, ORDER_ENTRIES);
	ring_begin(&o->completion, &ring->control.completion, ORDER_ENTRIES);
	ring_want(&o->completion, true);
	ring->control.data_bytes = o->h->data_pages * PAGE_SIZE;
	for (unsigned i = 0; i < ORDER_ENTRIES; i++)
		if (o->order[i].open) {
			o->reissued++;
			produce(o, &o->order[i]);
		}
	__atomic_store_n(
	    &ring->control.client_generation, generation, __ATOMIC_RELEASE);
	harness_ring(o->h);
}

static void
collect(struct orders *o)
{
	struct order_ring *ring = orders_ring(o);
	uint32_t           ready;

	if (ring_ready(&o->completion, &ready) != RC_OK) {
		orders_wrong(o, "the driver broke the ring");
		return;
	}
	for (; ready > 0; ready--) {
		struct order_completion done =
		    ring->completion[ring_place(&o->completion, 0)];
		unsigned i;

		ring_consume(&o->completion, 1);
		for (i = 0; i < ORDER_ENTRIES; i++)
			if (o->order[i].open &&
			    o->order[i].request.tag == done.tag)
				break;
		if (i == ORDER_ENTRIES) {
			orders_wrong(o, "a completion nobody asked for");
			continue;
		}
		if (done.bytes > o->order[i].request.bytes)
			orders_wrong(o, "more bytes than asked for");
		o->order[i].open = false;
		o->order[i].done = done;
		o->completed++;
		talk_note(o->h, "order %u: status %u, %u bytes, 0x%llx",
		    o->order[i].request.op, done.status, done.bytes,
		    (unsigned long long)done.result);
	}
}

bool
orders_restart(struct orders *o)
{
	do {
		if (o->restarts++ >= o->restarts_max)
			return false;
		if (o->h->verbose)
			printf("  the driver is started again\n");
		harness_kill(o->h);
		collect(o);
		attach(o, o->h->control->given.generation + 1);
	} while (!harness_start(o->h));
	return true;
}

unsigned
orders_give(struct orders *o, uint32_t op, uint32_t bytes, uint64_t offset,
    uint64_t argument)
{
	unsigned i = 0;

	while (i < ORDER_ENTRIES - 1 && (o->order[i].open || o->order[i].held))
		i++;
	o->order[i] = (struct order_try){
	    .open = true,
	    .request = {.tag = o->next_tag++,
		.op = op,
		.bytes = bytes,
		.offset = offset,
		.argument = argument},
	};
	produce(o, &o->order[i]);
	return i;
}

/* Those of the mask that are open. */
static uint64_t
still(const struct orders *o, uint64_t mask)
{
	uint64_t left = 0;

	for (unsigned i = 0; i < ORDER_ENTRIES; i++)
		if ((mask >> i & 1) != 0 && o->order[i].open)
			left |= UINT64_C(1) << i;
	return left;
}

static bool
wait_until(struct orders *o, uint64_t mask, uint64_t time, bool any)
{
	uint64_t end = o->h->now + time, left;

	o->h->listening = true;
	for (;;) {
		bool lives;

		collect(o);
		left = still(o, mask);
		if (left == 0 || (any && left != mask))
			return true;
		if (o->h->now >= end)
			break;
		lives = harness_run(o->h, end - o->h->now);
		if (!lives && !orders_restart(o))
			break;
	}
	o->ended = false;
	return false;
}

bool
orders_wait(struct orders *o, uint64_t mask, uint64_t time)
{
	return wait_until(o, mask, time, false);
}

bool
orders_any(struct orders *o, uint64_t mask, uint64_t time)
{
	return wait_until(o, mask, time, true);
}

void
orders_pass(struct orders *o, uint64_t time)
{
	const uint64_t end = o->h->now + time;

	o->h->listening = true;
	while (o->ended && o->h->now < end)
		if (!harness_run(o->h, end - o->h->now))
			o->ended = orders_restart(o);
}

struct order_completion
orders_try(struct orders *o, uint32_t op, uint32_t bytes, uint64_t offset,
    uint64_t argument, enum status expect)
{
	struct order_completion done = {.status = RC_TIMEOUT};

	for (int i = 0; i < TRIES && o->ended; i++) {
		unsigned n = orders_give(o, op, bytes, offset, argument);

		if (!orders_wait(o, UINT64_C(1) << n, TRY_TIME))
			break;
		done = o->order[n].done;
		if (done.status == (uint32_t)expect)
			return done;
	}
	if (o->ended && !o->h->fault.sticky)
		orders_wrong(o, "the status is not what it must be");
	return done;
}

void
orders_begin(struct orders *o, struct harness *h)
{
	*o = (struct orders){
	    .h = h,
	    .next_tag = 1000,
	    .restarts_max = ORDERS_RESTARTS,
	    .ended = true,
	};
	h->data_pages = script.data_pages;
	memset(h->ram + ORDER_RING * PAGE_SIZE, 0,
	    (ORDER_DATA + h->data_pages) * PAGE_SIZE);
	attach(o, h->control->given.generation + 1);
	if (!harness_start(h))
		o->ended = orders_restart(o);
}

void
orders_open(struct orders *o, const struct fault *fault)
{
	struct harness *h = harness_open();

	h->fault = *fault;
	orders_begin(o, h);
}

void
orders_afresh(struct orders *o)
{
	memset(o->order, 0, sizeof(o->order));
	harness_over(o->h);
	o->restarts = 0;
	o->h->strays = 0;
	o->ended = orders_restart(o);
	if (!o->ended)
		orders_wrong(o, "a fresh instance does not come up");
}
