/* SPDX-License-Identifier: BSD-2-Clause */
/* The live tree: what is there, and what shall drive it. */
#include "devdb/server/server.h"

#include <stdio.h>
#include <string.h>

#include "uldrv/class/pci.stub.h"
#include "userland/rt/log.h"

/* A place that nobody has; NULL if there is none. */
static struct device *
free_place(void)
{
	for (unsigned i = 0; i < server.devices; i++)
		if (server.device[i].board.name[0] == '\0')
			return &server.device[i];
	return server.devices < SERVER_DEVICES
	    ? &server.device[server.devices++]
	    : NULL;
}

static struct device *
add(const char *name, uint8_t bus, const char *id)
{
	struct device *d = free_place();

	if (d == NULL)
		return NULL;
	*d = (struct device){.board.bus = bus, .driver = NONE};
	snprintf(d->board.name, DEVDB_NAME, "%s", name);
	snprintf(d->board.id, CATALOGUE_NAME, "%s", id);
	return d;
}

void
devices_fixed(void)
{
	(void)add("pci", CONTROL_BUS_FIXED, "pci-host");
	(void)add("com1", CONTROL_BUS_ISA, "PNP0501");
	(void)add("com2", CONTROL_BUS_ISA, "PNP0501");
	(void)add("rtc", CONTROL_BUS_ISA, "PNP0B00");
	(void)add("kbd", CONTROL_BUS_ISA, "PNP0303");
	(void)add("vga", CONTROL_BUS_ISA, "PNP0900");
}

/* A record of the bus domain is a copy; what indexes is brought in bounds. */
static struct device *
add_function(const struct pci_function *f)
{
	struct device *d;
	char           name[DEVDB_NAME];

	match_pci_name(f->id, name);
	d = add(name, CONTROL_BUS_PCI, "");
	if (d == NULL)
		return NULL;
	d->function = *f;
	if (d->function.msix_bar >= PCI_BARS || d->function.pba_bar >= PCI_BARS)
		d->function.msix = 0;
	d->board.pci = &d->function;
	return d;
}

void
devices_scan(void)
{
	static struct pci_function f;
	uint64_t                   count = 0;
	size_t                     bytes = 0;
	enum status                st = system_get(SLOT_BUS, REG_T0);

	if (st == RC_OK)
		st = pci_scan(REG_T0, &count);
	if (st != RC_OK && st != RC_LIMIT) {
		log_printf("devdb: no PCI bus, status %u\n", (unsigned)st);
		return;
	}
	policy_up(&server.instance[0].policy);
	if (count > PCI_FUNCTIONS)
		count = PCI_FUNCTIONS;
	for (uint64_t i = 0; i < count; i++) {
		if (pci_function(REG_T0, i, &f, sizeof(f), &bytes) != RC_OK ||
		    bytes != sizeof(f))
			continue;
		/* Before anybody owns anything of it. */
		ignore_status(pci_silence(REG_T0, f.id));
		(void)add_function(&f);
	}
	log_printf("devdb: %u PCI functions\n", (unsigned)count);
}

static struct instance *
free_instance(void)
{
	for (unsigned i = 0; i < server.instances; i++)
		if (!server.instance[i].used)
			return &server.instance[i];
	return server.instances < SERVER_INSTANCES
	    ? &server.instance[server.instances++]
	    : NULL;
}

/* The device that is this very function; one pulled and put in is another. */
static struct device *
find_function(const struct pci_function *f)
{
	for (unsigned i = 0; i < server.devices; i++) {
		struct device *d = &server.device[i];

		if (d->board.name[0] != '\0' && d->board.pci != NULL &&
		    d->function.id == f->id && d->function.serial == f->serial)
			return d;
	}
	return NULL;
}

/* Those that the bus does not know any more. */
static void
drop_gone(void)
{
	for (unsigned i = 0; i < server.devices; i++) {
		struct device *d = &server.device[i];
		bool           volume;

		if (d->board.name[0] == '\0' || d->board.pci == NULL || d->seen)
			continue;
		volume = disk_has_volume(d);
		device_unbind(d);
		log_printf("devdb: %s is gone%s\n", d->board.name,
		    volume ? ", and the volume with it: nothing can be read "
			     "or saved"
			   : "");
		if (volume)
			console_ring(SLOT_VOLUME_GONE);
		memset(d, 0, sizeof(*d));
	}
}

static void
see(const struct pci_function *f)
{
	struct device *d = find_function(f);

	if (d != NULL) {
		d->seen = true;
		return;
	}
	/* Before anybody owns anything of it. */
	ignore_status(pci_silence(REG_T0, f->id));
	d = add_function(f);
	if (d == NULL)
		return;
	d->seen = d->fresh = true;
	log_printf("devdb: %s is new: %04x:%04x\n", d->board.name, f->vendor,
	    f->device);
}

