/* SPDX-License-Identifier: BSD-2-Clause */
/* Boot records, bootstrap and partition table. */
#include "boot/install/install.h"

#include "boot/bios/crc32c.h"
#include "boot/bios/partition.h"

#include <stdlib.h>
#include <string.h>

/* code.S */
extern const uint8_t install_mbr[SECTOR_SIZE];
extern const uint8_t install_pbr[SECTOR_SIZE];
extern const uint8_t install_image[], install_image_end[];

enum {
	CHS_NONE = 0xff, /* "Use the LBA": the largest there is. */
};

void
install_default_areas(struct boot_area area[BOOT_SLOTS])
{
	for (unsigned i = 0; i < BOOT_SLOTS; i++)
		area[i] = (struct boot_area){
		    .block = BLOCK_SLOT_AREA + i * SLOT_AREA_BLOCKS,
		    .blocks = SLOT_AREA_BLOCKS,
		};
}

static bool
place_check(const struct install_place *p, struct install_error *error)
{
	const uint64_t          least = BLOCK_SLOT + BOOT_SLOTS;
	const uint64_t          blocks = p->sectors / BLOCK_SECTORS;
	const struct boot_area *a = p->area;

	if (p->partition >= PARTITIONS)
		return install_fail(error, "partitions are numbered 1 to 4");
	if (p->first == 0 || p->sectors == 0 ||
	    p->first + p->sectors > UINT32_MAX)
		return install_fail(error,
		    "a partition must lie within sectors 1 and %u", UINT32_MAX);
	for (unsigned i = 0; i < BOOT_SLOTS; i++) {
		if (a[i].block < least || a[i].blocks > blocks ||
		    a[i].block > blocks - a[i].blocks)
			return install_fail(error,
			    "a volume of %llu KiB has no room for the boot "
			    "slots, which need %llu KiB",
			    (unsigned long long)(blocks * BLOCK_SIZE >> 10),
			    (unsigned long long)((a[1].block + a[1].blocks) *
				    BLOCK_SIZE >>
				10));
	}
	if (a[0].block < a[1].block + a[1].blocks &&
	    a[1].block < a[0].block + a[0].blocks)
		return install_fail(error, "the boot slots overlap");
	return true;
}

/* The bootstrap with the volume's identity in it; to be freed. */
static uint8_t *
image_make(const struct install_place *p, size_t *bytes)
{
	struct image_header head;
	uint8_t            *image;

	*bytes = (size_t)(install_image_end - install_image);
	image = calloc(IMAGE_SECTORS_MAX, SECTOR_SIZE);
	if (image == NULL)
		return NULL;
	memcpy(image, install_image, *bytes);
	memcpy(&head, image, sizeof(head));
	memcpy(head.volume, p->volume, sizeof(head.volume));
	memcpy(head.area, p->area, sizeof(head.area));
	head.bytes = (uint32_t)*bytes;
	head.checksum = 0;
	memcpy(image, &head, sizeof(head));
	head.checksum = boot_crc(0, image, *bytes);
	memcpy(image, &head, sizeof(head));
	return image;
}

/* The partition boot record with its block list. */
static void
record_make(
    const struct install_place *p, size_t bytes, uint8_t sector[SECTOR_SIZE])
{
	struct boot_record r = {
	    .magic = RECORD_MAGIC,
	    .version = RECORD_VERSION,
	    .own_lba = p->first,
	};
	uint32_t left = (uint32_t)((bytes + SECTOR_SIZE - 1) / SECTOR_SIZE);
	uint32_t done = 0;
	uint32_t take;

	memcpy(r.volume, p->volume, sizeof(r.volume));
	for (; left > 0; left -= take, done += take) {
		take = left < PIECE_SECTORS ? left : PIECE_SECTORS;
		r.piece[r.npieces++] = (struct boot_piece){
		    .sector = 1 + done,
		    .count = (uint16_t)take,
		    .segment = (uint16_t)((IMAGE_ADDRESS +
					      done * SECTOR_SIZE) >>
			4),
		};
	}
	r.checksum = boot_crc(0, &r, sizeof(r));
	memcpy(sector, install_pbr, SECTOR_SIZE);
	memcpy(sector + RECORD_OFFSET, &r, sizeof(r));
}

/* Reads the table; a disk that was never partitioned gets an empty one. */
static bool
table_read(int fd, struct mbr *mbr, struct install_error *error)
{
	static const struct mbr blank;
	const char             *wrong;

	if (!install_read(fd, 0, mbr, sizeof(*mbr), error))
		return false;
	if (memcmp(mbr, &blank, sizeof(*mbr)) == 0) {
		mbr->signature = BOOT_SIGNATURE;
		return true;
	}
	wrong = partition_table_check(mbr);
	if (wrong != NULL)
		return install_fail(error, "partition table: %s", wrong);
	return true;
}

