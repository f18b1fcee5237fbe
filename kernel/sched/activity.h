/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Activities: what the scheduler knows of a process, in core (S2).
 *
 * Each running process has one; it moves on with call and return. One that is
 * reserved stays with its process, also while that is available or waits: a
 * process with notices, a resident one, one that waits outside (S3).
 *
 *                activity_alloc
 *        free ----------------------> READY <-----> RUNNING (sched_run)
 *          ^                          |    ^ wait_wake
 *          | activity_release         v    |
 *          +-------- RESERVED      waiting (STALLED, PAGING, ...)
 *
 * Invariants (activity_ok):
 *  1. A process (OID) has at most one activity. It is in the hash if it is
 *     reserved or its state page is not in memory: else that names it.
 *  2. READY ones are on the run queue of their priority, waiting ones on a
 *     wait list, others on no list.
 *  3. oid and count are checked against the node before it runs.
 */
#ifndef KERNEL_SCHED_ACTIVITY_H
#define KERNEL_SCHED_ACTIVITY_H

#include "kernel/abi/kinfo.h"
#include "kernel/core/core.h"
#include "kernel/sched/reserve.h"
#include "kernel/sched/wait.h"

enum {
	NO_ACTIVITY = UINT32_MAX,
	LEVEL_RESERVED = PRIORITIES, /* Of a reserve that has budget. */
	STATE_FREE = 0xff, /* Of an activity that is nobody's. */
};

enum activity_flags {
	AF_NOTICE    = 1 << 0, /* Reserved: has a notice capability. */
	AF_RESIDENT  = 1 << 1, /* Reserved: the process is resident. */
	AF_OUTSIDE   = 1 << 2, /* Reserved: waits for one outside (S3). */
	AF_RESERVED  = AF_NOTICE | AF_RESIDENT | AF_OUTSIDE,
	AF_AVAILABLE = 1 << 3, /* RESERVED: its process is available. */
	AF_RESTART   = 1 << 4, /* `answer` waits for it (S3). */
	AF_PARCEL    = 1 << 5, /* A parcel waits for it (F5). */
	AF_WOKEN     = 1 << 6, /* Its turn at server `key` has come (D5). */
	AF_HASHED    = 1 << 7, /* activity_find finds it. */
};

struct activity {
	struct link link; /* Run queue or wait list. */
	uint64_t    oid;  /* Of the process node. */
	uint32_t    count;
	uint8_t     priority;
	uint8_t     retries; /* Of the same invocation (S12). */
	uint8_t     parcel;
	uint8_t     answer; /* AF_RESTART: enum outside_answer. */
	uint32_t    hash_next;
	uint64_t    notices; /* Pending; merged when it is loaded. */
	uint64_t    key;     /* What it waits for. */
	uint64_t    call;    /* AF_OUTSIDE: the call number it waits with. */
	uint8_t     state;   /* enum kinfo_activity; free: 0xff. */
	uint8_t     wait;    /* enum wait_kind */
	uint8_t     flags;   /* enum activity_flags */
	uint8_t     phase;   /* Of the record: see activity_touch. */
	uint32_t    reserve;  /* Id of the process's, or 0. */
	uint32_t    unused2;
	uint64_t    turn_end; /* Of the turn cut short by preemption, or 0. */
};

/* The table, the queues: written by activity.c alone. */
struct sched {
	struct activity *table;
	uint32_t         total, nfree;
	uint32_t         end; /* None from here on was ever used. */
	uint32_t         ready_mask; /* Bit p: something is ready at p. */
	uint32_t         stalled; /* WAIT_PROCESS or WAIT_FORWARDER. */
	bool             resident, reserve; /* Of the running process. */
	uint8_t          phase; /* Of what the record of a snapshot has. */
};
extern struct sched sched;

void activity_init(struct activity *table, uint32_t n);

/*
 * Supplied by kernel/object: the record of a snapshot that is being made has it
 * as it is now, unless it was made since or its process is not persistent.
 */
void activity_written(struct activity *a);

/*
 * Before any change of what the record of a snapshot says of it (D3): whose it
 * is, its notices, its flags, whether it runs. The processes on the fast paths
 * are known (kernel/object/known.h): theirs was touched when that was noted,
 * which it is anew after each snapshot.
 */
static inline void
activity_touch(struct activity *a)
{
	if (unlikely(a->phase != sched.phase))
		activity_written(a);
}

