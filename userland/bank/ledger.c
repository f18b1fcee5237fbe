/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/bank/ledger.h"

#include <string.h>

enum {
	NODES_FULL = (1 << FRAME_NODES) - 1,
};

void
ledger_init(struct ledger *l, struct run *runs, uint32_t nruns, uint64_t limit)
{
	memset(l, 0, sizeof(*l));
	l->run = runs;
	l->nruns = nruns;
	l->next_number = 1;
	l->bank[0] = (struct bank){.live = true, .limit = limit};
}

enum status
ledger_find(const struct ledger *l, uint16_t number, unsigned *bank)
{
	for (unsigned i = 0; i < LEDGER_BANKS; i++)
		if (l->bank[i].live && l->bank[i].number == number) {
			*bank = i;
			return RC_OK;
		}
	return RC_VOID;
}

/* The banks from one up to bank 0: for (b = ...; up(l, &b);) */
static bool
up(const struct ledger *l, unsigned *bank)
{
	if (*bank == 0)
		return false;
	*bank = l->bank[*bank].parent;
	return true;
}

static bool
within(const struct ledger *l, unsigned bank, unsigned above)
{
	unsigned b = bank;

	do {
		if (b == above)
			return true;
	} while (up(l, &b));
	return false;
}

static enum status
may_use_frame(const struct ledger *l, unsigned bank)
{
	unsigned b = bank;

	do {
		if (l->bank[b].used >= l->bank[b].limit)
			return RC_LIMIT;
	} while (up(l, &b));
	return RC_OK;
}

/* Add to the figures of a bank and all above it. */
static void
account(struct ledger *l, unsigned bank, int frames, int pages, int nodes)
{
	unsigned b = bank;

	do {
		struct bank *k = &l->bank[b];

		k->used += (uint64_t)(int64_t)frames;
		k->pages += (uint64_t)(int64_t)pages;
		k->nodes += (uint64_t)(int64_t)nodes;
	} while (up(l, &b));
}

/* A frame of the run with room for one more of its use, or RUN_FRAMES. */
static unsigned
room_in(const struct run *r)
{
	if (r->use == RUN_NODES)
		for (unsigned i = 0; i < RUN_FRAMES; i++)
			if ((r->frames >> i & 1) != 0 &&
			    r->nodes[i] != NODES_FULL)
				return i;
	if (r->frames == UINT64_MAX)
		return RUN_FRAMES;
	return (unsigned)__builtin_ctzll(~r->frames);
}

/*
 * A run of this bank and use with room, else a fresh one. Runs are looked
 * through from where room was last, so that sales lie side by side.
 */
static enum status
find_run(struct ledger *l, unsigned bank, enum run_use use, uint32_t *found)
{
	uint32_t start = l->bank[bank].run[use];

	for (uint32_t n = 0; n < l->nruns; n++) {
		uint32_t    i = (start + n) % l->nruns;
		struct run *r = &l->run[i];

		if (r->use == use && r->bank == bank &&
		    room_in(r) < RUN_FRAMES) {
			l->bank[bank].run[use] = *found = i;
			return RC_OK;
		}
	}
	for (uint32_t n = 0; n < l->nruns; n++) {
		uint32_t    i = (l->next_run + n) % l->nruns;
		struct run *r = &l->run[i];

		if (r->use != RUN_FREE)
			continue;
		*r = (struct run){.bank = (uint16_t)bank, .use = (uint8_t)use};
		l->next_run = i + 1 < l->nruns ? i + 1 : 0;
		l->bank[bank].run[use] = *found = i;
		return RC_OK;
	}
	return RC_FULL;
}

/* The run of the last sale nearly always has room: no search. */
static enum status
run_for(struct ledger *l, unsigned bank, enum run_use use, uint32_t *found)
{
	uint32_t    i = l->bank[bank].run[use];
	struct run *r;

	if (l->bank[bank].dying)
		return RC_VOID;
	if (l->nruns == 0)
		return RC_FULL;
	r = &l->run[i];
	if (r->use == use && r->bank == bank && room_in(r) < RUN_FRAMES) {
		*found = i;
		return RC_OK;
	}
	return find_run(l, bank, use, found);
}

enum status
ledger_page(struct ledger *l, unsigned bank, uint64_t *position)
{
	enum status st;
	uint32_t    i;
	unsigned    frame;

	st = may_use_frame(l, bank);
	if (st != RC_OK)
		return st;
	st = run_for(l, bank, RUN_PAGES, &i);
	if (st != RC_OK)
		return st;
	frame = room_in(&l->run[i]);
	l->run[i].frames |= UINT64_C(1) << frame;
	account(l, bank, 1, 1, 0);
	*position = (uint64_t)i * RUN_FRAMES + frame;
	return RC_OK;
}

enum status
ledger_node(
    struct ledger *l, unsigned bank, uint64_t *position, unsigned *index)
{
	struct run *r;
	enum status st;
	uint32_t    i;
	unsigned    frame;
	bool        fresh;

