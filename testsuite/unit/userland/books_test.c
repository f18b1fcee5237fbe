/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the space bank's books lie, and how they come there. */
#include <CUnit/CUnit.h>

#include "testsuite/runner/runner.h"
#include "testsuite/unit/userland/fake.h"
#include "userland/bank/books.h"

static struct cap top;

static void
start(void)
{
	fake_reset();
	top = fake_new_node(37);
	fake.reg[REG_BOOKS] = top;
	fake.reg[REG_RANGE] = cap_range_make(0, UINT64_C(1) << 35);
}

/* The page that an address of the books leads to, as its place in the range. */
static uint64_t
place_of(uint64_t offset)
{
	struct cap page = fake_walk(top, offset);

	if (page.type != CK_PAGE)
		return UINT64_MAX;
	CU_ASSERT_EQUAL(page.rights, 0);
	for (unsigned i = 0; i < fake.nplaced; i++)
		if (fake.placed[i].index == INDEX_PAGE &&
		    cap_oid(&fake.placed[i].cap).v == cap_oid(&page).v)
			return fake.placed[i].position;
	return UINT64_MAX;
}

static bool
is_open(uint32_t group)
{
	const uint64_t at = (uint64_t)group * PAGE_SIZE;
	const uint64_t frames = (uint64_t)group * GROUP_FRAMES;

	if (place_of(at) != frames + BOOKS_RUNS)
		return false;
	if (group < 32 &&
	    place_of(BOOKS_NUMBERS_AT + at) != frames + BOOKS_NUMBERS)
		return false;
	return group >= 1024 ||
	    place_of(BOOKS_BANKS_AT + at) == frames + BOOKS_BANKS;
}

/* Groups on both sides of every border between nodes. */
static const uint32_t groups[] = {0, 1, 31, 32, 33, 1023, 1024, 1025, 32767,
    32768, (1 << 20) - 1, 1 << 20, (1 << 24) - 1};

enum { GROUPS = sizeof(groups) / sizeof(groups[0]) };

/* The first group of those that share a node must have come before. */
static void
open_before(uint32_t group)
{
	for (unsigned span = 20; span >= 5; span -= 5) {
		uint32_t first = group & ~((UINT32_C(1) << span) - 1);

		if (first != group)
			CU_ASSERT_EQUAL_FATAL(books_open(first), RC_OK);
	}
}

/* bank.books.2: each record is where its number says, up to the last. */
static void
records_are_in_their_places(void)
{
	for (unsigned i = 0; i < GROUPS; i++) {
		start();
		CU_ASSERT_EQUAL(books_open(0), RC_OK);
		open_before(groups[i]);
		CU_ASSERT_EQUAL(books_open(groups[i]), RC_OK);
		CU_ASSERT(is_open(groups[i]));
		CU_ASSERT(is_open(0));
		for (unsigned k = 0; k < fake.nplaced; k++) {
			uint64_t at = fake.placed[k].position;
			uint64_t books = ledger_books(
			    (uint32_t)(at / GROUP_FRAMES * GROUP_RUNS));

			/* Nothing lies where the ledger would sell it. */
			CU_ASSERT(at % GROUP_FRAMES < RUN_FRAMES &&
			    (books >> at % GROUP_FRAMES & 1) != 0);
		}
	}
}

/* bank.books.3: after a failure the next attempt finds what there is. */
static void
failures_are_gone_on_with(void)
{
	for (unsigned i = 0; i < GROUPS; i++) {
		for (unsigned n = 1;; n++) {
			unsigned placed;

			start();
			CU_ASSERT_EQUAL(books_open(0), RC_OK);
			open_before(groups[i]);
			fake.fail_at = fake.calls + n;
			fake.fail_with = RC_NO_MEMORY;
			if (books_open(groups[i]) == RC_OK) {
				CU_ASSERT(n > 4);
				break;
			}
			fake.fail_at = 0;
			CU_ASSERT_EQUAL(books_open(groups[i]), RC_OK);
			CU_ASSERT(is_open(groups[i]));
			placed = fake.nplaced;
			CU_ASSERT_EQUAL(books_open(groups[i]), RC_OK);
			CU_ASSERT_EQUAL(fake.nplaced, placed);
		}
	}
}

static const struct runner_test tests[] = {
    RUNNER_TEST(records_are_in_their_places),
    RUNNER_TEST(failures_are_gone_on_with),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "books", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
