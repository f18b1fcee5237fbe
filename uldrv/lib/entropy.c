/* SPDX-License-Identifier: BSD-2-Clause */
/* The entropy class's rules. */
#include "uldrv/class/entropy.h"

#include "uldrv/lib/order.h"

static const struct order_rule rules[ENTROPY_ORDERS] = {
    [ENTROPY_READ] = {.known = true,
	.flags = ORDER_WATCHED | ORDER_ONE_PAGE,
	.least = 1,
	.most = ENTROPY_MOST},
};

const struct class_ops entropy_class = ORDER_CLASS(rules);
