/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which blocks of the data area may be written (F8).
 *
 * A block is in exactly one of these conditions:
 *
 *     free      space_alloc may hand it out
 *     used      by a generation of the newest durable superblock, among which
 *               is always the one before it: so a block is reusable only when
 *               the two newest durable generations do not use it
 *     working   written for the working epoch, in no superblock yet
 *     frozen    the same for the epoch that is being committed
 *     meta      map, list or bitmap block that the commit going on has written
 *     freed     used, but dropped by the commit going on
 *     limbo     unused, but a superblock that uses it may have reached the disk
 *
 *                   space_alloc            space_freeze
 *           free ---------------> working --------------> frozen
 *            ^  \                   |                        |
 *            |   \ space_alloc      | space_release          |
 *            |    `-----> meta      v                        |
 *            |              |     free                       |
 *            |              +--------------------------------+
 *            |              | space_durable                  | space_undo
 *            | space_durable v                               v
 *          freed <-------- used                           working
 *                space_drop
 *
 * Bits, one array each: `used` = not free; working, meta, freed and limbo mark
 * some of these. What goes to disk is used & ~working & ~freed & ~limbo.
 */
#ifndef PERSIST_STORE_SPACE_H
#define PERSIST_STORE_SPACE_H

#include "persist/format/map.h"

enum space_class {
	SPACE_WORKING,
	SPACE_FROZEN,
	SPACE_META,
	SPACE_CLASSES,
};

struct space {
	uint64_t  first;  /* Block of bit 0. */
	uint64_t  blocks; /* Bits. */
	uint64_t  nfree;
	uint64_t  nfreed; /* Bits of freed and limbo. */
	uint64_t  words, limit_words;
	uint64_t *used, *working, *meta, *freed, *limbo;
	uint64_t  cursor[2]; /* Words: data, meta. */
	/* By leaf of the bitmap: its part on disk will change. */
	uint8_t  *touched, *touched_working;
	uint32_t  leaves;
};

size_t space_bytes(uint64_t blocks);
void   space_init(struct space *s, uint64_t blocks, void *memory);
/* The data area of the volume that was opened; all of it free. */
void   space_open(struct space *s, uint64_t first, uint64_t blocks);
/* Enter a leaf of the bitmap read from disk. */
void   space_load(struct space *s, uint32_t leaf, const void *bitmap);
/* What is to be written for a leaf. */
void   space_image(const struct space *s, uint32_t leaf, void *bitmap);

bool            space_holds(const struct space *s, uint64_t block);
/* 0: none is free. */
uint64_t        space_alloc(struct space *s, enum space_class c);
/* Give back a working or frozen block that no superblock can know. */
void            space_release(struct space *s, uint64_t block);
/* One that a superblock may know: it is free after the next commit. */
void            space_hold(struct space *s, uint64_t block);
/* A block of a generation that is dropped; false: it is not in use. */
must_check bool space_drop(struct space *s, uint64_t block);

void space_freeze(struct space *s);
void space_durable(struct space *s);
/*
 * The commit failed. seen: its superblock may have reached the disk. The
 * caller marks the frozen blocks as working again one by one.
 */
void space_undo(struct space *s, bool seen);
void space_rework(struct space *s, uint64_t block);

uint64_t space_image_used(const struct space *s);
/* Will space_durable free it? */
bool     space_freed(const struct space *s, uint64_t block);

bool space_ok(const struct space *s);

#endif
