/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/unit/kernel/arch/suites.h"

#include "kernel/hal/hal.h"

#include <stdlib.h>

void
hal_debug_byte(char c)
{
	(void)c;
}

_Noreturn void
panic_at(const char *file, int line, const char *what)
{
	(void)file;
	(void)line;
	(void)what;
	abort();
}

static const struct runner_suite suites[] = {
    {.name = "regions", .tests = region_tests},
    {.name = "acpi", .tests = acpi_tests},
    {.name = "acpi_fuzz", .tests = acpi_fuzz_tests},
    {.name = "xstate", .tests = xstate_tests},
    {.name = "core", .tests = core_tests},
    {.name = "meltdown", .tests = meltdown_tests},
    {.name = "step", .tests = step_tests},
    {.name = "foreign", .tests = foreign_tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
