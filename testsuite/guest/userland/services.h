/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of services share; services.c runs them. */
#ifndef TESTSUITE_GUEST_USERLAND_SERVICES_H
#define TESTSUITE_GUEST_USERLAND_SERVICES_H

#include "kernel/abi/cap.h"
#include "userland/rt/invoke.h"
#include "userland/rt/registers.h"
#include "userland/rt/space.h"

enum {
	REG_VCSK = REG_OWN,
	REG_CONSTRUCTOR = REG_OWN + 1, /* The builder's. */
	REG_SUB = REG_OWN + 2,
	REG_THING = REG_OWN + 3,

	/* Slots of REG_NODE. */
	NODE_IMAGE = 0, /* count's ELF image. */
	NODE_SCHEDULE,  /* Below the test's own priority. */
	NODE_CONSTRUCTORS,
	NODE_PIPES,
	NODE_DIRECTORIES,
	NODE_RECORDS,
	NODE_TIMER,
	NODE_CONSOLE, /* As the persistent shell has it. */
	NODE_DISKS,
	NODE_SPARE = 24, /* From here on the tests' own. */

	KEY_TEXT = 64,

	SLOT_PAGE = 2, /* Of the address space. */
	SLOT_COPY = 3,
	SLOT_REGION = 4,
};

/* Says in the log, a line for each, what held. */
void check(bool held, const char *what);

uint64_t kind_of(capreg r);
uint64_t used(capreg bank);

/* Pages, nodes and frames that a bank says it has sold, at once. */
bool figures_are(capreg bank, uint64_t pages, uint64_t nodes, uint64_t frames);

/* Destroy a bank; each step must bring the end nearer. */
bool destroyed(capreg bank);

/* To and from a spare slot of REG_NODE. */
void put_aside(unsigned i, capreg from);
void take_back(unsigned i, capreg to);

/*
 * A process bought from a bank, with a space of its own that begins as a copy
 * of this one's, a bank, and a number. It runs fn on a stack of its own,
 * below this domain's priority, and stops. `peer` holds it afterwards.
 */
enum status peer_make(
    capreg bank, void (*fn)(uint64_t), uint64_t argument, capreg peer);

/* Let others run until *flag is set; false after five seconds. */
bool wait_until(const volatile bool *flag);

/*
 * A product in REG_THING of a constructor in that slot of REG_NODE, with so
 * many holes, paid for by REG_SUB, which is made for it.
 */
bool make(unsigned constructor, uint64_t want, const char *what);

/* Every order, with words and capabilities that make no sense. */
void nonsense(capreg service);

void test_accounting(void);
void test_made(void);
void test_hostile(void);
void test_seats(void);

#endif
