/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is known of a driver: a record of fixed size, read once from its node
 * in a device tree; nothing looks at the tree afterwards. The boot catalogue
 * becomes a table of records in devdb's server; of a package the persistent
 * catalogue makes one and gives it to the server, who checks it again (S7).
 */
#ifndef DEVDB_RECORD_RECORD_H
#define DEVDB_RECORD_RECORD_H

#include "kernel/abi/status.h"
#include "uldrv/class/control.h"
#include "uldrv/class/devdb.h"

enum {
	CATALOGUE_BOOT = 32,  /* Drivers of the boot catalogue, at most, */
	CATALOGUE_ADDED = 16, /* and the quota of those added later. */
	CATALOGUE_DRIVERS = CATALOGUE_BOOT + CATALOGUE_ADDED,
	CATALOGUE_MATCHES = 8,
	CATALOGUE_UNITS = 4,
	CATALOGUE_NAME = 16,
	RECORD_VERSION = 1,
	/* Above are those without which nothing is paged. */
	RECORD_PRIORITY_MOST = 11,
	ANY = -1, /* In a match: not asked for. */
};

struct match_entry {
	uint8_t bus; /* enum control_bus */
	char    id[CATALOGUE_NAME];
	int32_t vendor, device, subvendor, subdevice;
	int32_t class;
	uint32_t class_mask;
	int16_t  revision_least, revision_most;
};

struct port_need {
	uint32_t first, count;
};

struct bar_need {
	uint8_t  bar;
	uint32_t offset, count;
};

/* What a device needs, or one unit of it. */
struct unit_needs {
	char             name[CATALOGUE_NAME]; /* "" for the only unit. */
	int8_t           where; /* The match entry it is for, or ANY. */
	uint8_t          nports, nbar_ports, nisa_irqs;
	uint8_t          irqs, messages;
	uint8_t          bars, bars_optional; /* Masks. */
	struct port_need port[CONTROL_PORTS];
	struct bar_need  bar_port[CONTROL_PORTS];
	/* Memory of the PC's screen, given as BAR 0 would be; bytes 0: none. */
	uint32_t mmio_first, mmio_bytes;
	uint8_t          isa_irq[CONTROL_IRQS];
	/* Ports whose base stands in configuration space. */
	uint32_t         config_offset, config_mask, config_count;
};

struct catalogue_driver {
	uint32_t version; /* RECORD_VERSION */
	char     name[DEVDB_NAME];
	uint8_t class;  /* enum devdb_class */
	bool     added; /* From a package; no image of the boot range. */
	uint32_t image;
	uint8_t  nmatch, nunits;
	struct match_entry match[CATALOGUE_MATCHES];
	struct unit_needs  unit[CATALOGUE_UNITS];
	uint16_t           dma_pages, data_pages, windows;
	uint8_t            dma_bits;
	bool               bus_master, firmware, resident;
	uint8_t            priority;
	uint32_t           restart_limit;                 /* 0: none. */
	uint32_t           back_off_least, back_off_most; /* Milliseconds. */
	uint32_t           heartbeat;
};

/* It crosses in a message: Devdb.add. */
_Static_assert(sizeof(struct catalogue_driver) <= 2048, "one string");

/* A row without a name is free. */
struct catalogue {
	unsigned                count; /* Rows from here on are free. */
	struct catalogue_driver driver[CATALOGUE_DRIVERS];
};

/*
 * Reads the driver's node of a tree that has passed fdt_check_header or more.
 * RC_CORRUPT: it is no driver; RC_LIMIT: more than a record holds.
 */
enum status record_read(
    struct catalogue_driver *d, const void *fdt, int node) must_check;

/*
 * What is wrong with a record that somebody else made, or NULL. One that was
 * added must also leave the platform, and the paging path, alone.
 */
const char *record_wrong(const struct catalogue_driver *d);

/* A name that a driver can have, and people type. */
bool record_name_ok(const char *text);

/* All drivers of a boot catalogue. RC_CORRUPT, RC_LIMIT. */
enum status catalogue_read(
    struct catalogue *c, const void *fdt, size_t bytes) must_check;

/* The index of a driver by name; -1 if there is none. */
int catalogue_find(const struct catalogue *c, const char *name);

#endif
