/* SPDX-License-Identifier: BSD-2-Clause */
#include "devdb/record/record.h"

#include <libfdt.h>
#include <string.h>

#include "uldrv/class/order.h"

static uint32_t
cell(
    const void *fdt, int node, const char *name, unsigned i, uint32_t otherwise)
{
	int         bytes;
	const char *p = fdt_getprop(fdt, node, name, &bytes);
	fdt32_t     v;

	if (p == NULL || bytes < 0 || (unsigned)bytes < 4 * (i + 1))
		return otherwise;
	memcpy(&v, p + (size_t)4 * i, 4);
	return fdt32_to_cpu(v);
}

/* A number too large for its place stays too large for its limit. */
static uint32_t
most(uint32_t value, uint32_t limit)
{
	return value < limit ? value : limit;
}

static unsigned
cells(const void *fdt, int node, const char *name)
{
	int bytes;

	if (fdt_getprop(fdt, node, name, &bytes) == NULL || bytes < 0)
		return 0;
	return (unsigned)bytes / 4;
}

/* Copies a string that fits; RC_LIMIT if it does not. */
static enum status
text(const void *fdt, int node, const char *name, char *out, size_t room)
{
	int         bytes;
	const char *p = fdt_getprop(fdt, node, name, &bytes);

	out[0] = '\0';
	if (p == NULL)
		return RC_NOT_FOUND;
	if (bytes < 1 || (size_t)bytes > room || p[bytes - 1] != '\0')
		return RC_LIMIT;
	memcpy(out, p, (size_t)bytes);
	return RC_OK;
}

static enum status
node_name(const void *fdt, int node, char *out, size_t room)
{
	int         length;
	const char *name = fdt_get_name(fdt, node, &length);

	if (name == NULL || length < 0 || (size_t)length >= room)
		return RC_LIMIT;
	memcpy(out, name, (size_t)length);
	out[length] = '\0';
	return RC_OK;
}

static int32_t
asked(const void *fdt, int node, const char *name)
{
	uint32_t v = cell(fdt, node, name, 0, UINT32_MAX);

	return v == UINT32_MAX ? ANY : (int32_t)(v & 0xffffff);
}

static enum status
read_match(const void *fdt, int node, struct match_entry *m)
{
	char bus[CATALOGUE_NAME];

	if (text(fdt, node, "bus", bus, sizeof(bus)) != RC_OK)
		return RC_CORRUPT;
	m->bus = strcmp(bus, "pci") == 0 ? CONTROL_BUS_PCI
	    : strcmp(bus, "isa") == 0    ? CONTROL_BUS_ISA
					 : CONTROL_BUS_FIXED;
	if (text(fdt, node, "id", m->id, sizeof(m->id)) == RC_LIMIT)
		return RC_LIMIT;
	m->vendor = asked(fdt, node, "vendor");
	m->device = asked(fdt, node, "device");
	m->subvendor = asked(fdt, node, "subvendor");
	m->subdevice = asked(fdt, node, "subdevice");
	m->class = asked(fdt, node, "class");
	m->class_mask = cell(fdt, node, "class-mask", 0, 0xffffff);
	m->revision_least = (int16_t)(cell(fdt, node, "revision", 0, 0) & 255);
	m->revision_most = (int16_t)(cell(fdt, node, "revision", 1, 255) & 255);
	return RC_OK;
}

/* A bit for each BAR; one that there cannot be gives bit 7. */
static uint8_t
bar_mask(const void *fdt, int node, const char *name)
{
	uint8_t mask = 0;

	for (unsigned i = 0; i < cells(fdt, node, name); i++)
		mask |= (uint8_t)(1u << most(cell(fdt, node, name, i, 0), 7));
	return mask;
}

/* The index of the match entry that a unit names, or ANY. */
static int8_t
named_match(const void *fdt, int node, int matches)
{
	const char *where = fdt_getprop(fdt, node, "where", NULL);
	int         sub;
	int8_t      i = 0;

	if (where == NULL)
		return ANY;
	fdt_for_each_subnode(sub, fdt, matches)
	{
		const char *name = fdt_get_name(fdt, sub, NULL);

		if (name == NULL || strcmp(name, where) == 0)
			break;
		i++;
	}
	return i;
}

