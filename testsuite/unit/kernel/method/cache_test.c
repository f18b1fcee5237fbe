/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The object cache's windows, and frames in flight that a device or a driver
 * reaches (S8, D15). How the pager is bound is in testsuite/unit/kernel/mem.
 */
#include "testsuite/unit/kernel/method/support.h"

#include "kernel/abi/cache.order.h"
#include "kernel/abi/dma_spaces.order.h"
#include "kernel/abi/pager.h"
#include "kernel/abi/window.order.h"
#include "kernel/device/dma.h"
#include "kernel/mem/object.h"
#include "kernel/mem/request.h"

enum {
	OBJECT = 7000, /* And those behind it: on disk. */
	STEP = 100,    /* No read-ahead from one to the next. */
	LOW_BITS = 24, /* Of a device that must be given bounce frames. */
	FILL = 0x42,
	SLOTS_MOST = 1024, /* Of a window, as cache.idl says. */
	WINDOWS_MOST = 32,
};

static struct cap cache;
static bool       refuse_low; /* The unit maps nothing that is low. */

static enum status
unit_map(uint32_t source_id, uint64_t bus, paddr page, bool device_writes)
{
	(void)source_id;
	(void)page;
	(void)device_writes;
	return refuse_low && bus >> LOW_BITS == 0 ? RC_NO_MEMORY : RC_OK;
}

static void
unit_unmap(uint32_t source_id, uint64_t bus)
{
	(void)source_id;
	(void)bus;
}

static void
unit_flush(uint32_t source_id)
{
	(void)source_id;
}

static const struct iommu_ops ops = {unit_map, unit_unmap, unit_flush};

static void
begin(void)
{
	start_client();
	open_range(100);
	dma_set_iommu(&ops);
	refuse_low = false;
	cache = root(CK_CACHE);
}

static struct cap
space(uint64_t limit)
{
	CU_ASSERT_EQUAL(ASK_STRING(root(CK_DMA_SPACES), "disk", 4,
			    DMA_SPACES_ALLOC, 0x18, limit),
	    RC_OK);
	return answer.cap;
}

static struct cap
window(uint64_t slots)
{
	CU_ASSERT_EQUAL(ASK(cache, CACHE_WINDOW, slots), RC_OK);
	CU_ASSERT_EQUAL(answer.cap.type, CK_WINDOW);
	return answer.cap;
}

static const struct request *
request_of(uint64_t number)
{
	for (unsigned i = 0; i < PAGER_OUTSTANDING; i++)
		if (pager.request[i].tag != 0 &&
		    oid_frame((oid){pager.request[i].oid}) == number)
			return &pager.request[i];
	CU_FAIL_FATAL("no request");
	return NULL;
}

/* A fetch in flight: its tag. */
static uint64_t
fetched(unsigned i, struct frame **f)
{
	const uint64_t number = frame_of(SOURCE_PERSISTENT, OBJECT + i * STEP);
	const struct request *r;
	struct frame         *none;

	cpu_enter();
	CU_ASSERT_EQUAL(object_fetch(number, &none), ST_WAIT);
	r = request_of(number);
	*f = &mem.frame[r->frame];
	return r->tag;
}

/* A page on its way to disk: its tag. */
static uint64_t
cleaned(unsigned i, struct frame **f)
{
	*f = page_frame(SOURCE_PERSISTENT, OBJECT - 1 - i);
	memset(frame_data(*f), FILL, PAGE_SIZE);
	(*f)->flags |= FF_DIRTY | FF_IO_OUT;
	pager_clean(*f, FK_PAGE, mem.epoch);
	return request_of((*f)->number)->tag;
}

static enum status
expose(struct cap through, const struct pager_expose *e, unsigned n)
{
	return ask(&(const struct ask){.self = cache,
	    .word = {CACHE_EXPOSE},
	    .send = {through},
	    .string = e,
	    .bytes = n * (uint32_t)sizeof(*e)});
}

static enum status
conceal(const uint64_t *tag, unsigned n)
{
	return ASK_STRING(cache, tag, n * sizeof(*tag), CACHE_CONCEAL);
}

static uint64_t
where(unsigned i)
{
	return ((const uint64_t *)(const void *)answer.string)[i];
}

