/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Base addresses: 6.2.5.1. Where the firmware gave none (a function that was
 * plugged in later has all zeros), one is found here that meets no other.
 */
#include "uldrv/bus/pci/pci.h"

/*
 * Where a BAR may be put: above the RAM below 4 GiB that QEMU's two machines
 * have, below IOAPIC and firmware; and ports above the fixed ones.
 */
#define MEMORY_FIRST UINT64_C(0xe0000000)
#define MEMORY_LAST  UINT64_C(0xfe9fffff)

enum { IO_FIRST = 0xc000, IO_LAST = 0xfeff, IO_LEAST = 0x100 };

/* What no BAR may reach, whoever set it: devices.md would say D12. */
static const struct {
	uint64_t first, last;
} kept[] = {
    {0x00000000, 0x000fffff}, /* RAM, VGA memory, firmware. */
    {0xfec00000, 0xfecfffff}, /* IOAPICs. */
    {0xfed00000, 0xfedfffff}, /* HPET, VT-d units, chipset. */
    {0xfee00000, 0xfeefffff}, /* Local APICs, and messages. */
    {0xfff00000, 0xffffffff}, /* Firmware. */
};

static bool
meets(uint64_t first, uint64_t bytes, uint64_t other, uint64_t other_bytes)
{
	return first <= other + (other_bytes - 1) &&
	    other <= first + (bytes - 1);
}

/*
 * Does the range meet what is kept, or a BAR other than `self`? earlier: only
 * those before it, so that of two that overlap the later one is bad.
 */
static bool
taken(const struct pci *p, const struct pci_bar *self, bool earlier,
    uint64_t first, uint64_t bytes)
{
	uint8_t kind = self->kind;

	for (unsigned i = 0;
	     kind == PCI_BAR_MEMORY && i < sizeof(kept) / sizeof(kept[0]); i++)
		if (meets(first, bytes, kept[i].first,
			kept[i].last - kept[i].first + 1))
			return true;
	for (unsigned i = 0; i < p->count; i++)
		for (unsigned b = 0; b < PCI_BARS; b++) {
			const struct pci_bar *o = &p->function[i].bar[b];

			if (o == self && earlier)
				return false;
			if (o != self && o->kind == kind && o->first != 0 &&
			    meets(first, bytes, o->first, o->bytes))
				return true;
		}
	return false;
}

/* Writes all ones, reads back, restores: the size is what stays zero. */
static uint64_t
probe_bits(const struct pci_access *a, uint16_t id, unsigned offset, bool wide)
{
	uint32_t low = config_read(a, id, offset, 4);
	uint32_t high = wide ? config_read(a, id, offset + 4, 4) : 0;
	uint64_t bits;

	config_write(a, id, offset, 4, UINT32_MAX);
	bits = config_read(a, id, offset, 4);
	config_write(a, id, offset, 4, low);
	if (wide) {
		config_write(a, id, offset + 4, 4, UINT32_MAX);
		bits |= (uint64_t)config_read(a, id, offset + 4, 4) << 32;
		config_write(a, id, offset + 4, 4, high);
	}
	return bits;
}

static void
size_bar(struct pci *p, struct pci_function *f, unsigned i)
{
	const struct pci_access *a = &p->access;
	struct pci_bar          *bar = &f->bar[i];
	unsigned                 offset = PCI_BAR + 4 * i;
	uint32_t                 low = config_read(a, f->id, offset, 4);
	bool                     io = (low & BAR_IO) != 0;
	bool                     wide = !io && (low & BAR_TYPE) == BAR_64;
	uint64_t                 bits, size;

	if (wide && i + 1 == PCI_BARS) {
		bar->kind = PCI_BAR_BAD;
		return;
	}
	bits = probe_bits(a, f->id, offset, wide);
	bits &= io ? ~UINT64_C(3) : ~UINT64_C(15);
	if (io)
		bits &= 0xffff; /* A device may leave the upper half zero. */
	if (bits == 0)
		return;
	size = bits & -bits;
	bar->first = (low & (io ? 0xfffcu : ~15u)) |
	    (wide ? (uint64_t)config_read(a, f->id, offset + 4, 4) << 32 : 0);
	bar->bytes = size;
	bar->kind = io ? PCI_BAR_IO : PCI_BAR_MEMORY;
	bar->bits = wide ? 64 : 32;
	bar->prefetchable = !io && (low & BAR_PREFETCHABLE) != 0;
	if (wide)
		f->bar[i + 1].kind = PCI_BAR_UPPER;
	/* Address bits must all be there from the size up, and be aligned. */
	if ((bits | (size - 1)) !=
		(io            ? UINT64_C(0xffff)
			: wide ? UINT64_MAX
			       : UINT64_C(0xffffffff)) ||
	    (bar->first & (size - 1)) != 0 ||
	    size > (io ? UINT64_C(256) << 8 : UINT64_C(1) << 40) ||
	    bar->first + (size - 1) < bar->first)
		bar->kind = PCI_BAR_BAD;
}

