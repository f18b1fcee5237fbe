/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Between a warden, which builds and watches, and the workers, which invoke
 * at random.
 */
#ifndef TESTSUITE_FUZZ_DOMAIN_FUZZ_H
#define TESTSUITE_FUZZ_DOMAIN_FUZZ_H

#include "kernel/abi/cap.h"
#include "kernel/abi/process.h"
#include "userland/rt/invoke.h"

/* What a worker starts with; it may lose or replace any of it. */
enum worker_register {
	W_RANGE = 1, /* Its part of the arena. */
	W_SELF,
	W_CLOCK,
	W_DISCRIM,
	W_KINFO,
	W_SCHEDULE,
	W_BAG, /* A node with the rest. */
	W_NEXT_START,
	W_NEXT_PROCESS,
	W_BANK, /* Its bank, or void. */
	W_FIRST_FREE,
};

enum {
	WORKERS = 6,
	ARENA_FRAMES = 256, /* Of each worker. */
	WORKER_PRIORITY = 8,

	/*
	 * A worker's address space: the image, read-only in every way; a
	 * segment of 32 pages: stack, scratch, and nothing; and, far away, the
	 * page in which it counts its invocations.
	 */
	SLOT_SHIFT = 27, /* Of the root. */
	STACK_PAGES = 4,
	SCRATCH_PAGES = 24,
	COUNT_SLOT = 31,
};

#define WORKER_BASE    (UINT64_C(1) << SLOT_SHIFT)
#define WORKER_STACK   (WORKER_BASE + STACK_PAGES * PAGE_SIZE)
#define WORKER_SCRATCH WORKER_STACK
#define WORKER_COUNT   ((uint64_t)COUNT_SLOT << SLOT_SHIFT)

/* xorshift64: never 0 if it was not. */
static inline uint64_t
random_next(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return *state = x;
}

/*
 * Invoke for ever. No memory of the image may be written: only the stack, the
 * scratch pages and whatever it has mapped by chance.
 */
_Noreturn void worker(uint64_t seed);

#endif
