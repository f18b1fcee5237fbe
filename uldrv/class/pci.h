/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the bus domain tells about a function: a record of fixed size, checked
 * by its reader (S7). All of it comes from the device and may be a lie, but
 * for the address ranges, which the bus domain has checked against each other.
 */
#ifndef ULDRV_CLASS_PCI_H
#define ULDRV_CLASS_PCI_H

#include "kernel/abi/status.h"
#include "kernel/abi/types.h"

enum {
	PCI_BARS = 6,
	PCI_CONFIG = 256,
	PCI_NO_LINE = 255,
	PCI_FUNCTIONS = 64, /* The bus domain's table. */
};

enum pci_bar_kind {
	PCI_BAR_NONE,
	PCI_BAR_IO,
	PCI_BAR_MEMORY,
	PCI_BAR_UPPER, /* High half of the BAR before it. */
	PCI_BAR_BAD,   /* Absurd, or no room: never granted. */
};

struct pci_bar {
	uint64_t first;
	uint64_t bytes;
	uint8_t  kind; /* enum pci_bar_kind */
	uint8_t  prefetchable;
	uint8_t  bits; /* 32 or 64 */
	uint8_t  unused[5];
};

enum pci_flags {
	PCI_BRIDGE = 1 << 0,
	PCI_PCIE = 1 << 1,
	PCI_FLR = 1 << 2, /* Has function-level reset. */
};

struct pci_function {
	uint16_t id; /* bus:8, device:5, function:3 */
	uint16_t vendor, device, subvendor, subdevice;
	uint8_t  revision;
	uint8_t  flags;      /* enum pci_flags */
	uint32_t class;      /* class:8, subclass:8, interface:8 */
	uint8_t        pin;  /* 0 none, 1 INTA# ... */
	uint8_t        gsi;  /* Where the pin goes, PCI_NO_LINE if nowhere. */
	uint8_t        msi;  /* Offset of the MSI capability, 0: none. */
	uint8_t        msix; /* Offset of the MSI-X capability, 0: none. */
	uint16_t       msix_entries;
	uint8_t        msix_bar, pba_bar;
	uint32_t       msix_offset, pba_offset; /* Bytes into those BARs. */
	struct pci_bar bar[PCI_BARS];
	uint32_t       serial; /* Unlike that of any other found before. */
	uint32_t       unused;
	uint8_t        config[PCI_CONFIG]; /* Filtered copy (D12). */
};

_Static_assert(sizeof(struct pci_function) == 440, "fits 512");

static inline unsigned
pci_bus(uint16_t id)
{
	return id >> 8;
}

static inline unsigned
pci_slot(uint16_t id)
{
	return id >> 3 & 31;
}

static inline unsigned
pci_func(uint16_t id)
{
	return id & 7;
}

#endif
