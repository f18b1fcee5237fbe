/* SPDX-License-Identifier: BSD-2-Clause */
/* Format helpers, changes, space: each part by itself. */
#include "persist/format/check.h"
#include "persist/format/map.h"
#include "persist/store/delta.h"
#include "persist/store/space.h"

#include "testsuite/runner/runner.h"

#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>

extern const struct runner_test parts_tests[];

/* D1: fields of 40 and 48 bits keep every bit and touch no other. */
static void
d1_fields_keep_their_bits(void)
{
	struct map_leaf  e = {.kind = 3, .count = 9};
	struct map_inner i;

	map_put48(e.block, UINT64_C(0xfedcba987654));
	map_put48(e.birth, UINT64_C(0x123456789abc));
	CU_ASSERT_EQUAL(map_get48(e.block), UINT64_C(0xfedcba987654));
	CU_ASSERT_EQUAL(map_get48(e.birth), UINT64_C(0x123456789abc));
	CU_ASSERT_EQUAL(e.count, 9);
	memset(&i, 0, sizeof(i));
	map_put_bytes(i.birth, 5, UINT64_C(0xfedcba9876));
	CU_ASSERT_EQUAL(map_get_bytes(i.birth, 5), UINT64_C(0xfedcba9876));
	CU_ASSERT_EQUAL(map_get_bytes(i.block, 5), 0);
	CU_ASSERT_EQUAL(map_get_bytes(i.check, 6), 0);
}

/* D1: 35 bits of position fit five levels, and every level covers its part. */
static void
d1_levels_cover_all_positions(void)
{
	CU_ASSERT_EQUAL(map_levels(0), 1);
	CU_ASSERT_EQUAL(map_levels(127), 1);
	CU_ASSERT_EQUAL(map_levels(128), 2);
	CU_ASSERT_EQUAL(map_levels(32768), 3);
	CU_ASSERT_EQUAL(map_levels(OID_FRAMES - 1), MAP_LEVELS_MAX);
	for (uint64_t p = 1; p < OID_FRAMES; p = p * 3 + 1) {
		uint64_t back = map_index(p, 1);

		for (unsigned l = 2; l <= MAP_LEVELS_MAX; l++)
			back |= (uint64_t)map_index(p, l) << map_shift(l - 1);
		CU_ASSERT_EQUAL(back, p);
		CU_ASSERT(map_first(p, 2) <= p);
	}
}

/* S14: the check covers OID, kind, count and content. */
static void
s14_check_covers_identity(void)
{
	static uint8_t page[BLOCK_SIZE];
	oid            o = oid_make(frame_of(SOURCE_PERSISTENT, 5), 7);
	uint64_t       c = check_object(true, o, FK_PAGE, 3, page);

	CU_ASSERT_EQUAL(c, check_object(false, o, FK_PAGE, 3, page));
	CU_ASSERT_NOT_EQUAL(
	    c, check_object(true, (oid){o.v + 8}, FK_PAGE, 3, page));
	CU_ASSERT_NOT_EQUAL(c, check_object(true, o, FK_NODE, 3, page));
	CU_ASSERT_NOT_EQUAL(c, check_object(true, o, FK_PAGE, 4, page));
	page[4095] = 1;
	CU_ASSERT_NOT_EQUAL(c, check_object(true, o, FK_PAGE, 3, page));
	CU_ASSERT_EQUAL(crc32c(false, 0, "123456789", 9), 0xe3069283);
	CU_ASSERT_EQUAL(crc32c(true, 0, "123456789", 9), 0xe3069283);
}

static void
delta_finds_and_sorts(void)
{
	struct delta d;
	void        *m = malloc(delta_bytes(100));
	bool         made, sorted = true;

	delta_init(&d, 100, m);
	for (unsigned round = 0; round < 3; round++) {
		delta_reset(&d, round);
		for (uint64_t i = 0; i < 100; i++)
			delta_get(&d, i * 7919 % 1009, &made)
			    ->flags = DELTA_RECORD;
		CU_ASSERT_PTR_NULL(delta_get(&d, 5000, &made));
		CU_ASSERT_PTR_NOT_NULL(delta_get(&d, 7919 % 1009, &made));
		CU_ASSERT_FALSE(made);
		delta_sort(&d);
		for (uint32_t i = 1; i < d.n; i++)
			sorted &= d.entry[d.order[i - 1]].key <
			    d.entry[d.order[i]].key;
		CU_ASSERT(sorted);
		CU_ASSERT(delta_ok(&d));
	}
	free(m);
}

/* F8: each block goes the way that the diagram in space.h shows. */
static void
f8_space_states(void)
{
	struct space s;
	void        *m = malloc(space_bytes(1000));
	uint64_t     w, f, meta;

	space_init(&s, 1000, m);
	space_open(&s, 50, 777);
	w = space_alloc(&s, SPACE_WORKING);
	CU_ASSERT(space_holds(&s, w));
	CU_ASSERT_EQUAL(space_image_used(&s), 0);
	space_freeze(&s);
	CU_ASSERT_EQUAL(space_image_used(&s), 1);
	meta = space_alloc(&s, SPACE_META);
	f = space_alloc(&s, SPACE_WORKING);
	CU_ASSERT_EQUAL(space_image_used(&s), 2);
	CU_ASSERT(space_ok(&s));
	space_durable(&s);
	CU_ASSERT_EQUAL(s.nfree, 774);
	/* Dropped: free only when the commit is durable; once only. */
	CU_ASSERT(space_drop(&s, meta));
	CU_ASSERT_FALSE(space_drop(&s, meta));
	CU_ASSERT_FALSE(space_drop(&s, f));
	CU_ASSERT_FALSE(space_drop(&s, 49));
	CU_ASSERT_EQUAL(s.nfree, 774);
	space_undo(&s, false);
	CU_ASSERT_EQUAL(space_image_used(&s), 2);
	CU_ASSERT(space_drop(&s, meta));
	space_durable(&s);
	CU_ASSERT_EQUAL(s.nfree, 775);
	space_release(&s, f);
	CU_ASSERT_EQUAL(s.nfree, 776);
	/* All can be had, each once, and no more. */
	for (unsigned i = 0; i < 776; i++)
		CU_ASSERT_NOT_EQUAL(space_alloc(&s, i % SPACE_CLASSES), 0);
	CU_ASSERT_EQUAL(space_alloc(&s, SPACE_META), 0);
	CU_ASSERT(space_ok(&s));
	free(m);
}

const struct runner_test parts_tests[] = {
    RUNNER_TEST(d1_fields_keep_their_bits),
    RUNNER_TEST(d1_levels_cover_all_positions),
    RUNNER_TEST(s14_check_covers_identity),
    RUNNER_TEST(delta_finds_and_sorts),
    RUNNER_TEST(f8_space_states),
    {NULL, NULL},
};
