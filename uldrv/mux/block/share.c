/* SPDX-License-Identifier: BSD-2-Clause */
#include "uldrv/mux/block/share.h"

#include <string.h>

void
share_begin(struct share *s)
{
	memset(s, 0, sizeof(*s));
	for (unsigned i = 0; i < SHARE_FLOWS; i++)
		s->flow[i] = (struct share_flow){
		    .head = SHARE_NONE,
		    .tail = SHARE_NONE,
		    .depth = SHARE_RAW_DEPTH,
		    .part = SHARE_RAW_PART,
		};
	s->flow[SHARE_PAGE_IN].depth = BLOCK_ENTRIES;
	s->flow[SHARE_PAGE_IN].part = SHARE_WHOLE; /* It is always first. */
	s->flow[SHARE_CLEAN].depth = SHARE_CLEAN_DEPTH;
	s->flow[SHARE_CLEAN].part = SHARE_CLEAN_PART;
}

static void
look(struct share *s, unsigned flow)
{
	const struct share_flow *f = &s->flow[flow];

	s->ready &= ~(1u << flow);
	if (f->head != SHARE_NONE && f->flying < f->depth)
		s->ready |= 1u << flow;
}

void
share_put(struct share *s, unsigned flow, unsigned entry, uint32_t bytes)
{
	struct share_flow *f = &s->flow[flow];

	s->cost[entry] = SHARE_COMMAND + bytes;
	s->next[entry] = SHARE_NONE;
	if (f->head == SHARE_NONE)
		f->head = (uint8_t)entry;
	else
		s->next[f->tail] = (uint8_t)entry;
	f->tail = (uint8_t)entry;
	look(s, flow);
}

unsigned
share_next(const struct share *s)
{
	uint32_t rest;

	if (s->ready == 0)
		return SHARE_NONE;
	for (rest = s->ready & (s->ready - 1); rest != 0; rest &= rest - 1) {
		unsigned flow = (unsigned)__builtin_ctz(rest);

		if (s->flow[flow].earned >= s->cost[s->flow[flow].head])
			return flow;
	}
	return (unsigned)__builtin_ctz(s->ready);
}

static void
pop(struct share *s, unsigned flow)
{
	struct share_flow *f = &s->flow[flow];

	f->head = s->next[f->head];
	if (f->head == SHARE_NONE) {
		f->tail = SHARE_NONE;
		if (f->earned > SHARE_KEEP)
			f->earned = SHARE_KEEP;
	}
	look(s, flow);
}

/* The others that could have gone have waited for it. */
void
share_begun(struct share *s, unsigned flow)
{
	struct share_flow *f = &s->flow[flow];
	uint32_t           cost = s->cost[f->head];
	uint32_t           rest = s->ready & ~(1u << flow);

	f->earned -= f->earned < cost ? f->earned : cost;
	for (; rest != 0; rest &= rest - 1) {
		struct share_flow *o = &s->flow[__builtin_ctz(rest)];

		o->earned += cost / SHARE_WHOLE * o->part;
		if (o->earned > SHARE_HOARD)
			o->earned = SHARE_HOARD;
	}
	f->flying++;
	pop(s, flow);
}

void
share_drop(struct share *s, unsigned flow)
{
	pop(s, flow);
}

bool
share_ok(const struct share *s)
{
	for (unsigned i = 0; i < SHARE_FLOWS; i++) {
		const struct share_flow *f = &s->flow[i];
		bool     waits = f->head != SHARE_NONE;
		unsigned n = 0, e = f->head;

		while (e != SHARE_NONE && n++ < SHARE_ENTRIES) {
			if (s->next[e] == SHARE_NONE && e != f->tail)
				return false;
			e = s->next[e];
		}
		if (n > SHARE_ENTRIES || f->flying > f->depth ||
		    f->earned > SHARE_HOARD || (!waits && f->earned > SHARE_KEEP) ||
		    (s->ready >> i & 1) != (waits && f->flying < f->depth))
			return false;
	}
	return true;
}
