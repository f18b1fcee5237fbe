/* SPDX-License-Identifier: BSD-2-Clause */
/* The contents of the tables that the kernel uses. */
#include "kernel/arch/x86_64/acpi.h"
#include "kernel/core/core.h"

/* --- MADT, ACPI 6.4, 5.2.12 ---------------------------------------------- */

enum madt {
	MADT_LAPIC = 36,
	MADT_ENTRIES = 44,
	ENTRY_IOAPIC = 1,
	ENTRY_OVERRIDE = 2,
	ENTRY_LINT = 4,
	ENTRY_LAPIC64 = 5,

	IOAPIC_BYTES = 12,
	OVERRIDE_BYTES = 10,
	LINT_BYTES = 6,

	POLARITY_MASK = 3, /* MPS INTI flags: 0 as the bus, 1 high, 3 low. */
	POLARITY_LOW = 3,
	TRIGGER_MASK = 3 << 2, /* 0 as the bus, 1 edge, 3 level. */
	TRIGGER_LEVEL = 3 << 2,
};

static void
madt_ioapic(const uint8_t *e, struct acpi *out)
{
	struct acpi_ioapic *io;

	if (out->nioapics == ACPI_IOAPICS) {
		log_line("acpi: more than %u IOAPICs, one is left out",
		    (unsigned)ACPI_IOAPICS);
		return;
	}
	io = &out->ioapic[out->nioapics];
	*io = (struct acpi_ioapic){
	    .id = e[2],
	    .address = acpi_32(e + 4),
	    .gsi = acpi_32(e + 8),
	};
	if (io->address == 0 || io->address % 16 != 0 || io->gsi > 0xffff) {
		log_line(
		    "acpi: IOAPIC at %x, GSI %u refused", io->address, io->gsi);
		return;
	}
	out->nioapics++;
}

/* ISA is edge-triggered and active high where the flags do not say. */
static void
madt_override(const uint8_t *e, struct acpi *out)
{
	const uint16_t flags = acpi_16(e + 8);

	if (e[2] != 0 || e[3] > 15 || out->noverrides == ACPI_OVERRIDES) {
		log_line("acpi: interrupt override of bus %u, irq %u refused",
		    e[2], e[3]);
		return;
	}
	out->override[out->noverrides++] = (struct acpi_override){
	    .isa = e[3],
	    .gsi = acpi_32(e + 4),
	    .low = (flags & POLARITY_MASK) == POLARITY_LOW,
	    .level = (flags & TRIGGER_MASK) == TRIGGER_LEVEL,
	};
}

void
acpi_madt(const uint8_t *t, uint32_t bytes, struct acpi *out)
{
	uint32_t at = MADT_ENTRIES;

	if (bytes < MADT_ENTRIES) {
		log_line("acpi: APIC table refused: length %u", bytes);
		return;
	}
	out->lapic = acpi_32(t + MADT_LAPIC);
	while (at + 2 <= bytes) {
		const uint8_t *e = t + at;
		const uint8_t  n = e[1];

		if (n < 2 || n > bytes - at) {
			log_line("acpi: APIC table: bad entry at %u", at);
			return;
		}
		if (e[0] == ENTRY_IOAPIC && n >= IOAPIC_BYTES)
			madt_ioapic(e, out);
		else if (e[0] == ENTRY_OVERRIDE && n >= OVERRIDE_BYTES)
			madt_override(e, out);
		else if (e[0] == ENTRY_LINT && n >= LINT_BYTES && e[5] <= 1)
			out->nmi_lint[e[5]] = true;
		at += n;
	}
}

/* --- FADT, ACPI 6.4, 5.2.9 ----------------------------------------------- */

enum fadt {
	FADT_PM_TIMER = 76,
	FADT_PM_TIMER_BYTES = 91,
	FADT_FLAGS = 112,
	FADT_RESET = 116, /* A generic address, 12 bytes. */
	FADT_RESET_VALUE = 128,

	FLAG_TIMER_32 = 1 << 8,
	FLAG_RESET = 1 << 10,
	GAS_WIDTH = 1,
	GAS_ADDRESS = 4,
	TIMER_BYTES = 4,
};

void
acpi_fadt(const uint8_t *t, uint32_t bytes, struct acpi *out)
{
	uint32_t flags, timer;

	if (bytes < FADT_RESET) {
		log_line("acpi: FACP table refused: length %u", bytes);
		return;
	}
	flags = acpi_32(t + FADT_FLAGS);
	timer = acpi_32(t + FADT_PM_TIMER);
	if (t[FADT_PM_TIMER_BYTES] == TIMER_BYTES && timer <= 0xfffc) {
		out->pm_timer = (uint16_t)timer;
		out->pm_timer_32 = (flags & FLAG_TIMER_32) != 0;
	}
	if ((flags & FLAG_RESET) == 0 || bytes <= FADT_RESET_VALUE)
		return;
	out->reset_space = t[FADT_RESET];
	out->reset_address = acpi_64(t + FADT_RESET + GAS_ADDRESS);
	out->reset_value = t[FADT_RESET_VALUE];
	out->reset = true;
	if (t[FADT_RESET + GAS_WIDTH] != 8 ||
	    out->reset_space > ACPI_SPACE_PCI ||
	    (out->reset_space == ACPI_SPACE_IO &&
		out->reset_address > 0xffff)) {
		log_line("acpi: reset register refused");
		out->reset = false;
	}
}

/* --- HPET, IA-PC HPET specification 1.0a, 3.2.4 -------------------------- */

enum hpet_table {
	HPET_GAS = 40,
	HPET_BYTES_LEAST = 56,
};

void
acpi_hpet(const uint8_t *t, uint32_t bytes, struct acpi *out)
{
	uint64_t address;

	if (bytes < HPET_BYTES_LEAST) {
		log_line("acpi: HPET table refused: length %u", bytes);
		return;
	}
	address = acpi_64(t + HPET_GAS + GAS_ADDRESS);
	if (t[HPET_GAS] != ACPI_SPACE_MEMORY || address == 0 ||
	    address % 8 != 0) {
		log_line("acpi: HPET at %lx refused", address);
		return;
	}
	out->hpet = address;
}

/* --- DMAR, VT-d specification 3.3, 8.1 to 8.3 ---------------------------- */

enum dmar {
	DMAR_STRUCTURES = 48,
	DMAR_DRHD = 0,
	DRHD_ADDRESS = 8,
	DRHD_BYTES = 16,
};

void
acpi_dmar(const uint8_t *t, uint32_t bytes, struct acpi *out)
{
	uint32_t at = DMAR_STRUCTURES;

	if (bytes < DMAR_STRUCTURES) {
		log_line("acpi: DMAR table refused: length %u", bytes);
		return;
	}
	while (at + 4 <= bytes) {
		const uint8_t *e = t + at;
		const uint32_t n = acpi_16(e + 2);

		if (n < 4 || n > bytes - at) {
			log_line("acpi: DMAR table: bad entry at %u", at);
			return;
		}
		if (acpi_16(e) == DMAR_DRHD && n >= DRHD_BYTES &&
		    out->nunits < ACPI_UNITS)
			out->unit[out->nunits++] = acpi_64(e + DRHD_ADDRESS);
		at += n;
	}
}
