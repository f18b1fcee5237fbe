/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The few ACPI tables that the kernel reads (D12): MADT, FADT's reset register
 * and timer, HPET, DMAR.
 *
 * Firmware is not trusted further than need be: every length is bounded before
 * it is used, every checksum verified, and what does not fit is refused with a
 * log line. Pure: also compiled into host tests.
 */
#ifndef KERNEL_ARCH_X86_64_ACPI_H
#define KERNEL_ARCH_X86_64_ACPI_H

#include "kernel/abi/status.h"
#include "kernel/abi/types.h"

enum {
	ACPI_IOAPICS = 8,
	ACPI_OVERRIDES = 16,
	ACPI_UNITS = 8,
	ACPI_TABLES = 128,  /* Entries of the RSDT that are looked at. */
	ACPI_BYTES = 65536, /* The largest table that is accepted. */
};

struct acpi_ioapic {
	uint32_t address;
	uint32_t gsi; /* Of its first pin. */
	uint8_t  id;
};

/* An ISA interrupt that is not on the GSI of its number, or not edge, high. */
struct acpi_override {
	uint32_t gsi;
	uint8_t  isa;
	bool     level;
	bool     low;
};

/* Generic address structure, ACPI 6.4, 5.2.3.2. */
enum acpi_space {
	ACPI_SPACE_MEMORY = 0,
	ACPI_SPACE_IO = 1,
	ACPI_SPACE_PCI = 2,
};

struct acpi {
	uint32_t             lapic; /* Address by the MADT; 0: no MADT. */
	unsigned             nioapics;
	struct acpi_ioapic   ioapic[ACPI_IOAPICS];
	unsigned             noverrides;
	struct acpi_override override[ACPI_OVERRIDES];
	bool                 nmi_lint[2]; /* LINT0, LINT1 are NMI inputs. */

	bool     reset; /* The FADT has a reset register. */
	uint8_t  reset_space, reset_value;
	uint64_t reset_address;

	uint16_t pm_timer; /* Port; 0: none. */
	bool     pm_timer_32;

	uint64_t hpet;   /* Address; 0: none. */
	unsigned nunits; /* VT-d units: recorded, not used yet. */
	uint64_t unit[ACPI_UNITS];
};

/*
 * How to reach physical memory: a pointer to these bytes, or NULL when they do
 * not lie where firmware may put tables.
 */
struct acpi_memory {
	const void *(*at)(const void *context, uint64_t first, size_t bytes);
	const void *context;
};

/*
 * Read all tables. RC_NOT_FOUND: no root pointer or root table that verifies;
 * *out then says that there is nothing. Bad tables are skipped.
 */
must_check enum status acpi_read(
    const struct acpi_memory *m, uint64_t rsdp, struct acpi *out);

/* One table each, length and checksum verified by the caller. */
void acpi_madt(const uint8_t *t, uint32_t bytes, struct acpi *out);
void acpi_fadt(const uint8_t *t, uint32_t bytes, struct acpi *out);
void acpi_hpet(const uint8_t *t, uint32_t bytes, struct acpi *out);
void acpi_dmar(const uint8_t *t, uint32_t bytes, struct acpi *out);

/* Little-endian fields at any alignment. */
static inline uint16_t
acpi_16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t
acpi_32(const uint8_t *p)
{
	return acpi_16(p) | (uint32_t)acpi_16(p + 2) << 16;
}

static inline uint64_t
acpi_64(const uint8_t *p)
{
	return acpi_32(p) | (uint64_t)acpi_32(p + 4) << 32;
}

#endif
