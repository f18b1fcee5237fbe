/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The program of a driver over a recorded trace, TRACE=FILE: the driver must
 * say what the driver of the record said. And a trace that was changed in one
 * place must be told from the true one.
 */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/harness/replay/replay.h"
#include "testsuite/harness/script.h"

static bool
play(size_t spoilt)
{
	struct harness *h = harness_open();
	bool            good;

	replay_spoil(h, spoilt);
	good = class_script.converse(h) && replay_ended(h);
	harness_close(h);
	return good;
}

static void
conversation(void)
{
	harness_complaints = 0;
	CU_ASSERT(play(0));
	CU_ASSERT_EQUAL(harness_complaints, 0);
}

/* What the driver writes is held against the trace, wherever it is. */
static void
first_divergence(void)
{
	struct harness *h = harness_open();
	size_t          writes = replay_writes(h);

	harness_close(h);
	CU_ASSERT(writes > 0);
	for (size_t n = 1; n <= writes; n += 1 + n / 4) {
		harness_complaints = 0;
		CU_ASSERT_FALSE(play(n));
		CU_ASSERT_EQUAL(harness_complaints, 1);
	}
}

static const struct runner_test tests[] = {
    RUNNER_TEST(conversation),
    RUNNER_TEST(first_divergence),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "harness", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	runner_set_deadline(120);
	return runner_main(argc, argv, suites);
}
