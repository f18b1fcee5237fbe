/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of reserves, and the arithmetic of budgets and deadlines.
 */
#include "kernel/sched/reserve.h"

struct reserves reserves;


static struct reserve *
at(unsigned number)
{
	debug_assert(number > 0 && number < RESERVES);
	return &reserves.table[number];
}

void
reserves_init(void)
{
	memset(&reserves, 0, sizeof(reserves));
	for (unsigned i = 0; i < RESERVES; i++)
		for (unsigned p = 0; p < PRIORITIES; p++)
			list_init(&reserves.ready[i][p]);
}

/* budget / period, rounded up. */
static uint32_t
share(uint64_t period, uint64_t budget)
{
	return (uint32_t)((budget * RESERVE_SHARE_ONE + period - 1) / period);
}

static enum status
check(uint64_t period, uint64_t budget)
{
	if (period < RESERVE_PERIOD_LEAST || period > RESERVE_PERIOD_MOST ||
	    budget < RESERVE_BUDGET_LEAST || budget > period)
		return RC_ARGUMENT;
	if (reserves.share + share(period, budget) > RESERVE_SHARE_MOST)
		return RC_LIMIT;
	return RC_OK;
}

static void
start(struct reserve *r, uint64_t period, uint64_t budget)
{
	reserves.share += share(period, budget);
	*r = (struct reserve){
	    .period = period,
	    .budget = budget,
	    .left = budget,
	    .generation = r->generation,
	};
}

enum status
reserve_make(uint64_t period, uint64_t budget, uint32_t *id)
{
	enum status st = check(period, budget);

	if (st != RC_OK)
		return st;
	for (unsigned i = 1; i < RESERVES; i++) {
		struct reserve *r = at(i);

		/*
		 * A generation that would come again is not used (M4), nor a
		 * number while processes of a dropped one are on its queue.
		 */
		if (r->period != 0 || reserves.levels[i] != 0 ||
		    r->generation == UINT32_MAX >> RESERVE_ID_SHIFT)
			continue;
		r->generation++;
		start(r, period, budget);
		*id = reserve_id(i);
		return RC_OK;
	}
	return RC_NO_MEMORY;
}

enum status
reserve_restore(uint32_t id, uint64_t period, uint64_t budget)
{
	const unsigned number = id & (RESERVES - 1);
	enum status    st     = period != 0 ? check(period, budget) : RC_OK;

	if (st != RC_OK)
		return st;
	if (number == 0 || (id & 0xff) != number ||
	    id >> RESERVE_ID_SHIFT == 0)
		return RC_ARGUMENT;
	if (at(number)->period != 0)
		return RC_EXISTS;
	at(number)->generation = id >> RESERVE_ID_SHIFT;
	if (period != 0)
		start(at(number), period, budget);
	return RC_OK;
}

bool
reserve_was_used(unsigned number)
{
	return at(number)->generation != 0;
}

enum status
reserve_drop(uint32_t id)
{
	const unsigned  number = reserve_number(id);
	struct reserve *r;

	if (number == 0)
		return RC_NOT_FOUND;
	r = at(number);
	reserves.share -= share(r->period, r->budget);
	if (reserves.running == number)
		reserves.running = 0;
	*r = (struct reserve){.generation = r->generation};
	return RC_OK;
}

unsigned
reserve_number(uint32_t id)
{
	const unsigned number = id & (RESERVES - 1);

	if (number == 0 || (id & 0xff) != number ||
	    at(number)->period == 0 ||
	    at(number)->generation != id >> RESERVE_ID_SHIFT)
		return 0;
	return number;
}

const struct reserve *
reserve_at(unsigned number)
{
	if (number == 0 || number >= RESERVES || at(number)->period == 0)
		return NULL;
	return at(number);
}

uint32_t
reserve_id(unsigned number)
{
	return at(number)->generation << RESERVE_ID_SHIFT | number;
}

/* Is q > (d - t) B / P? Then it could use more than its share until d. */
static bool
is_too_much(const struct reserve *r, uint64_t now)
{
	return r->deadline <= now ||
	    (unsigned __int128)r->left * r->period >
	    (unsigned __int128)(r->deadline - now) * r->budget;
}

void
reserve_wake(unsigned number, uint64_t now)
{
	struct reserve *r = at(number);

	if (number == reserves.running || (r->waits && r->deadline > now))
		return;
	if (r->waits || is_too_much(r, now)) {
		r->waits    = false;
		r->left     = r->budget;
		r->deadline = now + r->period;
	}
}

struct link *
reserve_queue(unsigned number, unsigned priority)
{
	debug_assert(number < RESERVES && priority < PRIORITIES);
	return &reserves.ready[number][priority];
}

bool
reserve_has_budget(unsigned number)
{
	return at(number)->left > 0;
}

bool
reserve_before(unsigned a, unsigned b)
{
	return at(a)->deadline < at(b)->deadline;
}

unsigned
reserve_earliest(void)
{
	unsigned best = 0;

	for (unsigned i = 1; i < RESERVES; i++)
		if (reserve_levels(i) != 0 && reserve_has_budget(i) &&
		    (best == 0 || reserve_before(i, best)))
			best = i;
	return best;
}

int
reserve_highest(unsigned number)
{
	debug_assert(reserve_levels(number) != 0);
	return 31 - __builtin_clz(reserve_levels(number));
}

void
reserve_run(unsigned number, uint64_t now)
{
	reserves.running = number;
	reserves.since   = now;
}

bool
reserve_charge(uint64_t now)
{
	struct reserve *r;
	uint64_t        used;

	if (reserves.running == 0)
		return false;
	r = at(reserves.running);
	used = now > reserves.since ? now - reserves.since : 0;
	reserves.since = now;
	r->used += used;
	if (used < r->left) {
		r->left -= used;
		return false;
	}
	r->left  = 0;
	r->waits = true;
	r->exhausted++;
	reserves.running = 0;
	return true;
}

uint32_t
reserve_replenish(uint64_t now)
{
	uint32_t again = 0;

	for (unsigned i = 1; i < RESERVES; i++) {
		struct reserve *r = at(i);

		if (!r->waits || r->deadline > now)
			continue;
		/* Whole periods that nobody looked at are gone. */
		r->deadline += ((now - r->deadline) / r->period + 1) * r->period;
		r->waits = false;
		r->left  = r->budget;
		again |= UINT32_C(1) << i;
	}
	return again;
}

uint64_t
reserve_next(uint64_t now)
{
	uint64_t next = UINT64_MAX;

	if (reserves.running != 0)
		next = now + at(reserves.running)->left;
	for (unsigned i = 1; i < RESERVES; i++)
		if (at(i)->waits && at(i)->deadline < next)
			next = at(i)->deadline;
	return next;
}

bool
reserve_ok(void)
{
	uint32_t sum = 0;

	for (unsigned i = 1; i < RESERVES; i++) {
		const struct reserve *r = at(i);

		if (r->left > r->budget || (r->waits && r->left != 0))
			return false;
		if (r->period != 0)
			sum += share(r->period, r->budget);
	}
	return sum == reserves.share && sum <= RESERVE_SHARE_MOST &&
	    (reserves.running == 0 || at(reserves.running)->period != 0);
}