static enum status
read_unit(const void *fdt, int node, int matches, struct unit_needs *u)
{
	unsigned np = cells(fdt, node, "ports") / 2;
	unsigned nb = cells(fdt, node, "bar-ports") / 3;
	unsigned ni = cells(fdt, node, "isa-irqs");

	if (np + nb > CONTROL_PORTS || ni > CONTROL_IRQS)
		return RC_LIMIT;
	for (unsigned i = 0; i < np; i++)
		u->port[i] = (struct port_need){
		    cell(fdt, node, "ports", 2 * i, 0),
		    cell(fdt, node, "ports", 2 * i + 1, 0)};
	for (unsigned i = 0; i < nb; i++)
		u->bar_port[i] = (struct bar_need){
		    (uint8_t)most(cell(fdt, node, "bar-ports", 3 * i, 0), 255),
		    cell(fdt, node, "bar-ports", 3 * i + 1, 0),
		    cell(fdt, node, "bar-ports", 3 * i + 2, 0)};
	for (unsigned i = 0; i < ni; i++)
		u->isa_irq[i] = (uint8_t)most(
		    cell(fdt, node, "isa-irqs", i, 0), 255);
	u->bars = bar_mask(fdt, node, "bars");
	u->bars_optional = bar_mask(fdt, node, "bars-optional");
	u->where = named_match(fdt, node, matches);
	u->nports = (uint8_t)np;
	u->nbar_ports = (uint8_t)nb;
	u->mmio_first = cell(fdt, node, "mmio", 0, 0);
	u->mmio_bytes = cell(fdt, node, "mmio", 1, 0);
	u->nisa_irqs = (uint8_t)ni;
	u->irqs = (uint8_t)most(cell(fdt, node, "irqs", 0, 0), 255);
	u->messages = (uint8_t)most(cell(fdt, node, "messages", 0, 0), 255);
	u->config_offset = cell(fdt, node, "config-ports", 0, 0);
	u->config_mask = cell(fdt, node, "config-ports", 1, 0);
	u->config_count = cell(fdt, node, "config-ports", 2, 0);
	if (u->irqs > CONTROL_IRQS || u->messages > CONTROL_IRQS)
		return RC_LIMIT;
	return RC_OK;
}

static enum status
read_needs(const void *fdt, int node, int matches, struct catalogue_driver *d)
{
	int         sub;
	enum status st = RC_OK;

	if (node < 0)
		return RC_CORRUPT;
	d->dma_pages = (uint16_t)most(
	    cell(fdt, node, "dma-pages", 0, 0), 65535);
	d->dma_bits = (uint8_t)most(cell(fdt, node, "dma-bits", 0, 64), 255);
	d->windows = (uint16_t)most(cell(fdt, node, "windows", 0, 0), 65535);
	d->data_pages = (uint16_t)most(
	    cell(fdt, node, "data-pages", 0, 0), 65535);
	d->bus_master = fdt_getprop(fdt, node, "bus-master", NULL) != NULL;
	d->firmware = fdt_getprop(fdt, node, "firmware-tables", NULL) != NULL;
	fdt_for_each_subnode(sub, fdt, node)
	{
		if (st != RC_OK || d->nunits == CATALOGUE_UNITS)
			return RC_LIMIT;
		st = node_name(
		    fdt, sub, d->unit[d->nunits].name, CATALOGUE_NAME);
		if (st == RC_OK)
			st = read_unit(
			    fdt, sub, matches, &d->unit[d->nunits++]);
	}
	if (st == RC_OK && d->nunits == 0) {
		d->nunits = 1;
		st = read_unit(fdt, node, matches, &d->unit[0]);
	}
	if (d->dma_pages > CONTROL_DMA || d->windows > CONTROL_WINDOWS ||
	    d->data_pages > CONTROL_DMA - d->dma_pages ||
	    d->data_pages > ORDER_DATA_PAGES)
		return RC_LIMIT;
	return st;
}

