/* SPDX-License-Identifier: BSD-2-Clause */
/* What QEMU's monitor knows of the machine, and Anteros's listings taken apart.
 */
#ifndef TESTSUITE_SYSTEM_HARDWARE_ORACLE_H
#define TESTSUITE_SYSTEM_HARDWARE_ORACLE_H

#include <stdbool.h>
#include <stdint.h>

#include "testsuite/system/lib/vm.h"

enum {
	PINS = 24,
	ROWS = 64,
	COLUMNS = 9,
	CELL = 96,
};

/* A listing of the shell: columns are at least two blanks apart. */
struct table {
	unsigned rows; /* Without the header. */
	char     cell[ROWS][COLUMNS][CELL];
};

/* Runs the command; false, with a message, if there is no listing. */
bool table_get(struct table *t, struct vm *vm, const char *line);

/* The first row whose cell in this column begins so, or NULL. */
char (*table_find(struct table *t, unsigned column, const char *begin))[CELL];

struct pin {
	bool     masked, level;
	unsigned vector;
};

/* `info pic`: the pins of the IOAPIC. */
bool oracle_pins(struct vm *vm, struct pin pin[PINS]);

/* `info irq`: how often the IOAPIC's pin was raised. */
long long oracle_raised(struct vm *vm, unsigned pin);

/* Messages to this vector by a trace of apic_deliver_irq. */
long long oracle_messages(const char *trace, unsigned vector);

/*
 * `info mtree -f`: the name of the region at an address of the view that
 * begins with the root region `root` ("io" or "system"); "" if none. The
 * answer is good until the next call.
 */
const char *oracle_region(
    const char *mtree, const char *root, uint64_t address);

struct pci_function {
	char     name[12]; /* "00:1f.2" */
	char     id[12];   /* "8086:2922" */
	unsigned regions;
	struct {
		uint64_t address, bytes;
		bool     memory;
	} region[7];
};

/* `query-pci`; returns how many, at most `most`. */
unsigned oracle_pci(struct vm *vm, struct pci_function *f, unsigned most);

#endif
