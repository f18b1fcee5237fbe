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

/* Bytes that the old driver has not taken; more than there can be: none. */
static uint32_t
unsent(const struct console *c, uint8_t *bytes)
{
	uint32_t space, n;

	if (c->ring == NULL || ring_space(&c->output, &space) != RC_OK)
		return 0;
	n = CHAR_OUTPUT - space;
	for (uint32_t i = 0; i < n; i++)
		bytes[i] = c->ring->out[(c->output.own - n + i) % CHAR_OUTPUT];
	return n;
}

static void
begin_rings(struct console *c, struct char_ring *ring)
{
	memset(&ring->input, 0, sizeof(ring->input));
	memset(&ring->output, 0, sizeof(ring->output));
	ring_begin(&c->input, &ring->input, CHAR_INPUT);
	ring_begin(&c->output, &ring->output, CHAR_OUTPUT);
	ring_want(&c->input, true);
}

void
console_attach(struct console *c, struct char_ring *ring, uint32_t generation)
{
	uint8_t  bytes[CHAR_OUTPUT];
	uint32_t left = unsent(c, bytes);

	c->ring = ring;
	c->generation = generation;
	begin_rings(c, ring);
	memcpy(ring->out, bytes, left);
	/* The driver is told in any case. */
	if (left > 0)
		(void)!ring_produce(&c->output, left);
	/* Orders the cleared ring before the driver's first look at it. */
	__atomic_store_n(
	    &ring->client_generation, generation, __ATOMIC_RELEASE);
	c->connected = true;
}

/* Put bytes into the ring, as many as fit. */
static enum status
put(struct console *c, const uint8_t *text, uint32_t bytes, uint32_t *sent,
    bool *bell)
{
	uint32_t    space;
	enum status st;

	st = ring_space(&c->output, &space);
	if (st != RC_OK)
		return st;
	if (bytes > space)
		bytes = space;
	for (uint32_t i = 0; i < bytes; i++)
		c->ring->out[ring_place(&c->output, i)] = text[i];
	if (bytes > 0 && ring_produce(&c->output, bytes))
		*bell = true;
	screen_put(&c->screen, text, bytes);
	*sent += bytes;
	return RC_OK;
}

static enum status
pump_output(struct console *c, struct console_events *e)
{
	while (c->writers > 0) {
		struct writer *w = &c->writer[c->first_writer];
		enum status    st = RC_OK;

		if (c->connected) {
			st = put(c, w->text + w->sent, w->bytes - w->sent,
			    &w->sent, &e->bell);
		} else {
			screen_put(&c->screen, w->text, w->bytes);
			w->sent = w->bytes;
		}
		if (st != RC_OK)
			return st;
		if (w->sent < w->bytes)
			return RC_OK;
		c->first_writer = (c->first_writer + 1) % WRITERS;
		c->writers--;
		e->written++;
	}
	return RC_OK;
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

static enum status
pump_input(struct console *c)
{
	uint32_t    ready;
	enum status st;

	st = ring_ready(&c->input, &ready);
	if (st != RC_OK)
		return st;
	for (uint32_t i = 0; i < ready; i++)
		keep_typed(c, c->ring->in[ring_place(&c->input, i)]);
	if (ready > 0)
		ring_consume(&c->input, ready);
	return RC_OK;
}

struct console_events
console_pump(struct console *c)
{
	struct console_events e = {0};

	if (!c->connected) {
		if (c->shown)
			(void)!pump_output(c, &e);
		return e;
	}
	if (pump_output(c, &e) != RC_OK || pump_input(c) != RC_OK) {
		c->connected = false;
		e.broken = true;
	}
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
