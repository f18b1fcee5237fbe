/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/timer/times.h"

void
times_init(struct times *t)
{
	t->count = 0;
	for (unsigned i = 0; i < TIMES_CLIENTS; i++)
		t->held[i] = 0;
	for (unsigned i = 0; i < TIMES; i++)
		t->heap[i] = t->at[i] = (uint16_t)i;
}

static uint64_t
due(const struct times *t, unsigned place)
{
	return t->entry[t->heap[place]].due;
}

static void
exchange(struct times *t, unsigned a, unsigned b)
{
	uint16_t x = t->heap[a], y = t->heap[b];

	t->heap[a] = y;
	t->heap[b] = x;
	t->at[y] = (uint16_t)a;
	t->at[x] = (uint16_t)b;
}

static void
rise(struct times *t, unsigned place)
{
	while (place > 0 && due(t, place) < due(t, (place - 1) / 2)) {
		exchange(t, place, (place - 1) / 2);
		place = (place - 1) / 2;
	}
}

static void
sink(struct times *t, unsigned place)
{
	for (;;) {
		unsigned least = place, below = 2 * place + 1;

		for (unsigned i = below; i < below + 2 && i < t->count; i++)
			if (due(t, i) < due(t, least))
				least = i;
		if (least == place)
			return;
		exchange(t, place, least);
		place = least;
	}
}

/* What all have above their shares. */
static unsigned
in_common(const struct times *t)
{
	unsigned n = 0;

	for (unsigned i = 0; i < TIMES_CLIENTS; i++)
		if (t->held[i] > TIMES_SHARE)
			n += t->held[i] - TIMES_SHARE;
	return n;
}

enum status
times_room(const struct times *t, unsigned client, unsigned *number)
{
	if (t->held[client] >= TIMES_MOST ||
	    (t->held[client] >= TIMES_SHARE && in_common(t) >= TIMES_COMMON))
		return RC_LIMIT;
	*number = t->heap[t->count];
	return RC_OK;
}

void
times_add(struct times *t, const struct time_entry *e)
{
	t->entry[t->heap[t->count]] = *e;
	t->held[e->client]++;
	t->count++;
	rise(t, t->count - 1);
}

void
times_remove(struct times *t, unsigned number)
{
	unsigned place = t->at[number];

	t->held[t->entry[number].client]--;
	t->count--;
	exchange(t, place, t->count);
	if (place < t->count) {
		rise(t, place);
		sink(t, place);
	}
}

bool
times_first(const struct times *t, unsigned *number, uint64_t *first)
{
	if (t->count == 0)
		return false;
	*number = t->heap[0];
	*first = due(t, 0);
	return true;
}

void
times_again(struct times *t, unsigned number, uint64_t now)
{
	struct time_entry *e = &t->entry[number];
	uint64_t           next;

	if (now >= e->due) {
		next = now - (now - e->due) % e->period;
		e->due = next <= UINT64_MAX - e->period ? next + e->period
						     : UINT64_MAX;
	}
	sink(t, t->at[number]);
}

bool
times_ok(const struct times *t)
{
	unsigned total = 0;

	for (unsigned i = 0; i < TIMES; i++) {
		if (t->heap[i] >= TIMES || t->at[t->heap[i]] != i)
			return false;
		if (i > 0 && i < t->count && due(t, i) < due(t, (i - 1) / 2))
			return false;
	}
	for (unsigned i = 0; i < TIMES_CLIENTS; i++) {
		total += t->held[i];
		if (t->held[i] > TIMES_MOST)
			return false;
	}
	return total == t->count && t->count <= TIMES &&
	    in_common(t) <= TIMES_COMMON;
}
