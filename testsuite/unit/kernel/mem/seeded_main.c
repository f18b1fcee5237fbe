/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ruling F10's bug, seeded: flush.c without the stamp, so that what another
 * PCID has cached survives. The TLB model must see it.
 */
#include "testsuite/unit/kernel/mem/support.h"

unsigned F10_stale(void);

static void
F10_seeded_bug_is_caught(void)
{
	CU_ASSERT(F10_stale() > 0);
}

static const struct runner_test tests[] = {
    RUNNER_TEST(F10_seeded_bug_is_caught),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "seeded", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
