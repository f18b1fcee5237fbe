/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The server waits for the program of an instance: its image is copied, page
 * by page, into ephemeral frames of the bank that comes with the question.
 */
#include "devdb/catalogue/catalogue.h"

#include <string.h>

#include "kernel/abi/node.stub.h"
#include "uldrv/class/devdb.stub.h"
#include "userland/rt/build.h"
#include "userland/rt/space.h"

enum { SUPPLIES_MOST = 64 }; /* In one turn: the server may ask for ever. */

/* The bank is in REG_WORK; the segment comes into REG_T0. */
static enum status
build_program(const struct entry *e, uint64_t *entry, uint64_t *fs_base)
{
	struct build_plan plan = {
	    .image = space_address(IMAGE_SLOT),
	    .image_bytes = e->about.bytes,
	    .bank = REG_WORK,
	    .scratch = {REG_T1, REG_T2, REG_T3, REG_RT},
	};
	enum status st = held_get(SLOT_SEGMENTS, entry_index(e), REG_T0);

	if (st == RC_OK)
		st = space_map(IMAGE_SLOT, REG_T0);
	return st != RC_OK ? st : build_segment(&plan, REG_T0, entry, fs_base);
}

/* One instance; false if none waits. */
static bool
supply_one(void)
{
	char          name[DEVDB_NAME] = {0};
	struct entry *e;
	uint64_t      instance, ticket, entry = 0, fs_base = 0;
	enum status   st;

	if (devdb_wanted(REG_DEVDB, name, sizeof(name), NULL, REG_WORK,
		&instance, &ticket) != RC_OK)
		return false;
	name[DEVDB_NAME - 1] = '\0';
	e = entry_find(name);
	st = e == NULL ? RC_NOT_FOUND : build_program(e, &entry, &fs_base);
	if (st == RC_OK)
		st = devdb_build(
		    REG_DEVDB, instance, ticket, entry, fs_base, REG_T0);
	else
		st = devdb_fail(REG_DEVDB, instance, ticket, (uint64_t)st);
	if (st == RC_OK && e != NULL)
		e->about.builds++;
	return true;
}

void
supply(void)
{
	for (unsigned i = 0; i < SUPPLIES_MOST && supply_one(); i++)
		;
}
