/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * I/O APICs: 82093AA data sheet, section 3. A pin is known by its GSI; the
 * MADT says which IOAPIC has which.
 */
#include "kernel/arch/x86_64/arch.h"
#include "kernel/arch/x86_64/asm.h"

enum {
	IOAPIC_SELECT = 0x00,
	IOAPIC_WINDOW = 0x10,
	IOAPIC_BYTES = 0x20,

	REG_VERSION = 1,
	REG_PINS = 0x10, /* Two for each pin. */
	PINS_MOST = 240,

	PIN_LOW = 1 << 13,
	PIN_LEVEL = 1 << 15,
	PIN_MASKED = 1 << 16,
};

static uint32_t
ioapic_read(unsigned i, uint32_t reg)
{
	mmio_write32(machine.ioapic[i], IOAPIC_SELECT, reg);
	return mmio_read32(machine.ioapic[i], IOAPIC_WINDOW);
}

static void
ioapic_write(unsigned i, uint32_t reg, uint32_t v)
{
	mmio_write32(machine.ioapic[i], IOAPIC_SELECT, reg);
	mmio_write32(machine.ioapic[i], IOAPIC_WINDOW, v);
}

/* Which IOAPIC has this GSI, and its first register there; false: none. */
static bool
find(uint32_t gsi, unsigned *i, uint32_t *reg)
{
	const struct acpi *a = &machine.acpi;

	for (*i = 0; *i < a->nioapics; ++*i) {
		const uint32_t pin = gsi - a->ioapic[*i].gsi;

		if (gsi >= a->ioapic[*i].gsi && pin < machine.ioapic_pins[*i]) {
			*reg = REG_PINS + 2 * pin;
			return true;
		}
	}
	return false;
}

void
ioapic_init(void)
{
	const struct acpi *a = &machine.acpi;

	for (unsigned i = 0; i < a->nioapics; i++) {
		uint32_t end;

		machine.ioapic[i] = device_map(
		    a->ioapic[i].address, IOAPIC_BYTES);
		machine.ioapic_pins[i] = (ioapic_read(i, REG_VERSION) >> 16 &
					     0xff) +
		    1;
		if (machine.ioapic_pins[i] > PINS_MOST) {
			log_line("ioapic %u at %x does not answer", i,
			    a->ioapic[i].address);
			machine.ioapic_pins[i] = 0;
			continue;
		}
		for (uint32_t pin = 0; pin < machine.ioapic_pins[i]; pin++)
			ioapic_write(i, REG_PINS + 2 * pin, PIN_MASKED);
		end = a->ioapic[i].gsi + machine.ioapic_pins[i];
		if (end > machine.gsi_count)
			machine.gsi_count = end;
		log_line("ioapic %u at %x: GSI %u to %u", i,
		    a->ioapic[i].address, a->ioapic[i].gsi, end - 1);
	}
	if (machine.gsi_count == 0)
		log_line("ioapic: none: message interrupts only");
}

uint32_t
hal_gsi_count(void)
{
	return machine.gsi_count;
}

void
hal_gsi_route(uint32_t gsi, unsigned vector, bool level, bool low)
{
	uint32_t reg;
	unsigned i;

	assert(vector < HAL_VECTORS);
	if (!find(gsi, &i, &reg))
		return;
	ioapic_write(i, reg, PIN_MASKED);
	ioapic_write(i, reg + 1, machine.apic_id << 24);
	ioapic_write(i, reg,
	    PIN_MASKED | (level ? PIN_LEVEL : 0u) | (low ? PIN_LOW : 0u) |
		(VECTOR_DEVICE + vector));
}

void
hal_gsi_mask(uint32_t gsi, bool masked)
{
	uint32_t reg, v;
	unsigned i;

	if (!find(gsi, &i, &reg))
		return;
	v = ioapic_read(i, reg);
	v = masked ? v | PIN_MASKED : v & ~(uint32_t)PIN_MASKED;
	ioapic_write(i, reg, v);
}

bool
hal_isa_gsi(unsigned isa, uint32_t *gsi, bool *level, bool *low)
{
	const struct acpi *a = &machine.acpi;

	if (isa > 15)
		return false;
	*gsi = isa;
	*level = false;
	*low = false;
	for (unsigned i = 0; i < a->noverrides; i++) {
		if (a->override[i].isa != isa)
			continue;
		*gsi = a->override[i].gsi;
		*level = a->override[i].level;
		*low = a->override[i].low;
	}
	return true;
}
