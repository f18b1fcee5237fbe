/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The program of a block driver over QEMU's own device: the script, and death
 * of the driver at register accesses, a fresh instance taking the device over.
 */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>

#include "testsuite/harness/blocktest.h"
#include "testsuite/runner/runner.h"

enum { DEATHS = 40 };

static void
check(const struct script_result *r)
{
	CU_ASSERT(r->ended);
	CU_ASSERT_EQUAL(r->wrong, 0);
	CU_ASSERT_EQUAL(harness_complaints, 0);
}

static void
without_fault(void)
{
	const struct fault   none = {.kind = FK_NOTHING};
	struct script_result r = block_script(&none);

	check(&r);
	CU_ASSERT_EQUAL(r.restarts, 0);
}

/* Every place while it starts up, then further and further apart. */
static void
death(void)
{
	unsigned long n = 1, tried = 0;

	/* PIO goes word by word over the socket: seconds for each run. */
	unsigned long most = getenv("PIO") != NULL ? 4 : DEATHS;

	for (; tried < most; tried++, n += 1 + n / 12) {
		const struct fault   f = {.kind = FK_DEATH, .at = n};
		struct script_result r = block_script(&f);

		check(&r);
		if (r.fired == 0)
			break;
	}
	CU_ASSERT(tried > 3);
	printf("%-12s %-6s %-14s %-6s n %5lu  faults %6lu\n", driver.name,
	    backend_name, "death", "once", n, tried);
}

static const struct runner_test tests[] = {
    RUNNER_TEST(without_fault),
    RUNNER_TEST(death),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "block", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	runner_set_deadline(300);
	return runner_main(argc, argv, suites);
}
