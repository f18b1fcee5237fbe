/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Times that are waited for: a heap, the earliest first. Pure code.
 *
 * Invariants (times_ok):
 *  1. heap[0] to heap[count - 1] name entries in use, each once; no entry is
 *     due before the one above it, heap[(i - 1) / 2]. at[] is the inverse.
 *  2. The other entries are heap[count] to heap[TIMES - 1].
 *  3. held[] counts the entries in use by client. Nobody holds more than
 *     TIMES_MOST; and what all hold above their shares is so little that each
 *     can always have its share, whether it is there yet or not.
 */
#ifndef USERLAND_TIMER_TIMES_H
#define USERLAND_TIMER_TIMES_H

#include "kernel/abi/status.h"
#include "kernel/abi/types.h"

enum {
	TIMES = 1024,
	TIMES_CLIENTS = 33, /* 0: whoever has no handle of his own. */
	TIMES_SHARE = 16,
	TIMES_MOST = 256,
	TIMES_COMMON = TIMES - (int)TIMES_CLIENTS * (int)TIMES_SHARE,
};

struct time_entry {
	uint64_t due;    /* Nanoseconds of running. */
	uint64_t period; /* 0: once. */
	bool     notice; /* What is to be told: a notice, or who sleeps. */
	uint8_t  bit;    /* Of a notice: it is found by that. */
	uint8_t  client;
};

struct times {
	unsigned          count;
	uint16_t          heap[TIMES], at[TIMES];
	struct time_entry entry[TIMES];
	uint16_t          held[TIMES_CLIENTS];
};

void times_init(struct times *t);

/*
 * The number that an added entry of this client will have. RC_LIMIT: it holds
 * as many as it can have.
 */
enum status times_room(
    const struct times *t, unsigned client, unsigned *number) must_check;

void times_add(struct times *t, const struct time_entry *e);
void times_remove(struct times *t, unsigned number);

/* The earliest; false: nobody waits. */
bool times_first(const struct times *t, unsigned *number, uint64_t *due);

/* An entry with a period has been told: due again after now. */
void times_again(struct times *t, unsigned number, uint64_t now);

static inline bool
times_uses(const struct times *t, unsigned number)
{
	return number < TIMES && t->at[number] < t->count;
}

bool times_ok(const struct times *t);

#endif
