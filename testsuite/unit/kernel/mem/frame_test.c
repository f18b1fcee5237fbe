/* SPDX-License-Identifier: BSD-2-Clause */
/* The object table, objects that are not persistent, and cap_resolve. */
#include "testsuite/unit/kernel/mem/support.h"

#include "kernel/mem/cache.h"

enum { PAGES = 4096 };

static void
start(void)
{
	fake_boot_reset();
	fake_start(PAGES);
}

/* mem_init adopts the boot range: numbers, kinds, counts, pinned, writable. */
static void
boot_range_is_adopted(void)
{
	uint32_t      page, nodes;
	struct frame *f;

	fake_boot_reset();
	page = fake_boot_page(3);
	nodes = fake_boot_nodes(5);
	memset(fake_boot_data(page), 0x5a, PAGE_SIZE);
	fake_boot_node_frame(nodes)->slot[2][4] = fake_page_cap(page, 0);
	fake_start(PAGES);
	f = frame_find(frame_of(SOURCE_BOOT, page));
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(f->kind, FK_PAGE);
	CU_ASSERT_EQUAL(f->count, 3);
	CU_ASSERT_EQUAL(f->pins, 1);
	CU_ASSERT_TRUE(frame_writable(f));
	CU_ASSERT_EQUAL(((uint8_t *)frame_data(f))[17], 0x5a);
	f = frame_find(frame_of(SOURCE_BOOT, nodes));
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	/* F6: what it names of this very boot stays. */
	CU_ASSERT_EQUAL(slot_of(f, 2, 4)->type, CK_PAGE);
	CU_ASSERT_PTR_NULL(frame_find(frame_of(SOURCE_BOOT, 99)));
	CU_ASSERT_TRUE(all_ok());
}

static void
malformed_range_panics(void)
{
	uint32_t nodes;

	fake_boot_reset();
	nodes = fake_boot_nodes(5);
	fake_boot_node_frame(nodes)->node[3].count = 6; /* Beyond the frame. */
	CU_ASSERT_EQUAL(FAKE_LEAVES(fake_start(PAGES)), FAKE_PANIC);
}

/* D15: the least precious class that serves. */
static void
D15_classes(void)
{
	struct frame *f = NULL;

	fake_boot_reset();
	fake_start(8192); /* 32 MiB: half of it below 16 MiB. */
	CU_ASSERT_EQUAL(frame_alloc(CLASS_ANY, USE_OBJECT, &f), RC_OK);
	CU_ASSERT_EQUAL(f->class, CLASS_4G);
	frame_free(f);
	CU_ASSERT_EQUAL(frame_alloc(CLASS_16M, USE_OBJECT, &f), RC_OK);
	CU_ASSERT_EQUAL(f->class, CLASS_16M);
	frame_free(f);
}

/* A frame that is used again has nothing of what it held. */
static void
frames_come_zeroed(void)
{
	struct frame *f = NULL;

	start();
	for (int i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(frame_alloc(CLASS_ANY, USE_TABLE, &f), RC_OK);
		CU_ASSERT_EQUAL(*(uint64_t *)frame_data(f), 0);
		memset(frame_data(f), 0xff, PAGE_SIZE);
		f->table.slot = NO_INDEX;
		frame_free(f);
	}
}

/* Without a pager nothing is waited for. */
static void
exhaustion_is_no_memory(void)
{
	uint64_t      n = 0;
	struct frame *f = NULL;
	enum status   st;

	start();
	do {
		next_entry();
		st = object_make(
		    frame_of(SOURCE_EPHEMERAL, n), FK_PAGE, CLASS_ANY, &f);
		n++;
	} while (st == RC_OK);
	CU_ASSERT_EQUAL(st, RC_NO_MEMORY);
	CU_ASSERT(n > PAGES / 2);
	/* F5: the last ones are for bounce frames and residents' tables. */
	CU_ASSERT(frame_free_count() > 0);
	CU_ASSERT_EQUAL(frame_alloc(CLASS_ANY, USE_BOUNCE, &f), RC_OK);
	CU_ASSERT_TRUE(all_ok());
}

