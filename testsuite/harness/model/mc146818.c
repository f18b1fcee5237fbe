/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MC146818 as in the ICH9 and in QEMU: an update each second, announced 244 us
 * before by UIP, which lasts 2 ms; interrupts when it has ended and when the
 * alarm's time is there; the line stays high until register C is read. BCD and
 * 24 hours at power-on, as firmware leaves it. Each access takes 20 us.
 */
#include <string.h>
#include <time.h>

#include "testsuite/harness/compare.h"
#include "testsuite/harness/model/model.h"

#define ACCESS_TIME (20 * MICROSECOND)
#define UPDATE_TIME (2228 * MICROSECOND) /* 244 + 1984 */

enum {
	A = 10,
	B = 11,
	C = 12,
	D = 13,
	CENTURY = 0x32,
	SET = 0x80,
	PERIODIC = 0x40,
	ALARM = 0x20,
	ENDED = 0x10,
	BINARY = 4,
	HOURS24 = 2,
	REQUEST = 0x80,
	BASE = 1767225590, /* 2025-12-31 23:59:50 */
};

struct rtc {
	uint8_t  index, reg[128];
	uint64_t second; /* That the registers show, since the base. */
	uint64_t epoch;  /* Simulated time of second 0. */
	bool     ticking;
};

static uint8_t
digits(const struct rtc *r, int n)
{
	unsigned u = (unsigned)n & 127;

	return (uint8_t)((r->reg[B] & BINARY) != 0 ? u
						   : u / 10 << 4 | u % 10);
}

static int
number(const struct rtc *r, uint8_t v)
{
	return (r->reg[B] & BINARY) != 0 ? v : (v >> 4) * 10 + (v & 15);
}

/* In the 12-hour mode there are 12, 1, ... 11, and bit 7 for the afternoon. */
static int
hour_of(const struct rtc *r)
{
	if ((r->reg[B] & HOURS24) != 0)
		return number(r, r->reg[4]);
	return number(r, r->reg[4] & 0x7f) % 12 +
	    ((r->reg[4] & 0x80) != 0 ? 12 : 0);
}

static uint8_t
hour_digits(const struct rtc *r, int hour)
{
	if ((r->reg[B] & HOURS24) != 0)
		return digits(r, hour);
	return (uint8_t)(digits(r, hour % 12 == 0 ? 12 : hour % 12) |
	    (hour >= 12 ? 0x80 : 0));
}

/* What the registers say, by the host's own calendar. */
static time_t
held(const struct rtc *r)
{
	struct tm t = {
	    .tm_sec = number(r, r->reg[0]),
	    .tm_min = number(r, r->reg[2]),
	    .tm_hour = hour_of(r),
	    .tm_mday = number(r, r->reg[7]),
	    .tm_mon = number(r, r->reg[8]) - 1,
	    .tm_year = number(r, r->reg[9]) +
		(number(r, r->reg[CENTURY]) - 19) * 100,
	};

	return timegm(&t);
}

static void
show(struct rtc *r, time_t now)
{
	struct tm t;

	gmtime_r(&now, &t);
	r->reg[0] = digits(r, t.tm_sec);
	r->reg[2] = digits(r, t.tm_min);
	r->reg[4] = hour_digits(r, t.tm_hour);
	r->reg[6] = digits(r, t.tm_wday + 1);
	r->reg[7] = digits(r, t.tm_mday);
	r->reg[8] = digits(r, t.tm_mon + 1);
	r->reg[9] = digits(r, t.tm_year % 100);
	r->reg[CENTURY] = digits(r, 19 + t.tm_year / 100);
}

static void
power_on(struct harness *h)
{
	struct rtc *r = h->model;

	/* It has a battery: a reset turns interrupts off, and no more. */
	if (r->epoch != 0) {
		r->reg[B] &= BINARY | HOURS24;
		r->reg[C] = 0;
		return;
	}
	*r = (struct rtc){.epoch = h->now};
	r->reg[A] = 0x26;
	r->reg[B] = HOURS24;
	r->reg[D] = 0x80;
	show(r, BASE);
}

static void
describe(struct harness *h, struct control_given *g)
{
	(void)h;
	g->irqs = 1;
	g->port[0] = (struct control_range){.first = 0x70, .bytes = 2};
}

/* One line for all causes that are on. */
static void
update_line(struct harness *h, struct rtc *r)
{
	bool high = (r->reg[B] & r->reg[C] & (PERIODIC | ALARM | ENDED)) != 0;
	bool was = (r->reg[C] & REQUEST) != 0;

	if (high) {
		r->reg[C] |= REQUEST;
		if (!was)
			model_interrupt(h, 0); /* ISA: an edge. */
	}
}

static void
tick(struct harness *h, struct rtc *r)
{
	r->second++;
	if ((r->reg[B] & SET) == 0)
		show(r, held(r) + 1);
	r->reg[C] |= ENDED;
	if (r->reg[1] == r->reg[0] && r->reg[3] == r->reg[2] &&
	    r->reg[5] == r->reg[4])
		r->reg[C] |= ALARM;
	update_line(h, r);
}

/* Catches up with the time, and steps again while somebody listens. */
static void
catch_up(struct harness *h, struct rtc *r)
{
	while ((h->now - r->epoch) / SECOND > r->second)
		tick(h, r);
	if ((r->reg[B] & (ALARM | ENDED)) != 0)
		model_later(h, SECOND - (h->now - r->epoch) % SECOND);
}

static uint32_t
read_register(struct harness *h, enum region_kind kind, unsigned resource,
    uint64_t offset, unsigned bytes)
{
	struct rtc *r = h->model;
	uint8_t     v;

	(void)kind;
	(void)resource;
	(void)bytes;
	h->now += ACCESS_TIME;
	catch_up(h, r);
	if (offset == 0)
		return 0xff;
	v = r->reg[r->index];
	if (r->index == A) {
		v &= 0x7f;
		if ((r->reg[B] & SET) == 0 &&
		    (h->now - r->epoch) % SECOND >= SECOND - UPDATE_TIME)
			v |= 0x80;
	}
	if (r->index == C)
		r->reg[C] = 0;
	return v;
}

static void
write_register(struct harness *h, enum region_kind kind, unsigned resource,
    uint64_t offset, unsigned bytes, uint32_t value)
{
	struct rtc *r = h->model;

	(void)kind;
	(void)resource;
	(void)bytes;
	h->now += ACCESS_TIME;
	catch_up(h, r);
	if (offset == 0) {
		r->index = value & 0x7f;
		return;
	}
	if (r->index < A && r->index % 2 == 0 && (r->reg[B] & SET) == 0)
		model_complain(h, "the time is written while it runs");
	if (r->index == C || r->index == D) {
		model_complain(h, "register %u cannot be written", r->index);
		return;
	}
	r->reg[r->index] = (uint8_t)value;
	if (r->index == B)
		update_line(h, r);
	catch_up(h, r);
}

static void
step(struct harness *h)
{
	catch_up(h, h->model);
}

const struct model_difference model_differences[] = {
    {NULL, NULL, NULL},
};

const struct model_ops model = {
    .bytes = sizeof(struct rtc),
    .power_on = power_on,
    .describe = describe,
    .read = read_register,
    .write = write_register,
    .step = step,
};
