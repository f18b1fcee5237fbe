/* SPDX-License-Identifier: BSD-2-Clause */
/* Free space: five bit arrays and two cursors. */
#include "persist/store/space.h"

#include <string.h>

enum { LEAF_WORDS = BITMAP_BLOCKS / 64 };

static uint64_t
words_for(uint64_t blocks)
{
	return (blocks + BITMAP_BLOCKS - 1) / BITMAP_BLOCKS * LEAF_WORDS;
}

size_t
space_bytes(uint64_t blocks)
{
	uint64_t words = words_for(blocks);

	return (size_t)(words * 5 * 8 + words / LEAF_WORDS * 2 + 64);
}

void
space_init(struct space *s, uint64_t blocks, void *memory)
{
	uint64_t w = words_for(blocks);

	*s = (struct space){.limit_words = w};
	s->used = memory;
	s->working = s->used + w;
	s->meta = s->working + w;
	s->freed = s->meta + w;
	s->limbo = s->freed + w;
	s->touched = (uint8_t *)(s->limbo + w);
	s->touched_working = s->touched + w / LEAF_WORDS;
}

static bool
bit(const uint64_t *a, uint64_t i)
{
	return (a[i / 64] >> (i % 64) & 1) != 0;
}

static void
set(uint64_t *a, uint64_t i)
{
	a[i / 64] |= UINT64_C(1) << (i % 64);
}

static void
clear(uint64_t *a, uint64_t i)
{
	a[i / 64] &= ~(UINT64_C(1) << (i % 64));
}

void
space_open(struct space *s, uint64_t first, uint64_t blocks)
{
	s->first = first;
	s->blocks = blocks;
	s->words = words_for(blocks);
	s->leaves = (uint32_t)(s->words / LEAF_WORDS);
	s->nfree = blocks;
	s->nfreed = 0;
	memset(s->used, 0, (size_t)(s->limit_words * 5 * 8));
	memset(s->touched, 0, (size_t)(s->limit_words / LEAF_WORDS * 2));
	/* Bits beyond the end are never free. */
	memset(s->used + (blocks + 63) / 64, 0xff,
	    (size_t)(s->words - (blocks + 63) / 64) * 8);
	for (uint64_t i = blocks; i % 64 != 0; i++)
		set(s->used, i);
	s->cursor[0] = 0;
	/* Map blocks come from the far end, so that data stays in runs. */
	s->cursor[1] = (blocks - blocks / 8) / 64;
}

void
space_load(struct space *s, uint32_t leaf, const void *bitmap)
{
	uint64_t      *to = s->used + (uint64_t)leaf * LEAF_WORDS, v;
	const uint8_t *from = bitmap;

	for (uint32_t i = 0; i < LEAF_WORDS; i++) {
		memcpy(&v, from + i * 8, 8);
		v &= ~to[i];
		s->nfree -= (uint64_t)__builtin_popcountll(v);
		to[i] |= v;
	}
}

void
space_image(const struct space *s, uint32_t leaf, void *bitmap)
{
	uint64_t v, at = (uint64_t)leaf * LEAF_WORDS;
	uint8_t *to = bitmap;

	for (uint64_t i = at; i < at + LEAF_WORDS; i++) {
		v = s->used[i] & ~s->working[i] & ~s->freed[i] & ~s->limbo[i];
		/* Nor do bits beyond the end stand on disk. */
		if (i >= s->blocks / 64)
			v &= i > s->blocks / 64
			    ? 0
			    : (UINT64_C(1) << (s->blocks % 64)) - 1;
		memcpy(to + (i - at) * 8, &v, 8);
	}
}

bool
space_holds(const struct space *s, uint64_t block)
{
	return block >= s->first && block - s->first < s->blocks;
}

/*
 * Next fit by word, so that what is cleaned together lies together. A data
 * block follows the last one; map blocks have a cursor of their own.
 */
