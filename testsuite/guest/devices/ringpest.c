/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hostile client of the test class, for testsuite/system/devices: what it
 * keeps of a ring must be nothing to whoever takes the driver over. It acts on
 * a machine with two such devices, on the first, and says in the log how far it
 * is; a line in capitals is one that must not be there.
 *
 *     CONNECT  it becomes the client, keeps the ring's pages, and spoils the
 *              node by which it has them
 *     OVER     somebody else is the client now: it reads and writes what it
 *              has kept, until that is void
 *     and it touches where the ring was mapped
 */
#include <string.h>

#include "kernel/abi/clock.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/process.stub.h"
#include "uldrv/class/devdb.h"
#include "uldrv/class/devdb.stub.h"
#include "uldrv/class/edu.h"
#include "uldrv/class/order.h"
#include "userland/rt/exit.h"
#include "userland/rt/log.h"
#include "userland/rt/notice.h"
#include "userland/rt/server.h"
#include "userland/rt/space.h"

enum {
	REG_DEVDB = REG_OWN,
	REG_RING = REG_OWN + 1,
	REG_BELL = REG_OWN + 2,
	REG_ALARM = REG_OWN + 3,
	/* What is not given to us: the pages that it keeps. */
	REG_CONTROL_PAGE = REG_BANK,
	REG_DATA_PAGE = REG_DISCRIM,
	RING_SLOT = 1,
	BIT_DOORBELL = 0,
	BIT_ALARM = 1,
	DEVICES = 2,
	MARK = 0xa7,
};

static const uint64_t period_ns = 100000000;

static enum phase { CONNECT, CLIENT, OVER, DONE } phase;

static uint8_t page[PAGE_SIZE];

/* How many drivers of the class there are. */
static unsigned
drivers(void)
{
	struct devdb_driver d;
	uint64_t            count = 1;
	unsigned            n = 0;

	for (uint64_t i = 0; i < count; i++)
		if (devdb_driver(REG_DEVDB, i, &d, sizeof(d), NULL, &count) ==
		    RC_OK)
			n += d.class == DEVDB_TEST && d.run == DEVDB_RUN_UP;
	return n;
}

/* Everything that there is of the ring: by its pages, and by the mapping. */
static enum status
keep(void)
{
	enum status st = node_get(REG_RING, 0, REG_CONTROL_PAGE);

	if (st == RC_OK)
		st = node_get(REG_RING, ORDER_DATA, REG_DATA_PAGE);
	if (st == RC_OK)
		st = space_map(RING_SLOT, REG_RING);
	if (st != RC_OK)
		return st;
	memset(((struct order_ring *)space_address(RING_SLOT))->data, MARK,
	    PAGE_SIZE);
	/* The data page stays there, so that the mapping does. */
	st = node_swap(REG_RING, 0, REG_ALARM, REG_VOID);
	return st == RC_OK ? node_swap(REG_RING, 1, REG_VOID, REG_VOID) : st;
}

static void
connect(void)
{
	uint64_t    generation = 0;
	enum status st;

	if (drivers() < DEVICES)
		return;
	st = process_make_notice(REG_PROCESS, BIT_DOORBELL, REG_T2);
	if (st == RC_OK)
		st = devdb_connect(REG_DEVDB, DEVDB_TEST, 0, REG_T2, REG_RING,
		    REG_BELL, &generation);
	if (st == RC_OK)
		st = keep();
	if (st != RC_OK)
		return;
	phase = CLIENT;
	log_printf(
	    "ringpest: is the client of instance %u\n", (unsigned)generation);
}

/* It is told that it is over; then it may write on as it likes. */
static void
look(void)
{
	uint32_t generation = 1;

	if (page_read(REG_CONTROL_PAGE,
		offsetof(struct order_control, generation), sizeof(generation),
		&generation, sizeof(generation), NULL) != RC_OK ||
	    generation != 0)
		return;
	phase = OVER;
	log_printf("ringpest: it is over\n");
}

static bool
only_marks(void)
{
	for (unsigned i = 0; i < sizeof(page); i++)
		if (page[i] != MARK)
			return false;
	return true;
}

static void
attack(void)
{
	enum status st = page_read(
	    REG_DATA_PAGE, 0, sizeof(page), page, sizeof(page), NULL);

	if (st == RC_OK && !only_marks())
		log_printf("ringpest: SEES WHAT IS NOT ITS OWN\n");
	memset(page, MARK, sizeof(page));
	ignore_status(page_write(REG_CONTROL_PAGE, 0, page, sizeof(page)));
	ignore_status(page_write(REG_DATA_PAGE, 0, page, sizeof(page)));
	notice_set(REG_BELL);
	if (st == RC_OK)
		return;
	phase = DONE;
	log_printf("ringpest: control page %u, data page %u, node %u\n",
	    (unsigned)page_zero(REG_CONTROL_PAGE), (unsigned)st,
	    (unsigned)node_get(REG_RING, ORDER_DATA, REG_T0));
	if (*(volatile uint8_t *)((struct order_ring *)space_address(RING_SLOT))
		 ->data == MARK)
		log_printf("ringpest: STILL HAS IT MAPPED\n");
	else
		log_printf("ringpest: HAS SOMETHING ELSE MAPPED\n");
}

int
main(void)
{
	const struct server sv = {.receive_limit = 0};
	struct request      rq = {.source = FROM_NOTICE};
	uint64_t            now = 0;

	if (process_make_notice(REG_PROCESS, BIT_ALARM, REG_ALARM) != RC_OK)
		ant_exit();
	for (;;) {
		if (phase == CONNECT)
			connect();
		else if (phase == CLIENT)
			look();
		else if (phase == OVER)
			attack();
		ignore_status(clock_now(REG_CLOCK, &now, NULL, NULL));
		ignore_status(
		    clock_alarm(REG_CLOCK, now + period_ns, REG_ALARM));
		rq.status = RC_ORDER;
		server_next(&sv, &rq);
	}
}
