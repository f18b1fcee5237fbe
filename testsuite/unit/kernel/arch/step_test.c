/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/unit/kernel/arch/suites.h"

#include "kernel/arch/x86_64/arch.h"

enum { TF = 1 << 8, OTHER = 0x202, RSP = 0x7000 };

static struct state_page s;

/* Begin a step at these bytes, with these flags. */
static enum hal_step
begin(uint64_t flags, const char *code, unsigned bytes)
{
	s.regs.rflags = flags;
	s.regs.rsp = RSP;
	return hal_step_begin(&s, (const uint8_t *)code, bytes);
}

/* D4: an ordinary instruction is stepped, and its flags are as they were. */
static void
D4_plain(void)
{
	CU_ASSERT_EQUAL(begin(OTHER, "\x8b\x00", 2), HAL_STEP_OURS);
	CU_ASSERT_EQUAL(s.regs.rflags, OTHER | TF);
	s.regs.rflags |= 0x40; /* The instruction set one. */
	CU_ASSERT_EQUAL(hal_step_end(&s, true), 0);
	CU_ASSERT_EQUAL(s.regs.rflags, OTHER | 0x40);
	CU_ASSERT_EQUAL(begin(OTHER, "", 0), HAL_STEP_OURS);
	CU_ASSERT_EQUAL(hal_step_end(&s, false), 0);
	CU_ASSERT_EQUAL(s.regs.rflags, OTHER);
	/* A debugger's own step stays one. */
	CU_ASSERT_EQUAL(begin(OTHER | TF, "\x90", 1), HAL_STEP_OWN);
	CU_ASSERT_EQUAL(hal_step_end(&s, true), 0);
	CU_ASSERT_EQUAL(s.regs.rflags, OTHER | TF);
}

/* D4: pushed flags are to be corrected, with all prefixes and only if done. */
static void
D4_pushed_flags(void)
{
	static const char *const code[] = {
	    "\x9c", "\x66\x9c", "\x48\x9c", "\xf3\x2e\x66\x4f\x9c"};

	for (unsigned i = 0; i < 4; i++) {
		const unsigned n = (unsigned)strlen(code[i]);

		CU_ASSERT_EQUAL(begin(OTHER, code[i], n), HAL_STEP_OURS);
		CU_ASSERT_EQUAL(hal_step_end(&s, true), RSP + 1);
		CU_ASSERT_EQUAL(s.regs.rflags, OTHER);
		(void)begin(OTHER, code[i], n);
		CU_ASSERT_EQUAL(hal_step_end(&s, false), 0);
		(void)begin(OTHER | TF, code[i], n);
		CU_ASSERT_EQUAL(hal_step_end(&s, true), 0);
	}
}

/* D4: loaded flags are the process's own; if it did not load them, restored. */
static void
D4_loaded_flags(void)
{
	(void)begin(OTHER, "\x9d", 1); /* popf */
	CU_ASSERT_EQUAL(hal_step_end(&s, true), 0);
	CU_ASSERT_EQUAL(s.regs.rflags, OTHER | TF); /* As it popped them. */
	(void)begin(OTHER, "\x48\xcf", 2); /* iretq */
	CU_ASSERT_EQUAL(hal_step_end(&s, false), 0);
	CU_ASSERT_EQUAL(s.regs.rflags, OTHER);
}

/* D4: what enters the kernel by itself does not take the trap flag along. */
static void
D4_entering(void)
{
	static const char *const code[] = {"\x0f\x05", "\x48\x0f\x05",
	    "\x0f\x34", "\xcd\x80", "\xcc", "\xf1"};

	for (unsigned i = 0; i < 6; i++) {
		CU_ASSERT_EQUAL(begin(OTHER, code[i], 3), HAL_STEP_ENTERS);
		CU_ASSERT_EQUAL(s.regs.rflags, OTHER);
	}
	/* The rest of it is on the next page: stepped until it is known. */
	CU_ASSERT_EQUAL(begin(OTHER, "\x0f", 1), HAL_STEP_OURS);
	CU_ASSERT_EQUAL(begin(OTHER, "\x0f\x06", 2), HAL_STEP_OURS);
	CU_ASSERT_EQUAL(begin(OTHER, "\x66\x66\x66", 3), HAL_STEP_OURS);
}

/* D4: after a load of SS the trap would come too late: it is not stepped. */
static void
D4_not_stepped(void)
{
	static const char *const code[] = {
	    "\x8e\x10", "\x66\x8e\x10", "\x41\x8e\xd7"};

	for (unsigned i = 0; i < 3; i++) {
		CU_ASSERT_EQUAL(begin(OTHER, code[i], 3), HAL_STEP_NOT);
		CU_ASSERT_EQUAL(s.regs.rflags, OTHER);
	}
	CU_ASSERT_EQUAL(begin(OTHER, "\x8e\x18", 2), HAL_STEP_OURS); /* DS */
	CU_ASSERT_EQUAL(begin(OTHER, "\x8e", 1), HAL_STEP_OURS);
}

const struct runner_test step_tests[] = {
    RUNNER_TEST(D4_plain),
    RUNNER_TEST(D4_pushed_flags),
    RUNNER_TEST(D4_loaded_flags),
    RUNNER_TEST(D4_entering),
    RUNNER_TEST(D4_not_stepped),
    {NULL, NULL},
};
