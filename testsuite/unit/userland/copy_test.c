/* SPDX-License-Identifier: BSD-2-Clause */
/* The virtual-copy keeper against the fake kernel. */
#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "testsuite/unit/userland/fake.h"
#include "userland/rt/registers.h"
#include "userland/vcsk/copy.h"

enum {
	GUARD = REG_IN0,
};

static struct cap original;

/* A guard as vcsk.make leaves it. */
static void
start(unsigned span, struct cap from)
{
	struct cap        guard = fake_new_node(span);
	struct fake_node *n = &fake.node[cap_oid(&guard).v];

	guard.type = CK_GUARD;
	if (from.type != CK_VOID)
		from.rights |= CR_READ_ONLY | CR_WEAK;
	n->slot[COPY_BANK] = fake.reg[REG_BANK];
	n->slot[COPY_ORIGINAL] = from;
	fake.reg[GUARD] = guard;
}

/* An original: pages 0 and 33 of a tree, the rest missing. */
static void
make_original(void)
{
	struct cap root = fake_new_node(22), leaf = fake_new_node(17);
	struct cap a = fake_new_page(), b = fake_new_page();

	strcpy((char *)fake_page_bytes(a), "first");
	strcpy((char *)fake_page_bytes(b), "second");
	a.rights = CR_READ_ONLY;                 /* Text. */
	fake.node[cap_oid(&root).v].slot[0] = a; /* A page as a segment. */
	fake.node[cap_oid(&root).v].slot[1] = leaf;
	fake.node[cap_oid(&leaf).v].slot[1] = b;
	original = root;
}

static struct cap
reached(uint64_t offset)
{
	return fake_walk(fake.reg[GUARD], offset);
}

/* vcsk.zero.1: a touched page appears, zero, writable, once. */
static void
zeros_on_demand(void)
{
	const uint64_t at = UINT64_C(0x1234567000);
	struct cap     page;
	unsigned       bought;

	fake_reset();
	start(47, (struct cap){0});
	CU_ASSERT_EQUAL(reached(at).type, CK_VOID);
	CU_ASSERT_EQUAL(copy_fault(GUARD, 47, at, ACCESS_READ), RC_OK);
	page = reached(at);
	CU_ASSERT_EQUAL_FATAL(page.type, CK_PAGE);
	CU_ASSERT_EQUAL(page.rights, CR_NO_EXECUTE);
	CU_ASSERT_EQUAL(reached(at + PAGE_SIZE).type, CK_VOID);
	/* A fault that somebody has answered meanwhile costs nothing. */
	bought = fake.pages + fake.nodes;
	CU_ASSERT_EQUAL(copy_fault(GUARD, 47, at, ACCESS_WRITE), RC_OK);
	CU_ASSERT_EQUAL(fake.pages + fake.nodes, bought);
	CU_ASSERT_EQUAL(cap_oid(&page).v, reached(at).word & OID_MASK);
	/* The neighbour takes one page and no node. */
	CU_ASSERT_EQUAL(
	    copy_fault(GUARD, 47, at + PAGE_SIZE, ACCESS_WRITE), RC_OK);
	CU_ASSERT_EQUAL(fake.pages + fake.nodes, bought + 1);
}

/* vcsk.copy.1: reads share the original, a write copies the page. */
static void
copies_on_write(void)
{
	struct cap page;

	fake_reset();
	make_original();
	start(27, original);
	CU_ASSERT_EQUAL(
	    copy_fault(GUARD, 27, 33 << PAGE_SHIFT, ACCESS_READ), RC_OK);
	page = reached(33 << PAGE_SHIFT);
	CU_ASSERT_STRING_EQUAL(fake_page_bytes(page), "second");
	CU_ASSERT((page.rights & CR_READ_ONLY) != 0);
	CU_ASSERT_EQUAL(
	    copy_fault(GUARD, 27, 33 << PAGE_SHIFT, ACCESS_WRITE), RC_OK);
	page = reached(33 << PAGE_SHIFT);
	CU_ASSERT_EQUAL(page.rights, CR_NO_EXECUTE);
	CU_ASSERT_STRING_EQUAL(fake_page_bytes(page), "second");
	strcpy((char *)fake_page_bytes(page), "changed");
	CU_ASSERT_STRING_EQUAL(
	    fake_page_bytes(fake_walk(original, 33 << PAGE_SHIFT)), "second");
	/* A first access that writes copies at once. */
	CU_ASSERT_EQUAL(copy_fault(GUARD, 27, 0, ACCESS_WRITE), RC_OK);
	CU_ASSERT_STRING_EQUAL(fake_page_bytes(reached(0)), "first");
	CU_ASSERT_EQUAL(reached(0).rights, CR_NO_EXECUTE);
}

