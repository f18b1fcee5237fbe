/* SPDX-License-Identifier: BSD-2-Clause */
/* The store's requests, epochs and commits. */
#include "persist/format/check.h"
#include "testsuite/unit/persist/rig.h"

#include "testsuite/runner/runner.h"

#include <CUnit/CUnit.h>
#include <string.h>

/* S8: what was cleaned is fetched; what never existed is free, count 0. */
static void
s8_fetch_gives_what_was_cleaned(void)
{
	struct rig r;
	uint64_t   v;

	rig_make(&r, 512, 300);
	CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
	CU_ASSERT_EQUAL(rig_fetch(&r, 5, &v), RC_OK);
	CU_ASSERT_EQUAL(r.last.kind, FK_FREE);
	CU_ASSERT_EQUAL(rig_clean(&r, 5, 77), RC_OK);
	CU_ASSERT_EQUAL(rig_fetch(&r, 5, &v), RC_OK);
	CU_ASSERT_EQUAL(v, 77);
	CU_ASSERT_EQUAL(r.last.kind, FK_PAGE);
	CU_ASSERT_EQUAL(r.last.count, 1);
	CU_ASSERT(store_ok(r.s));
	rig_free(&r);
}

/* S8: drop sets the count of an absent object and reads nothing of it. */
static void
s8_drop_needs_no_fetch(void)
{
	struct rig r;
	uint64_t   v, before;

	rig_make(&r, 512, 300);
	CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
	CU_ASSERT_EQUAL(rig_clean(&r, 5, 77), RC_OK);
	CU_ASSERT_EQUAL(rig_commit(&r), RC_OK);
	CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
	before = r.reads;
	CU_ASSERT_EQUAL(rig_drop(&r, 5, 9), RC_OK);
	CU_ASSERT_EQUAL(r.reads, before);
	CU_ASSERT_EQUAL(rig_commit(&r), RC_OK);
	CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
	CU_ASSERT_EQUAL(rig_fetch(&r, 5, &v), RC_OK);
	CU_ASSERT_EQUAL(r.last.kind, FK_FREE);
	CU_ASSERT_EQUAL(r.last.count, 9);
	rig_free(&r);
}

/* S8: requests that break the protocol are refused, and change nothing. */
static void
s8_bad_requests_are_refused(void)
{
	static const struct {
		struct pager_request q;
		enum status          st;
	} bad[] = {
	    {{.op = PAGER_NONE, .epoch = 1}, RC_ORDER},
	    {{.op = PAGER_OPEN, .epoch = 1}, RC_ORDER},
	    {{.op = PAGER_FETCH, .oid = 7}, RC_ARGUMENT},
	    {{.op = PAGER_FETCH, .oid = UINT64_C(3) << 38 | 6}, RC_ARGUMENT},
	    {{.op = PAGER_FETCH, .oid = UINT64_C(3) << 38 | 300 << 3 | 7},
		RC_ARGUMENT},
	    {{.op = PAGER_CLEAN,
		 .oid = UINT64_C(3) << 38 | 7,
		 .kind = FK_FREE,
		 .epoch = 1},
		RC_ARGUMENT},
	    {{.op = PAGER_CLEAN,
		 .oid = UINT64_C(3) << 38 | 7,
		 .kind = FK_PAGE,
		 .epoch = 2},
		RC_STATE},
	    {{.op = PAGER_DROP,
		 .oid = UINT64_C(3) << 38 | 7,
		 .kind = FK_NODE,
		 .epoch = 1},
		RC_ARGUMENT},
	    {{.op = PAGER_SNAPSHOT, .epoch = 2}, RC_STATE},
	    {{.op = PAGER_SNAPSHOT, .epoch = 1, .word = {0, 5, 0}},
		RC_ARGUMENT},
	    {{.op = PAGER_BARRIER, .epoch = 1}, RC_STATE},
	};
	struct rig r;

	rig_make(&r, 512, 300);
	CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CU_ASSERT_EQUAL(rig_ask(&r, bad[i].q), bad[i].st);
	CU_ASSERT(store_ok(r.s));
	CU_ASSERT_EQUAL(rig_commit(&r), RC_OK);
	rig_free(&r);
}

