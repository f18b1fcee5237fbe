/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/unit/kernel/device/support.h"

static const struct runner_suite suites[] = {
    {.name = "table", .tests = table_tests},
    {.name = "irq", .tests = irq_tests},
    {.name = "ports", .tests = port_tests},
    {.name = "mmio", .tests = mmio_tests},
    {.name = "dma", .tests = dma_tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
