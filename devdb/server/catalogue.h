/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boot catalogue: read once from its device tree into tables of fixed
 * size; nothing looks at the tree afterwards.
 */
#ifndef DEVDB_SERVER_CATALOGUE_H
#define DEVDB_SERVER_CATALOGUE_H

#include "kernel/abi/status.h"
#include "uldrv/class/control.h"
#include "uldrv/class/devdb.h"

enum {
	CATALOGUE_DRIVERS = 16,
	CATALOGUE_MATCHES = 8,
	CATALOGUE_UNITS = 4,
	CATALOGUE_NAME = 16,
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
	uint8_t          nports, nbar_ports, nisa_irqs;
	uint8_t          irqs, messages;
	uint8_t          bars, bars_optional; /* Masks. */
	struct port_need port[CONTROL_PORTS];
	struct bar_need  bar_port[CONTROL_PORTS];
	uint8_t          isa_irq[CONTROL_IRQS];
	/* Ports whose base stands in configuration space. */
	uint32_t         config_offset, config_mask, config_count;
};

struct catalogue_driver {
	char name[DEVDB_NAME];
	uint8_t class; /* enum devdb_class */
	uint32_t           image;
	uint8_t            nmatch, nunits;
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

struct catalogue {
	unsigned                count;
	struct catalogue_driver driver[CATALOGUE_DRIVERS];
};

/* RC_CORRUPT: not such a tree; RC_LIMIT: more than the tables hold. */
enum status catalogue_read(
    struct catalogue *c, const void *fdt, size_t bytes) must_check;

#endif
