/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is asked for in vain: who asks waits, and neither keeps others busy nor
 * is kept busy by what somebody else has left half done (S8, D3).
 */
#include "testsuite/unit/kernel/mem/support.h"

#include "kernel/mem/cache.h"
#include "kernel/mem/pager.h"
#include "kernel/mem/table.h"
#include "kernel/sched/clock.h"

enum { PAGES = 16384 };

static struct frame *nodes;
static struct space  space;
static uint64_t      no_alarms[8];

static void
start(void)
{
	fake_boot_reset();
	fake_start(PAGES);
	store_start(4000);
	alarm_init(no_alarms, 0);
	nodes = make_nodes(10);
}

static enum status
ask(uint64_t position, struct frame **f)
{
	next_entry();
	return object_fetch(frame_of(SOURCE_PERSISTENT, position), f);
}

/*
 * Who finds no place in the ring waits until there is one, and wakes nobody:
 * two that did would wake each other for as long as the disk takes.
 */
static void
S8_asking_in_vain_wakes_nobody(void)
{
	struct frame *f;
	unsigned      n = 0, woken;

	start();
	do { /* Not in sequence: nothing is read ahead. */
		next_entry();
		fake.wait_kind = WAIT_NONE;
		CU_ASSERT_EQUAL_FATAL(ask(20 * n, &f), ST_WAIT);
	} while (fake.wait_kind == WAIT_FRAME && ++n < 300);
	CU_ASSERT_EQUAL(fake.wait_kind, WAIT_MEMORY);
	woken = fake.wakes[WAIT_MEMORY];
	CU_ASSERT_EQUAL(ask(20 * 400, &f), ST_WAIT);
	CU_ASSERT_EQUAL(fake.wait_kind, WAIT_MEMORY);
	CU_ASSERT_EQUAL(fake.wakes[WAIT_MEMORY], woken);
	CU_ASSERT_TRUE(store_run()); /* There is one. */
	CU_ASSERT(fake.wakes[WAIT_MEMORY] > woken);
	CU_ASSERT_TRUE(all_ok());
}

/*
 * D3: a table that is being reclaimed and is on the way of who needs memory for
 * another one is no obstacle to him.
 */
static void
D3_way_through_a_withdrawn_table(void)
{
	enum { PLACES = 300, AGAIN = 500 };
	struct frame *p, *n;
	struct table *t = NULL;
	struct cap    low;
	uint64_t      v = 0;
	unsigned      i, tries = 0;
	struct reach  r = {.how = STUCK};

	start();
	p = make_page(1);
	for (i = 0; i < NODE_SLOTS; i++)
		*slot_of(nodes, 1, i) = *slot_of(nodes, 2, i) = page_cap(p, 0);
	low = node_cap(nodes, 1, 17, 0);
	n = make_nodes(20);
	/* 0: a segment of 32 bits, in slots of 27; 1, 2: it, 1,024 times. */
	for (i = 0; i < NODE_SLOTS; i++) {
		*slot_of(n, 0, i) = low;
		*slot_of(n, 1, i) = node_cap(n, 0, 32, 0);
		*slot_of(n, 2, i) = node_cap(n, 1, 37, 0);
	}
	*slot_of(n, 0, 1) = node_cap(nodes, 2, 17, 0); /* Needs a table. */
	space_make(&space, node_cap(n, 2, 42, 0));
	for (i = 0; i < PLACES; i++)
		CU_ASSERT_EQUAL_FATAL(
		    space_access(&space, (uint64_t)i << 32, ACCESS_READ).how,
		    REACHED);
	for (i = 0; i < table_slots(); i++)
		if (mem.table[i].frame != NO_INDEX) {
			mem.table[i].used = 1;
			if (mem.table[i].key.level == 2 &&
			    mem.table[i].key.producer ==
				oid_make(n->number, 0).v)
				t = &mem.table[i];
		}
	CU_ASSERT_PTR_NOT_NULL_FATAL(t);
	t->used = 0; /* So it is the one to go. */
	while (frame_take(CLASS_ANY, USE_KERNEL, 24) != NULL)
		;
	/* Somebody else begins to reclaim it, and then needs it no more. */
	next_entry();
	CU_ASSERT_EQUAL(map_reclaim_table(CLASS_ANY), ST_WAIT);
	CU_ASSERT_EQUAL_FATAL(t->key.kind, CK_VOID);
	frame_again();
	/* A way through it that is left; below it another table is needed. */
	for (i = 0; i < PLACES; i++)
		if (!fake_touch((uint64_t)i << 32, ACCESS_READ).fault)
			v = ((uint64_t)i << 32) + (UINT64_C(1) << 27);
	CU_ASSERT_NOT_EQUAL_FATAL(v, 0);
	for (; r.how != REACHED && tries < AGAIN; tries++) {
		r = space_access(&space, v, ACCESS_READ);
		frame_again();
	}
	CU_ASSERT_EQUAL(r.how, REACHED);
	CU_ASSERT(tries < AGAIN);
	CU_ASSERT_TRUE(all_ok());
}

const struct runner_test vain_tests[] = {
    RUNNER_TEST(S8_asking_in_vain_wakes_nobody),
    RUNNER_TEST(D3_way_through_a_withdrawn_table),
    {NULL, NULL},
};
