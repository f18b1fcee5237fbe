/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Times that are waited for: a heap, the earliest first. Pure code.
 *
 * Invariants (times_ok):
 *  1. heap[0] to heap[count - 1] name entries in use, each once; no entry is
 *     due before the one above it, heap[(i - 1) / 2]. at[] is the inverse.
 *  2. The other entries are heap[count] to heap[TIMES - 1].
 */
#ifndef USERLAND_TIMER_TIMES_H
#define USERLAND_TIMER_TIMES_H

#include "kernel/abi/status.h"
#include "kernel/abi/types.h"

enum {
	TIMES = 1024,
};

struct time_entry {
	uint64_t due;    /* Nanoseconds of running. */
	uint64_t period; /* 0: once. */
	bool     notice; /* What is to be told: a notice, or who sleeps. */
	uint8_t  bit;    /* Of a notice: it is found by that. */
};

struct times {
	unsigned          count;
	uint16_t          heap[TIMES], at[TIMES];
	struct time_entry entry[TIMES];
};

void times_init(struct times *t);

/* The number that an added entry will have. RC_LIMIT: there is no room. */
enum status times_room(const struct times *t, unsigned *number) must_check;

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
