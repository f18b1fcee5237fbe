/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keeps the store from running, which is not a fault, until the log says that
 * it does not answer. It stands where the shell's `disk` asks, which therefore
 * hears that there is none.
 *
 * The store loses its schedule, and has the lowest priority then; we are right
 * above it and busy, so that everybody else goes on.
 */
#include <string.h>

#include "kernel/abi/log.stub.h"
#include "kernel/abi/process.h"
#include "kernel/abi/process.stub.h"
#include "userland/rt/log.h"
#include "userland/rt/server.h"

enum { REG_STORE = REG_OWN, REG_SCHEDULE = REG_OWN + 1 };

/* Looks at what the log has got since, again and again. */
static void
stay_until(const char *text)
{
	static char read[4096 + 1];
	uint64_t    position = 0, next = 0;
	size_t      n = 0;

	for (;;) {
		if (log_read(REG_LOG, position, read, sizeof(read) - 1, &n,
			&next) != RC_OK)
			return;
		read[n] = '\0';
		if (strstr(read, text) != NULL)
			return;
		/* A line may be there in part: not so when it is all there. */
		if (strrchr(read, '\n') != NULL)
			position = next -
			    strlen(strrchr(read, '\n') + 1);
	}
}

static void
silence(void)
{
	enum status st = process_swap(
	    REG_STORE, SLOT_SCHEDULE, REG_VOID, REG_SCHEDULE);

	log_printf("storestop: the store does not run, status %u\n",
	    (unsigned)st);
	stay_until("the store has not answered");
	st = process_swap(REG_STORE, SLOT_SCHEDULE, REG_SCHEDULE, REG_VOID);
	log_printf("storestop: it does again, status %u\n", (unsigned)st);
}

int main(void);

int
main(void)
{
	static const struct server sv = {0};
	struct request             rq;

	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_CALL) {
			server_answer(
			    REG_RESUME, RC_NOT_FOUND, NULL, NULL, 0, REG_VOID);
			rq.kept = true;
			silence();
		}
		server_next(&sv, &rq);
	}
}
