/* SPDX-License-Identifier: BSD-2-Clause */
/* The local APIC, SDM vol. 3, chapter 10 (xAPIC mode). */
#include "kernel/arch/x86_64/arch.h"
#include "kernel/arch/x86_64/asm.h"

enum lapic_register {
	LAPIC_ID = 0x020,
	LAPIC_TPR = 0x080,
	LAPIC_EOI = 0x0b0,
	LAPIC_SPURIOUS = 0x0f0,
	LAPIC_ISR = 0x100, /* 8 words, 16 bytes apart. */
	LAPIC_ESR = 0x280,
	LVT_CMCI = 0x2f0,
	LVT_TIMER = 0x320,
	LVT_THERMAL = 0x330,
	LVT_COUNTERS = 0x340,
	LVT_LINT0 = 0x350,
	LVT_LINT1 = 0x360,
	LVT_ERROR = 0x370,
	TIMER_INITIAL = 0x380,
	TIMER_CURRENT = 0x390,
	TIMER_DIVIDE = 0x3e0,
};

enum {
	MSR_APIC_BASE = 0x1b,
	APIC_BASE_X2 = 1 << 10,
	APIC_BASE_ON = 1 << 11,
	SPURIOUS_ENABLE = 1 << 8,
	LVT_MASKED = 1 << 16,
	LVT_NMI = 4 << 8,
	DIVIDE_BY_16 = 3,
	LAPIC_BYTES = 0x400,

	MSI_ADDRESS = 0xfee00000,
};

static uint32_t
lapic_read(enum lapic_register r)
{
	return mmio_read32(machine.lapic, r);
}

static void
lapic_write(enum lapic_register r, uint32_t v)
{
	mmio_write32(machine.lapic, r, v);
}

static uint64_t
base_physical(uint64_t base)
{
	return base & ((UINT64_C(1) << arch.physical_bits) - 1) &
	    ~(uint64_t)(PAGE_SIZE - 1);
}

/*
 * Firmware may have left it in x2APIC mode, which has no registers in memory.
 * The way back leads through off (SDM vol. 3, 10.12.5).
 */
static void
lapic_enable(void)
{
	uint64_t base = rdmsr(MSR_APIC_BASE);

	if ((base & APIC_BASE_X2) != 0) {
		base &= ~(uint64_t)(APIC_BASE_X2 | APIC_BASE_ON);
		wrmsr(MSR_APIC_BASE, base);
	}
	base |= APIC_BASE_ON;
	wrmsr(MSR_APIC_BASE, base);
	machine.lapic_physical = base_physical(base);
	machine.lapic = device_map(machine.lapic_physical, LAPIC_BYTES);
}

void
lapic_init(void)
{
	const bool *nmi = machine.acpi.nmi_lint;

	if ((cpuid(1, 0).d >> 9 & 1) == 0)
		panic("this CPU has no local APIC");
	lapic_enable();
	machine.apic_id = lapic_read(LAPIC_ID) >> 24;
	lapic_write(LAPIC_TPR, 0);
	lapic_write(LVT_LINT0, nmi[0] ? LVT_NMI : LVT_MASKED);
	lapic_write(LVT_LINT1, nmi[1] ? LVT_NMI : LVT_MASKED);
	lapic_write(LVT_THERMAL, LVT_MASKED);
	lapic_write(LVT_COUNTERS, LVT_MASKED);
	lapic_write(LVT_ERROR, VECTOR_APIC_ERROR);
	lapic_write(TIMER_DIVIDE, DIVIDE_BY_16);
	lapic_write(TIMER_INITIAL, 0);
	lapic_write(LVT_TIMER, VECTOR_TIMER);
	lapic_write(LAPIC_SPURIOUS, SPURIOUS_ENABLE | VECTOR_SPURIOUS);
	lapic_error_clear();
	/* What the firmware left in service would block all below it. */
	for (int i = 0; i < IDT_ENTRIES; i++)
		lapic_eoi();
}

bool
lapic_in_service(unsigned vector)
{
	if (machine.lapic == NULL)
		return false;
	return (mmio_read32(machine.lapic, LAPIC_ISR + vector / 32 * 16) >>
		       vector % 32 &
		   1) != 0;
}

void
lapic_eoi(void)
{
	lapic_write(LAPIC_EOI, 0);
}

void
lapic_timer(uint32_t ticks)
{
	lapic_write(TIMER_INITIAL, ticks);
}

uint32_t
lapic_timer_left(void)
{
	return lapic_read(TIMER_CURRENT);
}

/* ESR shows errors since the last write to it (SDM vol. 3, 10.5.3). */
void
lapic_error_clear(void)
{
	lapic_write(LAPIC_ESR, 0);
}

void
hal_irq_eoi(unsigned vector)
{
	(void)vector; /* It is the one of highest priority in service. */
	lapic_eoi();
}

/* Fixed delivery, edge, to this CPU (SDM vol. 3, 10.11). */
void
hal_msi_message(unsigned vector, uint64_t *address, uint32_t *data)
{
	assert(vector < HAL_VECTORS);
	*address = MSI_ADDRESS | machine.apic_id << 12;
	*data = VECTOR_DEVICE + vector;
}
