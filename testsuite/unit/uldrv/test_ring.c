/* SPDX-License-Identifier: BSD-2-Clause */
#include <CUnit/CUnit.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "uldrv/class/ring.h"
#include "uldrv/platform/acpi-pm/s5.h"

static struct ring_shared shared;
static struct ring_end    producer, consumer;

static void
begin(uint32_t from)
{
	memset(&shared, 0, sizeof(shared));
	ring_begin(&producer, &shared, 8);
	ring_begin(&consumer, &shared, 8);
	producer.own = consumer.own = shared.head = shared.tail = from;
}

/* ring.1: what goes in comes out, also where the counters wrap. */
static void
counters_wrap(void)
{
	uint32_t space, ready;

	begin(UINT32_MAX - 3);
	for (int i = 0; i < 20; i++) {
		CU_ASSERT_EQUAL(ring_space(&producer, &space), RC_OK);
		CU_ASSERT_EQUAL(space, 8);
		CU_ASSERT_FALSE(ring_produce(&producer, 5));
		CU_ASSERT_EQUAL(ring_space(&producer, &space), RC_OK);
		CU_ASSERT_EQUAL(space, 3);
		CU_ASSERT_EQUAL(ring_ready(&consumer, &ready), RC_OK);
		CU_ASSERT_EQUAL(ready, 5);
		ring_consume(&consumer, 5);
	}
}

/* ring.2: an index that cannot be is refused by either side. */
static void
a_peer_that_lies(void)
{
	static const uint32_t lies[] = {9, 100, 0x80000000u};
	uint32_t              n;

	for (unsigned i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		begin(0);
		shared.head = lies[i];
		CU_ASSERT_EQUAL(ring_ready(&consumer, &n), RC_CORRUPT);
		begin(0);
		shared.tail = lies[i];
		CU_ASSERT_EQUAL(ring_space(&producer, &n), RC_CORRUPT);
	}
	/* Our own index is ours: what the peer makes of it is nothing to us. */
	begin(0);
	shared.tail = 77;
	CU_ASSERT_EQUAL(ring_ready(&consumer, &n), RC_OK);
	CU_ASSERT_EQUAL(n, 0);
}

/* ring.3: the doorbell is rung for who waits, and only then. */
static void
doorbells(void)
{
	begin(0);
	CU_ASSERT_FALSE(ring_produce(&producer, 1));
	ring_want(&consumer, true);
	CU_ASSERT(ring_produce(&producer, 1));
	ring_want(&consumer, false);
	CU_ASSERT_FALSE(ring_produce(&producer, 1));
}

/* s5.1: QEMU's two forms, and a byte prefix. */
static void
s5_is_found(void)
{
	static const uint8_t zero[] = {0x10, 0x08, '_', 'S', '5', '_', 0x12,
	    0x06, 0x04, 0x00, 0x00, 0x00, 0x00};
	static const uint8_t root[] = {0x08, 0x5c, '_', 'S', '5', '_', 0x12,
	    0x0a, 0x04, 0x0a, 0x07, 0x0a, 0x07, 0x00, 0x00};
	uint8_t              type = 99;

	CU_ASSERT_EQUAL(s5_find(zero, sizeof(zero), &type), RC_OK);
	CU_ASSERT_EQUAL(type, 0);
	CU_ASSERT_EQUAL(s5_find(root, sizeof(root), &type), RC_OK);
	CU_ASSERT_EQUAL(type, 7);
}

/* s5.2: the name alone, a wild type, and every length cut short. */
static void
s5_is_not_believed(void)
{
	static const uint8_t good[] = {
	    0x08, '_', 'S', '5', '_', 0x12, 0x06, 0x04, 0x0a, 0x05};
	uint8_t copy[sizeof(good)], type;

	for (size_t n = 0; n < sizeof(good); n++)
		CU_ASSERT_EQUAL(s5_find(good, n, &type), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(s5_find(good, sizeof(good), &type), RC_OK);
	CU_ASSERT_EQUAL(type, 5);
	memcpy(copy, good, sizeof(good));
	copy[9] = 8;
	CU_ASSERT_EQUAL(s5_find(copy, sizeof(copy), &type), RC_NOT_FOUND);
	copy[0] = 0x10;
	CU_ASSERT_EQUAL(s5_find(copy, sizeof(copy), &type), RC_NOT_FOUND);
}

static const struct runner_test tests[] = {
    RUNNER_TEST(counters_wrap),
    RUNNER_TEST(a_peer_that_lies),
    RUNNER_TEST(doorbells),
    RUNNER_TEST(s5_is_found),
    RUNNER_TEST(s5_is_not_believed),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "ring", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
