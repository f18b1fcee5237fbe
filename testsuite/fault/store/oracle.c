/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The oracle: reads an image by the format alone. Contents are compared by
 * what was written, not by checksum, so a wrong check cannot hide anything.
 */
#include "testsuite/fault/store/sim.h"

#include <string.h>

static char message[160];

#define WRONG(...) (snprintf(message, sizeof(message), __VA_ARGS__), message)

static const struct content *
at(const struct image *i, uint64_t block)
{
	return block < i->blocks ? i->block[block] : content_zero();
}

static void
leaf_find(const struct image *i, const struct map_root *r, uint64_t position,
    struct map_leaf *out)
{
	uint64_t block = r->block;

	memset(out, 0, sizeof(*out));
	if (r->levels == 0 || map_levels(position) > r->levels)
		return;
	for (uint32_t l = r->levels; block != 0; l--) {
		const uint8_t   *data = at(i, block)->data;
		struct map_inner e;
		unsigned         n = map_index(position, l);

		if (l == 1) {
			memcpy(out, data + n * sizeof(*out), sizeof(*out));
			return;
		}
		memcpy(&e, data + n * sizeof(e), sizeof(e));
		block = map_get_bytes(e.block, 5);
	}
}

static const char *
leaf_compare(const struct image *i, const struct map_leaf *e, uint64_t key,
    const struct object_state *want)
{
	const struct content *c = at(i, map_get48(e->block));

	if (e->kind != want->kind || e->count != want->count)
		return WRONG("object %lx: kind %u count %u, not %u %u", key,
		    e->kind, e->count, want->kind, want->count);
	if (want->kind == FK_FREE || want->kind == FK_ZERO)
		return map_get48(e->block) == 0
		    ? NULL
		    : WRONG("object %lx has a block", key);
	if (c->torn || c->key != key || c->version != want->version)
		return WRONG("object %lx: version %lu%s of %lx, not %lu", key,
		    c->version, c->torn ? " torn" : "", c->key, want->version);
	return NULL;
}

const char *
oracle_state(const struct image *i, const struct generation *g,
    const struct snapshot_state *want, const struct sim_plan *p)
{
	struct map_leaf e;
	const char     *w;

	for (uint32_t n = 0; n < p->objects; n++) {
		uint64_t position = (uint64_t)n * p->stride;

		leaf_find(i, &g->objects, position, &e);
		w = leaf_compare(i, &e, frame_of(MAP_SOURCE_OBJECTS, position),
		    &want->object[n]);
		if (w != NULL)
			return w;
	}
	if (g->record_pages != want->record_pages)
		return WRONG("%u record pages", g->record_pages);
	for (uint32_t n = 0; n < SIM_RECORD; n++) {
		struct object_state r = {
		    .kind = FK_META, .version = want->record};

		if (n >= want->record_pages)
			r = (struct object_state){.kind = FK_FREE};
		leaf_find(i, &g->record, n, &e);
		w = leaf_compare(i, &e, frame_of(MAP_SOURCE_RECORD, n), &r);
		if (w != NULL)
			return w;
	}
	return NULL;
}

/* Which generations use a block, and with which birth it was seen. */
struct use {
	uint32_t by;
	uint64_t birth;
	bool     dead;
};

struct audit {
	const struct image *image;
	struct use          use[SIM_BLOCKS];
	uint32_t            seen[SIM_BLOCKS]; /* Generation that saw it + 1. */
	uint64_t            birth_max;
	uint32_t            who;
	const char         *wrong;
};

static bool
use_block(struct audit *a, uint64_t block, uint64_t birth)
{
	struct use *u;

	if (block >= a->image->blocks) {
		a->wrong = WRONG("block %lu is beyond the end", block);
		return false;
	}
	u = &a->use[block];
	if (a->seen[block] == a->who + 1) {
		a->wrong = WRONG("block %lu is used twice", block);
		return false;
	}
	if (u->by != 0 && u->birth != birth) {
		a->wrong = WRONG("block %lu has two births", block);
		return false;
	}
	if (birth > a->birth_max) {
		a->wrong = WRONG("block %lu is born in the future", block);
		return false;
	}
	a->seen[block] = a->who + 1;
	u->by |= 1u << a->who;
	u->birth = birth;
	return true;
}

