/* SPDX-License-Identifier: BSD-2-Clause */
/* Records that the catalogue gives to the shell's `drv` and `dev why`. */
#ifndef ULDRV_CLASS_CATALOGUE_H
#define ULDRV_CLASS_CATALOGUE_H

#include "uldrv/class/devdb.h"

/* Data of the catalogue's start capabilities. */
enum catalogue_facet {
	PACKAGES_LOOK,    /* package, why, event, called. */
	PACKAGES_CONTROL, /* And all others, but stage and receive. */
	PACKAGES_SEND, /* stage, receive; open and close of its own line. */
	PACKAGES_HOLDER = 0x100, /* + handle, of one whose driver is gone. */
};

enum package_state {
	PACKAGE_NONE,
	PACKAGE_HERE,    /* Received and checked; not started. */
	PACKAGE_TRYING,  /* Marked before it was applied; not yet up. */
	PACKAGE_ADDED,   /* Its devices are bound, now and after a restart. */
	PACKAGE_REFUSED, /* The remark says why; adding it tries again. */
	PACKAGE_STATES,
};

/* The device that PACKAGES_SEND may open: the second serial line. */
#define PACKAGES_LINE "com2"

enum {
	CATALOGUE_REMARK = 120,
	CATALOGUE_HASH = 32,
	CATALOGUE_LINE = 96,
	CATALOGUE_ID = 24,
	CATALOGUE_LIVE = 64,    /* Devices that are looked at. */
	CATALOGUE_CHUNK = 4096, /* The most that stage takes at once. */
};

struct catalogue_package {
	char     name[DEVDB_NAME];
	char     title[DEVDB_TEXT];
	char     remark[CATALOGUE_REMARK];
	uint8_t  hash[CATALOGUE_HASH]; /* SHA-256 of its image. */
	uint64_t bytes;                /* Of its image. */
	uint64_t received;             /* Nanoseconds since 1970, 0: unknown. */
	uint32_t builds;               /* Processes that were made of it. */
	uint8_t  state;                /* enum package_state */
	uint8_t  unused[3];
};

/* A persistent name, and by what its device is known again. */
struct catalogue_name {
	char     name[DEVDB_NAME];
	char     path[DEVDB_NAME];   /* Where it is, or was last. */
	char     id[CATALOGUE_ID];   /* What it says of itself, or "". */
	char     prefer[DEVDB_NAME]; /* The driver that decides a tie, or "". */
	uint16_t vendor, device, subvendor, subdevice;
	uint32_t class;
	uint8_t  present, chosen; /* It is there; somebody has named it. */
	uint8_t  unused[2];
	uint64_t seen; /* When it was there last: counts on. */
};

struct catalogue_event {
	uint64_t wall; /* Nanoseconds since 1970, 0: unknown. */
	char     text[CATALOGUE_LINE];
};

_Static_assert(sizeof(struct catalogue_package) == 272, "package record");
_Static_assert(sizeof(struct catalogue_event) == 104, "event record");
_Static_assert(sizeof(struct catalogue_name) == 144, "name record");

#endif
