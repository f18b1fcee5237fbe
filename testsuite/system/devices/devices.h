/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of drivers in the running system share. */
#ifndef TESTSUITE_SYSTEM_DEVICES_DEVICES_H
#define TESTSUITE_SYSTEM_DEVICES_DEVICES_H

#include "testsuite/runner/runner.h"
#include "testsuite/system/lib/claims.h"
#include "testsuite/system/lib/work.h"

/* A machine with more arguments, from power-on to the prompt. */
struct vm *devices_boot(const char *machine, const char *const *args);

/* Interrupts that the driver of this name has counted, by `drv`. */
long long devices_interrupts(struct vm *vm, const char *driver);

extern const struct runner_test devices_small_tests[];
extern const struct runner_test devices_net_tests[];
extern const struct runner_test devices_screen_tests[];
extern const struct runner_test devices_terminal_tests[];

#endif
