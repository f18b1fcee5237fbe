/* SPDX-License-Identifier: BSD-2-Clause */
/* F10: no stale translation is ever used. */
#include "testsuite/unit/kernel/mem/support.h"

#include "kernel/mem/lend.h"
#include "kernel/mem/table.h"

/*
 * How many of these situations leave a stale translation in use: with the
 * kernel as it is, none. main_seeded.c runs this with flush_seeded.c, where
 * the stamp is forgotten (the other PCIDs are not flushed), and must see some.
 */
unsigned F10_stale(void);

static struct frame *n, *p;
static struct space  a, b;

static void
setup(bool no_pcid)
{
	fake_boot_reset();
	fake.no_pcid = no_pcid;
	fake_start(4096);
	n = make_nodes(10);
	p = make_page(1);
	/* Two spaces that share the tables of one segment. */
	*slot_of(n, 0, 0) = node_cap(n, 2, 22, 0);
	*slot_of(n, 1, 0) = node_cap(n, 2, 22, 0);
	*slot_of(n, 2, 0) = node_cap(n, 3, 17, 0);
	*slot_of(n, 3, 1) = page_cap(p, 0);
	space_make(&a, node_cap(n, 0, 27, 0));
	space_make(&b, node_cap(n, 1, 27, 0));
	space_access(&a, 0x1000, ACCESS_WRITE);
	space_access(&b, 0x1000, ACCESS_WRITE);
}

static unsigned
stale(struct space *s, enum fault_access access)
{
	struct reach r;

	next_entry();
	if (map_load(&s->map) != RC_OK)
		return 100;
	(void)r;
	return !fake_touch(0x1000, access).fault;
}

/* b is loaded; a's PCID has the translation too. */
static unsigned
rescinded_page(void)
{
	object_rescind_page(p);
	return stale(&b, ACCESS_READ) + stale(&a, ACCESS_READ);
}

static unsigned
changed_slot(void)
{
	map_slot_changed(oid_make(n->number, 3), 1);
	return stale(&b, ACCESS_READ) + stale(&a, ACCESS_READ);
}

static unsigned
changed_upper_slot(void)
{
	map_slot_changed(oid_make(n->number, 2), 0);
	return stale(&b, ACCESS_READ) + stale(&a, ACCESS_READ);
}

static unsigned
protected_frame(void)
{
	map_frame_protect(p);
	return stale(&b, ACCESS_WRITE) + stale(&a, ACCESS_WRITE);
}

static unsigned
snapshot(void)
{
	mem.epoch++;
	map_snapshot();
	return stale(&b, ACCESS_WRITE) + stale(&a, ACCESS_WRITE);
}

static unsigned
reclaimed_table(void)
{
	while (map_reclaim_table(CLASS_ANY) != RC_NO_MEMORY)
		;
	return stale(&a, ACCESS_READ) + stale(&b, ACCESS_READ);
}

static unsigned
revoked_while_unloaded(void)
{
	map_unload();
	map_frame_revoke(p);
	return stale(&b, ACCESS_READ) + stale(&a, ACCESS_READ);
}

unsigned
F10_stale(void)
{
	unsigned (*const situation[])(void) = {rescinded_page, changed_slot,
	    changed_upper_slot, protected_frame, snapshot, reclaimed_table,
	    revoked_while_unloaded};
	unsigned stales = 0;

	for (unsigned no_pcid = 0; no_pcid < 2; no_pcid++) {
		for (unsigned i = 0;
		     i < sizeof(situation) / sizeof(situation[0]); i++) {
			setup(no_pcid);
			stales += situation[i]();
		}
	}
	fake.no_pcid = false;
	return stales;
}

static void
F10_no_stale_translation(void)
{
	CU_ASSERT_EQUAL(F10_stale(), 0);
}

/* Switching between spaces flushes nothing as long as nothing is weakened. */
static void
F10_no_needless_flush(void)
{
	unsigned flushes;

	setup(false);
	stale(&a, ACCESS_READ);
	stale(&b, ACCESS_READ);
	flushes = fake.top_flushes + fake.tlb_alls;
	for (int i = 0; i < 10; i++) {
		CU_ASSERT_EQUAL(stale(&a, ACCESS_WRITE), 1);
		CU_ASSERT_EQUAL(stale(&b, ACCESS_WRITE), 1);
	}
	CU_ASSERT_EQUAL(fake.top_flushes + fake.tlb_alls, flushes);
}

