/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * D3: what is mapped at very many places is cleaned, evicted and killed in
 * bounded time, and what is done in pieces leaves the invariants in between.
 */
#include "testsuite/unit/kernel/mem/support.h"

#include "kernel/mem/cache.h"
#include "kernel/mem/epoch.h"
#include "kernel/mem/pager.h"
#include "kernel/mem/table.h"
#include "kernel/mem/window.h"
#include "kernel/sched/clock.h"

enum {
	PAGES = 16384,
	MANY = 1024, /* Places: 32 nodes' of 32 slots. */
	MOST = 64,   /* Of a persistent page; of a piece. */
	ENOUGH = 10000, /* Of what mem_work counts. */
};

static struct frame *nodes; /* 0: of the others; 1: of pages. */
static struct space  space;
static unsigned      entries, writable;
static uint64_t      no_alarms[8];

static void
count_entry(struct table *t, unsigned i)
{
	entries++;
	writable += (table_entries(t)[i] & PTE_WRITE) != 0;
}

static unsigned
mappings(const struct frame *p)
{
	entries = writable = 0;
	rmap_each(p, count_entry);
	return entries;
}

static void
start(void)
{
	fake_boot_reset();
	fake_start(PAGES);
	store_start(4000);
	alarm_init(no_alarms, 0);
	nodes = make_nodes(10);
}

/* A space of MANY pages, each of which is this capability. */
static void
everywhere(struct cap c)
{
	for (unsigned i = 0; i < NODE_SLOTS; i++) {
		*slot_of(nodes, 1, i) = c;
		*slot_of(nodes, 0, i) = node_cap(nodes, 1, 17, 0);
	}
	space_make(&space, node_cap(nodes, 0, 22, 0));
}

static uint64_t
place(unsigned i)
{
	return (uint64_t)i << PAGE_SHIFT;
}

/* Touch n places; all lead there. */
static void
touch(unsigned n, enum fault_access a, const struct frame *p)
{
	bool good = true;

	for (unsigned i = 0; i < n; i++) {
		struct reach r = space_access(&space, place(i), a);

		good &= r.how == REACHED && r.physical == frame_paddr(p).v;
	}
	CU_ASSERT_TRUE(good);
}

static struct frame *
dirty_page(uint64_t position)
{
	struct frame *f = write_page(position);

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	memset(frame_data(f), 1, PAGE_SIZE);
	return f;
}

/* No record. */
static void
snapshot(void)
{
	uint64_t epoch;

	next_entry();
	CU_ASSERT_EQUAL(epoch_snapshot(NULL, 0, 1, &epoch), RC_OK);
}

/* As many places as may be touched, 64 of them are mapped; the newest. */
static void
D3_places_of_persistent_page(void)
{
	struct frame *p;

	start();
	p = dirty_page(7);
	everywhere(page_cap(p, 0));
	touch(MOST, ACCESS_WRITE, p);
	CU_ASSERT_EQUAL(mappings(p), MOST);
	touch(MANY, ACCESS_WRITE, p);
	CU_ASSERT_EQUAL(mappings(p), MOST);
	CU_ASSERT_EQUAL(writable, MOST);
	CU_ASSERT_EQUAL(
	    space_access(&space, place(MANY - 1), ACCESS_WRITE).served, 0);
	CU_ASSERT_EQUAL(space_access(&space, place(9), ACCESS_WRITE).served, 1);
	CU_ASSERT_TRUE(all_ok());
}

/* It is cleaned: nobody can write to it from then on but to another frame. */
static void
D3_cleaning_a_page_of_many_places(void)
{
	struct frame *p;
	struct reach  r;

	start();
	p = dirty_page(7);
	everywhere(page_cap(p, 0));
	touch(MANY, ACCESS_WRITE, p);
	snapshot();
	clean_frozen();
	CU_ASSERT_TRUE(p->flags & FF_IO_OUT);
	CU_ASSERT(mem_work < ENOUGH);
	(void)mappings(p);
	CU_ASSERT_EQUAL(writable, 0);
	CU_ASSERT_TRUE(all_ok());
	touch(MOST, ACCESS_READ, p);
	mem_work = 0;
	r = space_access(&space, place(1), ACCESS_WRITE); /* It moves. */
	CU_ASSERT(mem_work < ENOUGH);
	CU_ASSERT_EQUAL(r.how, REACHED);
	CU_ASSERT_NOT_EQUAL(r.physical, frame_paddr(p).v);
	CU_ASSERT_EQUAL(p->use, USE_FROZEN);
	CU_ASSERT_TRUE(all_ok());
}

