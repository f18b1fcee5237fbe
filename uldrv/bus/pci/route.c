/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where INTx pins go, by chipset, as measured on QEMU's two machines; there
 * is no AML interpreter.
 */
#include "uldrv/bus/pci/pci.h"

enum {
	VENDOR_INTEL = 0x8086,
	PIIX3_ISA = 0x7000,
	ICH9_LPC = 0x2918,
	PIRQ_ROUTE = 0x60, /* PIIX3: Intel 290550, 2.2.6: four registers. */
	PIRQ_OFF = 0x80,
	PIRQ_MASK = 0x0f,

	/* ICH9: PIRQA-H# are pins 16-23 (Intel 316972, 5.10.1). */
	ICH9_PIRQA = 16,
	ICH9_PIRQE = 20,
};

void
pci_chipset(struct pci *p)
{
	p->chipset = CHIPSET_UNKNOWN;
	for (unsigned i = 0; i < p->count; i++) {
		const struct pci_function *f = &p->function[i];

		if (f->vendor != VENDOR_INTEL || pci_bus(f->id) != 0)
			continue;
		if (f->device == PIIX3_ISA)
			p->chipset = CHIPSET_PIIX3;
		else if (f->device == ICH9_LPC)
			p->chipset = CHIPSET_ICH9;
		else
			continue;
		p->router = f->id;
		return;
	}
}

/*
 * PIIX3 as QEMU's pc wires it: slot s, pin n to PIRQ (s + n - 1) mod 4, with
 * the register as the ISA interrupt.
 */
static uint8_t
route_piix3(struct pci *p, unsigned slot, unsigned pin)
{
	unsigned pirq = (slot + pin - 1 + 3) & 3;
	uint32_t v;

	v = config_read(&p->access, p->router, PIRQ_ROUTE + pirq, 1);
	return (v & PIRQ_OFF) != 0 ? PCI_NO_LINE : (uint8_t)(v & PIRQ_MASK);
}

/*
 * ICH9 as QEMU's q35 wires it: slots up to 24 rotate over PIRQE-H, those of
 * the chipset itself (25-31) have pin A on PIRQA and so on.
 */
static uint8_t
route_ich9(unsigned slot, unsigned pin)
{
	if (slot < 25)
		return (uint8_t)(ICH9_PIRQE + ((slot + pin - 1) & 3));
	return (uint8_t)(ICH9_PIRQA + ((pin - 1) & 3));
}

uint8_t
pci_route(struct pci *p, uint16_t id, unsigned pin)
{
	/* Each bridge turns the pins by the slot (BRIDGE 9.1). */
	for (unsigned hops = 0; pci_bus(id) != 0; hops++) {
		if (hops == BUSES || pin == 0)
			return PCI_NO_LINE;
		pin = ((pin - 1 + pci_slot(id)) & 3) + 1;
		id = p->parent[pci_bus(id)];
	}
	switch (p->chipset) {
	case CHIPSET_PIIX3:
		return route_piix3(p, pci_slot(id), pin);
	case CHIPSET_ICH9:
		return route_ich9(pci_slot(id), pin);
	case CHIPSET_UNKNOWN:
		break;
	}
	return PCI_NO_LINE;
}
