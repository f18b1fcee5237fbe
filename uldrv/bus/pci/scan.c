/* SPDX-License-Identifier: BSD-2-Clause */
#include "uldrv/bus/pci/pci.h"

#include <string.h>

struct pci_function *
pci_find(struct pci *p, uint16_t id)
{
	for (unsigned i = 0; i < p->count; i++)
		if (p->function[i].id == id)
			return &p->function[i];
	return NULL;
}

static void
identify(struct pci *p, struct pci_function *f)
{
	const struct pci_access *a = &p->access;

	f->vendor = (uint16_t)config_read(a, f->id, PCI_VENDOR, 2);
	f->device = (uint16_t)config_read(a, f->id, PCI_DEVICE, 2);
	f->revision = (uint8_t)config_read(a, f->id, PCI_REVISION, 1);
	f->class = config_read(a, f->id, PCI_REVISION, 4) >> 8;
	f->pin = (uint8_t)config_read(a, f->id, PCI_PIN, 1);
	if (f->pin > 4)
		f->pin = 0;
	f->gsi = PCI_NO_LINE;
	if ((config_read(a, f->id, PCI_HEADER, 1) & HEADER_TYPE) ==
	    HEADER_BRIDGE) {
		f->flags |= PCI_BRIDGE;
		return;
	}
	f->subvendor = (uint16_t)config_read(a, f->id, PCI_SUBSYSTEM, 2);
	f->subdevice = (uint16_t)config_read(a, f->id, PCI_SUBSYSTEM + 2, 2);
}

/*
 * The bus behind a bridge, to be visited later; 0 if there is none that can
 * be believed. The firmware has numbered the bridges that were there when the
 * machine started; one that came later gets the next free number, and room
 * for no bridges of its own.
 */
static unsigned
behind(struct pci *p, uint16_t id)
{
	const struct pci_access *a = &p->access;
	unsigned                 bus = pci_bus(id);
	unsigned                 next = config_read(a, id, PCI_SECONDARY, 1);
	unsigned                 last = config_read(a, id, PCI_SUBORDINATE, 1);

	if (next == 0) {
		for (next = BUSES - 1; next > bus && p->seen[next]; next--)
			;
		if (next <= bus)
			return 0;
		config_write(a, id, PCI_PRIMARY, 1, bus);
		config_write(a, id, PCI_SECONDARY, 1, next);
		config_write(a, id, PCI_SUBORDINATE, 1, next);
		last = next;
	}
	if (next <= bus || last < next || p->seen[next])
		return 0;
	p->seen[next] = 1;
	p->parent[next] = id;
	return next;
}

/* Does a BAR still hold what was found, or put there? */
static bool
bar_stands(const struct pci *p, const struct pci_function *f, unsigned i)
{
	const struct pci_bar *bar = &f->bar[i];
	uint32_t v = config_read(&p->access, f->id, PCI_BAR + 4 * i, 4);

	if (bar->kind == PCI_BAR_MEMORY)
		return (v & ~15u) == (uint32_t)bar->first;
	return bar->kind != PCI_BAR_IO || (v & 0xfffc) == bar->first;
}

/*
 * What is there is what was there: the same function, and nobody has taken
 * its addresses away, as happens to one that was pulled and put in again.
 */
static const struct pci_function *
still_known(const struct pci *p, uint16_t id)
{
	const struct pci_access *a = &p->access;

	for (unsigned i = 0; i < p->known_count; i++) {
		const struct pci_function *f = &p->known[i];

		if (f->id != id ||
		    config_read(a, id, PCI_VENDOR, 2) != f->vendor ||
		    config_read(a, id, PCI_DEVICE, 2) != f->device ||
		    config_read(a, id, PCI_REVISION, 4) >> 8 != f->class)
			continue;
		for (unsigned b = 0; b < PCI_BARS; b++)
			if (!bar_stands(p, f, b))
				return NULL;
		return f;
	}
	return NULL;
}

static enum status
scan_function(struct pci *p, uint16_t id)
{
	const struct pci_function *known = still_known(p, id);
	struct pci_function       *f;

	if (p->count == PCI_FUNCTIONS)
		return RC_LIMIT;
	f = &p->function[p->count++];
	if (known != NULL) {
		*f = *known;
		return RC_OK;
	}
	*f = (struct pci_function){.id = id, .serial = ++p->serials};
	identify(p, f);
	pci_capabilities(p, f);
	pci_size_bars(p, f);
	return RC_OK;
}

static enum status
scan_bus(struct pci *p, unsigned bus, uint8_t *todo)
{
	const struct pci_access *a = &p->access;
	enum status              st = RC_OK;

	for (unsigned slot = 0; slot < SLOTS; slot++)
		for (unsigned fn = 0; fn < FUNCTIONS; fn++) {
			uint16_t id = pci_id(bus, slot, fn);
			uint32_t vendor = config_read(a, id, PCI_VENDOR, 2);
			unsigned header, next;

			/* 6.1: 0xffff is no function, 0 cannot be one. */
			if (vendor == 0xffff || vendor == 0) {
				if (fn == 0)
					break;
				continue;
			}
			if (scan_function(p, id) != RC_OK)
				st = RC_LIMIT;
			header = config_read(a, id, PCI_HEADER, 1);
			next = (header & HEADER_TYPE) == HEADER_BRIDGE
			    ? behind(p, id)
			    : 0;
			if (next != 0)
				todo[next] = 1;
			if (fn == 0 && (header & HEADER_MULTI) == 0)
				break;
		}
	return st;
}

static enum status
scan_all(struct pci *p)
{
	uint8_t     todo[BUSES] = {1};
	enum status st = RC_OK;

	memset(p->seen, 0, sizeof(p->seen));
	p->count = 0;
	p->seen[0] = 1;
	p->parent[0] = 0;
	/* A bridge leads only to higher numbers, so one pass reaches all. */
	for (unsigned bus = 0; bus < BUSES; bus++)
		if (todo[bus] && scan_bus(p, bus, todo) != RC_OK)
			st = RC_LIMIT;
	pci_chipset(p);
	pci_settle_bars(p);
	for (unsigned i = 0; i < p->count; i++)
		if (p->function[i].pin != 0)
			p->function[i].gsi = pci_route(
			    p, p->function[i].id, p->function[i].pin);
	return st;
}

enum status
pci_scan(struct pci *p)
{
	p->known_count = 0;
	return scan_all(p);
}

enum status
pci_rescan(struct pci *p)
{
	memcpy(p->known, p->function, sizeof(p->known));
	p->known_count = p->count;
	return scan_all(p);
}
