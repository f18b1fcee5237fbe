/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dispatch generated from golden.idl and other.idl, with methods that
 * only say that they were called.
 */
#include <CUnit/CUnit.h>

#include "kernel/abi/cap.h"
#include "kernel/object/invocation.h"
#include "testsuite/runner/runner.h"
#include "testsuite/unit/idl/golden.order.h"
#include "testsuite/unit/idl/other.order.h"
#include "testsuite/unit/idl/proto.h"

static const char *called;
static uint64_t    words[5];

static enum status
call(const char *name, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	called = name;
	words[1] = a;
	words[2] = b;
	words[3] = c;
	words[4] = d;
	return RC_OK;
}

enum status
method_golden_plain(struct invocation *inv)
{
	(void)inv;
	return call("plain", 0, 0, 0, 0);
}

enum status
method_golden_words(
    struct invocation *inv, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	(void)inv;
	return call("words", a, b, c, d);
}

enum status
method_golden_caps(struct invocation *inv)
{
	(void)inv;
	return call("caps", 0, 0, 0, 0);
}

enum status
method_golden_strings(struct invocation *inv, uint64_t offset)
{
	(void)inv;
	return call("strings", offset, 0, 0, 0);
}

enum status
method_golden_restrict(struct invocation *inv)
{
	(void)inv;
	return call("restrict", 0, 0, 0, 0);
}

enum status
shared_order(struct invocation *inv, uint64_t what)
{
	(void)inv;
	return call("shared", what, 0, 0, 0);
}

enum status
method_other_in(struct invocation *inv)
{
	(void)inv;
	return call("in", 0, 0, 0, 0);
}

static enum status
try(const struct invocation *given)
{
	struct invocation inv = *given;

	called = NULL;
	return method_dispatch(&inv);
}

/* idl.dispatch.order: an order is found by kind and number, others refused. */
static void
orders_are_found(void)
{
	struct invocation inv = {.self.kind = CK_PAGE};

	CU_ASSERT_EQUAL(try(&inv), RC_OK);
	CU_ASSERT_STRING_EQUAL(called, "plain");
	inv.word[0] = GOLDEN_RESTRICT;
	CU_ASSERT_EQUAL(try(&inv), RC_OK);
	CU_ASSERT_STRING_EQUAL(called, "restrict");
	for (uint64_t order = 3; order < 9; order++) {
		inv.word[0] = order;
		CU_ASSERT_EQUAL(try(&inv), RC_ORDER);
	}
	inv.word[0] = GOLDEN_ORDER_LIMIT;
	CU_ASSERT_EQUAL(try(&inv), RC_ORDER);
	inv.word[0] = UINT64_MAX;
	CU_ASSERT_EQUAL(try(&inv), RC_ORDER);
	inv.word[0] = 0;
	inv.self.kind = CK_VOID;
	CU_ASSERT_EQUAL(try(&inv), RC_ORDER);
	inv.self.kind = CK_NUMBER;
	CU_ASSERT_EQUAL(try(&inv), RC_ORDER);
	CU_ASSERT_PTR_NULL(called);
}

/* idl.dispatch.shared: one function, behind each order's own checks. */
static void
shared_orders_are_found(void)
{
	struct invocation inv = {
	    .self.kind = CK_PAGE, .word = {GOLDEN_ONE, 7}};

	CU_ASSERT_EQUAL(try(&inv), RC_OK);
	CU_ASSERT_STRING_EQUAL(called, "shared");
	CU_ASSERT_EQUAL(words[1], 7);
	inv.self.rights = CR_READ_ONLY;
	CU_ASSERT_EQUAL(try(&inv), RC_OK);
	inv.word[0] = GOLDEN_TWO;
	CU_ASSERT_EQUAL(try(&inv), RC_RIGHTS);
	inv.self.rights = 0;
	CU_ASSERT_EQUAL(try(&inv), RC_OK);
	CU_ASSERT_STRING_EQUAL(called, "shared");
}

/* idl.dispatch.words: words 1 to 4 arrive in turn. */
static void
words_arrive(void)
{
	const struct invocation inv = {
	    .self.kind = CK_PAGE, .word = {GOLDEN_WORDS, 11, 12, 13, 14}};

	CU_ASSERT_EQUAL(try(&inv), RC_OK);
	CU_ASSERT_STRING_EQUAL(called, "words");
	for (unsigned i = 1; i < 5; i++)
		CU_ASSERT_EQUAL(words[i], i + 10);
}

/* idl.dispatch.rights: each right that is needed and lacks refuses. */
static void
rights_are_checked(void)
{
	struct invocation inv = {
	    .self.kind = CK_PAGE,
	    .word = {GOLDEN_CAPS},
	    .cap = {{.kind = CK_PAGE}, {.kind = CK_NODE}},
	};
	static const uint8_t lacks[] = {
	    CR_READ_ONLY, CR_WEAK, CR_NO_CALL, CR_OPAQUE};

	CU_ASSERT_EQUAL(try(&inv), RC_OK);
	for (unsigned i = 0; i < sizeof(lacks); i++) {
		inv.self.rights = lacks[i];
		CU_ASSERT_EQUAL(try(&inv), RC_RIGHTS);
		CU_ASSERT_PTR_NULL(called);
	}
	inv.self.rights = CR_NO_EXECUTE;
	CU_ASSERT_EQUAL(try(&inv), RC_OK);
	inv = (struct invocation){.self = {.kind = CK_PAGE, .rights = CR_ALL}};
	CU_ASSERT_EQUAL(try(&inv), RC_OK);
}

/* idl.dispatch.string: exactly the lengths described are accepted. */
static void
string_lengths_are_checked(void)
{
	struct invocation inv = {
	    .self.kind = CK_PAGE, .word = {GOLDEN_STRINGS, 7}};

	for (uint32_t n = 0; n < 20; n++) {
		inv.string_bytes = n;
		CU_ASSERT_EQUAL(
		    try(&inv), n >= 2 && n <= 16 ? RC_OK : RC_STRING);
	}
	inv.word[0] = GOLDEN_PLAIN;
	inv.string_bytes = 1;
	CU_ASSERT_EQUAL(try(&inv), RC_STRING);
}

/* idl.dispatch.caps: each capability has one of its kinds. */
static void
capability_kinds_are_checked(void)
{
	struct invocation inv = {.self.kind = CK_PAGE, .word = {GOLDEN_CAPS}};

	for (uint8_t a = 0; a < CK_COUNT; a++)
		for (uint8_t b = 0; b < CK_COUNT; b++) {
			bool good = a == CK_PAGE &&
			    (b == CK_PAGE || b == CK_NODE);

			inv.cap[0].kind = a;
			inv.cap[1].kind = b;
			inv.cap[2].kind = (uint8_t)(a ^ b) % CK_COUNT;
			CU_ASSERT_EQUAL(
			    try(&inv), good ? RC_OK : RC_CAPABILITY);
		}
	inv = (struct invocation){.self.kind = CK_NODE, .word = {OTHER_IN}};
	CU_ASSERT_EQUAL(try(&inv), RC_CAPABILITY);
	inv.cap[0].kind = CK_NODE;
	CU_ASSERT_EQUAL(try(&inv), RC_OK);
	CU_ASSERT_STRING_EQUAL(called, "in");
}

static const struct runner_test tests[] = {
    RUNNER_TEST(orders_are_found),
    RUNNER_TEST(shared_orders_are_found),
    RUNNER_TEST(words_arrive),
    RUNNER_TEST(rights_are_checked),
    RUNNER_TEST(string_lengths_are_checked),
    RUNNER_TEST(capability_kinds_are_checked),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "dispatch", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
