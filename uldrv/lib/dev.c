/* SPDX-License-Identifier: BSD-2-Clause */
#include "uldrv/lib/uldrv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "uldrv/lib/backend.h"

enum { CONFIG_CAPABILITIES = 0x34, CONFIG_STATUS = 6, CONFIG_FIRST = 0x40 };

#define SLEEP_LEAST (50 * MICROSECOND)
#define SLEEP_MOST  (5 * MILLISECOND)

uint64_t
dev_bus(const struct dev *d, uint32_t offset)
{
	uint32_t page = offset / PAGE_SIZE;

	if (page >= CONTROL_DMA)
		return 0;
	return dev_given(d)->dma_address[page] + offset % PAGE_SIZE;
}

bool
dev_dma_has(const struct dev *d, uint32_t bytes)
{
	unsigned pages = dev_given(d)->dma_pages;

	return pages <= CONTROL_DMA && bytes <= pages * PAGE_SIZE;
}

void
dev_sleep(struct dev *d, uint64_t time)
{
	uint64_t until = be_now(d) + time;

	while (be_now(d) < until && !d->stopped) {
		be_alarm(d, until);
		d->pending |= be_wait(d);
	}
	d->pending &= ~(UINT64_C(1) << NOTICE_ALARM);
	if (d->alarm_at != 0)
		be_alarm(d, d->alarm_at);
}

bool
dev_until(struct dev *d, bool (*fact)(struct dev *d), uint64_t time)
{
	uint64_t step = SLEEP_LEAST;

	/*
	 * What is counted is how long we meant to sleep. A processor that was
	 * taken from us, or from the device, is no fault of the device: it is
	 * looked at as often as if all had gone well.
	 */
	for (uint64_t slept = 0; !fact(d); slept += step) {
		if (slept >= time || d->stopped)
			return false;
		if (slept > 0)
			step = step < SLEEP_MOST / 2 ? 2 * step : SLEEP_MOST;
		dev_sleep(d, step);
	}
	return true;
}

void
dev_remark(struct dev *d, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(d->control->said.remark, CONTROL_REMARK, format, args);
	va_end(args);
}

static void
say(struct dev *d, enum control_state state)
{
	/* The server may look at any time: the state comes last. */
	__atomic_store_n(&d->control->said.state, state, __ATOMIC_RELEASE);
}

void
dev_fail(struct dev *d, enum status cause)
{
	if (d->stopped)
		return;
	d->control->said.cause = (uint32_t)cause;
	say(d, cause == RC_NOT_FOUND ? CONTROL_NO_DEVICE : CONTROL_FAILED);
	d->stopped = true;
	be_stop(d);
}

bool
dev_restart(struct dev *d, enum status (*start)(struct dev *d))
{
	enum status st = start(d);

	d->control->said.resets++;
	/* There was a device: its absence now is a failure. */
	if (st != RC_OK)
		dev_fail(d, st == RC_NOT_FOUND ? RC_DEVICE : st);
	return st == RC_OK;
}

uint8_t
config_8(const struct dev *d, unsigned offset)
{
	return offset < CONTROL_CONFIG ? dev_given(d)->config[offset] : 0;
}

uint32_t
config_32(const struct dev *d, unsigned offset)
{
	return config_8(d, offset) | (uint32_t)config_8(d, offset + 1) << 8 |
	    (uint32_t)config_8(d, offset + 2) << 16 |
	    (uint32_t)config_8(d, offset + 3) << 24;
}

unsigned
config_capability(const struct dev *d, uint8_t id, unsigned from)
{
	unsigned at = config_8(d, from != 0 ? from + 1 : CONFIG_CAPABILITIES);
	/* A list of distinct entries cannot be longer; this ends a loop. */
	unsigned most = (CONTROL_CONFIG - CONFIG_FIRST) / 4;

	if ((config_8(d, CONFIG_STATUS) & 1u << 4) == 0)
		return 0;
	for (; most > 0; most--) {
		at &= ~3u;
		if (at < CONFIG_FIRST)
			return 0;
		if (config_8(d, at) == id)
			return at;
		at = config_8(d, at + 1);
	}
	return 0;
}

/*
 * The watchdog is armed while something is in flight, at most once in each
 * deadline; it expires for a request that two looks in succession find.
 */
