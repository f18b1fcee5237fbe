/* SPDX-License-Identifier: BSD-2-Clause */
/* What the orders of kernel information share. */
#ifndef KERNEL_METHOD_KINFO_H
#define KERNEL_METHOD_KINFO_H

#include "kernel/object/process.h"

/*
 * The state page of a process node, if that is in memory, too, and they name
 * each other; else NULL. Nothing is fetched.
 */
const struct state_page *kinfo_state(struct frame *f, unsigned index);

#endif
