/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ring that every driver class uses: one producer, one consumer, a power
 * of two of entries in memory that both map writable.
 *
 * Invariants:
 *  1. head counts entries ever produced, tail entries ever consumed, both
 *     modulo 2^32; entry n is in place n & (size - 1).
 *  2. Each index has one writer, who keeps the truth in private memory and
 *     only publishes it: what the peer does to the shared word is nothing to
 *     it.
 *  3. The peer is never believed. A shared word is read once, into a local,
 *     and 0 <= head - tail <= size is checked before it is used. A peer that
 *     breaks this is broken for good: RC_CORRUPT, and the side that saw it
 *     stops using the ring.
 *  4. An entry is copied out before it is looked at, and its place given back
 *     only after that.
 *
 * Doorbells: a consumer that is going to wait sets `waiting`, looks at the
 * ring once more, and waits. A producer that has published looks at `waiting`
 * and rings only if it is set. Rings may come without cause.
 */
#ifndef ULDRV_CLASS_RING_H
#define ULDRV_CLASS_RING_H

#include "kernel/abi/status.h"
#include "kernel/abi/types.h"

enum { RING_LINE = 64 };

/* The shared part of one ring; each index has a cache line of its own. */
struct ring_shared {
	uint32_t head; /* Written by the producer. */
	uint8_t  unused0[RING_LINE - 4];
	uint32_t tail;    /* Written by the consumer. */
	uint32_t waiting; /* Written by the consumer: ring the doorbell. */
	uint8_t  unused1[RING_LINE - 8];
};

_Static_assert(sizeof(struct ring_shared) == 2 * RING_LINE, "two lines");

/* The private part, one on each side. */
struct ring_end {
	struct ring_shared *shared;
	uint32_t            size; /* Entries, a power of two. */
	uint32_t            own;  /* Head for the producer, else tail. */
};

/* Starts where a fresh ring (all zeros) does. */
static inline void
ring_begin(struct ring_end *r, struct ring_shared *shared, uint32_t size)
{
	r->shared = shared;
	r->size = size;
	r->own = 0;
}

/* Producer: how many entries may be written from place `own` on. */
static inline must_check enum status
ring_space(const struct ring_end *r, uint32_t *space)
{
	/* Orders the consumer's reads of an entry before our writes to it. */
	uint32_t tail = __atomic_load_n(&r->shared->tail, __ATOMIC_ACQUIRE);
	uint32_t used = r->own - tail;

	if (used > r->size)
		return RC_CORRUPT;
	*space = r->size - used;
	return RC_OK;
}

/* Consumer: how many entries may be read from place `own` on. */
static inline must_check enum status
ring_ready(const struct ring_end *r, uint32_t *ready)
{
	/* Orders the producer's writes of an entry before our reads of it. */
	uint32_t head = __atomic_load_n(&r->shared->head, __ATOMIC_ACQUIRE);
	uint32_t used = head - r->own;

	if (used > r->size)
		return RC_CORRUPT;
	*ready = used;
	return RC_OK;
}

/* The place of the n-th entry from `own` on. */
static inline uint32_t
ring_place(const struct ring_end *r, uint32_t n)
{
	return (r->own + n) & (r->size - 1);
}

/*
 * Producer: publish n entries that have been written. True if the consumer
 * waits and its doorbell must be rung.
 */
static inline must_check bool
ring_produce(struct ring_end *r, uint32_t n)
{
	r->own += n;
	/* Orders the entries before the head, and the head before `waiting`. */
	__atomic_store_n(&r->shared->head, r->own, __ATOMIC_SEQ_CST);
	return __atomic_load_n(&r->shared->waiting, __ATOMIC_SEQ_CST) != 0;
}

/* Consumer: give n places back; their entries have been copied out. */
static inline void
ring_consume(struct ring_end *r, uint32_t n)
{
	r->own += n;
	/* Orders our reads of the entries before the tail. */
	__atomic_store_n(&r->shared->tail, r->own, __ATOMIC_RELEASE);
}

/*
 * Consumer: say whether the doorbell is wanted. After `true` the ring must be
 * looked at once more before waiting.
 */
static inline void
ring_want(struct ring_end *r, bool want)
{
	/* Orders `waiting` before the look at the head that follows. */
	__atomic_store_n(&r->shared->waiting, want ? 1u : 0u, __ATOMIC_SEQ_CST);
}

#endif
