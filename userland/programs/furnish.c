/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the capabilities come from that a program is given. */
#include <string.h>

#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.h"
#include "kernel/abi/process.stub.h"
#include "userland/programs/programs.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/idl/constructor.stub.h"
#include "userland/rt/idl/directory.stub.h"
#include "userland/rt/idl/pipe.stub.h"
#include "userland/rt/idl/records.stub.h"
#include "userland/rt/idl/timer.stub.h"
#include "userland/rt/slot.h"

/* Slots of the node in SLOT_SERVICES, as in userland/services.dtsi. */
enum {
	SERVICE_CONSTRUCTORS,
	SERVICE_PIPES,
	SERVICE_DIRECTORIES,
	SERVICE_COLLECTIONS,
	SERVICE_TIMER,
};

static enum status
get_service(unsigned slot, capreg to)
{
	enum status st = node_get(REG_NODE, SLOT_SERVICES, to);

	return st == RC_OK ? node_get(to, slot, to) : st;
}

/* The node of this program, or of another one, into REG_IN0. */
static enum status
get_owner(const char *name)
{
	int j = program_find(&programs, name, strlen(name));

	if (name[0] == '\0')
		return process_get(REG_PROCESS, REG_THIS, REG_IN0);
	return j < 0 ? RC_NOT_FOUND
		     : node_get(REG_NODE, SLOT_PROGRAM + (unsigned)j, REG_IN0);
}

/* What a program has of its own, into REG_IN0. */
static enum status
get_own(const char *name, unsigned slot)
{
	bool        there = false;
	enum status st = get_owner(name);

	if (st == RC_OK)
		st = slot_get(REG_IN0, slot, REG_IN0, &there);
	return st == RC_OK && !there ? RC_NOT_FOUND : st;
}

/* Less than its owner has of it: to look at, or one end. */
static enum status
get_part(enum grant what, const char *name)
{
	enum status st = get_own(name,
	    what == GRANT_DIRECTORY_OF        ? HAS_DIRECTORY
		: what == GRANT_COLLECTION_OF ? HAS_COLLECTION
					      : HAS_PIPE);

	if (st != RC_OK)
		return st;
	if (what == GRANT_DIRECTORY_OF)
		return directory_viewer(REG_IN0, REG_IN0);
	if (what == GRANT_COLLECTION_OF)
		return records_viewer(REG_IN0, REG_IN0);
	return what == GRANT_PIPE_OF ? pipe_ends(REG_IN0, REG_IN0, REG_VOID)
				     : pipe_ends(REG_IN0, REG_VOID, REG_IN0);
}

void
leave_timer(unsigned i)
{
	struct program *p = &programs.program[i];

	if (p->timer != 0 && get_service(SERVICE_TIMER, REG_IN0) == RC_OK)
		ignore_status(timer_leave(REG_IN0, p->timer));
	p->timer = 0;
}

/* Its handle to the timer, by which it has a share of its own. */
static enum status
have_timer(unsigned i)
{
	bool        there = false;
	enum status st = slot_get(REG_THIS, HAS_TIMER, REG_IN0, &there);

	if (st != RC_OK || there)
		return st;
	/* What an earlier attempt has left. */
	leave_timer(i);
	st = get_service(SERVICE_TIMER, REG_IN0);
	if (st == RC_OK)
		st = timer_client(
		    REG_IN0, REG_IN0, &programs.program[i].timer);
	return st != RC_OK
	    ? st
	    : node_swap(REG_THIS, HAS_TIMER, REG_IN0, REG_VOID);
}

