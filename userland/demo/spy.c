/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program that was written to give away what it is told. Whether it can
 * depends on what its constructor gives to it, and on nothing in here.
 *
 * It answers its requestor: what a requestor tells to itself is no leak. Its
 * bank, its process and its own pages are the requestor's, too.
 */
#include <string.h>

#include "userland/demo/leak.h"
#include "userland/rt/idl/spy.serve.h"
#include "userland/rt/server.h"

static const capreg given[] = {REG_LOG, REG_CLOCK, REG_DISCRIM, REG_NODE,
    REG_OWN, REG_OWN + 1, REG_OWN + 2};

enum status
spy_do_tell(
    struct request *rq, uint64_t *found, uint64_t *tried, uint64_t *accepted)
{
	/* What is tried takes registers; the answer is kept meanwhile. */
	static struct leak l;

	l = (struct leak){0};
	memcpy(l.secret, rq->string, rq->string_bytes);
	l.secret[sizeof(l.secret) - 1] = 0;
	for (unsigned i = 0; i < sizeof(given) / sizeof(given[0]); i++)
		leak_through(&l, given[i]);
	*found = l.found;
	*tried = l.tried;
	*accepted = l.accepted;
	return RC_OK;
}

int
main(void)
{
	static char         secret[LEAK_SECRET];
	const struct server sv = {
	    .receive = secret,
	    .receive_limit = sizeof(secret),
	};
	struct request rq;

	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_CALL)
			rq.status = spy_serve(&rq);
		server_next(&sv, &rq);
	}
}