/* Pages of zeros take longest: few at a time, but in the end all. */
static void
D3_cleaning_ends_soon(void)
{
	enum { ZEROS = 300 };
	unsigned rounds = 0;

	start();
	for (unsigned i = 0; i < ZEROS; i++)
		memset(frame_data(dirty_page(i)), 0, PAGE_SIZE);
	snapshot();
	for (; epoch_freezing() && rounds < ZEROS; rounds++) {
		const uint32_t before = pager_cleaning();

		next_entry();
		mem_work = 0;
		clean_frozen();
		CU_ASSERT(mem_work < ENOUGH);
		CU_ASSERT(pager_cleaning() < before + 16);
		CU_ASSERT_TRUE(store_run() || !epoch_freezing());
	}
	CU_ASSERT_EQUAL(epoch_frozen()->count, 0);
	CU_ASSERT_EQUAL(store.barriers, 1);
	CU_ASSERT(rounds > 10);
	CU_ASSERT_TRUE(all_ok());
}

/* Sixteen pages, each at 64 places: they go one by one. */
static void
D3_evicting_ends_soon(void)
{
	enum { MAPPED = 16 };
	struct frame *p[MAPPED];

	start();
	for (unsigned i = 0; i < MAPPED; i++) {
		p[i] = dirty_page(i);
		nodes = make_nodes(20 + i);
		everywhere(page_cap(p[i], CR_READ_ONLY));
		touch(MANY, ACCESS_READ, p[i]);
		CU_ASSERT_EQUAL(mappings(p[i]), MOST);
	}
	snapshot();
	for (int i = 0; i < 100 && epoch_freezing(); i++) {
		next_entry();
		pager_poll();
		(void)store_run();
	}
	CU_ASSERT_FALSE(epoch_freezing());
	while (age_count() > 0) {
		const uint32_t before = age_count();

		next_entry();
		CU_ASSERT_TRUE_FATAL(age_evict(CLASS_ANY));
		CU_ASSERT(mem_work < 2 * ENOUGH);
		CU_ASSERT(before - age_count() <= 2);
		CU_ASSERT_TRUE(all_ok());
	}
	for (unsigned i = 0; i < MAPPED; i++)
		CU_ASSERT_PTR_NULL(
		    frame_find(frame_of(SOURCE_PERSISTENT, i)));
	CU_ASSERT_EQUAL(space_access(&space, 0, ACCESS_READ).how, WAITED);
}

/* The parts of 4 GiB, each of which is the same segment of 4 MiB. */
static unsigned
reach_all(unsigned n, enum reached how)
{
	unsigned good = 0;

	for (uint64_t i = 0; i < n; i++)
		good += space_access(&space, i << 21, ACCESS_READ).how == how;
	return good;
}

/* A page under tables that stand in very many others; so many parts are mapped. */
static struct frame *
share_below_many(unsigned parts)
{
	struct frame *p, *above;

	start();
	p = make_page(1);
	everywhere(page_cap(p, 0));
	above = make_nodes(20);
	for (unsigned i = 0; i < NODE_SLOTS; i++) {
		*slot_of(above, 0, i) = node_cap(nodes, 0, 22, 0);
		*slot_of(above, 1, i) = node_cap(above, 0, 27, 0);
	}
	space_make(&space, node_cap(above, 1, 32, 0));
	CU_ASSERT_EQUAL(reach_all(parts, REACHED), parts);
	return p;
}

/* A segment that stands at 1,024 places dies: so do the entries onto its tables. */
static void
D3_shared_tables_go_in_pieces(void)
{
	enum { PARTS = 2048 };
	struct frame *p;
	unsigned      pieces = 0;
	uint32_t      tables;

	p = share_below_many(PARTS);
	CU_ASSERT_EQUAL(mappings(p), 2);
	tables = map_table_count();
	for (bool done = false; !done && pieces < PARTS; pieces++) {
		next_entry();
		mem_work = 0;
		done = map_number_thin(nodes->number);
		CU_ASSERT(mem_work < ENOUGH);
		CU_ASSERT_TRUE(pieces % 16 != 0 || all_ok());
	}
	CU_ASSERT(pieces >= PARTS / MOST);
	CU_ASSERT(pieces < PARTS / 8);
	CU_ASSERT_EQUAL(map_table_count(), tables - 2);
	CU_ASSERT_EQUAL(reach_all(2, REACHED), 2); /* It is alive. */
	object_rescind_node(nodes, 0);
	CU_ASSERT_EQUAL(reach_all(PARTS, FAULTED), PARTS);
	CU_ASSERT_TRUE(all_ok());
}

