/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the journeys share. */
#ifndef TESTSUITE_SYSTEM_JOURNEY_JOURNEY_H
#define TESTSUITE_SYSTEM_JOURNEY_JOURNEY_H

#include "testsuite/runner/runner.h"
#include "testsuite/system/lib/shell.h"
#include "testsuite/system/lib/work.h"

extern const struct runner_test journey_command_tests[];
extern const struct runner_test journey_restart_tests[];
extern const struct runner_test journey_driver_tests[];

/* Boots and asserts that the prompt comes. */
struct vm *journey_boot(struct vm_config config);

/* Types a command and asserts that the answer has such a line; freed. */
void journey_answers(struct vm *vm, const char *line, const char *expression);

#endif
