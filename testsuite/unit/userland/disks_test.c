/* SPDX-License-Identifier: BSD-2-Clause */
/* Orders of those who look at disks: their steps, and the partition table. */
#include "userland/disks/disks.h"

#include <CUnit/CUnit.h>
#include <string.h>

#include "testsuite/runner/runner.h"

static struct disks disks;
static uint8_t      sector[DISKS_SECTOR];

static void
table(unsigned part, uint8_t type, uint32_t first, uint32_t sectors)
{
	uint8_t *e = sector + 446 + (part - 1) * 16;

	sector[510] = 0x55;
	sector[511] = 0xaa;
	e[4] = type;
	memcpy(e + 8, &first, 4);
	memcpy(e + 12, &sectors, 4);
}

static struct disks_job *
order(bool reads, uint64_t part, uint64_t at, uint64_t count)
{
	struct disks_job *j = disks_job(&disks);

	CU_ASSERT_PTR_NOT_NULL_FATAL(j);
	j->reads = reads;
	j->part = part;
	j->sector = at;
	j->count = count;
	return j;
}

static void
begin(void)
{
	memset(&disks, 0, sizeof(disks));
	memset(sector, 0, sizeof(sector));
}

/* disks.same.1: what was read of one disk is not used for another. */
static void
another_disk(void)
{
	struct disks_job *j;

	begin();
	j = order(true, 2, 30, 2);
	CU_ASSERT(disks_same(j, 7));
	CU_ASSERT(disks_same(j, 7));
	CU_ASSERT_FALSE(disks_same(j, 8));
	CU_ASSERT_FALSE(disks_same(j, 8));
	/* The next order knows nothing of that. */
	j->state = DISKS_FREE;
	CU_ASSERT(disks_same(order(true, 0, 0, 1), 8));
}

/* disks.read.1: the table first, and then the partition's extent alone. */
static void
a_partition(void)
{
	struct disks_job *j;
	uint8_t           data[2 * DISKS_SECTOR];

	begin();
	table(2, 0xae, 2048, 1000);
	j = order(true, 2, 30, 2);
	CU_ASSERT_EQUAL(disks_check(j), RC_OK);
	CU_ASSERT_PTR_EQUAL(disks_next(&disks), j);
	CU_ASSERT_EQUAL(j->first, 0);
	CU_ASSERT_EQUAL(j->sectors, 1);
	CU_ASSERT_EQUAL(j->many, 1);
	CU_ASSERT(disks_came(&disks, j, RC_OK, sector, sizeof(sector)));
	CU_ASSERT_PTR_EQUAL(disks_next(&disks), j);
	CU_ASSERT_EQUAL(j->first, 2048);
	CU_ASSERT_EQUAL(j->sectors, 1000);
	CU_ASSERT_EQUAL(j->at, 30);
	CU_ASSERT_EQUAL(j->many, 2);
	memset(data, 0x5a, sizeof(data));
	CU_ASSERT_FALSE(disks_came(&disks, j, RC_OK, data, sizeof(data)));
	CU_ASSERT_EQUAL(j->state, DISKS_DONE);
	CU_ASSERT_EQUAL(j->status, RC_OK);
	CU_ASSERT_EQUAL(j->bytes, sizeof(data));
	CU_ASSERT_EQUAL(disks.data[1023], 0x5a);
	CU_ASSERT_PTR_NULL(disks_next(&disks));
}

/* disks.read.2: the whole disk needs no table. */
static void
the_whole_disk(void)
{
	struct disks_job *j;

	begin();
	j = order(true, 0, 7, 1);
	CU_ASSERT_PTR_EQUAL(disks_next(&disks), j);
	CU_ASSERT_EQUAL(j->state, DISKS_DATA);
	CU_ASSERT_EQUAL(j->first, 0);
	CU_ASSERT_EQUAL(j->at, 7);
	CU_ASSERT_FALSE(
	    disks_came(&disks, j, RC_OK, sector, sizeof(sector)));
	CU_ASSERT_EQUAL(j->status, RC_OK);
}

