/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/unit/kernel/arch/suites.h"

#include "kernel/arch/x86_64/regions.h"

#include <stdlib.h>

#define NO_LIMIT (UINT64_C(1) << 36)

static struct handoff handoff;

static void
region(uint64_t first, uint64_t bytes, uint32_t kind)
{
	handoff.region[handoff.nregions++] = (struct handoff_region){
	    .first = first, .bytes = bytes, .kind = kind};
}

static uint64_t
pages(const struct region_list *l)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < l->n; i++)
		n += l->at[i].pages;
	return n;
}

/* regions.handoff.1: whole pages of RAM, without page 0. */
static void
whole_pages_of_ram(void)
{
	struct region_list l;

	memset(&handoff, 0, sizeof(handoff));
	region(0, 0x9fc00, REGION_RAM);
	region(0x9fc00, 0x400, REGION_RESERVED);
	region(0x100000, 0x1000001, REGION_RAM);
	regions_from_handoff(&l, &handoff, NO_LIMIT);
	CU_ASSERT_TRUE(regions_ok(&l));
	CU_ASSERT_EQUAL(l.n, 2);
	CU_ASSERT_EQUAL(l.at[0].first.v, 0x1000);
	CU_ASSERT_EQUAL(l.at[0].pages, 0x9e);
	CU_ASSERT_EQUAL(l.at[1].pages, 0x1000);
}

/* regions.handoff.2: what is also reserved, or beyond the limit, is not RAM. */
static void
overlaps_are_not_ram(void)
{
	struct region_list l;

	memset(&handoff, 0, sizeof(handoff));
	region(0x200000, 0x100000, REGION_RAM);
	region(0x100000, 0x180000, REGION_RAM);
	region(0x250000, 0x10, REGION_NVS);
	region(0x800000000, UINT64_MAX - 0x1000, REGION_RAM);
	region(0xfffff000, 0x10000, REGION_BAD);
	regions_from_handoff(&l, &handoff, 0x800002000);
	CU_ASSERT_TRUE(regions_ok(&l));
	CU_ASSERT_EQUAL(pages(&l), 0x1ff + 2);
	regions_from_handoff(&l, &handoff, 0x100000);
	CU_ASSERT_EQUAL(l.n, 0);
}

/* regions.remove.1: every page touched goes, whatever the shape. */
static void
removal_takes_touched_pages(void)
{
	struct region_list l;

	memset(&handoff, 0, sizeof(handoff));
	region(0x100000, 0x10000, REGION_RAM);
	region(0x200000, 0x10000, REGION_RAM);
	regions_from_handoff(&l, &handoff, NO_LIMIT);
	regions_remove(&l, 0x104fff, 2);
	CU_ASSERT_EQUAL(l.n, 3);
	CU_ASSERT_EQUAL(pages(&l), 30);
	regions_remove(&l, 0x104000, 0x1000); /* Nothing is there. */
	CU_ASSERT_EQUAL(pages(&l), 30);
	regions_remove(&l, 0x108000, 0);
	CU_ASSERT_EQUAL(pages(&l), 30);
	regions_remove(&l, 0x102000, 0x100000);
	CU_ASSERT_TRUE(regions_ok(&l));
	CU_ASSERT_EQUAL(pages(&l), 2 + 14);
	regions_remove(&l, 0, UINT64_MAX);
	CU_ASSERT_EQUAL(l.n, 0);
}

/* regions.take.1: from the end of the last region below the bound. */
static void
taking_empties(void)
{
	struct region_list l;
	paddr              p = {0};

	memset(&handoff, 0, sizeof(handoff));
	region(0x100000, 0x2000, REGION_RAM);
	region(0x100000000, 0x1000, REGION_RAM);
	regions_from_handoff(&l, &handoff, NO_LIMIT);
	CU_ASSERT_TRUE(regions_take(&l, 0x100000000, &p));
	CU_ASSERT_EQUAL(p.v, 0x101000);
	CU_ASSERT_TRUE(regions_take(&l, 0x100000000, &p));
	CU_ASSERT_EQUAL(p.v, 0x100000);
	CU_ASSERT_FALSE(regions_take(&l, 0x100000000, &p));
	CU_ASSERT_TRUE(regions_take(&l, UINT64_MAX, &p));
	CU_ASSERT_EQUAL(p.v, 0x100000000);
	CU_ASSERT_EQUAL(l.n, 0);
}

/* regions.remove.2: against a map of bits, at random. */
static void
agrees_with_a_bitmap(void)
{
	enum { PAGES = 64, ROUNDS = 20000 };
	struct region_list l;
	bool               free[PAGES];
	unsigned           wrong = 0;

	srand(1);
	for (int round = 0; round < ROUNDS; round++) {
		memset(&handoff, 0, sizeof(handoff));
		region(PAGE_SIZE, (PAGES - 1) * PAGE_SIZE, REGION_RAM);
		regions_from_handoff(&l, &handoff, NO_LIMIT);
		memset(free, true, sizeof(free));
		free[0] = false;
		for (int i = 0; i < 12; i++) {
			const unsigned first = (unsigned)rand() % PAGES;
			const unsigned n = (unsigned)rand() % 12 + 1;

			regions_remove(&l, (uint64_t)first << PAGE_SHIFT,
			    (uint64_t)n << PAGE_SHIFT);
			for (unsigned k = first; k < first + n && k < PAGES;
			     k++)
				free[k] = false;
		}
		for (unsigned i = 0; i < l.n; i++)
			for (uint64_t k = 0; k < l.at[i].pages; k++) {
				const uint64_t page = (l.at[i].first.v >>
							  PAGE_SHIFT) +
				    k;

				wrong += free[page] ? 0 : 1;
				free[page] = false;
			}
		for (unsigned k = 0; k < PAGES; k++)
			wrong += free[k] ? 1 : 0;
		wrong += regions_ok(&l) ? 0 : 1;
	}
	CU_ASSERT_EQUAL(wrong, 0);
}

const struct runner_test region_tests[] = {
    RUNNER_TEST(whole_pages_of_ram),
    RUNNER_TEST(overlaps_are_not_ram),
    RUNNER_TEST(removal_takes_touched_pages),
    RUNNER_TEST(taking_empties),
    RUNNER_TEST(agrees_with_a_bitmap),
    {NULL, NULL},
};