/* S4: working before frozen before committed. */
static void
s4_lookup_order(void)
{
	struct rig r;
	uint64_t   v;

	rig_make(&r, 512, 300);
	CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
	rig_clean(&r, 1, 10);
	CU_ASSERT_EQUAL(rig_commit(&r), RC_OK);
	CU_ASSERT_EQUAL(rig_snapshot(&r), RC_OK);
	CU_ASSERT_EQUAL(rig_fetch(&r, 1, &v), RC_OK);
	CU_ASSERT_EQUAL(v, 10);
	CU_ASSERT_EQUAL(rig_clean_epoch(&r, 1, 20, r.epoch - 1), RC_OK);
	CU_ASSERT_EQUAL(rig_fetch(&r, 1, &v), RC_OK);
	CU_ASSERT_EQUAL(v, 20);
	CU_ASSERT_EQUAL(rig_clean(&r, 1, 30), RC_OK);
	CU_ASSERT_EQUAL(rig_fetch(&r, 1, &v), RC_OK);
	CU_ASSERT_EQUAL(v, 30);
	CU_ASSERT_EQUAL(rig_barrier(&r), RC_OK);
	CU_ASSERT_EQUAL(rig_fetch(&r, 1, &v), RC_OK);
	CU_ASSERT_EQUAL(v, 30);
	/* What was committed is the frozen state. */
	CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
	CU_ASSERT_EQUAL(rig_fetch(&r, 1, &v), RC_OK);
	CU_ASSERT_EQUAL(v, 20);
	rig_free(&r);
}

/* S4: a new snapshot waits until the last one is committed or has failed. */
static void
s4_one_snapshot_at_a_time(void)
{
	struct rig r;

	rig_make(&r, 512, 300);
	CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
	CU_ASSERT_EQUAL(rig_snapshot(&r), RC_OK);
	CU_ASSERT_EQUAL(rig_snapshot(&r), RC_STATE);
	CU_ASSERT_FALSE(store_wants_snapshot(r.s));
	CU_ASSERT_EQUAL(rig_barrier(&r), RC_OK);
	CU_ASSERT_EQUAL(rig_snapshot(&r), RC_OK);
	rig_free(&r);
}

/* F7: cleaning an uncommitted block again reuses its block and its credit. */
static void
f7_cleaning_again_reuses_the_block(void)
{
	struct rig           r;
	struct store_figures a, b;

	rig_make(&r, 512, 300);
	CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
	rig_clean(&r, 1, 10);
	CU_ASSERT_EQUAL(r.last.flags & PAGER_CHARGED, 0);
	store_figures(r.s, &a);
	for (unsigned i = 0; i < 50; i++) {
		CU_ASSERT_EQUAL(rig_clean(&r, 1, i), RC_OK);
		CU_ASSERT_EQUAL(r.last.flags & PAGER_CHARGED, PAGER_CHARGED);
	}
	store_figures(r.s, &b);
	CU_ASSERT_EQUAL(a.free, b.free);
	rig_free(&r);
}

/* F7: half the credits start a snapshot; so does a process that waits. */
static void
f7_snapshot_at_half_the_credits(void)
{
	struct rig r;
	uint32_t   half;

	rig_make(&r, 2048, 1000);
	CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
	half = store_credits_notify(r.s);
	CU_ASSERT_EQUAL(half, r.credit.credits / 2);
	store_usage(r.s, 1, half - 1, 0);
	CU_ASSERT_FALSE(store_wants_snapshot(r.s));
	store_usage(r.s, 1, half, 0);
	CU_ASSERT(store_wants_snapshot(r.s));
	/* A process waits: only if a commit can give any credit back. */
	store_usage(r.s, 1, 0, 1);
	CU_ASSERT_FALSE(store_wants_snapshot(r.s));
	CU_ASSERT_EQUAL(rig_clean(&r, 1, 1), RC_OK);
	CU_ASSERT(store_wants_snapshot(r.s));
	store_usage(r.s, 2, 0, 0); /* Of another epoch: not believed. */
	CU_ASSERT(store_wants_snapshot(r.s));
	rig_free(&r);
}

/* F7: a generation that does not fit beside the reserve is not kept. */
static void
f7_keep_is_refused_when_it_does_not_fit(void)
{
	struct rig           r;
	struct store_figures f;
	uint64_t             n = 0;

	rig_make(&r, 600, 500);
	CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
	store_figures(r.s, &f);
	CU_ASSERT_EQUAL(store_keep(r.s, f.generation + 9, true), RC_NOT_FOUND);
	/* Fill: half of what may be sold. */
	while (n < f.sellable * 2 / 3) {
		for (unsigned i = 0; i < 16; i++, n++)
			CU_ASSERT_EQUAL(rig_clean(&r, n, n), RC_OK);
		CU_ASSERT_EQUAL(rig_commit(&r), RC_OK);
	}
	store_figures(r.s, &f);
	CU_ASSERT_EQUAL(store_keep(r.s, f.generation, true), RC_FULL);
	rig_free(&r);
}

