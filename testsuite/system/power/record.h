/* SPDX-License-Identifier: BSD-2-Clause */
/* One run of the workload over a disk whose writes are logged. */
#ifndef TESTSUITE_SYSTEM_POWER_RECORD_H
#define TESTSUITE_SYSTEM_POWER_RECORD_H

#include "testsuite/system/power/judge.h"

/*
 * Boots `volume`, works on it, asks for checkpoints and cuts the power. The
 * writes stand in `log` afterwards, and j->ack says what was acknowledged and
 * when. Asserts that all this went well.
 */
void record_run(const char *volume, const char *log, struct judge *j);

#endif
