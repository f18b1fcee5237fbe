/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finding the volume: which disk, which partition.
 *
 *     step 0      sector 0: the partition table
 *     step 1-4    block 16 of partition 1-4, if it is of our type
 *
 * The volume is the one whose UUID the loader handed over. Nothing read here
 * is believed before its checksum.
 */
#include "persist/format/check.h"
#include "persist/store/guest/guest.h"
#include "userland/rt/log.h"

enum {
	PARTITIONS      = 4,
	TABLE_OFFSET    = 446,
	ENTRY_BYTES     = 16,
	ENTRY_TYPE      = 4,
	ENTRY_FIRST_LBA = 8,
	SIGNATURE       = 510,

	CREDITS    = 16384, /* Most of one epoch: 64 MiB. */
	RESERVE    = 64,
	FLOOR      = 512,
	MAP_BLOCKS = 256,
	RETAIN     = 8,
};

/* First sector of each partition of our type on each disk; 0: none. */
static uint32_t first_lba[DISKS][PARTITIONS];

static uint32_t
word_at(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

static void
next_step(unsigned i)
{
	struct disk *d = &guest.disk[i];

	while (++d->step <= PARTITIONS) {
		uint32_t lba = first_lba[i][d->step - 1];

		if (lba == 0)
			continue;
		if (disk_read_block(i,
			lba + (uint64_t)BLOCK_VOLUME * BLOCK_SECTORS,
			OWNER_PROBE) == RC_OK)
			return;
	}
	log_printf("store: disk %u holds no volume of this boot", i);
}

void
probe_begin(unsigned i)
{
	guest.disk[i].step = 0;
	if (disk_read_block(i, 0, OWNER_PROBE) != RC_OK)
		log_printf("store: disk %u takes no request", i);
}

static void
read_table(unsigned i, const uint8_t *sector)
{
	if (sector[SIGNATURE] != 0x55 || sector[SIGNATURE + 1] != 0xaa)
		return;
	for (unsigned k = 0; k < PARTITIONS; k++) {
		const uint8_t *e = sector + TABLE_OFFSET + k * ENTRY_BYTES;

		if (e[ENTRY_TYPE] == PARTITION_TYPE)
			first_lba[i][k] = word_at(e + ENTRY_FIRST_LBA);
	}
}

/* Is this the header of the volume that was booted? */
static bool
is_ours(unsigned i, const struct volume_header *h)
{
	static const uint8_t none[16];

	if (h->magic != VOLUME_MAGIC)
		return false;
	if (h->version != VOLUME_VERSION ||
	    h->checksum != crc_struct(guest.crc, h, sizeof(*h),
				offsetof(struct volume_header, checksum))) {
		log_printf("store: disk %u partition %u: the volume header is "
			   "damaged or of version %u",
		    i, guest.disk[i].step, h->version);
		return false;
	}
	return __builtin_memcmp(guest.uuid, none, 16) == 0 ||
	    __builtin_memcmp(guest.uuid, h->uuid, 16) == 0;
}

/* Has the CPU a random number generator (SDM vol. 1, 7.3.17)? */
static bool
has_rdrand(void)
{
	uint32_t a = 1, b, c, d;

	__asm__ volatile("cpuid" : "+a"(a), "=b"(b), "=c"(c), "=d"(d));
	return c >> 30 & 1;
}

/* For commit ids, which must differ between boots (D13). */
static uint64_t
seed(void)
{
	uint32_t low, high;
	uint64_t random = 0;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	if (has_rdrand())
		__asm__ volatile("rdrand %0" : "+r"(random) : : "cc");
	return random ^
	    ((uint64_t)high << 32 | low) * UINT64_C(0x9e3779b97f4a7c15);
}

static void
mount(unsigned i, const struct volume_header *h)
{
	const struct store_config config = {
	    .frames   = (const uint8_t *)(uintptr_t)PLACE_CACHE,
	    .crc_cpu  = guest.crc,
	    .blocks   = h->data_blocks,
	    .credits  = CREDITS,
	    .reserve  = RESERVE,
	    .floor    = FLOOR,
	    .cache    = MAP_BLOCKS,
	    .requests = PAGER_OUTSTANDING,
	    .record   = PAGER_RECORD_MAX,
	    .retain   = RETAIN,
	};
	void *memory = memory_take(store_bytes(&config));

	if (memory == NULL)
		return;
	guest.volume            = (int)i;
	guest.disk[i].partition = first_lba[i][guest.disk[i].step - 1];
	log_printf("store: volume %02x%02x%02x%02x... on disk %u partition %u",
	    h->uuid[0], h->uuid[1], h->uuid[2], h->uuid[3], i,
	    guest.disk[i].step);
	guest.store = store_init(&config, memory);
	store_mount(guest.store, seed());
}

void
probe_done(unsigned i, const struct transfer *t, enum status st)
{
	struct disk *d    = &guest.disk[i];
	const void  *data = bounce_page(d, (uint32_t)t->request.tag);
	static struct volume_header header;

	if (st != RC_OK) {
		log_printf("store: disk %u cannot be read at sector %llu", i,
		    (unsigned long long)t->request.sector);
		next_step(i);
		return;
	}
	if (d->step == 0) {
		read_table(i, data);
		next_step(i);
		return;
	}
	/* The device could still write to its copy: believe another. */
	__builtin_memcpy(&header, data, sizeof(header));
	if (!is_ours(i, &header)) {
		next_step(i);
		return;
	}
	if (guest.volume >= 0) {
		log_printf("store: disk %u partition %u has the same UUID as "
			   "the volume in use on disk %d: it is left alone; "
			   "remove one of them",
		    i, d->step, guest.volume);
		return;
	}
	mount(i, &header);
}
