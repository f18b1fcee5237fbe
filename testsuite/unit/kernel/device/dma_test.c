/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/unit/kernel/device/support.h"

#include "kernel/device/dma.h"

static const struct cap spaces = {.type = CK_DMA_SPACES};

/* A unit that counts, and remembers what the device can reach. */
static struct {
	unsigned maps, unmaps, flushes;
	unsigned unflushed; /* Unmapped since the last flush. */
	bool     refuse;
} unit;

static enum status
unit_map(uint32_t source_id, uint64_t bus, paddr page, bool device_writes)
{
	(void)source_id;
	(void)bus;
	(void)page;
	(void)device_writes;
	if (unit.refuse)
		return RC_NO_MEMORY;
	unit.maps++;
	return RC_OK;
}

static void
unit_unmap(uint32_t source_id, uint64_t bus)
{
	(void)source_id;
	(void)bus;
	unit.unmaps++;
	unit.unflushed++;
}

static void
unit_flush(uint32_t source_id)
{
	(void)source_id;
	unit.flushes++;
	unit.unflushed = 0;
}

static const struct iommu_ops ops = {
    .map = unit_map,
    .unmap = unit_unmap,
    .flush = unit_flush,
};

static void
start_with_unit(void)
{
	start();
	memset(&unit, 0, sizeof(unit));
	dma_set_iommu(&ops);
}

static enum status
alloc(uint64_t source_id, uint64_t limit, struct cap *out)
{
	struct invocation *inv = invoke(&spaces, 0, 0, 0, "disk");
	const enum status  st = method_dma_spaces_alloc(inv, source_id, limit);

	*out = inv->out_cap[0];
	return st;
}

static enum status
map(const struct cap *c, struct frame *f, unsigned rights, uint64_t *bus)
{
	struct invocation *inv = invoke(c, 0, 0, 0, NULL);
	enum status        st;

	inv->cap[0] = (struct ref){
	    .kind = CK_PAGE, .rights = (uint8_t)rights, .frame = f};
	st = method_dma_map(inv);
	*bus = inv->out_word[1];
	CU_ASSERT_EQUAL(inv->committed, st == RC_OK);
	return st;
}

static enum status
unmap(const struct cap *c, uint64_t bus)
{
	return method_dma_unmap(invoke(c, 0, 0, 0, NULL), bus);
}

/* dma.alloc.1: one space for each requester; limits are three. */
static void
spaces_are_single(void)
{
	struct cap a, b;

	start();
	CU_ASSERT_EQUAL(alloc(0x18, 32, &a), RC_OK);
	CU_ASSERT_EQUAL(alloc(0x18, 64, &b), RC_TAKEN);
	CU_ASSERT_EQUAL(alloc(0x19, 33, &b), RC_ARGUMENT);
	CU_ASSERT_EQUAL(alloc(0x10000, 32, &b), RC_ARGUMENT);
	CU_ASSERT_EQUAL(method_dma_release(invoke(&a, 0, 0, 0, NULL)), RC_OK);
	CU_ASSERT_EQUAL(alloc(0x18, 24, &b), RC_OK);
	CU_ASSERT_TRUE(dma_ok());
}

