/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The store's death (S11): what was cleaned since the last commit is known to
 * its memory alone. A successor would know older counts than the boot range
 * has capabilities for, so the machine starts anew.
 */
#ifndef KERNEL_OBJECT_STORE_H
#define KERNEL_OBJECT_STORE_H

#include "kernel/object/process.h"

/* The loaded process has bound the pager: it is the store. */
void store_bound(void);

/*
 * A process will never run again, or not until somebody mends it. If it is the
 * store the machine is reset, and this does not return.
 */
void store_check(oid process, const char *why);

void store_init(void);

#endif
