/* SPDX-License-Identifier: BSD-2-Clause */
/* From the BIOS clock to seconds since 1970. Pure. */
#ifndef KERNEL_CORE_CALENDAR_H
#define KERNEL_CORE_CALENDAR_H

#include "kernel/abi/types.h"

/* As INT 1Ah gives it: two decimal digits in each byte. */
struct bcd_time {
	uint8_t century, year, month, day, hour, minute, second;
};

/*
 * Seconds since 1970-01-01 00:00:00 (the clock is taken to run on UTC); 0 if
 * a digit is not decimal, a field out of its range, or the year not in 1970
 * to 2199.
 */
uint64_t calendar_unix(const struct bcd_time *t);

#endif