/* disks.partition.1: what the table has, and what it has not. */
static void
tables(void)
{
	struct disks_job *j;

	begin();
	table(1, 0x83, 63, 500);
	table(4, 0x07, 600, 0);
	for (unsigned part = 1; part <= 4; part++) {
		j = order(false, part, 0, 0);
		CU_ASSERT_EQUAL(disks_check(j), RC_OK);
		CU_ASSERT_PTR_EQUAL(disks_next(&disks), j);
		CU_ASSERT_FALSE(
		    disks_came(&disks, j, RC_OK, sector, sizeof(sector)));
		CU_ASSERT_EQUAL(j->status, part == 1 ? RC_OK : RC_VOID);
		j->state = DISKS_FREE;
	}
	CU_ASSERT_EQUAL(disks_part(sector, 1).first, 63);
	CU_ASSERT_EQUAL(disks_part(sector, 1).sectors, 500);
	CU_ASSERT_EQUAL(disks_part(sector, 1).type, 0x83);
	sector[510] = 0;
	CU_ASSERT_EQUAL(disks_part(sector, 1).type, 0);
}

/* disks.order.1: nonsense, failures, and more or less than was asked for. */
static void
wrong(void)
{
	static const struct disks_job nonsense[] = {
	    {.reads = true, .part = 5, .count = 1},
	    {.reads = true, .part = 1, .count = 0},
	    {.reads = true, .part = 1, .count = DISKS_COUNT + 1},
	    {.reads = false, .part = 0},
	};
	struct disks_job *j;

	for (unsigned i = 0; i < 4; i++)
		CU_ASSERT_EQUAL(disks_check(&nonsense[i]), RC_ARGUMENT);
	begin();
	j = order(true, 1, 0, 1);
	CU_ASSERT_PTR_EQUAL(disks_next(&disks), j);
	CU_ASSERT_FALSE(disks_came(&disks, j, RC_MEDIA, NULL, 0));
	CU_ASSERT_EQUAL(j->status, RC_MEDIA);
	j->state = DISKS_FREE;
	j = order(true, 0, 0, 1);
	(void)disks_next(&disks);
	CU_ASSERT_FALSE(disks_came(&disks, j, RC_OK, sector, 100));
	CU_ASSERT_EQUAL(j->status, RC_DEVICE);
}

/* disks.order.2: in turn, one at a time, as many as there are places. */
static void
in_turn(void)
{
	struct disks_job *all[DISKS_JOBS];

	begin();
	for (unsigned i = 0; i < DISKS_JOBS; i++)
		all[i] = order(true, 0, i, 1);
	CU_ASSERT_PTR_NULL(disks_job(&disks));
	for (unsigned i = 0; i < DISKS_JOBS; i++) {
		struct disks_job *j = disks_next(&disks);

		CU_ASSERT_PTR_EQUAL(j, all[i]);
		CU_ASSERT_PTR_EQUAL(disks_next(&disks), all[i]);
		(void)disks_came(&disks, j, RC_OK, sector, sizeof(sector));
		/* disks.order.3: its bytes are not another one's. */
		CU_ASSERT_PTR_NULL(disks_next(&disks));
		j->state = DISKS_FREE;
	}
	for (unsigned i = 0; i < DISKS_JOBS; i++)
		all[i] = order(true, 0, i, 1);
	all[3]->state = DISKS_FREE;
	CU_ASSERT_PTR_EQUAL(disks_job(&disks), all[3]);
}

static const struct runner_test tests[] = {
    RUNNER_TEST(another_disk),
    RUNNER_TEST(a_partition),
    RUNNER_TEST(the_whole_disk),
    RUNNER_TEST(tables),
    RUNNER_TEST(wrong),
    RUNNER_TEST(in_turn),
    {NULL, NULL},
};

int
main(int argc, char **argv)
{
	static const struct runner_suite suites[] = {
	    {.name = "disks", .tests = tests},
	    {.name = NULL},
	};

	return runner_main(argc, argv, suites);
}
