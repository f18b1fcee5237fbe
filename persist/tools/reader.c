/* SPDX-License-Identifier: BSD-2-Clause */
/* Opening a volume: a disk image with a partition table, or a partition. */
#include "persist/tools/reader.h"
#include "persist/format/check.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
header_at(const struct reader *r, uint64_t at)
{
	uint64_t end = at + (BLOCK_VOLUME + 1) * (uint64_t)BLOCK_SIZE;
	uint32_t magic;

	if (end > r->bytes)
		return false;
	memcpy(&magic, r->file + at + BLOCK_VOLUME * BLOCK_SIZE, sizeof(magic));
	return magic == VOLUME_MAGIC;
}

/* Byte of the volume: a partition of our type, or the whole file. */
static bool
volume_find(struct reader *r, const char **why)
{
	uint32_t first;

	for (unsigned i = 0; i < 4 && r->bytes >= SECTOR_SIZE; i++) {
		const uint8_t *e = r->file + 446 + i * 16;

		memcpy(&first, e + 8, sizeof(first));
		r->at = (uint64_t)first * SECTOR_SIZE;
		if (e[4] == PARTITION_TYPE && header_at(r, r->at))
			return true;
	}
	r->at = 0;
	*why = "there is no volume header: not an Anteros volume, or its "
	       "block 16 is destroyed";
	return header_at(r, 0);
}

static bool
header_ok(struct reader *r, const char **why)
{
	const struct volume_header *h = reader_block(r, BLOCK_VOLUME);

	if (h == NULL)
		return false;
	r->header = h;
	*why = "the volume header's checksum is wrong: restore block 16 from "
	       "a copy";
	if (crc_struct(r->crc_cpu, h, sizeof(*h),
		offsetof(struct volume_header, checksum)) != h->checksum)
		return false;
	*why = "the volume has a format version that this tool does not know";
	if (h->version != VOLUME_VERSION || h->check != CHECK_CRC32C)
		return false;
	*why = "the volume is one of several disks: not supported yet";
	if (h->members != 1)
		return false;
	*why = "the volume header contradicts itself";
	return h->data_blocks != 0 && h->data_block > BLOCK_SUPER + 1 &&
	    h->data_block <= h->blocks &&
	    h->data_blocks <= h->blocks - h->data_block && h->positions != 0 &&
	    h->positions <= OID_FRAMES;
}

static bool
blank(const uint8_t *p)
{
	for (unsigned i = 0; i < BLOCK_SIZE; i++)
		if (p[i] != 0)
			return false;
	return true;
}

static void
super_open(struct reader *r, unsigned slot)
{
	const struct superblock *b = reader_block(r, BLOCK_SUPER + slot);
	char                    *why = r->why[slot], a[40], c[40];
	size_t                   n = sizeof(r->why[slot]);

	if (b == NULL) {
		snprintf(why, n, "lies beyond the end of the file");
	} else if (blank((const uint8_t *)b)) {
		snprintf(why, n, "was never written");
	} else if (b->magic != SUPER_MAGIC || b->version != SUPER_VERSION ||
	    crc_struct(r->crc_cpu, b, sizeof(*b),
		offsetof(struct superblock, checksum)) != b->checksum) {
		snprintf(
		    why, n, "does not verify: torn by a power cut, or damaged");
	} else if (memcmp(b->volume, r->header->uuid, 16) != 0) {
		reader_uuid(b->volume, a);
		reader_uuid(r->header->uuid, c);
		snprintf(why, n, "is of volume %s, this is %s", a, c);
	} else if (b->generations < 1 || b->generations > RETAINED_MAX ||
	    b->generation[b->generations - 1].number != b->number) {
		snprintf(why, n, "contradicts itself");
	} else {
		r->super[slot] = b;
	}
}

static bool
volume_open(struct reader *r, const char **why)
{
	if (!volume_find(r, why) || !header_ok(r, why))
		return false;
	for (unsigned i = 0; i < SUPER_SLOTS; i++) {
		super_open(r, i);
		if (r->super[i] != NULL &&
		    (r->now == NULL || r->super[i]->number > r->now->number))
			r->now = r->super[i];
	}
	return true;
}

bool
reader_open_memory(struct reader *r, const char *name, const void *volume,
    size_t bytes, const char **why)
{
	*r = (struct reader){.path = name,
	    .crc_cpu = crc_cpu(),
	    .file = volume,
	    .bytes = bytes};
	return volume_open(r, why);
}

bool
reader_open(struct reader *r, const char *path, const char **why)
{
	struct stat st;
	int         fd = open(path, O_RDONLY | O_CLOEXEC);

	*r = (struct reader){.path = path, .crc_cpu = crc_cpu()};
	*why = "it cannot be opened";
	if (fd < 0)
		return false;
	if (fstat(fd, &st) != 0 || st.st_size == 0) {
		close(fd);
		*why = "it is empty";
		return false;
	}
	r->bytes = (size_t)st.st_size;
	r->file = mmap(NULL, r->bytes, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	*why = "it cannot be mapped";
	if (r->file == MAP_FAILED)
		return false;
	return volume_open(r, why);
}

const void *
reader_block(const struct reader *r, uint64_t block)
{
	uint64_t end;

	if (r->header != NULL && block >= r->header->blocks)
		return NULL;
	if (block > OID_FRAMES)
		return NULL;
	end = r->at + (block + 1) * BLOCK_SIZE;
	return end > r->bytes ? NULL : r->file + r->at + block * BLOCK_SIZE;
}

const struct generation *
reader_newest(const struct reader *r)
{
	return &r->now->generation[r->now->generations - 1];
}

const struct generation *
reader_generation(const struct reader *r, uint64_t number)
{
	for (unsigned i = 0; i < r->now->generations; i++)
		if (r->now->generation[i].number == number)
			return &r->now->generation[i];
	return NULL;
}

uint64_t
reader_leaf_block(
    const struct reader *r, const struct map_root *root, uint64_t position)
{
	uint64_t block = root->block;

	if (root->levels == 0 || root->levels > MAP_LEVELS_MAX ||
	    map_levels(position) > root->levels)
		return 0;
	for (uint32_t l = root->levels; l > 1 && block != 0; l--) {
		const uint8_t   *data = reader_block(r, block);
		struct map_inner i;

		if (data == NULL)
			return 0;
		memcpy(&i, data + map_index(position, l) * sizeof(i),
		    sizeof(i));
		block = map_get_bytes(i.block, 5);
	}
	return block;
}

struct map_leaf
reader_leaf(
    const struct reader *r, const struct map_root *root, uint64_t position)
{
	struct map_leaf e = {.block = {0}};
	uint64_t        block = reader_leaf_block(r, root, position);
	const uint8_t  *data = block != 0 ? reader_block(r, block) : NULL;

	if (data != NULL)
		memcpy(&e, data + map_index(position, 1) * sizeof(e),
		    sizeof(e));
	return e;
}

struct map_leaf
reader_object(
    const struct reader *r, const struct generation *g, uint64_t frame)
{
	return reader_leaf(r, &g->objects, frame_position(frame));
}

void
reader_uuid(const uint8_t uuid[16], char text[40])
{
	unsigned n = 0;

	for (unsigned i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			text[n++] = '-';
		snprintf(text + n, 3, "%02x", uuid[i]);
		n += 2;
	}
}
