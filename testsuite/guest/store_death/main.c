/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * S11: a domain that becomes the store, by binding the pager, and faults. The
 * kernel must reset the machine then, and not before.
 */
#include <string.h>

#include "kernel/abi/cache.stub.h"
#include "kernel/abi/log.stub.h"
#include "kernel/abi/pager.h"
#include "kernel/abi/process.stub.h"

/* As system.dts fills them. */
enum { R_LOG = 1, R_SELF, R_CACHE, R_RING, R_BELL };

static void
say(const char *line)
{
	ignore_status(log_write(R_LOG, line, strlen(line)));
}

int
main(void)
{
	if (process_make_notice(R_SELF, 0, R_BELL) != RC_OK ||
	    cache_bind(R_CACHE, PAGER_PAGES, R_RING, R_BELL) != RC_OK)
		say("store death: cannot bind\n");
	else
		say("store death: bound\n");
	__builtin_trap();
}
