/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock class: it is set, read, ticks and wakes. */
#include "testsuite/harness/orders.h"
#include "uldrv/class/clock.h"

enum {
	EVE = 1767225598,    /* 2025-12-31 23:59:58 */
	LEAP = 951868798,    /* 2000-02-29 23:59:58 */
	LONG_AFTER = 100000, /* Seconds: no test takes so long. */
	SLOP = 200, /* Seconds that a fault may cost, in simulated time. */
};

/* Between from and not much later. */
static uint64_t
reads(struct orders *o, uint32_t op, uint64_t argument, uint64_t from)
{
	struct order_completion done = orders_try(o, op, 0, 0, argument, RC_OK);

	if (done.status == RC_OK &&
	    (done.result < from || done.result > from + SLOP))
		orders_wrong(o, "that is not the time");
	return done.result;
}

static void
set(struct orders *o, uint64_t time)
{
	(void)orders_try(o, RTC_SET, 0, 0, time, RC_OK);
	(void)reads(o, RTC_READ, 0, time);
}

static void
run(struct orders *o)
{
	uint64_t now, all = 0, last;

	set(o, LEAP);
	/* An update that nobody waited for is nobody's tick. */
	orders_pass(o, SECOND + SECOND / 4);
	set(o, EVE);
	last = reads(o, RTC_TICK, 0, EVE + 1);
	(void)orders_try(o, RTC_ORDERS, 0, 0, 0, RC_ORDER);
	(void)orders_try(o, RTC_READ, 1, 0, 0, RC_ARGUMENT);
	(void)orders_try(
	    o, RTC_SET, 0, 0, (uint64_t)RTC_FIRST - 1, RC_ARGUMENT);
	(void)orders_try(o, RTC_SET, 0, 0, (uint64_t)RTC_LAST + 1, RC_ARGUMENT);
	(void)orders_try(o, RTC_ALARM, 0, 0, UINT64_MAX, RC_ARGUMENT);
	/* One that has been, one that comes, one that nobody waits for. */
	(void)reads(o, RTC_ALARM, EVE, last);
	if (o->ended)
		(void)orders_give(o, RTC_ALARM, 0, 0, EVE + LONG_AFTER);
	now = reads(o, RTC_READ, 0, last);
	(void)reads(o, RTC_ALARM, now + 1, now + 1);
	for (unsigned i = 0; i < 2 && o->ended; i++)
		all |= UINT64_C(1) << orders_give(o, RTC_READ, 0, 0, 0);
	if (o->ended)
		(void)orders_wait(o, all, 60 * SECOND);
}

/* As long as the first tick has not come, nobody knows what time it was. */
static void
converse(struct orders *o)
{
	(void)orders_try(o, RTC_SET, 0, 0, EVE, RC_OK);
	(void)reads(o, RTC_TICK, 0, EVE + 1);
	(void)reads(o, RTC_READ, 0, EVE + 1);
	(void)reads(o, RTC_ALARM, EVE + 2, EVE + 2);
	(void)orders_try(o, RTC_SET, 0, 0, LEAP, RC_OK);
	(void)reads(o, RTC_READ, 0, LEAP);
}

const struct order_script script = {
    .data_pages = 1,
    .run = run,
    .converse = converse,
    .deaths = 8, /* Each run takes seconds. */
};
