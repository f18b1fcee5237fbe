/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clients that mean harm, or die, at the console and at the service that looks
 * at disks. Behind both stands nodisk.c: there is no line, and an order for disk
 * 0 waits.
 */
#include "kernel/abi/node.stub.h"
#include "testsuite/guest/userland/services.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/idl/console.stub.h"
#include "userland/rt/idl/disks.stub.h"
#include "userland/rt/wait.h"

enum {
	PLACES = 8,  /* For orders that wait to be done on a disk. */
	SENDERS = 3, /* Times as many. */
	FRAMES = 200,
	NO_DISK = 1,
	NONE = 255, /* What devdb has instead of a disk's number. */
	TICK_NS = 10000000,
	TICKS = 500,
};

static volatile bool     done;
static volatile unsigned asked;
static volatile uint64_t got;

/* An order that nobody waits for. */
static void
send_read(uint64_t order)
{
	struct message m = {
	    .control = control_make(INVOKE_SEND, REG_THING),
	    .word = {order, 0, 0, 0, 1},
	};

	ant_invoke(&m);
}

static enum status
look_at(uint64_t disk)
{
	static uint8_t sector[512];
	size_t         n = 0;

	return disks_read(REG_THING, disk, 0, 0, 1, sector, sizeof(sector), &n);
}

/* Runs in a peer: waits for a disk that never comes. */
static void
wait_for_disk(uint64_t unused)
{
	(void)unused;
	if (node_get(REG_NODE, NODE_DISKS, REG_THING) != RC_OK)
		return;
	asked++;
	ignore_status(look_at(0));
}

/* Runs in a peer: waits for what is typed. */
static void
wait_for_key(uint64_t unused)
{
	uint8_t byte;
	size_t  n = 0;

	(void)unused;
	if (node_get(REG_NODE, NODE_CONSOLE, REG_THING) != RC_OK)
		return;
	asked++;
	got = (uint64_t)console_read(REG_THING, &byte, 1, &n);
	done = true;
}

/* So many peers of REG_SUB have asked, and wait. */
static bool
wait_of(void (*fn)(uint64_t), unsigned n)
{
	asked = 0;
	for (unsigned i = 0; i < n; i++)
		if (peer_make(REG_SUB, fn, 0, REG_T3) != RC_OK)
			return false;
	for (unsigned i = 0; i < TICKS && asked < n; i++)
		(void)wait_for(TICK_NS);
	/* The last one has said that it is about to. */
	(void)wait_for(TICK_NS);
	return asked == n;
}

/* hostile.disks.1: who does not wait has no place. */
static void
nobody_looks(void)
{
	nonsense(REG_THING);
	check(look_at(NO_DISK) == RC_NOT_FOUND,
	    "hostile.disks.1: disks answers after nonsense");
	for (unsigned i = 0; i < SENDERS * PLACES; i++)
		send_read(DISKS_READ);
	check(look_at(NO_DISK) == RC_NOT_FOUND && look_at(NONE) == RC_NOT_FOUND,
	    "hostile.disks.1: there is a place for one who waits");
}

/* hostile.disks.2: the dead have none any more. */
static void
dead_lookers(void)
{
	check(bank_sub_bank(REG_BANK, FRAMES, REG_SUB) == RC_OK &&
		wait_of(wait_for_disk, PLACES) && look_at(NO_DISK) == RC_BUSY,
	    "hostile.disks.2: as many wait as there are places");
	check(destroyed(REG_SUB) && look_at(NO_DISK) == RC_NOT_FOUND,
	    "hostile.disks.2: they are destroyed, and others have their places");
}

/* The reader in REG_SUB waits until the keyboard is taken again. */
static bool
reads(void)
{
	bool good;

	done = false;
	got = RC_OK;
	good = bank_sub_bank(REG_BANK, FRAMES, REG_SUB) == RC_OK &&
	    wait_of(wait_for_key, 1) && !done &&
	    console_open(REG_THING) == RC_OK && wait_until(&done) &&
	    got == RC_TAKEN;
	return destroyed(REG_SUB) && good;
}

/* hostile.console.1: who is not there does not read. */
static void
nobody_reads(void)
{
	nonsense(REG_THING);
	check(console_state(REG_THING, NULL, NULL) == RC_OK &&
		console_open(REG_THING) == RC_OK,
	    "hostile.console.1: the console answers after nonsense");
	send_read(CONSOLE_READ);
	check(reads(), "hostile.console.1: a read that nobody waits for");
	done = false;
	check(bank_sub_bank(REG_BANK, FRAMES, REG_SUB) == RC_OK &&
		wait_of(wait_for_key, 1) && !done && destroyed(REG_SUB),
	    "hostile.console.1: a reader is destroyed");
	check(reads(), "hostile.console.1: and holds up nobody");
}

void
test_seats(void)
{
	if (node_get(REG_NODE, NODE_DISKS, REG_THING) == RC_OK) {
		nobody_looks();
		dead_lookers();
	}
	if (node_get(REG_NODE, NODE_CONSOLE, REG_THING) == RC_OK)
		nobody_reads();
}
