/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Alarms: a binary heap by time, and a hash by process and bit, so that none
 * of the operations looks at more than a few of them (D3).
 *
 * Invariants:
 *  1. heap[0] to heap[n - 1] are the places of the alarms that are set, each
 *     no later than its two children; item i is at heap[item[i].at].
 *  2. Each of them is in the chain of its process and bit; the others are in
 *     the free chain.
 *  3. The last half of the places holds one alarm of each process at most: who has
 *     one already gets another only in the first half. So whoever takes all he can
 *     leaves one to everybody else.
 */
#include "kernel/sched/clock.h"
#include "kernel/abi/types.h"
#include "kernel/hal/hal.h"
#include "kernel/sched/reserve.h"

enum {
	NONE        = UINT32_MAX,
	PLACES_EACH = 2, /* For each process that can have alarms. */
};

static struct {
	struct alarm_item *item;
	uint32_t          *heap;   /* Places in item. */
	uint32_t          *bucket; /* First place of a chain, or NONE. */
	uint32_t           mask;
	uint32_t           free;
	uint32_t           n, limit;
	uint64_t           wanted; /* See clock_want. */
	uint64_t           armed;  /* For when. */
} clock;

static uint32_t
buckets_for(uint32_t n)
{
	uint32_t buckets = 1;

	while (buckets < n)
		buckets <<= 1;
	return buckets;
}

size_t
alarm_bytes(uint32_t n)
{
	const uint32_t places = PLACES_EACH * n;

	return places * sizeof(struct alarm_item) +
	    (places + (size_t)buckets_for(places)) * sizeof(uint32_t);
}

void
alarm_init(void *memory, uint32_t processes)
{
	const uint32_t n       = PLACES_EACH * processes;
	const uint32_t buckets = buckets_for(n);

	clock.item   = memory;
	clock.heap   = (void *)(clock.item + n);
	clock.bucket = clock.heap + n;
	clock.mask   = buckets - 1;
	clock.limit  = n;
	clock.n      = 0;
	clock.wanted = clock.armed = UINT64_MAX;
	clock.free   = NONE;
	for (uint32_t i = n; i-- > 0;) {
		clock.item[i].next = clock.free;
		clock.free         = i;
	}
	for (uint32_t i = 0; i < buckets; i++)
		clock.bucket[i] = NONE;
}

/* --- The hash ------------------------------------------------------------ */

static uint32_t *
chain_of(uint64_t process, uint8_t bit)
{
	const uint64_t h = (process * NOTICE_BITS + bit) *
	    UINT64_C(0x9e3779b97f4a7c15);

	return &clock.bucket[h >> 32 & clock.mask];
}

/* The link that leads to an alarm; to NONE if there is no such. */
static uint32_t *
find(uint64_t process, uint8_t bit)
{
	uint32_t *link = chain_of(process, bit);

	while (*link != NONE &&
	    (clock.item[*link].alarm.process != process ||
		clock.item[*link].alarm.bit != bit))
		link = &clock.item[*link].next;
	return link;
}

/* --- The heap ------------------------------------------------------------ */

static uint64_t
when_at(uint32_t at)
{
	return clock.item[clock.heap[at]].alarm.when;
}

static void
put(uint32_t at, uint32_t i)
{
	clock.heap[at]   = i;
	clock.item[i].at = at;
}

static void
sift_up(uint32_t at)
{
	const uint32_t i = clock.heap[at];

	while (at > 0 && when_at((at - 1) / 2) > clock.item[i].alarm.when) {
		put(at, clock.heap[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	put(at, i);
}

static void
sift_down(uint32_t at)
{
	const uint32_t i = clock.heap[at];

	for (;;) {
		uint32_t child = 2 * at + 1;

		if (child >= clock.n)
			break;
		if (child + 1 < clock.n && when_at(child + 1) < when_at(child))
			child++;
		if (clock.item[i].alarm.when <= when_at(child))
			break;
		put(at, clock.heap[child]);
		at = child;
	}
	put(at, i);
}

/* Take out the alarm that a link leads to. */
static void
take(uint32_t *link)
{
	const uint32_t i = *link, at = clock.item[i].at;

	*link              = clock.item[i].next;
	clock.item[i].next = clock.free;
	clock.free         = i;
	clock.n--;
	if (at == clock.n)
		return;
	put(at, clock.heap[clock.n]);
	sift_up(at);
	sift_down(at);
}

/* --- Alarms -------------------------------------------------------------- */

enum status
alarm_cancel(uint64_t process, uint8_t bit)
{
	uint32_t *link = find(process, bit);

	if (*link == NONE)
		return RC_NOT_FOUND;
	take(link);
	return RC_OK;
}

/* At most 64 of them, one for each bit. */
void
alarm_forget(uint64_t process)
{
	for (unsigned bit = 0; clock.n > 0 && bit < NOTICE_BITS; bit++) {
		uint32_t *link = find(process, (uint8_t)bit);

		if (*link != NONE)
			take(link);
	}
}

/* Is there a place for an alarm that this process does not have yet? */
static bool
has_room(uint64_t process)
{
	if (clock.n < clock.limit / PLACES_EACH)
		return true;
	for (unsigned bit = 0; bit < NOTICE_BITS; bit++)
		if (*find(process, (uint8_t)bit) != NONE)
			return false;
	return clock.n < clock.limit;
}

enum status
alarm_set(const struct alarm *a)
{
	uint32_t *link, i;

	if (alarm_cancel(a->process, a->bit) != RC_OK &&
	    !has_room(a->process))
		return RC_NO_MEMORY;
	i                   = clock.free;
	clock.free          = clock.item[i].next;
	link                = chain_of(a->process, a->bit);
	clock.item[i].alarm = *a;
	clock.item[i].next  = *link;
	*link               = i;
	clock.heap[clock.n] = i;
	sift_up(clock.n++);
	return RC_OK;
}

uint64_t
alarm_next(void)
{
	return clock.n > 0 ? when_at(0) : UINT64_MAX;
}

bool
alarm_due(uint64_t now, struct alarm *out)
{
	if (clock.n == 0 || when_at(0) > now)
		return false;
	*out = clock.item[clock.heap[0]].alarm;
	take(find(out->process, out->bit));
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
	return i < clock.n ? &clock.item[clock.heap[i]].alarm : NULL;
}

void
clock_arm(uint64_t slice_end)
{
	uint64_t next = alarm_next() < clock.wanted
	    ? alarm_next()
	    : clock.wanted;

	if (slice_end < next)
		next = slice_end;
	if (reserve_any()) {
		uint64_t soon = reserve_next(hal_clock_now());

		if (soon < next)
			next = soon;
	}
	clock.armed = next;
	hal_clock_deadline(next);
}

void
clock_want(uint64_t when)
{
	clock.wanted = when;
	if (when < clock.armed)
		hal_clock_deadline(clock.armed = when);
}

uint64_t
clock_wanted(void)
{
	return clock.wanted;
}