/* Ephemeral numbers: a count never comes back, freed or not. */
static void
ephemeral_counts_rise(void)
{
	uint64_t      number = frame_of(SOURCE_EPHEMERAL, 77);
	uint32_t      last = 0;
	struct frame *f = NULL;
	struct cap    c;

	start();
	for (int i = 0; i < 5; i++) {
		struct frame *r;

		f = make_page(77);
		c = page_cap(f, 0);
		CU_ASSERT(i == 0 || f->count > last);
		CU_ASSERT_EQUAL(cap_resolve(&c, NULL, &r), RC_OK);
		object_rescind_page(f);
		CU_ASSERT_EQUAL(cap_resolve(&c, NULL, &r), RC_VOID);
		last = f->count;
		CU_ASSERT_EQUAL(object_free_prepare(number), RC_OK);
		while (!map_number_thin(number))
			;
		object_free(number);
		CU_ASSERT_EQUAL(cap_resolve(&c, NULL, &r), RC_VOID);
		CU_ASSERT_EQUAL(object_free_prepare(number), RC_NOT_FOUND);
	}
	CU_ASSERT_TRUE(all_ok());
}

/* F3: kind and role are part of validation. */
static void
F3_kind_and_role(void)
{
	struct frame *n, *p, *r;
	struct cap    data, process, start_cap, resume, page;

	start();
	n = make_nodes(1);
	p = make_page(2);
	data = node_cap(n, 3, 12, 0);
	page = page_cap(p, 0);
	process = cap_make(CK_PROCESS, 0, 0, 0, oid_make(n->number, 3));
	start_cap = cap_make(CK_START, 0, 9, 0, oid_make(n->number, 3));
	resume = cap_resume_make(CK_RESUME, 0x12345678, oid_make(n->number, 3));
	CU_ASSERT_EQUAL(cap_resolve(&data, NULL, &r), RC_OK);
	CU_ASSERT_EQUAL(cap_resolve(&process, NULL, &r), RC_VOID);
	CU_ASSERT_EQUAL(cap_resolve(&resume, NULL, &r), RC_VOID);
	object_rescind_node(n, 3);
	frame_nodes(n)->node[3].role = ROLE_PROCESS;
	process.count = start_cap.count = frame_nodes(n)->node[3].count;
	CU_ASSERT_EQUAL(cap_resolve(&data, NULL, &r), RC_VOID);
	CU_ASSERT_EQUAL(cap_resolve(&process, NULL, &r), RC_OK);
	CU_ASSERT_EQUAL(cap_resolve(&start_cap, NULL, &r), RC_OK);
	CU_ASSERT_EQUAL(cap_resolve(&resume, NULL, &r), RC_OK);
	object_make_state(p);
	CU_ASSERT_EQUAL(cap_resolve(&page, NULL, &r), RC_VOID);
	page = page_cap(p, 0);
	CU_ASSERT_EQUAL(cap_resolve(&page, NULL, &r), RC_VOID);
}

/* M1: hints. Any value is harmless; a stale one is refreshed. */
static void
M1_hints(void)
{
	struct frame *p, *r = NULL;
	struct cap    c;

	start();
	p = make_page(9);
	for (uint32_t hint = 0; hint < 1u << 24; hint += 65521) {
		c = page_cap(p, 0);
		c.word |= (uint64_t)hint << CAP_HINT_SHIFT;
		CU_ASSERT_EQUAL(cap_resolve(&c, NULL, &r), RC_OK);
		CU_ASSERT_PTR_EQUAL(r, p);
		CU_ASSERT_EQUAL(cap_hint(&c), frame_index(p));
	}
	c = cap_number_make(p->number << 3 | 7, p->count);
	CU_ASSERT_EQUAL(cap_resolve(&c, NULL, &r), RC_VOID);
	CU_ASSERT_EQUAL(c.word, p->number << 3 | 7);
	for (unsigned t = 0; t < 256; t++) {
		c = page_cap(p, 0);
		c.type = (uint8_t)t;
		if (t != CK_PAGE)
			CU_ASSERT_NOT_EQUAL(cap_resolve(&c, NULL, &r), RC_OK);
	}
}

