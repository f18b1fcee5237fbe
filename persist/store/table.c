/* SPDX-License-Identifier: BSD-2-Clause */
/* A small map tree in memory: entries, nodes, homes, writing, reading. */
#include "persist/store/state.h"

#include <string.h>

static uint32_t
level_nodes(uint32_t keys, uint32_t level)
{
	unsigned shift = map_shift(level);

	return shift >= 32
	    ? 1
	    : (uint32_t)(((uint64_t)keys + (UINT64_C(1) << shift) - 1) >>
		  shift);
}

static uint32_t
all_nodes(uint32_t keys)
{
	uint32_t n = 0;

	for (uint32_t l = 1; l <= map_levels(keys - 1); l++)
		n += level_nodes(keys, l);
	return n;
}

size_t
table_bytes(uint32_t keys)
{
	return 2 *
	    (keys * sizeof(struct map_leaf) +
		all_nodes(keys) * sizeof(struct table_node)) +
	    64;
}

void
table_init(
    struct table *t, enum oid_source source, uint32_t limit, void *memory)
{
	uint32_t n = all_nodes(limit);

	*t = (struct table){.source = source, .limit = limit};
	t->leaf = memory;
	t->leaf_was = t->leaf + limit;
	t->node = (struct table_node *)(void *)(t->leaf_was + limit);
	t->node_was = t->node + n;
}

void
table_open(struct table *t, uint32_t keys)
{
	uint32_t at = 0;

	t->keys = keys;
	t->levels = map_levels(keys - 1);
	for (uint32_t l = 1; l <= t->levels; l++) {
		t->first[l] = at;
		at += level_nodes(keys, l);
	}
	t->first[t->levels + 1] = at;
	t->nnodes = at;
	memset(t->leaf, 0, keys * sizeof(t->leaf[0]));
	memset(t->node, 0, at * sizeof(t->node[0]));
	memset(t->leaf_was, 0, keys * sizeof(t->leaf[0]));
	memset(t->node_was, 0, at * sizeof(t->node[0]));
}

static struct table_node *
node(struct table *t, uint32_t level, uint32_t i)
{
	return &t->node[t->first[level] + i];
}

void
table_set(struct table *t, uint32_t key, uint64_t block, uint64_t birth,
    uint64_t check)
{
	struct map_leaf *e = &t->leaf[key];

	*e = (struct map_leaf){.check = check};
	map_put48(e->block, block);
	map_put48(e->birth, birth);
	e->kind = block != 0 ? FK_META : FK_FREE;
	node(t, 1, key >> LEAF_SHIFT)->dirty = true;
}

void
table_check(struct table *t, uint32_t key, uint64_t check)
{
	t->leaf[key].check = check;
}

/* Where in the level below a node's part starts, and how long it is. */
static uint32_t
part(const struct table *t, uint32_t level, uint32_t i, uint32_t *n)
{
	uint32_t shift = level == 1 ? LEAF_SHIFT : INNER_SHIFT;
	uint32_t all = level == 1 ? t->keys
				  : t->first[level] - t->first[level - 1];
	uint32_t from = i << shift;

	*n = all - from < 1u << shift ? all - from : 1u << shift;
	return from;
}

bool
table_absent(const struct table *t, uint32_t level, uint32_t i)
{
	uint32_t n, from = part(t, level, i, &n);

	for (uint32_t k = from; k < from + n; k++)
		if (level == 1 ? map_get48(t->leaf[k].block) != 0
			       : t->node[t->first[level - 1] + k].block != 0)
			return false;
	return true;
}

void
table_content(const struct table *t, uint32_t level, uint32_t i, void *block)
{
	uint32_t          n, from = part(t, level, i, &n);
	struct map_inner *e = block;

	memset(block, 0, BLOCK_SIZE);
	if (level == 1) {
		memcpy(block, &t->leaf[from], n * sizeof(t->leaf[0]));
		return;
	}
	for (uint32_t k = 0; k < n; k++) {
		const struct table_node
		    *c = &t->node[t->first[level - 1] + from + k];

		if (c->block == 0)
			continue;
		map_put_bytes(e[k].block, 5, c->block);
		map_put_bytes(e[k].birth, 5, c->birth);
		map_put_bytes(e[k].check, 6, c->check);
	}
}

/* Give a dirty node its new home, or none if it has become empty. */
static enum status
node_plan(struct store *s, struct table *t, uint32_t level, uint32_t i)
{
	struct table_node *n = node(t, level, i);
	bool               absent = table_absent(t, level, i);
	enum status        st = RC_OK;

	if (absent && n->block == 0)
		return RC_OK;
	if (n->block != 0)
		st = commit_dead(s, n->block, n->birth);
	n->block = absent ? 0 : commit_alloc(s);
	n->birth = commit_generation(s)->number;
	n->planned = !absent;
	if (level < t->levels)
		node(t, level + 1, i >> INNER_SHIFT)->dirty = true;
	return !absent && n->block == 0 ? RC_FULL : st;
}

