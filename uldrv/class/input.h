/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The input class: keys that go down and up, as orders (uldrv/class/order.h).
 * It has no data area. What a key means is the client's affair.
 */
#ifndef ULDRV_CLASS_INPUT_H
#define ULDRV_CLASS_INPUT_H

#include "uldrv/class/order.h"

enum {
	INPUT_KEY_MASK = 0xff, /* Scan code, set 1; */
	INPUT_EXTENDED = 0x80, /* with this if it had the prefix 0xe0. */
	INPUT_DOWN = 0x100,    /* In the result: it went down, or repeats. */
};

enum input_order {
	/* Waits for the next key; result: which, and INPUT_DOWN or not. */
	INPUT_EVENT,
	INPUT_ORDERS,
};

#endif
