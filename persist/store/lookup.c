/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Walking the committed map, a block at a time. A walk waits where a block is
 * not in memory, and starts again when a commit has replaced the root.
 */
#include "persist/store/state.h"

const struct generation *
store_current(const struct store *s)
{
	return &s->now->generation[s->now->generations - 1];
}

static void
found(struct store *s, struct request *q, const struct map_leaf *e)
{
	q->c.kind = e->kind;
	q->c.count = e->count;
	q->block = map_get48(e->block);
	q->check = e->check;
	if (q->block == 0 || q->r.op == PAGER_STAT) {
		request_done(s, q, RC_OK);
		return;
	}
	if (!space_holds(&s->space, q->block)) {
		request_done(s, q, RC_CORRUPT);
		return;
	}
	q->state = R_READ;
	q->queued = true;
	request_list_add(s, &s->queue, q);
}

static void
walk(struct store *s, struct request *q)
{
	static const struct map_leaf nothing;
	const struct map_inner      *e;
	const void                  *data;
	unsigned                     i;
	enum status                  st = RC_OK;

	for (;;) {
		if (q->at.block == 0) {
			found(s, q, &nothing);
			return;
		}
		if ((q->r.flags & PAGER_AHEAD) != 0 &&
		    !cache_has(&s->cache, q->at.block)) {
			request_done(s, q, RC_NOT_FOUND);
			return;
		}
		data = space_holds(&s->space, q->at.block)
		    ? cache_want(&s->cache, &q->at, &st)
		    : NULL;
		if (data == NULL && st == ST_WAIT) {
			request_list_add(s, &s->lookups, q);
			return;
		}
		if (data == NULL) {
			st = st == RC_OK ? RC_CORRUPT : st;
			store_event(s, EVENT_MAP_BAD, st, q->at.block, q->key);
			request_done(s, q, st == RC_DEVICE ? RC_MEDIA : st);
			return;
		}
		i = map_index(frame_position(q->key), q->at.level);
		if (q->at.level == 1) {
			found(s, q, (const struct map_leaf *)data + i);
			return;
		}
		e = (const struct map_inner *)data + i;
		q->at.level--;
		q->at.block = map_get_bytes(e->block, 5);
		q->at.check = map_get_bytes(e->check, 6);
		q->at.key = map_first(q->key, q->at.level);
	}
}

void
lookup_start(struct store *s, struct request *q)
{
	const struct generation *g = store_current(s);
	const struct map_root   *r = frame_source(q->key) == MAP_SOURCE_OBJECTS
	      ? &g->objects
	      : &g->record;

	q->state = R_LOOKUP;
	q->at = (struct pointer){
	    .block = r->block,
	    .check = r->check,
	    .level = r->levels,
	    .key = frame_of(frame_source(q->key), 0),
	};
	if (r->levels == 0 || map_levels(frame_position(q->key)) > r->levels)
		q->at.block = 0;
	walk(s, q);
}

void
lookups_continue(struct store *s)
{
	struct request_list l = s->lookups;
	struct request     *q;

	s->lookups = (struct request_list){0, 0};
	while ((q = request_list_take(s, &l)) != NULL)
		walk(s, q);
}

void
lookups_restart(struct store *s)
{
	struct request_list l = s->lookups;
	struct request     *q;

	s->lookups = (struct request_list){0, 0};
	while ((q = request_list_take(s, &l)) != NULL)
		lookup_start(s, q);
}
