/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The model of priorities and reserves.
 *
 * It does not foretell when a budget begins, for it does not see who sleeps; it
 * knows what may never be. From one look at the kernel's table to the next:
 *
 *  - terms are those that were asked for, an id is never given twice, and no
 *    more than 90 % of the processor is promised;
 *  - exactly the reserve of who has run, if it had budget, is charged the time;
 *  - a budget that is used up stays so until its deadline, and another one, with
 *    a later deadline, begins only then or when nobody of it was ready;
 *  - the clock interrupts before a budget ends;
 *  - nobody runs while somebody more urgent is ready.
 */
#include "testsuite/fuzz/host/models.h"

#include "kernel/object/cpu.h"
#include "kernel/sched/reserve.h"

enum {
	NUMBERS = 32,
	FULL_LEAST = 24, /* Fewer than these are never too many. */
	URGENT = 16,     /* Above all priorities: by a reserve. */
	TOP = 15,
};

/* What was seen last, by number. */
static struct seen {
	uint32_t id; /* 0: none. */
	uint64_t left, deadline;
	bool     ready; /* Somebody of it was, or ran. */
} seen[NUMBERS];
static uint64_t seen_at;

static struct mreserve *
find(uint32_t id)
{
	struct mreserve *r = model.source[1].reserve;

	for (unsigned i = 0; id != 0 && i < RESERVES_MODEL; i++)
		if (r[i].id == id)
			return &r[i];
	return NULL;
}

bool
some_reserve(uint32_t *id)
{
	const struct mreserve *r =
	    &model.source[1].reserve[below(RESERVES_MODEL)];

	*id = r->id;
	return r->id != 0;
}

/* --- Orders ---------------------------------------------------------------- */

static double
promised(void)
{
	double sum = 0;

	for (unsigned i = 0; i < RESERVES_MODEL; i++) {
		const struct mreserve *r = &model.source[1].reserve[i];

		if (r->id != 0)
			sum += (double)r->budget / (double)r->period;
	}
	return sum;
}

static unsigned
how_many(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < RESERVES_MODEL; i++)
		n += model.source[1].reserve[i].id != 0;
	return n;
}

/* The kernel's, that the model does not have; 0: none. */
static unsigned
unknown(void)
{
	for (unsigned i = 1; i < NUMBERS; i++)
		if (reserve_at(i) != NULL && find(reserve_id(i)) == NULL)
			return i;
	return 0;
}

static void
made(uint32_t id, uint64_t period, uint64_t budget)
{
	struct mstate *m = &model.source[1];

	for (unsigned i = 0; i < m->nids; i++)
		if (m->ids[i] == id)
			wrong("reserve %x is made again", id);
	MUST(m->nids < IDS_MODEL);
	m->ids[m->nids++] = id;
	for (unsigned i = 0; i < RESERVES_MODEL; i++) {
		if (m->reserve[i].id != 0)
			continue;
		m->reserve[i] = (struct mreserve){
		    .id = id, .period = period, .budget = budget};
		return;
	}
	wrong("there are %u reserves already", RESERVES_MODEL);
}

enum status
schedule_reserve(struct op *o)
{
	const uint64_t period = o->word[1], budget = o->word[2];
	const double   sum = period == 0
	      ? 0
	      : promised() + (double)budget / (double)period;
	const unsigned number = unknown();

	if ((o->self.data & 15) != TOP)
		return RC_RIGHTS;
	if (period < 1000000 || period > UINT64_C(60000000000) ||
	    budget < 50000 || budget > period)
		return RC_ARGUMENT;
	if (number == 0) {
		if (sum > 0.8999)
			return RC_LIMIT;
		MUST(how_many() >= FULL_LEAST);
		return RC_NO_MEMORY;
	}
	MUST(sum < 0.90001);
	made(reserve_id(number), period, budget);
	o->out_cap[0] = o->self;
	o->out_cap[0].high = reserve_id(number);
	return RC_OK;
}

enum status
schedule_release(struct op *o)
{
	struct mreserve *r = find(o->self.high);

	if ((o->self.data & 15) != TOP)
		return RC_RIGHTS;
	if (r == NULL)
		return RC_NOT_FOUND;
	*r = (struct mreserve){.id = 0};
	return RC_OK;
}

enum status
schedule_figures(struct op *o)
{
	const struct mreserve *r = find(o->self.high);

	if (r == NULL)
		return RC_NOT_FOUND;
	o->out_word[1] = r->period;
	o->out_word[2] = r->budget;
	o->out_word[3] = reserve_at(reserve_number(r->id))->left;
	o->out_word[4] = r->used;
	return RC_OK;
}

/* After a restart: fresh budgets. */
void
reserves_restarted(void)
{
	memset(seen, 0, sizeof(seen));
	for (unsigned i = 0; i < RESERVES_MODEL; i++)
		model.source[1].reserve[i].used = 0;
}

/* --- Time ------------------------------------------------------------------ */

