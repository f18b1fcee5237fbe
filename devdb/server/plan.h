/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one unit of a device is given: exactly what it needs and what is its
 * own. Pure; the server allocates what stands here.
 *
 * Invariants:
 *  1. Only whole pages of a BAR, and of them only those before the first page
 *     with the MSI-X table or pending bits (devices.md would say fact 3).
 *  2. Never a port or page that the platform keeps.
 */
#ifndef DEVDB_SERVER_PLAN_H
#define DEVDB_SERVER_PLAN_H

#include "devdb/record/match.h"

enum plan_irq {
	PLAN_ISA,     /* An ISA interrupt: the kernel knows its GSI. */
	PLAN_LINE,    /* INTx: a GSI, level, shared. */
	PLAN_MESSAGE, /* MSI-X entry, or MSI. */
};

struct plan {
	uint8_t nirqs, nports;
	struct {
		uint8_t kind; /* enum plan_irq */
		uint8_t number;
	} irq[CONTROL_IRQS];
	struct port_need port[CONTROL_PORTS];
	struct {
		uint64_t address; /* Page-aligned; bytes 0: not given. */
		uint64_t bytes;
		uint64_t part; /* Of it, what the driver gets. */
		uint64_t skip; /* The BAR's first byte in its first page. */
	} mmio[CONTROL_MMIO];
	uint64_t table_page; /* Of the MSI-X table, 0 if there is none. */
	uint32_t table_skip;
	bool     dma;
	uint8_t  dma_bits;
	char     reason[96]; /* Why it cannot be. */
};

/* RC_OK, or the reason stands in the plan. */
enum status plan_make(struct plan *p, const struct catalogue_driver *d,
    const struct unit_needs *u, const struct board_device *b) must_check;

#endif
