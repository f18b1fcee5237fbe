/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The second serial line: what is sent from outside comes in here, and is
 * handed to the catalogue, or to the domain of programs. It believes nothing
 * it reads, and holds nothing but a handle to the line (S6) and the right to
 * hand things in.
 *
 * This domain is persistent and the line's ring is not. So the ring is not
 * mapped but read and written by its page capability, which answers
 * RC_RESTARTED in the next boot where a mapping would fault (D7).
 */
#include <string.h>

#include "kernel/abi/clock.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/process.stub.h"
#include "uldrv/class/catalogue.h"
#include "uldrv/class/catalogue.stub.h"
#include "uldrv/class/char.h"
#include "uldrv/class/devdb.stub.h"
#include "userland/push/receive.h"
#include "userland/rt/exit.h"
#include "userland/rt/idl/programs.stub.h"
#include "userland/rt/log.h"
#include "userland/rt/notice.h"
#include "userland/rt/registers.h"
#include "userland/rt/server.h"

enum {
	REG_LINE = REG_OWN, /* The handle. */
	REG_CATALOGUE = REG_OWN + 1,
	REG_RING = REG_OWN + 2,     /* The page. */
	REG_DOORBELL = REG_OWN + 3, /* The driver's. */
	REG_MINE = REG_NODE,        /* Our own doorbell; no node is given. */
	REG_PROGRAMS = REG_BANK,    /* No bank is given either. */
	BIT_DOORBELL = 0,
	BIT_ALARM = 1,
};

#define AGAIN_LEAST UINT64_C(100000000) /* Nanoseconds: asking for the line. \
	                                 */
#define AGAIN_MOST  UINT64_C(5000000000)

static struct line {
	bool             opened;
	bool             connected;
	uint32_t         generation;
	uint64_t         again;
	struct ring_end  input, output;
	struct char_ring copy; /* What the page held when it was read. */
} line;

static struct receiver receiver;

/* ------------------------------------------------------------- the sinks */

/* What the other said of it: a sentence, and a status of its own. */
static enum status
answer_of(enum status st, uint64_t result, size_t n, char *text)
{
	text[n < RECEIVE_TEXT ? n : RECEIVE_TEXT - 1] = '\0';
	return st == RC_OK && result <= RC_KERNEL_LAST ? (enum status)result
						       : st;
}

static enum status
driver_data(uint32_t offset, const void *bytes, size_t length)
{
	return catalogue_stage(REG_CATALOGUE, offset, bytes, length);
}

static enum status
driver_end(const struct frame_begin *what, char *text)
{
	uint64_t    result = RC_OK;
	size_t      n = 0;
	enum status st = catalogue_receive(REG_CATALOGUE, what->bytes,
	    what->crc, text, RECEIVE_TEXT - 1, &n, &result);

	return answer_of(st, result, n, text);
}

static enum status
program_data(uint32_t offset, const void *bytes, size_t length)
{
	return programs_stage(REG_PROGRAMS, offset, bytes, length);
}

static enum status
program_end(const struct frame_begin *what, char *text)
{
	uint64_t    result = RC_OK;
	size_t      n = 0;
	enum status st = programs_receive(REG_PROGRAMS, what->bytes, what->crc,
	    what->name, strlen(what->name), text, RECEIVE_TEXT - 1, &n,
	    &result);

	return answer_of(st, result, n, text);
}

static const struct sink *
find_sink(uint32_t kind)
{
	static const struct sink driver = {driver_data, driver_end};
	static const struct sink program = {program_data, program_end};

	return kind == FRAME_DRIVER ? &driver
	    : kind == FRAME_PROGRAM  ? &program
				     : NULL;
}

/* -------------------------------------------------------------- the line */

static void
ask_again(void)
{
	uint64_t now = 0;

	line.connected = false;
	ignore_status(clock_now(REG_CLOCK, &now, NULL, NULL));
	if (process_make_notice(REG_PROCESS, BIT_ALARM, REG_T0) == RC_OK)
		ignore_status(clock_alarm(REG_CLOCK, now + line.again, REG_T0));
	line.again = line.again < AGAIN_MOST / 2 ? 2 * line.again : AGAIN_MOST;
}

