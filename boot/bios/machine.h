/* SPDX-License-Identifier: BSD-2-Clause */
/* What the bootstrap asks of the machine, and learns from it, but disks. */
#ifndef BOOT_BIOS_MACHINE_H
#define BOOT_BIOS_MACHINE_H

#include "boot/handoff/handoff.h"

/* Whether the CPU can run 64-bit code. */
bool machine_has_long_mode(void);

/* Opens address line 20 and proves it. */
must_check bool machine_open_a20(void);

/* Fills in the regions. Returns what is wrong, or NULL. */
const char *machine_map(struct handoff *h);

/* Fills in the clock fields; leaves zeros if the BIOS has none. */
void machine_clock(struct handoff *h);

/* The address of ACPI's root pointer, or 0. */
uint64_t machine_rsdp(void);

/* The end of memory below 640 KiB that belongs to us. */
uint32_t machine_low_end(void);

#endif
