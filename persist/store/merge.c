/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Merging the frozen changes into the map, copy on write, in key order.
 *
 * One path from root to leaf is open at a time; a block is closed (given a new
 * home, written, entered in its parent) when no later key falls under it. So
 * memory is bounded by the depth of the tree, whatever the epoch's size.
 *
 * 1. Levels `lowest open` to `levels` are open, each under the one above.
 * 2. path[l].first is the first key that block l covers.
 */
#include "persist/store/state.h"

#include <string.h>

static const struct delta_entry *
entry_next(struct store *s)
{
	struct merge             *m = &s->commit.merge;
	const struct delta_entry *e;

	if (m->next == s->frozen->n)
		return NULL;
	e = &s->frozen->entry[s->frozen->order[m->next]];
	return !m->started || frame_source(e->key) == m->source ? e : NULL;
}

static void
path_open(struct merge *m, uint32_t level, uint64_t key, const void *data,
    const struct pointer *old, uint64_t birth)
{
	struct path *p = &m->path[level];

	p->open = true;
	p->home = 0;
	p->first = map_first(key, level);
	p->old = old == NULL ? (struct pointer){0} : *old;
	p->old_birth = birth;
	if (data != NULL)
		memcpy(p->data, data, BLOCK_SIZE);
	else
		memset(p->data, 0, BLOCK_SIZE);
}

static void
inner_put(void *block, unsigned i, uint64_t b, uint64_t birth, uint64_t check)
{
	struct map_inner *e = (struct map_inner *)block + i;

	map_put_bytes(e->block, 5, b);
	map_put_bytes(e->birth, 5, birth);
	map_put_bytes(e->check, 6, check);
}

static uint64_t
last_position(struct store *s)
{
	uint32_t i = s->commit.merge.next;
	uint64_t position = 0;

	for (; i < s->frozen->n; i++) {
		uint64_t key = s->frozen->entry[s->frozen->order[i]].key;

		if (frame_source(key) != s->commit.merge.source)
			break;
		position = frame_position(key);
	}
	return position;
}

/* Open the root, under new levels if the keys need them. */
static enum status
tree_start(struct store *s, uint64_t key)
{
	struct merge      *m = &s->commit.merge;
	struct generation *g = commit_generation(s);
	uint32_t           need;
	struct pointer     p;
	const void        *data;
	enum status        st;

	m->source = frame_source(key);
	m->root = m->source == MAP_SOURCE_OBJECTS ? &g->objects : &g->record;
	need = map_levels(last_position(s));
	m->levels = need > m->root->levels ? need : m->root->levels;
	key = frame_of(m->source, 0);
	if (m->levels > m->root->levels) {
		uint32_t low = m->root->block == 0 ? m->levels
						   : m->root->levels + 1;

		for (uint32_t l = m->levels; l >= low; l--)
			path_open(m, l, key, NULL, NULL, 0);
		if (m->root->block != 0)
			inner_put(m->path[low].data, 0, m->root->block,
			    m->root->birth, m->root->check);
		m->started = true;
		return RC_OK;
	}
	p = (struct pointer){m->root->block, m->root->check, key, m->levels};
	data = cache_want(&s->cache, &p, &st);
	if (data == NULL)
		return st;
	path_open(m, m->levels, key, data, &p, m->root->birth);
	m->started = true;
	return RC_OK;
}

static bool
all_zero(const void *block)
{
	const uint64_t *w = block;

	for (unsigned i = 0; i < BLOCK_SIZE / 8; i++)
		if (w[i] != 0)
			return false;
	return true;
}

