/* SPDX-License-Identifier: BSD-2-Clause */
/* From the loader to kernel_main, and the order of initialisation. */
#include "kernel/arch/x86_64/arch.h"
#include "kernel/arch/x86_64/asm.h"
#include "kernel/core/calendar.h"
#include "kernel/hal/entry.h"

struct arch    arch;
struct machine machine;

#define BELOW_4G (UINT64_C(1) << 32)

/*
 * Entered on the kernel stack; the loader's tables are still in use. The
 * hand-off is copied first, for its memory is given away later.
 */
void
arch_start(const struct handoff *h)
{
	machine.clock.tsc_start = rdtsc();
	descriptors_init();
	if (h->magic != HANDOFF_MAGIC || h->version != HANDOFF_VERSION ||
	    h->bytes != sizeof(*h) || h->nregions > HANDOFF_REGIONS)
		panic("the loader's hand-off is not one this kernel knows");
	machine.handoff = *h;
	machine.handoff.log[HANDOFF_LOG_SIZE - 1] = '\0';
	kernel_main(&machine.handoff);
}

/*
 * Where firmware may put tables: below 1 MiB, or in what its map reports. Still
 * under the loader's tables, so below 4 GiB.
 */
static const void *
firmware_at(const void *context, uint64_t first, size_t bytes)
{
	const struct handoff *h = context;
	const uint64_t        end = first + bytes;

	if (first == 0 || end < first || end > BELOW_4G)
		return NULL;
	if (end <= 0x100000)
		return (const void *)first;
	for (unsigned i = 0; i < h->nregions; i++) {
		const struct handoff_region *r = &h->region[i];

		if (first >= r->first && first - r->first < r->bytes &&
		    end - r->first <= r->bytes)
			return (const void *)first;
	}
	return NULL;
}

void
acpi_init(void)
{
	const struct acpi_memory memory = {
	    .at = firmware_at,
	    .context = &machine.handoff,
	};

	if (acpi_read(&memory, machine.handoff.rsdp, &machine.acpi) != RC_OK)
		log_line("acpi: no tables");
}

static void
wall_init(void)
{
	const struct handoff *h = &machine.handoff;
	const struct bcd_time t = {
	    .century = h->century,
	    .year = h->year,
	    .month = h->month,
	    .day = h->day,
	    .hour = h->hour,
	    .minute = h->minute,
	    .second = h->second,
	};

	machine.wall = calendar_unix(&t);
	if (machine.wall == 0)
		log_line("clock: the BIOS tells no time");
}

void
hal_init(const struct handoff *h)
{
	(void)h; /* It was copied. */
	cpu_init();
	acpi_init();
	paging_init();
	if (machine.acpi.reset && machine.acpi.reset_space == ACPI_SPACE_MEMORY)
		machine.reset_register = device_map(
		    machine.acpi.reset_address, 1);
	pic_init();
	lapic_init();
	ioapic_init();
	clock_init();
	wall_init();
	reserve_init();
}

const struct handoff *
hal_handoff(void)
{
	return &machine.handoff;
}

uint32_t
hal_in(uint16_t port, unsigned bytes)
{
	switch (bytes) {
	case 1:
		return in8(port);
	case 2:
		return in16(port);
	default:
		return in32(port);
	}
}

void
hal_out(uint16_t port, unsigned bytes, uint32_t value)
{
	switch (bytes) {
	case 1:
		out8(port, (uint8_t)value);
		break;
	case 2:
		out16(port, (uint16_t)value);
		break;
	default:
		out32(port, value);
		break;
	}
}