void
devices_rescan(void)
{
	static struct pci_function f;
	uint64_t                   count = 0;
	size_t                     bytes = 0;
	enum status                st = system_get(SLOT_BUS, REG_T0);

	if (st == RC_OK)
		st = pci_rescan(REG_T0, &count);
	if (st != RC_OK)
		return;
	for (unsigned i = 0; i < server.devices; i++)
		server.device[i].seen = server.device[i].fresh = false;
	for (uint64_t i = 0; i < count && i < PCI_FUNCTIONS; i++)
		if (pci_function(REG_T0, i, &f, sizeof(f), &bytes) == RC_OK &&
		    bytes == sizeof(f))
			see(&f);
	drop_gone();
}

static void
add_instance(struct device *d, unsigned unit, bool several)
{
	const struct catalogue_driver *c = &server.catalogue.driver[d->driver];
	struct instance               *n = free_instance();
	bool                           has_node;

	if (n == NULL) {
		snprintf(d->reason, sizeof(d->reason), "too many drivers");
		return;
	}
	has_node = n->has_node;
	*n = (struct instance){
	    .device = (uint8_t)(d - server.device),
	    .driver = d->driver,
	    .unit = (uint8_t)unit,
	    .disk = NONE,
	    .has_node = has_node,
	};
	snprintf(n->name, DEVDB_NAME, "%.20s%s%.10s", d->board.name,
	    several ? "/" : "", several ? c->unit[unit].name : "");
	if (plan_make(&n->plan, c, &c->unit[unit], &d->board) != RC_OK) {
		memcpy(d->reason, n->plan.reason, sizeof(d->reason));
		d->state = DEVDB_WAITING;
		log_printf(
		    "devdb: %s at %s: %s\n", c->name, n->name, d->reason);
		return;
	}
	policy_begin(&n->policy, 0);
	n->used = true;
}

static bool
unit_applies(const struct catalogue_driver *c, const struct unit_needs *u,
    const struct board_device *b)
{
	if (u->where != ANY && match_score(&c->match[u->where], b) == 0)
		return false;
	return b->bus == CONTROL_BUS_PCI || c->nunits == 1 ||
	    strcmp(u->name, b->name) == 0;
}

/* All units that are for this device; of a board's the one of its name. */
static void
add_units(struct device *d)
{
	const struct catalogue_driver *c = &server.catalogue.driver[d->driver];

	unsigned n = 0;

	for (unsigned u = 0; u < c->nunits; u++)
		n += unit_applies(c, &c->unit[u], &d->board);
	for (unsigned u = 0; u < c->nunits; u++)
		if (unit_applies(c, &c->unit[u], &d->board))
			add_instance(
			    d, u, n > 1 && d->board.bus == CONTROL_BUS_PCI);
}

/* Nobody drives it: is that worth a word? */
static void
leave(struct device *d)
{
	d->state = DEVDB_UNDRIVEN;
	if (d->board.bus != CONTROL_BUS_PCI)
		return;
	if ((d->function.flags & PCI_BRIDGE) != 0 ||
	    d->function.class >> 16 == 6)
		d->state = DEVDB_SKIPPED;
	else if (match_is_storage(d->function.class) && !d->named)
		log_printf("devdb: no driver for %04x:%04x %s at %s\n",
		    d->function.vendor, d->function.device,
		    match_class_name(d->function.class), d->board.name);
	d->named = true;
}

/* True if a driver was found for it now. */
static bool
match_one(struct device *d)
{
	struct verdict v;

	if (d->board.name[0] == '\0' || d->driver != NONE ||
	    d->state == DEVDB_SKIPPED || d->leaving)
		return false;
	v = match_find(&server.catalogue, &d->board);
	if (v.driver < 0 || v.rival >= 0) {
		leave(d);
		return false;
	}
	d->driver = (uint8_t)v.driver;
	d->state = DEVDB_WAITING;
	add_units(d);
	return true;
}

unsigned
devices_match(void)
{
	unsigned found = 0;

	for (unsigned i = 0; i < server.devices; i++)
		found += match_one(&server.device[i]);
	return found;
}

void
devices_give_way(void)
{
	for (unsigned i = 0; i < server.devices; i++) {
		struct device *d = &server.device[i];
		struct verdict v;

		if (d->board.name[0] == '\0' || d->driver == NONE ||
		    d->board.prefer[0] == '\0' ||
		    server.catalogue.driver[d->driver].resident)
			continue;
		v = match_find(&server.catalogue, &d->board);
		if (v.preferred && v.driver != d->driver)
			device_unbind(d);
	}
}
