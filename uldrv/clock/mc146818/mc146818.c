/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The battery clock. Its registers are changed once a second, and must not be
 * read meanwhile: an order that comes then waits for the interrupt that says
 * that the update has ended.
 *
 * Invariants:
 *  1. An order waits in exactly one of the masks below, and the interrupt that
 *     ends its waiting is on.
 *  2. Whether the clock counts in BCD or binary, by 12 or 24 hours, is left as
 *     the firmware has it.
 */
#include "devdb/mc146818.regs.h"
#include "uldrv/class/clock.h"
#include "uldrv/clock/mc146818/calendar.h"
#include "uldrv/lib/order.h"

#define AT(what) MC146818_INDEX_##what

enum {
	MODES = MC146818_B_BINARY | MC146818_B_HOURS24,
	READS = 4, /* Until two in succession are the same. */
};

struct clock {
	uint64_t readers, tickers, sleepers; /* Slots that wait. */
	uint64_t wake[ORDER_ENTRIES];        /* Of the sleepers. */
	uint8_t  mode;
	bool     served; /* An order has served the interrupt that comes. */
};

static uint8_t
get(struct dev *d, uint8_t index)
{
	mc146818_write_INDEX(d, index);
	return mc146818_read_TIME(d);
}

static void
put(struct dev *d, uint8_t index, uint8_t value)
{
	mc146818_write_INDEX(d, index);
	mc146818_write_TIME(d, value);
}

/* Interrupts that are on, and the modes that stay. */
static void
put_b(struct dev *d, uint8_t bits)
{
	const struct clock *k = d->state;

	mc146818_write_INDEX(d, AT(B));
	mc146818_write_B(d, (uint8_t)(k->mode | bits));
}

/* One that is no number in the clock's mode gives one that is no time. */
static unsigned
number(const struct clock *k, uint8_t v)
{
	if ((k->mode & MC146818_B_BINARY) != 0)
		return v;
	return (v >> 4) > 9 || (v & 15) > 9 ? UINT8_MAX
					    : (v >> 4) * 10u + (v & 15u);
}

static uint8_t
digits(const struct clock *k, unsigned n)
{
	if ((k->mode & MC146818_B_BINARY) != 0)
		return (uint8_t)n;
	return (uint8_t)(n / 10 << 4 | n % 10);
}

static unsigned
hour(const struct clock *k, uint8_t v)
{
	unsigned n;

	if ((k->mode & MC146818_B_HOURS24) != 0)
		return number(k, v);
	n = number(k, v & (uint8_t)~MC146818_TIME_PM);
	if (n < 1 || n > 12)
		return UINT8_MAX;
	return n % 12 + ((v & MC146818_TIME_PM) != 0 ? 12u : 0u);
}

static uint8_t
hour_digits(const struct clock *k, unsigned n)
{
	if ((k->mode & MC146818_B_HOURS24) != 0)
		return digits(k, n);
	return (uint8_t)(digits(k, n % 12 == 0 ? 12 : n % 12) |
	    (n >= 12 ? MC146818_TIME_PM : 0));
}

static bool
updating(struct dev *d)
{
	mc146818_write_INDEX(d, AT(A));
	return (mc146818_read_A(d) & MC146818_A_UPDATING) != 0;
}

static enum status
read_once(struct dev *d, uint64_t *seconds)
{
	const struct clock *k = d->state;
	unsigned            century = number(k, get(d, AT(CENTURY)));
	struct calendar     c = {
		.second = number(k, get(d, AT(SECOND))),
		.minute = number(k, get(d, AT(MINUTE))),
		.hour = hour(k, get(d, AT(HOUR))),
		.day = number(k, get(d, AT(DAY))),
		.month = number(k, get(d, AT(MONTH))),
		.year = number(k, get(d, AT(YEAR))),
        };

	/* A clock without a century register has anything there. */
	c.year += century == 19 ? 1900 : 2000;
	return calendar_join(&c, seconds);
}

/*
 * RC_BUSY: just now it is updated. The registers are read twice, for an
 * update may begin in between, and the first look at UIP is no promise for
 * longer than 244 us (MC146818, update cycle).
 */
static enum status
read_time(struct dev *d, uint64_t *seconds)
{
	uint64_t    before;
	enum status st;

	mc146818_write_INDEX(d, AT(D));
	if ((mc146818_read_D(d) & MC146818_D_VALID) == 0)
		return RC_STATE;
	if (updating(d))
		return RC_BUSY;
	st = read_once(d, seconds);
	for (unsigned i = 0; i < READS && st == RC_OK; i++) {
		before = *seconds;
		st = read_once(d, seconds);
		if (st == RC_OK && before == *seconds && !updating(d))
			return RC_OK;
	}
	return updating(d) || st == RC_OK ? RC_BUSY : st;
}

static void
write_time(struct dev *d, uint64_t seconds)
{
	const struct clock *k = d->state;
	struct calendar     c;

	calendar_split(seconds, &c);
	put_b(d, MC146818_B_SET); /* No update meanwhile. */
	put(d, AT(SECOND), digits(k, c.second));
	put(d, AT(MINUTE), digits(k, c.minute));
	put(d, AT(HOUR), hour_digits(k, c.hour));
	put(d, AT(DAY), digits(k, c.day));
	put(d, AT(MONTH), digits(k, c.month));
	put(d, AT(YEAR), digits(k, c.year % 100));
	put(d, AT(CENTURY), digits(k, c.year / 100));
}

