/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The general path of an invocation, for when the fast one cannot serve it.
 */
#ifndef KERNEL_ENTRY_GENERAL_H
#define KERNEL_ENTRY_GENERAL_H

#include "kernel/abi/process.h"

/* The whole invocation of the loaded process, from its registers. */
_Noreturn void general_invoke(struct state_page *s);

/* The loaded process's space is to be loaded the long way; then it runs. */
_Noreturn void general_load(void);

#endif