enum status
table_plan(struct store *s, struct table *t, bool *changed)
{
	enum status st;

	for (uint32_t l = 1; l <= t->levels; l++) {
		for (uint32_t i = 0; i < t->first[l + 1] - t->first[l]; i++) {
			struct table_node *n = node(t, l, i);
			uint64_t           was = n->block;

			if (!n->dirty || n->planned)
				continue;
			st = node_plan(s, t, l, i);
			if (st != RC_OK)
				return st;
			*changed |= n->block != was;
		}
	}
	return RC_OK;
}

enum status
table_emit(struct store *s, struct table *t, uint32_t level, uint32_t *i)
{
	for (; *i < t->first[level + 1] - t->first[level]; (*i)++) {
		struct table_node *n = node(t, level, *i);
		struct pointer     p = {
			.block = n->block,
			.level = level,
			.key = frame_of(
			    t->source, (uint64_t)*i << map_shift(level)),
                };
		void *data;

		if (!n->planned)
			continue;
		data = cache_new(&s->cache, &p);
		if (data == NULL)
			return ST_WAIT;
		table_content(t, level, *i, data);
		n->check = cache_seal(&s->cache, data);
	}
	return RC_OK;
}

void
table_root(const struct table *t, struct map_root *r)
{
	const struct table_node *n = &t->node[t->first[t->levels]];

	*r = (struct map_root){0};
	if (n->block == 0)
		return;
	r->block = n->block;
	r->birth = n->birth;
	r->check = n->check;
	r->levels = t->levels;
}

void
table_durable(struct table *t)
{
	for (uint32_t i = 0; i < t->nnodes; i++)
		t->node[i].dirty = t->node[i].planned = false;
	memcpy(t->leaf_was, t->leaf, t->keys * sizeof(t->leaf[0]));
	memcpy(t->node_was, t->node, t->nnodes * sizeof(t->node[0]));
}

void
table_undo(struct table *t)
{
	memcpy(t->leaf, t->leaf_was, t->keys * sizeof(t->leaf[0]));
	memcpy(t->node, t->node_was, t->nnodes * sizeof(t->node[0]));
}

static void
node_enter(struct table *t, uint32_t level, uint32_t i, const void *block)
{
	uint32_t                n, from = part(t, level, i, &n);
	const struct map_inner *e = block;

	if (level == 1) {
		memcpy(&t->leaf[from], block, n * sizeof(t->leaf[0]));
		return;
	}
	for (uint32_t k = 0; k < n; k++) {
		struct table_node *c = node(t, level - 1, from + k);

		c->block = map_get_bytes(e[k].block, 5);
		c->birth = map_get_bytes(e[k].birth, 5);
		c->check = map_get_bytes(e[k].check, 6);
	}
}

enum status
table_read(
    struct store *s, struct table *t, const struct map_root *root, uint32_t *i)
{
	enum status st;

	if (root->block == 0)
		return RC_OK;
	if (root->levels != t->levels)
		return RC_CORRUPT;
	if (*i == 0)
		*node(t, t->levels, 0) = (struct table_node){
		    .block = root->block,
		    .birth = root->birth,
		    .check = root->check,
		};
	for (; *i < t->nnodes; (*i)++) {
		/* From the last node, the root, to the first. */
		uint32_t           at = t->nnodes - 1 - *i, level = t->levels;
		struct table_node *n = &t->node[at];
		struct pointer     p = {.block = n->block, .check = n->check};
		const void        *data;

		if (n->block == 0)
			continue;
		if (!space_holds(&s->space, n->block))
			return RC_CORRUPT;
		while (at < t->first[level])
			level--;
		at -= t->first[level];
		p.level = level;
		p.key = frame_of(t->source, (uint64_t)at << map_shift(level));
		data = cache_want(&s->cache, &p, &st);
		if (data == NULL)
			return st;
		node_enter(t, level, at, data);
	}
	return RC_OK;
}

/* A node has a block exactly if something is under it. */
bool
table_ok(const struct table *t)
{
	for (uint32_t l = 1; l <= t->levels; l++)
		for (uint32_t i = 0; i < t->first[l + 1] - t->first[l]; i++) {
			const struct table_node *n = &t->node[t->first[l] + i];

			if (!n->dirty &&
			    (n->block != 0) == table_absent(t, l, i))
				return false;
			if (n->planned && (!n->dirty || n->block == 0))
				return false;
		}
	return true;
}
