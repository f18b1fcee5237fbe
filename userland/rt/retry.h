/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An order that may be given twice, to a service that may have been cut off
 * by a restart of the machine: boot service capabilities work again at once.
 *
 *     retry(&st, devdb_device(REG_T0, i, &record, sizeof(record), &n, &count));
 */
#ifndef USERLAND_RT_RETRY_H
#define USERLAND_RT_RETRY_H

#include "kernel/abi/status.h"

enum {
	RETRY_MOST = 3, /* More restarts than this within one order: give up. */
};

#define retry(st, order)                                                    \
	do {                                                                \
		for (int retry_n_ = 0; retry_n_ < RETRY_MOST; retry_n_++) { \
			*(st) = (order);                                    \
			if (*(st) != RC_RESTARTED)                          \
				break;                                      \
		}                                                           \
	} while (0)

#endif
