/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Configuration space, by an interface that the domain supplies with ports
 * 0xcf8 and 0xcfc (or the ECAM window) and a test with an array.
 *
 * Section numbers are those of PCI Local Bus 3.0 unless another is named.
 */
#ifndef ULDRV_BUS_PCI_CONFIG_H
#define ULDRV_BUS_PCI_CONFIG_H

#include "uldrv/class/pci.h"

struct pci_access {
	/* bytes is 1, 2 or 4; what is absent reads as all ones. */
	uint32_t (*read)(
	    void *space, uint16_t id, unsigned offset, unsigned bytes);
	void (*write)(void *space, uint16_t id, unsigned offset, unsigned bytes,
	    uint32_t value);
	void *space;
};

enum pci_register { /* 6.1 */
	PCI_VENDOR = 0x00,
	PCI_DEVICE = 0x02,
	PCI_COMMAND = 0x04,
	PCI_STATUS = 0x06,
	PCI_REVISION = 0x08,
	PCI_CLASS = 0x09, /* Three bytes. */
	PCI_HEADER = 0x0e,
	PCI_BAR = 0x10,
	PCI_PRIMARY = 0x18, /* BRIDGE 3.2.5 */
	PCI_SECONDARY = 0x19,
	PCI_SUBORDINATE = 0x1a,
	PCI_MEMORY_BASE = 0x20, /* BRIDGE 3.2.5.8: in MiB, times 16. */
	PCI_MEMORY_LIMIT = 0x22,
	PCI_PREFETCH_BASE = 0x24,
	PCI_PREFETCH_LIMIT = 0x26,
	PCI_PREFETCH_UPPER = 0x28,
	PCI_PREFETCH_LIMIT_UPPER = 0x2c,
	PCI_SUBSYSTEM = 0x2c,
	PCI_CAPABILITIES = 0x34,
	PCI_PIN = 0x3d,
	PCI_BRIDGE_CONTROL = 0x3e,
	PCI_FIRST_FREE = 0x40,
};

enum {
	COMMAND_IO = 1 << 0, /* 6.2.2 */
	COMMAND_MEMORY = 1 << 1,
	COMMAND_MASTER = 1 << 2,
	COMMAND_NO_INTX = 1 << 10,
	STATUS_INTERRUPT = 1 << 3, /* 6.2.3 */
	STATUS_LIST = 1 << 4,

	HEADER_MULTI = 0x80, /* 6.2.1 */
	HEADER_TYPE = 0x7f,
	HEADER_BRIDGE = 1,

	BAR_IO = 1 << 0, /* 6.2.5.1 */
	BAR_64 = 2 << 1,
	BAR_TYPE = 3 << 1,
	BAR_PREFETCHABLE = 1 << 3,

	BRIDGE_RESET = 1 << 6, /* BRIDGE 3.2.5.18 */

	CAP_MSI = 0x05, /* 6.8 */
	CAP_PCIE = 0x10,
	CAP_MSIX = 0x11,

	MSI_CONTROL = 2,
	MSI_ADDRESS = 4,
	MSI_ENABLE = 1 << 0,
	MSI_MULTIPLE = 7 << 4,
	MSI_64 = 1 << 7,
	MSI_MASKABLE = 1 << 8,

	MSIX_CONTROL = 2,
	MSIX_TABLE = 4,
	MSIX_PBA = 8,
	MSIX_SIZE = 0x7ff,
	MSIX_MASK_ALL = 1 << 14,
	MSIX_ENABLE = 1 << 15,
	MSIX_ENTRY = 16, /* Bytes of a table entry. */

	PCIE_CAPABILITIES = 4, /* PCI Express Base 2.0, 7.8.3 */
	PCIE_CONTROL = 8,
	PCIE_FLR = 1 << 28,
	PCIE_START_FLR = 1 << 15,

	SLOTS = 32,
	FUNCTIONS = 8,
	BUSES = 256,
};

static inline uint16_t
pci_id(unsigned bus, unsigned slot, unsigned function)
{
	return (uint16_t)(bus << 8 | slot << 3 | function);
}

static inline uint32_t
config_read(
    const struct pci_access *a, uint16_t id, unsigned offset, unsigned bytes)
{
	return a->read(a->space, id, offset, bytes);
}

static inline void
config_write(const struct pci_access *a, uint16_t id, unsigned offset,
    unsigned bytes, uint32_t value)
{
	a->write(a->space, id, offset, bytes, value);
}

/* Sets and clears bits of the command register. */
static inline void
config_command(
    const struct pci_access *a, uint16_t id, uint32_t set, uint32_t clear)
{
	uint32_t v = config_read(a, id, PCI_COMMAND, 2);

	config_write(a, id, PCI_COMMAND, 2, (v & ~clear) | set);
}

#endif
