/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of the bootstrap's unit tests, one for each file. */
#ifndef TESTSUITE_UNIT_BOOT_SUITES_H
#define TESTSUITE_UNIT_BOOT_SUITES_H

#include "testsuite/runner/runner.h"

extern const struct runner_test boot_e820_tests[];
extern const struct runner_test boot_elf_tests[];
extern const struct runner_test boot_install_tests[];
extern const struct runner_test boot_misc_tests[];
extern const struct runner_test boot_partition_tests[];
extern const struct runner_test boot_slot_tests[];

#endif
