/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What both wardens share: the building and watching of workers.
 *
 *     devices.c   in the boot range: devices, and no store
 *     store.c     persistent: banks, paging, checkpoints, restarts
 *
 * A warden's memory is out of the workers' reach, and it runs before all of
 * them; so if it does not end in time, or something panics, the kernel is at
 * fault.
 */
#ifndef TESTSUITE_FUZZ_DOMAIN_WARDEN_H
#define TESTSUITE_FUZZ_DOMAIN_WARDEN_H

#include "testsuite/fuzz/domain/fuzz.h"

/* As the .dts files fill them; from R_FREE on they are the warden's own. */
enum warden_register {
	R_LOG = 1,
	R_OBJECTS, /* A range, or a bank. */
	R_CLOCK,
	R_SELF,
	R_DISCRIM,
	R_EXTRA,
	R_FREE,
	ARENA = R_FREE, /* Of the worker in hand. */
	ROOT,
	NODE,
	PAGE,
	BAG,
	PROCESS,
	ALARM,
	TABLE, /* Slot w: process of worker w; 8 + w: its page that counts. */
	RESUME,
};

enum extra_slot {
	X_SEED,
	X_COUNT, /* Of the workers' invocations, in all. */
	X_KINFO,
	X_SCHEDULE,
	X_BAG, /* What goes into each worker's bag. */
	X_OWN, /* From here on the warden's own. */
};

enum {
	TABLE_COUNTS = 8,
	TABLE_OWN = 16, /* From here on the warden's own. */
	TICK_NS = 5000000,
};

struct warden {
	uint64_t seed, rebuilds, faults;
	uint64_t invocations;     /* Of all workers, ever. */
	uint64_t counted[WORKERS]; /* What its page said last. */
	unsigned hurt[WORKERS];   /* Faults since it was built. */
	unsigned waits[WORKERS];  /* Ticks at which it has not run. */
	uint64_t starts[WORKERS]; /* How often it was started. */
	unsigned patience;        /* So many are allowed. */
};
extern struct warden warden;

/* --- Of the program ------------------------------------------------------- */

/* One line, with its end. */
void say(const char *line);

/* Make all objects of a worker void, and ARENA its part of the range. */
bool arena_again(unsigned w);

/* Something of its own; false: there is no more, or it has spoilt its bank. */
bool new_page(unsigned w, capreg to);
bool new_node(unsigned w, capreg to);

/* More than every worker has. PROCESS is not started yet. */
void give_more(unsigned w);

/* --- Of build.c ----------------------------------------------------------- */

/* What is not RC_OK here is an error, and said. */
void must(enum status st, const char *what);
#define MUST(e) must((e), #e)

void     extra(unsigned slot, capreg to);
uint64_t number(unsigned slot); /* Uses NODE. */
uint64_t now_ns(void);

void give(unsigned slot, capreg cap); /* Into PROCESS. */

/* Whatever it was and had is gone; then it is there again. */
void rebuild(unsigned w);

/*
 * Add up what it has counted since. It can write anything into its page: then
 * it counts from there.
 */
void count_up(unsigned w);

/* A fault of a worker: it is tried a few times. */
void fault(unsigned w);

/*
 * Is it dead, faulted, or does it wait for what may never come? Then it starts
 * again. Counts it up.
 */
void look_after(unsigned w);

/* The next tick comes as a notice. */
void set_alarm(void);

#endif
