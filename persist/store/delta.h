/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The changes of one epoch: what was cleaned or dropped since, by map key.
 *
 * 1. Each key has at most one entry; entries stand in order of first change.
 * 2. An entry's block, if any, belongs to no generation and no other entry.
 * 3. `order` is sorted by key after delta_sort, until the next delta_get.
 */
#ifndef PERSIST_STORE_DELTA_H
#define PERSIST_STORE_DELTA_H

#include "kernel/abi/types.h"

enum delta_flags {
	/* Its write is in flight or has failed: it cannot be committed. */
	DELTA_BROKEN = 1 << 0,
	/* A superblock that may be on disk uses the block: not to be reused. */
	DELTA_HELD = 1 << 1,
	/* A page of the record: costs no credit. */
	DELTA_RECORD = 1 << 2,
};

struct delta_entry {
	uint64_t key;
	uint64_t block; /* 0: no content (FK_ZERO, FK_FREE). */
	uint64_t check;
	uint32_t count;
	uint8_t  kind;
	uint8_t  flags;
	uint8_t  unused[2];
};

struct delta {
	struct delta_entry *entry;
	uint32_t           *index; /* Hash: position of entry + 1; 0: none. */
	uint32_t           *order;
	uint32_t            n, limit, mask;
	uint32_t            charged; /* Entries that hold a credit. */
	uint64_t            epoch;
};

/* Bytes of memory, and its layout, for so many entries. */
size_t delta_bytes(uint32_t limit);
void   delta_init(struct delta *d, uint32_t limit, void *memory);
void   delta_reset(struct delta *d, uint64_t epoch);

struct delta_entry *delta_find(const struct delta *d, uint64_t key);
/* Finds or makes; NULL when full. *made tells which. */
struct delta_entry *delta_get(struct delta *d, uint64_t key, bool *made);
void                delta_sort(struct delta *d);
bool                delta_ok(const struct delta *d);

#endif
