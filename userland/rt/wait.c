/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/rt/wait.h"

#include "kernel/abi/clock.stub.h"
#include "kernel/abi/process.stub.h"
#include "userland/rt/server.h"

enum wait_end
wait_rung(uint64_t bits, uint64_t deadline)
{
	const struct server sv = {0};
	struct request      rq;
	uint64_t            now;

	if (process_make_notice(REG_PROCESS, WAIT_BIT, REG_RT) != RC_OK ||
	    clock_alarm(REG_CLOCK, deadline, REG_RT) != RC_OK)
		return WAIT_LOST;
	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_NOTICE) {
			if ((rq.word[1] >> NOTICE_BIT_RESTARTED & 1) != 0 ||
			    clock_now(REG_CLOCK, &now, NULL, NULL) != RC_OK)
				return WAIT_LOST;
			if ((rq.word[1] & bits) != 0)
				return WAIT_RUNG;
			if (now >= deadline)
				return WAIT_OVER;
		}
		rq.status = RC_BUSY;
		server_next(&sv, &rq);
	}
}

bool
wait_for(uint64_t nanoseconds)
{
	uint64_t now;

	return clock_now(REG_CLOCK, &now, NULL, NULL) == RC_OK &&
	    wait_rung(0, now + nanoseconds) == WAIT_OVER;
}
