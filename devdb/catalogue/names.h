/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Persistent names of devices: net0, disk0. Pure code: who asks the server what
 * is there, and tells people, is called.c's affair.
 *
 * A name is a device's by, in this order:
 *  1. what it says of itself that no other has (a network card's address),
 *     with its numbers (vendor, device, subsystem): wherever it stands;
 *  2. its numbers and its place, if either does not say more, or both the same.
 *
 * Invariants:
 *  1. Two rows never have the same name, and a device has at most one.
 *  2. A row that is no device's now keeps its name for it. It gives way only to
 *     somebody who gives its name away, or for want of rows, the one longest
 *     gone first; one with a name that was chosen, or a preference, does not.
 */
#ifndef DEVDB_CATALOGUE_NAMES_H
#define DEVDB_CATALOGUE_NAMES_H

#include "kernel/abi/status.h"
#include "uldrv/class/catalogue.h"

enum { NAMES = 64 };

struct names {
	uint64_t              looks; /* At the devices, ever. */
	struct catalogue_name row[NAMES];
};

/* A device as it is now. */
struct live {
	char     path[DEVDB_NAME];
	uint16_t vendor, device, subvendor, subdevice;
	uint32_t class;
	char id[CATALOGUE_ID]; /* "" if it has not said, */
	bool saying;           /* and may yet: its driver is starting. */
};

/* What happened, for the history; name "": there was no row left. */
struct names_event {
	char name[DEVDB_NAME], from[DEVDB_NAME], to[DEVDB_NAME];
};

/*
 * Gives all devices their names; those that are `saying` may have to wait. The
 * events, at most `most`, are names that are new (no `from`) or have moved.
 * Returns their number.
 */
unsigned names_look(struct names *n, const struct live *devices, unsigned count,
    struct names_event *events, unsigned most);

/* The row of a name, or of the device at a path; NULL if there is none. */
struct catalogue_name *names_find(struct names *n, const char *name);

/*
 * Gives a row another name. RC_ARGUMENT: it is none (1 to 15 of a-z, 0-9 and -,
 * a letter first); RC_EXISTS: it is that of a device that is there.
 */
enum status names_choose(
    struct names *n, struct catalogue_name *row, const char *name) must_check;

/*
 * Whom the device of a row prefers, "": nobody. RC_ARGUMENT: no driver can have
 * this name, and what was preferred is.
 */
enum status names_prefer(
    struct catalogue_name *row, const char *driver) must_check;

/* What a name for this PCI class begins with. */
const char *names_prefix(uint32_t class);

#endif