static uint32_t
reserve_of(uint32_t at)
{
	const struct mcap *c = &node_at(at)->slot[SLOT_SCHEDULE];

	return c->kind == CK_SCHEDULE ? c->high : 0;
}

static bool
has_budget(uint32_t id)
{
	return find(id) != NULL && reserve_at(reserve_number(id))->left > 0;
}

/* Time will pass, of which x, or nobody, is the one who runs. */
void
time_passes(uint32_t x, uint64_t ns)
{
	const uint32_t id = x != NOWHERE ? reserve_of(x) : 0;

	if (has_budget(id))
		find(id)->used += ns;
}

static void
look_at(unsigned number, const struct reserve *k)
{
	const struct mreserve *r = find(reserve_id(number));
	const struct seen     *s = &seen[number];
	const uint64_t         now = fake.now;

	if (r == NULL)
		wrong("nobody has made reserve %x", reserve_id(number));
	if (k->period != r->period || k->budget != r->budget)
		wrong("reserve %x has other terms", r->id);
	if (k->used != r->used)
		wrong("reserve %x has used %lu, not %lu", r->id, k->used,
		    r->used);
	MUST(k->left <= k->budget);
	if (s->id != r->id || k->left <= s->left) {
		if (s->id == r->id)
			MUST(k->deadline == s->deadline || k->left == k->budget);
		return;
	}
	/* A budget has begun. */
	if (k->left != k->budget || k->deadline <= now ||
	    k->deadline > now + k->period)
		wrong("reserve %x has a budget of %lu until %lu, at %lu", r->id,
		    k->left, k->deadline, now);
	if (now < s->deadline && s->left == 0)
		wrong("reserve %x gets a budget before its deadline", r->id);
	if (now < s->deadline && s->ready)
		wrong("reserve %x gets a budget while it is in use", r->id);
}

static void
remember(void)
{
	for (unsigned i = 1; i < NUMBERS; i++) {
		const struct reserve *k = reserve_at(i);

		seen[i] = (struct seen){.id = 0};
		if (k == NULL)
			continue;
		seen[i] = (struct seen){.id = reserve_id(i),
		    .left = k->left,
		    .deadline = k->deadline};
	}
	for (uint32_t i = 0; i < activity_end(); i++) {
		const struct activity *a = activity_at(i);

		if (a != NULL && a->reserve != 0 &&
		    reserve_number(a->reserve) != 0 &&
		    (a->state == KA_READY || a->state == KA_RUNNING))
			seen[reserve_number(a->reserve)].ready = true;
	}
	seen_at = fake.now;
}

/* --- Who runs --------------------------------------------------------------- */

static unsigned
level(uint32_t at)
{
	const struct mcap *c = &node_at(at)->slot[SLOT_SCHEDULE];

	if (c->kind != CK_SCHEDULE)
		return 0;
	return has_budget(c->high) ? URGENT : c->data & 15u;
}

static void
nobody_more_urgent(uint32_t x)
{
	const unsigned own   = level(x);
	const unsigned plain = node_at(x)->slot[SLOT_SCHEDULE].data & 15u;

	for (uint32_t i = 0; i < activity_end(); i++) {
		const struct activity *a = activity_at(i);
		uint32_t               y;

		if (a == NULL || a->state != KA_READY)
			continue;
		y = at_of_number(oid_frame((oid){a->oid}),
		    oid_index((oid){a->oid}));
		if (y == NOWHERE || !is_process(y) || !is_whole(y))
			continue;
		if (level(y) > own)
			wrong("process %u runs at level %u, and %u is ready at "
			      "%u", x, own, y, level(y));
		/* After a restart it is not known until it is loaded. */
		if (own != URGENT || level(y) != URGENT ||
		    a->reserve != reserve_of(y))
			continue;
		if (reserve_of(y) == reserve_of(x) && a->priority > plain)
			wrong("process %u runs before %u, more urgent in its "
			      "reserve", x, y);
		if (reserve_at(reserve_number(reserve_of(y)))->deadline <
		    reserve_at(reserve_number(reserve_of(x)))->deadline)
			wrong("process %u runs before %u, whose deadline is "
			      "earlier", x, y);
	}
}

void
reserves_look(uint32_t x)
{
	MUST(unknown() == 0);
	MUST(reserve_ok());
	for (unsigned i = 1; i < NUMBERS; i++)
		if (reserve_at(i) != NULL)
			look_at(i, reserve_at(i));
	for (unsigned i = 0; i < RESERVES_MODEL; i++)
		if (model.source[1].reserve[i].id != 0)
			MUST(reserve_number(model.source[1].reserve[i].id) !=
			    0);
	remember();
	if (x == NOWHERE)
		return;
	nobody_more_urgent(x);
	/* The clock ends the budget of who runs. */
	if (level(x) == URGENT &&
	    fake.deadline > fake.now +
		reserve_at(reserve_number(reserve_of(x)))->left)
		wrong("process %u has budget until %lu, the clock comes at %lu",
		    x, fake.now +
			reserve_at(reserve_number(reserve_of(x)))->left,
		    fake.deadline);
}
