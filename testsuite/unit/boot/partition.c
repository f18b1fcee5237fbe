/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/bios/partition.h"

#include <CUnit/CUnit.h>

#include "testsuite/unit/boot/suites.h"

static const struct mbr fine = {
    .entry =
	{
	    {.type = 0x83, .first = 2048, .sectors = 1000},
	    {.status = 0x80, .type = 0xae, .first = 4096, .sectors = 1000},
	    {.type = 0xae, .first = 8192, .sectors = 1000},
	},
    .signature = BOOT_SIGNATURE,
};

/* boot.table.1: a sound table, also one without any partition. */
static void
sound(void)
{
	const struct mbr empty = {.signature = BOOT_SIGNATURE};

	CU_ASSERT_PTR_NULL(partition_table_check(&fine));
	CU_ASSERT_PTR_NULL(partition_table_check(&empty));
}

/* boot.table.2: everything that makes a table unsound. */
static void
unsound(void)
{
	struct mbr m;

#define BAD(change) \
	m = fine;   \
	m.change;   \
	CU_ASSERT_PTR_NOT_NULL(partition_table_check(&m))
	BAD(signature = 0);
	BAD(entry[3].status = 1);
	BAD(entry[0].status = 0xff);
	BAD(entry[0].status = 0x80);
	BAD(entry[0].first = 0);
	BAD(entry[0].sectors = 0);
	BAD(entry[2].sectors = UINT32_MAX);
	BAD(entry[2].first = 5095);
	BAD(entry[0].sectors = 2049);
#undef BAD
}

/* boot.table.3: found by place and type. */
static void
finds(void)
{
	CU_ASSERT_EQUAL(partition_find(&fine, 4096), 1);
	CU_ASSERT_EQUAL(partition_find(&fine, 8192), 2);
	CU_ASSERT_EQUAL(partition_find(&fine, 2048), -1);
	CU_ASSERT_EQUAL(partition_find(&fine, 0x100001000), -1);
}

const struct runner_test boot_partition_tests[] = {
    RUNNER_TEST(sound),
    RUNNER_TEST(unsound),
    RUNNER_TEST(finds),
    {NULL, NULL},
};
