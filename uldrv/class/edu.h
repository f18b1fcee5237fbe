/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The test class: what QEMU's educational device can do, as orders
 * (uldrv/class/order.h). The smallest class there is, and the tutorial's.
 */
#ifndef ULDRV_CLASS_EDU_H
#define ULDRV_CLASS_EDU_H

#include "uldrv/class/order.h"

enum {
	/*
	 * The device's buffer has 4096 bytes; QEMU 7.2 ends the machine when
	 * a transfer reaches the last one.
	 */
	EDU_BYTES = 4095,
	EDU_MOST = 12, /* 13! does not fit in 32 bits. */
};

enum edu_order {
	EDU_FACTORIAL, /* result: the factorial of argument, at most EDU_MOST.
	                */
	/*
	 * Copy `bytes` bytes at `offset` to `argument` in the data area,
	 * through the device's buffer: one DMA transfer each way. Neither part
	 * may cross a page.
	 */
	EDU_COPY,
	EDU_ORDERS,
};

#endif
