/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading a volume for checker and dumper: by persist/format alone, without
 * any code of the store, so that a bug there is not repeated here.
 */
#ifndef PERSIST_TOOLS_READER_H
#define PERSIST_TOOLS_READER_H

#include "persist/format/map.h"
#include "persist/format/volume.h"

struct reader {
	const char                 *path;
	const uint8_t              *file;
	size_t                      bytes;
	uint64_t                    at; /* Byte of block 0. */
	bool                        crc_cpu;
	const struct volume_header *header;
	const struct superblock    *super[SUPER_SLOTS]; /* NULL: unusable. */
	char                        why[SUPER_SLOTS][160];
	const struct superblock    *now; /* The newest usable, or NULL. */
};

/* false: no volume there, and *why says so in a sentence. */
bool reader_open(struct reader *r, const char *path, const char **why);
/* The same of a volume that stands in memory. */
bool reader_open_memory(struct reader *r, const char *name, const void *volume,
    size_t bytes, const char **why);
/* NULL: beyond the end of volume or file. */
const void *reader_block(const struct reader *r, uint64_t block);
const struct generation *reader_newest(const struct reader *r);
const struct generation *reader_generation(
    const struct reader *r, uint64_t number);
/* The lowest map block on the way to a key in a tree; 0: none. */
uint64_t reader_leaf_block(
    const struct reader *r, const struct map_root *root, uint64_t position);
/* The entry of a key in a tree, unverified; all zero: none. */
struct map_leaf reader_leaf(
    const struct reader *r, const struct map_root *root, uint64_t position);
struct map_leaf reader_object(
    const struct reader *r, const struct generation *g, uint64_t frame);
void reader_uuid(const uint8_t uuid[16], char text[40]);

#endif
