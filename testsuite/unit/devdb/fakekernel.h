/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel, the bank, the bus and the store as devdb's server sees them:
 * ant_invoke over objects that are numbers. Capability registers and the
 * slots of nodes are real; everything else answers RC_OK with a new object,
 * but for the n-th invocation, which fails.
 */
#ifndef TESTSUITE_UNIT_DEVDB_FAKEKERNEL_H
#define TESTSUITE_UNIT_DEVDB_FAKEKERNEL_H

#include "devdb/server/server.h"

enum fake_kind {
	FAKE_VOID,
	FAKE_LOG,
	FAKE_CLOCK,
	FAKE_BANK,
	FAKE_SUBBANK,
	FAKE_NODE,
	FAKE_PAGE,
	FAKE_PROCESS,
	FAKE_SELF, /* The server's own process. */
	FAKE_START,
	FAKE_NOTICE,
	FAKE_IRQ_SPACE,
	FAKE_IRQ,
	FAKE_PORT_SPACE,
	FAKE_PORTS,
	FAKE_MMIO_SPACE,
	FAKE_MMIO,
	FAKE_DMA_SPACES,
	FAKE_DMA,
	FAKE_DMA_LOOK, /* One that only tells. */
	FAKE_RANGE,
	FAKE_SCHEDULE,
	FAKE_KINFO,
	FAKE_STORE,
	FAKE_BUS,
	FAKE_WINDOW,
	FAKE_DRIVER,    /* Start capability of a driver. */
	FAKE_FORWARDER, /* Its target is in slot 0; void when it was sold. */
	FAKE_OPAQUE,    /* Its forwarder is in slot 0. */
	FAKE_DISCRIM,
	FAKE_KINDS,
};

enum {
	FAKE_OBJECTS = 4096,
	FAKE_LOG_ENTRIES = 4096,
	FAKE_FRAMES = SERVER_RANGE,
};

struct fake_object {
	uint8_t  kind;
	bool     mapped;           /* A page: for DMA. */
	uint16_t slot[NODE_SLOTS]; /* Of a node, or a process. */
	_Alignas(8) uint8_t page[sizeof(struct driver_control)];
};

struct fake_entry {
	uint8_t  kind;
	bool     mapped; /* A page: for DMA. */
	uint16_t object;
	uint64_t order;
};

struct fake_kernel {
	uint16_t           reg[CAP_REGISTERS];
	unsigned           objects;
	struct fake_object object[FAKE_OBJECTS];
	uint16_t           frame[FAKE_FRAMES]; /* Of the range; 0: free. */
	unsigned           logged;
	struct fake_entry  log[FAKE_LOG_ENTRIES];
	unsigned long      calls, fail_at;
	enum status        failure;
	enum status        detaching; /* What the store says to that. */
	uint64_t           now;
};

extern struct fake_kernel fake;

/* Everything as system.dts gives it to the server. */
void fake_begin_server(void);

/* The place of the first such invocation in the log, or -1. */
int fake_when(enum fake_kind kind, uint64_t order);

/* The place of the last such invocation, or of one of the object; or -1. */
int fake_last(enum fake_kind kind, uint64_t order);
int fake_last_of(uint16_t object);

/* The kind of what a driver's process holds in a register or slot. */
enum fake_kind fake_holds(uint16_t process, unsigned slot);

/* The object in a slot of an instance's node. */
uint16_t fake_instance(const struct instance *n, unsigned slot);

#endif
