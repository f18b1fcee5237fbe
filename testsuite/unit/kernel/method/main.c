/* SPDX-License-Identifier: BSD-2-Clause */
/* The unit tests of kernel/method. */
#include "testsuite/unit/kernel/method/support.h"

static const struct runner_suite suites[] = {
    {.name = "device", .tests = device_tests},
    {.name = "dma", .tests = dma_tests},
    {.name = "kinfo", .tests = kinfo_tests},
    {.name = "listing", .tests = listing_tests},
    {.name = "node", .tests = node_tests},
    {.name = "process", .tests = target_tests},
    {.name = "range", .tests = range_tests},
    {.name = "cache", .tests = cache_tests},
    {.name = "small", .tests = small_tests},
    {.name = "pieces", .tests = pieces_tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
