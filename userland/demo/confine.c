/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Confinement shown: a spy is made, told a secret, and outside, where its
 * accomplices look, nothing has changed. Then its twin, which has holes.
 */
#include <string.h>

#include "kernel/abi/cap.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "userland/demo/demo.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/idl/constructor.stub.h"
#include "userland/rt/idl/fence.stub.h"
#include "userland/rt/idl/spy.stub.h"

enum {
	REG_SUB = REG_OWN,
	REG_MAKER = REG_OWN + 1,
	REG_SPY = REG_OWN + 2,
	REG_LOOK = REG_OWN + 3,
	SPY_FRAMES = 200,
	WALL = 32,
};

static const char secret[] = "attack at dawn";

/* What the author of the spy sees. */
struct outside {
	char     wall[WALL];
	uint64_t heard;
};

static bool
look_outside(struct outside *o)
{
	memset(o, 0, sizeof(*o));
	return node_get(REG_NODE, HAS_WALL, REG_LOOK) == RC_OK &&
	    page_read(REG_LOOK, 0, sizeof(o->wall), o->wall, sizeof(o->wall),
		NULL) == RC_OK &&
	    node_get(REG_NODE, HAS_FENCE, REG_LOOK) == RC_OK &&
	    fence_heard(REG_LOOK, &o->heard, NULL) == RC_OK;
}

static const char *
kind_name(uint64_t kind)
{
	switch (kind) {
	case CK_START:
		return "start";
	case CK_PAGE:
		return "page";
	case CK_NODE:
		return "node";
	default:
		return "other";
	}
}

static void
list_holes(uint64_t holes)
{
	uint64_t n, kind, rights;

	for (uint64_t i = 0; i < holes; i++)
		if (constructor_hole(REG_MAKER, i, &n, &kind, &rights) ==
		    RC_OK)
			report("  hole: register %lu, %s, rights %lu\n", n,
			    kind_name(kind), rights);
}

/* Make one, tell it, and let the bank take all of it back. */
static bool
tell(uint64_t *accepted)
{
	uint64_t    found = 0, tried = 0, left = 1;
	enum status st = bank_sub_bank(REG_BANK, SPY_FRAMES, REG_SUB);

	if (st == RC_OK)
		st = node_get(REG_NODE, HAS_SCHEDULE, REG_T0);
	if (st == RC_OK)
		st = constructor_yield(REG_MAKER, REG_SUB, REG_T0, REG_SPY);
	if (st == RC_OK)
		st = spy_tell(REG_SPY, secret, sizeof(secret), &found, &tried,
		    accepted);
	report("  told a secret: it found %lu capabilities and tried %lu "
	       "ways, %lu were accepted\n",
	    found, tried, *accepted);
	while (left > 0)
		if (bank_destroy(REG_SUB, &left) != RC_OK)
			break;
	if (st != RC_OK)
		report("  failed: %d\n", (int)st);
	return st == RC_OK && tried > 0;
}

/* Run one; gives what the constructor said and what came out. */
static bool
run(enum demo_slot slot, const char *what, uint64_t *holes, bool *leaked)
{
	struct outside before, after;
	uint64_t       discreet = 2, accepted = 0;
	bool           ran;

	if (node_get(REG_NODE, slot, REG_MAKER) != RC_OK ||
	    constructor_holes(REG_MAKER, holes) != RC_OK ||
	    constructor_discreet(REG_MAKER, REG_VOID, &discreet, NULL) !=
		RC_OK ||
	    !look_outside(&before)) {
		report("%s: there is none here\n", what);
		return false;
	}
	report("%s: %lu holes, %s\n", what, *holes,
	    discreet == 1 ? "discreet" : "not discreet");
	list_holes(*holes);
	ran = tell(&accepted) && look_outside(&after);
	*leaked = !ran || after.heard != before.heard ||
	    memcmp(after.wall, before.wall, sizeof(after.wall)) != 0;
	if (ran)
		report("  outside: the wall says '%.31s', %lu messages came\n",
		    after.wall, after.heard - before.heard);
	return ran && (discreet == 1) == (*holes == 0) &&
	    (accepted != 0) == *leaked;
}

static void
wipe(void)
{
	static const char blank[WALL];

	if (node_get(REG_NODE, HAS_WALL, REG_LOOK) == RC_OK)
		ignore_status(page_write(REG_LOOK, 0, blank, sizeof(blank)));
}

bool
show_confine(void)
{
	uint64_t holes = 1, twin_holes = 0;
	bool     leaked = true, twin_leaked = false, shown;

	wipe();
	shown = run(HAS_SPY, "spy", &holes, &leaked) && holes == 0 && !leaked;
	shown &= run(HAS_LEAKY, "its leaky twin", &twin_holes, &twin_leaked) &&
	    twin_holes > 0 && twin_leaked;
	report(shown ? "confined: without holes nothing came out\n"
		     : "NOT SHOWN\n");
	return shown;
}
