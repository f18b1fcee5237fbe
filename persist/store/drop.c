/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dropping generations (F8).
 *
 * Let p < d < n be neighbours among the retained. d's list: used by p, not by
 * d. n's list: used by d, not by n. When d goes, a block on n's list was used
 * by d alone if it was born after p, and is free; all others on both lists
 * make n's new list, for they are used by p and not by n.
 *
 * Only the newest block of a list may be partly full, so d's newest block is
 * folded into what is written; the full ones below stay where they are.
 */
#include "persist/store/state.h"

#include <string.h>

static struct generation *
dropped(struct store *s)
{
	return &s->next->generation[s->commit.drop.at];
}

/* The next generation to be dropped: those the durable superblock condemned. */
static bool
drop_find(struct store *s)
{
	struct drop *d = &s->commit.drop;

	for (d->at = 0; d->at + 2 < s->next->generations; d->at++)
		if ((dropped(s)->flags & GEN_CONDEMNED) != 0)
			return true;
	return false;
}

static void
drop_start(struct store *s)
{
	struct drop       *d = &s->commit.drop;
	struct generation *g = dropped(s);

	d->reading = true;
	d->before = d->at == 0 ? 0 : g[-1].number;
	d->folding = g->dead != 0 && g->dead_entries % DEAD_ENTRIES != 0 &&
	    !mutated(MUTATE_FORGET_MERGE);
	d->key = d->folding ? g->dead : g[1].dead;
	if (mutated(MUTATE_FORGET_MERGE))
		list_begin(&s->kept, 0, 0);
	else
		list_begin(&s->kept, g->dead, g->dead_entries);
}

void
drop_begin(struct store *s)
{
	s->commit.drop = (struct drop){.reading = false};
}

/* One block of the dropped one's own list goes on top of the new list. */
static enum status
block_fold(struct store *s, const struct dead_block *b)
{
	struct drop *d = &s->commit.drop;
	enum status  st;

	list_begin(&s->kept, b->next, dropped(s)->dead_entries - b->entries);
	for (uint32_t i = 0; i < b->entries; i++) {
		st = list_add(&s->kept, b->entry[i].block, b->entry[i].birth);
		if (st != RC_OK)
			return st;
	}
	st = list_remove(s, d->key - 1);
	d->folding = false;
	d->key = dropped(s)[1].dead;
	return st;
}

static bool
only_dropped(const struct drop *d, const struct dead_entry *e)
{
	if (mutated(MUTATE_BIRTH_OFF))
		return e->birth >= d->before;
	return e->birth > d->before;
}

static enum status
block_filter(struct store *s, const struct dead_block *b)
{
	struct drop *d = &s->commit.drop;
	uint64_t     key = d->key - 1;
	enum status  st;

	for (uint32_t i = 0; i < b->entries; i++) {
		const struct dead_entry *e = &b->entry[i];

		if (only_dropped(d, e)) {
			if (!space_drop(&s->space, e->block))
				return RC_CORRUPT;
			continue;
		}
		st = list_add(&s->kept, e->block, e->birth);
		if (st != RC_OK)
			return st;
	}
	d->key = b->next;
	return list_remove(s, key);
}

static enum status
block_read(struct store *s)
{
	struct drop             *d = &s->commit.drop;
	const struct dead_block *b;
	struct pointer           p;
	enum status              st;

	if (d->key > s->lists.keys)
		return RC_CORRUPT;
	list_pointer(s, d->key - 1, &p);
	if (!space_holds(&s->space, p.block))
		return RC_CORRUPT;
	b = cache_want(&s->cache, &p, &st);
	if (b == NULL)
		return st;
	if (b->magic != DEAD_MAGIC || b->entries > DEAD_ENTRIES)
		return RC_CORRUPT;
	return d->folding ? block_fold(s, b) : block_filter(s, b);
}

/* The successor has its new list; the generation leaves the array. */
static enum status
drop_finish(struct store *s)
{
	struct drop       *d = &s->commit.drop;
	struct generation *g = dropped(s);
	bool               changed;
	enum status        st;

	st = list_plan(s, &s->kept, &changed);
	if (st == RC_OK)
		st = list_emit(s, &s->kept);
	if (st != RC_OK)
		return st;
	g[1].dead = s->kept.head;
	g[1].dead_entries = s->kept.entries;
	s->next->generations--;
	memmove(g, g + 1, (s->next->generations - d->at) * sizeof(*g));
	memset(&s->next->generation[s->next->generations], 0, sizeof(*g));
	d->reading = false;
	return RC_OK;
}

enum status
drop_continue(struct store *s)
{
	struct drop *d = &s->commit.drop;
	enum status  st;

	for (;;) {
		if (!d->reading) {
			if (!drop_find(s))
				return RC_OK;
			drop_start(s);
		}
		st = list_flush(s, &s->dead);
		if (st == RC_OK)
			st = list_flush(s, &s->kept);
		if (st != RC_OK)
			return st;
		if (d->folding || d->key != 0)
			st = block_read(s);
		else
			st = drop_finish(s);
		if (st != RC_OK)
			return st;
	}
}
