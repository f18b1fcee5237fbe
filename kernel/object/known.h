/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is known of processes that ran or were called lately, in one place
 * each, so that a call need not look at node, state page and frames anew.
 *
 * An entry holds as long as nothing has happened that could have made it
 * untrue: mem.changes rises with each such event of its frames (frame_changed),
 * and then all entries are to be looked into again; what concerns one process
 * alone forgets its entry alone (known_forget).
 *
 * Invariants (known_ok), of an entry whose as_of is mem.changes:
 *  1. Its process is in memory and well-formed (F3), its state page forced.
 *  2. Both its frames may be written in this epoch (F4).
 *  3. The other fields are as its node says.
 * And: cpu.current is in this table while it is loaded, and what lies there
 * stays that process's.
 */
#ifndef KERNEL_OBJECT_KNOWN_H
#define KERNEL_OBJECT_KNOWN_H

#include "kernel/mem/top.h"
#include "kernel/object/process.h"

enum {
	KNOWN_BITS = 8,
	KNOWN      = 1 << KNOWN_BITS,
};

/* Whom a process may call, be called by, and fault to, on the fast path. */
enum known_world {
	WORLD_PERSISTENT = 1 << 0, /* S3: they call their like alone. */
	WORLD_SLOW       = 1 << 1, /* Resident (F5): nobody; a foreign one
				      (D16) faults, and calls nobody. */
	WORLD_RESERVE    = 1 << 2, /* Its calls are charged: nobody calls it. */
};

struct known {
	struct process p;
	uint64_t       word;  /* Of a capability to it: OID and hint. */
	uint64_t       as_of;
	uint64_t       start; /* First word of a start capability, data 0. */
	struct table  *top;   /* As its state frame remembers it, or none. */

	/* As in its activity, in that order. */
	uint64_t       oid;
	uint32_t       count; /* Of its node. */
	uint8_t        priority;
	uint8_t        retries, parcel, answer; /* 0 */

	uint8_t        as_caller, as_target, as_faulter; /* enum known_world */
	uint32_t       as_urgent; /* Priorities that are: a bit each. */
} __attribute__((aligned(128)));

extern struct known known[KNOWN];

/* Where a process's entry is, if it has one. */
static inline struct known *
known_at(uint64_t id)
{
	/* Without its upper bits, which a capability has its hint in. */
	const uint64_t h =
	    (id << (64 - OID_BITS)) * UINT64_C(0x9e3779b97f4a7c15);

	return &known[h >> (64 - KNOWN_BITS)];
}

static inline struct known *
known_of(struct process *p)
{
	return container_of(p, struct known, p);
}

/* Does it hold for this process, whose OID may have a hint above it? */
static inline bool
known_holds(const struct known *k, uint64_t id)
{
	/* The hint, above the OID, does not count. */
	return (k->oid ^ id) << (64 - OID_BITS) == 0 &&
	    k->as_of == mem.changes;
}

/*
 * Look at a process and note it. NULL: it is not one, not in memory, not to be
 * written or loaded just so, or its place is the loaded process's.
 */
struct known *known_look(oid process);

/*
 * Something of this one is other now: it is to be looked at again. Until then
 * it calls by the general path, for if it is loaded nobody looks at it.
 */
static inline void
known_forget(const struct process *p)
{
	struct known *k = known_at(process_oid(p).v);

	if (k->oid != process_oid(p).v)
		return;
	k->as_of     = 0;
	k->as_caller = k->as_faulter = WORLD_SLOW;
}

/* Note a process that is prepared for writing, and forced. */
struct known *known_note(const struct process *p);

/* The same; done already if it holds. */
static inline struct known *
known_noted(const struct process *p)
{
	struct known *k = known_at(process_oid(p).v);

	return known_holds(k, process_oid(p).v) ? k : known_note(p);
}

/* Its address space is another, or none: its top table is to be found anew. */
static inline void
known_forget_top(const struct process *p)
{
	struct known *k = known_at(process_oid(p).v);

	if (k->oid == process_oid(p).v)
		k->top = &map_no_table;
}

/* The loaded process has a top table now. */
void known_loaded(void);

/*
 * The activity with which the target will run, if the loaded process stops and
 * none is to be reserved: that of who is loaded, unless the target has one of
 * its own. NULL: the general path has to see to it.
 */
struct activity *known_activity(const struct known *to);

/*
 * The commonest case: that of who is loaded, which nothing binds to it, and the
 * target has none. One that has notices is in the hash: that is how they found
 * it.
 */
static inline __attribute__((always_inline)) bool
known_usual(const struct known *to, const struct activity *mine)
{
	return !(mine->flags & (AF_RESERVED | AF_WOKEN | AF_HASHED)) &&
	    to->p.state_frame->state.activity == NO_INDEX;
}

bool known_ok(const struct known *k);

/* May its activity change on a fast path (activity_touch)? For assertions. */
static inline bool
known_touched(const struct activity *a)
{
	return a->phase == sched.phase ||
	    frame_source(oid_frame((oid){a->oid})) != SOURCE_PERSISTENT;
}

#endif
