/* SPDX-License-Identifier: BSD-2-Clause */
/* The formats of log_line: %s %u %x %lu %lx %%. */
#ifndef KERNEL_CORE_FORMAT_H
#define KERNEL_CORE_FORMAT_H

#include "kernel/abi/types.h"
#include <stdarg.h>

/* Hand each character to `put`. Unknown formats come out as they stand. */
void format_put(void (*put)(char c, void *context), void *context,
    const char *format, va_list list);

#endif
