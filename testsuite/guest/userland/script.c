/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stands in for the console, for a system that has no serial driver: what a
 * shell writes goes to the log, which debug builds copy to port 0xe9; what it
 * reads comes from a script, mapped by system.dts, one line for each read. A
 * line `wait N` is a pause of N milliseconds, and not typed; `until TEXT|LINE`
 * types LINE again and again, until a line that begins with TEXT is shown; `log
 * LINE` waits until somebody has logged this line.
 */
#include <stdlib.h>
#include <string.h>

#include "kernel/abi/clock.stub.h"
#include "kernel/abi/log.stub.h"
#include "kernel/abi/process.stub.h"
#include "userland/rt/idl/console.serve.h"
#include "userland/rt/log.h"
#include "userland/rt/space.h"

enum {
	REG_READER = REG_OWN,
	REG_ALARM = REG_OWN + 1,
	SCRIPT_SLOT = 1,
	REPEAT_MS = 100,
};

static const char *script;
static char        line[LOG_LINE_BYTES];
static size_t      line_bytes;
static bool        reading, pausing;
static const char *awaited; /* What the line `until` waits for, or NULL. */

/* Lines go to the log whole; what controls a terminal is left out. */
static void
show(char c)
{
	static bool escape;

	if (escape) {
		escape = c == '[' || (c >= '0' && c <= '9');
		return;
	}
	escape = c == '\x1b';
	if (escape || c == '\r')
		return;
	if (c != '\n')
		line[line_bytes++] = c;
	if (c == '\n' || line_bytes + 1 == sizeof(line)) {
		line[line_bytes] = 0;
		if (awaited != NULL &&
		    strncmp(line, awaited, strcspn(awaited, "|")) == 0)
			awaited = NULL;
		log_printf("%s\n", line);
		line_bytes = 0;
	}
}

static void
pause_for(uint64_t milliseconds)
{
	uint64_t now = 0;

	ignore_status(clock_now(REG_CLOCK, &now, NULL, NULL));
	ignore_status(
	    clock_alarm(REG_CLOCK, now + milliseconds * 1000000, REG_ALARM));
	pausing = true;
}

static void
type(const char *text, size_t n)
{
	char typed[256];

	if (n > sizeof(typed) - 1)
		n = sizeof(typed) - 1;
	memcpy(typed, text, n);
	typed[n] = '\r';
	reading = false;
	server_answer(REG_READER, RC_OK, NULL, typed, n + 1, REG_VOID);
}

/* The line `until`: false when what it waits for has been shown. */
static bool
repeat(const char *text, size_t n)
{
	static const char *begun;
	size_t             awaits = strcspn(text, "|") + 1;

	if (begun == text && awaited == NULL)
		return false;
	if (begun == text) /* Not the first time. */
		pause_for(REPEAT_MS);
	begun = awaited = text;
	if (awaits < n)
		type(text + awaits, n - awaits);
	return true;
}

/* Has this line been logged, by anybody? What was looked at is not again. */
static bool
logged(const char *text, size_t n)
{
	static uint64_t position;
	static char     last[LOG_LINE_BYTES];
	static size_t   bytes;
	static char     piece[4096]; /* As much as it gives at once. */
	size_t          got = 0;
	bool            found = false;

	while (!found &&
	    log_read(REG_LOG, position, piece, sizeof(piece), &got,
		&position) == RC_OK &&
	    got > 0)
		for (size_t i = 0; i < got; i++) {
			if (piece[i] == '\n') {
				found |= bytes == n &&
				    memcmp(last, text, n) == 0;
				bytes = 0;
			} else if (bytes < sizeof(last)) {
				last[bytes++] = piece[i];
			}
		}
	return found;
}

/* Give the reader the next line, if there is one and no pause. */
static void
go_on(void)
{
	size_t n;

	while (reading && !pausing && *script != 0) {
		n = strcspn(script, "\n");
		if (strncmp(script, "until ", 6) == 0) {
			if (repeat(script + 6, n - 6))
				continue;
		} else if (strncmp(script, "wait ", 5) == 0) {
			pause_for(strtoull(script + 5, NULL, 10));
		} else if (strncmp(script, "log ", 4) == 0) {
			if (!logged(script + 4, n - 4)) {
				pause_for(REPEAT_MS);
				continue;
			}
		} else {
			type(script, n);
		}
		script += n + (script[n] != 0);
	}
}

enum status
console_do_open(struct request *rq)
{
	(void)rq;
	return RC_OK;
}

enum status
console_do_write(struct request *rq)
{
	const char *text = rq->string;

	for (size_t i = 0; i < rq->string_bytes; i++)
		show(text[i]);
	return RC_OK;
}

enum status
console_do_read(struct request *rq)
{
	reading = true;
	return request_keep(rq, REG_READER);
}

enum status
console_do_state(struct request *rq, uint64_t *connected, uint64_t *lost)
{
	(void)rq;
	*connected = 1;
	*lost = 0;
	return RC_OK;
}

int
main(void)
{
	static uint8_t      received[1024];
	const struct server sv = {
	    .receive = received,
	    .receive_limit = sizeof(received),
	};
	struct request rq;

	script = space_address(SCRIPT_SLOT);
	if (process_make_notice(REG_PROCESS, 0, REG_ALARM) != RC_OK)
		log_printf("script: no notice\n");
	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_CALL)
			rq.status = console_serve(&rq);
		else
			pausing = false;
		go_on();
		server_next(&sv, &rq);
	}
}
