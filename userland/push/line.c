/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/push/line.h"

#include <string.h>

#include "kernel/abi/clock.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/process.stub.h"
#include "uldrv/class/catalogue.h"
#include "uldrv/class/catalogue.stub.h"
#include "uldrv/class/devdb.stub.h"
#include "userland/rt/log.h"
#include "userland/rt/notice.h"

#define WAIT_LEAST UINT64_C(100000000) /* Nanoseconds. */
#define WAIT_MOST  UINT64_C(5000000000)

void
line_begin(struct line *l, sink_for find)
{
	memset(l, 0, sizeof(*l));
	l->wait = WAIT_LEAST;
	l->find = find;
}

static void
ask_again(struct line *l)
{
	uint64_t now = 0;

	ignore_status(clock_now(REG_CLOCK, &now, NULL, NULL));
	if (process_make_notice(REG_PROCESS, BIT_ALARM, REG_T0) == RC_OK)
		ignore_status(clock_alarm(REG_CLOCK, now + l->wait, REG_T0));
	l->wait = l->wait < WAIT_MOST / 2 ? 2 * l->wait : WAIT_MOST;
}

/*
 * Once of each instance; the server's `dev` shows it. If that knows another one
 * by now nothing is wrong.
 */
static void
accuse(struct line *l, uint32_t instance, const char *of)
{
	if (l->told == instance)
		return;
	l->told = instance;
	if (devdb_accuse(REG_LINE, 0, 0, instance, REG_MINE) == RC_STATE)
		return;
	log_printf("push: the driver of " PACKAGES_LINE
		   ", instance %u, %s; it is left alone until it is "
		   "restarted\n",
	    instance, of);
}

static void
broken(struct line *l)
{
	watch_broken(&l->watch);
	accuse(l, l->watch.generation, "broke its ring");
}

static enum status
put(size_t offset, const void *bytes, size_t length)
{
	return page_write(REG_RING, offset, bytes, length);
}

static bool
read_ring(struct line *l)
{
	size_t n = 0;

	return page_read(REG_RING, 0, PAGE_SIZE, &l->copy, sizeof(l->copy),
		   &n) == RC_OK &&
	    n == sizeof(l->copy);
}

/* Begins both rings anew; the generation comes last (uldrv/class/block.h). */
static enum status
begin_rings(struct line *l, uint32_t generation)
{
	static const struct ring_shared zero;
	const uint32_t                  want = 1;
	enum status                     st;

	ring_begin(&l->input, &l->copy.input, CHAR_INPUT);
	ring_begin(&l->output, &l->copy.output, CHAR_OUTPUT);
	st = put(offsetof(struct char_ring, input), &zero, sizeof(zero));
	if (st == RC_OK)
		st = put(
		    offsetof(struct char_ring, output), &zero, sizeof(zero));
	if (st == RC_OK)
		st = put(offsetof(struct char_ring, input.waiting), &want,
		    sizeof(want));
	if (st == RC_OK)
		st = put(offsetof(struct char_ring, client_generation),
		    &generation, sizeof(generation));
	return st;
}

/* Once and for all: a handle is good over every restart. */
static enum status
open_line(struct line *l)
{
	enum status st = RC_OK;

	if (!l->opened)
		st = catalogue_open(REG_CATALOGUE, PACKAGES_LINE,
		    strlen(PACKAGES_LINE), REG_LINE);
	l->opened = st == RC_OK;
	return st;
}

/* The ring of the instance that the server has named is there. */
static bool
join(struct line *l, uint32_t generation)
{
	if (!read_ring(l))
		return false;
	if (!watch_join(&l->watch, l->copy.generation, generation)) {
		accuse(l, generation, "shows another instance in its ring");
		return false;
	}
	if (begin_rings(l, generation) != RC_OK) {
		watch_forget(&l->watch);
		return false;
	}
	l->wait = WAIT_LEAST;
	/* What was half received came over another line. */
	memset(&l->receiver, 0, sizeof(l->receiver));
	notice_set(REG_DOORBELL);
	return true;
}

static bool
connect(struct line *l)
{
	uint64_t    generation = 0;
	enum status st;

	st = process_make_notice(REG_PROCESS, BIT_DOORBELL, REG_MINE);
	if (st == RC_OK)
		st = open_line(l);
	if (st == RC_OK)
		st = devdb_connect(REG_LINE, 0, 0, REG_MINE, REG_RING,
		    REG_DOORBELL, &generation);
	if (st == RC_OK && join(l, (uint32_t)generation))
		return true;
	watch_put_off(&l->watch);
	ask_again(l);
	return false;
}

/* The answer into the output ring; if there is no room it is lost. */
static void
reply(struct line *l)
{
	uint8_t     bytes[FRAME_MOST];
	size_t      n = frame_write(&l->receiver.answer, bytes);
	uint32_t    space = 0, at, first;
	enum status st = ring_space(&l->output, &space);

	if (st != RC_OK)
		broken(l);
	if (st != RC_OK || space < n)
		return;
	at = ring_place(&l->output, 0);
	first = CHAR_OUTPUT - at < n ? CHAR_OUTPUT - at : (uint32_t)n;
	st = put(offsetof(struct char_ring, out) + at, bytes, first);
	if (st == RC_OK && first < n)
		st = put(
		    offsetof(struct char_ring, out), bytes + first, n - first);
	l->output.own += (uint32_t)n;
	if (st == RC_OK)
		st = put(offsetof(struct char_ring, output.head),
		    &l->output.own, sizeof(l->output.own));
	if (st == RC_OK)
		notice_set(REG_DOORBELL);
}

/* Of a copy that is the instance's; false if there was nothing. */
static bool
take(struct line *l)
{
	uint32_t ready = 0;

	if (ring_ready(&l->input, &ready) != RC_OK) {
		broken(l);
		return false;
	}
	for (uint32_t i = 0; i < ready; i++)
		if (receive_byte(&l->receiver,
			l->copy.in[ring_place(&l->input, i)], l->find))
			reply(l);
	l->input.own += ready;
	return ready != 0 &&
	    put(offsetof(struct char_ring, input.tail), &l->input.own,
		sizeof(l->input.own)) == RC_OK;
}

void
line_look(struct line *l, bool waited)
{
	bool asked = false;

	if (waited)
		watch_again(&l->watch);
	for (;;) {
		if (watch_knows(&l->watch) && !read_ring(l)) {
			l->watch = (struct ring_watch){0};
			l->told = 0;
		}
		if (watch_stale(&l->watch, l->copy.generation)) {
			if (asked || !connect(l))
				break;
			asked = true;
		} else if (!l->watch.connected || !take(l)) {
			return;
		}
	}
	if (!l->watch.later) {
		watch_put_off(&l->watch);
		ask_again(l);
	}
}
