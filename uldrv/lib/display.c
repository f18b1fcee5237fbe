/* SPDX-License-Identifier: BSD-2-Clause */
/* The display class's rules. */
#include "uldrv/class/display.h"

#include "uldrv/lib/order.h"

static const struct order_rule rules[DISPLAY_ORDERS] = {
    [DISPLAY_SHOW] = {.known = true, .least = 2, .most = DISPLAY_BYTES},
    [DISPLAY_CURSOR] = {.known = true},
};

const struct class_ops display_class = ORDER_CLASS(rules);
