/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which driver for which device. More exact entries score higher; several
 * devices share vendor and device numbers, so class, subsystem and revision
 * count too (1234:1111, 8086:1209, 1022:2020 are QEMU's own traps).
 */
#ifndef DEVDB_RECORD_MATCH_H
#define DEVDB_RECORD_MATCH_H

#include "devdb/record/record.h"
#include "uldrv/class/pci.h"

/* A device as the server sees it: a PCI function, or a place on a board. */
struct board_device {
	char                       name[DEVDB_NAME];
	uint8_t                    bus;                /* enum control_bus */
	char                       id[CATALOGUE_NAME]; /* ISA and fixed. */
	const struct pci_function *pci;
	char prefer[DEVDB_NAME]; /* The driver that decides a tie; "": none. */
};

struct verdict {
	int  score;  /* 0: none matches. */
	int  driver; /* Index in the catalogue, or -1. */
	int  rival;  /* Another one with the same score, and nothing decides. */
	bool preferred; /* A preference has decided. */
};

/* The score of an entry for a device; 0 if something does not fit. */
int match_score(const struct match_entry *m, const struct board_device *b);

/* The best driver; a tie binds none unless one of them is preferred. */
struct verdict match_find(
    const struct catalogue *c, const struct board_device *b);

/* A line for each entry that was tried and why it failed; 0-terminated. */
void match_why(const struct catalogue *c, const struct board_device *b,
    char *out, size_t room);

/* "00:1f.2"; out has DEVDB_NAME bytes. */
void match_pci_name(uint16_t id, char *out);

/* What a class code means to people: "AHCI", "IDE", "network" ... or "". */
const char *match_class_name(uint32_t class);

/* A storage controller: the ones that are named when nothing drives them. */
bool match_is_storage(uint32_t class);

#endif
