/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/bios/e820.h"

#include <CUnit/CUnit.h>
#include <string.h>

#include "testsuite/unit/boot/suites.h"

#define N(a) (sizeof(a) / sizeof((a)[0]))

static struct handoff_region out[HANDOFF_REGIONS];
static bool                  cut;

static void
expect(unsigned i, uint64_t first, uint64_t bytes, uint32_t kind)
{
	CU_ASSERT_EQUAL(out[i].first, first);
	CU_ASSERT_EQUAL(out[i].bytes, bytes);
	CU_ASSERT_EQUAL(out[i].kind, kind);
}

/* boot.e820.1: the result ascends, whatever the order of the BIOS. */
static void
sorts(void)
{
	const struct handoff_region in[] = {
	    {.first = 0x100000, .bytes = 0x1000, .kind = REGION_RAM},
	    {.first = 0xf0000, .bytes = 0x10000, .kind = REGION_RESERVED},
	    {.first = 0, .bytes = 0xa0000, .kind = REGION_RAM},
	};

	CU_ASSERT_EQUAL_FATAL(e820_merge(in, N(in), out, &cut), 3);
	CU_ASSERT_FALSE(cut);
	expect(0, 0, 0xa0000, REGION_RAM);
	expect(1, 0xf0000, 0x10000, REGION_RESERVED);
	expect(2, 0x100000, 0x1000, REGION_RAM);
}

/* boot.e820.2: neighbours and duplicates of one kind become one. */
static void
joins(void)
{
	const struct handoff_region in[] = {
	    {.first = 0x2000, .bytes = 0x1000, .kind = REGION_RAM},
	    {.first = 0x1000, .bytes = 0x1000, .kind = REGION_RAM},
	    {.first = 0x1800, .bytes = 0x1000, .kind = REGION_RAM},
	    {.first = 0x1000, .bytes = 0x1000, .kind = REGION_RAM},
	};

	CU_ASSERT_EQUAL_FATAL(e820_merge(in, N(in), out, &cut), 1);
	expect(0, 0x1000, 0x2000, REGION_RAM);
}

/* boot.e820.3: where kinds overlap, the one that allows least wins. */
static void
overlaps(void)
{
	const struct handoff_region in[] = {
	    {.first = 0, .bytes = 0x10000, .kind = REGION_RAM},
	    {.first = 0x2000, .bytes = 0x4000, .kind = REGION_ACPI},
	    {.first = 0x3000, .bytes = 0x1000, .kind = REGION_RESERVED},
	    {.first = 0x3800, .bytes = 0x400, .kind = REGION_BAD},
	    {.first = 0x5000, .bytes = 0x2000, .kind = REGION_NVS},
	};

	CU_ASSERT_EQUAL_FATAL(e820_merge(in, N(in), out, &cut), 8);
	expect(0, 0, 0x2000, REGION_RAM);
	expect(1, 0x2000, 0x1000, REGION_ACPI);
	expect(2, 0x3000, 0x800, REGION_RESERVED);
	expect(3, 0x3800, 0x400, REGION_BAD);
	expect(4, 0x3c00, 0x400, REGION_RESERVED);
	expect(5, 0x4000, 0x1000, REGION_ACPI);
	expect(6, 0x5000, 0x2000, REGION_NVS);
	expect(7, 0x7000, 0x9000, REGION_RAM);
}

/* boot.e820.4: a kind we do not know is reserved; a wrap ends at the top. */
static void
strange(void)
{
	const struct handoff_region in[] = {
	    {.first = 0x1000, .bytes = 0x1000, .kind = 12},
	    {.first = 0x1000, .bytes = 0x2000, .kind = REGION_RAM},
	    {.first = UINT64_MAX - 0xfff, .bytes = 0x5000, .kind = 2},
	    {.first = 0x9000, .bytes = 0, .kind = REGION_RAM},
	};

	CU_ASSERT_EQUAL_FATAL(e820_merge(in, N(in), out, &cut), 3);
	expect(0, 0x1000, 0x1000, REGION_RESERVED);
	expect(1, 0x2000, 0x1000, REGION_RAM);
	expect(2, UINT64_MAX - 0xfff, 0xfff, REGION_RESERVED);
	CU_ASSERT_EQUAL(e820_merge(in, 0, out, &cut), 0);
}

