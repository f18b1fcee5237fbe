/* SPDX-License-Identifier: BSD-2-Clause */
/* The real catalogue, and devices to match it against. */
#ifndef TESTSUITE_UNIT_DEVDB_FIXTURE_H
#define TESTSUITE_UNIT_DEVDB_FIXTURE_H

#include "devdb/record/match.h"

extern const uint8_t test_catalogue[], test_catalogue_end[];

/* The built catalogue; fails the test if it cannot be read. */
const struct catalogue *fixture_catalogue(void);

/* The index of a driver by name. */
int fixture_driver(const char *name);

/* A function as the bus domain would tell it. */
void fixture_function(struct pci_function *f, uint16_t id, uint16_t vendor,
    uint16_t device, uint32_t class);

struct board_device fixture_pci(const struct pci_function *f);

#endif
