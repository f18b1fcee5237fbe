/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The installer on a disk image in memory. pwrite and fsync go through here:
 * they are counted, and from the n-th on they fail, the n-th write torn in
 * the middle.
 */
#include "boot/install/install.h"

#include "boot/bios/crc32c.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "testsuite/unit/boot/suites.h"

ssize_t __real_pwrite(int fd, const void *from, size_t bytes, off_t at);
ssize_t __wrap_pwrite(int fd, const void *from, size_t bytes, off_t at);
int     __wrap_fsync(int fd);

enum {
	DISK_BYTES = 32 << 20,
	FIRST = 2048,
	SECTORS = DISK_BYTES / SECTOR_SIZE - FIRST,
};

static struct install_error error;
static int                  steps; /* Writes and flushes so far. */
static int                  fault_at;
static off_t                unflushed; /* Highest end of a write, or 0. */
static bool                 header_early;

ssize_t
__wrap_pwrite(int fd, const void *from, size_t bytes, off_t at)
{
	const off_t slots = FIRST * SECTOR_SIZE + BLOCK_SLOT * BLOCK_SIZE;

	steps++;
	if (fault_at != 0 && steps > fault_at) {
		errno = EIO;
		return -1;
	}
	if (fault_at != 0 && steps == fault_at) {
		/* A header's one sector does not tear. */
		if (bytes > BLOCK_SIZE &&
		    __real_pwrite(fd, from, bytes / 2, at) < 0)
			abort();
		errno = EIO;
		return -1;
	}
	if (at >= slots && at < slots + BOOT_SLOTS * BLOCK_SIZE &&
	    unflushed > slots + BOOT_SLOTS * BLOCK_SIZE)
		header_early = true;
	if (at + (off_t)bytes > unflushed)
		unflushed = at + (off_t)bytes;
	return __real_pwrite(fd, from, bytes, at);
}

int
__wrap_fsync(int fd)
{
	(void)fd;
	steps++;
	if (fault_at != 0 && steps >= fault_at) {
		errno = EIO;
		return -1;
	}
	unflushed = 0;
	return 0;
}

static int
disk_new(void)
{
	int fd = memfd_create("disk", 0);

	if (fd < 0 || ftruncate(fd, DISK_BYTES) != 0)
		abort();
	steps = 0;
	fault_at = 0;
	unflushed = 0;
	header_early = false;
	return fd;
}

static struct install_place
place(void)
{
	struct install_place p = {
	    .first = FIRST,
	    .sectors = SECTORS,
	    .volume = {9, 8, 7},
	};

	install_default_areas(p.area);
	return p;
}

static struct {
	struct kernel_image head;
	uint8_t             padding[PAGE_SIZE - sizeof(struct kernel_image)];
	uint8_t             code[9000];
} kernel;

static union {
	struct boot_range head;
	uint8_t           bytes[5 * PAGE_SIZE];
} range;

/* A slot whose content depends on `seed`. */
static struct install_slot
slot_make(uint8_t seed)
{
	memset(&kernel, seed, sizeof(kernel));
	kernel.head = (struct kernel_image){
	    .magic = KERNEL_IMAGE_MAGIC,
	    .version = HANDOFF_VERSION,
	    .first = 0x100000,
	    .file_bytes = sizeof(kernel.code),
	    .total_bytes = sizeof(kernel.code),
	    .entry = KERNEL_BASE + 0x100000,
	};
	kernel.head.checksum = boot_crc(0, &kernel, sizeof(kernel));
	memset(&range, seed, sizeof(range));
	range.head = (struct boot_range){
	    .magic = BOOT_RANGE_MAGIC,
	    .version = BOOT_RANGE_VERSION,
	    .nframes = 4,
	    .first_frame = PAGE_SIZE,
	};
	range.head.checksum = boot_crc(0, &range, sizeof(range));
	return (struct install_slot){
	    .kernel = &kernel,
	    .kernel_bytes = sizeof(kernel),
	    .range = &range,
	    .range_bytes = sizeof(range),
	    .format_least = 1,
	    .format_most = 1,
	    .label = "unit",
	};
}

/* Writes a slot; returns its number, or 9 on failure. */
static unsigned
slot_put(int fd, uint8_t seed)
{
	struct install_place p;
	struct install_slot  s = slot_make(seed);
	unsigned             number = 9;

	if (!install_find(fd, INSTALL_ANY, &p, &error) ||
	    !install_slot(fd, &p, &s, &number, &error))
		return 9;
	return number;
}

