/* SPDX-License-Identifier: BSD-2-Clause */
/* The input class's rules. Who waits is watched for lost interrupts. */
#include "uldrv/class/input.h"

#include "uldrv/lib/order.h"

static const struct order_rule rules[INPUT_ORDERS] = {
    [INPUT_EVENT] = {.known = true, .flags = ORDER_WATCHED},
};

const struct class_ops input_class = ORDER_CLASS(rules);
