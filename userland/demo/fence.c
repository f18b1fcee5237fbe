/* SPDX-License-Identifier: BSD-2-Clause */
/* The accomplice of a spy: listens. */
#include "userland/rt/idl/fence.serve.h"

enum {
	DATA_LISTEN = 1,
};

static uint64_t count, last;

enum status
fence_do_heard(struct request *rq, uint64_t *how_many, uint64_t *word)
{
	(void)rq;
	*how_many = count;
	*word = last;
	return RC_OK;
}

int
main(void)
{
	const struct server sv = {0};
	struct request      rq;

	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_CALL && rq.data != DATA_LISTEN) {
			rq.status = fence_serve(&rq);
		} else {
			count++;
			last = rq.word[0];
		}
		server_next(&sv, &rq);
	}
}
