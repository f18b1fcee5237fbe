/* SPDX-License-Identifier: BSD-2-Clause */
/* What the unit tests of kernel/sched share. */
#ifndef TESTSUITE_UNIT_KERNEL_SCHED_SUPPORT_H
#define TESTSUITE_UNIT_KERNEL_SCHED_SUPPORT_H

#include <CUnit/CUnit.h>

#include "kernel/sched/activity.h"
#include "kernel/sched/clock.h"
#include "testsuite/runner/runner.h"

enum { TABLE = 64 };

extern const struct runner_test activity_tests[], queue_tests[], alarm_tests[],
    reserve_tests[];

/* A fresh table of so many entries. */
void table_start(uint32_t n);

/* One for the process with this OID, running. */
struct activity *running(uint64_t number);

/* It waits for this. */
void waits(struct activity *a, enum wait_kind kind, uint64_t key);

/* Does every entry obey its invariants? */
bool table_ok(void);

/* What hal_clock_deadline was told last. */
extern uint64_t deadline;

/* What hal_clock_now says. */
extern uint64_t clock_now;

#endif
