/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Alarms: a binary heap by time.
 *
 * Setting one looks for an older alarm of the same (process, bit) first. That
 * is a linear search, bounded by the table, and alarms are few.
 */
#include "kernel/sched/clock.h"
#include "kernel/hal/hal.h"

static struct {
	struct alarm *heap;
	uint32_t      n, limit;
} clock;

void
alarm_init(struct alarm *heap, uint32_t n)
{
	clock.heap  = heap;
	clock.limit = n;
	clock.n     = 0;
}

static void
sift_up(uint32_t i)
{
	struct alarm a = clock.heap[i];

	while (i > 0 && clock.heap[(i - 1) / 2].when > a.when) {
		clock.heap[i] = clock.heap[(i - 1) / 2];
		i             = (i - 1) / 2;
	}
	clock.heap[i] = a;
}

static void
sift_down(uint32_t i)
{
	struct alarm a = clock.heap[i];

	for (;;) {
		uint32_t child = 2 * i + 1;

		if (child >= clock.n)
			break;
		if (child + 1 < clock.n &&
		    clock.heap[child + 1].when < clock.heap[child].when)
			child++;
		if (a.when <= clock.heap[child].when)
			break;
		clock.heap[i] = clock.heap[child];
		i             = child;
	}
	clock.heap[i] = a;
}

static void
remove_at(uint32_t i)
{
	clock.n--;
	if (i == clock.n)
		return;
	clock.heap[i] = clock.heap[clock.n];
	sift_up(i);
	sift_down(i);
}

enum status
alarm_cancel(uint64_t process, uint8_t bit)
{
	for (uint32_t i = 0; i < clock.n; i++) {
		if (clock.heap[i].process == process &&
		    clock.heap[i].bit == bit) {
			remove_at(i);
			return RC_OK;
		}
	}
	return RC_NOT_FOUND;
}

void
alarm_forget(uint64_t process)
{
	uint32_t i = 0;

	while (i < clock.n) {
		if (clock.heap[i].process != process) {
			i++;
			continue;
		}
		/* What comes in its place may come from behind: start over. */
		remove_at(i);
		i = 0;
	}
}

enum status
alarm_set(const struct alarm *a)
{
	if (alarm_cancel(a->process, a->bit) != RC_OK &&
	    clock.n == clock.limit)
		return RC_NO_MEMORY;
	clock.heap[clock.n] = *a;
	sift_up(clock.n++);
	return RC_OK;
}

uint64_t
alarm_next(void)
{
	return clock.n > 0 ? clock.heap[0].when : UINT64_MAX;
}

bool
alarm_due(uint64_t now, struct alarm *out)
{
	if (clock.n == 0 || clock.heap[0].when > now)
		return false;
	*out = clock.heap[0];
	remove_at(0);
	return true;
}

uint32_t
alarm_count(void)
{
	return clock.n;
}

const struct alarm *
alarm_at(uint32_t i)
{
	return i < clock.n ? &clock.heap[i] : NULL;
}

void
clock_arm(uint64_t slice_end)
{
	uint64_t next = alarm_next();

	hal_clock_deadline(next < slice_end ? next : slice_end);
}
