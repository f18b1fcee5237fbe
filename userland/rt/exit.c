/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/rt/exit.h"

#include "userland/rt/log.h"
#include "userland/rt/server.h"

void
ant_exit(void)
{
	const struct server sv = {0};
	struct request      rq;

	server_wait(&sv, &rq);
	for (;;) {
		rq.status = RC_STATE;
		server_next(&sv, &rq);
	}
}

void
ant_panic(const char *file, int line, const char *what)
{
	log_printf("%s:%d: %s\n", file, line, what);
	__builtin_trap();
}