static void
watch(struct dev *d, uint64_t notices)
{
	if ((notices & UINT64_C(1) << NOTICE_ALARM) != 0 && d->alarm_at != 0 &&
	    be_now(d) >= d->alarm_at) {
		d->alarm_at = 0;
		if ((d->busy & d->old) != 0) {
			d->control->said.timeouts++;
			d->driver->expired(d);
		}
	}
	if (d->busy != 0 && d->alarm_at == 0 && !d->stopped &&
	    d->driver->deadline != 0) {
		d->old = d->busy;
		d->alarm_at = be_now(d) + d->driver->deadline;
		be_alarm(d, d->alarm_at);
	}
}

/* Quiet, until wake: no interrupt is served, and nothing is begun. */
static void
fall_asleep(struct dev *d)
{
	enum status st = d->driver->suspend(d);

	if (d->stopped)
		return;
	if (st != RC_OK) {
		dev_fail(d, st);
		return;
	}
	d->asleep = true;
	d->alarm_at = 0;
	say(d, CONTROL_SUSPENDED);
	be_client(d); /* The server's bell, for as long as it waits. */
}

static void
wake(struct dev *d)
{
	enum status st = d->driver->resume(d);

	if (d->stopped)
		return;
	if (st != RC_OK) {
		dev_fail(d, st);
		return;
	}
	d->asleep = d->suspended = false;
	d->old = 0;
	say(d, CONTROL_UP);
	be_client(d);
	if (d->driver->class->wake != NULL)
		d->driver->class->wake(d);
	/* What was asked meanwhile. */
	d->driver->class->turn(d, 0);
	watch(d, 0);
}

static bool
can_suspend(const struct driver *drv)
{
	return drv->class != NULL && drv->suspend != NULL &&
	    drv->resume != NULL;
}

/*
 * The server's wish is a level, not an event: the last one counts. Nothing is
 * begun from the wish to sleep until the device is awake.
 */
static void
listen(struct dev *d)
{
	d->sleepy = can_suspend(d->driver) &&
	    __atomic_load_n(&d->control->given.suspended, __ATOMIC_ACQUIRE) !=
		0;
	d->suspended = d->sleepy || d->asleep;
}

static void
power(struct dev *d, uint64_t notices)
{
	if (d->sleepy && !d->asleep && (d->busy == 0 || d->driver->holds))
		fall_asleep(d);
	else if (!d->sleepy && d->asleep)
		wake(d);
	if ((notices & UINT64_C(1) << NOTICE_REMOVE) != 0 && !d->stopped) {
		if (d->driver->remove != NULL)
			d->driver->remove(d);
		say(d, CONTROL_GONE);
		d->stopped = true;
		be_stop(d);
	}
}

void
dev_turn(struct dev *d, uint64_t notices)
{
	uint64_t irqs = notices & ((UINT64_C(1) << CONTROL_IRQS) - 1);
	uint64_t ours = 0;

	if (d->stopped)
		return;
	if ((notices & UINT64_C(1) << NOTICE_BEAT) != 0)
		d->control->said.beat++;
	if ((notices & UINT64_C(1) << NOTICE_POWER) != 0)
		listen(d);
	/* Of a device that sleeps nothing is looked at. */
	if (irqs != 0 && d->driver->serve != NULL && !d->asleep) {
		ours = d->driver->serve(d, irqs);
		d->control->said.interrupts += ours != 0;
	}
	if (!d->asleep)
		watch(d, notices);
	if (!d->stopped && d->driver->class != NULL)
		d->driver->class->turn(d, notices);
	if (!d->asleep)
		watch(d, 0);
	for (unsigned i = 0; i < CONTROL_IRQS; i++)
		if ((irqs >> i & 1) != 0)
			be_irq_ack(d, i, (ours >> i & 1) != 0);
	if (!d->stopped)
		power(d, notices);
}

void
dev_begin(struct dev *d)
{
	enum status st;
	uint64_t    notices;

	say(d, CONTROL_STARTING);
	st = d->driver->probe(d);
	if (st != RC_OK) {
		dev_fail(d, st);
		return;
	}
	d->begun = true;
	if (can_suspend(d->driver))
		d->control->said.features |= CONTROL_SUSPENDS;
	listen(d);
	say(d, CONTROL_UP);
	be_client(d); /* Who waits for us to be up hears it. */
	/* The client may have rung before we could hear it. */
	notices = d->pending;
	d->pending = 0;
	dev_turn(d, notices | UINT64_C(1) << NOTICE_DOORBELL);
}
