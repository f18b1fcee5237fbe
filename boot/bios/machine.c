/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/bios/machine.h"

#include "boot/bios/bios.h"
#include "boot/bios/bootrecord.h"
#include "boot/bios/e820.h"
#include "boot/bios/rsdp.h"
#include "boot/bios/say.h"

#include <cpuid.h>

enum {
	CPUID_EXTENDED = 0x80000001,
	EDX_LONG_MODE = 1 << 29,
	INT_SYSTEM = 0x15,
	INT_CLOCK = 0x1a,
	SYSTEM_A20_ON = 0x2401,
	SYSTEM_MAP = 0xe820,
	CLOCK_TIME = 0x0200,
	CLOCK_DATE = 0x0400,
	CLOCK_TRIES = 8,
	BDA_EBDA_SEGMENT = 0x40e, /* BIOS data area: segment of the EBDA. */
	BDA_MEMORY_KIB = 0x413,   /* KiB of low memory. */
	ROM_FIRST = 0xe0000,
	ROM_BYTES = 0x20000,
	EBDA_LOOK = 1024,
	A20_PATIENCE = 100000,
	/* Intel 8042 data sheet, "status register" and command D1h. */
	KBC_DATA = 0x60,
	KBC_COMMAND = 0x64,
	KBC_FULL = 0x02,
	KBC_OUTPUT = 0xd1,
	KBC_A20_ON = 0xdf,
	PORT_A = 0x92, /* PS/2 system control port A. */
	PORT_A_A20 = 0x02,
	PORT_A_RESET = 0x01,
};

#define SMAP UINT32_C(0x534d4150)

bool
machine_has_long_mode(void)
{
	uint32_t a, b, c, d;

	return __get_cpuid(CPUID_EXTENDED, &a, &b, &c, &d) &&
	    (d & EDX_LONG_MODE);
}

/* With the line closed, the two addresses are one. */
static bool
a20_is_open(void)
{
	volatile uint32_t *low = (volatile uint32_t *)HANDOFF_ADDRESS;
	volatile uint32_t *high = (volatile uint32_t *)(HANDOFF_ADDRESS +
	    0x100000);
	uint32_t           old = *low;
	bool               open;

	*low = ~*high;
	open = *high != *low;
	*low = old;
	return open;
}

static bool
a20_opens(void)
{
	for (int n = 0; n < A20_PATIENCE; n++) {
		if (a20_is_open())
			return true;
	}
	return false;
}

static void
keyboard_wait(void)
{
	for (int n = 0; n < A20_PATIENCE; n++) {
		if (!(port_read(KBC_COMMAND) & KBC_FULL))
			return;
	}
}

bool
machine_open_a20(void)
{
	struct bios_regs r = {.eax = SYSTEM_A20_ON};

	if (a20_is_open())
		return true;
	bios_call(INT_SYSTEM, &r);
	if (a20_is_open())
		return true;
	port_write(PORT_A,
	    (uint8_t)((port_read(PORT_A) | PORT_A_A20) & ~PORT_A_RESET));
	if (a20_opens())
		return true;
	keyboard_wait();
	port_write(KBC_COMMAND, KBC_OUTPUT);
	keyboard_wait();
	port_write(KBC_DATA, KBC_A20_ON);
	keyboard_wait();
	return a20_opens();
}

/* ACPI specification 6.4, 15.1: INT 15h, AX = E820h. */
const char *
machine_map(struct handoff *h)
{
	static struct handoff_region raw[E820_RAW];
	static struct {
		uint64_t first, bytes;
		uint32_t kind, attributes;
	} entry;
	struct bios_regs r = {0};
	unsigned         n = 0;
	bool             cut;

	do {
		entry.attributes = 1;
		r.eax = SYSTEM_MAP;
		r.edx = SMAP;
		r.ecx = sizeof(entry);
		r.es = (uint16_t)((uintptr_t)&entry >> 4);
		r.edi = (uintptr_t)&entry & 15;
		bios_call(INT_SYSTEM, &r);
		if ((r.flags & FLAG_CARRY) || r.eax != SMAP)
			break;
		/* Bit 0 of the attributes: the entry is to be heeded. */
		if (entry.bytes != 0 && (r.ecx <= 20 || entry.attributes & 1))
			raw[n++] = (struct handoff_region){
			    .first = entry.first,
			    .bytes = entry.bytes,
			    .kind = entry.kind,
			};
	} while (r.ebx != 0 && n < E820_RAW);
	if (n == 0)
		return "the BIOS has no memory map (INT 15h, AX=E820)";
	h->nregions = e820_merge(raw, n, h->region, &cut);
	if (cut)
		say("the memory map is too long: memory at the top is unused");
	return NULL;
}

static bool
clock_call(uint32_t function, struct bios_regs *r)
{
	/* The BIOS fails while the clock is being updated: ask again. */
	for (int n = 0; n < CLOCK_TRIES; n++) {
		*r = (struct bios_regs){.eax = function};
		bios_call(INT_CLOCK, r);
		if (!(r->flags & FLAG_CARRY))
			return true;
	}
	return false;
}

/* The date is read before and after the time: midnight may come between. */
void
machine_clock(struct handoff *h)
{
	struct bios_regs date, time, again;

	for (int n = 0; n < CLOCK_TRIES; n++) {
		if (!clock_call(CLOCK_DATE, &date) ||
		    !clock_call(CLOCK_TIME, &time) ||
		    !clock_call(CLOCK_DATE, &again))
			return;
		if ((date.edx & 0xffff) == (again.edx & 0xffff))
			break;
	}
	h->century = (uint8_t)(again.ecx >> 8);
	h->year = (uint8_t)again.ecx;
	h->month = (uint8_t)(again.edx >> 8);
	h->day = (uint8_t)again.edx;
	h->hour = (uint8_t)(time.ecx >> 8);
	h->minute = (uint8_t)time.ecx;
	h->second = (uint8_t)(time.edx >> 8);
	h->dst = (uint8_t)time.edx;
}

uint64_t
machine_rsdp(void)
{
	uint32_t ebda = (uint32_t) * (volatile uint16_t *)BDA_EBDA_SEGMENT << 4;
	ptrdiff_t at;

	if (ebda >= LOW_MEMORY_END) {
		at = rsdp_find((const uint8_t *)ebda, EBDA_LOOK);
		if (at >= 0)
			return ebda + (uint32_t)at;
	}
	at = rsdp_find((const uint8_t *)ROM_FIRST, ROM_BYTES);
	return at >= 0 ? ROM_FIRST + (uint32_t)at : 0;
}

uint32_t
machine_low_end(void)
{
	return (uint32_t) * (volatile uint16_t *)BDA_MEMORY_KIB * 1024;
}
