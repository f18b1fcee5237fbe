/* SPDX-License-Identifier: BSD-2-Clause */
/* DMA spaces, and the pages that devices reach (F9, D15). */
#include "testsuite/unit/kernel/method/support.h"

#include "kernel/abi/dma.order.h"
#include "kernel/abi/dma_spaces.order.h"
#include "kernel/abi/kinfo.h"
#include "kernel/device/dma.h"
#include "kernel/mem/object.h"

enum {
	SOURCE = 0x18,
	RANGE_FIRST = 4000, /* Of a range without frames. */
	RANGE_FRAMES = 10,
	ISA_LIMIT = 24, /* Address bits of a device on the ISA bus. */
};

/* A unit that enforces, and refuses when it is told to. */
static struct {
	unsigned maps, unmaps, flushes;
	bool     refuse;
} unit;

static enum status
unit_map(uint32_t source_id, uint64_t bus, paddr page, bool device_writes)
{
	CU_ASSERT_EQUAL(source_id, SOURCE);
	CU_ASSERT_EQUAL(bus, page.v);
	CU_ASSERT_TRUE(device_writes);
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
}

static void
unit_flush(uint32_t source_id)
{
	(void)source_id;
	unit.flushes++;
}

static const struct iommu_ops ops = {unit_map, unit_unmap, unit_flush};
static struct cap             spaces, space, range;

static struct cap
take(uint64_t source, uint64_t limit)
{
	CU_ASSERT_EQUAL(
	    ASK_STRING(spaces, "disk", 4, DMA_SPACES_ALLOC, source, limit),
	    RC_OK);
	CU_ASSERT_EQUAL(answer.cap.type, CK_DMA);
	return answer.cap;
}

static void
begin(bool enforced, uint64_t limit)
{
	start_client();
	memset(&unit, 0, sizeof(unit));
	if (enforced)
		dma_set_iommu(&ops);
	spaces = root(CK_DMA_SPACES);
	space = take(SOURCE, limit);
	range = cap_range_make(
	    frame_of(SOURCE_EPHEMERAL, RANGE_FIRST), RANGE_FRAMES);
}

/* dma_spaces.alloc: one for each requester, of three limits. */
static void
spaces_are_checked(void)
{
	static const struct {
		uint64_t    source, limit;
		enum status st;
	} bad[] = {
	    {0x10000, 64, RC_ARGUMENT},
	    {0x20, 33, RC_ARGUMENT},
	    {SOURCE, 32, RC_TAKEN},
	};

	begin(false, 64);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CU_ASSERT_EQUAL(ASK_STRING(spaces, "x", 1, DMA_SPACES_ALLOC,
				    bad[i].source, bad[i].limit),
		    bad[i].st);
		CU_ASSERT_EQUAL(answer.cap.type, CK_VOID);
	}
	CU_ASSERT_EQUAL(ASK_STRING(less(spaces, CR_READ_ONLY), "x", 1,
			    DMA_SPACES_ALLOC, 1, 64),
	    RC_RIGHTS);
	CU_ASSERT_EQUAL(ASK(spaces, DMA_SPACES_ALLOC, 1, 64), RC_STRING);
	CU_ASSERT_EQUAL(ASK(spaces, DMA_SPACES_ORDER_LIMIT), RC_ORDER);
	for (unsigned i = 0; i < 100; i++) { /* Until a frame is needed. */
		fail_memory(1);
		(void)ASK_STRING(
		    spaces, "x", 1, DMA_SPACES_ALLOC, 0x100 + i, 32);
		if (fail_fired())
			break;
		CU_ASSERT_EQUAL(answer.status, RC_OK);
	}
	CU_ASSERT_EQUAL(answer.status, RC_NO_MEMORY);
	CU_ASSERT_EQUAL(answer.cap.type, CK_VOID);
	CU_ASSERT_TRUE(device_ok());
}

/* dma_spaces.query: figures of each, and whether a unit enforces them. */
static void
spaces_are_listed(void)
{
	struct dma_info info;

	for (unsigned enforced = 0; enforced < 2; enforced++) {
		begin(enforced, 64);
		CU_ASSERT_EQUAL(
		    ASK(less(spaces, CR_READ_ONLY), DMA_SPACES_QUERY, 0),
		    RC_OK);
		CU_ASSERT_EQUAL(answer.word[1], 1);
		CU_ASSERT_EQUAL(answer.word[2], enforced);
		CU_ASSERT_EQUAL(answer.bytes, sizeof(info));
		memcpy(&info, answer.string, sizeof(info));
		CU_ASSERT_EQUAL(info.source_id, SOURCE);
		CU_ASSERT_EQUAL(info.limit, 64);
		CU_ASSERT_STRING_EQUAL(info.label, "disk");
		CU_ASSERT_EQUAL(ASK(spaces, DMA_SPACES_QUERY, 1), RC_NOT_FOUND);
		CU_ASSERT_EQUAL(
		    ASK(spaces, DMA_SPACES_QUERY, UINT64_MAX), RC_NOT_FOUND);
	}
}

