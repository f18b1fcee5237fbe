/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/bios/slot.h"

#include "boot/bios/crc32c.h"

#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/unit/boot/suites.h"

static const uint8_t          volume[16] = {1, 2, 3};
static const struct boot_area area = {.block = 32, .blocks = 100};

static void
seal(struct boot_slot *s)
{
	s->checksum = boot_crc_without(
	    s, sizeof(*s), offsetof(struct boot_slot, checksum));
}

static struct boot_slot
good(uint32_t serial)
{
	struct boot_slot s = {
	    .magic = BOOT_SLOT_MAGIC,
	    .version = BOOT_SLOT_VERSION,
	    .serial = serial,
	    .kernel_block = 32,
	    .kernel_bytes = 5000,
	    .range_block = 34,
	    .range_bytes = 98 * BLOCK_SIZE,
	};

	memcpy(s.volume, volume, sizeof(volume));
	seal(&s);
	return s;
}

/* boot.slot.1: what the header alone can tell. */
static void
checks(void)
{
	struct boot_slot s = good(7);

	CU_ASSERT_EQUAL(slot_check(&s, volume, &area), SLOT_GOOD);
	memset(&s, 0, sizeof(s));
	CU_ASSERT_EQUAL(slot_check(&s, volume, &area), SLOT_EMPTY);
	s = good(0);
	CU_ASSERT_EQUAL(slot_check(&s, volume, &area), SLOT_EMPTY);
	s = good(7);
	s.version = 2;
	seal(&s);
	CU_ASSERT_EQUAL(slot_check(&s, volume, &area), SLOT_VERSION);
	s = good(7);
	s.volume[15] = 1;
	seal(&s);
	CU_ASSERT_EQUAL(slot_check(&s, volume, &area), SLOT_FOREIGN);
}

/* boot.slot.2: any byte changed is noticed. */
static void
damage(void)
{
	struct boot_slot s;

	for (size_t i = 0; i < sizeof(s); i++) {
		s = good(7);
		((uint8_t *)&s)[i] ^= 0x10;
		CU_ASSERT_EQUAL(slot_check(&s, volume, &area), SLOT_DAMAGED);
	}
}

/* boot.slot.3: blocks outside the area, and images that overlap. */
static void
extents(void)
{
	const struct {
		uint64_t kernel, kernel_bytes, range, range_bytes;
	} bad[] = {
	    {31, 5000, 34, 4096},
	    {32, 5000, 33, 4096},
	    {32, 5000, 34, 98 * BLOCK_SIZE + 1},
	    {32, 5000, 132, 1},
	    {132, 1, 133, 1},
	    {32, UINT64_MAX, 34, 4096},
	    {32, 5000, 34, UINT64_MAX},
	    {32, 5000, UINT64_MAX, 4096},
	    {32, 101 * BLOCK_SIZE, 34, 4096},
	    {0, 0, 0, 0},
	};
	struct boot_slot s;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		s = good(7);
		s.kernel_block = bad[i].kernel;
		s.kernel_bytes = bad[i].kernel_bytes;
		s.range_block = bad[i].range;
		s.range_bytes = bad[i].range_bytes;
		seal(&s);
		CU_ASSERT_EQUAL(slot_check(&s, volume, &area), SLOT_OUTSIDE);
	}
}

/* boot.slot.4: the highest serial first, A of two equals. */
static void
orders(void)
{
	struct boot_slot s[BOOT_SLOTS] = {good(3), good(4)};
	enum slot_state  state[BOOT_SLOTS] = {SLOT_GOOD, SLOT_GOOD};
	unsigned         order[BOOT_SLOTS];

	CU_ASSERT_EQUAL(slot_order(state, s, order), 2);
	CU_ASSERT_TRUE(order[0] == 1 && order[1] == 0);
	s[1].serial = 3;
	CU_ASSERT_EQUAL(slot_order(state, s, order), 2);
	CU_ASSERT_TRUE(order[0] == 0 && order[1] == 1);
	state[0] = SLOT_DAMAGED;
	CU_ASSERT_EQUAL(slot_order(state, s, order), 1);
	CU_ASSERT_EQUAL(order[0], 1);
	state[1] = SLOT_EMPTY;
	CU_ASSERT_EQUAL(slot_order(state, s, order), 0);
	for (int i = SLOT_GOOD; i <= SLOT_OUTSIDE; i++)
		CU_ASSERT_STRING_NOT_EQUAL(
		    slot_state_name((enum slot_state)i), "?");
}

