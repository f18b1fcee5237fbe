/* SPDX-License-Identifier: BSD-2-Clause */
/* Every number of a record that indexes, counts or is allocated from. */
#include "devdb/record/record.h"

#include <string.h>

#include "uldrv/class/order.h"
#include "uldrv/class/pci.h"

/* Ends within its place, and is not empty. */
static bool
is_text(const char *text, size_t room)
{
	return text[0] != '\0' && memchr(text, 0, room) != NULL;
}

/* 15 bytes: `ps` shows no more. */
bool
record_name_ok(const char *text)
{
	size_t n = strnlen(text, DEVDB_NAME);

	if (n == 0 || n >= CATALOGUE_NAME)
		return false;
	return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_+") == n;
}

static const char *
match_wrong(const struct match_entry *m)
{
	if (m->bus > CONTROL_BUS_FIXED)
		return "a match names no bus";
	if (memchr(m->id, 0, sizeof(m->id)) == NULL)
		return "the id of a match is too long";
	if (m->bus != CONTROL_BUS_PCI && m->id[0] == '\0')
		return "a match that is not PCI needs an id";
	if (m->vendor < ANY || m->device < ANY || m->subvendor < ANY ||
	    m->subdevice < ANY || m->class < ANY)
		return "a number of a match is absurd";
	if (m->revision_least < 0 || m->revision_least > m->revision_most ||
	    m->revision_most > 255)
		return "the revisions of a match are absurd";
	return NULL;
}

static const char *
ports_wrong(const struct unit_needs *u)
{
	if (u->nports + u->nbar_ports + (u->config_count != 0) > CONTROL_PORTS)
		return "too many port ranges";
	for (unsigned i = 0; i < u->nports; i++)
		if (u->port[i].count == 0 || u->port[i].first > 0xffff ||
		    u->port[i].count > 0x10000 - u->port[i].first)
			return "a port range is empty or beyond 0xffff";
	for (unsigned i = 0; i < u->nbar_ports; i++)
		if (u->bar_port[i].bar >= PCI_BARS ||
		    u->bar_port[i].count == 0 || u->bar_port[i].count > 0x10000)
			return "the ports of a BAR are absurd";
	if (u->config_count > 0x100 ||
	    (u->config_count != 0 && u->config_offset > PCI_CONFIG - 4))
		return "config-ports are absurd";
	return NULL;
}

/* No other memory has a fixed place and is no BAR's. */
static const char *
mmio_wrong(const struct unit_needs *u)
{
	enum { SCREEN = 0xa0000, SCREEN_END = 0xc0000 };

	if (u->mmio_bytes == 0 && u->mmio_first == 0)
		return NULL;
	if (u->mmio_first < SCREEN || u->mmio_first >= SCREEN_END ||
	    u->mmio_bytes == 0 || u->mmio_bytes > SCREEN_END - u->mmio_first ||
	    u->mmio_first % PAGE_SIZE != 0 || u->mmio_bytes % PAGE_SIZE != 0 ||
	    ((u->bars | u->bars_optional) & 1) != 0)
		return "mmio is not the memory of the screen";
	return NULL;
}

static const char *
unit_wrong(const struct catalogue_driver *d, const struct unit_needs *u)
{
	unsigned irqs = u->messages > u->irqs ? u->messages : u->irqs;

	if (memchr(u->name, 0, sizeof(u->name)) == NULL ||
	    (d->nunits > 1 && !is_text(u->name, sizeof(u->name))))
		return "a unit has no name, or too long a one";
	if (u->where < ANY || u->where >= d->nmatch)
		return "a unit is for a match that is not there";
	if (mmio_wrong(u) != NULL)
		return mmio_wrong(u);
	if (u->nisa_irqs > CONTROL_IRQS || irqs > CONTROL_IRQS ||
	    u->nisa_irqs + irqs > CONTROL_IRQS)
		return "too many interrupts";
	for (unsigned i = 0; i < u->nisa_irqs; i++)
		if (u->isa_irq[i] > 15)
			return "an ISA interrupt is beyond 15";
	if (u->bars >> PCI_BARS != 0 || u->bars_optional >> PCI_BARS != 0)
		return "a BAR is beyond 5";
	return ports_wrong(u);
}

static const char *
policy_wrong(const struct catalogue_driver *d)
{
	const uint32_t hour = 3600000;

	if (d->priority > 15)
		return "the priority is beyond 15";
	if (d->back_off_least == 0 || d->back_off_most < d->back_off_least ||
	    d->back_off_most > hour)
		return "back-off-ms is absurd";
	if (d->heartbeat == 0 || d->heartbeat > hour)
		return "heartbeat-ms is absurd";
	return NULL;
}

/* What only the boot catalogue may ask for. */
static const char *
added_wrong(const struct catalogue_driver *d)
{
	if (d->class == DEVDB_BUS)
		return "a bus driver comes with the boot range only";
	if (d->resident)
		return "only drivers of the boot range are resident";
	if (d->priority > RECORD_PRIORITY_MOST)
		return "a priority above 11 is the paging path's";
	if (d->restart_limit == 0)
		return "restarts without limit are the paging path's";
	for (unsigned i = 0; i < d->nmatch; i++)
		if (d->match[i].bus == CONTROL_BUS_FIXED)
			return "fixed devices are the boot range's";
	return NULL;
}

const char *
record_wrong(const struct catalogue_driver *d)
{
	const char *wrong = NULL;

	if (d->version != RECORD_VERSION)
		return "it was made for another version of the system";
	if (!record_name_ok(d->name))
		return "the name is not 1 to 15 of a-z, 0-9, -, _ and +";
	if (d->class >= DEVDB_CLASS_COUNT)
		return "it names no class";
	if (d->nmatch == 0 || d->nmatch > CATALOGUE_MATCHES)
		return "it matches nothing, or has more than 8 matches";
	if (d->nunits == 0 || d->nunits > CATALOGUE_UNITS)
		return "it has more than 4 units";
	if (d->dma_pages > CONTROL_DMA || d->windows > CONTROL_WINDOWS ||
	    d->data_pages > CONTROL_DMA - d->dma_pages ||
	    d->data_pages > ORDER_DATA_PAGES || d->dma_bits > 64)
		return "it needs more DMA memory than there is";
	for (unsigned i = 0; i < d->nmatch && wrong == NULL; i++)
		wrong = match_wrong(&d->match[i]);
	for (unsigned i = 0; i < d->nunits && wrong == NULL; i++)
		wrong = unit_wrong(d, &d->unit[i]);
	if (wrong == NULL)
		wrong = policy_wrong(d);
	return wrong == NULL && d->added ? added_wrong(d) : wrong;
}

int
catalogue_find(const struct catalogue *c, const char *name)
{
	for (unsigned i = 0; i < c->count; i++)
		if (c->driver[i].name[0] != '\0' &&
		    strncmp(c->driver[i].name, name, DEVDB_NAME) == 0)
			return (int)i;
	return -1;
}
