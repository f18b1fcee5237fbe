/* SPDX-License-Identifier: BSD-2-Clause */
/* Seconds since 1970 and the fields of a battery clock. */
#ifndef ULDRV_CLOCK_MC146818_CALENDAR_H
#define ULDRV_CLOCK_MC146818_CALENDAR_H

#include "uldrv/lib/uldrv.h"

struct calendar {
	unsigned year, month, day; /* From 1. */
	unsigned hour, minute, second;
};

/* Between RTC_FIRST and RTC_LAST. */
void calendar_split(uint64_t seconds, struct calendar *c);

/* RC_DEVICE: there is no such day or time. */
enum status calendar_join(
    const struct calendar *c, uint64_t *seconds) must_check;

#endif
