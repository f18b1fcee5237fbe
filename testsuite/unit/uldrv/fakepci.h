/* SPDX-License-Identifier: BSD-2-Clause */
/* A configuration space in memory, for tests of the bus domain's logic. */
#ifndef TESTSUITE_UNIT_ULDRV_FAKEPCI_H
#define TESTSUITE_UNIT_ULDRV_FAKEPCI_H

#include "uldrv/bus/pci/pci.h"

enum { FAKE_FUNCTIONS = 24 };

struct fake_function {
	uint16_t id;
	uint8_t  config[PCI_CONFIG];
	uint64_t size[PCI_BARS]; /* 0: none; of a 64-bit BAR in the lower. */
	bool     random;         /* Reads of BARs after writes are anything. */
};

struct fake_pci {
	struct pci           pci;
	struct fake_function f[FAKE_FUNCTIONS];
	unsigned             count;
	unsigned long        accesses;
	uint32_t             noise; /* State of a small generator. */
};

void fake_begin(struct fake_pci *s);

/* Adds a function with vendor and device, and its class in 24 bits. */
struct fake_function *fake_add(struct fake_pci *s, uint16_t id, uint16_t vendor,
    uint16_t device, uint32_t class);

void fake_bar(struct fake_function *f, unsigned i, uint32_t low, uint64_t size);

/* Puts a capability at `at` and links it behind the last one. */
void fake_capability(struct fake_function *f, unsigned at, uint8_t id);

uint32_t fake_noise(struct fake_pci *s);

#endif
