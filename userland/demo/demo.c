/* SPDX-License-Identifier: BSD-2-Clause */
/* The demonstrations' own domain: the shell asks, and prints the report. */
#include "userland/demo/demo.h"

#include <stdarg.h>
#include <stdio.h>

#include "userland/rt/idl/demo.serve.h"

static char   text[2048];
static size_t used;

void
report(const char *format, ...)
{
	va_list list;
	int     n;

	va_start(list, format);
	n = vsnprintf(text + used, sizeof(text) - used, format, list);
	va_end(list);
	if (n > 0)
		used += (size_t)n;
	if (used >= sizeof(text))
		used = sizeof(text) - 1;
}

static enum status
run(struct request *rq, bool (*demo)(void), uint64_t *shown)
{
	used = 0;
	*shown = demo();
	rq->out_bytes = used < rq->out_limit ? used : rq->out_limit;
	return RC_OK;
}

enum status
demo_do_confine(struct request *rq, uint64_t *shown)
{
	return run(rq, show_confine, shown);
}

enum status
demo_do_deputy(struct request *rq, uint64_t *shown)
{
	return run(rq, show_deputy, shown);
}

enum status
demo_do_linux(struct request *rq, uint64_t *shown)
{
	return run(rq, show_linux, shown);
}

int
main(void)
{
	const struct server sv = {
	    .reply = text,
	    .reply_bytes = sizeof(text),
	};
	struct request rq;

	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_CALL)
			rq.status = demo_serve(&rq);
		server_next(&sv, &rq);
	}
}
