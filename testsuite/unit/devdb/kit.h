/* SPDX-License-Identifier: BSD-2-Clause */
/* A server over the fake kernel, with one device; and who plays the catalogue.
 */
#ifndef TESTSUITE_UNIT_DEVDB_KIT_H
#define TESTSUITE_UNIT_DEVDB_KIT_H

#include "testsuite/runner/runner.h"
#include "testsuite/unit/devdb/fakekernel.h"

/* A server that has found one disk; its instance. */
struct instance *kit_disk(
    const char *driver, uint16_t vendor, uint16_t id, unsigned unit);

/* One that has found a device of no boot driver. */
struct device *kit_lonely(void);

/* A record as a package gives it, for that device. */
struct catalogue_driver kit_record(const char *name);

enum status kit_add(const struct catalogue_driver *r, uint64_t *bound);

/* Answers the server's question for a program; RC_NOT_FOUND: it has none. */
enum status kit_supply(void);

extern const struct runner_test connect_tests[], handle_tests[], disk_tests[],
    connect_tests[], power_tests[];

#endif