/* F7: what is kept stays whole, whatever is written after. */
static void
f7_kept_generation_stays(void)
{
	struct rig           r;
	struct store_figures f;
	struct generation    g = {0};
	uint64_t             kept;

	rig_make(&r, 600, 300);
	CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
	rig_clean(&r, 1, 10);
	CU_ASSERT_EQUAL(rig_commit(&r), RC_OK);
	store_figures(r.s, &f);
	kept = f.generation;
	CU_ASSERT_EQUAL(store_keep(r.s, kept, true), RC_OK);
	for (uint64_t i = 0; i < 40; i++) {
		rig_clean(&r, 1, 100 + i);
		rig_clean(&r, i, 100 + i);
		CU_ASSERT_EQUAL(rig_commit(&r), RC_OK);
	}
	for (unsigned i = 0; store_generation(r.s, i, &g); i++)
		if (g.number == kept)
			break;
	CU_ASSERT_EQUAL(g.number, kept);
	CU_ASSERT_EQUAL(g.flags & (GEN_PINNED | GEN_CONDEMNED), GEN_PINNED);
	CU_ASSERT(store_ok(r.s));
	rig_free(&r);
}

/* F8: commits write nothing that the two newest generations use. */
static void
f8_two_newest_are_never_written(void)
{
	struct rig r;
	uint8_t    one[600], two[600];

	rig_make(&r, 600, 300);
	CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
	memset(one, 0, sizeof(one));
	for (uint64_t i = 0; i < 60; i++) {
		memset(r.written, 0, sizeof(r.written));
		for (uint64_t n = 0; n < 12; n++)
			CU_ASSERT_EQUAL(rig_clean(&r, n, i), RC_OK);
		CU_ASSERT_EQUAL(rig_commit(&r), RC_OK);
		/* All twelve are new, so what the last wrote is its own. */
		memcpy(two, r.written, sizeof(two));
		for (unsigned b = BLOCK_SUPER + 2; b < sizeof(one); b++)
			CU_ASSERT_FALSE(one[b] && two[b]);
		memcpy(one, two, sizeof(one));
	}
	rig_free(&r);
}

/* FK_ZERO costs no block. */
static void
f7_zero_pages_cost_nothing(void)
{
	struct rig           r;
	struct store_figures a, b;
	uint64_t             v;

	rig_make(&r, 512, 300);
	CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
	store_figures(r.s, &a);
	CU_ASSERT_EQUAL(
	    rig_ask(&r,
		(struct pager_request){.op = PAGER_CLEAN,
		    .oid = oid_make(frame_of(SOURCE_PERSISTENT, 3), 7).v,
		    .kind = FK_ZERO,
		    .count = 4,
		    .epoch = 1}),
	    RC_OK);
	store_figures(r.s, &b);
	CU_ASSERT_EQUAL(a.free, b.free);
	CU_ASSERT_EQUAL(rig_fetch(&r, 3, &v), RC_OK);
	CU_ASSERT_EQUAL(r.last.kind, FK_ZERO);
	rig_free(&r);
}

/* M5: neighbours cleaned together lie together and go in one transfer. */
static void
m5_neighbours_go_in_runs(void)
{
	struct rig r;

	rig_make(&r, 2048, 1000);
	CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
	r.hold = true;
	for (uint64_t i = 0; i < STORE_VECTOR; i++)
		CU_ASSERT_EQUAL(rig_clean(&r, 10 + i, i), ST_WAIT);
	r.hold = false;
	r.transfers = 0;
	rig_pump(&r);
	CU_ASSERT_EQUAL(r.transfers, 1);
	CU_ASSERT_EQUAL(r.longest, STORE_VECTOR);
	rig_free(&r);
}

/* M5: random pages of a small volume cost few map blocks: at most 1.1. */
static void
m5_write_amplification(void)
{
	struct rig r;
	uint64_t   x = 1;

	rig_make(&r, 4096, 3000);
	rig_credits(&r, 3000);
	CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
	for (uint64_t i = 0; i < 2000; i++)
		CU_ASSERT_EQUAL(rig_clean(&r, i, i), RC_OK);
	CU_ASSERT_EQUAL(rig_commit(&r), RC_OK);
	CU_ASSERT_EQUAL(rig_commit(&r), RC_OK);
	r.writes = 0;
	for (uint64_t i = 0; i < 500; i++, x = x * 1103515245 + 12345)
		CU_ASSERT_EQUAL(rig_clean(&r, (x >> 16) % 2000, i), RC_OK);
	CU_ASSERT_EQUAL(rig_commit(&r), RC_OK);
	CU_ASSERT(r.writes <= 550);
	CU_ASSERT(store_ok(r.s));
	rig_free(&r);
}