void
pci_size_bars(struct pci *p, struct pci_function *f)
{
	unsigned bars = (f->flags & PCI_BRIDGE) != 0 ? 2 : PCI_BARS;
	uint32_t command = config_read(&p->access, f->id, PCI_COMMAND, 2);

	/* While a BAR holds all ones the function must not decode it. */
	config_command(&p->access, f->id, 0, COMMAND_IO | COMMAND_MEMORY);
	for (unsigned i = 0; i < bars; i++)
		if (f->bar[i].kind == PCI_BAR_NONE)
			size_bar(p, f, i);
	config_write(&p->access, f->id, PCI_COMMAND, 2, command);
}

/* Any address in a range that keeps clear of all others. */
static bool
find_between(const struct pci *p, struct pci_bar *bar, uint64_t first,
    uint64_t last, bool within_window)
{
	bool     io = bar->kind == PCI_BAR_IO;
	uint64_t step = bar->bytes, at;

	/* Whole pages, so that a page never belongs to two functions. */
	if (!io && step < 4096)
		step = 4096;
	at = (first + step - 1) & ~(step - 1);
	for (unsigned tries = 0; tries < 65536; tries++, at += step) {
		if (at > last || step - 1 > last - at)
			return false;
		if (taken(p, bar, false, at, step) ||
		    (!io && !within_window && pci_window_meets(p, at, step)))
			continue;
		bar->first = at;
		return true;
	}
	return false;
}

/* Behind a bridge it must fit the bridge's window. */
static bool
find_behind(struct pci *p, uint16_t bridge, struct pci_bar *bar)
{
	uint64_t first, last;

	if (bar->kind == PCI_BAR_IO)
		return false;
	if (!pci_window(p, bridge, &first, &last) &&
	    (!pci_window_open(p, bridge, bar->bytes) ||
		!pci_window(p, bridge, &first, &last)))
		return false;
	return find_between(p, bar, first, last, true);
}

static bool
find_room(struct pci *p, const struct pci_function *f, struct pci_bar *bar)
{
	if (pci_bus(f->id) != 0)
		return find_behind(p, p->parent[pci_bus(f->id)], bar);
	return bar->kind == PCI_BAR_IO
	    ? find_between(p, bar, IO_FIRST, IO_LAST, false)
	    : find_between(p, bar, MEMORY_FIRST, MEMORY_LAST, false);
}

static void
place(struct pci *p, const struct pci_function *f, unsigned i)
{
	const struct pci_bar *bar = &f->bar[i];
	unsigned              offset = PCI_BAR + 4 * i;

	config_write(&p->access, f->id, offset, 4, (uint32_t)bar->first);
	if (bar->bits == 64)
		config_write(&p->access, f->id, offset + 4, 4,
		    (uint32_t)(bar->first >> 32));
}

void
pci_restore_bars(struct pci *p, const struct pci_function *f)
{
	for (unsigned i = 0; i < PCI_BARS; i++)
		if (f->bar[i].kind == PCI_BAR_IO ||
		    f->bar[i].kind == PCI_BAR_MEMORY)
			place(p, f, i);
}

static void
settle(struct pci *p, struct pci_function *f, unsigned i)
{
	struct pci_bar *bar = &f->bar[i];

	if (bar->kind != PCI_BAR_IO && bar->kind != PCI_BAR_MEMORY)
		return;
	if (bar->first != 0) {
		if (taken(p, bar, true, bar->first, bar->bytes))
			bar->kind = PCI_BAR_BAD;
		return;
	}
	if (!find_room(p, f, bar)) {
		bar->kind = PCI_BAR_BAD;
		return;
	}
	place(p, f, i);
}

void
pci_settle_bars(struct pci *p)
{
	for (unsigned i = 0; i < p->count; i++)
		for (unsigned b = 0; b < PCI_BARS; b++)
			settle(p, &p->function[i], b);
}

bool
pci_memory_free(const struct pci *p, uint64_t first, uint64_t bytes)
{
	const struct pci_bar nobody = {.kind = PCI_BAR_MEMORY};

	return !taken(p, &nobody, false, first, bytes);
}