/* cache.window: 1 to 1,024 slots; there are 32 windows. */
static void
windows_are_counted(void)
{
	struct cap c;
	unsigned   n = 1;

	begin();
	CU_ASSERT_EQUAL(ASK(cache, CACHE_WINDOW, 0), RC_ARGUMENT);
	CU_ASSERT_EQUAL(ASK(cache, CACHE_WINDOW, SLOTS_MOST + 1), RC_ARGUMENT);
	c = window(5);
	CU_ASSERT_EQUAL(cap_span(&c), PAGE_SHIFT + 3);
	CU_ASSERT_EQUAL(ASK(c, WINDOW_SLOTS), RC_OK);
	CU_ASSERT_EQUAL(answer.word[1], 5);
	CU_ASSERT_EQUAL(ASK(c, WINDOW_ORDER_LIMIT), RC_ORDER);
	while (ASK(cache, CACHE_WINDOW, 1) == RC_OK)
		n++;
	CU_ASSERT_EQUAL(answer.status, RC_NO_MEMORY);
	CU_ASSERT_EQUAL(answer.cap.type, CK_VOID);
	CU_ASSERT_EQUAL(n, WINDOWS_MOST);
	CU_ASSERT_EQUAL(ASK(cache, CACHE_ORDER_LIMIT), RC_ORDER);
}

/* cache.expose, conceal: a batch is of whole entries, of tags in flight. */
static void
S8_batches_are_checked(void)
{
	static uint64_t     many[PAGE_SIZE / 8];
	struct frame       *f;
	struct pager_expose e[2];
	struct cap          s, w;

	begin();
	s = space(64);
	w = window(4);
	e[0] = (struct pager_expose){.tag = fetched(0, &f), .slot = 4};
	e[1] = (struct pager_expose){.tag = e[0].tag};
	CU_ASSERT_EQUAL(expose(cache, e, 1), RC_CAPABILITY);
	CU_ASSERT_EQUAL(expose((struct cap){0}, e, 1), RC_CAPABILITY);
	CU_ASSERT_EQUAL(ask(&(const struct ask){.self = cache,
			    .word = {CACHE_EXPOSE},
			    .send = {s},
			    .string = e,
			    .bytes = sizeof(e[0]) + 1}),
	    RC_STRING);
	CU_ASSERT_EQUAL(ask(&(const struct ask){.self = cache,
			    .word = {CACHE_EXPOSE},
			    .send = {s},
			    .string = many,
			    .bytes = 33 * sizeof(e[0])}),
	    RC_STRING);
	CU_ASSERT_EQUAL(ASK_STRING(cache, many, 1, CACHE_CONCEAL), RC_STRING);
	CU_ASSERT_EQUAL(ASK_STRING(cache, many, 12, CACHE_CONCEAL), RC_STRING);
	CU_ASSERT_EQUAL(conceal(many, 33), RC_STRING);
	CU_ASSERT_EQUAL(expose(w, e, 1), RC_ARGUMENT); /* Slot 4 of 4. */
	CU_ASSERT_EQUAL(expose(s, e, 2), RC_ARGUMENT); /* A tag twice. */
	CU_ASSERT_EQUAL(f->flags & FF_EXPOSED, 0);
	CU_ASSERT_EQUAL(conceal(&e[0].tag, 1), RC_ARGUMENT);
	many[0] = 0x1ff;
	CU_ASSERT_EQUAL(conceal(many, 1), RC_ARGUMENT); /* Of nobody. */
	CU_ASSERT_EQUAL(expose(s, e, 1), RC_OK);
	CU_ASSERT_EQUAL(answer.bytes, 8);
	CU_ASSERT_EQUAL(where(0), frame_paddr(f).v);
	CU_ASSERT(f->flags & FF_EXPOSED);
	many[0] = many[1] = e[0].tag;
	CU_ASSERT_EQUAL(conceal(many, 2), RC_ARGUMENT); /* Named twice. */
	CU_ASSERT(f->flags & FF_EXPOSED);
	CU_ASSERT_EQUAL(conceal(many, 1), RC_OK);
	CU_ASSERT_EQUAL(f->flags & FF_EXPOSED, 0);
	CU_ASSERT_TRUE(dma_ok());
}

