/* SPDX-License-Identifier: BSD-2-Clause */
/* Dead lists: gathering, giving homes, writing. */
#include "persist/store/state.h"

#include <string.h>

static uint32_t
homes_for(uint32_t entries)
{
	return (entries + DEAD_ENTRIES - 1) / DEAD_ENTRIES;
}

size_t
list_bytes(uint32_t limit)
{
	return limit * sizeof(struct dead_entry) +
	    homes_for(limit) * sizeof(struct list_home) + 64;
}

void
list_init(struct list_writer *w, uint32_t limit, void *memory)
{
	*w = (struct list_writer){.limit = limit};
	w->entry = memory;
	w->home = (struct list_home *)(void *)(w->entry + limit);
}

void
list_begin(struct list_writer *w, uint64_t head, uint64_t entries)
{
	w->n = w->homes = w->emitted = 0;
	w->head = head;
	w->entries = entries;
}

enum status
list_add(struct list_writer *w, uint64_t block, uint64_t birth)
{
	if (w->n == w->limit)
		return RC_LIMIT;
	w->entry[w->n++] = (struct dead_entry){block, birth};
	return RC_OK;
}

void
list_pointer(struct store *s, uint64_t key, struct pointer *p)
{
	const struct map_leaf *e = &s->lists.leaf[key];

	*p = (struct pointer){
	    .block = map_get48(e->block),
	    .check = e->check,
	    .key = frame_of(MAP_SOURCE_LISTS, key),
	};
}

/* A free key and a block for the next list block. */
static enum status
home_take(struct store *s, struct list_home *h)
{
	struct table *t = &s->lists;
	uint32_t      k = 0;

	while (k < t->keys && map_get48(t->leaf[k].block) != 0)
		k++;
	if (k == t->keys)
		return RC_LIMIT;
	h->key = k;
	h->block = commit_alloc(s);
	if (h->block == 0)
		return RC_FULL;
	table_set(t, k, h->block, commit_generation(s)->number, 0);
	return RC_OK;
}

/* Write the entries from `from` on, at most 255, to their home. */
static enum status
block_write(
    struct store *s, struct list_writer *w, struct list_home h, uint32_t from)
{
	uint32_t           n = w->n - from;
	struct dead_block *b;
	struct pointer     p = {
		.block = h.block,
		.key = frame_of(MAP_SOURCE_LISTS, h.key),
        };

	if (n > DEAD_ENTRIES)
		n = DEAD_ENTRIES;
	b = cache_new(&s->cache, &p);
	if (b == NULL)
		return ST_WAIT;
	memset(b, 0, sizeof(*b));
	b->magic = DEAD_MAGIC;
	b->entries = n;
	b->next = w->head;
	memcpy(b->entry, &w->entry[from], n * sizeof(b->entry[0]));
	table_check(&s->lists, h.key, cache_seal(&s->cache, b));
	w->head = h.key + 1;
	w->entries += n;
	return RC_OK;
}

enum status
list_flush(struct store *s, struct list_writer *w)
{
	enum status st;

	while (w->n >= DEAD_ENTRIES) {
		if (w->homes == 0) {
			st = home_take(s, &w->home[0]);
			if (st != RC_OK)
				return st;
			w->homes = 1;
		}
		st = block_write(s, w, w->home[0], 0);
		if (st != RC_OK)
			return st;
		w->homes = 0;
		w->n -= DEAD_ENTRIES;
		memmove(w->entry, w->entry + DEAD_ENTRIES,
		    w->n * sizeof(w->entry[0]));
	}
	return RC_OK;
}

enum status
list_plan(struct store *s, struct list_writer *w, bool *changed)
{
	enum status st;

	while (w->homes < homes_for(w->n)) {
		st = home_take(s, &w->home[w->homes]);
		if (st != RC_OK)
			return st;
		w->homes++;
		*changed = true;
	}
	return RC_OK;
}

enum status
list_emit(struct store *s, struct list_writer *w)
{
	enum status st;

	while (w->emitted < w->homes) {
		st = block_write(
		    s, w, w->home[w->emitted], w->emitted * DEAD_ENTRIES);
		if (st != RC_OK)
			return st;
		w->emitted++;
	}
	return RC_OK;
}

enum status
list_remove(struct store *s, uint64_t key)
{
	struct map_leaf *e = &s->lists.leaf[key];
	enum status      st;

	st = commit_dead(s, map_get48(e->block), map_get48(e->birth));
	table_set(&s->lists, (uint32_t)key, 0, 0, 0);
	return st;
}
