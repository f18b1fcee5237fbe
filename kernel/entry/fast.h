/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fast path of call and return.
 */
#ifndef KERNEL_ENTRY_FAST_H
#define KERNEL_ENTRY_FAST_H

#include "kernel/abi/process.h"

/*
 * Serve the loaded process's invocation if it is a call or return on a start
 * or resume capability, without a string, and all that it needs is at hand.
 * Returns, with nothing changed, if it is not: then the general path
 * (kernel/entry/invoke.c) does it, and gives the same result.
 */
void fast_invoke(struct state_page *s);

#endif
