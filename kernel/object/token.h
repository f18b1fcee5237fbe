/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The progress token (S12): whoever was made to wait TOKEN_RETRIES times in
 * one invocation gets it, if nobody has it. What it looks at from then on stays
 * in memory until the invocation is over, so that two long strings in a small
 * cache cannot evict each other for ever.
 *
 * A frame is marked with the number of the kernel entry that held it last.
 * From the time the holder is dispatched until somebody else is, numbers stand
 * still at that with which it got the token; that is mem.token, and what has it
 * is not evicted. Numbers come again by that, and a frame that nobody holds may
 * look held for one entry.
 *
 * The token is given up, at the latest when somebody else is dispatched, once
 * its holder's invocation is over (retries is 0 again), or the holder is gone,
 * or stopped. While it waits for a process it does not keep it: that one may
 * need the memory.
 */
#ifndef KERNEL_OBJECT_TOKEN_H
#define KERNEL_OBJECT_TOKEN_H

#include "kernel/mem/frame.h"
#include "kernel/sched/activity.h"

enum { TOKEN_RETRIES = 8 };

void token_enter_slow(const struct activity *a);

/*
 * a is dispatched: as the holder, if it is that or may become it.
 */
static inline void
token_enter(const struct activity *a)
{
	if (a->retries != 0 || mem.token != TOKEN_NONE)
		token_enter_slow(a);
}

/* A wait of a, which is queued, counts as a retry only in an invocation. */
void token_waits(struct activity *a, bool invokes, uint8_t retries);

#endif
