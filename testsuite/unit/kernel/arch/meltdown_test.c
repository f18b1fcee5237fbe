/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/unit/kernel/arch/suites.h"

#include "kernel/arch/x86_64/arch.h"
#include "kernel/arch/x86_64/asm.h"

static const struct cpuid intel = {
    .b = 0x756e6547, .d = 0x49656e69, .c = 0x6c65746e};
static const struct cpuid amd = {
    .b = 0x68747541, .d = 0x69746e65, .c = 0x444d4163};

/* S16: an Intel CPU is affected unless it says it is not. */
static void
S16_who_is_affected(void)
{
	struct cpuid other = intel;

	CU_ASSERT_TRUE(meltdown_affects(&intel, 0));
	CU_ASSERT_TRUE(meltdown_affects(&intel, ~UINT64_C(1)));
	CU_ASSERT_FALSE(meltdown_affects(&intel, 1)); /* RDCL_NO */
	CU_ASSERT_FALSE(meltdown_affects(&intel, 0x2b));
	CU_ASSERT_FALSE(meltdown_affects(&amd, 0));
	CU_ASSERT_FALSE(meltdown_affects(&amd, ~UINT64_C(0)));
	other.c++; /* Nobody we know. */
	CU_ASSERT_FALSE(meltdown_affects(&other, 0));
}

const struct runner_test meltdown_tests[] = {
    RUNNER_TEST(S16_who_is_affected),
    {NULL, NULL},
};
