/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/unit/kernel/arch/suites.h"

#include "kernel/arch/x86_64/arch.h"

#include <stdlib.h>

struct arch arch;

enum { BV = 512, AVX = 576, MXCSR = 24 };

static struct state_page s;

static void
cpu(bool xsave, uint64_t xcr0)
{
	arch.xsave = xsave;
	arch.xcr0 = xcr0;
	arch.mxcsr_mask = 0xffff;
	memset(&s, 0xff, sizeof(s));
	s.xformat = XSAVE_FORMAT_1;
}

static bool
zeros(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != 0)
			return false;
	return true;
}

/* F3: whatever the page holds, what is loaded is harmless. */
static void
everything_is_forced(void)
{
	cpu(true, 7);
	s.gs_base = UINT64_C(0x12347fff89abcdef); /* Not canonical. */
	CU_ASSERT_TRUE(hal_force(&s));
	CU_ASSERT_EQUAL(s.regs.rip >> 47, 0);
	CU_ASSERT_EQUAL(s.fs_base, UINT64_MAX);
	CU_ASSERT_EQUAL(s.gs_base, UINT64_C(0x7fff89abcdef));
	CU_ASSERT_EQUAL(s.regs.cs, SEL_USER_CODE);
	CU_ASSERT_EQUAL(s.regs.ss, SEL_USER_DATA);
	/* IF on; IOPL, NT, VM, VIF, VIP and what is reserved off. */
	CU_ASSERT_EQUAL(s.regs.rflags, 0x250fd7);
	CU_ASSERT_EQUAL(s.xsave[BV], 7);
	CU_ASSERT_TRUE(zeros(s.xsave + BV + 1, 63));
	CU_ASSERT_TRUE(zeros(s.xsave + MXCSR + 2, 2));
	CU_ASSERT_EQUAL(s.xsave[0], 0xff);
}

/* F3: what is right stays as it is. */
static void
forcing_twice_is_forcing_once(void)
{
	struct state_page once;

	cpu(true, 7);
	hal_state_init(&s);
	s.regs.rip = 0x400000;
	CU_ASSERT_TRUE(hal_force(&s));
	once = s;
	CU_ASSERT_TRUE(hal_force(&s));
	CU_ASSERT_EQUAL(memcmp(&once, &s, sizeof(s)), 0);
	CU_ASSERT_EQUAL(s.regs.rip, 0x400000);
}

/* S5: AVX content on a CPU without it; initial content is no content. */
static void
missing_components_are_noticed(void)
{
	cpu(true, 3);
	CU_ASSERT_FALSE(hal_force(&s));
	memset(s.xsave + AVX, 0, 256);
	CU_ASSERT_TRUE(hal_force(&s));
	CU_ASSERT_EQUAL(s.xsave[BV], 3);
	cpu(true, 3);
	memset(s.xsave + BV, 0, 64);
	CU_ASSERT_TRUE(hal_force(&s)); /* Not in XSTATE_BV. */
	cpu(false, 3);
	CU_ASSERT_FALSE(hal_force(&s));
	s.xformat = 2;
	CU_ASSERT_FALSE(hal_force(&s));
}

/* S5: FXRSTOR gets spelled out what XSTATE_BV calls initial. */
static void
fxsave_gets_initial_values(void)
{
	cpu(false, 3);
	memset(s.xsave + BV, 0, 64);
	CU_ASSERT_TRUE(hal_force(&s));
	CU_ASSERT_EQUAL(s.xsave[BV], 3);
	CU_ASSERT_EQUAL(s.xsave[0] | s.xsave[1] << 8, 0x37f);
	CU_ASSERT_EQUAL(s.xsave[MXCSR] | s.xsave[MXCSR + 1] << 8, 0x1f80);
	CU_ASSERT_TRUE(zeros(s.xsave + 32, 384));
	/* And what is not initial stays. */
	cpu(false, 3);
	memset(s.xsave + BV, 0, 64);
	s.xsave[BV] = 2;
	CU_ASSERT_TRUE(hal_force(&s));
	CU_ASSERT_TRUE(zeros(s.xsave + 32, 128));
	CU_ASSERT_EQUAL(s.xsave[160], 0xff);
}

const struct runner_test xstate_tests[] = {
    RUNNER_TEST(everything_is_forced),
    RUNNER_TEST(forcing_twice_is_forcing_once),
    RUNNER_TEST(missing_components_are_noticed),
    RUNNER_TEST(fxsave_gets_initial_values),
    {NULL, NULL},
};
