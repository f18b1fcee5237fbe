/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bridges' memory windows: BRIDGE 3.2.5.6 to 3.2.5.10. A function behind a
 * bridge is reached only at addresses within the bridge's window. Firmware
 * opens windows where something may be plugged in; where it did not, and the
 * bridge is on bus 0, one is opened here.
 */
#include "uldrv/bus/pci/pci.h"

#define WINDOW_UNIT  UINT64_C(0x100000)
#define WINDOW_LEAST UINT64_C(0x200000)
/* As bars.c has it for BARs. */
#define OPEN_FIRST   UINT64_C(0xe0000000)
#define OPEN_LAST    UINT64_C(0xfe9fffff)

/* Bits 15-4 of the registers are bits 31-20 of the address. */
static uint64_t
base_of(uint32_t v)
{
	return (uint64_t)(v & 0xfff0) << 16;
}

bool
pci_window(
    const struct pci *p, uint16_t bridge, uint64_t *first, uint64_t *last)
{
	const struct pci_access *a = &p->access;

	*first = base_of(config_read(a, bridge, PCI_MEMORY_BASE, 2));
	*last = base_of(config_read(a, bridge, PCI_MEMORY_LIMIT, 2)) +
	    (WINDOW_UNIT - 1);
	/* Base above limit is closed; so is what was never set. */
	return *first != 0 && *first < *last;
}

/* The other window, for what may be read ahead. */
static bool
prefetch_window(
    const struct pci *p, uint16_t bridge, uint64_t *first, uint64_t *last)
{
	const struct pci_access *a = &p->access;
	uint32_t low = config_read(a, bridge, PCI_PREFETCH_BASE, 2);
	uint32_t high = config_read(a, bridge, PCI_PREFETCH_LIMIT, 2);

	*first = base_of(low);
	*last = base_of(high) + (WINDOW_UNIT - 1);
	if ((low & 15) == 1) { /* 64 bits. */
		*first |= (uint64_t)config_read(
			      a, bridge, PCI_PREFETCH_UPPER, 4)
		    << 32;
		*last |= (uint64_t)config_read(
			     a, bridge, PCI_PREFETCH_LIMIT_UPPER, 4)
		    << 32;
	}
	return *first != 0 && *first < *last;
}

static bool
meets(uint64_t first, uint64_t bytes, uint64_t low, uint64_t high)
{
	return first <= high && low <= first + (bytes - 1);
}

bool
pci_window_meets(const struct pci *p, uint64_t first, uint64_t bytes)
{
	uint64_t low, high;

	for (unsigned i = 0; i < p->count; i++) {
		uint16_t id = p->function[i].id;

		if ((p->function[i].flags & PCI_BRIDGE) == 0)
			continue;
		if ((pci_window(p, id, &low, &high) &&
			meets(first, bytes, low, high)) ||
		    (prefetch_window(p, id, &low, &high) &&
			meets(first, bytes, low, high)))
			return true;
	}
	return false;
}

bool
pci_window_open(struct pci *p, uint16_t bridge, uint64_t bytes)
{
	uint64_t step = WINDOW_LEAST, at;

	/* Behind another bridge it would have to fit that one's window. */
	if (pci_bus(bridge) != 0 || bytes > OPEN_LAST - OPEN_FIRST)
		return false;
	while (step < bytes)
		step *= 2;
	for (at = OPEN_FIRST; at <= OPEN_LAST - (step - 1); at += step) {
		if (!pci_memory_free(p, at, step) ||
		    pci_window_meets(p, at, step))
			continue;
		config_write(&p->access, bridge, PCI_MEMORY_BASE, 2,
		    (uint32_t)(at >> 16));
		config_write(&p->access, bridge, PCI_MEMORY_LIMIT, 2,
		    (uint32_t)((at + step - 1) >> 16) & 0xfff0);
		return true;
	}
	return false;
}
