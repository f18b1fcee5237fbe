/* SPDX-License-Identifier: BSD-2-Clause */
/* ACPI's root pointer. */
#ifndef BOOT_BIOS_RSDP_H
#define BOOT_BIOS_RSDP_H

#include "kernel/abi/types.h"

/*
 * The offset of the first valid root pointer on a 16-byte boundary of memory,
 * or -1. ACPI specification 6.4, 5.2.5.1 (where) and 5.2.5.3 (what).
 */
ptrdiff_t rsdp_find(const uint8_t *memory, size_t bytes);

#endif
