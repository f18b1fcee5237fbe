/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of a commit: new homes for the bitmap's leaves, for dead lists and
 * for the trees over both, chosen in memory until nothing changes (F8), then
 * written in an order in which every check is known when it is needed.
 *
 * Choosing ends: each round gives homes to what was touched and has none yet,
 * and there are finitely many leaves, list blocks and nodes.
 */
#include "persist/store/state.h"

static enum status
bitmap_plan(struct store *s, bool *changed)
{
	uint64_t number = commit_generation(s)->number;

	for (uint32_t i = 0; i < s->space.leaves; i++) {
		struct map_leaf *e = &s->bitmap.leaf[i];
		uint64_t         old = map_get48(e->block), b;
		enum status      st = RC_OK;

		if (!s->space.touched[i] || map_get48(e->birth) == number)
			continue;
		b = commit_alloc(s);
		if (b == 0)
			return RC_FULL;
		if (old != 0)
			st = commit_dead(s, old, map_get48(e->birth));
		if (st != RC_OK)
			return st;
		table_set(&s->bitmap, i, b, number, 0);
		*changed = true;
	}
	return RC_OK;
}

enum status
plan_all(struct store *s)
{
	bool        changed = true;
	enum status st = RC_OK;

	while (changed && st == RC_OK) {
		changed = false;
		st = bitmap_plan(s, &changed);
		if (st == RC_OK)
			st = table_plan(s, &s->bitmap, &changed);
		if (st == RC_OK)
			st = list_plan(s, &s->dead, &changed);
		if (st == RC_OK)
			st = table_plan(s, &s->lists, &changed);
	}
	return st;
}

static enum status
bitmap_emit(struct store *s)
{
	uint64_t number = commit_generation(s)->number;

	for (; s->commit.emit < s->space.leaves; s->commit.emit++) {
		uint32_t         i = s->commit.emit;
		struct map_leaf *e = &s->bitmap.leaf[i];
		struct pointer   p = {
		      .block = map_get48(e->block),
		      .key = frame_of(MAP_SOURCE_SPACE, i),
                };
		void *data;

		if (map_get48(e->birth) != number)
			continue;
		data = cache_new(&s->cache, &p);
		if (data == NULL)
			return ST_WAIT;
		space_image(&s->space, i, data);
		table_check(&s->bitmap, i, cache_seal(&s->cache, data));
	}
	return RC_OK;
}

enum {
	EMIT_DEAD,
	EMIT_BITMAP,
	EMIT_LISTS, /* Levels 1 to MAP_LEVELS_MAX. */
	EMIT_SPACE = EMIT_LISTS + MAP_LEVELS_MAX,
	EMIT_END = EMIT_SPACE + MAP_LEVELS_MAX,
};

static enum status
emit_step(struct store *s, uint32_t step)
{
	uint32_t level;

	if (step == EMIT_DEAD)
		return list_emit(s, &s->dead);
	if (step == EMIT_BITMAP)
		return bitmap_emit(s);
	level = (step - EMIT_LISTS) % MAP_LEVELS_MAX + 1;
	if (step < EMIT_SPACE)
		return level > s->lists.levels
		    ? RC_OK
		    : table_emit(s, &s->lists, level, &s->commit.emit);
	return level > s->bitmap.levels
	    ? RC_OK
	    : table_emit(s, &s->bitmap, level, &s->commit.emit);
}

enum status
emit_continue(struct store *s)
{
	enum status st;

	for (; s->commit.emit_level < EMIT_END; s->commit.emit_level++) {
		st = emit_step(s, s->commit.emit_level);
		if (st != RC_OK)
			return st;
		s->commit.emit = 0;
	}
	return RC_OK;
}
