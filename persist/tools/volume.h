/* SPDX-License-Identifier: BSD-2-Clause */
/* Making a volume file: header, boot slots, first generation. */
#ifndef PERSIST_TOOLS_VOLUME_H
#define PERSIST_TOOLS_VOLUME_H

#include "persist/format/volume.h"
#include "persist/tools/build.h"

struct volume_file {
	int         fd;
	const char *path;
	const char *label; /* Of the first boot slot: which build is in it. */
	uint64_t    at;    /* Byte of block 0. */
	struct volume_header header;
};

/* Frames that a volume of this size may have: needed before it is made. */
uint64_t volume_positions(uint64_t mib);
void     volume_uuid(const char *text, uint8_t uuid[16]);

/* A new file with bootstrap, one boot slot, header and an empty store. */
void volume_make(struct volume_file *v, const char *path, uint64_t mib,
    const uint8_t uuid[16], const char *kernel, const void *range,
    size_t range_bytes);

/* Puts the persistent range on it as the first generation, by the store. */
void generation_write(struct volume_file *v, struct build *b);

void volume_block_write(struct volume_file *v, uint64_t block, const void *p);
void volume_block_read(struct volume_file *v, uint64_t block, void *p);
uint64_t volume_now(void);

#endif