uint64_t
space_alloc(struct space *s, enum space_class c)
{
	uint64_t *cursor = &s->cursor[c == SPACE_META], w = *cursor, i;

	if (s->nfree == 0)
		return 0;
	while (s->used[w] == UINT64_MAX)
		w = w + 1 == s->words ? 0 : w + 1;
	*cursor = w;
	i = w * 64 + (uint64_t)__builtin_ctzll(~s->used[w]);
	set(s->used, i);
	s->nfree--;
	if (c == SPACE_WORKING) {
		set(s->working, i);
		s->touched_working[i / BITMAP_BLOCKS] = 1;
	} else {
		s->touched[i / BITMAP_BLOCKS] = 1;
	}
	if (c == SPACE_META)
		set(s->meta, i);
	return s->first + i;
}

void
space_release(struct space *s, uint64_t block)
{
	uint64_t i = block - s->first;

	clear(s->used, i);
	clear(s->working, i);
	s->nfree++;
}

void
space_hold(struct space *s, uint64_t block)
{
	uint64_t i = block - s->first;

	clear(s->working, i);
	clear(s->meta, i);
	set(s->limbo, i);
	s->nfreed++;
}

bool
space_drop(struct space *s, uint64_t block)
{
	uint64_t i = block - s->first;

	if (!space_holds(s, block) || !bit(s->used, i) || bit(s->freed, i) ||
	    bit(s->working, i))
		return false;
	set(s->freed, i);
	s->nfreed++;
	s->touched[i / BITMAP_BLOCKS] = 1;
	return true;
}

void
space_freeze(struct space *s)
{
	memset(s->working, 0, (size_t)s->words * 8);
	for (uint32_t i = 0; i < s->leaves; i++) {
		s->touched[i] |= s->touched_working[i];
		s->touched_working[i] = 0;
	}
}

void
space_durable(struct space *s)
{
	for (uint64_t i = 0; i < s->words; i++) {
		s->used[i] &= ~(s->freed[i] | s->limbo[i]);
		s->freed[i] = s->limbo[i] = s->meta[i] = 0;
	}
	s->nfree += s->nfreed;
	s->nfreed = 0;
	memset(s->touched, 0, s->leaves);
}

void
space_undo(struct space *s, bool seen)
{
	for (uint64_t i = 0; i < s->words; i++) {
		uint64_t n = (uint64_t)__builtin_popcountll(s->meta[i]);

		s->nfreed -= (uint64_t)__builtin_popcountll(s->freed[i]);
		s->freed[i] = 0;
		if (seen) {
			s->limbo[i] |= s->meta[i];
			s->nfreed += n;
		} else {
			s->used[i] &= ~s->meta[i];
			s->nfree += n;
		}
		s->meta[i] = 0;
	}
	/* What the disk has is what it had: all touched is touched still. */
	for (uint32_t i = 0; i < s->leaves; i++) {
		s->touched_working[i] |= s->touched[i];
		s->touched[i] = 0;
	}
}

void
space_rework(struct space *s, uint64_t block)
{
	set(s->working, block - s->first);
}

bool
space_ok(const struct space *s)
{
	uint64_t nfree = 0, nfreed = 0, part;

	for (uint64_t i = 0; i < s->words; i++) {
		part = s->working[i] | s->meta[i] | s->freed[i] | s->limbo[i];
		nfree += 64 - (uint64_t)__builtin_popcountll(s->used[i]);
		nfreed += (uint64_t)__builtin_popcountll(
		    s->freed[i] | s->limbo[i]);
		if ((part & ~s->used[i]) != 0 ||
		    (s->working[i] & (s->meta[i] | s->freed[i])) != 0 ||
		    (s->meta[i] & s->freed[i]) != 0 ||
		    (s->limbo[i] & (s->working[i] | s->freed[i])) != 0)
			return false;
	}
	return nfree == s->nfree && nfreed == s->nfreed;
}

/* Blocks that the superblock being made counts as used. */
uint64_t
space_image_used(const struct space *s)
{
	uint64_t n = 0;

	for (uint64_t i = 0; i < s->words; i++)
		n += (uint64_t)__builtin_popcountll(
		    s->used[i] & ~s->working[i] & ~s->freed[i] & ~s->limbo[i]);
	return n - (s->words * 64 - s->blocks);
}

bool
space_freed(const struct space *s, uint64_t block)
{
	return space_holds(s, block) &&
	    (bit(s->freed, block - s->first) ||
		bit(s->limbo, block - s->first));
}