/* The serial that the bootstrap would boot; 0 if none. */
static uint32_t
booted(int fd)
{
	struct install_place  p;
	struct install_status st[BOOT_SLOTS];
	uint32_t              best = 0;

	if (!install_find(fd, INSTALL_ANY, &p, &error) ||
	    !install_status(fd, &p, st, &error))
		return 0;
	for (unsigned i = 0; i < BOOT_SLOTS; i++) {
		if (st[i].wrong == NULL && st[i].slot.serial > best)
			best = st[i].slot.serial;
	}
	return best;
}

static void
corrupt(int fd, off_t at)
{
	uint8_t byte;

	if (pread(fd, &byte, 1, at) != 1)
		abort();
	byte ^= 0x55;
	if (__real_pwrite(fd, &byte, 1, at) != 1)
		abort();
}

/* boot.install.1: what was written is found again. */
static void
round_trip(void)
{
	int                   fd = disk_new();
	struct install_place  p = place(), q;
	struct install_status st[BOOT_SLOTS];

	CU_ASSERT_FATAL(install_boot(fd, &p, false, &error));
	CU_ASSERT_FATAL(install_find(fd, INSTALL_ANY, &q, &error));
	CU_ASSERT_EQUAL(q.first, p.first);
	CU_ASSERT_EQUAL(q.sectors, p.sectors);
	CU_ASSERT_EQUAL(memcmp(q.volume, p.volume, 16), 0);
	CU_ASSERT_EQUAL(memcmp(q.area, p.area, sizeof(p.area)), 0);
	CU_ASSERT_FALSE(q.inactive);
	CU_ASSERT_FATAL(install_status(fd, &q, st, &error));
	CU_ASSERT_EQUAL(st[0].state, SLOT_EMPTY);
	CU_ASSERT_EQUAL(st[1].state, SLOT_EMPTY);
	close(fd);
}

/* boot.install.2: slots take turns; each header follows its flushed images. */
static void
turns(void)
{
	int                  fd = disk_new();
	struct install_place p = place();

	CU_ASSERT_FATAL(install_boot(fd, &p, false, &error));
	for (uint8_t n = 0; n < 5; n++) {
		CU_ASSERT_EQUAL(slot_put(fd, n), n % 2u);
		CU_ASSERT_EQUAL(booted(fd), n + 1u);
	}
	CU_ASSERT_FALSE(header_early);
	/* A refreshed bootstrap leaves the slots alone. */
	CU_ASSERT_TRUE(install_boot(fd, &p, true, &error));
	CU_ASSERT_EQUAL(booted(fd), 5);
	close(fd);
}

/* boot.install.3: the only slot that can be booted is never overwritten. */
static void
spares_the_good(void)
{
	const off_t area_b = FIRST * SECTOR_SIZE +
	    (off_t)(BLOCK_SLOT_AREA + SLOT_AREA_BLOCKS) * BLOCK_SIZE;
	int                  fd = disk_new();
	struct install_place p = place();

	CU_ASSERT_FATAL(install_boot(fd, &p, false, &error));
	CU_ASSERT_EQUAL(slot_put(fd, 1), 0);
	CU_ASSERT_EQUAL(slot_put(fd, 2), 1);
	corrupt(fd, area_b + 5000); /* The newer one's kernel. */
	CU_ASSERT_EQUAL(booted(fd), 1);
	CU_ASSERT_EQUAL(slot_put(fd, 3), 1);
	CU_ASSERT_EQUAL(booted(fd), 3);
	close(fd);
}

/*
 * boot.install.4: cut at any write or flush, the disk boots what it booted
 * before or, from the header on, the new slot.
 */
static void
cut_anywhere(void)
{
	for (int n = 1;; n++) {
		int                  fd = disk_new();
		struct install_place p = place();
		unsigned             number;
		uint32_t             after;

		CU_ASSERT_FATAL(install_boot(fd, &p, false, &error));
		CU_ASSERT_FATAL(slot_put(fd, 1) == 0 && slot_put(fd, 2) == 1);
		steps = 0;
		fault_at = n;
		number = slot_put(fd, 3);
		fault_at = 0;
		after = booted(fd);
		close(fd);
		if (number != 9) {
			CU_ASSERT_EQUAL(after, 3);
			CU_ASSERT(n > 5);
			return;
		}
		CU_ASSERT(after == 2 || (n == 5 && after == 3));
	}
}

