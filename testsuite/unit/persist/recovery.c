/* SPDX-License-Identifier: BSD-2-Clause */
/* Damage: what verifies is used, the rest refused, and both are reported. */
#include "testsuite/unit/persist/rig.h"

#include "testsuite/runner/runner.h"

#include <CUnit/CUnit.h>
#include <string.h>

extern const struct runner_test recovery_tests[];

/* Two commits: generation 2 in slot 1 with 10, 3 in slot 0 with 20. */
static void
two_commits(struct rig *r)
{
	rig_make(r, 512, 300);
	CU_ASSERT_EQUAL_FATAL(rig_mount(r), RC_OK);
	CU_ASSERT_EQUAL(rig_clean(r, 1, 10), RC_OK);
	CU_ASSERT_EQUAL(rig_clean(r, 2, 11), RC_OK);
	CU_ASSERT_EQUAL(rig_commit(r), RC_OK);
	CU_ASSERT_EQUAL(rig_clean(r, 1, 20), RC_OK);
	CU_ASSERT_EQUAL(rig_commit(r), RC_OK);
	CU_ASSERT_EQUAL(rig_super(r, 0)->number, 3);
	CU_ASSERT_EQUAL(rig_super(r, 1)->number, 2);
}

/* F8: a superblock that does not verify: the other is used, and said so. */
static void
f8_one_superblock_damaged(void)
{
	struct rig r;
	uint64_t   v;

	two_commits(&r);
	r.disk[BLOCK_SUPER][100] ^= 1;
	CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
	CU_ASSERT(rig_event(&r, EVENT_SUPER_BAD));
	CU_ASSERT_EQUAL(r.open.flags, PAGER_FELL_BACK);
	CU_ASSERT_EQUAL(rig_fetch(&r, 1, &v), RC_OK);
	CU_ASSERT_EQUAL(v, 10);
	/* And life goes on. */
	CU_ASSERT_EQUAL(rig_clean(&r, 1, 30), RC_OK);
	CU_ASSERT_EQUAL(rig_commit(&r), RC_OK);
	CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
	CU_ASSERT_EQUAL(rig_fetch(&r, 1, &v), RC_OK);
	CU_ASSERT_EQUAL(v, 30);
	rig_free(&r);
}

static void
both_superblocks_damaged(void)
{
	struct rig r;

	two_commits(&r);
	r.disk[BLOCK_SUPER][100] ^= 1;
	r.disk[BLOCK_SUPER + 1][100] ^= 1;
	CU_ASSERT_EQUAL(rig_mount(&r), RC_CORRUPT);
	CU_ASSERT(rig_event(&r, EVENT_NO_VOLUME));
	CU_ASSERT_FALSE(r.opened);
	rig_free(&r);
}

/* F8: the superblock verifies but its root blocks do not. */
static void
f8_root_block_damaged(void)
{
	struct rig               r;
	uint64_t                 v;
	const struct superblock *b;

	two_commits(&r);
	b = rig_super(&r, 0);
	r.disk[b->generation[b->generations - 1].objects.block][40] ^= 4;
	CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
	CU_ASSERT(rig_event(&r, EVENT_ROOT_BAD));
	CU_ASSERT(rig_event(&r, EVENT_FELL_BACK));
	CU_ASSERT_EQUAL(r.open.flags, PAGER_FELL_BACK);
	CU_ASSERT_EQUAL(rig_fetch(&r, 1, &v), RC_OK);
	CU_ASSERT_EQUAL(v, 10);
	/* Numbers are not used twice, and the good slot is not overwritten. */
	CU_ASSERT_EQUAL(rig_commit(&r), RC_OK);
	CU_ASSERT_EQUAL(rig_super(&r, 0)->number, 4);
	CU_ASSERT_EQUAL(rig_super(&r, 1)->number, 2);
	rig_free(&r);
}

/* F8: the same for bitmap and dead lists. */
static void
f8_space_damaged(void)
{
	struct rig r;

	for (unsigned i = 0; i < 2; i++) {
		two_commits(&r);
		r.disk[i == 0 ? rig_super(&r, 0)->space.block
			      : rig_super(&r, 0)->lists.block][0] ^= 4;
		CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
		CU_ASSERT_EQUAL(r.open.word[2], 2);
		rig_free(&r);
	}
}

static uint64_t
block_of(struct rig *r, uint64_t content)
{
	for (uint64_t i = BLOCK_SUPER + 2; i < r->blocks; i++)
		if (memcmp(r->disk[i], &content, 8) == 0)
			return i;
	return 0;
}

/* A data block that is damaged is that object's loss alone. */
static void
data_block_damaged(void)
{
	struct rig r;
	uint64_t   v;

	two_commits(&r);
	r.disk[block_of(&r, 11)][4000] ^= 1;
	CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
	CU_ASSERT_EQUAL(rig_fetch(&r, 2, &v), RC_CORRUPT);
	CU_ASSERT(rig_event(&r, EVENT_OBJECT_BAD));
	CU_ASSERT_EQUAL(rig_fetch(&r, 1, &v), RC_OK);
	CU_ASSERT_EQUAL(v, 20);
	rig_free(&r);
}

