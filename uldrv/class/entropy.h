/* SPDX-License-Identifier: BSD-2-Clause */
/* The entropy class: random bytes, as orders (uldrv/class/order.h). */
#ifndef ULDRV_CLASS_ENTROPY_H
#define ULDRV_CLASS_ENTROPY_H

#include "uldrv/class/order.h"

enum {
	ENTROPY_MOST = 1024, /* Bytes of one order. */
};

enum entropy_order {
	/*
	 * Fills up to `bytes` bytes at `offset`, which may not cross a page;
	 * at least one if the status is RC_OK.
	 */
	ENTROPY_READ,
	ENTROPY_ORDERS,
};

#endif