/* Walks a tree with a stack of its own: [level] is the entry looked at. */
static void
use_tree(struct audit *a, const struct map_root *r)
{
	uint64_t block[MAP_LEVELS_MAX + 1] = {0};
	unsigned n[MAP_LEVELS_MAX + 1] = {0};
	uint32_t l = r->levels;

	if (l == 0 || !use_block(a, r->block, r->birth))
		return;
	block[l] = r->block;
	while (l <= r->levels && a->wrong == NULL) {
		const uint8_t   *data = a->image->block[block[l]]->data;
		struct map_inner e;
		struct map_leaf  f;

		if (n[l] == (l == 1 ? LEAF_ENTRIES : INNER_ENTRIES)) {
			l++;
			continue;
		}
		if (l == 1) {
			memcpy(&f, data + n[l]++ * sizeof(f), sizeof(f));
			if (map_get48(f.block) != 0)
				use_block(
				    a, map_get48(f.block), map_get48(f.birth));
			continue;
		}
		memcpy(&e, data + n[l]++ * sizeof(e), sizeof(e));
		if (map_get_bytes(e.block, 5) == 0)
			continue;
		if (!use_block(a, map_get_bytes(e.block, 5),
			map_get_bytes(e.birth, 5)))
			return;
		block[l - 1] = map_get_bytes(e.block, 5);
		n[l - 1] = 0;
		l--;
	}
}

/* A list: used by the generation before, not by this one, birth right. */
static void
check_list(struct audit *a, const struct superblock *b, unsigned g)
{
	uint64_t          key = b->generation[g].dead, entries = 0;
	struct map_leaf   e;
	struct dead_block d;

	while (key != 0 && a->wrong == NULL) {
		leaf_find(a->image, &b->lists, key - 1, &e);
		memcpy(&d, at(a->image, map_get48(e.block))->data, sizeof(d));
		if (d.magic != DEAD_MAGIC || d.entries > DEAD_ENTRIES) {
			a->wrong = WRONG(
			    "bad list block of %lu", b->generation[g].number);
			return;
		}
		for (uint32_t i = 0; i < d.entries; i++) {
			uint64_t    n = d.entry[i].block;
			struct use *u = &a->use[n < SIM_BLOCKS ? n : 0];

			if (u->dead)
				a->wrong = WRONG("block %lu died twice", n);
			if ((u->by & 1u << g) != 0)
				a->wrong = WRONG("dead block %lu is used", n);
			/* Metadata of older superblocks is walked by nobody. */
			if (u->by != 0 && u->birth != d.entry[i].birth)
				a->wrong = WRONG("dead block %lu: birth", n);
			u->dead = true;
			u->by |= 1u << RETAINED_MAX;
		}
		entries += d.entries;
		key = d.next;
	}
	if (a->wrong == NULL && entries != b->generation[g].dead_entries)
		a->wrong = WRONG("list of %lu has %lu entries",
		    b->generation[g].number, entries);
}

static void
check_bitmap(struct audit *a, const struct superblock *b)
{
	struct map_leaf      e;
	struct volume_header h;
	uint64_t             used = 0;
	const uint8_t       *bits = NULL;

	memcpy(&h, a->image->block[BLOCK_VOLUME]->data, sizeof(h));
	for (uint64_t i = 0; i < h.data_blocks; i++) {
		bool set, is = a->use[h.data_block + i].by != 0;

		if (i % BITMAP_BLOCKS == 0) {
			leaf_find(a->image, &b->space, i / BITMAP_BLOCKS, &e);
			bits = at(a->image, map_get48(e.block))->data;
		}
		set = (bits[i % BITMAP_BLOCKS / 8] >> i % 8 & 1) != 0;
		used += set;
		if (set != is && a->wrong == NULL)
			a->wrong = WRONG("block %lu is %s but %s",
			    h.data_block + i, set ? "used" : "free",
			    is ? "in use" : "not in use");
	}
	if (a->wrong == NULL && used != b->used)
		a->wrong = WRONG("%lu blocks used, not %lu", used, b->used);
}

const char *
oracle_space(const struct image *i, const struct superblock *b)
{
	static struct audit a;

	a.wrong = NULL;
	memset(a.use, 0, i->blocks * sizeof(a.use[0]));
	memset(a.seen, 0, i->blocks * sizeof(a.seen[0]));
	a.image = i;
	for (unsigned g = 0; g < b->generations; g++) {
		a.who = g;
		a.birth_max = b->generation[g].number;
		use_tree(&a, &b->generation[g].objects);
		use_tree(&a, &b->generation[g].record);
		if (g + 1 == b->generations) {
			use_tree(&a, &b->space);
			use_tree(&a, &b->lists);
		}
	}
	for (unsigned g = 0; g < b->generations && a.wrong == NULL; g++)
		check_list(&a, b, g);
	if (a.wrong == NULL)
		check_bitmap(&a, b);
	return a.wrong;
}
