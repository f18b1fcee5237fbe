/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A new volume file: partition table and bootstrap by boot/install, the volume
 * header, and an empty store, which is a superblock with nothing under it.
 */
#include "persist/tools/volume.h"

#include "boot/install/install.h"
#include "persist/format/check.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum {
	MIB_BLOCKS = 256,
	LEAST_MIB = 64,
	MOST_MIB = 1 << 20,
	FIRST_BLOCKS = PARTITION_FIRST_LBA / BLOCK_SECTORS,
};

uint64_t
volume_positions(uint64_t mib)
{
	if (mib < LEAST_MIB || mib > MOST_MIB)
		die("a volume has %u to %u MiB", LEAST_MIB, MOST_MIB);
	return mib * MIB_BLOCKS - FIRST_BLOCKS - BLOCK_DATA;
}

uint64_t
volume_now(void)
{
	const char *fixed = getenv("SOURCE_DATE_EPOCH");

	return fixed != NULL ? strtoull(fixed, NULL, 10) : (uint64_t)time(NULL);
}

void
volume_uuid(const char *text, uint8_t uuid[16])
{
	unsigned n = 0, digit;

	if (text == NULL) {
		if (getrandom(uuid, 16, 0) != 16)
			die("no random numbers");
		uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40); /* RFC 4122, */
		uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80); /* 4.4. */
		return;
	}
	for (; *text != 0; text++) {
		if (*text == '-')
			continue;
		if (n == 32 || sscanf(text, "%1x", &digit) != 1)
			die("%s is no UUID", text);
		uuid[n / 2] = (uint8_t)(uuid[n / 2] << 4 | digit);
		n++;
	}
	if (n != 32)
		die("a UUID has 32 digits");
}

static void
check(bool done, const struct volume_file *v, const struct install_error *e)
{
	if (!done)
		die("%s: %s", v->path, e->text);
}

void
volume_block_write(struct volume_file *v, uint64_t block, const void *p)
{
	struct install_error e;

	check(
	    install_write(v->fd, v->at + block * BLOCK_SIZE, p, BLOCK_SIZE, &e),
	    v, &e);
}

void
volume_block_read(struct volume_file *v, uint64_t block, void *p)
{
	struct install_error e;

	check(
	    install_read(v->fd, v->at + block * BLOCK_SIZE, p, BLOCK_SIZE, &e),
	    v, &e);
}

static void
boot_install(struct volume_file *v, uint64_t blocks, const uint8_t uuid[16],
    const char *kernel, const void *range, size_t range_bytes)
{
	struct install_place p = {
	    .first = PARTITION_FIRST_LBA,
	    .sectors = blocks * BLOCK_SECTORS,
	};
	struct install_slot s = {
	    .range = range,
	    .range_bytes = range_bytes,
	    .format_least = VOLUME_VERSION,
	    .format_most = VOLUME_VERSION,
	    .label = v->label,
	};
	struct install_error e;
	size_t               bytes;
	unsigned             number;
	void                *elf = file_read(kernel, &bytes), *image;

	memcpy(p.volume, uuid, sizeof(p.volume));
	install_default_areas(p.area);
	check(install_kernel(elf, bytes, &image, &s.kernel_bytes, &e), v, &e);
	s.kernel = image;
	check(install_boot(v->fd, &p, false, &e), v, &e);
	check(install_slot(v->fd, &p, &s, &number, &e), v, &e);
	free(image);
	free(elf);
}

static void
header_write(struct volume_file *v, uint64_t blocks, const uint8_t uuid[16])
{
	struct volume_header *h = &v->header;

	*h = (struct volume_header){
	    .magic = VOLUME_MAGIC,
	    .version = VOLUME_VERSION,
	    .check = CHECK_CRC32C,
	    .blocks = blocks,
	    .slot_block = {BLOCK_SLOT_AREA, BLOCK_SLOT_AREA + SLOT_AREA_BLOCKS},
	    .slot_blocks = SLOT_AREA_BLOCKS,
	    .data_block = BLOCK_DATA,
	    .data_blocks = blocks - BLOCK_DATA,
	    .positions = blocks - BLOCK_DATA,
	    .made = volume_now(),
	    .members = 1,
	    .label = "anteros",
	};
	memcpy(h->uuid, uuid, sizeof(h->uuid));
	memcpy(h->member_uuid[0], uuid, sizeof(h->uuid));
	h->checksum = crc_struct(
	    crc_cpu(), h, sizeof(*h), offsetof(struct volume_header, checksum));
	volume_block_write(v, BLOCK_VOLUME, h);
}

/* Generation 1: nothing exists, nothing is used. */
static void
super_write(struct volume_file *v)
{
	static struct superblock b;

	b.magic = SUPER_MAGIC;
	b.version = SUPER_VERSION;
	b.generations = 1;
	b.number = b.highest = 1;
	b.members = 1;
	memcpy(b.volume, v->header.uuid, sizeof(b.volume));
	memcpy(b.member_uuid[0], v->header.uuid, sizeof(b.volume));
	b.generation[0].number = 1;
	b.generation[0].commit = 1;
	b.generation[0].time = v->header.made;
	b.generation[0].needs = NEEDS_KNOWN;
	b.checksum = crc_struct(
	    crc_cpu(), &b, sizeof(b), offsetof(struct superblock, checksum));
	volume_block_write(v, BLOCK_SUPER, &b);
}

void
volume_make(struct volume_file *v, const char *path, uint64_t mib,
    const uint8_t uuid[16], const char *kernel, const void *range,
    size_t range_bytes)
{
	uint64_t blocks = mib * MIB_BLOCKS - FIRST_BLOCKS;

	v->path = path;
	v->at = (uint64_t)PARTITION_FIRST_LBA * SECTOR_SIZE;
	v->fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (v->fd < 0 || ftruncate(v->fd, (off_t)(mib << 20)) != 0)
		die("%s: cannot be made", path);
	boot_install(v, blocks, uuid, kernel, range, range_bytes);
	header_write(v, blocks, uuid);
	super_write(v);
}
