/* SPDX-License-Identifier: BSD-2-Clause */
#include "devdb/server/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Never granted to a driver, whatever a catalogue or a BAR says. */
static const struct {
	uint32_t first, last;
} kept_ports[] = {
    {0x0000, 0x000f}, /* 8237 */
    {0x0020, 0x0021}, /* PIC */
    {0x0040, 0x0043}, /* PIT */
    {0x0080, 0x008f}, /* DMA pages. */
    {0x0092, 0x0092}, /* A20, fast reset. */
    {0x00a0, 0x00a1}, /* PIC */
    {0x00b2, 0x00b3}, /* SMI */
    {0x00c0, 0x00df}, /* 8237 */
    {0x0510, 0x051b}, /* fw_cfg, with a DMA engine of its own. */
    {0x0cf8, 0x0cff}, /* Configuration space; 0xcf9 resets. */
};

static enum status
refuse(struct plan *p, enum status st, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(p->reason, sizeof(p->reason), format, args);
	va_end(args);
	return st;
}

static enum status
add_port(struct plan *p, const struct catalogue_driver *d, uint32_t first,
    uint32_t count)
{
	if (count == 0 || first > 0xffff || count > 0x10000 - first)
		return refuse(
		    p, RC_ARGUMENT, "ports 0x%x + %u are none", first, count);
	/* The bus domain is who configuration space is kept for. */
	for (size_t i = 0; d->class != DEVDB_BUS &&
	     i < sizeof(kept_ports) / sizeof(kept_ports[0]);
	     i++)
		if (first <= kept_ports[i].last &&
		    kept_ports[i].first <= first + count - 1)
			return refuse(p, RC_TAKEN,
			    "ports 0x%x + %u are the platform's", first, count);
	if (p->nports == CONTROL_PORTS)
		return refuse(p, RC_LIMIT, "too many port ranges");
	p->port[p->nports++] = (struct port_need){first, count};
	return RC_OK;
}

/* Ports whose base the firmware put into configuration space. */
static enum status
plan_config_ports(struct plan *p, const struct catalogue_driver *d,
    const struct unit_needs *u, const struct board_device *b)
{
	uint32_t base = 0;

	if (u->config_count == 0)
		return RC_OK;
	if (b->pci != NULL && u->config_offset + 4 <= PCI_CONFIG)
		memcpy(&base, b->pci->config + u->config_offset, 4);
	base &= u->config_mask;
	if (base == 0)
		return refuse(p, RC_NOT_FOUND, "the firmware gave it no ports");
	return add_port(p, d, base, u->config_count);
}

static enum status
plan_ports(struct plan *p, const struct catalogue_driver *d,
    const struct unit_needs *u, const struct board_device *b)
{
	enum status st = plan_config_ports(p, d, u, b);

	for (unsigned i = 0; i < u->nports && st == RC_OK; i++)
		st = add_port(p, d, u->port[i].first, u->port[i].count);
	for (unsigned i = 0; i < u->nbar_ports && st == RC_OK; i++) {
		const struct bar_need *n = &u->bar_port[i];
		const struct pci_bar  *bar;

		if (b->pci == NULL || n->bar >= PCI_BARS)
			return refuse(p, RC_ARGUMENT, "BAR %u is none", n->bar);
		bar = &b->pci->bar[n->bar];
		if (bar->kind != PCI_BAR_IO || n->offset >= bar->bytes ||
		    n->count > bar->bytes - n->offset)
			return refuse(p, RC_NOT_FOUND,
			    "BAR %u has no such ports", n->bar);
		st = add_port(p, d, (uint32_t)bar->first + n->offset, n->count);
	}
	return st;
}

/* The bytes of a BAR before the first page with MSI-X structures. */
static uint64_t
before_msix(
    const struct pci_function *f, unsigned bar, uint64_t skip, uint64_t bytes)
{
	uint64_t end = bytes;

	if (f->msix == 0)
		return end;
	if (f->msix_bar == bar && skip + f->msix_offset < end)
		end = (skip + f->msix_offset) & ~(uint64_t)(PAGE_SIZE - 1);
	if (f->pba_bar == bar && skip + f->pba_offset < end)
		end = (skip + f->pba_offset) & ~(uint64_t)(PAGE_SIZE - 1);
	return end;
}

