/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/unit/kernel/arch/suites.h"

#include "kernel/hal/hal.h"

static uint64_t call;

static unsigned
look(const char *code, unsigned bytes)
{
	call = UINT64_MAX;
	return hal_foreign_call((const uint8_t *)code, bytes, &call);
}

/* D16: what calls is found, behind prefixes too, with its length. */
static void
D16_calls(void)
{
	CU_ASSERT_EQUAL(look("\xcd\x80\x90", 3), 2);
	CU_ASSERT_EQUAL(call, 0x80);
	CU_ASSERT_EQUAL(look("\xcd\x00", 2), 2);
	CU_ASSERT_EQUAL(call, 0);
	CU_ASSERT_EQUAL(look("\x0f\x34", 2), 2);
	CU_ASSERT_EQUAL(call, FOREIGN_SYSENTER);
	CU_ASSERT_EQUAL(look("\x66\xf3\x2e\x48\xcd\x21", 6), 6);
	CU_ASSERT_EQUAL(call, 0x21);
}

/* D16: what does not, and what is cut off, is not. */
static void
D16_no_calls(void)
{
	static const char prefixes[15] = "\x66\x66\x66\x66\x66\x66\x66\x66"
					 "\x66\x66\x66\x66\x66\x66";

	CU_ASSERT_EQUAL(look("\xcd", 1), 0);
	CU_ASSERT_EQUAL(look("", 0), 0);
	CU_ASSERT_EQUAL(look("\x66\xcd", 2), 0);
	CU_ASSERT_EQUAL(look("\x0f\x0b", 2), 0);
	CU_ASSERT_EQUAL(look("\xf0\xcd\x80", 3), 0); /* LOCK: #UD. */
	CU_ASSERT_EQUAL(look("\xf4\x90", 2), 0);
	CU_ASSERT_EQUAL(look(prefixes, 14), 0);
	CU_ASSERT_EQUAL(call, UINT64_MAX);
}

const struct runner_test foreign_tests[] = {
    RUNNER_TEST(D16_calls),
    RUNNER_TEST(D16_no_calls),
    {NULL, NULL},
};
