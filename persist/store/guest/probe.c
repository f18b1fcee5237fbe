/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finding the volume: which disk, which partition.
 *
 *     step 0      sector 0: the partition table
 *     step 1-4    block 16 of partition 1-4, if it is of our type; if it is
 *                 our volume's header, that volume's last block
 *
 * The volume is the one whose UUID the loader handed over. Nothing read here
 * is believed before its checksum.
 */
#include "kernel/abi/kinfo.stub.h"
#include "kernel/abi/node.stub.h"
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

	/* Most of one epoch: 5/8 of memory, between 64 MiB and 1 GiB. */
	CREDITS_LEAST = 16384,
	CREDITS_MOST  = 262144,

	RESERVE    = 64,
	FLOOR      = 512,
	MAP_BLOCKS = 256,
	RETAIN     = 8,
};

/* First sector of each partition of our type on each disk; 0: none. */
static uint32_t first_lba[DISKS][PARTITIONS];

/* The volume on each disk that may be ours, and whether its end was asked. */
static struct candidate {
	bool     asked;
	uint64_t blocks, data_blocks;
	uint8_t  uuid[16];
} candidate[DISKS];

static const uint64_t blocks_most = UINT64_C(1) << 40;

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
	disk_claim(i, 0, 0);
}

void
probe_begin(unsigned i)
{
	guest.disk[i].step = 0;
	if (disk_read_block(i, 0, OWNER_PROBE) != RC_OK)
		log_printf("store: disk %u takes no request", i);
}

void
probe_forget(unsigned i)
{
	__builtin_memset(first_lba[i], 0, sizeof(first_lba[i]));
	candidate[i] = (struct candidate){0};
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

/*
 * What one epoch may change. With memory, for by half of it a checkpoint is
 * taken (F7): a machine that can hold more may as well keep it until it is due.
 */
static uint32_t
credits(void)
{
	uint64_t total = 0;

	if (node_get(REG_NODE, NODE_KINFO, REG_T0) != RC_OK ||
	    kinfo_memory(REG_T0, &total, NULL, NULL, NULL) != RC_OK)
		return CREDITS_LEAST;
	total = total / 8 * 5;
	if (total < CREDITS_LEAST)
		return CREDITS_LEAST;
	return total < CREDITS_MOST ? (uint32_t)total : CREDITS_MOST;
}

static void
mount(unsigned i)
{
	const struct candidate   *v = &candidate[i];
	const struct store_config config = {
	    .frames   = (const uint8_t *)(uintptr_t)PLACE_CACHE,
	    .crc_cpu  = guest.crc,
	    .blocks   = v->data_blocks,
	    .credits  = credits(),
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
	disk_claim(i, guest.disk[i].partition, v->blocks * BLOCK_SECTORS);
	log_printf("store: volume %02x%02x%02x%02x... on disk %u partition %u",
	    v->uuid[0], v->uuid[1], v->uuid[2], v->uuid[3], i,
	    guest.disk[i].step);
	guest.store = store_init(&config, memory);
	store_mount(guest.store, seed());
}

/* The header is ours: is all of the volume there? Its last block will tell. */
static bool
ask_end(unsigned i, const struct volume_header *h)
{
	struct candidate *v = &candidate[i];

	v->data_blocks = h->data_blocks;
	v->blocks      = h->blocks;
	__builtin_memcpy(v->uuid, h->uuid, sizeof(v->uuid));
	v->asked = h->blocks > BLOCK_DATA && h->blocks < blocks_most &&
	    disk_read_block(i,
		first_lba[i][guest.disk[i].step - 1] +
		    (h->blocks - 1) * BLOCK_SECTORS,
		OWNER_PROBE) == RC_OK;
	return v->asked;
}

static void
end_done(unsigned i, enum status st)
{
	const struct candidate *v = &candidate[i];

	candidate[i].asked = false;
	if (st != RC_OK) {
		log_printf("store: disk %u partition %u is truncated: the "
			   "last of the volume's %llu blocks is not there; "
			   "copy it again whole",
		    i, guest.disk[i].step, (unsigned long long)v->blocks);
		next_step(i);
		return;
	}
	if (guest.volume < 0) {
		mount(i);
		return;
	}
	log_printf("store: disk %u partition %u has the same UUID as the "
		   "volume in use on disk %d: it is left alone; remove one of "
		   "them",
	    i, guest.disk[i].step, guest.volume);
	disk_claim(i, 0, 0);
}

void
probe_done(unsigned i, const struct transfer *t, enum status st)
{
	struct disk                *d = &guest.disk[i];
	const void                 *data;
	static struct volume_header header;

	if (candidate[i].asked) {
		end_done(i, st);
		return;
	}
	if (st != RC_OK) {
		log_printf("store: disk %u cannot be read at sector %llu", i,
		    (unsigned long long)t->request.sector);
		next_step(i);
		return;
	}
	data = bounce_page(d, (uint32_t)t->request.tag);
	if (d->step == 0) {
		read_table(i, data);
		next_step(i);
		return;
	}
	/* The device could still write to its copy: believe another. */
	__builtin_memcpy(&header, data, sizeof(header));
	if (!is_ours(i, &header) || !ask_end(i, &header))
		next_step(i);
}