	st = run_for(l, bank, RUN_NODES, &i);
	if (st != RC_OK)
		return st;
	r = &l->run[i];
	frame = room_in(r);
	fresh = (r->frames >> frame & 1) == 0;
	if (fresh) {
		st = may_use_frame(l, bank);
		if (st != RC_OK)
			return st;
	}
	*index = (unsigned)__builtin_ctz(~(unsigned)r->nodes[frame]);
	r->frames |= UINT64_C(1) << frame;
	r->nodes[frame] |= (uint8_t)(1u << *index);
	account(l, bank, fresh ? 1 : 0, 0, 1);
	*position = (uint64_t)i * RUN_FRAMES + frame;
	return RC_OK;
}

enum status
ledger_sold(
    const struct ledger *l, unsigned bank, uint64_t position, unsigned index)
{
	unsigned          frame = (unsigned)(position % RUN_FRAMES);
	const struct run *r;

	if (position / RUN_FRAMES >= l->nruns)
		return RC_NOT_FOUND;
	r = &l->run[position / RUN_FRAMES];
	if (r->use == RUN_FREE || r->bank != bank ||
	    (r->frames >> frame & 1) == 0)
		return RC_NOT_FOUND;
	if (r->use == RUN_PAGES)
		return index == INDEX_PAGE ? RC_OK : RC_NOT_FOUND;
	if (index >= FRAME_NODES || (r->nodes[frame] >> index & 1) == 0)
		return RC_NOT_FOUND;
	return RC_OK;
}

bool
ledger_return(struct ledger *l, uint64_t position, unsigned index)
{
	unsigned    frame = (unsigned)(position % RUN_FRAMES);
	struct run *r = &l->run[position / RUN_FRAMES];

	if (index != INDEX_PAGE) {
		r->nodes[frame] &= (uint8_t) ~(1u << index);
		account(l, r->bank, 0, 0, -1);
		if (r->nodes[frame] != 0)
			return false;
		account(l, r->bank, -1, 0, 0);
	} else {
		account(l, r->bank, -1, -1, 0);
	}
	r->frames &= ~(UINT64_C(1) << frame);
	if (r->frames == 0)
		*r = (struct run){0};
	return true;
}

void
ledger_return_frame(struct ledger *l, uint64_t position)
{
	unsigned    frame = (unsigned)(position % RUN_FRAMES);
	struct run *r = &l->run[position / RUN_FRAMES];
	uint8_t     nodes = r->nodes[frame];

	if (r->use == RUN_PAGES) {
		(void)ledger_return(l, position, INDEX_PAGE);
		return;
	}
	for (unsigned i = 0; i < FRAME_NODES; i++)
		if ((nodes >> i & 1) != 0)
			(void)ledger_return(l, position, i);
}

enum status
ledger_sub_bank(
    struct ledger *l, unsigned parent, uint64_t limit, unsigned *bank)
{
	if (l->bank[parent].dying)
		return RC_VOID;
	if (l->next_number > NUMBER_LAST ||
	    l->bank[parent].depth + 1 >= LEDGER_DEPTH)
		return RC_LIMIT;
	for (unsigned i = 1; i < LEDGER_BANKS; i++) {
		if (l->bank[i].live)
			continue;
		l->bank[i] = (struct bank){
		    .live = true,
		    .number = (uint16_t)l->next_number++,
		    .parent = (uint16_t)parent,
		    .depth = (uint16_t)(l->bank[parent].depth + 1),
		    .limit = limit,
		};
		*bank = i;
		return RC_OK;
	}
	return RC_LIMIT;
}

enum status
ledger_limit(struct ledger *l, unsigned parent, uint16_t number, uint64_t limit)
{
	enum status st;
	unsigned    bank;

	st = ledger_find(l, number, &bank);
	if (st != RC_OK || bank == 0 || l->bank[bank].parent != parent)
		return RC_NOT_FOUND;
	if (l->bank[bank].used > limit)
		return RC_STATE;
	l->bank[bank].limit = limit;
	return RC_OK;
}

void
ledger_stop(struct ledger *l, unsigned bank)
{
	for (unsigned i = 0; i < LEDGER_BANKS; i++)
		if (l->bank[i].live && within(l, i, bank))
			l->bank[i].dying = true;
}

bool
ledger_next(
    const struct ledger *l, unsigned bank, uint32_t *at, uint64_t *position)
{
	for (; *at < l->nruns; (*at)++) {
		const struct run *r = &l->run[*at];

		if (r->use == RUN_FREE || !within(l, r->bank, bank))
			continue;
		if (r->frames != 0) {
			*position = (uint64_t)*at * RUN_FRAMES +
			    (unsigned)__builtin_ctzll(r->frames);
			return true;
		}
	}
	return false;
}

void
ledger_close(struct ledger *l, unsigned bank)
{
	bool gone[LEDGER_BANKS];

	for (unsigned i = 0; i < LEDGER_BANKS; i++)
		gone[i] = l->bank[i].live && within(l, i, bank);
	for (uint32_t i = 0; i < l->nruns; i++)
		if (l->run[i].use != RUN_FREE && gone[l->run[i].bank])
			l->run[i] = (struct run){0};
	for (unsigned i = 0; i < LEDGER_BANKS; i++)
		if (gone[i])
			l->bank[i] = (struct bank){0};
}