/* A table slot that is used anew does not inherit its PCID's translations. */
static void
F10_recycled_pcid(void)
{
	struct frame *q;
	struct space  c;

	setup(false);
	q = make_page(2);
	object_rescind_node(n, 0);
	object_rescind_node(n, 1);
	space_make(&c, page_cap(q, 0));
	CU_ASSERT_EQUAL(space_access(&c, 0x1000, ACCESS_READ).how, FAULTED);
	CU_ASSERT_EQUAL(
	    space_access(&c, 0, ACCESS_READ).physical, frame_paddr(q).v);
}

/*
 * What a loan put into the tag of the kernel's own top table is gone when that
 * table is loaded, at once or after others: a process whose space slot is void
 * runs with it.
 */
static void
F10_nothing_left_of_a_loan(void)
{
	for (unsigned other = 0; other < 2; other++) {
		struct lent l = {.address = 0x2000, .write = true};

		setup(false);
		l.page = make_page(2);
		CU_ASSERT_EQUAL(stale(&a, ACCESS_READ), 1);
		CU_ASSERT_EQUAL_FATAL(map_lend(&l, 1), RC_OK);
		CU_ASSERT_FALSE(fake_touch(0x1000, ACCESS_WRITE).fault);
		CU_ASSERT_FALSE(fake_touch(0x2000, ACCESS_WRITE).fault);
		next_entry();
		if (other)
			CU_ASSERT_EQUAL(stale(&b, ACCESS_READ), 1);
		map_unload();
		CU_ASSERT_TRUE(fake_touch(0x1000, ACCESS_READ).fault);
		CU_ASSERT_TRUE(fake_touch(0x2000, ACCESS_READ).fault);
	}
}

/* M7: only tables with writable entries are gone through, and once. */
static void
M7_freshening(void)
{
	setup(false);
	mem.epoch++;
	map_snapshot();
	CU_ASSERT_EQUAL(space_access(&a, 0x1000, ACCESS_READ).served, 0);
	CU_ASSERT_EQUAL(space_access(&a, 0x1000, ACCESS_WRITE).served, 1);
	CU_ASSERT_EQUAL(space_access(&b, 0x1000, ACCESS_READ).served, 0);
	/* The shared level 1 table is fresh: only b's own get W again. */
	CU_ASSERT_EQUAL(space_access(&b, 0x1000, ACCESS_WRITE).served, 1);
	CU_ASSERT_EQUAL(space_access(&a, 0x1000, ACCESS_WRITE).served, 0);
	CU_ASSERT_TRUE(map_ok());
}

/* F10: one whose PCID is stale is flushed as it is switched to. */
static void
F10_switch_flushes(void)
{
	for (unsigned pcid = 0; pcid < 2; pcid++) {
		uint64_t epoch;

		setup(pcid == 0);
		object_rescind_page(p); /* b is loaded. */
		CU_ASSERT_EQUAL(
		    map_top(map_remembered(a.map.state)), TOP_UNKNOWN);
		CU_ASSERT_EQUAL(
		    map_top_flush(map_remembered(a.map.state)), TOP_SAME);
		CU_ASSERT_TRUE(fake_touch(0x1000, ACCESS_READ).fault);
		CU_ASSERT_EQUAL(map_top(map_remembered(a.map.state)), TOP_SAME);
		/* Not after a snapshot: its entries are of another epoch. */
		CU_ASSERT_NOT_EQUAL(
		    map_top(map_remembered(b.map.state)), TOP_UNKNOWN);
		epoch = mem.epoch++;
		map_snapshot();
		CU_ASSERT_EQUAL(mem.epoch, epoch + 1);
		CU_ASSERT_EQUAL(
		    map_top_flush(map_remembered(a.map.state)), TOP_UNKNOWN);
	}
}

const struct runner_test flush_tests[] = {
    RUNNER_TEST(F10_switch_flushes),
    RUNNER_TEST(F10_no_stale_translation),
    RUNNER_TEST(F10_no_needless_flush),
    RUNNER_TEST(F10_recycled_pcid),
    RUNNER_TEST(F10_nothing_left_of_a_loan),
    RUNNER_TEST(M7_freshening),
    {NULL, NULL},
};
