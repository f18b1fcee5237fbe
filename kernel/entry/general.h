/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The general path of an invocation, for when the fast one cannot serve it.
 */
#ifndef KERNEL_ENTRY_GENERAL_H
#define KERNEL_ENTRY_GENERAL_H

#include "kernel/abi/process.h"
#include "kernel/mem/map.h"

/* The whole invocation of the loaded process, from its registers. */
_Noreturn void general_invoke(struct state_page *s);

/* The loaded process's space is to be loaded the long way; then it runs. */
_Noreturn void general_load(void);

/*
 * Invoke what cpu.inv.self holds, a kernel-implemented capability. A call is
 * answered and does not return; otherwise what the method said. ST_WAIT,
 * ST_FAULT with *fault: as everywhere.
 */
enum status kernel_invoke(uint64_t control, struct map_fault *fault);

#endif