static bool
table_change(
    const struct install_place *p, struct mbr *mbr, struct install_error *error)
{
	struct mbr_entry *e = &mbr->entry[p->partition];
	const char       *wrong;

	for (unsigned i = 0; i < PARTITIONS && !p->inactive; i++)
		mbr->entry[i].status = 0;
	*e = (struct mbr_entry){
	    .status = p->inactive ? e->status : ENTRY_ACTIVE,
	    .chs_first = {CHS_NONE, CHS_NONE, CHS_NONE},
	    .chs_last = {CHS_NONE, CHS_NONE, CHS_NONE},
	    .type = PARTITION_TYPE,
	    .first = (uint32_t)p->first,
	    .sectors = (uint32_t)p->sectors,
	};
	wrong = partition_table_check(mbr);
	if (wrong != NULL)
		return install_fail(error, "partition table: %s", wrong);
	if (!p->keep_mbr)
		memcpy(mbr->code, install_mbr, sizeof(mbr->code));
	if (mbr->disk_id == 0)
		memcpy(&mbr->disk_id, p->volume, sizeof(mbr->disk_id));
	return true;
}

bool
install_boot(int fd, const struct install_place *p, bool refresh,
    struct install_error *error)
{
	static const uint8_t empty[BOOT_SLOTS * BLOCK_SIZE];
	const uint64_t       at = p->first * SECTOR_SIZE;
	struct mbr           mbr;
	uint8_t              sector[SECTOR_SIZE];
	uint8_t             *image;
	size_t               bytes;
	bool                 done = false;

	if (!place_check(p, error) || !table_read(fd, &mbr, error) ||
	    !table_change(p, &mbr, error))
		return false;
	image = image_make(p, &bytes);
	if (image == NULL)
		return install_fail(error, "out of memory");
	record_make(p, bytes, sector);
	if (!install_write(fd, at + SECTOR_SIZE, image,
		(size_t)IMAGE_SECTORS_MAX * SECTOR_SIZE, error))
		goto free_image;
	if (!refresh &&
	    !install_write(
		fd, at + BLOCK_SLOT * BLOCK_SIZE, empty, sizeof(empty), error))
		goto free_image;
	if (!install_write(fd, at, sector, sizeof(sector), error) ||
	    !install_flush(fd, error) ||
	    !install_write(fd, 0, &mbr, sizeof(mbr), error))
		goto free_image;
	done = install_flush(fd, error);
free_image:
	free(image);
	return done;
}

static bool
partition_choose(
    const struct mbr *mbr, unsigned *partition, struct install_error *error)
{
	unsigned n = 0;

	if (*partition < PARTITIONS) {
		if (mbr->entry[*partition].type == PARTITION_TYPE)
			return true;
		return install_fail(error,
		    "partition %u has type %02X, not %02X", *partition + 1,
		    mbr->entry[*partition].type, PARTITION_TYPE);
	}
	for (unsigned i = 0; i < PARTITIONS; i++) {
		if (mbr->entry[i].type == PARTITION_TYPE) {
			*partition = i;
			n++;
		}
	}
	if (n == 0)
		return install_fail(
		    error, "no partition has type %02X", PARTITION_TYPE);
	if (n > 1)
		return install_fail(error,
		    "%u partitions have type %02X: say which (--partition)", n,
		    PARTITION_TYPE);
	return true;
}

bool
install_find(int fd, unsigned partition, struct install_place *p,
    struct install_error *error)
{
	struct mbr          mbr;
	struct boot_record  r;
	struct image_header head;
	uint8_t             sector[SECTOR_SIZE];
	const char         *wrong;
	uint64_t            at;

	if (!install_read(fd, 0, &mbr, sizeof(mbr), error))
		return false;
	wrong = partition_table_check(&mbr);
	if (wrong != NULL)
		return install_fail(error, "partition table: %s", wrong);
	if (!partition_choose(&mbr, &partition, error))
		return false;
	*p = (struct install_place){
	    .partition = partition,
	    .first = mbr.entry[partition].first,
	    .sectors = mbr.entry[partition].sectors,
	    .inactive = mbr.entry[partition].status != ENTRY_ACTIVE,
	    .keep_mbr = true,
	};
	at = p->first * SECTOR_SIZE;
	if (!install_read(fd, at, sector, sizeof(sector), error) ||
	    !install_read(fd, at + SECTOR_SIZE, &head, sizeof(head), error))
		return false;
	memcpy(&r, sector + RECORD_OFFSET, sizeof(r));
	if (r.magic != RECORD_MAGIC ||
	    boot_crc_without(&r, sizeof(r),
		offsetof(struct boot_record, checksum)) != r.checksum)
		return install_fail(error,
		    "partition %u has no boot record of Anteros, or a damaged "
		    "one",
		    partition + 1);
	if (head.magic != IMAGE_MAGIC ||
	    memcmp(head.volume, r.volume, sizeof(r.volume)) != 0)
		return install_fail(error,
		    "boot record and bootstrap of partition %u are not of one "
		    "volume (UUIDs differ)",
		    partition + 1);
	memcpy(p->volume, r.volume, sizeof(p->volume));
	memcpy(p->area, head.area, sizeof(p->area));
	return place_check(p, error);
}