/* boot.kernel.1: a header is believed only as far as it makes sense. */
static void
kernels(void)
{
	const struct kernel_image fine = {
	    .magic = KERNEL_IMAGE_MAGIC,
	    .version = HANDOFF_VERSION,
	    .first = 0x100000,
	    .file_bytes = 5000,
	    .total_bytes = 9000,
	    .entry = KERNEL_BASE + 0x100000 + 4999,
	};
	const uint64_t      bytes = PAGE_SIZE + 5000;
	struct kernel_image k = fine;

	CU_ASSERT_PTR_NULL(kernel_check(&k, bytes));
	CU_ASSERT_PTR_NOT_NULL(kernel_check(&k, bytes + 1));
	CU_ASSERT_PTR_NOT_NULL(kernel_check(&k, 5000 - 1));
	CU_ASSERT_PTR_NOT_NULL(kernel_check(&k, 0));
#define BAD(field, value) \
	k = fine;         \
	k.field = value;  \
	CU_ASSERT_PTR_NOT_NULL(kernel_check(&k, bytes))
	BAD(magic, 0);
	BAD(version, HANDOFF_VERSION + 1);
	BAD(first, 0x100001);
	BAD(first, 0xff000);
	BAD(first, 1 << 30);
	BAD(total_bytes, 4999);
	BAD(total_bytes, UINT64_MAX);
	BAD(total_bytes, (1 << 30) - 0x100000 + 1);
	BAD(entry, KERNEL_BASE + 0x100000 + 5000);
	BAD(entry, KERNEL_BASE + 0x100000 - 1);
	BAD(entry, 0x100000);
	BAD(entry, 0);
#undef BAD
}

static struct boot_range *
range_of(uint32_t frames)
{
	size_t             bytes = (frames + 1) * (size_t)PAGE_SIZE;
	struct boot_range *r = calloc(1, bytes);

	if (r == NULL)
		abort();
	r->magic = BOOT_RANGE_MAGIC;
	r->version = BOOT_RANGE_VERSION;
	r->nframes = frames;
	r->first_frame = PAGE_SIZE;
	r->checksum = boot_crc(0, r, bytes);
	return r;
}

/* boot.range.1: the same for the boot range, checksum included. */
static void
ranges(void)
{
	const uint64_t     bytes = 4 * PAGE_SIZE;
	struct boot_range *r = range_of(3);
	struct boot_range  fine = *r;

	CU_ASSERT_PTR_NULL(range_check(r, bytes));
	CU_ASSERT_PTR_NOT_NULL(range_check(r, bytes - 1));
	CU_ASSERT_PTR_NOT_NULL(range_check(r, sizeof(*r) - 1));
#define BAD(field, value)                                     \
	*r = fine;                                            \
	r->field = value;                                     \
	r->checksum = boot_crc_without(                       \
	    r, bytes, offsetof(struct boot_range, checksum)); \
	CU_ASSERT_PTR_NOT_NULL(range_check(r, bytes))
	BAD(magic, 1);
	BAD(version, 0);
	BAD(nframes, 4);
	BAD(nframes, UINT32_MAX);
	BAD(first_frame, 8);
	BAD(first_frame, 0);
	BAD(first_frame, 0xfffff000);
	BAD(nprocesses, UINT32_MAX);
	BAD(processes_at, UINT32_MAX);
	BAD(nservices, UINT32_MAX);
	BAD(services_at, UINT32_MAX);
#undef BAD
	*r = fine;
	((uint8_t *)r)[bytes - 1] ^= 1;
	CU_ASSERT_PTR_NOT_NULL(range_check(r, bytes));
	free(r);
}

const struct runner_test boot_slot_tests[] = {
    RUNNER_TEST(checks),
    RUNNER_TEST(damage),
    RUNNER_TEST(extents),
    RUNNER_TEST(orders),
    RUNNER_TEST(kernels),
    RUNNER_TEST(ranges),
    {NULL, NULL},
};
