/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/console/seat.h"

#include <string.h>

enum { TAG_SHOW = 1, TAG_CURSOR = 2, NOWHERE = 0xffff };

/* False: put off. */
static bool
attach(struct seat_link *l, struct order_ring *ring, uint32_t generation)
{
	if (!watch_join(&l->watch, order_shown(ring), generation))
		return false;
	memset(&ring->control.request, 0, sizeof(ring->control.request));
	memset(&ring->control.completion, 0, sizeof(ring->control.completion));
	ring_begin(&l->request, &ring->control.request, ORDER_ENTRIES);
	ring_begin(&l->completion, &ring->control.completion, ORDER_ENTRIES);
	ring_want(&l->completion, true);
	l->ring = ring;
	return true;
}

/* Orders what was begun before the driver's first look at it. */
static void
ready(struct seat_link *l)
{
	__atomic_store_n(&l->ring->control.client_generation,
	    l->watch.generation, __ATOMIC_RELEASE);
}

static bool
give(struct seat_link *l, const struct order_request *rq)
{
	uint32_t space;

	if (ring_space(&l->request, &space) != RC_OK || space == 0)
		return false;
	l->ring->request[ring_place(&l->request, 0)] = *rq;
	return ring_produce(&l->request, 1);
}

/* The next completion; false if there is none, or the ring is broken. */
static bool
take(struct seat_link *l, struct order_completion *done)
{
	uint32_t n;

	if (!l->watch.connected)
		return false;
	if (ring_ready(&l->completion, &n) != RC_OK) {
		watch_broken(&l->watch);
		return false;
	}
	if (n == 0)
		return false;
	memcpy(done, &l->ring->completion[ring_place(&l->completion, 0)],
	    sizeof(*done));
	ring_consume(&l->completion, 1);
	return true;
}

bool
seat_stale(struct seat_link *l)
{
	return watch_stale(
	    &l->watch, watch_knows(&l->watch) ? order_shown(l->ring) : 0);
}

void
seat_again(struct seat *s)
{
	watch_again(&s->display.watch);
	watch_again(&s->keyboard.watch);
}

enum seat_joined
seat_display(struct seat *s, struct console *c, struct order_ring *ring,
    uint32_t generation, unsigned pages)
{
	bool     joined = attach(&s->display, ring, generation), true_area;
	uint32_t bytes;

	c->shown = false;
	if (!joined)
		return SEAT_LATER;
	true_area = order_area(ring, pages, &bytes);
	/* One without room for a screen is of no use. */
	s->display.watch.connected = bytes >= DISPLAY_BYTES;
	if (!true_area)
		watch_broken(&s->display.watch);
	s->showing = false;
	s->cursor = NOWHERE;
	screen_spoil(&c->screen);
	c->shown = s->display.watch.connected;
	ready(&s->display);
	return true_area ? SEAT_JOINED : SEAT_BROKEN;
}

enum seat_joined
seat_keyboard(struct seat *s, struct order_ring *ring, uint32_t generation)
{
	if (!attach(&s->keyboard, ring, generation))
		return SEAT_LATER;
	s->keymap = (struct keymap){.caps = s->keymap.caps};
	for (uint64_t i = 0; i < SEAT_KEYS; i++)
		(void)give(&s->keyboard,
		    &(struct order_request){.tag = i, .op = INPUT_EVENT});
	ready(&s->keyboard);
	return SEAT_JOINED;
}

static bool
show_cursor(struct seat *s, const struct screen *screen)
{
	unsigned column = screen->column < DISPLAY_COLUMNS
	    ? screen->column
	    : DISPLAY_COLUMNS - 1;
	unsigned at = screen->row * DISPLAY_COLUMNS + column;

	if (at == s->cursor)
		return false;
	s->cursor = at;
	return give(&s->display,
	    &(struct order_request){
		.tag = TAG_CURSOR, .op = DISPLAY_CURSOR, .argument = at});
}

bool
seat_show(struct seat *s, struct console *c)
{
	struct screen          *screen = &c->screen;
	struct order_completion done;
	unsigned                first = screen->first, last = screen->last;
	bool                    bell = false;

	while (take(&s->display, &done))
		if (done.tag == TAG_SHOW)
			s->showing = false;
	c->shown = s->display.watch.connected;
	if (!s->display.watch.connected || s->showing)
		return false;
	if (first < last) {
		memcpy(s->display.ring->data + 2 * first, screen->cell + first,
		    2 * (last - first));
		bell = give(&s->display,
		    &(struct order_request){
			.tag = TAG_SHOW,
			.op = DISPLAY_SHOW,
			.bytes = 2 * (last - first),
			.offset = 2 * first,
		    });
		s->showing = true;
		screen->first = DISPLAY_ROWS * DISPLAY_COLUMNS;
		screen->last = 0;
	}
	return show_cursor(s, screen) || bell;
}

bool
seat_keys(struct seat *s, struct console *c)
{
	struct order_completion done;
	uint8_t                 bytes[KEYMAP_BYTES];
	bool                    bell = false;

	while (take(&s->keyboard, &done)) {
		if (done.status == RC_OK)
			console_type(c, bytes,
			    keymap_type(&s->keymap, done.result, bytes));
		bell |= give(&s->keyboard,
		    &(struct order_request){
			.tag = done.tag, .op = INPUT_EVENT});
	}
	return bell;
}
