/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a mapping table is, and which one a process's space has at its top: for
 * kernel/mem, and for the switch from process to process in kernel/entry,
 * which reads it through map_top and not otherwise.
 */
#ifndef KERNEL_MEM_TOP_H
#define KERNEL_MEM_TOP_H

#include "kernel/abi/kinfo.h"
#include "kernel/mem/map.h"

/* What a table is made of (S1). All fields are compared. */
struct product {
	uint64_t producer; /* OID. */
	uint64_t offset;   /* Of the table's start in the producer's segment. */
	uint8_t  kind;     /* enum cap_kind of the producer. */
	uint8_t  span;
	uint8_t  level;
	uint8_t  flags; /* enum product_flags, down to the producer. */
	uint32_t unused;
};

struct table {
	struct product key;
	uint64_t       epoch;     /* EPOCH_ALWAYS for np. */
	uint64_t      *entry;     /* The frame, in the direct map. */
	uint64_t       stamp;     /* Top: flush stamp when last loaded (F10). */
	uint64_t       load;      /* Top: what the HAL loads, keeping its PCID. */
	uint32_t       frame;     /* Index; NO_INDEX: this slot is free. */
	uint32_t       serial;    /* No other table has had it. */
	uint32_t       hash_next; /* Same hash, or next free. */
	uint32_t       depends;   /* First depend entry onto it. */
	uint32_t       next, prev; /* In the ring of the reclaiming hand. */
	struct rmap    refs;      /* Entries onto it. */
	uint16_t       nwritable, npresent;
	uint8_t        busy; /* A walk in progress uses it. */
	uint8_t        used; /* Since the reclaiming hand came by. */
};

/* This layer's part of the counters that kinfo shows. */
extern struct kinfo_counters mem_counters;

#define TOP_SAME    UINT64_C(0) /* It is loaded already. */
#define TOP_UNKNOWN UINT64_C(1) /* map_load has to see to it. */

/*
 * The top table that a state frame remembers; else the one that stands for none:
 * that never has the stamp of the day. As long as mem.changes stays it stays
 * the same, but that there may be one where there was none.
 */
extern struct table map_no_table;

static inline struct table *
map_remembered(const struct frame *state)
{
	struct table *t;

	if (state->state.top == NO_INDEX)
		return &map_no_table;
	t = &mem.table[state->state.top];
	return t->serial == state->state.serial ? t : &map_no_table;
}

/*
 * Is a remembered table not the loaded one, and to be loaded just so? If nothing
 * has happened since it was loaded last: no other table has its PCID, nothing
 * was weakened, and no snapshot taken, so it is of the current epoch.
 */
static inline bool
map_top_other(const struct table *t)
{
	return likely(t->stamp == mem.stamp) && likely(mem.top != t);
}

/* Then this is what the HAL has to load. It counts as loaded from here on. */
static inline uint64_t
map_top_take(struct table *t)
{
	t->used = 1;
	mem.top = t;
	mem_counters.cr3_writes++;
	return t->load;
}

/* The same of any remembered table: what to load, or one of those above. */
static inline uint64_t
map_top(struct table *t)
{
	if (map_top_other(t))
		return map_top_take(t);
	return mem.top == t && t->stamp == mem.stamp ? TOP_SAME : TOP_UNKNOWN;
}

/*
 * For TOP_UNKNOWN, if something was weakened and that is all: the table is
 * loaded and its PCID flushed. TOP_SAME; else TOP_UNKNOWN, nothing has changed.
 */
uint64_t map_top_flush(struct table *t);

#endif