static uint64_t
places_of_device(void)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < 2 * MANY; i++)
		n += !fake_touch(place(i), ACCESS_READ).fault;
	return n;
}

/* Nothing is left in the end, and in each piece 64 go. */
static void
D3_device_goes_in_pieces(void)
{
	uint64_t   before = MANY;
	bool       done = false;
	struct cap c = cap_make(
	    CK_MMIO, 0, 16 - 1, 0, oid_make(frame_of(SOURCE_PHYSICAL, 3), 0));

	start();
	mmio_alive = true;
	for (unsigned i = 0; i < NODE_SLOTS; i++) /* 16 pages in 32. */
		*slot_of(nodes, 0, i) = *slot_of(nodes, 1, i) = c;
	for (unsigned i = 0; i < 2; i++)
		*slot_of(nodes, 2, i) = node_cap(nodes, i, 22, 0);
	space_make(&space, node_cap(nodes, 2, 27, 0));
	for (unsigned i = 0; i < 2 * MANY; i++)
		(void)space_access(&space, place(i), ACCESS_WRITE);
	CU_ASSERT_EQUAL(places_of_device(), MANY);
	while (!done) {
		unsigned left = MAP_PIECE;

		next_entry();
		done = map_device_thin(3, &left);
		CU_ASSERT_EQUAL_FATAL(
		    places_of_device(), done ? 0 : before - MAP_PIECE);
		before -= MAP_PIECE;
		CU_ASSERT_TRUE(all_ok());
	}
}

/* The same of one page of a window; the page beside it stays. */
static void
D3_window_goes_in_pieces(void)
{
	struct frame *p, *q;
	struct cap    c;
	unsigned      left, pieces = 1;
	uint32_t      window;

	start();
	p = make_page(1);
	q = make_page(2);
	CU_ASSERT_EQUAL(window_make(2, &c), RC_OK);
	CU_ASSERT_EQUAL(window_find(&c, &window), RC_OK);
	CU_ASSERT_EQUAL(window_put(window, 0, p, false), RC_OK);
	CU_ASSERT_EQUAL(window_put(window, 1, q, false), RC_OK);
	for (unsigned i = 0; i < NODE_SLOTS; i++)
		*slot_of(nodes, 0, i) = c;
	space_make(&space, node_cap(nodes, 0, 22, 0));
	for (unsigned i = 0; i < MANY; i++)
		(void)space_access(&space, place(i), ACCESS_READ);
	CU_ASSERT_EQUAL(places_of_device(), 2 * NODE_SLOTS);
	left = 16;
	while (!map_device_thin_page(WINDOW_OBJECTS + window, 0, &left)) {
		map_flush();
		CU_ASSERT_TRUE(all_ok());
		left = 16;
		pieces++;
	}
	map_flush();
	CU_ASSERT_EQUAL(places_of_device(), NODE_SLOTS);
	window_take(window, 0);
	CU_ASSERT_EQUAL(space_access(&space, 0, ACCESS_READ).how, FAULTED);
	CU_ASSERT_EQUAL(pieces, 2);
	CU_ASSERT_TRUE(all_ok());
}

/* --- Tables that are reclaimed ---------------------------------------------- */

static unsigned
entries_of_tables(void)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < table_slots(); i++)
		n += mem.table[i].frame != NO_INDEX ? mem.table[i].npresent : 0;
	return n;
}

/* Those with more entries than a piece takes. */
static unsigned
full_tables(void)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < table_slots(); i++)
		n += mem.table[i].frame != NO_INDEX &&
		    mem.table[i].npresent > MOST;
	return n;
}

/* One piece: it is not too large, and nothing is left undone in between. */
static enum status
reclaim_piece(enum frame_class class)
{
	const unsigned before = entries_of_tables();
	enum status    st;

	next_entry();
	mem_work = 0;
	st = map_reclaim_table(class);
	CU_ASSERT(mem_work < ENOUGH);
	CU_ASSERT(before - entries_of_tables() <= MOST);
	CU_ASSERT_TRUE(all_ok());
	return st;
}

