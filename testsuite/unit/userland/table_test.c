/* SPDX-License-Identifier: BSD-2-Clause */
/* Sorted tables, against a model; collections, with every call failing. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "testsuite/unit/userland/fake.h"
#include "userland/lib/collection.h"
#include "userland/rt/registers.h"
#include "userland/rt/space.h"

static struct record records[TABLE_RECORDS];
static struct table  table;

static void
start(unsigned room)
{
	memset(&table, 0, sizeof(table));
	table.record = records;
	table.room = room;
}

static enum status
add(const char *key)
{
	unsigned at, number;

	if (table_find(&table, key, strlen(key), &at) == RC_OK)
		return RC_EXISTS;
	return table_add(&table, at, key, strlen(key), &number);
}

static void
remove_key(const char *key)
{
	unsigned at;

	CU_ASSERT_EQUAL_FATAL(
	    table_find(&table, key, strlen(key), &at), RC_OK);
	table_remove(&table, at);
}

/* records.order.1: keys are in the order of their bytes, the shorter first. */
static void
keys_are_ordered(void)
{
	static const char *const sorted[] = {"A", "a", "aa", "ab", "b", "\xff"};

	start(16);
	for (unsigned i = 0; i < 6; i++)
		CU_ASSERT_EQUAL(add(sorted[(i * 5) % 6]), RC_OK);
	CU_ASSERT_EQUAL(add("ab"), RC_EXISTS);
	for (unsigned i = 0; i < 6; i++)
		CU_ASSERT_EQUAL(memcmp(table_record(&table, i)->key, sorted[i],
				    strlen(sorted[i])),
		    0);
	CU_ASSERT(table_ok(&table));
}

/* records.limit.1: it asks for pages, and refuses at its end. */
static void
room_is_asked_for(void)
{
	char     key[8];
	unsigned pages = 0, asked = 0;

	start(0);
	for (unsigned i = 0; i < TABLE_RECORDS; i++) {
		snprintf(key, sizeof(key), "%u", i);
		if (table_wants(&table, &pages)) {
			CU_ASSERT_EQUAL_FATAL(add(key), RC_LIMIT);
			CU_ASSERT_EQUAL(pages, ++asked);
			table.room = pages * PAGE_RECORDS;
		}
		CU_ASSERT_EQUAL_FATAL(add(key), RC_OK);
	}
	CU_ASSERT_EQUAL(asked, TABLE_RECORDS / PAGE_RECORDS);
	CU_ASSERT_FALSE(table_wants(&table, &pages));
	CU_ASSERT_EQUAL(add("more"), RC_LIMIT);
	remove_key("77");
	CU_ASSERT_EQUAL(add("more"), RC_OK);
	CU_ASSERT(table_ok(&table));
}

/* records.random.1: no sequence breaks an invariant, or loses a record. */
static void
random_orders(void)
{
	bool in[200] = {false};

	start(208);
	srand(11);
	for (unsigned n = 0; n < 20000; n++) {
		unsigned    i = (unsigned)rand() % 200, at;
		char        key[8];
		enum status st;

		snprintf(key, sizeof(key), "%x", i * 7);
		st = table_find(&table, key, strlen(key), &at);
		CU_ASSERT_FATAL((st == RC_OK) == in[i]);
		if (in[i])
			table_remove(&table, at);
		else
			CU_ASSERT_FATAL(add(key) == RC_OK);
		in[i] = !in[i];
		if (n % 64 == 0)
			CU_ASSERT_FATAL(table_ok(&table));
	}
}

/* --- Collections ---------------------------------------------------------- */

static struct collection c;

/* A process with a space, whose memory at slot 1 is `records`. */
static void
begin(void)
{
	struct cap process, space;

	fake_reset();
	memset(records, 0, sizeof(records));
	process = fake_new_node(17);
	space = fake_new_node(32);
	fake.node[cap_oid(&process).v].slot[SLOT_SPACE] = space;
	process.type = CK_PROCESS;
	fake.reg[REG_PROCESS] = process;
	fake.reg[REG_IN0] = cap_make(CK_NUMBER, 0, 0, 5, (oid){5});
	collection_init(&c, 1);
	c.table.record = records;
}