/* vcsk.copy.2: what the original lacks, or is too small for, is zero. */
static void
holes_are_zero(void)
{
	static const uint64_t holes[] = {
	    PAGE_SIZE, 34 << PAGE_SHIFT, 1 << 22, 0x7fff000};

	fake_reset();
	make_original();
	start(27, original);
	for (unsigned i = 0; i < sizeof(holes) / sizeof(holes[0]); i++) {
		CU_ASSERT_EQUAL(
		    copy_fault(GUARD, 27, holes[i], ACCESS_READ), RC_OK);
		CU_ASSERT_EQUAL_FATAL(reached(holes[i]).type, CK_PAGE);
		CU_ASSERT_EQUAL(fake_page_bytes(reached(holes[i]))[0], 0);
	}
}

/* vcsk.execute.1 (S15): only the original's code can be executed. */
static void
execution(void)
{
	fake_reset();
	make_original();
	start(27, original);
	CU_ASSERT_EQUAL(copy_fault(GUARD, 27, 0, ACCESS_EXECUTE), RC_OK);
	CU_ASSERT((reached(0).rights & CR_NO_EXECUTE) == 0);
	CU_ASSERT((reached(0).rights & CR_READ_ONLY) != 0);
	CU_ASSERT_EQUAL(copy_fault(GUARD, 27, 0, ACCESS_EXECUTE), RC_OK);
	CU_ASSERT_EQUAL(copy_fault(GUARD, 27, 0, ACCESS_WRITE), RC_OK);
	CU_ASSERT_EQUAL(copy_fault(GUARD, 27, 0, ACCESS_EXECUTE), RC_RIGHTS);
}

/* vcsk.bad.1: faults outside the segment are refused. */
static void
outside(void)
{
	fake_reset();
	start(22, (struct cap){0});
	CU_ASSERT_EQUAL(
	    copy_fault(GUARD, 22, 1 << 22, ACCESS_READ), RC_ARGUMENT);
	CU_ASSERT_EQUAL(copy_fault(GUARD, 12, 0, ACCESS_READ), RC_ARGUMENT);
	CU_ASSERT_EQUAL(copy_fault(GUARD, 64, 0, ACCESS_READ), RC_ARGUMENT);
	CU_ASSERT_EQUAL(fake.calls, 0);
}

/* vcsk.fail.1: a fault cut off at any call is answered right next time. */
static void
every_failure_can_be_repeated(void)
{
	unsigned n;

	for (n = 1;; n++) {
		enum status st;

		fake_reset();
		make_original();
		start(37, original);
		fake.fail_at = n;
		fake.fail_with = RC_LIMIT;
		st = copy_fault(GUARD, 37, 33 << PAGE_SHIFT, ACCESS_WRITE);
		if (fake.calls < n)
			break;
		CU_ASSERT_EQUAL(st, RC_LIMIT);
		CU_ASSERT_EQUAL(
		    copy_fault(GUARD, 37, 33 << PAGE_SHIFT, ACCESS_WRITE),
		    RC_OK);
		CU_ASSERT_STRING_EQUAL(
		    fake_page_bytes(reached(33 << PAGE_SHIFT)), "second");
	}
	CU_ASSERT(n > 20);
}

/* vcsk.random.1: any order of accesses gives what a copy would. */
static void
random_accesses(void)
{
	uint8_t own[64] = {0};

	fake_reset();
	make_original();
	start(27, original);
	srand(5);
	for (unsigned i = 0; i < 4000; i++) {
		unsigned   p = (unsigned)rand() % 64;
		bool       write = rand() % 2 == 0;
		uint64_t   at = (uint64_t)p << PAGE_SHIFT;
		struct cap page = reached(at);
		uint8_t   *bytes;

		if (page.type == CK_VOID ||
		    (write && (page.rights & CR_READ_ONLY) != 0))
			CU_ASSERT_EQUAL_FATAL(
			    copy_fault(GUARD, 27, at,
				write ? ACCESS_WRITE : ACCESS_READ),
			    RC_OK);
		page = reached(at);
		CU_ASSERT_FATAL(page.type == CK_PAGE);
		bytes = fake_page_bytes(page);
		CU_ASSERT_EQUAL_FATAL(bytes[100], own[p]);
		if (write) {
			CU_ASSERT_FATAL((page.rights & CR_READ_ONLY) == 0);
			bytes[100] = own[p] = (uint8_t)i;
		}
	}
	CU_ASSERT_STRING_EQUAL(fake_page_bytes(reached(0)), "first");
	CU_ASSERT(fake.pages <= 2 + 64);
}

