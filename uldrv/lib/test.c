/* SPDX-License-Identifier: BSD-2-Clause */
/* The test class's rules. */
#include "uldrv/class/edu.h"

#include "uldrv/lib/order.h"

static const struct order_rule rules[EDU_ORDERS] = {
    [EDU_FACTORIAL] = {.known = true, .flags = ORDER_WATCHED},
    [EDU_COPY] = {.known = true,
	.flags = ORDER_WATCHED | ORDER_ONE_PAGE,
	.least = 1,
	.most = EDU_BYTES},
};

const struct class_ops test_class = ORDER_CLASS(rules);
