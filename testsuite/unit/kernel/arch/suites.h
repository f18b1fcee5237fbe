/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTSUITE_UNIT_KERNEL_ARCH_SUITES_H
#define TESTSUITE_UNIT_KERNEL_ARCH_SUITES_H

#include <CUnit/CUnit.h>
#include <string.h>

#include "testsuite/runner/runner.h"

extern const struct runner_test region_tests[], acpi_tests[], acpi_fuzz_tests[],
    xstate_tests[], core_tests[], meltdown_tests[],
    step_tests[], foreign_tests[];

#endif
