/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Outside waiters and parcels.
 */
#include "kernel/object/outside.h"
#include "kernel/object/cpu.h"

/* A restart answers what was asked of a domain that is no more (S3). */
static enum status
answer_restarted(struct process *p, struct activity *a)
{
	struct message m = {.source = FROM_REPLY};
	enum status    st;

	m.word[0] = RC_RESTARTED;
	st        = message_prepare(&m, p, NULL);
	if (st != RC_OK)
		return st;
	a->flags &= (uint8_t)~AF_RESTART;
	if (p->state->state != PS_WAITING)
		return RC_OK; /* It was started by somebody meanwhile. */
	message_deliver(&m, p);
	p->state->state = PS_RUNNING;
	return RC_OK;
}

enum status
outside_deliver(struct process *p, struct activity *a)
{
	if (a->flags & AF_RESTART)
		return answer_restarted(p, a);
	return RC_OK;
}