/* The lowest open block is complete: write it, enter it above. */
static enum status
path_close(struct store *s, uint32_t level)
{
	struct merge  *m = &s->commit.merge;
	struct path   *p = &m->path[level];
	uint64_t       number = commit_generation(s)->number;
	struct pointer at = {.key = p->first, .level = level};
	void          *data;
	enum status    st = RC_OK;

	if (!all_zero(p->data)) {
		/* Chosen once, though a buffer may not be free at once. */
		if (p->home == 0)
			p->home = commit_alloc(s);
		at.block = p->home;
		if (at.block == 0)
			return RC_FULL;
		data = cache_new(&s->cache, &at);
		if (data == NULL)
			return ST_WAIT;
		memcpy(data, p->data, BLOCK_SIZE);
		at.check = cache_seal(&s->cache, data);
	}
	if (p->old.block != 0)
		st = commit_dead(s, p->old.block, p->old_birth);
	p->open = false;
	if (level < m->levels) {
		inner_put(m->path[level + 1].data,
		    map_index(frame_position(p->first), level + 1), at.block,
		    at.block == 0 ? 0 : number, at.check);
		return st;
	}
	*m->root = (struct map_root){0};
	if (at.block != 0) {
		m->root->block = at.block;
		m->root->birth = number;
		m->root->check = at.check;
		m->root->levels = level;
	}
	m->started = false;
	return st;
}

static enum status
path_descend(struct store *s, uint32_t level, uint64_t key)
{
	struct merge *m = &s->commit.merge;
	const struct map_inner
	    *e = (const struct map_inner *)(const void *)m->path[level].data +
	    map_index(frame_position(key), level);
	struct pointer p = {
	    .block = map_get_bytes(e->block, 5),
	    .check = map_get_bytes(e->check, 6),
	    .key = map_first(key, level - 1),
	    .level = level - 1,
	};
	const void *data;
	enum status st;

	if (p.block == 0) {
		path_open(m, level - 1, key, NULL, NULL, 0);
		return RC_OK;
	}
	if (!space_holds(&s->space, p.block))
		return RC_CORRUPT;
	data = cache_want(&s->cache, &p, &st);
	if (data == NULL)
		return st;
	path_open(m, level - 1, key, data, &p, map_get_bytes(e->birth, 5));
	return RC_OK;
}

static enum status
entry_apply(struct store *s, const struct delta_entry *d)
{
	struct commit   *c = &s->commit;
	struct map_leaf *e = (struct map_leaf *)(void *)c->merge.path[1].data +
	    map_index(frame_position(d->key), 1);
	uint64_t    old = map_get48(e->block);
	enum status st = RC_OK;

	if (old != 0)
		st = commit_dead(s, old, map_get48(e->birth));
	if (d->count < e->count && (d->flags & DELTA_RECORD) == 0)
		store_event(s, EVENT_COUNT_BACK, RC_CORRUPT, 0, d->key);
	if (c->merge.source == MAP_SOURCE_OBJECTS) {
		c->frames -= e->kind != FK_FREE;
		c->frames += d->kind != FK_FREE;
	}
	c->allocated += d->block != 0;
	*e = (struct map_leaf){
	    .check = d->check, .count = d->count, .kind = d->kind};
	map_put48(e->block, d->block);
	map_put48(e->birth, d->block == 0 ? 0 : commit_generation(s)->number);
	return st;
}

void
merge_begin(struct store *s)
{
	struct merge *m = &s->commit.merge;

	m->next = 0;
	m->started = false;
	for (unsigned l = 0; l <= MAP_LEVELS_MAX; l++)
		m->path[l].open = false;
	delta_sort(s->frozen);
}

static enum status
merge_step(struct store *s)
{
	struct merge             *m = &s->commit.merge;
	const struct delta_entry *e = entry_next(s);
	uint32_t                  low = 1;
	enum status               st;

	if (!m->started)
		return tree_start(s, e->key);
	while (!m->path[low].open)
		low++;
	if (e == NULL || map_first(e->key, low) != m->path[low].first)
		return path_close(s, low);
	if (low > 1)
		return path_descend(s, low, e->key);
	st = entry_apply(s, e);
	m->next++;
	return st;
}

enum status
merge_continue(struct store *s)
{
	struct merge *m = &s->commit.merge;
	enum status   st;

	while (m->started || entry_next(s) != NULL) {
		st = list_flush(s, &s->dead);
		if (st == RC_OK)
			st = merge_step(s);
		if (st != RC_OK) {
			if (st == RC_CORRUPT || st == RC_MEDIA)
				store_event(s, EVENT_MAP_BAD, st, 0, m->next);
			return st;
		}
	}
	return RC_OK;
}