static enum status
read_policy(const void *fdt, int node, struct catalogue_driver *d)
{
	if (node < 0)
		return RC_CORRUPT;
	d->resident = fdt_getprop(fdt, node, "resident", NULL) != NULL;
	d->priority = (uint8_t)most(cell(fdt, node, "priority", 0, 8), 255);
	d->restart_limit = cell(fdt, node, "restart-limit", 0, 10);
	d->back_off_least = cell(fdt, node, "back-off-ms", 0, 100);
	d->back_off_most = cell(fdt, node, "back-off-ms", 1, 10000);
	d->heartbeat = cell(fdt, node, "heartbeat-ms", 0, 5000);
	return d->back_off_least != 0 && d->heartbeat != 0 ? RC_OK : RC_CORRUPT;
}

static const char *const classes[DEVDB_CLASS_COUNT] = {
    [DEVDB_BLOCK] = "block",
    [DEVDB_CHAR] = "char",
    [DEVDB_PLATFORM] = "platform",
    [DEVDB_BUS] = "bus",
    [DEVDB_TEST] = "test",
    [DEVDB_NET] = "net",
    [DEVDB_INPUT] = "input",
    [DEVDB_DISPLAY] = "display",
    [DEVDB_CLOCK] = "clock",
    [DEVDB_ENTROPY] = "entropy",
    [DEVDB_TERMINAL] = "terminal",
};

static enum status
read_class(const void *fdt, int node, struct catalogue_driver *d)
{
	char class[CATALOGUE_NAME];

	if (text(fdt, node, "class", class, sizeof(class)) != RC_OK)
		return RC_CORRUPT;
	for (d->class = 0; d->class < DEVDB_CLASS_COUNT; d->class ++)
		if (strcmp(classes[d->class], class) == 0)
			return RC_OK;
	return RC_CORRUPT;
}

static enum status
read_matches(const void *fdt, int matches, struct catalogue_driver *d)
{
	int         sub;
	enum status st = RC_OK;

	fdt_for_each_subnode(sub, fdt, matches)
	{
		if (d->nmatch == CATALOGUE_MATCHES)
			return RC_LIMIT;
		st = read_match(fdt, sub, &d->match[d->nmatch++]);
		if (st != RC_OK)
			return st;
	}
	return st;
}

enum status
record_read(struct catalogue_driver *d, const void *fdt, int node)
{
	int         matches = fdt_subnode_offset(fdt, node, "match");
	enum status st;

	memset(d, 0, sizeof(*d));
	d->version = RECORD_VERSION;
	st = node_name(fdt, node, d->name, sizeof(d->name));
	if (st == RC_OK)
		st = matches < 0 ? RC_CORRUPT : read_class(fdt, node, d);
	if (st == RC_OK)
		st = read_matches(fdt, matches, d);
	if (st == RC_OK)
		st = read_needs(
		    fdt, fdt_subnode_offset(fdt, node, "needs"), matches, d);
	if (st == RC_OK)
		st = read_policy(
		    fdt, fdt_subnode_offset(fdt, node, "policy"), d);
	d->image = cell(fdt, node, "image", 0, UINT32_MAX);
	return st;
}

enum status
catalogue_read(struct catalogue *c, const void *fdt, size_t bytes)
{
	int         top, node;
	enum status st = RC_OK;

	memset(c, 0, sizeof(*c));
	if (bytes < sizeof(struct fdt_header) || fdt_check_header(fdt) != 0 ||
	    fdt_totalsize(fdt) > bytes)
		return RC_CORRUPT;
	top = fdt_path_offset(fdt, "/drivers");
	if (top < 0)
		return RC_CORRUPT;
	fdt_for_each_subnode(node, fdt, top)
	{
		if (c->count == CATALOGUE_BOOT)
			return RC_LIMIT;
		st = record_read(&c->driver[c->count], fdt, node);
		if (st != RC_OK)
			return st;
		c->count++;
	}
	return RC_OK;
}