/* Two full tables; in between the space is used, also where it was mapped. */
static void
D3_full_tables_are_reclaimed_in_pieces(void)
{
	struct frame *p;
	unsigned      pieces = 0;

	start();
	p = make_page(1);
	everywhere(page_cap(p, 0));
	touch(MANY, ACCESS_WRITE, p);
	map_unload();
	CU_ASSERT_EQUAL(full_tables(), 2);
	clock_arm(UINT64_MAX);
	for (; full_tables() > 0 && pieces < MANY; pieces++) {
		const bool waits = reclaim_piece(CLASS_ANY) == ST_WAIT;

		CU_ASSERT_EQUAL(fake.deadline <= fake.now, waits);
		fake.wakes[WAIT_MEMORY] = 0;
		frame_again();
		CU_ASSERT_EQUAL(fake.wakes[WAIT_MEMORY], waits);
		clock_arm(UINT64_MAX);
		CU_ASSERT_EQUAL(fake.deadline, UINT64_MAX);
		for (unsigned i = 0; i < MANY && waits; i += 37)
			CU_ASSERT_EQUAL(
			    space_access(&space, place(i), ACCESS_WRITE).physical,
			    frame_paddr(p).v);
		map_unload();
	}
	CU_ASSERT(pieces >= MANY / MOST - 2);
	CU_ASSERT(pieces < 3 * MANY / MOST);
}

/* Two that stand in 2,048 others' entries. */
static void
D3_shared_tables_are_reclaimed_in_pieces(void)
{
	enum { PARTS = 2048 };
	unsigned      pieces = 0;
	enum status   st;

	(void)share_below_many(PARTS);
	map_unload();
	do {
		st = reclaim_piece(CLASS_ANY);
		frame_again();
		pieces++;
	} while (st != RC_NO_MEMORY && pieces < PARTS);
	CU_ASSERT_EQUAL(st, RC_NO_MEMORY);
	CU_ASSERT_EQUAL(map_table_count(), 0);
	CU_ASSERT(pieces >= PARTS / MOST);
	CU_ASSERT(pieces < PARTS / 8);
	CU_ASSERT_EQUAL(reach_all(PARTS, REACHED), PARTS);
}

/* Whoever needs a frame waits between the pieces; a resident process does not. */
static void
D3_memory_of_full_tables(void)
{
	enum { TABLES = TABLE_TOP + 1 };
	struct frame *p, *f;
	unsigned      pieces = 0, frames = 0;

	start();
	p = make_page(1);
	everywhere(page_cap(p, 0));
	touch(MANY, ACCESS_WRITE, p);
	map_unload();
	while (frame_take(CLASS_ANY, USE_KERNEL, 24) != NULL)
		;
	while (full_tables() > 1 && pieces < MANY) {
		next_entry();
		mem_work = 0;
		if (frame_alloc_raw(CLASS_ANY, USE_TABLE, &f) == ST_WAIT)
			pieces++;
		else
			frames++;
		CU_ASSERT(mem_work < ENOUGH);
		frame_again();
	}
	CU_ASSERT(pieces >= MANY / 2 / MOST - 1);
	CU_ASSERT(pieces < MANY / MOST);
	fake.resident = true;
	for (; full_tables() > 0 && frames <= TABLES; frames++) {
		next_entry();
		CU_ASSERT_EQUAL(
		    frame_alloc_raw(CLASS_ANY, USE_TABLE, &f), RC_OK);
	}
	CU_ASSERT(frames <= TABLES);
	CU_ASSERT_EQUAL(full_tables(), 0);
	CU_ASSERT_TRUE(all_ok());
	fake.resident = false;
}

/* A space of one page. */
static void
make_space(struct space *s, unsigned i, const struct frame *p)
{
	struct frame *n = make_nodes(30 + i);

	*slot_of(n, 0, 0) = page_cap(p, 0);
	space_make(s, node_cap(n, 0, 17, 0));
}

/* One more, and its tables. */
static void
one_more(struct space *s, unsigned i, const struct frame *p)
{
	make_space(s, i, p);
	CU_ASSERT_EQUAL(space_access(s, 0, ACCESS_READ).how, REACHED);
}