/* S8: an unreadable block is RC_MEDIA, after it was tried again. */
static void
s8_media_error(void)
{
	struct rig r;
	uint64_t   v;

	two_commits(&r);
	CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
	r.bad_block = block_of(&r, 11);
	r.bad_times = 1;
	CU_ASSERT_EQUAL(rig_fetch(&r, 2, &v), RC_OK);
	CU_ASSERT_EQUAL(v, 11);
	r.bad_times = 100;
	CU_ASSERT_EQUAL(rig_fetch(&r, 2, &v), RC_MEDIA);
	rig_free(&r);
}

/* A block that cannot be written is passed over: another one is taken. */
static void
bad_block_is_passed_over(void)
{
	struct rig r;
	uint64_t   v;

	two_commits(&r);
	for (r.bad_block = BLOCK_SUPER + 2; r.bad_block < 60; r.bad_block++) {
		r.bad_times = 1000;
		if (block_of(&r, 20) == r.bad_block)
			continue;
		CU_ASSERT_EQUAL(rig_clean(&r, 9, r.bad_block), RC_OK);
	}
	r.bad_times = 0;
	CU_ASSERT_EQUAL(rig_fetch(&r, 9, &v), RC_OK);
	CU_ASSERT_EQUAL(v, 59);
	CU_ASSERT(store_ok(r.s));
	rig_free(&r);
}

/* A failed commit loses nothing: the next one carries it. */
static void
failed_commit_is_carried_over(void)
{
	struct rig r;
	uint64_t   v;

	two_commits(&r);
	CU_ASSERT_EQUAL(rig_clean(&r, 1, 30), RC_OK);
	r.bad_flush = true;
	CU_ASSERT_EQUAL(rig_commit(&r), RC_DEVICE);
	CU_ASSERT(store_ok(r.s));
	CU_ASSERT_EQUAL(rig_fetch(&r, 1, &v), RC_OK);
	CU_ASSERT_EQUAL(v, 30);
	r.bad_flush = false;
	CU_ASSERT_EQUAL(rig_commit(&r), RC_OK);
	CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
	CU_ASSERT_EQUAL(rig_fetch(&r, 1, &v), RC_OK);
	CU_ASSERT_EQUAL(v, 30);
	rig_free(&r);
}

/* Header damaged, not ours, or of another version; memory too small. */
static void
header_refused(void)
{
	struct rig            r;
	struct volume_header *h;

	two_commits(&r);
	h = (struct volume_header *)(void *)r.disk[BLOCK_VOLUME];
	h->label[0] ^= 1;
	CU_ASSERT_EQUAL(rig_mount(&r), RC_CORRUPT);
	h->label[0] ^= 1;
	h->magic = 1;
	CU_ASSERT_EQUAL(rig_mount(&r), RC_NOT_FOUND);
	h->magic = VOLUME_MAGIC;
	r.config.blocks = 400;
	CU_ASSERT_EQUAL(rig_mount(&r), RC_LIMIT);
	rig_free(&r);
}

/* The superblock of another volume is not taken. */
static void
superblock_of_another_volume(void)
{
	struct rig r;

	two_commits(&r);
	rig_super(&r, 0)->volume[0] ^= 1;
	rig_seal(&r, 0);
	CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
	CU_ASSERT(rig_event(&r, EVENT_SUPER_OTHER));
	CU_ASSERT_EQUAL(r.open.word[2], 2);
	rig_free(&r);
}

/* S13: a generation that needs more than we know is refused, named. */
static void
s13_unknown_needs(void)
{
	struct rig         r;
	struct superblock *b;

	two_commits(&r);
	b = rig_super(&r, 0);
	b->generation[b->generations - 1].needs |= 1u << 20;
	rig_seal(&r, 0);
	CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
	CU_ASSERT(rig_event(&r, EVENT_SUPER_NEEDS));
	CU_ASSERT_EQUAL(r.open.word[2], 2);
	rig_free(&r);
}

/* S17: one number, two commits: the operator must choose. */
static void
s17_split_brain(void)
{
	struct rig         r;
	struct superblock *b;

	two_commits(&r);
	*rig_super(&r, 1) = *rig_super(&r, 0);
	b = rig_super(&r, 1);
	b->generation[b->generations - 1].commit ^= 2;
	rig_seal(&r, 1);
	CU_ASSERT_EQUAL(rig_mount(&r), RC_STATE);
	CU_ASSERT(rig_event(&r, EVENT_SPLIT));
	rig_free(&r);
}

const struct runner_test recovery_tests[] = {
    RUNNER_TEST(f8_one_superblock_damaged),
    RUNNER_TEST(both_superblocks_damaged),
    RUNNER_TEST(f8_root_block_damaged),
    RUNNER_TEST(f8_space_damaged),
    RUNNER_TEST(data_block_damaged),
    RUNNER_TEST(s8_media_error),
    RUNNER_TEST(bad_block_is_passed_over),
    RUNNER_TEST(failed_commit_is_carried_over),
    RUNNER_TEST(header_refused),
    RUNNER_TEST(superblock_of_another_volume),
    RUNNER_TEST(s13_unknown_needs),
    RUNNER_TEST(s17_split_brain),
    {NULL, NULL},
};