static enum status
put(size_t offset, const void *bytes, size_t length)
{
	return page_write(REG_RING, offset, bytes, length);
}

/* Begins both rings anew; the generation comes last (uldrv/class/block.h). */
static enum status
attach(uint32_t generation)
{
	static const struct ring_shared zero;
	const uint32_t                  want = 1;
	enum status                     st;

	ring_begin(&line.input, &line.copy.input, CHAR_INPUT);
	ring_begin(&line.output, &line.copy.output, CHAR_OUTPUT);
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
open_line(void)
{
	enum status st = RC_OK;

	if (!line.opened)
		st = catalogue_open(REG_CATALOGUE, PACKAGES_LINE,
		    strlen(PACKAGES_LINE), REG_LINE);
	line.opened = st == RC_OK;
	return st;
}

static void
connect(void)
{
	uint64_t    generation = 0;
	enum status st;

	st = process_make_notice(REG_PROCESS, BIT_DOORBELL, REG_MINE);
	if (st == RC_OK)
		st = open_line();
	if (st == RC_OK)
		st = devdb_connect(REG_LINE, 0, 0, REG_MINE, REG_RING,
		    REG_DOORBELL, &generation);
	if (st == RC_OK)
		st = attach((uint32_t)generation);
	if (st != RC_OK) {
		ask_again();
		return;
	}
	line.generation = (uint32_t)generation;
	line.connected = true;
	line.again = AGAIN_LEAST;
	/* What was half received came over another line. */
	memset(&receiver, 0, sizeof(receiver));
	notice_set(REG_DOORBELL);
}

/* The answer into the output ring; if there is no room it is lost. */
static void
reply(void)
{
	uint8_t     bytes[FRAME_MOST];
	size_t      n = frame_write(&receiver.answer, bytes);
	uint32_t    space = 0, at, first;
	enum status st = ring_space(&line.output, &space);

	if (st != RC_OK || space < n)
		return;
	at = ring_place(&line.output, 0);
	first = CHAR_OUTPUT - at < n ? CHAR_OUTPUT - at : (uint32_t)n;
	st = put(offsetof(struct char_ring, out) + at, bytes, first);
	if (st == RC_OK && first < n)
		st = put(
		    offsetof(struct char_ring, out), bytes + first, n - first);
	line.output.own += (uint32_t)n;
	if (st == RC_OK)
		st = put(offsetof(struct char_ring, output.head),
		    &line.output.own, sizeof(line.output.own));
	if (st == RC_OK)
		notice_set(REG_DOORBELL);
}

/* Takes what has come in; false if nothing had. */
static bool
pump(void)
{
	uint32_t    ready = 0;
	size_t      n = 0;
	enum status st;

	if (page_read(REG_RING, 0, PAGE_SIZE, &line.copy, sizeof(line.copy),
		&n) != RC_OK ||
	    n != sizeof(line.copy) || line.copy.generation != line.generation) {
		connect();
		return false;
	}
	st = ring_ready(&line.input, &ready);
	if (st != RC_OK) {
		log_printf("push: the driver broke the ring\n");
		connect();
		return false;
	}
	for (uint32_t i = 0; i < ready; i++)
		if (receive_byte(&receiver,
			line.copy.in[ring_place(&line.input, i)], find_sink))
			reply();
	line.input.own += ready;
	if (ready != 0 &&
	    put(offsetof(struct char_ring, input.tail), &line.input.own,
		sizeof(line.input.own)) != RC_OK)
		connect();
	return ready != 0 && line.connected;
}

int main(void);

int
main(void)
{
	static const struct server sv = {0};
	struct request             rq;

	line.again = AGAIN_LEAST;
	connect();
	for (;;) {
		server_wait(&sv, &rq);
		while (rq.source == FROM_CALL) {
			/* Nobody holds a start capability to this domain. */
			rq.status = RC_ORDER;
			server_next(&sv, &rq);
		}
		if (!line.connected)
			connect();
		while (line.connected && pump())
			;
	}
}
