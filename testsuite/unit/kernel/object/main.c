/* SPDX-License-Identifier: BSD-2-Clause */
/* The unit tests of kernel/object. */
#include "testsuite/unit/kernel/object/support.h"

static const struct runner_suite suites[] = {
    {.name = "invoke", .tests = invoke_tests},
    {.name = "message", .tests = message_tests},
    {.name = "outside", .tests = outside_tests},
    {.name = "record", .tests = record_tests},
    {.name = "content", .tests = content_tests},
    {.name = "process", .tests = process_tests},
    {.name = "failure", .tests = failure_tests},
    {.name = "stale", .tests = stale_tests},
    {.name = "order", .tests = order_tests},
    {.name = "pieces", .tests = pieces_tests},
    {.name = "leave", .tests = leave_tests},
    {.name = "known", .tests = known_tests},
    {.name = "fast", .tests = fast_tests},
    {.name = "forward", .tests = forward_tests},
    {.name = "loan", .tests = loan_tests},
    {.name = "loan_string", .tests = loan_string_tests},
    {.name = "memory", .tests = memory_tests},
    {.name = "keeper", .tests = keeper_tests},
    {.name = "state", .tests = state_tests},
    {.name = "turn", .tests = turn_tests},
    {.name = "ref", .tests = ref_tests},
    {.name = "deliver", .tests = deliver_tests},
    {.name = "waiter", .tests = waiter_tests},
    {.name = "restart", .tests = restart_tests},
    {.name = "keep", .tests = keep_tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
