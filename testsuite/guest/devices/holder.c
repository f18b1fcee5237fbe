/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A persistent client that opens a device once and goes on calling by its
 * handle, whatever becomes of the driver and the machine (S6): factorials of an
 * edu device, one each period. It says in the log what has changed.
 *
 * It does not map the ring, for that is of the boot range: capabilities to
 * pages and nodes answer when they have ended, where a mapping would fault.
 */
#include <string.h>

#include "kernel/abi/clock.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/process.stub.h"
#include "uldrv/class/catalogue.stub.h"
#include "uldrv/class/devdb.stub.h"
#include "uldrv/class/edu.h"
#include "userland/rt/exit.h"
#include "userland/rt/log.h"
#include "userland/rt/notice.h"
#include "userland/rt/server.h"

enum {
	REG_CATALOGUE = REG_OWN,
	REG_HANDLE = REG_OWN + 1,
	REG_RING = REG_OWN + 2,
	REG_BELL = REG_OWN + 3,
	BIT_DOORBELL = 0,
	BIT_ALARM = 1,
	NOBODY = 0x1000, /* No status: what has been said last. */
	IN_TURN = 3 * 32, /* More handles than there are at a time. */
};

#define DEVICE "02:00.0"
#define OTHER  "rtc" /* A device that every machine has. */

static const uint64_t period_ns = 100000000;

static struct {
	bool     opened, connected;
	uint64_t generation;
	uint32_t given;
	unsigned said; /* Status, or NOBODY + instance: in the log already. */
} holder = {.said = NOBODY};

static enum status
ring_page(unsigned i)
{
	return node_get(REG_RING, i, REG_T0);
}

static enum status
write_control(size_t offset, uint32_t value)
{
	return page_write(REG_T0, offset, &value, sizeof(value));
}

/* Become the client: begin the rings anew, the generation last. */
static enum status
connect(void)
{
	static const struct ring_shared zero;
	enum status                     st;

	holder.connected = false;
	st = process_make_notice(REG_PROCESS, BIT_DOORBELL, REG_T0);
	if (st == RC_OK)
		st = devdb_connect(REG_HANDLE, 0, 0, REG_T0, REG_RING, REG_BELL,
		    &holder.generation);
	if (st == RC_OK)
		st = ring_page(0);
	if (st == RC_OK)
		st = page_write(REG_T0, offsetof(struct order_control, request),
		    &zero, sizeof(zero));
	if (st == RC_OK)
		st = page_write(REG_T0,
		    offsetof(struct order_control, completion), &zero,
		    sizeof(zero));
	if (st == RC_OK)
		st = write_control(
		    offsetof(struct order_control, client_generation),
		    (uint32_t)holder.generation);
	holder.given = 0;
	holder.connected = st == RC_OK;
	if (st == RC_OK)
		notice_set(REG_BELL);
	return st;
}

/* The last order has been answered, and its driver is still there. */
static bool
answered(struct order_completion *done)
{
	static struct order_control c; /* A page: not on the stack. */
	uint32_t                    at = (holder.given - 1) % ORDER_ENTRIES;

	if (ring_page(0) != RC_OK ||
	    page_read(REG_T0, 0, sizeof(c), &c, sizeof(c), NULL) != RC_OK ||
	    c.generation != (uint32_t)holder.generation) {
		holder.connected = false;
		return false;
	}
	if (holder.given == 0 || c.completion.head != holder.given ||
	    write_control(offsetof(struct order_control, completion.tail),
		holder.given) != RC_OK ||
	    ring_page(1) != RC_OK)
		return false;
	return page_read(REG_T0,
		   ORDER_ENTRIES * sizeof(struct order_request) +
		       at * sizeof(*done),
		   sizeof(*done), done, sizeof(*done), NULL) == RC_OK;
}

static void
give(void)
{
	const struct order_request rq = {.op = EDU_FACTORIAL, .argument = 5};
	uint32_t                   at = holder.given % ORDER_ENTRIES;

	if (ring_page(1) != RC_OK ||
	    page_write(REG_T0, at * sizeof(rq), &rq, sizeof(rq)) != RC_OK ||
	    ring_page(0) != RC_OK ||
	    write_control(offsetof(struct order_control, request.head),
		holder.given + 1) != RC_OK) {
		holder.connected = false;
		return;
	}
	holder.given++;
	notice_set(REG_BELL);
}

static void
say(enum status st)
{
	if (holder.said == (unsigned)st)
		return;
	holder.said = (unsigned)st;
	log_printf("holder: status %u\n", (unsigned)st);
}

static void
say_result(const struct order_completion *done)
{
	unsigned what = NOBODY + (unsigned)holder.generation;

	if (done->status != RC_OK || holder.said == what)
		return;
	holder.said = what;
	log_printf("holder: 5! = %u, driver instance %u\n",
	    (unsigned)done->result, (unsigned)holder.generation);
}

/* Handles that are closed leave their place, and end. */
static void
open_and_close(void)
{
	uint64_t    generation;
	enum status st = RC_OK, closed = RC_VOID;
	unsigned    n;

	for (n = 0; n < IN_TURN && st == RC_OK && closed == RC_VOID; n++) {
		st = catalogue_open(
		    REG_CATALOGUE, OTHER, strlen(OTHER), REG_HANDLE);
		if (st == RC_OK)
			st = catalogue_close(
			    REG_CATALOGUE, OTHER, strlen(OTHER));
		closed = devdb_connect(
		    REG_HANDLE, 0, 0, REG_VOID, REG_RING, REG_BELL, &generation);
	}
	log_printf("holder: %u handles in turn, status %u, %u, %u\n", n,
	    (unsigned)st, (unsigned)closed,
	    (unsigned)catalogue_close(REG_CATALOGUE, OTHER, strlen(OTHER)));
}

static void
turn(void)
{
	struct order_completion done = {0};
	enum status             st = RC_OK;

	if (!holder.opened) {
		st = catalogue_open(
		    REG_CATALOGUE, DEVICE, strlen(DEVICE), REG_HANDLE);
		if (st != RC_OK)
			return;
		holder.opened = true;
		log_printf("holder: has a handle\n");
	}
	if (holder.connected && answered(&done))
		say_result(&done);
	else if (holder.connected && holder.given != 0)
		return;
	if (!holder.connected)
		st = connect();
	if (st != RC_OK)
		say(st);
	else
		give();
}

int main(void);

int
main(void)
{
	static const struct server sv = {0};
	struct request             rq;
	uint64_t                   now = 0;

	open_and_close();
	for (;;) {
		turn();
		ignore_status(clock_now(REG_CLOCK, &now, NULL, NULL));
		if (process_make_notice(REG_PROCESS, BIT_ALARM, REG_T0) !=
		    RC_OK)
			ant_exit();
		ignore_status(clock_alarm(REG_CLOCK, now + period_ns, REG_T0));
		server_wait(&sv, &rq);
	}
}
