/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef KERNEL_CORE_PANIC_H
#define KERNEL_CORE_PANIC_H

#include "kernel/abi/process.h"
#include "kernel/core/core.h"

/* A panic with the registers of what the CPU was doing. */
_Noreturn void panic_trap(
    const char *what, const struct registers *r, uint64_t address);

#endif
