/* SPDX-License-Identifier: BSD-2-Clause */
/* The unit tests of kernel/sched. */
#include "testsuite/unit/kernel/sched/support.h"

static const struct runner_suite suites[] = {
    {.name = "activity", .tests = activity_tests},
    {.name = "queue", .tests = queue_tests},
    {.name = "alarm", .tests = alarm_tests},
    {.name = "reserve", .tests = reserve_tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
