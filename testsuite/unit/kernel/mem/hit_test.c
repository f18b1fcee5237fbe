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
	while (map_reclaim_table(CLASS_ANY) != RC_NO_MEMORY)
		;
	map_unload();
	while (map_reclaim_table(CLASS_ANY) != RC_NO_MEMORY)
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

/*
 * The node with the pages in slot 1 of one that the tables are made of, and a
 * fault in its page 0, so that the next is a hit; with these rights.
 */
static struct frame *above;

static void
nested(unsigned rights)
{
	setup(0);
	above = make_nodes(20);
	*slot_of(above, 0, 1) = node_cap(nodes, 0, 17, rights);
	space_make(&space, node_cap(above, 0, 22, 0));
	for (unsigned i = 0; i < 2; i++) {
		map_slot_changed(oid_make(nodes->number, 0), 0);
		CU_ASSERT_TRUE(reaches(0x20000, ACCESS_READ, page[0]));
	}
	hits_seen = 0;
}

/* The pages of a node below that which the table is made of. */
static void
hit_is_taken_below(void)
{
	nested(0);
	CU_ASSERT_TRUE(reaches(0x21000, ACCESS_WRITE, page[1]));
	CU_ASSERT_EQUAL(hits_seen, 1);
	map_slot_changed(oid_make(nodes->number, 0), 1);
	*slot_of(nodes, 0, 1) = hinted(page[2], 0);
	CU_ASSERT_TRUE(reaches(0x21000, ACCESS_READ, page[2]));
	CU_ASSERT_EQUAL(hits_seen, 2);
	/* Beside it there is nothing, on either side. */
	CU_ASSERT_TRUE(faults(0x1000, ACCESS_READ, FAULT_UNMAPPED));
	CU_ASSERT_TRUE(faults(0x41000, ACCESS_READ, FAULT_UNMAPPED));
	CU_ASSERT_EQUAL(hits_seen, 2);
	CU_ASSERT_TRUE(all_ok());
}

/* M1: a page whose hint leads nowhere is found, and the hint put right. */
static void
M1_hit_of_old_hint(void)
{
	nested(0);
	*slot_of(nodes, 0, 1) = page_cap(page[1], 0);
	slot_of(nodes, 0, 1)->word |= (uint64_t)frame_index(page[2])
	    << CAP_HINT_SHIFT;
	CU_ASSERT_TRUE(reaches(0x21000, ACCESS_READ, page[1]));
	CU_ASSERT_EQUAL(hits_seen, 1);
	CU_ASSERT_EQUAL(
	    cap_hint(slot_of(nodes, 0, 1)), frame_index(page[1]));
}

/* S15: what the way to it takes away. */
static void
S15_hit_obeys_rights_below(void)
{
	nested(CR_READ_ONLY);
	CU_ASSERT_TRUE(faults(0x21000, ACCESS_WRITE, FAULT_ACCESS));
	CU_ASSERT_TRUE(reaches(0x21000, ACCESS_EXECUTE, page[1]));
	CU_ASSERT_EQUAL(hits_seen, 1);
	nested(CR_READ_ONLY | CR_NO_EXECUTE);
	CU_ASSERT_TRUE(faults(0x21000, ACCESS_EXECUTE, FAULT_ACCESS));
	nested(CR_WEAK);
	CU_ASSERT_TRUE(faults(0x21000, ACCESS_WRITE, FAULT_ACCESS));
	CU_ASSERT_EQUAL(hits_seen, 0);
}

/* F2: another node in its place, or none; or it dies and is another. */
static void
F2_hit_of_another_below(void)
{
	struct frame *others;

	nested(0);
	others = make_nodes(30);
	*slot_of(others, 0, 1) = hinted(page[2], 0);
	map_slot_changed(oid_make(above->number, 0), 1);
	*slot_of(above, 0, 1) = node_cap(others, 0, 17, 0);
	CU_ASSERT_TRUE(reaches(0x21000, ACCESS_READ, page[2]));
	CU_ASSERT_EQUAL(hits_seen, 0);
	nested(0);
	map_slot_changed(oid_make(above->number, 0), 1);
	*slot_of(above, 0, 1) = (struct cap){.type = CK_VOID};
	CU_ASSERT_TRUE(faults(0x21000, ACCESS_READ, FAULT_UNMAPPED));
	nested(0);
	object_rescind_node(nodes, 0);
	*slot_of(nodes, 0, 1) = hinted(page[1], 0);
	CU_ASSERT_FALSE(
	    map_hit(space.state, 0x21000, ACCESS_READ, NULL));
	CU_ASSERT_TRUE(faults(0x21000, ACCESS_READ, FAULT_UNMAPPED));
	CU_ASSERT_EQUAL(hits_seen, 0);
	CU_ASSERT_TRUE(all_ok());
}

