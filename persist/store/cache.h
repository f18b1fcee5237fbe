/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Map blocks in memory: a cache of blocks that were read and verified, and the
 * buffers of those being written.
 *
 *               cache_want           cache_read_done (verified)
 *     EMPTY ------------> READING ------------------------> VALID
 *       ^  ^                 | cache_read_done (failed)      ^  |
 *       |  |                 v                               |  | cache_want,
 *       |  `--------------- BAD                              |  | cache_new
 *       |      cache_want (once told), eviction              |  | (eviction)
 *       |           cache_new            cache_write_done    |  |
 *       +------------------> WRITING ------------------------+  v
 *                               ^                             EMPTY
 *                               `------ written again after an error
 *
 * 1. A block is in at most one slot.
 * 2. Content in VALID and WRITING is what its pointer's check says.
 */
#ifndef PERSIST_STORE_CACHE_H
#define PERSIST_STORE_CACHE_H

#include "kernel/abi/status.h"
#include "persist/format/map.h"

enum slot_state {
	SLOT_EMPTY,
	SLOT_READING,
	SLOT_VALID,
	SLOT_WRITING,
	SLOT_BAD,
};

/* How a block is to be verified: a map block, or an object under a key. */
struct pointer {
	uint64_t block;
	uint64_t check;
	uint64_t key;   /* A map block's first key, or the object's key. */
	uint32_t level; /* 0: an object of kind FK_META and count 0. */
};

struct slot {
	struct pointer  at;
	enum slot_state state;
	enum status     status; /* Of BAD. */
	bool            queued; /* Waits for its turn to be read or written. */
	bool            used;   /* Since the hand came by. */
	uint32_t        next;   /* Of the same hash bucket, + 1. */
	uint32_t        next_io;
	uint32_t        tries;
};

struct cache {
	struct slot *slot;
	uint32_t    *bucket;
	uint8_t (*data)[BLOCK_SIZE];
	uint32_t n, mask, hand;
	uint32_t io_head, io_tail; /* Queue of slots, + 1. */
	uint32_t writing;          /* Slots queued or in flight. */
	bool     crc_cpu;
};

size_t cache_bytes(uint32_t blocks);
void   cache_init(struct cache *c, uint32_t blocks, bool crc_cpu, void *memory);

/* The content, or NULL and why: ST_WAIT (ask again later), or it is bad. */
const void *cache_want(
    struct cache *c, const struct pointer *p, enum status *why);
/* True if cache_want would not have to read it. */
bool     cache_has(struct cache *c, uint64_t block);
/* A buffer for a new block, queued for writing; NULL: all are busy. */
void    *cache_new(struct cache *c, const struct pointer *p);
/* The new block is filled: gives its check, which the slot then has too. */
uint64_t cache_seal(struct cache *c, const void *data);
/* The block will hold something else: forget what it held. */
void     cache_forget(struct cache *c, uint64_t block);

/* The next slot to be read or written; false: none. */
bool cache_next_io(struct cache *c, uint32_t *slot);
void cache_requeue(struct cache *c, uint32_t slot);
void cache_read_done(struct cache *c, uint32_t slot, enum status st);
void cache_write_done(struct cache *c, uint32_t slot);
/* A write that was given up: the slot is empty. */
void cache_write_failed(struct cache *c, uint32_t slot);
bool cache_ok(const struct cache *c);

uint64_t pointer_check(bool crc_cpu, const struct pointer *p, const void *data);

#endif