/* M5: reading ahead never costs a disk access of its own for the map. */
static void
m5_ahead_is_declined_when_dear(void)
{
	struct rig r;

	rig_make(&r, 2048, 1000);
	CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
	for (uint64_t i = 0; i < 20; i++)
		rig_clean(&r, i * 50, i);
	CU_ASSERT_EQUAL(rig_commit(&r), RC_OK);
	CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
	CU_ASSERT_EQUAL(
	    rig_ask(&r,
		(struct pager_request){.op = PAGER_FETCH,
		    .oid = oid_make(frame_of(SOURCE_PERSISTENT, 950), 7).v,
		    .flags = PAGER_AHEAD}),
	    RC_NOT_FOUND);
	rig_free(&r);
}

/* D13, S9, F6: time, lineage and boot numbers stand in each generation. */
static void
s9_lineage_boot_and_time(void)
{
	struct rig        r;
	struct generation g, h;

	rig_make(&r, 512, 300);
	CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
	CU_ASSERT_EQUAL(r.open.word[0], 1);
	CU_ASSERT_EQUAL(rig_commit(&r), RC_OK);
	CU_ASSERT_EQUAL(rig_commit(&r), RC_OK);
	CU_ASSERT_FATAL(store_generation(r.s, 1, &g));
	CU_ASSERT_FATAL(store_generation(r.s, 2, &h));
	CU_ASSERT_EQUAL(h.parent, g.commit);
	CU_ASSERT_NOT_EQUAL(h.commit, g.commit);
	CU_ASSERT_EQUAL(h.number, g.number + 1);
	CU_ASSERT_EQUAL(h.time, 1234);
	CU_ASSERT_EQUAL(h.call_number, 99);
	CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
	CU_ASSERT_EQUAL(r.open.word[0], 2);
	CU_ASSERT_EQUAL(r.open.word[1], 99);
	/* A boot that commits nothing leaves no trace: its number returns. */
	CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
	CU_ASSERT_EQUAL(r.open.word[0], 2);
	rig_free(&r);
}

/* The first commit of a volume with this UUID, all else alike. */
static uint64_t
first_commit(uint8_t uuid)
{
	struct rig            r;
	struct generation     g = {0};
	struct volume_header *h;

	rig_make(&r, 512, 300);
	h = (struct volume_header *)(void *)r.disk[BLOCK_VOLUME];
	h->uuid[9] = rig_super(&r, 0)->volume[9] = uuid;
	h->checksum = 0;
	h->checksum = crc_struct(
	    crc_cpu(), h, sizeof(*h), offsetof(struct volume_header, checksum));
	rig_seal(&r, 0);
	CU_ASSERT_EQUAL_FATAL(rig_mount(&r), RC_OK);
	CU_ASSERT_EQUAL(rig_commit(&r), RC_OK);
	CU_ASSERT(store_generation(r.s, 1, &g));
	rig_free(&r);
	return g.commit;
}

/* D13: with one seed, as on a machine without randomness, volumes differ. */
static void
d13_commit_ids_differ(void)
{
	CU_ASSERT_EQUAL(first_commit(1), first_commit(1));
	CU_ASSERT_NOT_EQUAL(first_commit(1), first_commit(2));
}

static const struct runner_test tests[] = {
    RUNNER_TEST(d13_commit_ids_differ),
    RUNNER_TEST(s8_fetch_gives_what_was_cleaned),
    RUNNER_TEST(s8_drop_needs_no_fetch),
    RUNNER_TEST(s8_bad_requests_are_refused),
    RUNNER_TEST(s4_lookup_order),
    RUNNER_TEST(s4_one_snapshot_at_a_time),
    RUNNER_TEST(f7_cleaning_again_reuses_the_block),
    RUNNER_TEST(f7_snapshot_at_half_the_credits),
    RUNNER_TEST(f7_keep_is_refused_when_it_does_not_fit),
    RUNNER_TEST(f7_kept_generation_stays),
    RUNNER_TEST(f7_zero_pages_cost_nothing),
    RUNNER_TEST(f8_two_newest_are_never_written),
    RUNNER_TEST(m5_neighbours_go_in_runs),
    RUNNER_TEST(m5_write_amplification),
    RUNNER_TEST(m5_ahead_is_declined_when_dear),
    RUNNER_TEST(s9_lineage_boot_and_time),
    {NULL, NULL},
};

extern const struct runner_test parts_tests[], recovery_tests[],
    checker_tests[];

int
main(int argc, char **argv)
{
	const struct runner_suite suites[] = {
	    {.name = "store", .tests = tests},
	    {.name = "parts", .tests = parts_tests},
	    {.name = "recovery", .tests = recovery_tests},
	    {.name = "checker", .tests = checker_tests},
	    {.name = NULL},
	};

	return runner_main(argc, argv, suites);
}
