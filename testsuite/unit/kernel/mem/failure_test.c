/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Failures: the n-th allocation of a frame fails, for each n; and pools so
 * small that they are always empty. Nothing is lost or half done.
 */
#include "testsuite/unit/kernel/mem/support.h"

#include "kernel/mem/cache.h"
#include "kernel/mem/epoch.h"
#include "kernel/mem/pager.h"
#include "kernel/mem/table.h"

enum { PAGES = 4096, EACH_MOST = 40 };

/* Fails the n-th call from now on, once; linked by --wrap. */
static unsigned fault_at, calls;

enum status __real_frame_alloc(
    enum frame_class class, enum frame_use use, struct frame **out);
enum status __real_frame_alloc_raw(
    enum frame_class class, enum frame_use use, struct frame **out);
enum status __wrap_frame_alloc(
    enum frame_class class, enum frame_use use, struct frame **out);
enum status __wrap_frame_alloc_raw(
    enum frame_class class, enum frame_use use, struct frame **out);

enum status
__wrap_frame_alloc(
    enum frame_class class, enum frame_use use, struct frame **out)
{
	if (++calls == fault_at)
		return RC_NO_MEMORY;
	return __real_frame_alloc(class, use, out);
}

enum status
__wrap_frame_alloc_raw(
    enum frame_class class, enum frame_use use, struct frame **out)
{
	if (++calls == fault_at)
		return RC_NO_MEMORY;
	return __real_frame_alloc_raw(class, use, out);
}

static void
arm(unsigned n)
{
	calls = 0;
	fault_at = n;
}

static void
start(void)
{
	arm(0);
	fake_boot_reset();
	fake_start(PAGES);
	store_start(1000);
}

/* A fault served in a new space: a top table, three others. */
static void
serving_a_fault(void)
{
	unsigned failures = 0;

	for (unsigned n = 1; n < EACH_MOST; n++) {
		struct frame    *nodes, *p;
		struct space     s;
		struct map_fault fault;
		enum status      st;

		start();
		nodes = make_nodes(1);
		p = make_page(2);
		*slot_of(nodes, 0, 1) = page_cap(p, 0);
		*slot_of(nodes, 1, 0) = node_cap(nodes, 0, 17, 0);
		space_make(&s, node_cap(nodes, 1, 42, 0));
		next_entry();
		arm(n);
		st = map_load(&s.map);
		if (st == RC_OK)
			st = map_serve(&s.map, 0x1000, ACCESS_WRITE, &fault);
		arm(0);
		CU_ASSERT_TRUE(all_ok());
		if (st == RC_OK)
			break;
		failures++;
		CU_ASSERT_EQUAL(st, RC_NO_MEMORY);
		CU_ASSERT_EQUAL(
		    space_access(&s, 0x1000, ACCESS_WRITE).how, REACHED);
		CU_ASSERT_TRUE(all_ok());
	}
	CU_ASSERT_EQUAL(failures, 4);
}

/* A first write that has to copy: no credit is lost, nothing is dirty. */
static void
first_write(void)
{
	struct frame *f, *g;
	uint32_t      credits;
	uint64_t      epoch;

	for (int io = 0; io < 2; io++) {
		start();
		f = g = write_page(5);
		*(uint8_t *)frame_data(f) = 1;
		next_entry();
		if (!io)
			object_pin(f);
		CU_ASSERT_EQUAL(epoch_snapshot(NULL, 0, 0, &epoch), RC_OK);
		clean_frozen();
		if (!io)
			object_unpin(f);
		CU_ASSERT_EQUAL((f->flags & FF_IO_OUT) != 0, io);
		credits = epoch_credits();
		next_entry();
		arm(1);
		CU_ASSERT_EQUAL(object_prepare_write(&f), RC_NO_MEMORY);
		arm(0);
		CU_ASSERT_PTR_EQUAL(f, g);
		CU_ASSERT_FALSE(frame_writable(f));
		CU_ASSERT_EQUAL(epoch_credits(), credits);
		CU_ASSERT_TRUE(all_ok());
		CU_ASSERT_EQUAL(object_prepare_write(&f), RC_OK);
		CU_ASSERT_EQUAL(epoch_credits(), credits - 1);
		CU_ASSERT_EQUAL(*(uint8_t *)frame_data(f), 1);
		CU_ASSERT_TRUE(all_ok());
	}
}