/* The alarm registers have the time of the first who sleeps. */
static void
write_alarm(struct dev *d)
{
	const struct clock *k = d->state;
	uint64_t            first = UINT64_MAX;
	struct calendar     c;

	for (uint64_t left = k->sleepers; left != 0; left &= left - 1) {
		uint64_t at = k->wake[__builtin_ctzll(left)];

		first = at < first ? at : first;
	}
	if (first == UINT64_MAX)
		return;
	calendar_split(first, &c);
	put(d, AT(SECOND_ALARM), digits(k, c.second));
	put(d, AT(MINUTE_ALARM), digits(k, c.minute));
	put(d, AT(HOUR_ALARM), hour_digits(k, c.hour));
}

static void
finish(
    struct dev *d, uint64_t *mask, uint64_t done, enum status st, uint64_t now)
{
	*mask &= ~done;
	for (; done != 0; done &= done - 1)
		order_complete(d, (unsigned)__builtin_ctzll(done), st, 0, now);
}

/*
 * Completes what can be, and turns on the interrupts that the rest waits for.
 * ticked: a second has just begun.
 */
static void
look(struct dev *d, bool ticked)
{
	struct clock *k = d->state;
	uint64_t      now = 0, awake = 0;
	bool          asked = (k->readers | k->sleepers) != 0 ||
	    (ticked && k->tickers != 0);
	enum status st = asked ? read_time(d, &now) : RC_OK;

	if (asked && st != RC_BUSY) {
		finish(d, &k->readers, k->readers, st, now);
		if (ticked || st != RC_OK)
			finish(d, &k->tickers, k->tickers, st, now);
		for (uint64_t left = k->sleepers; left != 0; left &= left - 1) {
			unsigned i = (unsigned)__builtin_ctzll(left);

			if (st != RC_OK || k->wake[i] <= now)
				awake |= UINT64_C(1) << i;
		}
		finish(d, &k->sleepers, awake, st, now);
	}
	put_b(d,
	    (uint8_t)(((k->readers | k->tickers) != 0 || st == RC_BUSY
			      ? MC146818_B_ENDED
			      : 0) |
		(k->sleepers != 0 ? MC146818_B_ALARM : 0)));
}

/* What it interrupts for; false: for nothing. */
static bool
serve_causes(struct dev *d)
{
	uint8_t causes;

	mc146818_write_INDEX(d, AT(C));
	causes = mc146818_read_C(d); /* Reading it clears them. */
	if (causes == UINT8_MAX || (causes & MC146818_C_INTERRUPT) == 0)
		return false;
	look(d, (causes & MC146818_C_ENDED) != 0);
	write_alarm(d);
	return true;
}

static enum status
order(struct dev *d, const struct order_io *io)
{
	struct clock *k = d->state;
	uint64_t      bit = UINT64_C(1) << io->slot;

	if ((io->op == RTC_SET || io->op == RTC_ALARM) &&
	    (io->argument < (uint64_t)RTC_FIRST ||
		io->argument > (uint64_t)RTC_LAST))
		return RC_ARGUMENT;
	switch ((enum rtc_order)io->op) {
	case RTC_SET:
		write_time(d, io->argument);
		order_complete(d, io->slot, RC_OK, 0, io->argument);
		break;
	case RTC_READ:
		k->readers |= bit;
		break;
	case RTC_TICK:
		/* Of an update that has ended nobody waits for the end. */
		k->served |= serve_causes(d);
		k->tickers |= bit;
		break;
	case RTC_ALARM:
		k->sleepers |= bit;
		k->wake[io->slot] = io->argument;
		write_alarm(d);
		break;
	case RTC_ORDERS:
		return RC_ORDER;
	}
	/* The time may have come while the alarm was set. */
	look(d, false);
	return RC_OK;
}

static uint64_t
serve(struct dev *d, uint64_t irqs)
{
	struct clock *k = d->state;
	const bool    served = k->served;

	k->served = false;
	return serve_causes(d) || served ? irqs : 0;
}

static enum status
start(struct dev *d)
{
	struct clock *k = d->state;

	mc146818_write_INDEX(d, AT(B));
	*k = (struct clock){.mode = mc146818_read_B(d) & MODES};
	put_b(d, 0);
	mc146818_write_INDEX(d, AT(A));
	mc146818_write_A(
	    d, MC146818_A_DIVIDER_NORMAL << MC146818_A_DIVIDER_SHIFT);
	(void)get(d, AT(C)); /* What an earlier driver left. */
	return RC_OK;
}

static enum status
probe(struct dev *d)
{
	enum status st = mc146818_regions(d);

	if (st != RC_OK)
		return st;
	mc146818_write_INDEX(d, AT(D));
	if ((mc146818_read_D(d) & (uint8_t)~MC146818_D_VALID) != 0) {
		dev_remark(d, "no battery clock");
		return RC_NOT_FOUND;
	}
	return start(d);
}

/*
 * An interrupt may have been lost; and then no other comes before its cause is
 * read. A sleeper may sleep on, the others have waited for too long.
 */
static void
expired(struct dev *d)
{
	struct clock *k = d->state;

	mc146818_write_INDEX(d, AT(C));
	(void)mc146818_read_C(d);
	look(d, true);
	if ((k->readers | k->tickers) == 0)
		return;
	d->control->said.resets++;
	(void)!start(d);
	order_complete_all(d, RC_TIMEOUT);
}

static void
leave(struct dev *d)
{
	put_b(d, 0);
}

static enum status
suspend(struct dev *d)
{
	leave(d);
	return RC_OK;
}

const struct driver driver = {
    .name = "mc146818",
    .class = &clock_class,
    .state_bytes = sizeof(struct clock),
    .deadline = 3 * SECOND,
    .probe = probe,
    .serve = serve,
    .order = order,
    .expired = expired,
    .suspend = suspend,
    .resume = start,
    .remove = leave,
    .holds = true,
};
