/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The object map (D1): copy-on-write radix trees from key to block.
 *
 * A map key is a frame number of 37 bits. Its source chooses the tree, its
 * position of 35 bits the entry:
 *
 *     SOURCE_PERSISTENT  objects; root in the generation
 *     SOURCE_EPHEMERAL   pages of the snapshot record; root in the generation
 *     SOURCE_BOOT        leaves of the bitmap; root in the superblock
 *     SOURCE_PHYSICAL    blocks of dead lists; root in the superblock
 *
 * No boot, ephemeral or physical object is ever on a volume, so these keys
 * name nothing else.
 */
#ifndef PERSIST_FORMAT_MAP_H
#define PERSIST_FORMAT_MAP_H

#include "persist/format/frame.h"
#include "persist/format/layout.h"

/* Which tree; see above. */
#define MAP_SOURCE_OBJECTS SOURCE_PERSISTENT
#define MAP_SOURCE_RECORD  SOURCE_EPHEMERAL
#define MAP_SOURCE_SPACE   SOURCE_BOOT
#define MAP_SOURCE_LISTS   SOURCE_PHYSICAL

enum {

	LEAF_SHIFT = 7, /* log2 of the entries of a leaf block. */
	LEAF_ENTRIES = 1 << LEAF_SHIFT,
	INNER_SHIFT = 8,
	INNER_ENTRIES = 1 << INNER_SHIFT,
	MAP_LEVELS_MAX = 5, /* 7 + 4 x 8 >= 35 bits. */

	BITMAP_SHIFT = 15, /* Blocks that one leaf of the bitmap covers. */
	BITMAP_BLOCKS = 1 << BITMAP_SHIFT,
};

/*
 * An object: {block 48, birth 48, check 64, count 32, kind 8, flags 8}. All
 * zero: never existed. block 0 with kind FK_ZERO or FK_FREE: no content; the
 * count of a FK_FREE frame stays, for it may never go back.
 */
struct map_leaf {
	uint16_t block[3]; /* Little-endian, low word first. */
	uint16_t birth[3];
	uint32_t count;
	uint64_t check; /* check_object(); 0 without content. */
	uint8_t  kind;  /* enum frame_kind */
	uint8_t  flags;
	uint8_t  unused[6];
};

/* A map block below: {block 40, birth 40, check 48}. All zero: nothing. */
struct map_inner {
	uint8_t block[5]; /* Little-endian. */
	uint8_t birth[5];
	uint8_t check[6];
};

/*
 * A block of a dead list. Blocks of a list are chained from the newest to the
 * oldest by key.
 */
enum { DEAD_ENTRIES = 255 };

struct dead_entry {
	uint64_t block;
	uint64_t birth;
};

struct dead_block {
	uint32_t          magic; /* DEAD_MAGIC */
	uint32_t          entries;
	uint64_t          next; /* Key + 1 of the next, 0: the last. */
	struct dead_entry entry[DEAD_ENTRIES];
};

enum { DEAD_MAGIC = 0x44414544 /* "DEAD" */ };

/* The kind that leaves of the bitmap, list blocks and record pages have. */
enum { FK_META = FK_PAGE };

_Static_assert(sizeof(struct map_leaf) == 32, "leaf entry");
_Static_assert(offsetof(struct map_leaf, check) == 16, "check");
_Static_assert(sizeof(struct map_inner) == 16, "inner entry");
_Static_assert(sizeof(struct dead_block) == BLOCK_SIZE, "one block");

static inline uint64_t
map_get48(const uint16_t v[3])
{
	return v[0] | (uint64_t)v[1] << 16 | (uint64_t)v[2] << 32;
}

static inline void
map_put48(uint16_t v[3], uint64_t n)
{
	v[0] = (uint16_t)n;
	v[1] = (uint16_t)(n >> 16);
	v[2] = (uint16_t)(n >> 32);
}

static inline uint64_t
map_get_bytes(const uint8_t *v, unsigned n)
{
	uint64_t x = 0;

	while (n-- > 0)
		x = x << 8 | v[n];
	return x;
}

static inline void
map_put_bytes(uint8_t *v, unsigned n, uint64_t x)
{
	for (unsigned i = 0; i < n; i++, x >>= 8)
		v[i] = (uint8_t)x;
}

/* log2 of the keys that one block at `level` covers; a leaf is level 1. */
static inline unsigned
map_shift(unsigned level)
{
	return LEAF_SHIFT + (level - 1) * INNER_SHIFT;
}

/* The entry for a key within a block at `level`. */
static inline unsigned
map_index(uint64_t position, unsigned level)
{
	if (level == 1)
		return (unsigned)(position & (LEAF_ENTRIES - 1));
	return (unsigned)(position >> map_shift(level - 1)) &
	    (INNER_ENTRIES - 1);
}

/* The first key that the block at `level` over `key` covers. */
static inline uint64_t
map_first(uint64_t key, unsigned level)
{
	unsigned shift = map_shift(level);

	return shift >= OID_SOURCE_SHIFT
	    ? key >> OID_SOURCE_SHIFT << OID_SOURCE_SHIFT
	    : key >> shift << shift;
}

/* Levels that a tree needs to hold this position. */
static inline unsigned
map_levels(uint64_t position)
{
	unsigned level = 1;

	while (level < MAP_LEVELS_MAX && position >> map_shift(level) != 0)
		level++;
	return level;
}

/*
 * Keys for blocks of dead lists. A block is on one list at most, and only the
 * newest block of a list may be partly full; some more while lists are merged.
 */
static inline uint32_t
map_list_keys(uint64_t data_blocks)
{
	return (uint32_t)(data_blocks / DEAD_ENTRIES) + 64;
}

#endif
