/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/rt/wait.h"

#include "kernel/abi/clock.stub.h"
#include "kernel/abi/process.stub.h"
#include "userland/rt/server.h"

bool
wait_for(uint64_t nanoseconds)
{
	const struct server sv = {0};
	struct request      rq;
	uint64_t            start, now;

	if (process_make_notice(REG_PROCESS, WAIT_BIT, REG_RT) != RC_OK ||
	    clock_now(REG_CLOCK, &start, NULL, NULL) != RC_OK ||
	    clock_alarm(REG_CLOCK, start + nanoseconds, REG_RT) != RC_OK)
		return false;
	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_NOTICE) {
			if ((rq.word[1] >> NOTICE_BIT_RESTARTED & 1) != 0 ||
			    clock_now(REG_CLOCK, &now, NULL, NULL) != RC_OK)
				return false;
			if (now - start >= nanoseconds)
				return true;
		}
		rq.status = RC_BUSY;
		server_next(&sv, &rq);
	}
}