/* boot.e820.5: a map that is too long loses its top, and says so. */
static void
too_long(void)
{
	struct handoff_region in[E820_RAW];

	for (unsigned i = 0; i < E820_RAW; i++)
		in[i] = (struct handoff_region){
		    .first = i * 0x2000, .bytes = 0x1000, .kind = REGION_RAM};
	CU_ASSERT_EQUAL_FATAL(
	    e820_merge(in, E820_RAW, out, &cut), HANDOFF_REGIONS);
	CU_ASSERT_TRUE(cut);
	expect(HANDOFF_REGIONS - 1, (HANDOFF_REGIONS - 1) * 0x2000, 0x1000,
	    REGION_RAM);
}

/* boot.e820.6: any input gives a sorted, disjoint map that grants no byte. */
static void
random_maps(void)
{
	struct handoff_region in[12];
	uint32_t              seed = 1;
	bool                  sorted = true, right = true;

	for (int round = 0; round < 2000; round++) {
		for (unsigned i = 0; i < N(in); i++) {
			seed = seed * 1664525 + 1013904223;
			in[i].first = seed >> 27;
			in[i].bytes = seed >> 20 & 15;
			in[i].kind = 1 + (seed >> 16 & 7) % 6;
		}
		unsigned n = e820_merge(in, N(in), out, &cut);

		for (unsigned i = 1; i < n; i++)
			sorted &= out[i - 1].first + out[i - 1].bytes <=
			    out[i].first;
		for (uint64_t at = 0; at < 48; at++) {
			bool covered = false, ram = true;

			for (unsigned i = 0; i < N(in); i++) {
				if (at < in[i].first ||
				    at >= in[i].first + in[i].bytes)
					continue;
				covered = true;
				ram &= in[i].kind == REGION_RAM;
			}
			right &= e820_is_ram(out, n, at, 1) == (covered && ram);
		}
	}
	CU_ASSERT_TRUE(sorted);
	CU_ASSERT_TRUE(right);
}

/* boot.place.1: as high as may be, page-aligned, clear of the kernel. */
static void
places(void)
{
	const struct handoff_region map[] = {
	    {.first = 0, .bytes = 0x9fc00, .kind = REGION_RAM},
	    {.first = 0x100000, .bytes = 0xff00800, .kind = REGION_RAM},
	    {.first = 0x20000000, .bytes = 0x100000, .kind = REGION_RESERVED},
	    {.first = 1ull << 32, .bytes = 1 << 20, .kind = REGION_RAM},
	};
	const uint64_t limit = 1ull << 32;

	CU_ASSERT_EQUAL(
	    e820_place(map, N(map), 0x1800, limit, 0x100000, 1), 0xfffe000);
	/* The kernel at the top, then in the middle of too small a hole. */
	CU_ASSERT_EQUAL(
	    e820_place(map, N(map), 0x1000, limit, 0xfff0000, 0x10800),
	    0xffef000);
	CU_ASSERT_EQUAL(
	    e820_place(map, N(map), 0xfe00000, limit, 0x100000, 0x100000),
	    0x200000);
	CU_ASSERT_EQUAL(
	    e820_place(map, N(map), 0xfe01000, limit, 0x100000, 0x100000), 0);
	CU_ASSERT_EQUAL(
	    e820_place(map, N(map), 0x1000, limit, 0x100000, 0xff00800), 0);
	CU_ASSERT_EQUAL(e820_place(map, N(map), 1ull << 31, limit, 0, 0), 0);
	/* Never in low memory, which is the bootstrap's. */
	CU_ASSERT_EQUAL(e820_place(map, 1, 0x1000, limit, 0, 0), 0);
}

const struct runner_test boot_e820_tests[] = {
    RUNNER_TEST(sorts),
    RUNNER_TEST(joins),
    RUNNER_TEST(overlaps),
    RUNNER_TEST(strange),
    RUNNER_TEST(too_long),
    RUNNER_TEST(random_maps),
    RUNNER_TEST(places),
    {NULL, NULL},
};
