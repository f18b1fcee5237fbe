/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/harness/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/harness/trace.h"
#include "uldrv/class/order.h"

#define IRQS ((UINT64_C(1) << CONTROL_IRQS) - 1)

enum { WINDOW_BYTES = 64 * PAGE_SIZE };

/* Behind the window, so that a driver that copies reaches them. */
struct copied {
	uint8_t               window[WINDOW_BYTES];
	struct block_raw_ring raw[HARNESS_RAW];
};

static void *
aligned(size_t bytes)
{
	void *p = aligned_alloc(PAGE_SIZE, bytes);

	if (p == NULL)
		abort();
	return p;
}

/* Kept from one device to the next: the loops open tens of thousands. */
static struct {
	struct driver_control *control;
	struct block_ring     *ring;
	struct copied         *copied;
} memory;

struct harness *
harness_open(void)
{
	struct harness *h = calloc(1, sizeof(*h));

	if (h == NULL)
		abort();
	if (memory.control == NULL) {
		memory.control = aligned(PAGE_SIZE);
		memory.ring = aligned(sizeof(struct block_ring));
		memory.copied = aligned(sizeof(struct copied));
	}
	h->control = memset(memory.control, 0, PAGE_SIZE);
	h->ring = memset(memory.ring, 0, sizeof(struct block_ring));
	h->window = memory.copied->window;
	h->raw_ring = memory.copied->raw;
	h->now = 1000 * MILLISECOND;
	harness_nap.turns = 0;
	harness_nap.taken = false;
	h->verbose = getenv("V") != NULL && *getenv("V") != '\0';
	h->copies = getenv("PIO") != NULL && *getenv("PIO") != '\0';
	if (h->copies)
		memset(h->window, 0, WINDOW_BYTES);
	backend_open(h);
	for (unsigned i = 0; i < DATA_FIRST; i++)
		h->reach[i] = REACH_READ | REACH_WRITE;
	return h;
}

static void
forget_driver(struct harness *h)
{
	free(h->dev.state);
	free(h->dev.class_state);
	memset(&h->dev, 0, sizeof(h->dev));
}

void
harness_close(struct harness *h)
{
	forget_driver(h);
	backend_close(h);
	trace_free(h->trace);
	free(h);
}

/* As devdb's server fills it. */
static void
describe(struct harness *h, uint32_t generation)
{
	struct control_given *g = &h->control->given;

	memset(h->control, 0, PAGE_SIZE);
	g->magic = CONTROL_MAGIC;
	g->generation = generation;
	g->dma_pages = CONTROL_DMA;
	g->windows = 64;
	g->address_bits = 64;
	snprintf(g->name, sizeof(g->name), "%s", driver.name);
	for (unsigned i = 0; i < CONTROL_DMA; i++)
		g->dma_address[i] = harness_bus(h, i * PAGE_SIZE);
	if (h->data_pages != 0) {
		g->data_pages = (uint8_t)h->data_pages;
		g->dma_pages = (uint16_t)(CONTROL_DMA - h->data_pages);
		for (unsigned i = 0; i < h->data_pages; i++)
			g->dma_address[g->dma_pages + i] = harness_bus(
			    h, (ORDER_RING + ORDER_DATA + i) * PAGE_SIZE);
	}
	memcpy(g->client, h->raw, sizeof(g->client));
	backend_describe(h, g);
	if (generation == 1)
		talk_given(h, g);
}

bool
harness_start(struct harness *h)
{
	uint32_t generation = h->control->given.generation + 1;

	forget_driver(h);
	describe(h, generation);
	h->dev = (struct dev){
	    .driver = &driver,
	    .control = h->control,
	    .state = calloc(1, DEV_STATE),
	    .class_state = calloc(
		1, driver.class != NULL ? driver.class->state_bytes : 1),
	    .dma = h->ram,
	    .ring = h->data_pages != 0 ? h->ram + ORDER_RING * PAGE_SIZE
				       : (uint8_t *)h->ring,
	    .window = h->window,
	    .backend = h,
	};
	for (unsigned k = 0; k < HARNESS_RAW; k++)
		h->dev.client[k] = (uint8_t *)&h->raw_ring[k];
	if (h->dev.state == NULL || h->dev.class_state == NULL ||
	    driver.state_bytes > DEV_STATE)
		abort();
	h->pending &= ~(UINT64_C(1) << NOTICE_ALARM);
	h->alarm = 0;
	h->accesses = 0;
	backend_enable(h);
	h->running = true;
	if (setjmp(h->dead) != 0) {
		h->running = false;
		return false;
	}
	dev_begin(&h->dev);
	h->running = false;
	return !h->dev.stopped;
}

void
harness_kill(struct harness *h)
{
	backend_silence(h);
	h->dev.stopped = true;
	h->pending = 0;
	h->unacked = 0;
	h->alarm = 0;
}

/* Interrupts wait for the next turn: in between drivers only collect them. */
uint64_t
harness_take(struct harness *h)
{
	uint64_t bits = h->pending & ~IRQS;

	h->pending &= IRQS;
	return bits;
}

static uint64_t
take_all(struct harness *h)
{
	uint64_t bits;

	backend_look(h);
	bits = h->pending;
	h->pending = 0;
	for (unsigned i = 0; i < CONTROL_IRQS; i++)
		if ((bits >> i & 1) != 0)
			talk_irq(h, i);
	return bits;
}

bool
harness_run(struct harness *h, uint64_t time)
{
	uint64_t      until = h->now + time;
	unsigned long notices = h->notices;

	h->running = true;
	if (setjmp(h->dead) != 0) {
		h->running = false;
		return false;
	}
	for (;;) {
		uint64_t bits = take_all(h) | h->dev.pending;

		h->dev.pending = 0;
		if (bits != 0) {
			dev_turn(&h->dev, bits);
			nap_look(h);
		}
		if (h->dev.stopped || h->now >= until)
			break;
		if (h->pending != 0 || h->dev.pending != 0)
			continue;
		if (h->listening ? h->notices != notices
				 : h->dev.busy == 0 && h->step_at == 0)
			break;
		backend_advance(h, until);
	}
	h->running = false;
	return !h->dev.stopped;
}

bool
harness_run_until(struct harness *h, bool (*fact)(struct harness *h, void *arg),
    void *arg, uint64_t time)
{
	uint64_t until = h->now + time;

	while (harness_run(h, 0)) {
		if (fact(h, arg) || backend_cut(h))
			return true;
		if (h->now >= until)
			return false;
		if (h->pending == 0 && h->dev.pending == 0)
			backend_advance(h, until);
	}
	return false;
}

void
harness_over(struct harness *h)
{
	h->fault.kind = FK_NOTHING;
	backend_over(h);
}
