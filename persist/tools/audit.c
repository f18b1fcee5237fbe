/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Space: every block of every retained generation verifies, is used once, and
 * was born when its pointer says; dead lists hold exactly what they should;
 * the bitmap agrees with all that.
 */
#include "persist/tools/audit.h"
#include "persist/format/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 2, 0))) static void
line(const struct audit *a, const char *format, va_list ap)
{
	if (a->quiet)
		return;
	printf("%s: ", a->r->path);
	vprintf(format, ap);
	putchar('\n');
}

void
problem(struct audit *a, const char *format, ...)
{
	va_list ap;

	a->problems++;
	va_start(ap, format);
	line(a, format, ap);
	va_end(ap);
}

void
remark(struct audit *a, const char *format, ...)
{
	va_list ap;

	a->remarks++;
	va_start(ap, format);
	line(a, format, ap);
	va_end(ap);
}

static const struct generation *
walked(const struct audit *a)
{
	return &a->r->now->generation[a->at];
}

static struct use *
use_of(const struct audit *a, uint64_t block)
{
	const struct volume_header *h = a->r->header;

	if (block < h->data_block || block - h->data_block >= h->data_blocks)
		return NULL;
	return &a->use[block - h->data_block];
}

/* Enter one use; the content if the block is new to us, else NULL. */
static const void *
use_enter(struct audit *a, uint64_t block, uint64_t birth, uint64_t key,
    unsigned level, uint64_t parent_birth, struct use **out)
{
	uint64_t    number = walked(a)->number;
	struct use *u = use_of(a, block);
	const void *data = reader_block(a->r, block);

	*out = NULL;
	if (u == NULL || data == NULL) {
		problem(a,
		    "generation %lu, key %#lx: block %lu lies outside "
		    "the data area; boot an older generation",
		    number, key, block);
		return NULL;
	}
	if ((u->by >> a->at & 1) != 0) {
		problem(a,
		    "generation %lu: block %lu is used twice, for keys "
		    "%#lx and %#lx",
		    number, block, u->key, key);
		return NULL;
	}
	if (birth == 0 || birth > number || birth > parent_birth)
		problem(a,
		    "generation %lu, key %#lx: block %lu has the "
		    "impossible birth %lu",
		    number, key, block, birth);
	a->blocks++;
	*out = u;
	if (u->by != 0) {
		u->by |= (uint16_t)(1u << a->at);
		if (u->birth != birth || u->key != key || u->level != level)
			problem(a,
			    "block %lu: generation %lu sees key %#lx "
			    "birth %lu, an older one key %#lx birth %lu",
			    block, number, key, birth, u->key, u->birth);
		return NULL;
	}
	*u = (struct use){.key = key,
	    .birth = birth,
	    .level = (uint8_t)level,
	    .by = (uint16_t)(1u << a->at)};
	return data;
}

static void
leaf_check(struct audit *a, const struct map_leaf *e, uint64_t key,
    uint64_t parent_birth)
{
	uint64_t block = map_get48(e->block), birth = map_get48(e->birth);
	bool     full = e->kind == FK_PAGE || e->kind == FK_NODE ||
	    e->kind == FK_STATE;
	const void *data;
	struct use *u;

	a->frames += e->kind != FK_FREE;
	if (e->kind >= FK_COUNT || full != (block != 0)) {
		problem(a, "generation %lu, key %#lx: kind %u with block %lu",
		    walked(a)->number, key, e->kind, block);
		return;
	}
	if (block == 0)
		return;
	data = use_enter(a, block, birth, key, 0, parent_birth, &u);
	if (data == NULL)
		return;
	a->objects++;
	if (check_object(a->r->crc_cpu, oid_make(key, OID_INDEX_FRAME), e->kind,
		e->count, data) == e->check)
		return;
	u->bad = true;
	problem(a,
	    "object %#lx, block %lu: content does not verify; it is "
	    "lost unless an older generation has it",
	    key, block);
}

struct branch {
	uint64_t block, birth, check, key;
	uint32_t level;
};

static void tree_walk(struct audit *a, struct branch b, uint64_t parent);

static void
inner_walk(struct audit *a, const struct branch *b, const uint8_t *data)
{
	struct map_inner e;

	for (unsigned i = 0; i < INNER_ENTRIES; i++) {
		memcpy(&e, data + i * sizeof(e), sizeof(e));
		if (map_get_bytes(e.block, 5) == 0)
			continue;
		tree_walk(a,
		    (struct branch){.block = map_get_bytes(e.block, 5),
			.birth = map_get_bytes(e.birth, 5),
			.check = map_get_bytes(e.check, 6),
			.key = b->key +
			    ((uint64_t)i << map_shift(b->level - 1)),
			.level = b->level - 1},
		    b->birth);
	}
}

/* Depth is at most MAP_LEVELS_MAX. */
static void
tree_walk(struct audit *a, struct branch b, uint64_t parent)
{
	struct use     *u;
	const uint8_t  *data;
	struct map_leaf e;

	data = use_enter(a, b.block, b.birth, b.key, b.level, parent, &u);
	if (u == NULL)
		return;
	if (data == NULL)
		data = reader_block(a->r, b.block);
	if (u->bad)
		return;
	if (check_map(a->r->crc_cpu, b.key, b.level, data) != b.check) {
		u->bad = true;
		problem(a,
		    "map block %lu (level %u, key %#lx on) does not "
		    "verify: its objects are lost; boot an older generation",
		    b.block, b.level, b.key);
		return;
	}
	if (b.level > 1) {
		inner_walk(a, &b, data);
		return;
	}
	for (unsigned i = 0; i < LEAF_ENTRIES; i++) {
		memcpy(&e, data + i * sizeof(e), sizeof(e));
		leaf_check(a, &e, b.key + i, b.birth);
	}
}