/* S8: what goes to disk is not written by the driver that copies it. */
static void
S8_windows_to_disk_are_read_only(void)
{
	struct pager_expose e[2];
	struct map_device   m;
	struct frame       *in, *out;
	struct cap          w;
	uint64_t            tags[2];

	begin();
	w = window(2);
	e[0] = (struct pager_expose){.tag = fetched(0, &in), .slot = 1};
	e[1] = (struct pager_expose){.tag = cleaned(0, &out), .slot = 0};
	CU_ASSERT_EQUAL(expose(w, e, 2), RC_OK);
	CU_ASSERT_EQUAL(where(0), PAGE_SIZE);
	CU_ASSERT_EQUAL(where(1), 0);
	CU_ASSERT_EQUAL(map_device_page(&w, PAGE_SIZE, &m), RC_OK);
	CU_ASSERT_EQUAL(m.page.v, frame_paddr(in).v);
	CU_ASSERT_FALSE(m.read_only);
	CU_ASSERT_EQUAL(map_device_page(&w, 0, &m), RC_OK);
	CU_ASSERT_EQUAL(m.page.v, frame_paddr(out).v);
	CU_ASSERT_TRUE(m.read_only);
	tags[0] = e[0].tag;
	tags[1] = e[1].tag;
	CU_ASSERT_EQUAL(conceal(tags, 2), RC_OK);
	CU_ASSERT_EQUAL(map_device_page(&w, 0, &m), RC_ARGUMENT);
	CU_ASSERT_EQUAL(*(uint8_t *)frame_data(out), FILL);
}

/*
 * D15: a frame that the device cannot address has one standing in for it, with
 * what goes to disk; what came from there is in the frame when it is concealed.
 */
static void
D15_bounce_both_ways(void)
{
	struct pager_expose   e[2];
	struct memory_figures before, after;
	struct frame         *in, *out, *low[2];
	struct cap            s;
	uint64_t              tags[2];

	begin();
	s = space(LOW_BITS);
	e[0] = (struct pager_expose){.tag = fetched(0, &in)};
	e[1] = (struct pager_expose){.tag = cleaned(0, &out)};
	CU_ASSERT_EQUAL(expose(s, e, 2), RC_OK);
	for (unsigned i = 0; i < 2; i++) {
		CU_ASSERT_EQUAL(where(i) >> LOW_BITS, 0);
		low[i] = &mem.frame[where(i) >> PAGE_SHIFT];
		CU_ASSERT_EQUAL(low[i]->use, USE_BOUNCE);
	}
	CU_ASSERT_EQUAL(
	    memcmp(frame_data(low[1]), frame_data(out), PAGE_SIZE), 0);
	memset(frame_data(low[0]), FILL + 1, PAGE_SIZE);
	memset(frame_data(low[1]), FILL + 2, PAGE_SIZE); /* It may not. */
	CU_ASSERT_EQUAL(cpu.counters.bounces, 2);
	tags[0] = e[0].tag;
	tags[1] = e[1].tag;
	frame_figures(&before);
	CU_ASSERT_EQUAL(conceal(tags, 2), RC_OK);
	frame_figures(&after);
	CU_ASSERT_EQUAL(after.free, before.free + 2);
	CU_ASSERT_EQUAL(*(uint8_t *)frame_data(in), FILL + 1);
	CU_ASSERT_EQUAL(*(uint8_t *)frame_data(out), FILL);
	CU_ASSERT_TRUE(dma_ok());
}

/* D15: without a frame for it, or a unit that takes it, nothing is exposed. */
static void
D15_no_bounce_frame(void)
{
	struct pager_expose   e;
	struct memory_figures before, after;
	struct frame         *f, *taken = NULL;
	struct cap            s;

	begin();
	s = space(LOW_BITS);
	e = (struct pager_expose){.tag = fetched(0, &f)};
	refuse_low = true;
	(void)expose(s, &e, 1); /* The pools have their frames after this. */
	frame_figures(&before);
	CU_ASSERT_EQUAL(expose(s, &e, 1), RC_NO_MEMORY);
	frame_figures(&after);
	CU_ASSERT_EQUAL(after.free, before.free);
	CU_ASSERT_EQUAL(f->flags & FF_EXPOSED, 0);
	refuse_low = false;
	fail_memory(1);
	CU_ASSERT_EQUAL(expose(s, &e, 1), RC_NO_MEMORY);
	CU_ASSERT_TRUE(fail_fired());
	CU_ASSERT_EQUAL(f->flags & FF_EXPOSED, 0);
	while (frame_alloc(CLASS_16M, USE_KERNEL, &taken) == RC_OK)
		; /* Also when there is none indeed. */
	CU_ASSERT_EQUAL(expose(s, &e, 1), RC_NO_MEMORY);
	CU_ASSERT_EQUAL(f->flags & FF_EXPOSED, 0);
	CU_ASSERT_EQUAL(cpu.counters.bounces, 0);
}

const struct runner_test cache_tests[] = {
    RUNNER_TEST(windows_are_counted),
    RUNNER_TEST(S8_batches_are_checked),
    RUNNER_TEST(S8_windows_to_disk_are_read_only),
    RUNNER_TEST(D15_bounce_both_ways),
    RUNNER_TEST(D15_no_bounce_frame),
    {NULL, NULL},
};
