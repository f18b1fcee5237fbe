/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stands in for devdb: no driver of anything is there, but for disk 0, whose
 * driver is never up. So who asks for that one waits.
 */
#include "uldrv/class/devdb.order.h"
#include "userland/rt/server.h"

int
main(void)
{
	static uint8_t      received[64];
	const struct server sv = {
	    .receive = received, .receive_limit = sizeof(received)};
	struct request rq;

	server_wait(&sv, &rq);
	for (;;) {
		rq.status = rq.word[0] == DEVDB_DISK_OPEN && rq.word[1] == 0
		    ? RC_STATE
		    : RC_NOT_FOUND;
		server_next(&sv, &rq);
	}
}