/* boot.install.5: refusals, and their sentences. */
static void
refuses(void)
{
	int                  fd = disk_new();
	struct install_place p = place(), q;
	struct install_slot  s = slot_make(1);
	unsigned             number;

	CU_ASSERT_FALSE(install_find(fd, INSTALL_ANY, &q, &error));
	q = p;
	q.sectors = 1000;
	CU_ASSERT_FALSE(install_boot(fd, &q, false, &error));
	CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "no room"));
	q = p;
	q.area[1] = q.area[0];
	CU_ASSERT_FALSE(install_boot(fd, &q, false, &error));
	q = p;
	q.first = 0;
	CU_ASSERT_FALSE(install_boot(fd, &q, false, &error));
	CU_ASSERT_FATAL(install_boot(fd, &p, false, &error));
	CU_ASSERT_FALSE(install_find(fd, 1, &q, &error));
	CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "has type 00"));
	/* Over the first partition. */
	q = p;
	q.partition = 1;
	CU_ASSERT_FALSE(install_boot(fd, &q, false, &error));
	CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "overlap"));

	p.area[0].blocks = 7;
	CU_ASSERT_FALSE(install_slot(fd, &p, &s, &number, &error));
	CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "do not fit"));
	p = place();
	range.bytes[PAGE_SIZE] ^= 1;
	CU_ASSERT_FALSE(install_slot(fd, &p, &s, &number, &error));
	CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "checksum"));
	s = slot_make(1);
	kernel.code[100] ^= 1;
	CU_ASSERT_FALSE(install_slot(fd, &p, &s, &number, &error));
	CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "checksum"));

	/* Another volume's bootstrap; then no record at all. */
	corrupt(fd, FIRST * SECTOR_SIZE + SECTOR_SIZE + IMAGE_VOLUME_AT);
	CU_ASSERT_FALSE(install_find(fd, INSTALL_ANY, &q, &error));
	CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "UUIDs differ"));
	corrupt(fd, FIRST * SECTOR_SIZE + RECORD_OWN_LBA);
	CU_ASSERT_FALSE(install_find(fd, INSTALL_ANY, &q, &error));
	CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "damaged"));
	corrupt(fd, MBR_TABLE);
	CU_ASSERT_FALSE(install_find(fd, INSTALL_ANY, &q, &error));
	close(fd);
}

/* boot.install.6: two volumes on one disk, and a foreign boot record. */
static void
two_volumes(void)
{
	int                  fd = disk_new();
	struct install_place p = place(), q = place();
	struct mbr           mbr = {.signature = BOOT_SIGNATURE};

	mbr.code[0] = 0x77;
	CU_ASSERT_EQUAL_FATAL(__real_pwrite(fd, &mbr, sizeof(mbr), 0), 512);
	for (unsigned i = 0; i < BOOT_SLOTS; i++) {
		p.area[i].block = q.area[i].block = 32 + i * 64;
		p.area[i].blocks = q.area[i].blocks = 64;
	}
	p.sectors = 8192;
	q.first = FIRST + 8192;
	q.sectors = 8192;
	q.partition = 2;
	q.volume[0] = 1;
	q.inactive = true;
	p.keep_mbr = q.keep_mbr = true;
	CU_ASSERT_FATAL(install_boot(fd, &p, false, &error));
	CU_ASSERT_FATAL(install_boot(fd, &q, false, &error));
	CU_ASSERT_FALSE(install_find(fd, INSTALL_ANY, &p, &error));
	CU_ASSERT_PTR_NOT_NULL(strstr(error.text, "say which"));
	CU_ASSERT_TRUE(install_find(fd, 0, &p, &error));
	CU_ASSERT_TRUE(install_find(fd, 2, &q, &error));
	CU_ASSERT_FALSE(p.inactive);
	CU_ASSERT_TRUE(q.inactive);
	CU_ASSERT_EQUAL(q.volume[0], 1);
	CU_ASSERT_TRUE(install_read(fd, 0, &mbr, sizeof(mbr), &error));
	CU_ASSERT_EQUAL(mbr.code[0], 0x77);
	close(fd);
}

const struct runner_test boot_install_tests[] = {
    RUNNER_TEST(round_trip),
    RUNNER_TEST(turns),
    RUNNER_TEST(spares_the_good),
    RUNNER_TEST(cut_anywhere),
    RUNNER_TEST(refuses),
    RUNNER_TEST(two_volumes),
    {NULL, NULL},
};
