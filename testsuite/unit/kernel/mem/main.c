/* SPDX-License-Identifier: BSD-2-Clause */
/* The unit tests of kernel/mem. */
#include "testsuite/unit/kernel/mem/support.h"

static const struct runner_suite suites[] = {
    {.name = "frame", .tests = frame_tests},
    {.name = "map", .tests = map_tests},
    {.name = "flush", .tests = flush_tests},
    {.name = "epoch", .tests = epoch_tests},
    {.name = "model", .tests = model_tests},
    {.name = "pager", .tests = pager_tests},
    {.name = "intake", .tests = intake_tests},
    {.name = "failure", .tests = failure_tests},
    {.name = "cache", .tests = cache_tests},
    {.name = "hit", .tests = hit_tests},
    {.name = "many", .tests = many_tests},
    {.name = "vain", .tests = vain_tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