static enum status
plan_bar(
    struct plan *p, const struct pci_function *f, unsigned i, bool optional)
{
	const struct pci_bar *bar = &f->bar[i];
	uint64_t              skip, bytes;

	if (bar->kind != PCI_BAR_MEMORY) {
		if (optional && bar->kind != PCI_BAR_BAD)
			return RC_OK;
		return refuse(p, RC_NOT_FOUND, "BAR %u is %s", i,
		    bar->kind == PCI_BAR_BAD ? "absurd" : "no memory");
	}
	skip = bar->first & (PAGE_SIZE - 1);
	bytes = (skip + bar->bytes + PAGE_SIZE - 1) &
	    ~(uint64_t)(PAGE_SIZE - 1);
	p->mmio[i].address = bar->first - skip;
	p->mmio[i].bytes = bytes;
	p->mmio[i].part = before_msix(f, i, skip, bytes);
	p->mmio[i].skip = skip;
	return RC_OK;
}

static enum status
plan_bars(
    struct plan *p, const struct unit_needs *u, const struct board_device *b)
{
	for (unsigned i = 0; i < CONTROL_MMIO; i++) {
		bool        must = (u->bars >> i & 1) != 0;
		enum status st;

		if (!must && (u->bars_optional >> i & 1) == 0)
			continue;
		if (b->pci == NULL)
			return refuse(p, RC_NOT_FOUND, "it has no BARs");
		st = plan_bar(p, b->pci, i, !must);
		if (st != RC_OK)
			return st;
	}
	return RC_OK;
}

static enum status
plan_message(struct plan *p, const struct pci_function *f, unsigned messages)
{
	const struct pci_bar *bar = &f->bar[f->msix_bar];
	uint64_t              at = bar->first + f->msix_offset;

	if (f->msix != 0) {
		if (bar->kind != PCI_BAR_MEMORY ||
		    f->msix_offset + UINT64_C(16) * messages > bar->bytes ||
		    f->msix_entries < messages)
			return refuse(
			    p, RC_DEVICE, "its MSI-X table is absurd");
		p->table_page = at & ~(uint64_t)(PAGE_SIZE - 1);
		p->table_skip = (uint32_t)(at & (PAGE_SIZE - 1));
	}
	/* MSI without a table: one message only. */
	if (f->msix == 0)
		messages = 1;
	for (unsigned i = 0; i < messages; i++) {
		p->irq[p->nirqs].kind = PLAN_MESSAGE;
		p->irq[p->nirqs++].number = (uint8_t)i;
	}
	return RC_OK;
}

static enum status
plan_irqs(
    struct plan *p, const struct unit_needs *u, const struct board_device *b)
{
	const struct pci_function *f = b->pci;

	for (unsigned i = 0; i < u->nisa_irqs; i++) {
		p->irq[p->nirqs].kind = PLAN_ISA;
		p->irq[p->nirqs++].number = u->isa_irq[i];
	}
	if (f == NULL || (u->irqs == 0 && u->messages == 0))
		return RC_OK;
	if (u->messages != 0 && (f->msix != 0 || f->msi != 0))
		return plan_message(p, f, u->messages);
	if (u->irqs == 0 || f->pin == 0 || f->gsi == PCI_NO_LINE)
		return refuse(
		    p, RC_NOT_FOUND, "its interrupt goes nowhere we know");
	p->irq[p->nirqs].kind = PLAN_LINE;
	p->irq[p->nirqs++].number = f->gsi;
	return RC_OK;
}

enum status
plan_make(struct plan *p, const struct catalogue_driver *d,
    const struct unit_needs *u, const struct board_device *b)
{
	enum status st;

	memset(p, 0, sizeof(*p));
	p->dma = d->dma_pages + d->data_pages != 0 && b->pci != NULL;
	/* The kernel knows three classes; one that is beyond reach is none. */
	p->dma_bits = d->dma_bits < 32 ? 24 : d->dma_bits < 64 ? 32 : 64;
	st = plan_ports(p, d, u, b);
	if (st == RC_OK)
		st = plan_bars(p, u, b);
	if (st == RC_OK && u->mmio_bytes != 0) {
		p->mmio[0].address = u->mmio_first;
		p->mmio[0].bytes = p->mmio[0].part = u->mmio_bytes;
	}
	if (st == RC_OK)
		st = plan_irqs(p, u, b);
	return st;
}
