/* SPDX-License-Identifier: BSD-2-Clause */
/* Reset: the FADT's register, then port 0xcf9, then a triple fault. */
#include "kernel/arch/x86_64/arch.h"
#include "kernel/arch/x86_64/asm.h"

enum {
	RESET_CONTROL = 0xcf9, /* PIIX3 data sheet 2.5.1; ICH9, 13.7.5. */
	RESET_ARM = 0x02,      /* Hard reset, when the next bit rises. */
	RESET_NOW = 0x06,
	CONFIG_ADDRESS = 0xcf8,
	CONFIG_DATA = 0xcfc,
	SETTLE = 1000,
};

/* ACPI 6.4, 4.8.3.6: a PCI register is on bus 0; address: device, function,
 * offset, 16 bits each from bit 47 down. */
static void
reset_by_fadt(void)
{
	const struct acpi *a = &machine.acpi;
	const uint64_t     p = a->reset_address;

	switch ((enum acpi_space)a->reset_space) {
	case ACPI_SPACE_IO:
		out8((uint16_t)p, a->reset_value);
		break;
	case ACPI_SPACE_MEMORY:
		if (machine.reset_register != NULL)
			*machine.reset_register = a->reset_value;
		break;
	case ACPI_SPACE_PCI:
		out32(CONFIG_ADDRESS,
		    0x80000000u | (uint32_t)(p >> 32 & 31) << 11 |
			(uint32_t)(p >> 16 & 7) << 8 | (uint32_t)(p & 0xfc));
		out8((uint16_t)(CONFIG_DATA + (p & 3)), a->reset_value);
		break;
	}
}

static void
settle(void)
{
	for (int i = 0; i < SETTLE; i++)
		(void)in8(0x80);
}

void
hal_reset(void)
{
	const struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) none = {0, 0};

	__asm__ volatile("cli");
	if (machine.acpi.reset) {
		reset_by_fadt();
		settle();
	}
	out8(RESET_CONTROL, RESET_ARM);
	out8(RESET_CONTROL, RESET_NOW);
	settle();
	/* No IDT: the breakpoint, the fault of that, and the fault of that. */
	__asm__ volatile("lidt %0\n\tint3" : : "m"(none));
	hal_halt();
}