/*
 * One in the hash; a process in memory has process_activity instead.
 */
struct activity *activity_find(oid process);

/* Put it into the hash, if it is not; take it out, if it is. */
void activity_hash(struct activity *a);
void activity_unhash(struct activity *a);

/* For a process that has none; NULL: the table is full. */
must_check struct activity *activity_alloc(oid process, uint32_t count);

/* It runs no more: kept if reserved, otherwise freed. */
void activity_release(struct activity *a, bool available);

/* The process is gone. */
void activity_destroy(struct activity *a);

/*
 * Hand an unreserved one over to another process that has none. That one is
 * in memory, so the hash is left alone: call and return pay for this.
 */
static inline void
activity_move(struct activity *a, oid process, uint32_t count)
{
	debug_assert(!(a->flags & AF_RESERVED));
	activity_touch(a);
	if (a->flags & AF_HASHED)
		activity_unhash(a);
	a->oid     = process.v;
	a->count   = count;
	a->notices = 0;
	a->retries = 0;
}

static inline uint32_t
activity_index(const struct activity *a)
{
	return (uint32_t)(a - sched.table);
}

/* The entry at an index that was one's; it may be free or another's now. */
static inline struct activity *
activity_slot(uint32_t index)
{
	return &sched.table[index];
}

/* The same, or NULL if it is free. */
static inline struct activity *
activity_at(uint32_t index)
{
	if (index >= sched.total || sched.table[index].state == STATE_FREE)
		return NULL;
	return &sched.table[index];
}

uint32_t         activity_total(void);
/* Who looks at all in use need look no further than this. */
uint32_t         activity_end(void);
uint32_t         activity_free_count(void);
bool             activity_ok(const struct activity *a);

/* --- Run queues -------------------------------------------------------- */

/* Make ready, at the end or the head of its priority's queue. */
void sched_ready(struct activity *a);
void sched_ready_first(struct activity *a);

/*
 * A more urgent one takes the CPU. The one that runs keeps its place, and its
 * turn ends when it would have (UINT64_MAX: it has no end): with a new one each
 * time it would starve its equals when it is preempted often.
 */
void sched_preempt(struct activity *a, uint64_t turn_end);

/*
 * Its priority and reserve (an id, or 0) have changed; takes effect at once,
 * also while it is ready.
 */
void sched_set_priority(
    struct activity *a, unsigned priority, uint32_t reserve);

/* Take the next one off the queues: RUNNING; NULL: nothing is ready. */
struct activity *sched_next(void);

/* The highest priority that is ready, or -1. */
static inline int
sched_highest(void)
{
	return sched.ready_mask ? 31 - __builtin_clz(sched.ready_mask) : -1;
}

/* The level at which it runs: its priority, or LEVEL_RESERVED. */
static inline int
sched_level(const struct activity *a)
{
	if (a->reserve == 0 || reserve_number(a->reserve) == 0 ||
	    !reserve_has_budget(reserve_number(a->reserve)))
		return a->priority;
	return LEVEL_RESERVED;
}

/*
 * Should what is ready run in place of this one, which runs? Whatever is more
 * urgent; among reserves, who has the earlier deadline.
 */
bool sched_preempts(const struct activity *running);

/*
 * Charge the reserve that runs, and give budgets to those whose period is over:
 * at each clock interrupt.
 */
void sched_charge(uint64_t now);

/* This one runs from now on, at its reserve's expense if it has budget. */
void sched_runs(const struct activity *a, uint64_t now);

/* Its processes go on by their priority. */
void sched_drop_reserve(uint32_t id);

/* It runs no more. */
void sched_charge_end(uint64_t now);

/* Queue the running activity on what wait_on noted. */
void sched_wait(struct activity *a);

/* What the running process may wait for; set by the dispatcher. */
static inline void
wait_set_process(bool resident, bool reserve)
{
	sched.resident = resident;
	sched.reserve  = reserve;
}

/* The last wait_on of this entry, for the entry code. */
bool wait_noted(void);

/*
 * D5: one that was woken for its turn at a server leaves without delivering;
 * the next in line gets the turn.
 */
void sched_turn_over(struct activity *a);

/*
 * It delivers to this server: its turn, if it had one there, is used; one it
 * had elsewhere goes on to the next.
 */
void sched_turn_taken(struct activity *a, uint64_t server);

#endif
