/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The short way of the commonest fault: when it is taken, and each reason for
 * which it must not be.
 */
#include "testsuite/unit/kernel/mem/support.h"

#include "kernel/mem/cache.h"
#include "kernel/mem/table.h"

static struct frame *nodes, *page[3];
static struct space  space;

/* With the hint that leads to the page at once. */
static struct cap
hinted(const struct frame *p, unsigned rights)
{
	struct cap c = page_cap(p, rights);

	c.word |= (uint64_t)frame_index(p) << CAP_HINT_SHIFT;
	return c;
}

/* The first fault makes the tables, the second finds them: both at page 0. */
static void
warm(void)
{
	for (unsigned i = 0; i < 2; i++) {
		map_slot_changed(oid_make(nodes->number, 0), 0);
		CU_ASSERT_EQUAL(
		    space_access(&space, 0, ACCESS_READ).how, REACHED);
	}
	hits_seen = 0;
}

/* Pages 0 and 1 of a node of 17 bits. */
static void
setup(unsigned rights)
{
	fake_boot_reset();
	fake_start(4096);
	nodes = make_nodes(10);
	for (unsigned i = 0; i < 3; i++)
		page[i] = make_page(i + 1);
	*slot_of(nodes, 0, 0) = hinted(page[0], 0);
	*slot_of(nodes, 0, 1) = hinted(page[1], 0);
	space_make(&space, node_cap(nodes, 0, 17, rights));
	warm();
}

static bool
reaches(uint64_t v, enum fault_access a, const struct frame *p)
{
	struct reach r = space_access(&space, v, a);

	return r.how == REACHED && r.physical == frame_paddr(p).v;
}

static bool
faults(uint64_t v, enum fault_access a, enum fault_code code)
{
	struct reach r = space_access(&space, v, a);

	return r.how == FAULTED && r.fault.code == code;
}

/* Read, write and execute of a neighbour, and of what was there before. */
static void
hit_is_taken(void)
{
	setup(0);
	CU_ASSERT_TRUE(reaches(0x1000, ACCESS_READ, page[1]));
	CU_ASSERT_EQUAL(hits_seen, 1);
	map_slot_changed(oid_make(nodes->number, 0), 1);
	CU_ASSERT_TRUE(reaches(0x1000, ACCESS_WRITE, page[1]));
	CU_ASSERT_EQUAL(hits_seen, 2);
	setup(CR_READ_ONLY);
	CU_ASSERT_TRUE(reaches(0x1000, ACCESS_EXECUTE, page[1]));
	CU_ASSERT_EQUAL(hits_seen, 1);
	CU_ASSERT_TRUE(all_ok());
}

/* F2: what was entered so is found again when its slot or page changes. */
static void
F2_hit_is_noted(void)
{
	setup(0);
	CU_ASSERT_TRUE(reaches(0x1000, ACCESS_READ, page[1]));
	map_slot_changed(oid_make(nodes->number, 0), 1);
	*slot_of(nodes, 0, 1) = hinted(page[2], 0);
	CU_ASSERT_TRUE(reaches(0x1000, ACCESS_READ, page[2]));
	CU_ASSERT_EQUAL(hits_seen, 2);
	map_frame_revoke(page[2]);
	*slot_of(nodes, 0, 1) = (struct cap){.type = CK_VOID};
	CU_ASSERT_TRUE(faults(0x1000, ACCESS_READ, FAULT_UNMAPPED));
	CU_ASSERT_EQUAL(hits_seen, 2);
	CU_ASSERT_TRUE(all_ok());
}

/* Rights of node and page, on the way and at the end. */
static void
S15_hit_obeys_rights(void)
{
	setup(CR_READ_ONLY);
	CU_ASSERT_TRUE(faults(0x1000, ACCESS_WRITE, FAULT_ACCESS));
	setup(0);
	*slot_of(nodes, 0, 1) = hinted(page[1], CR_READ_ONLY);
	CU_ASSERT_TRUE(faults(0x1000, ACCESS_WRITE, FAULT_ACCESS));
	setup(0); /* W^X: it may be written, so it is not executed. */
	CU_ASSERT_TRUE(faults(0x1000, ACCESS_EXECUTE, FAULT_ACCESS));
	setup(CR_READ_ONLY | CR_NO_EXECUTE);
	CU_ASSERT_TRUE(faults(0x1000, ACCESS_EXECUTE, FAULT_ACCESS));
	setup(0);
	*slot_of(nodes, 0, 1) = hinted(page[1], CR_WEAK);
	CU_ASSERT_TRUE(faults(0x1000, ACCESS_WRITE, FAULT_ACCESS));
	CU_ASSERT_EQUAL(hits_seen, 0);
}

/* A capability of another count, kind or place is no page of this slot. */
static void
hit_needs_the_page(void)
{
	setup(0);
	slot_of(nodes, 0, 1)->count++;
	CU_ASSERT_TRUE(faults(0x1000, ACCESS_READ, FAULT_UNMAPPED));
	*slot_of(nodes, 0, 1) = node_cap(nodes, 1, 17, 0);
	CU_ASSERT_TRUE(faults(0x1000, ACCESS_READ, FAULT_MALFORMED));
	*slot_of(nodes, 0, 1) = cap_number_make(1, 1);
	CU_ASSERT_TRUE(faults(0x1000, ACCESS_READ, FAULT_MALFORMED));
	CU_ASSERT_TRUE(faults(0x20000, ACCESS_READ, FAULT_UNMAPPED));
	CU_ASSERT_TRUE(
	    faults(UINT64_C(0xffff800000000000), ACCESS_READ, FAULT_UNMAPPED));
	CU_ASSERT_EQUAL(hits_seen, 0);
}

