/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A pipe without its domain: bytes, and who waits. Pure code.
 *
 * Invariants (pipe_ok):
 *  1. No reader waits while there are bytes, or the writing end has hung up;
 *     no writer waits while there is room, or an end has hung up.
 *  2. Hence readers and writers never wait at the same time.
 */
#ifndef USERLAND_PIPE_PIPE_H
#define USERLAND_PIPE_PIPE_H

#include "kernel/abi/status.h"
#include "kernel/abi/types.h"

enum {
	PIPE_BYTES = 4096,
	PIPE_WAITERS = NODE_SLOTS / 2, /* At each end. */
};

enum pipe_end {
	END_READER,
	END_WRITER,
	END_COUNT,
};

/* Who waits at an end, the first come first. */
struct waiters {
	unsigned first, count;
	size_t   most[PIPE_WAITERS]; /* What a reader wants. */
};

struct pipe {
	unsigned       head, used; /* Bytes in the ring. */
	bool           closed[END_COUNT];
	struct waiters wait[END_COUNT];
	uint8_t        ring[PIPE_BYTES];
};

/* Put bytes in; gives how many there was room for. */
size_t pipe_put(struct pipe *p, const void *bytes, size_t n);

/* Take bytes out; gives how many there were, at most n. */
size_t pipe_take(struct pipe *p, void *bytes, size_t n);

/*
 * Queue someone; *place, one of PIPE_WAITERS of the end, is his as long as he
 * waits. RC_BUSY: the queue is full.
 */
enum status pipe_queue(struct pipe *p, enum pipe_end end, size_t most,
    unsigned *place) must_check;

/* Can the first who waits at an end go on? If so he is, in *place. */
bool pipe_next(const struct pipe *p, enum pipe_end end, unsigned *place,
    size_t *most);

/* He has been told. */
void pipe_served(struct pipe *p, enum pipe_end end);

bool pipe_ok(const struct pipe *p);

#endif
