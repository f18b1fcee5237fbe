/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTSUITE_UNIT_USERLAND_SEAT_TEST_H
#define TESTSUITE_UNIT_USERLAND_SEAT_TEST_H

#include "testsuite/runner/runner.h"

extern const struct runner_test seat_tests[];

#endif
