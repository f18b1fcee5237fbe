/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who is served next on a disk. Pure: entries are numbers, their requests are
 * somebody else's affair (front.c).
 *
 * Flows, the more urgent first: the store's page-ins, for which processes
 * wait; its cleaning; the raw clients. A flow has a queue, and at most `depth`
 * of its requests are with the driver at a time.
 *
 *     put --> queue --begun--> in flight --done-->
 *                  \--drop-->   /
 *     passed ------------------/
 *
 * Invariants:
 *  1. The most urgent flow that may go is served, unless another has earned
 *     what its oldest request costs: so no flow is starved by those above it.
 *  2. A flow that has to wait while others are served earns its part of what
 *     they cost: for SHARE_WHOLE of theirs it has `part` of its own. One that
 *     does not wait earns nothing, and keeps no more than SHARE_KEEP; nobody
 *     hoards more than one request can cost.
 *  3. What a flow has in flight is bounded by its depth, so no flow that is
 *     less urgent fills the driver's slots.
 */
#ifndef ULDRV_MUX_BLOCK_SHARE_H
#define ULDRV_MUX_BLOCK_SHARE_H

#include "uldrv/class/block.h"
#include "uldrv/class/control.h"

enum share_flows {
	SHARE_PAGE_IN,
	SHARE_CLEAN,
	SHARE_RAW, /* + k: raw client k. */
	SHARE_FLOWS = SHARE_RAW + CONTROL_CLIENTS,
};

enum {
	SHARE_WHOLE = 64,
	SHARE_CLEAN_PART = 16,
	SHARE_RAW_PART = 4,
	SHARE_RAW_DEPTH = 4,
	SHARE_CLEAN_DEPTH = BLOCK_ENTRIES - 8, /* The rest is page-ins'. */

	/* Of the store as many as its ring holds, of a raw client one. */
	SHARE_ENTRIES = BLOCK_ENTRIES + CONTROL_CLIENTS,
	SHARE_NONE = 0xff,

	/* What a request costs beside its bytes: a command, a seek. */
	SHARE_COMMAND = 16384,
	SHARE_HOARD = BLOCK_BYTES_MAX + SHARE_COMMAND,
	SHARE_KEEP = BLOCK_DATA_PAGES * PAGE_SIZE + SHARE_COMMAND,
};

struct share_flow {
	uint8_t  head, tail; /* Entries; SHARE_NONE when nothing waits. */
	uint8_t  flying, depth, part;
	uint32_t earned; /* Bytes. */
};

struct share {
	uint32_t          ready; /* Bit f: f waits, and has not its depth. */
	struct share_flow flow[SHARE_FLOWS];
	uint8_t           next[SHARE_ENTRIES];
	uint32_t          cost[SHARE_ENTRIES];
};

void share_begin(struct share *s);

/* The entry is the last in the queue of the flow. */
void share_put(
    struct share *s, unsigned flow, unsigned entry, uint32_t bytes);

/* The flow whose oldest entry is next, or SHARE_NONE. Changes nothing. */
unsigned share_next(const struct share *s);

/* The oldest entry of a flow in which one waits. */
static inline unsigned
share_head(const struct share *s, unsigned flow)
{
	return s->flow[flow].head;
}

static inline bool
share_waits(const struct share *s, unsigned flow)
{
	return s->flow[flow].head != SHARE_NONE;
}

/* Does nothing wait that could go, and may one more of the flow go? */
static inline bool
share_empty(const struct share *s, unsigned flow)
{
	return s->ready == 0 && s->flow[flow].head == SHARE_NONE &&
	    s->flow[flow].flying < s->flow[flow].depth;
}

/* Then one has gone without waiting. */
static inline void
share_passed(struct share *s, unsigned flow)
{
	s->flow[flow].flying++;
}

/* The driver has taken the oldest entry of the flow. */
void share_begun(struct share *s, unsigned flow);

/* The oldest entry leaves unserved. */
void share_drop(struct share *s, unsigned flow);

/* One of the flow's is in flight no more. */
static inline void
share_done(struct share *s, unsigned flow)
{
	struct share_flow *f = &s->flow[flow];

	f->flying--;
	if (f->head != SHARE_NONE)
		s->ready |= 1u << flow;
}

/* Whether the invariants hold. */
bool share_ok(const struct share *s);

#endif