/* dma.map.1: a mapped page is pinned, and only once in each space. */
static void
mapped_pages_are_pinned(void)
{
	struct cap    a, b;
	struct frame *f;
	uint64_t      bus, other;

	start();
	CU_ASSERT_EQUAL(alloc(0x18, 64, &a), RC_OK);
	CU_ASSERT_EQUAL(alloc(0x20, 64, &b), RC_OK);
	f = page_make(0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(map(&a, f, 0, &bus), RC_OK);
	CU_ASSERT_EQUAL(bus, frame_paddr(f).v);
	CU_ASSERT_EQUAL(map(&a, f, 0, &other), RC_EXISTS);
	CU_ASSERT_EQUAL(map(&b, f, 0, &other), RC_OK);
	CU_ASSERT_EQUAL(f->pins, 2);
	CU_ASSERT_TRUE(dma_ok());
	CU_ASSERT_EQUAL(unmap(&a, bus), RC_OK);
	CU_ASSERT(f->flags & FF_DMA);
	CU_ASSERT_EQUAL(unmap(&a, bus), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(unmap(&b, other), RC_OK);
	CU_ASSERT_EQUAL(f->flags & FF_DMA, 0);
	CU_ASSERT_EQUAL(f->pins, 0);
	CU_ASSERT_TRUE(dma_ok());
}

/* F9: only ephemeral pages; and only what may be written. */
static void
wrong_pages_are_refused(void)
{
	struct frame *f, fake_frame;
	struct cap    a;
	uint64_t      bus;

	start();
	CU_ASSERT_EQUAL(alloc(0x18, 64, &a), RC_OK);
	f = page_make(0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(map(&a, f, CR_READ_ONLY, &bus), RC_CAPABILITY);
	CU_ASSERT_EQUAL(map(&a, f, CR_WEAK, &bus), RC_CAPABILITY);
	fake_frame = *f;
	fake_frame.number = frame_of(SOURCE_PERSISTENT, 5);
	CU_ASSERT_EQUAL(map(&a, &fake_frame, 0, &bus), RC_CAPABILITY);
	CU_ASSERT_EQUAL(f->pins, 0);
}

/* D15: a frame beyond the device's reach, and one made within it. */
static void
limits_are_kept(void)
{
	struct invocation *inv;
	struct frame      *f;
	struct cap         a;
	uint64_t           bus;

	start();
	CU_ASSERT_EQUAL(alloc(0x18, 24, &a), RC_OK);
	f = page_make(0); /* The least precious class: above 16 MiB. */
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(map(&a, f, 0, &bus), RC_UNSUPPORTED);
	CU_ASSERT_EQUAL(
	    dma_expose(device_find(&a, &(uint32_t){0}) == NULL
		    ? 0
		    : (uint32_t)frame_position(oid_frame(cap_oid(&a))),
		f, true, &bus),
	    RC_UNSUPPORTED);
	inv = invoke(&a, 0, 0, 0, NULL);
	inv->cap[0] = (struct ref){.kind = CK_RANGE,
	    .cap = cap_range_make(frame_of(SOURCE_EPHEMERAL, 100), 10)};
	CU_ASSERT_EQUAL(method_dma_page(inv, 10), RC_ARGUMENT);
	CU_ASSERT_EQUAL(method_dma_page(inv, 3), RC_OK);
	f = frame_find(frame_of(SOURCE_EPHEMERAL, 103));
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT(frame_paddr(f).v < 1 << 24);
	CU_ASSERT_EQUAL(map(&a, f, 0, &bus), RC_OK);
	inv = invoke(&a, 0, 0, 0, NULL);
	inv->cap[0] = (struct ref){.kind = CK_RANGE,
	    .cap = cap_range_make(frame_of(SOURCE_EPHEMERAL, 100), 10)};
	CU_ASSERT_EQUAL(method_dma_page(inv, 3), RC_STATE);
	inv->cap[0].cap = cap_range_make(frame_of(SOURCE_BOOT, 0), 10);
	CU_ASSERT_EQUAL(method_dma_page(inv, 3), RC_ARGUMENT);
}

/* dma.unmap.1: a flush before unmap returns; release needs only one. */
static void
flush_comes_before_return(void)
{
	struct frame *f[4];
	struct cap    a;
	uint64_t      bus;

	start_with_unit();
	CU_ASSERT_TRUE(dma_enforced());
	CU_ASSERT_EQUAL(alloc(0x18, 64, &a), RC_OK);
	for (unsigned i = 0; i < 4; i++) {
		f[i] = page_make(i);
		CU_ASSERT_PTR_NOT_NULL_FATAL(f[i]);
		CU_ASSERT_EQUAL(map(&a, f[i], 0, &bus), RC_OK);
	}
	CU_ASSERT_EQUAL(unmap(&a, bus), RC_OK);
	CU_ASSERT_EQUAL(unit.unmaps, 1);
	CU_ASSERT_EQUAL(unit.flushes, 1);
	CU_ASSERT_EQUAL(method_dma_release(invoke(&a, 0, 0, 0, NULL)), RC_OK);
	CU_ASSERT_EQUAL(unit.unmaps, 4);
	CU_ASSERT_EQUAL(unit.flushes, 2);
	CU_ASSERT_EQUAL(unit.unflushed, 0);
	for (unsigned i = 0; i < 4; i++)
		CU_ASSERT_EQUAL(f[i]->pins, 0);
	CU_ASSERT_TRUE(dma_ok());
}

/* S8: conceal a batch, one flush; no release while exposed. */
static void
exposure_is_batched(void)
{
	struct frame   *f[3];
	struct dma_info info;
	struct cap      a;
	uint64_t        bus[3];
	uint32_t        index = 0;

	start_with_unit();
	CU_ASSERT_EQUAL(alloc(0x18, 64, &a), RC_OK);
	CU_ASSERT_EQUAL_FATAL(dma_find(&a, &index), RC_OK);
	for (unsigned i = 0; i < 3; i++) {
		f[i] = page_make(i);
		CU_ASSERT_EQUAL(dma_expose(index, f[i], true, &bus[i]), RC_OK);
	}
	CU_ASSERT_EQUAL(method_dma_release(invoke(&a, 0, 0, 0, NULL)), RC_BUSY);
	for (unsigned i = 0; i < 3; i++)
		dma_conceal(index, bus[i]);
	CU_ASSERT_EQUAL(unit.unflushed, 3);
	dma_flush(index);
	dma_bounced(index);
	CU_ASSERT_EQUAL(unit.flushes, 1);
	CU_ASSERT_EQUAL(dma_query(0, &info), RC_OK);
	CU_ASSERT_EQUAL(info.flushes, 1);
	CU_ASSERT_EQUAL(info.exposed, 0);
	CU_ASSERT_EQUAL(info.bounces, 1);
	CU_ASSERT_EQUAL(dma_query(1, &info), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(method_dma_release(invoke(&a, 0, 0, 0, NULL)), RC_OK);
}

/* dma.map.2: neither a refusing unit nor a lack of memory leaves traces. */
static void
failure_changes_nothing(void)
{
	struct frame *f;
	struct cap    a;
	uint64_t      bus;

	start_with_unit();
	CU_ASSERT_EQUAL(alloc(0x18, 64, &a), RC_OK);
	f = page_make(0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	seen.alloc_fails = 1;
	CU_ASSERT_EQUAL(map(&a, f, 0, &bus), RC_NO_MEMORY);
	CU_ASSERT_EQUAL(unit.maps, 0);
	unit.refuse = true;
	CU_ASSERT_EQUAL(map(&a, f, 0, &bus), RC_NO_MEMORY);
	CU_ASSERT_EQUAL(f->pins, 0);
	CU_ASSERT_EQUAL(f->flags & FF_DMA, 0);
	CU_ASSERT_TRUE(dma_ok());
	unit.refuse = false;
	CU_ASSERT_EQUAL(map(&a, f, 0, &bus), RC_OK);
}

const struct runner_test dma_tests[] = {
    RUNNER_TEST(spaces_are_single),
    RUNNER_TEST(mapped_pages_are_pinned),
    RUNNER_TEST(wrong_pages_are_refused),
    RUNNER_TEST(limits_are_kept),
    RUNNER_TEST(flush_comes_before_return),
    RUNNER_TEST(exposure_is_batched),
    RUNNER_TEST(failure_changes_nothing),
    {NULL, NULL},
};