/* What products are to hold, into REG_IN0. */
static enum status
get(unsigned i, enum grant what, const char *of)
{
	switch (what) {
	case GRANT_LOG:
		return process_get(REG_PROCESS, REG_LOG, REG_IN0);
	case GRANT_CLOCK:
		return process_get(REG_PROCESS, REG_CLOCK, REG_IN0);
	case GRANT_DISCRIM:
		return process_get(REG_PROCESS, REG_DISCRIM, REG_IN0);
	case GRANT_TIMER:
		return have_timer(i);
	case GRANT_RANDOM:
		return node_get(REG_NODE, SLOT_RANDOM, REG_IN0);
	case GRANT_CONSTRUCTORS:
		return get_service(SERVICE_CONSTRUCTORS, REG_IN0);
	case GRANT_DIRECTORIES:
		return get_service(SERVICE_DIRECTORIES, REG_IN0);
	case GRANT_COLLECTIONS:
		return get_service(SERVICE_COLLECTIONS, REG_IN0);
	case GRANT_PIPES:
		return get_service(SERVICE_PIPES, REG_IN0);
	case GRANT_DIRECTORY:
		return get_own(of, HAS_DIRECTORY);
	case GRANT_COLLECTION:
		return get_own(of, HAS_COLLECTION);
	case GRANT_PIPE:
	case GRANT_DIRECTORY_OF:
	case GRANT_COLLECTION_OF:
	case GRANT_PIPE_OF:
		return get_part(what, of);
	case GRANT_NONE:
	case GRANTS:
		break;
	}
	return RC_ARGUMENT;
}

enum status
furnish_with(unsigned i, const struct grants *g)
{
	enum status st = RC_OK;

	for (unsigned n = 1; st == RC_OK && n < CAP_REGISTERS; n++) {
		if (g->at[n] == GRANT_NONE)
			continue;
		st = get(i, (enum grant)g->at[n], grants_owner(g, n));
		if (st == RC_OK)
			st = constructor_insert(REG_IN2, n, REG_IN0);
	}
	return st;
}

/* The bank of the program's own things, into REG_IN0. */
static enum status
own_bank(void)
{
	bool        there = false;
	enum status st = slot_get(REG_THIS, HAS_OWN_BANK, REG_IN0, &there);

	if (st != RC_OK || there)
		return st;
	return have_bank(HAS_OWN_BANK, 3 * OWN_FRAMES);
}

/* One by the service's constructor, unless there is one. */
static enum status
have_one(unsigned slot, unsigned service)
{
	bool        there = false;
	enum status st = slot_get(REG_THIS, slot, REG_IN0, &there);

	if (st != RC_OK || there)
		return st;
	st = own_bank();
	if (st == RC_OK)
		st = bank_sub_bank(REG_IN0, OWN_FRAMES, REG_IN0);
	if (st != RC_OK)
		return st;
	st = get_service(service, REG_IN1);
	if (st == RC_OK)
		st = process_get(REG_PROCESS, SLOT_SCHEDULE, REG_IN2);
	if (st == RC_OK)
		st = constructor_yield(REG_IN1, REG_IN0, REG_IN2, REG_IN1);
	if (st == RC_OK)
		st = node_swap(REG_THIS, slot, REG_IN1, REG_VOID);
	if (st != RC_OK)
		ignore_status(destroy_bank(REG_IN0));
	return st;
}

enum status
have_own(const struct grants *g)
{
	enum status st = RC_OK;

	for (unsigned n = 0; st == RC_OK && n < CAP_REGISTERS; n++) {
		if (g->at[n] == GRANT_DIRECTORY)
			st = have_one(HAS_DIRECTORY, SERVICE_DIRECTORIES);
		else if (g->at[n] == GRANT_COLLECTION)
			st = have_one(HAS_COLLECTION, SERVICE_COLLECTIONS);
		else if (g->at[n] == GRANT_PIPE)
			st = have_one(HAS_PIPE, SERVICE_PIPES);
	}
	return st;
}

/* One slot of the node in REG_THIS to that in REG_LEAF, which is scratch. */
static enum status
hand_slot(unsigned slot)
{
	enum status st = node_get(REG_THIS, slot, REG_IN0);

	if (st == RC_OK)
		st = node_swap(REG_LEAF, slot, REG_IN0, REG_VOID);
	return st == RC_OK ? node_swap(REG_THIS, slot, REG_VOID, REG_VOID) : st;
}

enum status
hand_down(unsigned i, unsigned heir)
{
	enum status st = node_get(REG_NODE, SLOT_PROGRAM + i, REG_THIS);

	if (st == RC_OK)
		st = node_get(REG_NODE, SLOT_PROGRAM + heir, REG_LEAF);
	if (st == RC_OK)
		st = hand_slot(HAS_OWN_BANK);
	if (st == RC_OK)
		st = hand_slot(HAS_DIRECTORY);
	if (st == RC_OK)
		st = hand_slot(HAS_COLLECTION);
	return st == RC_OK ? hand_slot(HAS_PIPE) : st;
}
