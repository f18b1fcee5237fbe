/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The second serial line: what is sent from outside comes in here, and is
 * handed to the catalogue, or to the domain of programs. It believes nothing
 * it reads, and holds nothing but a handle to the line (S6) and the right to
 * hand things in.
 */
#include <string.h>

#include "uldrv/class/catalogue.stub.h"
#include "userland/push/line.h"
#include "userland/rt/idl/programs.stub.h"
#include "userland/rt/server.h"

enum { REG_PROGRAMS = REG_BANK }; /* No bank is given. */

static struct line line;

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

/* A restart of the machine forgets alarms (S3). */
static bool
has_waited(const struct request *rq)
{
	return (rq->word[1] >> BIT_ALARM & 1) != 0 ||
	    (rq->word[1] >> NOTICE_BIT_RESTARTED & 1) != 0;
}

int main(void);

int
main(void)
{
	static const struct server sv = {0};
	struct request             rq;

	line_begin(&line, find_sink);
	line_look(&line, true);
	server_wait(&sv, &rq);
	for (;;) {
		/* Nobody holds a start capability to this domain. */
		if (rq.source == FROM_CALL)
			rq.status = RC_ORDER;
		else
			line_look(&line, has_waited(&rq));
		server_next(&sv, &rq);
	}
}
