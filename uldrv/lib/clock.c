/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock class's rules. An alarm is watched for lost interrupts. */
#include "uldrv/class/clock.h"

#include "uldrv/lib/order.h"

static const struct order_rule rules[RTC_ORDERS] = {
    [RTC_READ] = {.known = true, .flags = ORDER_WATCHED},
    [RTC_SET] = {.known = true, .flags = ORDER_WATCHED},
    [RTC_TICK] = {.known = true, .flags = ORDER_WATCHED},
    [RTC_ALARM] = {.known = true, .flags = ORDER_WATCHED},
};

const struct class_ops clock_class = ORDER_CLASS(rules);
