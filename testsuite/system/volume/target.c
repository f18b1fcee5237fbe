/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/system/volume/target.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernel/abi/process.h"
#include "persist/format/check.h"
#include "persist/format/frame.h"
#include "persist/tools/reader.h"

static bool
volume_open(struct reader *r, const char *path)
{
	const char *why = "no superblock can be used";

	if (reader_open(r, path, &why) && r->now != NULL)
		return true;
	fprintf(stderr, "volume: %s: %s\n", path, why);
	return false;
}

static void
volume_close(struct reader *r)
{
	munmap((void *)(uintptr_t)r->file, r->bytes);
}

/* Where a process's state page stands, by the process's name; false: nowhere. */
static bool
find_process(const struct reader *r, const char *name, uint64_t *position)
{
	const struct map_root *map = &reader_newest(r)->objects;

	for (uint64_t i = 0; i < r->header->positions; i++) {
		struct map_leaf          e = reader_leaf(r, map, i);
		uint64_t                 block = map_get48(e.block);
		const struct state_page *s =
		    block != 0 ? reader_block(r, block) : NULL;

		if (e.kind == FK_STATE && s != NULL &&
		    strncmp((const char *)s->name, name, sizeof(s->name)) == 0) {
			*position = i;
			return true;
		}
	}
	return false;
}

bool
target_find(struct target *t, const char *path)
{
	struct reader            r;
	const struct generation *g;
	uint64_t                 shell;
	unsigned                 slot;

	if (!volume_open(&r, path))
		return false;
	slot = r.now == r.super[1];
	g = reader_newest(&r);
	*t = (struct target){
	    .newest = g->number,
	    .older = r.super[1 - slot] != NULL ? r.super[1 - slot]->number : 0,
	    .super = BLOCK_SUPER + slot,
	    .root = g->objects.block,
	    .leaf = find_process(&r, "shell", &shell)
		? reader_leaf_block(&r, &g->objects, shell)
		: 0,
	};
	volume_close(&r);
	return true;
}

uint64_t
target_process(const char *path, const char *name)
{
	struct reader r;
	uint64_t      at, block = 0;

	if (!volume_open(&r, path))
		return 0;
	if (find_process(&r, name, &at))
		block = map_get48(
		    reader_leaf(&r, &reader_newest(&r)->objects, at).block);
	volume_close(&r);
	return block;
}

unsigned
target_pages(const char *path, uint64_t *block, unsigned most)
{
	struct reader r;
	unsigned      n = 0;

	if (!volume_open(&r, path))
		return 0;
	for (uint64_t i = r.header->positions; i > 0 && n < most; i--) {
		struct map_leaf e = reader_leaf(
		    &r, &reader_newest(&r)->objects, i - 1);

		if (e.kind == FK_PAGE && map_get48(e.block) != 0)
			block[n++] = map_get48(e.block);
	}
	volume_close(&r);
	return n;
}

bool
target_rename(const char *path)
{
	struct volume_header h;
	struct reader        r;
	off_t                at;
	int                  fd;
	bool                 ok;

	if (!volume_open(&r, path))
		return false;
	at = (off_t)(r.at + BLOCK_VOLUME * BLOCK_SIZE);
	memcpy(&h, r.header, sizeof(h));
	h.uuid[0] = (uint8_t)~h.uuid[0];
	h.checksum = 0;
	h.checksum = crc_struct(
	    r.crc_cpu, &h, sizeof(h), offsetof(struct volume_header, checksum));
	volume_close(&r);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	ok = fd >= 0 && pwrite(fd, &h, sizeof(h), at) == sizeof(h);
	return fd >= 0 && close(fd) == 0 && ok;
}