static void
making_and_fetching(void)
{
	uint64_t      number = frame_of(SOURCE_EPHEMERAL, 9);
	struct frame *f = NULL;

	start();
	next_entry();
	arm(1);
	CU_ASSERT_EQUAL(
	    object_make(number, FK_NODE, CLASS_ANY, &f), RC_NO_MEMORY);
	arm(0);
	CU_ASSERT_PTR_NULL(frame_find(number));
	CU_ASSERT_EQUAL(object_make(number, FK_NODE, CLASS_ANY, &f), RC_OK);
	number = frame_of(SOURCE_PERSISTENT, 9);
	arm(1);
	CU_ASSERT_EQUAL(object_fetch(number, &f), ST_WAIT);
	CU_ASSERT_EQUAL(fake.wait_kind, WAIT_MEMORY);
	arm(0);
	CU_ASSERT_PTR_NULL(frame_find(number));
	CU_ASSERT_FALSE(store_run());
	CU_ASSERT_PTR_NOT_NULL(fetch(9));
	CU_ASSERT_TRUE(all_ok());
}

/* --- Empty pools ---------------------------------------------------------- */

enum { TINY = 64 };

/*
 * A page mapped at far more places than there are reverse-map items: each is
 * reached, and when it is rescinded it is nowhere.
 */
static void
F2_rmap_pool_recycles(void)
{
	static uint64_t items[TINY * 8];
	struct frame   *n[8], *p;
	struct space    s[8];

	start();
	CU_ASSERT_FATAL(rmap_entry_bytes() <= 32);
	rmap_init(items, TINY);
	p = make_page(1);
	for (unsigned k = 0; k < 8; k++) {
		n[k] = make_nodes(10 + k);
		for (unsigned i = 0; i < NODE_SLOTS; i++)
			*slot_of(n[k], 0, i) = page_cap(p, 0);
		space_make(&s[k], node_cap(n[k], 0, 17, 0));
		for (uint64_t i = 0; i < NODE_SLOTS; i++)
			CU_ASSERT_EQUAL(
			    space_access(&s[k], i << 12, ACCESS_WRITE).how,
			    REACHED);
		CU_ASSERT_TRUE(all_ok());
	}
	next_entry();
	object_rescind_page(p);
	for (unsigned k = 0; k < 8; k++) {
		for (uint64_t i = 0; i < NODE_SLOTS; i++)
			CU_ASSERT_EQUAL(
			    space_access(&s[k], i << 12, ACCESS_READ).how,
			    FAULTED);
	}
	CU_ASSERT_TRUE(all_ok());
}

/* More nodes at work than depend entries: changes are still seen. */
static void
F2_depend_pool_recycles(void)
{
	static uint64_t items[TINY * 8];
	static uint32_t hash[TINY];
	struct frame   *n[30], *p;
	struct space    s;

	start();
	CU_ASSERT_FATAL(depend_entry_bytes() <= 64);
	depend_init(items, TINY, hash, TINY);
	p = make_page(1);
	for (unsigned k = 0; k < 30; k++)
		n[k] = make_nodes(10 + k);
	/* 5 nodes of 22, each of 28 nodes of 17. */
	for (unsigned a = 0; a < 5; a++) {
		*slot_of(n[29], 6, a) = node_cap(n[a], 6, 22, 0);
		for (unsigned b = 0; b < 28; b++) {
			*slot_of(n[a], 6, b) = node_cap(n[b], a, 17, 0);
			*slot_of(n[b], a, 3) = page_cap(p, 0);
		}
	}
	space_make(&s, node_cap(n[29], 6, 27, 0));
	for (int round = 0; round < 2; round++) {
		for (uint64_t i = 0; i < 5 * 28; i++) {
			uint64_t v = i / 28 << 22 | i % 28 << 17 | 3 << 12;

			CU_ASSERT_EQUAL(
			    space_access(&s, v, ACCESS_WRITE).how, REACHED);
		}
		CU_ASSERT_TRUE(all_ok());
	}
	for (uint64_t i = 0; i < 5 * 28; i++) {
		uint64_t v = i / 28 << 22 | i % 28 << 17 | 3 << 12;
		unsigned a = (unsigned)(i / 28), b = (unsigned)(i % 28);

		map_slot_changed(oid_make(n[b]->number, a), 3);
		*slot_of(n[b], a, 3) = (struct cap){.type = CK_VOID};
		CU_ASSERT_EQUAL(space_access(&s, v, ACCESS_READ).how, FAULTED);
	}
	CU_ASSERT_TRUE(all_ok());
}

/*
 * M2: at least what depended on a slot goes when it changes. With the depend
 * entries used up the oldest one is recycled, and what it stood for goes
 * without a change; else a later change would not find it. That costs a fault
 * and nothing else.
 */
