/* SPDX-License-Identifier: BSD-2-Clause */
#include "uldrv/bus/pci/pci.h"

void
pci_silence(struct pci *p, const struct pci_function *f)
{
	const struct pci_access *a = &p->access;
	uint32_t                 v;

	/* Interrupts first: then nothing says that DMA has ended (fact 6). */
	config_command(a, f->id, COMMAND_NO_INTX, 0);
	if (f->msi != 0) {
		v = config_read(a, f->id, f->msi + MSI_CONTROL, 2);
		config_write(a, f->id, f->msi + MSI_CONTROL, 2,
		    v & ~(uint32_t)MSI_ENABLE);
	}
	if (f->msix != 0) {
		v = config_read(a, f->id, f->msix + MSIX_CONTROL, 2);
		config_write(a, f->id, f->msix + MSIX_CONTROL, 2,
		    (v | MSIX_MASK_ALL) & ~(uint32_t)MSIX_ENABLE);
	}
	/* A bridge's bus-master bit carries what lies behind it. */
	if ((f->flags & PCI_BRIDGE) == 0)
		config_command(a, f->id, 0, COMMAND_MASTER);
}

void
pci_enable(struct pci *p, const struct pci_function *f, bool master, bool intx)
{
	/* Bridges on the way pass it on; their own bit carries what is behind. */
	for (unsigned bus = pci_bus(f->id), n = 0; bus != 0 && n < BUSES; n++) {
		config_command(&p->access, p->parent[bus],
		    COMMAND_IO | COMMAND_MEMORY | COMMAND_MASTER, 0);
		bus = pci_bus(p->parent[bus]);
	}
	config_command(&p->access, f->id,
	    COMMAND_IO | COMMAND_MEMORY | (master ? COMMAND_MASTER : 0u),
	    (master ? 0u : COMMAND_MASTER) | (intx ? COMMAND_NO_INTX : 0u));
}

static void
program_msi(struct pci *p, const struct pci_function *f, uint64_t address,
    uint32_t data)
{
	const struct pci_access *a = &p->access;
	unsigned                 at = f->msi;
	uint32_t control = config_read(a, f->id, at + MSI_CONTROL, 2);
	unsigned data_at = at + MSI_ADDRESS +
	    ((control & MSI_64) != 0 ? 8u : 4u);

	config_write(a, f->id, at + MSI_ADDRESS, 4, (uint32_t)address);
	if ((control & MSI_64) != 0)
		config_write(a, f->id, at + MSI_ADDRESS + 4, 4,
		    (uint32_t)(address >> 32));
	config_write(a, f->id, data_at, 2, data & 0xffff);
	if ((control & MSI_MASKABLE) != 0)
		config_write(a, f->id, data_at + 4, 4, 0);
	config_write(a, f->id, at + MSI_CONTROL, 2,
	    (control & ~(uint32_t)MSI_MULTIPLE) | MSI_ENABLE);
}

enum status
pci_message(struct pci *p, const struct pci_function *f,
    volatile uint32_t *entry, uint64_t address, uint32_t data)
{
	const struct pci_access *a = &p->access;
	uint32_t                 control;

	config_command(a, f->id, COMMAND_NO_INTX, 0);
	if (f->msix != 0 && entry != NULL) {
		control = config_read(a, f->id, f->msix + MSIX_CONTROL, 2);
		/* The function is masked while an entry changes (6.8.3.2). */
		config_write(a, f->id, f->msix + MSIX_CONTROL, 2,
		    control | MSIX_ENABLE | MSIX_MASK_ALL);
		entry[0] = (uint32_t)address;
		entry[1] = (uint32_t)(address >> 32);
		entry[2] = data;
		entry[3] = 0;
		config_write(a, f->id, f->msix + MSIX_CONTROL, 2,
		    (control | MSIX_ENABLE) & ~(uint32_t)MSIX_MASK_ALL);
		return RC_OK;
	}
	if (f->msi == 0)
		return RC_UNSUPPORTED;
	program_msi(p, f, address, data);
	return RC_OK;
}

static unsigned
pcie_at(struct pci *p, const struct pci_function *f)
{
	unsigned at = f->config[PCI_CAPABILITIES] & ~3u;

	(void)p;
	for (unsigned i = 0; i < PCI_CONFIG / 4 && at >= PCI_FIRST_FREE; i++) {
		if (f->config[at] == CAP_PCIE)
			return at;
		at = f->config[at + 1] & ~3u;
	}
	return 0;
}

/* The functions on a bus and all that lies behind it: more than this one? */
static bool
alone(const struct pci *p, const struct pci_function *f)
{
	unsigned n = 0;

	for (unsigned i = 0; i < p->count; i++)
		n += pci_bus(p->function[i].id) == pci_bus(f->id);
	return n == 1 && (f->flags & PCI_BRIDGE) == 0;
}

enum status
pci_reset(struct pci *p, const struct pci_function *f, bool begin)
{
	const struct pci_access *a = &p->access;
	unsigned                 at;
	uint16_t                 bridge;
	uint32_t                 v;

	at = (f->flags & PCI_FLR) != 0 ? pcie_at(p, f) : 0;
	if (at != 0) {
		v = config_read(a, f->id, at + PCIE_CONTROL, 2);
		if (begin)
			config_write(
			    a, f->id, at + PCIE_CONTROL, 2, v | PCIE_START_FLR);
		else
			pci_restore_bars(p, f);
		return RC_OK;
	}
	if (pci_bus(f->id) == 0 || !alone(p, f))
		return RC_UNSUPPORTED;
	bridge = p->parent[pci_bus(f->id)];
	v = config_read(a, bridge, PCI_BRIDGE_CONTROL, 2);
	config_write(a, bridge, PCI_BRIDGE_CONTROL, 2,
	    begin ? v | BRIDGE_RESET : v & ~(uint32_t)BRIDGE_RESET);
	if (!begin)
		pci_restore_bars(p, f);
	return RC_OK;
}