/* M1: a slot in a frame on its way to disk is not touched. */
static void
M1_no_refresh_under_io(void)
{
	struct frame *p, *holder, *r;
	struct cap   *c;

	start();
	p = make_page(9);
	holder = make_nodes(10);
	c = slot_of(holder, 0, 0);
	*c = page_cap(p, 0);
	holder->flags |= FF_IO_OUT;
	CU_ASSERT_EQUAL(cap_resolve(c, holder, &r), RC_OK);
	CU_ASSERT_EQUAL(cap_hint(c), 0);
	holder->flags = 0;
	CU_ASSERT_EQUAL(cap_resolve(c, holder, &r), RC_OK);
	CU_ASSERT_EQUAL(cap_hint(c), frame_index(p));
}

/* A count at its end retires the object: never used again. */
static void
retired_objects(void)
{
	uint64_t      number = frame_of(SOURCE_EPHEMERAL, 5);
	struct frame *f, *r;
	struct cap    c;

	start();
	f = make_page(5);
	f->count = UINT32_MAX - 1;
	object_rescind_page(f);
	CU_ASSERT_EQUAL(f->kind, FK_FREE);
	c = page_cap(f, 0);
	CU_ASSERT_EQUAL(cap_resolve(&c, NULL, &r), RC_VOID);
	CU_ASSERT_EQUAL(
	    object_make(number, FK_PAGE, CLASS_ANY, &r), RC_NO_MEMORY);
	CU_ASSERT_EQUAL(object_free_prepare(number), RC_OK);
	while (!map_number_thin(number))
		;
	object_free(number);
	CU_ASSERT_EQUAL(
	    object_make(number, FK_PAGE, CLASS_ANY, &r), RC_NO_MEMORY);
	f = make_nodes(6);
	frame_nodes(f)->node[1].count = UINT32_MAX - 1;
	object_rescind_node(f, 1);
	c = node_cap(f, 1, 12, 0);
	CU_ASSERT_EQUAL(cap_resolve(&c, NULL, &r), RC_VOID);
	object_rescind_node(f, 1);
	CU_ASSERT_EQUAL(frame_nodes(f)->node[1].count, UINT32_MAX);
}

/* Absent objects of each source. */
static void
absent_objects(void)
{
	struct frame *f;

	start();
	CU_ASSERT_EQUAL(
	    object_fetch(frame_of(SOURCE_BOOT, 5), &f), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(
	    object_fetch(frame_of(SOURCE_EPHEMERAL, 5), &f), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(
	    object_fetch(frame_of(SOURCE_PERSISTENT, 5), &f), ST_WAIT);
	fake.resident = true; /* F5 */
	CU_ASSERT_EQUAL(
	    object_fetch(frame_of(SOURCE_PERSISTENT, 5), &f), RC_NOT_RESIDENT);
	fake.resident = false;
}

static void
reserve_is_contiguous(void)
{
	uint8_t      *a, *b;
	struct frame *f = NULL;

	start();
	CU_ASSERT_EQUAL(frame_alloc(CLASS_ANY, USE_OBJECT, &f), RC_OK);
	a = mem_reserve(3 * PAGE_SIZE + 1);
	b = mem_reserve(PAGE_SIZE);
	CU_ASSERT(b + PAGE_SIZE <= a || a + 4 * PAGE_SIZE <= b);
	CU_ASSERT_EQUAL(a[4 * PAGE_SIZE - 1], 0);
	frame_free(f);
	CU_ASSERT_EQUAL(FAKE_LEAVES(mem_reserve(1 << 30)), FAKE_PANIC);
}

const struct runner_test frame_tests[] = {
    RUNNER_TEST(boot_range_is_adopted),
    RUNNER_TEST(malformed_range_panics),
    RUNNER_TEST(D15_classes),
    RUNNER_TEST(frames_come_zeroed),
    RUNNER_TEST(exhaustion_is_no_memory),
    RUNNER_TEST(ephemeral_counts_rise),
    RUNNER_TEST(F3_kind_and_role),
    RUNNER_TEST(M1_hints),
    RUNNER_TEST(M1_no_refresh_under_io),
    RUNNER_TEST(retired_objects),
    RUNNER_TEST(absent_objects),
    RUNNER_TEST(reserve_is_contiguous),
    {NULL, NULL},
};
