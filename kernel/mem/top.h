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
 * What the HAL has to load for the space of this state frame, if nothing has
 * happened since it was loaded last: no other table has its PCID, nothing was
 * weakened, and no snapshot taken, so it is of the current epoch. The table
 * counts as loaded when this returns.
 */
static inline __attribute__((always_inline)) uint64_t
map_top(const struct frame *state)
{
	struct table *t;

	if (state->state.top == NO_INDEX)
		return TOP_UNKNOWN;
	t = &mem.table[state->state.top];
	if (t->serial != state->state.serial || t->stamp != mem.stamp)
		return TOP_UNKNOWN;
	if (mem.top == t)
		return TOP_SAME;
	t->used = 1;
	mem.top = t;
	mem_counters.cr3_writes++;
	return t->load;
}

#endif