/* collection.have.1: what fails changes nothing, and can be done again. */
static void
failures_change_nothing(void)
{
	unsigned at, n;

	for (n = 1;; n++) {
		begin();
		fake.fail_at = n;
		fake.fail_with = RC_LIMIT;
		if (collection_have(&c, "key", 3, &at) == RC_OK)
			break;
		CU_ASSERT_EQUAL(c.table.count, 0);
		CU_ASSERT(table_ok(&c.table));
		fake.fail_at = 0;
		CU_ASSERT_EQUAL(collection_have(&c, "key", 3, &at), RC_OK);
		CU_ASSERT_EQUAL(
		    collection_set_cap(&c, at, REG_IN0), RC_OK);
	}
	CU_ASSERT(n > 12);
}

/* collection.value.1: capabilities and data replace each other. */
static void
values_replace_each_other(void)
{
	char     key[8];
	unsigned at;

	begin();
	for (unsigned i = 0; i < 100; i++) {
		snprintf(key, sizeof(key), "%u", i);
		CU_ASSERT_EQUAL_FATAL(
		    collection_have(&c, key, strlen(key), &at), RC_OK);
		fake.reg[REG_IN0] = cap_make(CK_NUMBER, 0, 0, i, (oid){i});
		CU_ASSERT_EQUAL(
		    collection_set_cap(&c, at, REG_IN0), RC_OK);
	}
	CU_ASSERT_EQUAL(c.heap.pages, 7);
	for (unsigned i = 0; i < 100; i++) {
		snprintf(key, sizeof(key), "%u", i);
		CU_ASSERT_EQUAL(collection_have(&c, key, strlen(key), &at),
		    RC_OK);
		CU_ASSERT_EQUAL(collection_cap(&c, at, REG_IN1), RC_OK);
		CU_ASSERT_EQUAL(fake.reg[REG_IN1].count, i);
	}
	CU_ASSERT_EQUAL(collection_have(&c, "42", 2, &at), RC_OK);
	CU_ASSERT_EQUAL(collection_set_data(&c, at, "text", 4), RC_OK);
	CU_ASSERT_EQUAL(collection_cap(&c, at, REG_IN1), RC_OK);
	CU_ASSERT_EQUAL(fake.reg[REG_IN1].type, CK_VOID);
	CU_ASSERT_EQUAL(memcmp(table_record(&c.table, at)->data, "text", 4), 0);
	CU_ASSERT_EQUAL(collection_have(&c, "43", 2, &at), RC_OK);
	CU_ASSERT_EQUAL(collection_remove(&c, at), RC_OK);
	CU_ASSERT_EQUAL(c.table.count, 99);
	/* A record used again does not show what it held before. */
	CU_ASSERT_EQUAL(collection_have(&c, "new", 3, &at), RC_OK);
	CU_ASSERT_EQUAL(collection_cap(&c, at, REG_IN1), RC_OK);
	CU_ASSERT_EQUAL(fake.reg[REG_IN1].type, CK_VOID);
	CU_ASSERT(table_ok(&c.table));
}

/* rt.space.1: pages of a ring are counted up to the first that is not there,
 * or that cannot be fetched. */
static void
pages_are_counted(void)
{
	struct cap node;

	fake_reset();
	node = fake_new_node(17);
	for (unsigned i = 0; i < NODE_SLOTS; i++)
		fake.node[cap_oid(&node).v].slot[i] = fake_new_page();
	fake.reg[REG_T0] = node;
	CU_ASSERT_EQUAL(space_pages(REG_T0, 2), NODE_SLOTS - 2);
	CU_ASSERT_EQUAL(space_pages(REG_T0, NODE_SLOTS), 0);
	fake.node[cap_oid(&node).v].slot[5] = (struct cap){0};
	CU_ASSERT_EQUAL(space_pages(REG_T0, 2), 3);
	fake.calls = 0;
	fake.fail_at = 2;
	fake.fail_with = RC_NO_MEMORY;
	CU_ASSERT_EQUAL(space_pages(REG_T0, 2), 1);
	CU_ASSERT_EQUAL(space_pages(REG_VOID, 2), 0);
}

static const struct runner_test tests[] = {
    RUNNER_TEST(keys_are_ordered),
    RUNNER_TEST(room_is_asked_for),
    RUNNER_TEST(random_orders),
    RUNNER_TEST(failures_change_nothing),
    RUNNER_TEST(values_replace_each_other),
    RUNNER_TEST(pages_are_counted),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "table", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
