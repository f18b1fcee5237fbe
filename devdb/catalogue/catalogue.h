/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The persistent half of the device database: what it keeps, and its parts.
 * All of it is memory, and so survives power-off as it is.
 *
 * Invariants:
 *  1. A package's name is in the tree if and only if it is PACKAGE_ADDED, or
 *     PACKAGE_TRYING after it was applied.
 *  2. TRYING is on the platter before the package is applied, and cleared
 *     only in the same boot: whoever finds it after a crash refuses the
 *     package.
 *  3. What the server knows is what is ADDED; it is told again after each
 *     restart. It never calls us: it rings, and we ask.
 */
#ifndef DEVDB_CATALOGUE_CATALOGUE_H
#define DEVDB_CATALOGUE_CATALOGUE_H

#include "devdb/catalogue/names.h"
#include "devdb/catalogue/tree.h"
#include "uldrv/class/catalogue.h"
#include "userland/rt/registers.h"
#include "userland/rt/server.h"

enum {
	PACKAGES = CATALOGUE_ADDED,
	EVENTS = 64,
	HANDLES = 32,
	OVERLAY_BYTES = PACKAGE_TREE + 256,

	/* Slots of the address space. */
	STAGE_SLOT = 1,
	IMAGE_SLOT = 2,

	BIT_DOORBELL = 0,
	BIT_ALARM = 1, /* Somebody may say later who it is. */
};

enum catalogue_register {
	REG_DEVDB = REG_OWN,
	REG_STORE = REG_OWN + 1,
	REG_DOORBELL = REG_OWN + 2,
	REG_WORK = REG_OWN + 3,
};

/* Slots of the node in REG_NODE; the first three by system.dts. */
enum catalogue_slot {
	SLOT_DEVDB,
	SLOT_STORE,
	SLOT_KINFO,
	SLOT_BANKS = 8, /* A node: sub-bank of package i. */
	SLOT_SEGMENTS,  /* A node: its image. */
	SLOT_STAGE_BANK,
	SLOT_STAGE,
	SLOT_CALLER,  /* The right to answer the request in hand. */
	SLOT_HANDLES, /* A node: forwarder i. */
	SLOT_PASSED, /* Three: the capabilities of a message to be passed on. */
};

struct entry {
	struct catalogue_package about; /* As the shell sees it. */
	struct catalogue_driver  record;
	uint8_t                  overlay[OVERLAY_BYTES];
};

/* handle.c: a device that a client has opened; no name: free. */
struct handle {
	uint16_t facet; /* Whose it is. */
	char     device[DEVDB_NAME];
};

struct catalogue_state {
	bool                   begun;
	uint64_t               boot; /* In which the server was told last. */
	struct tree            tree;
	struct entry           entry[PACKAGES];
	struct handle          handle[HANDLES];
	struct names           names;
	uint64_t               events; /* Ever. */
	struct catalogue_event event[EVENTS];
	uint32_t               staged; /* Bytes that have come in. */
	uint32_t               pages;  /* That the staging segment has. */
};

extern struct catalogue_state catalogue;

/* main.c */
uint64_t catalogue_boot(void);
/* A line of history, also in the log. */
void     catalogue_note(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
/* The same, but not in the log. */
void catalogue_remember(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
/* The sentence of an answer. */
void catalogue_say(struct request *rq, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* look.c: a package by name, or NULL. */
struct entry *entry_find(const char *name);

static inline unsigned
entry_index(const struct entry *e)
{
	return (unsigned)(e - catalogue.entry);
}

/*
 * segment.c: up to 2^22 bytes in pages of a sub-bank of ours.
 *
 * segment_new makes bank and node; segment_grow has pages up to a number;
 * segment_free gives all back.
 */
enum status segment_new(uint64_t pages, capreg bank, capreg root) must_check;
enum status segment_grow(
    capreg bank, capreg root, uint32_t from, uint32_t to) must_check;
void segment_free(capreg bank);

/* What stands in slot i of a node that stands in a slot of REG_NODE. */
enum status held_get(
    enum catalogue_slot node, unsigned i, capreg to) must_check;
enum status held_put(
    enum catalogue_slot node, unsigned i, capreg from) must_check;

/*
 * handle.c: a message to a handle that leads nowhere. handle_keep puts its
 * capabilities away, before anything else is done.
 */
enum status handle_keep(void) must_check;
enum status handle_serve(struct request *rq) must_check;
/* Does the server know a device of this name, or at this place? */
bool handle_device(const char *name);

/*
 * called.c: looks at the devices; who has moved is told of, and the server of
 * preferences. names_path: where the device of a name is, NULL if it is
 * nowhere; what is no name is returned as it is. names_why: a line for people.
 */
void        names_update(void);
const char *names_path(const char *name);
void        names_why(struct request *rq, const char *device);

/* stage.c */
void stage_drop(void);

/* supply.c: builds the program of whatever the server waits for. */
void supply(void);

/* install.c: after a restart of the machine, or of this domain. */
void install_again(void);

#endif
