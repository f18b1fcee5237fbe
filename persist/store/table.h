/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A small map tree whose entries are all in memory: the bitmap's leaves, and
 * the blocks of dead lists (F8).
 *
 * Its blocks get new homes in memory first (table_plan, repeated by the commit
 * until nothing changes) and are written afterwards (table_emit), when the
 * content of all is known.
 *
 * 1. node[] holds, level by level from 1 up, where each block of the tree is.
 * 2. A node that is dirty and planned has a home that this commit allocated.
 * 3. `was` is the state of the newest durable superblock.
 */
#ifndef PERSIST_STORE_TABLE_H
#define PERSIST_STORE_TABLE_H

#include "kernel/abi/status.h"
#include "persist/format/map.h"
#include "persist/format/volume.h"

struct store;

struct table_node {
	uint64_t block, birth, check;
	bool     dirty, planned;
};

struct table {
	enum oid_source    source;
	uint32_t           keys, limit;
	uint32_t           levels;
	uint32_t           first[MAP_LEVELS_MAX + 2]; /* Node of each level. */
	struct map_leaf   *leaf, *leaf_was;
	struct table_node *node, *node_was;
	uint32_t           nnodes;
};

size_t table_bytes(uint32_t keys);
void   table_init(
      struct table *t, enum oid_source source, uint32_t limit, void *memory);
/* Empty, for a volume with so many keys. */
void table_open(struct table *t, uint32_t keys);
void table_set(struct table *t, uint32_t key, uint64_t block, uint64_t birth,
    uint64_t check);
/* The check became known; the entry is dirty already. */
void table_check(struct table *t, uint32_t key, uint64_t check);
/* Where a level's block is, and what it will hold. */
bool table_absent(const struct table *t, uint32_t level, uint32_t i);
void table_content(
    const struct table *t, uint32_t level, uint32_t i, void *block);

/* Gives homes to dirty nodes; *changed if any; RC_FULL: no block. */
must_check enum status table_plan(
    struct store *s, struct table *t, bool *changed);
/* Writes the blocks of one level from *i on; ST_WAIT: call again. */
must_check enum status table_emit(
    struct store *s, struct table *t, uint32_t level, uint32_t *i);
void table_root(const struct table *t, struct map_root *r);
void table_durable(struct table *t);
void table_undo(struct table *t);
bool table_ok(const struct table *t);

/*
 * Reading at mount: *i counts nodes from the root down; then the caller reads
 * what the leaves point to.
 */
must_check enum status table_read(
    struct store *s, struct table *t, const struct map_root *root, uint32_t *i);

#endif
