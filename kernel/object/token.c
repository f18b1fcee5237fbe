/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The progress token (S12).
 */
#include "kernel/object/token.h"

static struct {
	const struct activity *holder; /* While mem.token is not TOKEN_NONE. */
	uint64_t               process;
} token;

/* Is the invocation for which it was given still to be finished? */
static bool
in_use(void)
{
	return token.holder->oid == token.process &&
	    token.holder->retries >= TOKEN_RETRIES &&
	    token.holder->state != KA_RESERVED;
}

void
token_enter_slow(const struct activity *a)
{
	mem.entry += 2 - mem.step; /* Not the holder's any more. */
	mem.step = 2;
	if (mem.token != TOKEN_NONE && !in_use())
		mem.token = TOKEN_NONE;
	if (a->retries < TOKEN_RETRIES)
		return;
	if (mem.token == TOKEN_NONE) {
		token.holder  = a;
		token.process = a->oid;
		mem.token     = mem.entry;
	}
	if (token.holder == a) {
		mem.entry = mem.token;
		mem.step  = 0;
	}
}

/* For what only the store or memory can give, not for another process. */
static bool
for_memory(unsigned wait)
{
	return wait == WAIT_FRAME || wait == WAIT_IO || wait == WAIT_MEMORY ||
	    wait == WAIT_CREDIT;
}

void
token_waits(struct activity *a, bool invokes, uint8_t retries)
{
	if (!for_memory(a->wait))
		a->retries = 0;
	else if (!invokes)
		a->retries = retries;
}