/* F9: an ephemeral page that may be written, once in each space. */
static void
F9_pages_are_checked(void)
{
	struct frame *f, *kept;

	begin(true, 64);
	f = page_frame(SOURCE_EPHEMERAL, 3000);
	kept = page_frame(SOURCE_PERSISTENT, 3100);
	CU_ASSERT_EQUAL(ASK(space, DMA_MAP), RC_CAPABILITY);
	CU_ASSERT_EQUAL(ASK_WITH(space, range, DMA_MAP), RC_CAPABILITY);
	CU_ASSERT_EQUAL(
	    ASK_WITH(space, page_to(f, CR_READ_ONLY), DMA_MAP), RC_CAPABILITY);
	CU_ASSERT_EQUAL(
	    ASK_WITH(space, page_to(f, CR_WEAK), DMA_MAP), RC_CAPABILITY);
	CU_ASSERT_EQUAL(
	    ASK_WITH(space, page_to(kept, 0), DMA_MAP), RC_CAPABILITY);
	CU_ASSERT_EQUAL(unit.maps, 0);
	unit.refuse = true;
	CU_ASSERT_EQUAL(ASK_WITH(space, page_to(f, 0), DMA_MAP), RC_NO_MEMORY);
	CU_ASSERT_EQUAL(f->pins, 0);
	unit.refuse = false;
	CU_ASSERT_EQUAL(ASK_WITH(space, page_to(f, 0), DMA_MAP), RC_OK);
	CU_ASSERT_EQUAL(answer.word[1], frame_paddr(f).v);
	CU_ASSERT_EQUAL(f->pins, 1);
	CU_ASSERT_EQUAL(ASK_WITH(space, page_to(f, 0), DMA_MAP), RC_EXISTS);
	CU_ASSERT_EQUAL(ASK(space, DMA_FIGURES), RC_OK);
	CU_ASSERT_EQUAL(answer.word[1], SOURCE);
	CU_ASSERT_EQUAL(answer.word[2], 64);
	CU_ASSERT_EQUAL(answer.word[3], 1);
	CU_ASSERT_EQUAL(answer.word[4], 1);
	CU_ASSERT_TRUE(dma_ok());
}

