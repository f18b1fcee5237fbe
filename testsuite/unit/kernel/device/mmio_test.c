/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/unit/kernel/device/support.h"

#include "kernel/device/mmio.h"

static const struct cap space = {.type = CK_MMIO_SPACE};

enum { BAR = 0xf0000000, RAM_PAGE = 0x100000, TOP_BITS = 40 };

static enum status
alloc(uint64_t address, uint64_t bytes, struct cap *out)
{
	struct invocation *inv = invoke(&space, 0, 0, 0, "nvme");
	const enum status  st = method_mmio_space_alloc(inv, address, bytes, 0);

	CU_ASSERT_EQUAL(inv->committed, st == RC_OK);
	*out = inv->out_cap[0];
	return st;
}

static enum status
part(const struct cap *c, uint64_t offset, uint64_t bytes, struct cap *out)
{
	struct invocation *inv = invoke(c, 0, 0, 0, NULL);
	const enum status  st = method_mmio_part(inv, offset, bytes);

	*out = inv->out_cap[0];
	return st;
}

static bool
alive(const struct cap *c)
{
	struct map_device m;

	return mmio_translate(c, 0, &m) == RC_OK;
}

static void
release(const struct cap *c)
{
	CU_ASSERT_EQUAL(method_mmio_release(invoke(c, 0, 0, 0, NULL)), RC_OK);
}

/* D12: RAM and the kernel's own windows are nobody's. */
static void
reserved_is_refused(void)
{
	struct cap c;

	start();
	CU_ASSERT_EQUAL(alloc(RAM_PAGE, PAGE_SIZE, &c), RC_ARGUMENT);
	CU_ASSERT_EQUAL(alloc(0xfee00000, PAGE_SIZE, &c), RC_TAKEN);
	CU_ASSERT_EQUAL(alloc(0xfedff000, 2 * PAGE_SIZE, &c), RC_TAKEN);
	CU_ASSERT_EQUAL(alloc(BAR + 1, PAGE_SIZE, &c), RC_ARGUMENT);
	CU_ASSERT_EQUAL(alloc(BAR, 100, &c), RC_ARGUMENT);
	CU_ASSERT_EQUAL(alloc(BAR, 0, &c), RC_ARGUMENT);
	CU_ASSERT_EQUAL(
	    alloc(UINT64_C(1) << TOP_BITS, PAGE_SIZE, &c), RC_ARGUMENT);
	CU_ASSERT_EQUAL(
	    alloc(BAR, UINT64_MAX & ~UINT64_C(0xfff), &c), RC_ARGUMENT);
	CU_ASSERT_EQUAL(method_mmio_space_alloc(
			    invoke(&space, 0, 0, 0, "x"), BAR, PAGE_SIZE, 3),
	    RC_ARGUMENT);
	CU_ASSERT_TRUE(mmio_ok());
}

/* mmio.alloc.1: one owner; the capability covers it and never executes. */
static void
windows_have_one_owner(void)
{
	struct cap        a, b;
	struct map_device m;

	start();
	CU_ASSERT_EQUAL(alloc(BAR, 3 * PAGE_SIZE, &a), RC_OK);
	CU_ASSERT_EQUAL(cap_span(&a), PAGE_SHIFT + 2);
	CU_ASSERT_EQUAL(a.rights, CR_NO_EXECUTE);
	CU_ASSERT_EQUAL(alloc(BAR + 2 * PAGE_SIZE, PAGE_SIZE, &b), RC_TAKEN);
	CU_ASSERT_EQUAL(alloc(BAR + 3 * PAGE_SIZE, PAGE_SIZE, &b), RC_OK);
	CU_ASSERT_EQUAL(mmio_translate(&a, 2 * PAGE_SIZE + 5, &m), RC_OK);
	CU_ASSERT_EQUAL(m.page.v, BAR + 2 * PAGE_SIZE);
	CU_ASSERT_EQUAL(m.cache, CACHE_NONE);
	CU_ASSERT_EQUAL(mmio_translate(&a, 3 * PAGE_SIZE, &m), RC_ARGUMENT);
	release(&a);
	CU_ASSERT_EQUAL(seen.revokes, 1);
	CU_ASSERT_EQUAL(mmio_translate(&a, 0, &m), RC_VOID);
	CU_ASSERT_EQUAL(alloc(BAR, PAGE_SIZE, &a), RC_OK);
	CU_ASSERT_TRUE(mmio_ok());
}

