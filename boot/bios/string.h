/* SPDX-License-Identifier: BSD-2-Clause */
/* The two that the compiler also calls by itself. */
#ifndef BOOT_BIOS_STRING_H
#define BOOT_BIOS_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memset(void *to, int value, size_t bytes);

#endif