/* dma.unmap, release: nothing is reached any more, and the flush was made. */
static void
pages_are_given_back(void)
{
	struct frame *f, *g;
	uint64_t      at;

	begin(true, 64);
	f = page_frame(SOURCE_EPHEMERAL, 3000);
	g = page_frame(SOURCE_EPHEMERAL, 3001);
	CU_ASSERT_EQUAL(ASK_WITH(space, page_to(f, 0), DMA_MAP), RC_OK);
	at = answer.word[1];
	CU_ASSERT_EQUAL(ASK_WITH(space, page_to(g, 0), DMA_MAP), RC_OK);
	CU_ASSERT_EQUAL(
	    ASK(space, DMA_UNMAP, at + 2 * PAGE_SIZE * 1000), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(unit.flushes, 0);
	CU_ASSERT_EQUAL(ASK(space, DMA_UNMAP, at), RC_OK);
	CU_ASSERT_EQUAL(unit.unmaps, 1);
	CU_ASSERT_EQUAL(unit.flushes, 1);
	CU_ASSERT_EQUAL(f->pins, 0);
	CU_ASSERT_EQUAL(ASK(space, DMA_UNMAP, at), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(
	    dma_expose(device_self(&(struct ref){.cap = space}), f, true, &at),
	    RC_OK);
	CU_ASSERT_EQUAL(ASK(space, DMA_RELEASE), RC_BUSY);
	CU_ASSERT_EQUAL(g->pins, 1);
	dma_conceal(device_self(&(struct ref){.cap = space}), at);
	CU_ASSERT_EQUAL(ASK(space, DMA_RELEASE), RC_OK);
	CU_ASSERT_EQUAL(g->pins, 0);
	CU_ASSERT_EQUAL(ASK(space, DMA_FIGURES), RC_VOID);
	CU_ASSERT_TRUE(dma_ok());
}

/* dma.restrict: who has only the figures changes nothing. */
static void
figures_alone(void)
{
	static const uint64_t order[] = {
	    DMA_MAP, DMA_UNMAP, DMA_RELEASE, DMA_PAGE};
	struct cap reader;

	begin(false, 32);
	CU_ASSERT_EQUAL(ASK(space, DMA_RESTRICT, CR_ALL + 1), RC_ARGUMENT);
	CU_ASSERT_EQUAL(ASK(space, DMA_RESTRICT, CR_READ_ONLY), RC_OK);
	reader = answer.cap;
	for (unsigned i = 0; i < 4; i++)
		CU_ASSERT_EQUAL(ASK(reader, order[i]), RC_RIGHTS);
	CU_ASSERT_EQUAL(ASK(reader, DMA_FIGURES), RC_OK);
	CU_ASSERT_EQUAL(answer.word[2], 32);
	CU_ASSERT_EQUAL(answer.word[4], 0);
	CU_ASSERT_EQUAL(ASK(reader, DMA_ORDER_LIMIT), RC_ORDER);
}

/* D15: a page of dma.page is where the device can reach it, and zero. */
static void
D15_pages_within_reach(void)
{
	struct frame *f;
	struct cap    page;

	begin(false, ISA_LIMIT);
	f = page_frame(SOURCE_EPHEMERAL, 3000);
	CU_ASSERT_EQUAL(
	    ASK_WITH(space, page_to(f, 0), DMA_MAP), RC_UNSUPPORTED);
	CU_ASSERT_EQUAL(ASK_WITH(space, range, DMA_PAGE, 3), RC_OK);
	page = answer.cap;
	CU_ASSERT_EQUAL(page.type, CK_PAGE);
	CU_ASSERT_EQUAL(page.rights, 0);
	f = frame_find(frame_of(SOURCE_EPHEMERAL, RANGE_FIRST + 3));
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(frame_paddr(f).v >> ISA_LIMIT, 0);
	for (unsigned i = 0; i < PAGE_SIZE; i++)
		if (((uint8_t *)frame_data(f))[i] != 0)
			CU_FAIL("a page of somebody else's");
	CU_ASSERT_EQUAL(ASK_WITH(space, page, DMA_MAP), RC_OK);
	CU_ASSERT_EQUAL(ASK_WITH(space, range, DMA_PAGE, 3), RC_STATE);
	CU_ASSERT_TRUE(dma_ok());
}

/* dma.page: a position of an ephemeral range, and a frame for it. */
static void
made_pages_are_checked(void)
{
	const uint64_t   end = frame_of(SOURCE_EPHEMERAL, OID_FRAMES - 2);
	const struct cap other[] = {
	    cap_range_make(frame_of(SOURCE_BOOT, 0), RANGE_FRAMES),
	    cap_range_make(frame_of(SOURCE_PERSISTENT, 0), RANGE_FRAMES),
	};
	struct cap beyond = cap_range_make(end, 4);

	begin(false, 32);
	CU_ASSERT_EQUAL(ASK(space, DMA_PAGE, 0), RC_CAPABILITY);
	CU_ASSERT_EQUAL(
	    ASK_WITH(space, range, DMA_PAGE, RANGE_FRAMES), RC_ARGUMENT);
	CU_ASSERT_EQUAL(
	    ASK_WITH(space, range, DMA_PAGE, UINT64_MAX), RC_ARGUMENT);
	CU_ASSERT_EQUAL(ASK_WITH(space, other[0], DMA_PAGE, 0), RC_ARGUMENT);
	CU_ASSERT_EQUAL(ASK_WITH(space, other[1], DMA_PAGE, 0), RC_ARGUMENT);
	/* Beyond the last frame of its source is another source's first. */
	CU_ASSERT_EQUAL(ASK_WITH(space, beyond, DMA_PAGE, 1), RC_OK);
	CU_ASSERT_EQUAL(ASK_WITH(space, beyond, DMA_PAGE, 2), RC_ARGUMENT);
	while (
	    frame_alloc(CLASS_4G, USE_KERNEL, &(struct frame *){NULL}) == RC_OK)
		; /* All memory is the kernel's. */
	CU_ASSERT_EQUAL(ASK_WITH(space, range, DMA_PAGE, 1), RC_NO_MEMORY);
	CU_ASSERT_PTR_NULL(
	    frame_find(frame_of(SOURCE_EPHEMERAL, RANGE_FIRST + 1)));
}

const struct runner_test dma_tests[] = {
    RUNNER_TEST(spaces_are_checked),
    RUNNER_TEST(spaces_are_listed),
    RUNNER_TEST(F9_pages_are_checked),
    RUNNER_TEST(pages_are_given_back),
    RUNNER_TEST(figures_alone),
    RUNNER_TEST(D15_pages_within_reach),
    RUNNER_TEST(made_pages_are_checked),
    {NULL, NULL},
};
