/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Processor-capacity reserves: a budget of processor time in each period.
 *
 * Processes whose schedule capability names a reserve run, while that has
 * budget, before all others; among reserves the earliest deadline goes first.
 * With no budget left they compete by their plain priority until the next
 * period. So a runaway process takes no more from others than its reserve, and
 * nobody of any priority takes a reserve's budget. The rules are those of the
 * constant bandwidth server (Abeni and Buttazzo, "Integrating Multimedia
 * Applications in Hard Real-Time Systems", RTSS 1998), with a hard limit:
 *
 *  - woken at t with budget q and deadline d: if q > (d - t) B / P, then
 *    d = t + P and q = B; what was not used is not saved up;
 *  - with q = 0 it has no budget until d; then q = B and d = d + P.
 *
 * Invariants (reserve_ok):
 *  1. The sum of all B / P is at most RESERVE_SHARE_MOST: with earliest
 *     deadline first all can have their budgets.
 *  2. left <= budget; a reserve that is not in use has none.
 *  3. At most one runs, which is charged at each reserve_charge.
 *
 * One CPU: with several, each has a table, and a reserve is of one of them.
 */
#ifndef KERNEL_SCHED_RESERVE_H
#define KERNEL_SCHED_RESERVE_H

#include "kernel/core/core.h"

enum {
	PRIORITIES       = 16, /* The plain ones. */
	RESERVES         = 32, /* Number 0 is none. */
	RESERVE_ID_SHIFT = 8,  /* An id is the generation, then the number. */

	RESERVE_SHARE_ONE  = 1 << 20, /* The whole processor. */
	RESERVE_SHARE_MOST = RESERVE_SHARE_ONE / 10 * 9,
};

/* Nanoseconds. Shorter ones would go to the kernel's own work. */
#define RESERVE_PERIOD_LEAST UINT64_C(1000000)
#define RESERVE_PERIOD_MOST  UINT64_C(60000000000)
#define RESERVE_BUDGET_LEAST UINT64_C(50000)

struct reserve {
	uint64_t period, budget; /* Nanoseconds; period 0: not in use. */
	uint64_t deadline;       /* End of the current period. */
	uint64_t left;           /* Of the budget. */
	uint64_t used;           /* Charged, since it was made. */
	uint64_t exhausted;      /* Times that its budget was used up. */
	uint32_t generation;     /* Part of the id: an old one is dead. */
	bool     waits;          /* Has no budget until the deadline. */
};

/* Written by reserve.c alone. */
struct reserves {
	struct reserve table[RESERVES];
	struct link    ready[RESERVES][PRIORITIES]; /* Of activity.c. */
	uint32_t       levels[RESERVES]; /* Bit p: ready at p is not empty. */
	uint32_t       share;   /* Admitted, of RESERVE_SHARE_ONE. */
	unsigned       running; /* Number of the one that is charged, or 0. */
	uint64_t       since;   /* When it was charged last. */
};
extern struct reserves reserves;

/* Is there any? */
static inline bool
reserve_any(void)
{
	return reserves.share != 0;
}

void reserves_init(void);

/*
 * Make one. RC_ARGUMENT: outside the limits above, or budget > period;
 * RC_LIMIT: the processor has not so much left; RC_NO_MEMORY: no number is.
 */
must_check enum status reserve_make(
    uint64_t period, uint64_t budget, uint32_t *id);

/* Give it back; its id is dead from now on. RC_NOT_FOUND: it is. */
must_check enum status reserve_drop(uint32_t id);

/* The number of a living reserve, 1 to RESERVES - 1, or 0. */
unsigned reserve_number(uint32_t id);

/* What has this number, or NULL; and its id. */
const struct reserve *reserve_at(unsigned number);
uint32_t              reserve_id(unsigned number);

/* Is there one of this number, or was there? Then its id is recorded. */
bool reserve_was_used(unsigned number);

/*
 * After a restart: again as it was recorded, with a fresh budget; with period 0
 * only its id, which is not given to another.
 */
must_check enum status reserve_restore(
    uint32_t id, uint64_t period, uint64_t budget);

/* Somebody of it becomes ready, and nobody of it was. */
void reserve_wake(unsigned number, uint64_t now);

/* Its processes that are ready, in order; also when it was dropped since. */
struct link *reserve_queue(unsigned number, unsigned priority);

/* One is not empty any more, or is. */
static inline void
reserve_note_ready(unsigned number, unsigned priority)
{
	if (list_empty(reserve_queue(number, priority)))
		reserves.levels[number] &= ~(UINT32_C(1) << priority);
	else
		reserves.levels[number] |= UINT32_C(1) << priority;
}

/* The priorities at which it has something ready. */
static inline uint32_t
reserve_levels(unsigned number)
{
	return reserves.levels[number];
}

/* Has it budget? */
bool reserve_has_budget(unsigned number);

/* Of two with budget: is a's deadline before b's? */
bool reserve_before(unsigned a, unsigned b);

/* Of those with budget and something ready, the most urgent; or 0. */
unsigned reserve_earliest(void);

/* The highest priority at which it has something ready. */
int reserve_highest(unsigned number);

/* From now on this one is charged; 0: none. */
void reserve_run(unsigned number, uint64_t now);

/* Charge who runs. True: that used its budget up. */
bool reserve_charge(uint64_t now);

/* Periods that are over: gives a bit for each reserve that has budget again. */
uint32_t reserve_replenish(uint64_t now);

/* When charge or replenish has something to do next, or UINT64_MAX. */
uint64_t reserve_next(uint64_t now);

bool reserve_ok(void);

#endif
