/* SPDX-License-Identifier: BSD-2-Clause */
/* Builds ACPI tables in a piece of fake memory, exactly as large as needed. */
#ifndef TESTSUITE_UNIT_KERNEL_ARCH_ACPI_BUILD_H
#define TESTSUITE_UNIT_KERNEL_ARCH_ACPI_BUILD_H

#include "kernel/arch/x86_64/acpi.h"

enum { MEMORY_FIRST = 0xe0000, MEMORY_BYTES = 4096 };

struct firmware {
	uint8_t  byte[MEMORY_BYTES];
	uint32_t used;
	uint32_t table[16];
	unsigned ntables;
};

/* Append a table with this content after its header; a right checksum. */
uint32_t firmware_table(struct firmware *f, const char *name,
    const uint8_t *content, uint32_t bytes);

/* RSDT, or XSDT, of all tables so far, and the root pointer to it. */
uint32_t firmware_root(struct firmware *f, bool xsdt);

/* Make the sum of these bytes zero by changing the one at `at`. */
void firmware_sum(uint8_t *p, uint32_t bytes, uint32_t at);

/* One of each table the kernel reads, and a root; gives the root pointer. */
uint32_t firmware_full(struct firmware *f, bool xsdt);

/* What `out` is made from it. Each access is checked by the address sanitizer:
 * the pointer given is to a copy of just those bytes. */
enum status firmware_read(
    const struct firmware *f, uint64_t rsdp, struct acpi *out);

#endif
