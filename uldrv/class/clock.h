/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The clock class: the time of day, as orders (uldrv/class/order.h). Times are
 * seconds since 1970, UTC.
 */
#ifndef ULDRV_CLASS_CLOCK_H
#define ULDRV_CLASS_CLOCK_H

#include "uldrv/class/order.h"

/* What a battery clock with two digits of the year and a century can say. */
#define RTC_FIRST INT64_C(946684800)  /* 2000-01-01 */
#define RTC_LAST  INT64_C(4102444799) /* 2099-12-31 */

enum rtc_order {
	RTC_READ,  /* result: the time. RC_STATE: the clock has none. */
	RTC_SET,   /* To argument, between RTC_FIRST and RTC_LAST. */
	RTC_TICK,  /* Completes when the second changes; result: the time. */
	RTC_ALARM, /* Completes when the time is argument, or has been. */
	RTC_ORDERS,
};

#endif
