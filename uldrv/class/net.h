/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The net class: Ethernet frames, without their check sum, as orders
 * (uldrv/class/order.h). A frame lies in one page of the data area.
 *
 * info[0]: the station's address, its first byte lowest.
 * info[1]: 1 while there is a link, when the driver started.
 */
#ifndef ULDRV_CLASS_NET_H
#define ULDRV_CLASS_NET_H

#include "uldrv/class/order.h"

enum {
	NET_LEAST = 14, /* The header alone; shorter than 60 is padded. */
	NET_MOST = 1514,
	NET_BUFFER = 2048,   /* That every NET_RECEIVE lends. */
	NET_RECEIVES = 31,   /* The most that may be open; more: RC_LIMIT. */
	NET_DATA_PAGES = 24, /* Of the data area: 48 buffers. */
};

enum net_order {
	/* The frame of `bytes` bytes at `offset` has left the device. */
	NET_SEND,
	/*
	 * A frame has come: bytes of it. It waits as long as none comes;
	 * RC_TIMEOUT: the device was reset meanwhile, give it again.
	 */
	NET_RECEIVE,
	NET_LINK, /* result: 1 if there is a link, at once. */
	NET_ORDERS,
};

#endif