/* mmio.part.1: a part stays within, and dies with the whole. */
static void
parts_die_with_the_whole(void)
{
	struct cap whole, a, b, c;

	start();
	CU_ASSERT_EQUAL_FATAL(alloc(BAR, 8 * PAGE_SIZE, &whole), RC_OK);
	CU_ASSERT_EQUAL(
	    part(&whole, 8 * PAGE_SIZE, PAGE_SIZE, &a), RC_ARGUMENT);
	CU_ASSERT_EQUAL(
	    part(&whole, 4 * PAGE_SIZE, 5 * PAGE_SIZE, &a), RC_ARGUMENT);
	CU_ASSERT_EQUAL(part(&whole, 10, PAGE_SIZE, &a), RC_ARGUMENT);
	CU_ASSERT_EQUAL(part(&whole, 0, 4 * PAGE_SIZE, &a), RC_OK);
	CU_ASSERT_EQUAL(part(&a, PAGE_SIZE, PAGE_SIZE, &b), RC_OK);
	CU_ASSERT_EQUAL(part(&whole, 6 * PAGE_SIZE, PAGE_SIZE, &c), RC_OK);
	CU_ASSERT_TRUE(mmio_ok());
	release(&a);
	CU_ASSERT_FALSE(alive(&a));
	CU_ASSERT_FALSE(alive(&b)); /* A part of a part. */
	CU_ASSERT_TRUE(alive(&c));
	CU_ASSERT_TRUE(alive(&whole));
	CU_ASSERT_EQUAL(seen.revokes, 2);
	CU_ASSERT_TRUE(mmio_ok());
	release(&whole);
	CU_ASSERT_FALSE(alive(&c));
	CU_ASSERT_EQUAL(mmio_total(), 1); /* The kernel's. */
	CU_ASSERT_TRUE(mmio_ok());
}

/* mmio.query.1 */
static void
query_lists_all(void)
{
	struct mmio_info info;
	struct cap       c;

	start();
	CU_ASSERT_EQUAL(alloc(BAR, PAGE_SIZE, &c), RC_OK);
	CU_ASSERT_EQUAL(mmio_query(0, &info), RC_OK);
	CU_ASSERT_EQUAL(info.address, BAR);
	CU_ASSERT_STRING_EQUAL(info.label, "nvme");
	CU_ASSERT_EQUAL(mmio_query(1, &info), RC_OK);
	CU_ASSERT_EQUAL(info.cache, 0); /* Uncached, as alloc takes it. */
	CU_ASSERT_EQUAL(info.address, 0xfee00000);
	CU_ASSERT_EQUAL(mmio_query(2, &info), RC_NOT_FOUND);
}

/*
 * M3: a window is named by its place in the kernel's table. Its address, which
 * may lie above the 2^47 that a source has, is no part of its OID.
 */
static void
M3_named_by_index(void)
{
	static const uint64_t at[] = {UINT64_C(1) << 51, UINT64_C(1) << 47,
	    (UINT64_C(1) << 47) + BAR, (UINT64_C(1) << 52) - PAGE_SIZE};
	struct cap            c[4];
	struct map_device     m;

	start();
	fake.physical_bits = 52;
	for (unsigned i = 0; i < 4; i++) {
		uint64_t frame;

		CU_ASSERT_EQUAL(alloc(at[i], PAGE_SIZE, &c[i]), RC_OK);
		frame = oid_frame(cap_oid(&c[i]));
		CU_ASSERT_EQUAL(frame_source(frame), SOURCE_PHYSICAL);
		CU_ASSERT(frame_position(frame) < 64);
		for (unsigned k = 0; k < i; k++)
			CU_ASSERT_FALSE(
			    oid_equal(cap_oid(&c[i]), cap_oid(&c[k])));
	}
	for (unsigned i = 0; i < 4; i++) {
		CU_ASSERT_EQUAL(mmio_translate(&c[i], 0, &m), RC_OK);
		CU_ASSERT_EQUAL(m.page.v, at[i]);
	}
	CU_ASSERT_EQUAL(
	    alloc(UINT64_C(1) << 52, PAGE_SIZE, &c[0]), RC_ARGUMENT);
	fake.physical_bits = 0;
	CU_ASSERT_TRUE(mmio_ok());
}

/* M3: four sources of 128 TiB each, told by the upper bits of an OID alone. */
static void
M3_sources(void)
{
	CU_ASSERT_EQUAL(OID_FRAMES * PAGE_SIZE, UINT64_C(128) << 40);
	for (unsigned s = SOURCE_BOOT; s <= SOURCE_PERSISTENT; s++) {
		const enum oid_source source = (enum oid_source)s;
		const uint64_t ends[] = {0, 1, OID_FRAMES / 2, OID_FRAMES - 1};

		for (unsigned i = 0; i < 4; i++) {
			const oid o = oid_make(
			    frame_of(source, ends[i]), OID_INDEX_FRAME);

			CU_ASSERT_EQUAL(o.v >> 38, s);
			CU_ASSERT_EQUAL(frame_source(oid_frame(o)), source);
			CU_ASSERT_EQUAL(
			    frame_position(oid_frame(o)), ends[i]);
			CU_ASSERT_EQUAL(oid_index(o), OID_INDEX_FRAME);
		}
	}
}

const struct runner_test mmio_tests[] = {
    RUNNER_TEST(reserved_is_refused),
    RUNNER_TEST(windows_have_one_owner),
    RUNNER_TEST(parts_die_with_the_whole),
    RUNNER_TEST(query_lists_all),
    RUNNER_TEST(M3_named_by_index),
    RUNNER_TEST(M3_sources),
    {NULL, NULL},
};
