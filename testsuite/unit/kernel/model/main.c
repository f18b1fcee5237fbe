/* SPDX-License-Identifier: BSD-2-Clause */
/* Model checks: every interleaving of small protocols. */
#include "testsuite/unit/kernel/model/explore.h"

static const struct runner_suite suites[] = {
    {.name = "ring", .tests = ring_tests},
    {.name = "notice", .tests = notice_tests},
    {.name = "call", .tests = call_tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