/* D15: a table whose frame would not serve stays, and is no obstacle. */
static void
D15_table_that_serves_is_reclaimed(void)
{
	enum { FEW = 100 };
	static struct space s[FEW + 1];
	struct frame       *p, *f;
	uint32_t            high;

	start();
	p = make_page(1);
	for (unsigned i = 0; i < FEW; i++)
		one_more(&s[i], i, p);
	high = map_table_count();
	do { /* The last ones' frames are below 16 MiB. */
		f = frame_take(CLASS_ANY, USE_KERNEL, 0);
	} while (f->class != CLASS_16M);
	one_more(&s[FEW], FEW, p);
	map_unload();
	CU_ASSERT_EQUAL(map_table_count(), high + TABLE_TOP);
	while (frame_take(CLASS_ANY, USE_KERNEL, 0) != NULL)
		;
	frame_use_reserve(true); /* It need not leave any. */
	for (unsigned i = 1; i <= TABLE_TOP; i++) {
		next_entry();
		CU_ASSERT_EQUAL(
		    frame_alloc_raw(CLASS_16M, USE_TABLE, &f), RC_OK);
		CU_ASSERT_EQUAL(f->class, CLASS_16M);
		CU_ASSERT_EQUAL(map_table_count(), high + TABLE_TOP - i);
	}
	CU_ASSERT_EQUAL(
	    frame_alloc_raw(CLASS_16M, USE_TABLE, &f), RC_NO_MEMORY);
	CU_ASSERT_EQUAL(map_table_count(), high);
	CU_ASSERT_EQUAL(frame_alloc_raw(CLASS_4G, USE_TABLE, &f), RC_OK);
	CU_ASSERT_EQUAL(f->class, CLASS_4G);
	frame_use_reserve(false);
}

/*
 * D3: however few frames of the least precious class tables have, all tables take
 * turns; else what two processes need in turn would be made anew for ever.
 */
static void
D3_tables_of_all_classes_take_turns(void)
{
	enum { FEW = 5, MOST_SPACES = 1000, PAIR = 2, ROUNDS = 4 };
	static struct space s[MOST_SPACES];
	struct frame       *p, *f, *kept[FEW];
	unsigned            n, spaces, served = 0;

	start();
	p = make_page(1);
	spaces = table_slots() / TABLE_TOP + PAIR;
	CU_ASSERT_FATAL(spaces <= MOST_SPACES);
	for (unsigned i = 0; i < spaces; i++)
		make_space(&s[i], i, p);
	/* But for a few, all frames that are left are below 16 MiB. */
	for (n = 0; (f = frame_take(CLASS_ANY, USE_KERNEL, 0))->class !=
	     CLASS_16M; n++)
		kept[n % FEW] = f;
	CU_ASSERT_FATAL(n >= FEW);
	for (unsigned i = 0; i < FEW; i++)
		frame_free(kept[i]);
	for (unsigned i = 0; i < spaces; i++)
		CU_ASSERT_EQUAL(
		    space_access(&s[i], 0, ACCESS_READ).how, REACHED);
	CU_ASSERT_EQUAL(map_table_count(), table_slots());
	for (unsigned i = 0; i < ROUNDS * PAIR; i++)
		served += space_access(
		    &s[spaces - 1 - i % PAIR], 0, ACCESS_READ).served;
	CU_ASSERT_EQUAL(served, 0);
	map_unload();
	CU_ASSERT_TRUE(all_ok());
}

const struct runner_test many_tests[] = {
    RUNNER_TEST(D3_places_of_persistent_page),
    RUNNER_TEST(D3_cleaning_a_page_of_many_places),
    RUNNER_TEST(D3_cleaning_ends_soon),
    RUNNER_TEST(D3_evicting_ends_soon),
    RUNNER_TEST(D3_shared_tables_go_in_pieces),
    RUNNER_TEST(D3_device_goes_in_pieces),
    RUNNER_TEST(D3_window_goes_in_pieces),
    RUNNER_TEST(D3_full_tables_are_reclaimed_in_pieces),
    RUNNER_TEST(D3_shared_tables_are_reclaimed_in_pieces),
    RUNNER_TEST(D3_memory_of_full_tables),
    RUNNER_TEST(D15_table_that_serves_is_reclaimed),
    RUNNER_TEST(D3_tables_of_all_classes_take_turns),
    {NULL, NULL},
};