/*
 * A string is looked for page by page: each as if it were looked for alone, also
 * where a page is missing, read-only or the first of another node, and below a
 * guard, whose keeper is told the offset (S12, D4).
 */
static void
S12_next_page_is_the_same(void)
{
	static const enum fault_access access[] = {ACCESS_READ, ACCESS_WRITE};
	struct map_fault               alone, next;
	struct frame                  *f, *g, *guarded;

	nested(0);
	guarded = make_nodes(40);
	*slot_of(guarded, 0, 0) = node_cap(above, 0, 22, 0);
	space_make(&space, guard_cap(guarded, 0, 22, 0));
	*slot_of(above, 0, 0) = node_cap(nodes, 0, 17, 0);
	*slot_of(nodes, 0, 3) = page_cap(page[2], CR_READ_ONLY);
	*slot_of(nodes, 0, 31) = page_cap(page[2], 0);
	for (unsigned a = 0; a < 2; a++) {
		for (uint64_t v = 0; v < 0x43000; v += PAGE_SIZE) {
			const enum status st = map_page(
			    &space.map, v, access[a], &f, &alone);

			CU_ASSERT_NOT_EQUAL(map_page(&space.map,
						v < PAGE_SIZE ? v
							      : v - PAGE_SIZE,
						access[a], &g, &next),
			    ST_WAIT);
			CU_ASSERT_EQUAL(map_page_next(&space.map, v, access[a],
					    &g, &next),
			    st);
			if (st == RC_OK)
				CU_ASSERT_PTR_EQUAL(f, g);
			if (st != ST_FAULT)
				continue;
			CU_ASSERT_EQUAL(alone.code, next.code);
			CU_ASSERT_EQUAL(alone.guarded, next.guarded);
			CU_ASSERT_EQUAL(alone.offset, next.offset);
			CU_ASSERT_EQUAL(alone.rights, next.rights);
		}
	}
}

/* Entries of all spaces onto a page. */
static unsigned entries;

static void
count_entry(struct table *t, unsigned i)
{
	(void)t;
	(void)i;
	entries++;
}

static unsigned
mappings(const struct frame *p)
{
	entries = 0;
	rmap_each(p, count_entry);
	return entries;
}

/* Four nodes of 32 times one page, all of which are mapped. */
static void
map_128(void)
{
	nested(0);
	for (unsigned i = 0; i < 4; i++)
		*slot_of(above, 0, i) = node_cap(nodes, 0, 17, 0);
	for (unsigned i = 0; i < NODE_SLOTS; i++)
		*slot_of(nodes, 0, i) = page_cap(page[0], 0);
	for (uint64_t v = 0; v < 0x80000; v += PAGE_SIZE)
		CU_ASSERT_TRUE(reaches(v, ACCESS_READ, page[0]));
	CU_ASSERT_EQUAL(mappings(page[0]), 128);
}

/* D3: mappings go a piece at a time, by node, slot, page or frame. */
static void
D3_mappings_go_in_pieces(void)
{
	map_128();
	CU_ASSERT_FALSE(map_node_thin(oid_make(above->number, 0)));
	CU_ASSERT_EQUAL(mappings(page[0]), 64);
	CU_ASSERT_TRUE(all_ok());
	CU_ASSERT_FALSE(map_node_thin(oid_make(above->number, 0)));
	CU_ASSERT_EQUAL(mappings(page[0]), 0);
	CU_ASSERT_TRUE(map_node_thin(oid_make(above->number, 0)));
	map_128();
	CU_ASSERT_TRUE(map_slot_thin(oid_make(above->number, 0), 1));
	CU_ASSERT_EQUAL(mappings(page[0]), 96);
	CU_ASSERT_FALSE(map_number_thin(page[0]->number));
	CU_ASSERT_TRUE(map_number_thin(page[0]->number));
	CU_ASSERT_EQUAL(mappings(page[0]), 0);
	map_128();
	CU_ASSERT_FALSE(map_number_thin(nodes->number));
	CU_ASSERT_FALSE(map_number_thin(page[0]->number));
	CU_ASSERT_TRUE(map_number_thin(page[0]->number));
	CU_ASSERT_EQUAL(mappings(page[0]), 0);
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
    RUNNER_TEST(S12_next_page_is_the_same),
    RUNNER_TEST(D3_mappings_go_in_pieces),
    RUNNER_TEST(hit_is_taken_below),
    RUNNER_TEST(M1_hit_of_old_hint),
    RUNNER_TEST(S15_hit_obeys_rights_below),
    RUNNER_TEST(F2_hit_of_another_below),
    {NULL, NULL},
};