static void
M2_at_least_those(void)
{
	enum { WIDE = 30, FEW = 16 };
	static uint64_t items[FEW * 8];
	static uint32_t hash[FEW];
	struct frame   *top, *n[WIDE], *p;
	struct reach    r;
	struct space    s;
	unsigned        again = 0;

	start();
	depend_init(items, FEW, hash, FEW);
	top = make_nodes(9);
	p = make_page(1);
	for (unsigned k = 0; k < WIDE; k++) {
		n[k] = make_nodes(10 + k);
		*slot_of(n[k], 0, 0) = page_cap(p, 0);
		*slot_of(top, 0, k) = node_cap(n[k], 0, 17, 0);
	}
	space_make(&s, node_cap(top, 0, 22, 0));
	for (uint64_t k = 0; k < WIDE; k++)
		CU_ASSERT_EQUAL(
		    space_access(&s, k << 17, ACCESS_WRITE).how, REACHED);
	for (uint64_t k = 0; k < WIDE; k++) {
		r = space_access(&s, k << 17, ACCESS_WRITE);
		again += r.served;
		CU_ASSERT_EQUAL(r.how, REACHED);
		CU_ASSERT_EQUAL(r.physical, frame_paddr(p).v);
	}
	CU_ASSERT(again > 0); /* More than nothing, which had to go, went. */
	for (uint64_t k = 0; k < WIDE; k++) {
		map_slot_changed(oid_make(n[k]->number, 0), 0);
		*slot_of(n[k], 0, 0) = (struct cap){.type = CK_VOID};
		CU_ASSERT_EQUAL(
		    space_access(&s, k << 17, ACCESS_READ).how, FAULTED);
		CU_ASSERT_TRUE(all_ok());
	}
}

/* Fewer tables than the spaces want: they take turns. */
static void
tables_are_reclaimed(void)
{
	static struct table pool[8];
	static uint32_t     hash[8];
	struct frame       *n, *p;
	struct space        s[FRAME_NODES];

	start();
	tables_init(pool, 8, hash, 8);
	map_init();
	n = make_nodes(10);
	p = make_page(1);
	for (unsigned k = 0; k < FRAME_NODES; k++) {
		*slot_of(n, k, 1) = page_cap(p, 0);
		space_make(&s[k], node_cap(n, k, 17, 0));
	}
	for (unsigned i = 0; i < 100; i++)
		CU_ASSERT_EQUAL(
		    space_access(&s[i * 3 % FRAME_NODES], 0x1000, ACCESS_WRITE)
			.how,
		    REACHED);
	CU_ASSERT(mem_counters.tables_reclaimed > 50);
	CU_ASSERT_TRUE(all_ok());
}

/*
 * D3: a table to reclaim is found within so many steps, whatever the number of
 * tables, and though all of them are in use. The hand goes on where it was, so
 * none is passed over for ever.
 */
static void
D3_reclaim_is_bounded(void)
{
	enum { MANY = 4096, SPACES = 1000 };
	static struct table pool[MANY];
	static uint32_t     hash[MANY];
	static struct space s[SPACES];
	struct frame       *n[SPACES / FRAME_NODES + 1], *p;
	uint32_t            before;

	start();
	tables_init(pool, MANY, hash, MANY);
	map_init();
	p = make_page(1);
	for (unsigned k = 0; k < SPACES; k++) {
		if (k % FRAME_NODES == 0)
			n[k / FRAME_NODES] = make_nodes(10 + k / FRAME_NODES);
		*slot_of(n[k / FRAME_NODES], k % FRAME_NODES, 1) =
		    page_cap(p, 0);
		space_make(&s[k], node_cap(n[k / FRAME_NODES],
				      k % FRAME_NODES, 17, k & 1));
		next_entry();
		CU_ASSERT_EQUAL_FATAL(map_load(&s[k].map), RC_OK);
	}
	CU_ASSERT_EQUAL(map_table_count(), SPACES);
	for (before = map_table_count(); before > 1; before--) {
		unsigned unused = 0;

		for (unsigned i = 0; i < MANY; i++) /* All are, but one. */
			if (pool[i].frame != NO_INDEX)
				pool[i].used = 1;
		CU_ASSERT_EQUAL_FATAL(map_reclaim_table(CLASS_ANY), RC_OK);
		for (unsigned i = 0; i < MANY; i++)
			unused += pool[i].frame != NO_INDEX && !pool[i].used;
		CU_ASSERT(unused < 64); /* So many were looked at. */
	}
	/* The one that is loaded. */
	CU_ASSERT_EQUAL(map_reclaim_table(CLASS_ANY), RC_NO_MEMORY);
	CU_ASSERT_EQUAL(map_table_count(), 1);
	CU_ASSERT_TRUE(all_ok());
}

const struct runner_test failure_tests[] = {
    RUNNER_TEST(serving_a_fault),
    RUNNER_TEST(first_write),
    RUNNER_TEST(making_and_fetching),
    RUNNER_TEST(F2_rmap_pool_recycles),
    RUNNER_TEST(F2_depend_pool_recycles),
    RUNNER_TEST(M2_at_least_those),
    RUNNER_TEST(tables_are_reclaimed),
    RUNNER_TEST(D3_reclaim_is_bounded),
    {NULL, NULL},
};