static void
root_walk(struct audit *a, const struct map_root *r, enum oid_source source)
{
	if (r->levels == 0)
		return;
	if (r->levels > MAP_LEVELS_MAX) {
		problem(a, "generation %lu: a root with %u levels",
		    walked(a)->number, r->levels);
		return;
	}
	tree_walk(a,
	    (struct branch){
		r->block, r->birth, r->check, frame_of(source, 0), r->levels},
	    walked(a)->number);
}

/* One list block's entries: dead here, alive (or metadata) before. */
static uint64_t
list_block(struct audit *a, unsigned g, const struct dead_block *d)
{
	for (uint32_t i = 0; i < d->entries; i++) {
		uint64_t    block = d->entry[i].block;
		struct use *u = use_of(a, block);

		if (u == NULL || u->list != 0 || (u->by >> g & 1) != 0) {
			problem(a,
			    "dead list of generation %lu: block %lu is "
			    "%s",
			    a->r->now->generation[g].number, block,
			    u == NULL          ? "outside"
				: u->list != 0 ? "on two lists"
					       : "in use");
			continue;
		}
		if (u->by != 0 && u->birth != d->entry[i].birth)
			problem(a,
			    "dead list of generation %lu: block %lu "
			    "has birth %lu, not %lu",
			    a->r->now->generation[g].number, block, u->birth,
			    d->entry[i].birth);
		u->list = (uint8_t)(g + 1);
	}
	return d->entries;
}

static void
list_walk(struct audit *a, unsigned g)
{
	const struct generation *n = &a->r->now->generation[g];
	uint64_t                 key = n->dead, entries = 0;
	unsigned                 hops = 0;

	while (key != 0) {
		struct map_leaf e = reader_leaf(
		    a->r, &a->r->now->lists, key - 1);
		const struct dead_block *d = reader_block(
		    a->r, map_get48(e.block));

		if (map_get48(e.block) == 0 || d == NULL ||
		    d->magic != DEAD_MAGIC || d->entries > DEAD_ENTRIES ||
		    hops++ > map_list_keys(a->r->header->data_blocks)) {
			problem(a,
			    "dead list of generation %lu is broken at "
			    "key %lu: space will leak",
			    n->number, key - 1);
			return;
		}
		entries += list_block(a, g, d);
		key = d->next;
	}
	if (entries != n->dead_entries)
		problem(a,
		    "dead list of generation %lu has %lu entries, not "
		    "%lu",
		    n->number, entries, n->dead_entries);
}

/* What the one before uses and this one does not is on this one's list. */
static void
lists_complete(struct audit *a)
{
	for (uint64_t i = 0; i < a->r->header->data_blocks; i++) {
		const struct use *u = &a->use[i];

		for (unsigned g = 1; g < a->r->now->generations; g++)
			if ((u->by >> (g - 1) & 3) == 1 && u->list != g + 1)
				problem(a,
				    "block %lu died in generation %lu "
				    "but is not on its list",
				    a->r->header->data_block + i,
				    a->r->now->generation[g].number);
	}
}

static void
bitmap_check(struct audit *a)
{
	uint64_t        used = 0, n = a->r->header->data_blocks;
	const uint8_t  *bits = NULL;
	struct map_leaf e;

	for (uint64_t i = 0; i < n; i++) {
		bool set, is;

		if (i % BITMAP_BLOCKS == 0) {
			e = reader_leaf(
			    a->r, &a->r->now->space, i / BITMAP_BLOCKS);
			bits = map_get48(e.block) == 0
			    ? NULL
			    : reader_block(a->r, map_get48(e.block));
		}
		set = bits != NULL &&
		    (bits[i % BITMAP_BLOCKS / 8] >> i % 8 & 1) != 0;
		is = a->use[i].by != 0 || a->use[i].list != 0;
		used += set;
		if (set == is)
			continue;
		if (set)
			problem(a, "block %lu is not free but nothing uses it",
			    a->r->header->data_block + i);
		else
			problem(a,
			    "block %lu (key %#lx) is in use but marked "
			    "free: it will be overwritten; do not boot this "
			    "volume, copy it first",
			    a->r->header->data_block + i, a->use[i].key);
	}
	if (used != a->r->now->used)
		problem(a,
		    "the bitmap has %lu blocks, the superblock says "
		    "%lu",
		    used, a->r->now->used);
}

void
audit_space(struct audit *a)
{
	const struct superblock *b = a->r->now;

	for (a->at = 0; a->at < b->generations; a->at++) {
		const struct generation *g = walked(a);

		a->frames = a->blocks = 0;
		root_walk(a, &g->objects, MAP_SOURCE_OBJECTS);
		if (a->frames != g->frames)
			problem(a, "generation %lu has %lu objects, not %lu",
			    g->number, a->frames, g->frames);
		root_walk(a, &g->record, MAP_SOURCE_RECORD);
		if (a->at > 0 && g->number <= g[-1].number)
			problem(a, "generation %lu comes after %lu", g->number,
			    g[-1].number);
		if (a->at + 1 < b->generations)
			continue;
		root_walk(a, &b->space, MAP_SOURCE_SPACE);
		root_walk(a, &b->lists, MAP_SOURCE_LISTS);
		if (a->blocks != g->blocks)
			problem(a, "generation %lu uses %lu blocks, not %lu",
			    g->number, a->blocks, g->blocks);
	}
	for (unsigned g = 0; g < b->generations; g++)
		list_walk(a, g);
	lists_complete(a);
	bitmap_check(a);
}
