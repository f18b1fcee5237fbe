/* SPDX-License-Identifier: BSD-2-Clause */
#include "uldrv/bus/pci/pci.h"

#include <string.h>

/* Bytes of a capability that the walk looks at. */
static unsigned
extent(uint8_t id)
{
	return id == CAP_MSI ? 24
	    : id == CAP_MSIX ? 12
	    : id == CAP_PCIE ? 12
			     : 4;
}

static void
note(struct pci *p, struct pci_function *f, uint8_t id, unsigned at)
{
	const struct pci_access *a = &p->access;
	uint32_t                 table, pba;

	switch (id) {
	case CAP_MSI:
		f->msi = (uint8_t)at;
		break;
	case CAP_MSIX:
		table = config_read(a, f->id, at + MSIX_TABLE, 4);
		pba = config_read(a, f->id, at + MSIX_PBA, 4);
		f->msix = (uint8_t)at;
		f->msix_entries = (uint16_t)((config_read(a, f->id,
						  at + MSIX_CONTROL, 2) &
						 MSIX_SIZE) +
		    1);
		f->msix_bar = table & 7;
		f->msix_offset = table & ~7u;
		f->pba_bar = pba & 7;
		f->pba_offset = pba & ~7u;
		break;
	case CAP_PCIE:
		f->flags |= PCI_PCIE;
		if ((config_read(a, f->id, at + PCIE_CAPABILITIES, 4) &
			PCIE_FLR) != 0)
			f->flags |= PCI_FLR;
		break;
	default:
		break;
	}
}

/*
 * What a driver sees (D12): the header without expansion ROM, and the
 * capabilities that the walk reached; message addresses are not its business.
 */
static void
filter(struct pci_function *f)
{
	memset(f->config + 0x30, 0, 4);
	if (f->msi != 0)
		memset(f->config + f->msi + MSI_ADDRESS, 0,
		    (size_t)extent(CAP_MSI) - MSI_ADDRESS >
			    PCI_CONFIG - (size_t)f->msi - MSI_ADDRESS
			? PCI_CONFIG - (size_t)f->msi - MSI_ADDRESS
			: (size_t)extent(CAP_MSI) - MSI_ADDRESS);
}

/* 6.7: each entry at a multiple of 4 behind the header, the first of a kind
 * counts; the list ends where it would come back to itself. */
void
pci_capabilities(struct pci *p, struct pci_function *f)
{
	const struct pci_access *a = &p->access;
	uint8_t                  seen[PCI_CONFIG / 4] = {0};
	unsigned                 at;

	for (unsigned i = 0; i < PCI_CONFIG; i += 4) {
		uint32_t v = config_read(a, f->id, i, 4);

		memcpy(f->config + i, &v, 4);
	}
	if ((config_read(a, f->id, PCI_STATUS, 2) & STATUS_LIST) == 0)
		return;
	at = config_read(a, f->id, PCI_CAPABILITIES, 1) & ~3u;
	while (at >= PCI_FIRST_FREE && !seen[at / 4]) {
		uint8_t id = (uint8_t)config_read(a, f->id, at, 1);

		seen[at / 4] = 1;
		if (at + extent(id) <= PCI_CONFIG &&
		    !(id == CAP_MSI && f->msi != 0) &&
		    !(id == CAP_MSIX && f->msix != 0))
			note(p, f, id, at);
		at = config_read(a, f->id, at + 1, 1) & ~3u;
	}
	/* The table of a BAR that is none cannot be reached. */
	if (f->msix != 0 && (f->msix_bar >= PCI_BARS || f->pba_bar >= PCI_BARS))
		f->msix = 0;
	filter(f);
}
