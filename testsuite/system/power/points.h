/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the power is cut: both sides of each superblock and FLUSH, and more. */
#ifndef TESTSUITE_SYSTEM_POWER_POINTS_H
#define TESTSUITE_SYSTEM_POWER_POINTS_H

#include "testsuite/system/power/judge.h"

enum { POINTS = 100 };

/*
 * Fills `point` with up to POINTS cuts, ascending. The sides of superblocks
 * and flushes come first, spread over the run if they are too many; the rest
 * is random.
 */
size_t points_choose(
    size_t point[POINTS], const struct judge *j, struct rebuild *r);

#endif