/* Write a byte as a process would, through faults. */
static void
write_byte(uint64_t offset, uint8_t value)
{
	CU_ASSERT_EQUAL_FATAL(
	    copy_fault(GUARD, 22, offset, ACCESS_WRITE), RC_OK);
	fake_page_bytes(reached(offset))[offset % PAGE_SIZE] = value;
}

static unsigned
read_byte(struct cap segment, uint64_t offset)
{
	struct cap page = fake_walk(segment, offset);

	CU_ASSERT_EQUAL_FATAL(page.type, CK_PAGE);
	return fake_page_bytes(page)[offset % PAGE_SIZE];
}

/* vcsk.freeze.1: what is frozen stays; the segment goes on as its copy. */
static void
frozen_stays_as_it_was(void)
{
	const capreg frozen = REG_RT;
	struct cap   was, lent, kept;

	fake_reset();
	start(22, (struct cap){0});
	write_byte(5, 'a');
	write_byte(0x30005, 'b');
	CU_ASSERT_EQUAL(copy_freeze(GUARD, 22, frozen), RC_OK);
	was = fake.reg[frozen];
	CU_ASSERT_EQUAL(was.type, CK_NODE);
	CU_ASSERT_EQUAL(was.rights, CR_READ_ONLY | CR_WEAK);
	CU_ASSERT_EQUAL(cap_span(&was), 22);
	write_byte(5, 'c');
	CU_ASSERT_EQUAL(read_byte(was, 5), 'a');
	CU_ASSERT_EQUAL(read_byte(fake.reg[GUARD], 5), 'c');
	CU_ASSERT_EQUAL(
	    copy_fault(GUARD, 22, 0x30005, ACCESS_READ), RC_OK);
	CU_ASSERT_EQUAL(read_byte(fake.reg[GUARD], 0x30005), 'b');
	CU_ASSERT_EQUAL(copy_freeze(GUARD, 22, frozen), RC_STATE);
	/* Another copy shares what it does not change. */
	start(22, was);
	CU_ASSERT_EQUAL(
	    copy_fault(GUARD, 22, 0x30005, ACCESS_READ), RC_OK);
	lent = reached(0x30005);
	kept = fake_walk(was, 0x30005);
	CU_ASSERT_EQUAL(lent.word, kept.word);
}

/* vcsk.freeze.2: a failure changes nothing; an empty segment has zeros. */
static void
failed_freezes_change_nothing(void)
{
	const capreg frozen = REG_RT;
	unsigned     n;

	for (n = 1;; n++) {
		fake_reset();
		start(22, (struct cap){0});
		write_byte(5, 'a');
		fake.fail_at = fake.calls + n;
		fake.fail_with = RC_LIMIT;
		if (copy_freeze(GUARD, 22, frozen) == RC_OK)
			break;
		fake.fail_at = 0;
		write_byte(5, 'b');
		CU_ASSERT_EQUAL(copy_freeze(GUARD, 22, frozen), RC_OK);
		CU_ASSERT_EQUAL(read_byte(fake.reg[frozen], 5), 'b');
	}
	CU_ASSERT_EQUAL(n, 6);
	fake_reset();
	start(22, (struct cap){0});
	CU_ASSERT_EQUAL(copy_freeze(GUARD, 22, frozen), RC_OK);
	CU_ASSERT_EQUAL(fake.reg[frozen].type, CK_NODE);
}

static const struct runner_test tests[] = {
    RUNNER_TEST(zeros_on_demand),
    RUNNER_TEST(copies_on_write),
    RUNNER_TEST(holes_are_zero),
    RUNNER_TEST(execution),
    RUNNER_TEST(outside),
    RUNNER_TEST(every_failure_can_be_repeated),
    RUNNER_TEST(random_accesses),
    RUNNER_TEST(frozen_stays_as_it_was),
    RUNNER_TEST(failed_freezes_change_nothing),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "copy", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
