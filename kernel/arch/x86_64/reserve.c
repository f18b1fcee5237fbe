/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernel keeps to itself because protection needs it (D12). A driver
 * with one of these could interrupt, reset or write anywhere.
 */
#include "kernel/arch/x86_64/arch.h"

enum {
	MESSAGE_FIRST = 0xfee00000, /* Each write here is an interrupt. */
	MESSAGE_BYTES = 0x100000,
	HPET_BYTES = 0x1000, /* Its messages can be sent anywhere. */
	UNIT_BYTES = 0x1000,
};

/* Ascending. 0xcf8 to 0xcff are the bus domain's, but for the reset port. */
static const struct hal_reserved ports[] = {
    {0x000, 0x10, "kernel: 8237"},
    {0x020, 2, "kernel: 8259"},
    {0x080, 0x10, "kernel: 8237 pages"},
    {0x092, 1, "kernel: reset, A20"},
    {0x0a0, 2, "kernel: 8259"},
    {0x0b2, 2, "kernel: SMI"},
    {0x0c0, 0x20, "kernel: 8237"},
    {0x4d0, 2, "kernel: 8259 triggers"},
    {0x514, 8, "kernel: fw_cfg DMA"},
    {0xcf9, 1, "kernel: reset"},
};

static void
add(uint64_t first, uint64_t bytes, const char *label)
{
	assert(machine.windows < RESERVED_MAX);
	machine.window[machine.windows++] = (struct hal_reserved){
	    .first = first & ~(uint64_t)(PAGE_SIZE - 1),
	    .count = bytes,
	    .label = label,
	};
}

void
reserve_init(void)
{
	const struct acpi *a = &machine.acpi;

	for (unsigned i = 0; i < a->nioapics; i++)
		add(a->ioapic[i].address, PAGE_SIZE, "kernel: IOAPIC");
	if (a->hpet != 0)
		add(a->hpet, HPET_BYTES, "kernel: HPET");
	for (unsigned i = 0; i < a->nunits; i++)
		add(a->unit[i], UNIT_BYTES, "kernel: VT-d");
	add(MESSAGE_FIRST, MESSAGE_BYTES, "kernel: interrupt messages");
	if (machine.lapic_physical < MESSAGE_FIRST ||
	    machine.lapic_physical >= MESSAGE_FIRST + MESSAGE_BYTES)
		add(machine.lapic_physical, PAGE_SIZE, "kernel: local APIC");
	if (a->reset && a->reset_space == ACPI_SPACE_MEMORY)
		add(a->reset_address, PAGE_SIZE, "kernel: reset");
}

unsigned
hal_reserved_ports(const struct hal_reserved **list)
{
	*list = ports;
	return sizeof(ports) / sizeof(ports[0]);
}

unsigned
hal_reserved_windows(const struct hal_reserved **list)
{
	*list = machine.window;
	return machine.windows;
}
