/* SPDX-License-Identifier: BSD-2-Clause */
/* The net class's rules. Who waits for a frame may wait for ever. */
#include "uldrv/class/net.h"

#include "uldrv/lib/order.h"

static const struct order_rule rules[NET_ORDERS] = {
    [NET_SEND] = {.known = true,
	.flags = ORDER_WATCHED | ORDER_ONE_PAGE,
	.least = NET_LEAST,
	.most = NET_MOST},
    [NET_RECEIVE] = {.known = true,
	.flags = ORDER_ONE_PAGE,
	.least = NET_BUFFER,
	.most = NET_BUFFER},
    [NET_LINK] = {.known = true},
};

const struct class_ops net_class = ORDER_CLASS(rules);