/* Beyond a page in a larger slot there is nothing. */
static void
hit_beyond_page(void)
{
	setup(0);
	space_make(&space, node_cap(nodes, 0, 18, 0));
	warm();
	CU_ASSERT_TRUE(faults(0x1000, ACCESS_READ, FAULT_UNMAPPED));
	CU_ASSERT_EQUAL(hits_seen, 0);
	CU_ASSERT_TRUE(reaches(0x2000, ACCESS_READ, page[1]));
	CU_ASSERT_EQUAL(hits_seen, 1);
}

/* F4: after a snapshot the tables are made fresh first. */
static void
F4_hit_of_last_epoch(void)
{
	setup(0);
	mem.epoch++;
	map_snapshot();
	CU_ASSERT_FALSE(map_hit(space.state, 0x1000, ACCESS_READ, NULL));
	CU_ASSERT_TRUE(reaches(0x1000, ACCESS_WRITE, page[1]));
	CU_ASSERT_EQUAL(hits_seen, 0);
	CU_ASSERT_TRUE(all_ok());
}

/* F2: tables that were reclaimed, or lead elsewhere, are not written. */
static void
F2_hit_without_table(void)
{
	struct frame *top;

	setup(0);
	while (map_reclaim_table())
		;
	map_unload();
	while (map_reclaim_table())
		;
	CU_ASSERT_FALSE(map_hit(space.state, 0x1000, ACCESS_READ, NULL));
	setup(0);
	top = make_nodes(20);
	*slot_of(top, 0, 0) = node_cap(nodes, 0, 17, 0);
	space_make(&space, node_cap(top, 0, 22, 0));
	warm();
	map_slot_changed(oid_make(top->number, 0), 0);
	*slot_of(top, 0, 0) = (struct cap){.type = CK_VOID};
	CU_ASSERT_TRUE(faults(0x1000, ACCESS_READ, FAULT_UNMAPPED));
	CU_ASSERT_EQUAL(hits_seen, 0);
	CU_ASSERT_TRUE(all_ok());
}

/* Another space at the same address is another one. */
static void
hit_of_another_space(void)
{
	struct frame *others;

	setup(0);
	others = make_nodes(30);
	*slot_of(others, 0, 1) = hinted(page[2], 0);
	space_make(&space, node_cap(others, 0, 17, 0));
	CU_ASSERT_FALSE(map_hit(space.state, 0x1000, ACCESS_READ, NULL));
	CU_ASSERT_TRUE(reaches(0x1000, ACCESS_READ, page[2]));
}

/* D4: once told of, an empty slot and a read-only page are known; agree(). */
static void
D4_hit_knows_faults(void)
{
	struct frame *top;

	setup(CR_READ_ONLY);
	for (unsigned i = 0; i < 3; i++) {
		faults_seen = 0;
		CU_ASSERT_TRUE(faults(0x5000, ACCESS_READ, FAULT_UNMAPPED));
		CU_ASSERT_TRUE(faults(0x1000, ACCESS_WRITE, FAULT_ACCESS));
		CU_ASSERT_TRUE(faults(0x6000, ACCESS_WRITE, FAULT_UNMAPPED));
		CU_ASSERT_EQUAL(faults_seen, i == 0 ? 2 : 3);
	}
	/* Behind a guard that is not the root; beyond it that has no say. */
	setup(0);
	top = make_nodes(20);
	frame_nodes(top)->node[1].role = ROLE_GUARD;
	*slot_of(top, 1, 0) = node_cap(nodes, 0, 17, 0);
	*slot_of(top, 0, 0) = node_cap(top, 1, 17, CR_OPAQUE);
	slot_of(top, 0, 0)->type = CK_GUARD;
	space_make(&space, node_cap(top, 0, 27, 0));
	warm();
	faults_seen = 0;
	CU_ASSERT_TRUE(faults(0x5000, ACCESS_READ, FAULT_UNMAPPED));
	CU_ASSERT_EQUAL(faults_seen, 0);
	CU_ASSERT_TRUE(faults(0x7008, ACCESS_WRITE, FAULT_UNMAPPED));
	CU_ASSERT_EQUAL(faults_seen, 1);
	CU_ASSERT_TRUE(faults(0x20000, ACCESS_READ, FAULT_UNMAPPED));
	CU_ASSERT_EQUAL(faults_seen, 1);
	/* What is known of the way is forgotten when the way changes. */
	map_slot_changed(oid_make(top->number, 0), 0);
	slot_of(top, 0, 0)->rights = CR_NO_EXECUTE;
	CU_ASSERT_TRUE(faults(0x5000, ACCESS_READ, FAULT_UNMAPPED));
	CU_ASSERT_EQUAL(faults_seen, 1);
	/* A guard at the root: others may hold it with other rights. */
	space_make(&space, *slot_of(top, 0, 0));
	warm();
	CU_ASSERT_TRUE(faults(0x5000, ACCESS_READ, FAULT_UNMAPPED));
	CU_ASSERT_TRUE(faults(0x5000, ACCESS_READ, FAULT_UNMAPPED));
	CU_ASSERT_EQUAL(faults_seen, 1);
	CU_ASSERT_TRUE(all_ok());
}

const struct runner_test hit_tests[] = {
    RUNNER_TEST(D4_hit_knows_faults),
    RUNNER_TEST(hit_is_taken),
    RUNNER_TEST(F2_hit_is_noted),
    RUNNER_TEST(S15_hit_obeys_rights),
    RUNNER_TEST(hit_needs_the_page),
    RUNNER_TEST(hit_beyond_page),
    RUNNER_TEST(F4_hit_of_last_epoch),
    RUNNER_TEST(F2_hit_without_table),
    RUNNER_TEST(hit_of_another_space),
    {NULL, NULL},
};
