/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/console/console.h"

#include <string.h>

void
console_init(struct console *c)
{
	memset(c, 0, sizeof(*c));
	c->owner = CLIENT_NOBODY;
	screen_init(&c->screen);
}

bool
console_connected(const struct console *c)
{
	for (unsigned i = 0; i < LINES; i++)
		if (c->line[i].watch.connected)
			return true;
	return false;
}

/* Bytes that the old driver has not taken; more than there can be: none. */
static uint32_t
unsent(const struct line *l, uint8_t *bytes)
{
	uint32_t space, n;

	if (l->ring == NULL || ring_space(&l->output, &space) != RC_OK)
		return 0;
	n = CHAR_OUTPUT - space;
	for (uint32_t i = 0; i < n; i++)
		bytes[i] = l->ring->out[(l->output.own - n + i) % CHAR_OUTPUT];
	return n;
}

static void
begin_rings(struct line *l, struct char_ring *ring)
{
	memset(&ring->input, 0, sizeof(ring->input));
	memset(&ring->output, 0, sizeof(ring->output));
	ring_begin(&l->input, &ring->input, CHAR_INPUT);
	ring_begin(&l->output, &ring->output, CHAR_OUTPUT);
	ring_want(&l->input, true);
}

bool
console_attach(struct console *c, unsigned line, struct char_ring *ring,
    uint32_t generation)
{
	struct line *l = &c->line[line];
	uint8_t      bytes[CHAR_OUTPUT];
	uint32_t     left;

	/* One that is put off is not looked at; what is unsent is still known.
	 */
	if (!watch_join(&l->watch,
		__atomic_load_n(&ring->generation, __ATOMIC_ACQUIRE),
		generation))
		return false;
	left = unsent(l, bytes);
	l->ring = ring;
	begin_rings(l, ring);
	memcpy(ring->out, bytes, left);
	/* The driver is told in any case. */
	if (left > 0)
		(void)!ring_produce(&l->output, left);
	/* Orders the cleared ring before the driver's first look at it. */
	__atomic_store_n(
	    &ring->client_generation, generation, __ATOMIC_RELEASE);
	l->missed = 0;
	return true;
}

void
console_again(struct console *c)
{
	for (unsigned i = 0; i < LINES; i++)
		watch_again(&c->line[i].watch);
}

bool
console_stale(struct console *c, unsigned line)
{
	struct line *l = &c->line[line];
	bool         stale;

	if (!watch_knows(&l->watch))
		return watch_stale(&l->watch, 0);
	stale = watch_stale(&l->watch,
	    __atomic_load_n(&l->ring->generation, __ATOMIC_ACQUIRE));
	if (!watch_knows(&l->watch))
		l->ring = NULL;
	return stale;
}

/* The line that sets the pace, and its room; LINES: there is none. */
static unsigned
leader(struct console *c, uint32_t *space)
{
	for (unsigned i = 0; i < LINES; i++) {
		struct line *l = &c->line[i];

		if (!l->watch.connected)
			continue;
		if (ring_space(&l->output, space) == RC_OK)
			return i;
		watch_broken(&l->watch);
	}
	return LINES;
}

/* Bytes into the ring of one line, as many as fit. */
static void
put_line(struct console *c, unsigned line, const uint8_t *text, uint32_t bytes,
    struct console_events *e)
{
	struct line *l = &c->line[line];
	uint32_t     space, n = bytes;

	if (!l->watch.connected)
		return;
	if (ring_space(&l->output, &space) != RC_OK) {
		watch_broken(&l->watch);
		return;
	}
	if (n > space)
		n = space;
	l->missed += bytes - n;
	for (uint32_t i = 0; i < n; i++)
		l->ring->out[ring_place(&l->output, i)] = text[i];
	if (n > 0 && ring_produce(&l->output, n))
		e->bells |= 1u << line;
}

/* Bytes that go out everywhere; how many did. */
static uint32_t
put(struct console *c, const uint8_t *text, uint32_t bytes,
    struct console_events *e)
{
	uint32_t space = bytes;

	if (leader(c, &space) == LINES) {
		if (!c->shown)
			return 0;
		space = bytes;
	}
	if (bytes > space)
		bytes = space;
	for (unsigned i = 0; i < LINES; i++)
		put_line(c, i, text, bytes, e);
	screen_put(&c->screen, text, bytes);
	return bytes;
}

static void
pump_output(struct console *c, struct console_events *e)
{
	while (c->writers > 0) {
		struct writer *w = &c->writer[c->first_writer];

		w->sent += put(c, w->text + w->sent, w->bytes - w->sent, e);
		if (w->sent < w->bytes)
			return;
		c->first_writer = (c->first_writer + 1) % WRITERS;
		c->writers--;
		e->written++;
	}
}

static void
keep_typed(struct console *c, uint8_t byte)
{
	if (c->typed_count == TYPED_BYTES) {
		c->lost++;
		return;
	}
	c->typed[(c->typed_first + c->typed_count) % TYPED_BYTES] = byte;
	c->typed_count++;
}

void
console_type(struct console *c, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		keep_typed(c, bytes[i]);
}

static void
pump_input(struct console *c, unsigned line)
{
	struct line *l = &c->line[line];
	uint32_t     ready;

	if (!l->watch.connected)
		return;
	if (ring_ready(&l->input, &ready) != RC_OK) {
		watch_broken(&l->watch);
		return;
	}
	for (uint32_t i = 0; i < ready; i++)
		keep_typed(c, l->ring->in[ring_place(&l->input, i)]);
	if (ready > 0)
		ring_consume(&l->input, ready);
}

struct console_events
console_pump(struct console *c)
{
	struct console_events e = {0};

	/* With nowhere to show it what is written waits. */
	if (console_connected(c) || c->shown)
		pump_output(c, &e);
	for (unsigned i = 0; i < LINES; i++)
		pump_input(c, i);
	return e;
}

enum status
console_write(struct console *c, unsigned client, const void *text,
    size_t bytes, unsigned *place)
{
	struct writer *w;
	unsigned       same = 0;

	for (unsigned i = 0; i < c->writers; i++)
		same += c->writer[(c->first_writer + i) % WRITERS].client ==
		    client;
	if (c->writers == WRITERS || bytes > WRITE_BYTES ||
	    (client != CLIENT_NOBODY && same == WRITERS_OF_ONE))
		return RC_BUSY;
	*place = (c->first_writer + c->writers) % WRITERS;
	w = &c->writer[*place];
	w->client = client;
	w->sent = 0;
	w->bytes = (uint32_t)bytes;
	memcpy(w->text, text, bytes);
	c->writers++;
	return RC_OK;
}

size_t
console_take(struct console *c, void *to, size_t most)
{
	uint8_t *bytes = to;
	size_t   n = 0;

	while (n < most && c->typed_count > 0) {
		bytes[n++] = c->typed[c->typed_first];
		c->typed_first = (c->typed_first + 1) % TYPED_BYTES;
		c->typed_count--;
	}
	return n;
}
