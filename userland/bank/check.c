/* SPDX-License-Identifier: BSD-2-Clause */
/* Does every invariant of ledger.h hold? Slow: for tests. */
#include "userland/bank/ledger.h"

struct figures {
	uint64_t used, pages, nodes;
	uint32_t listed; /* Runs in its lists. */
};

static struct figures sum[NUMBER_LAST + 1];

static enum run_list
list_of(const struct run *r)
{
	if (r->partial != 0)
		return LIST_PARTIAL;
	if (r->frames == UINT64_MAX)
		return LIST_FULL;
	return r->use == RUN_PAGES ? LIST_PAGES : LIST_NODES;
}

static bool
run_ok(const struct ledger *l, uint32_t number)
{
	const struct run *r = &l->run[number];
	const uint64_t    books = ledger_books(number);

	if ((r->frames & books) != books)
		return false;
	if (r->use == RUN_FREE)
		return r->frames == books && r->partial == 0;
	if (r->use > RUN_NODES || !l->bank[r->bank].live ||
	    r->frames == books || r->list != list_of(r))
		return false;
	for (unsigned i = 0; i < RUN_FRAMES; i++) {
		bool     used = (r->frames >> i & 1) != 0;
		bool     partial = (r->partial >> i & 1) != 0;
		unsigned nodes = r->nodes[i];

		if ((books >> i & 1) != 0 || r->use == RUN_PAGES) {
			if (nodes != 0 || partial)
				return false;
			continue;
		}
		if (nodes >> FRAME_NODES != 0 || used != (nodes != 0) ||
		    partial != (used && nodes != (1 << FRAME_NODES) - 1))
			return false;
	}
	return true;
}

/* Every run of a list is its owner's and names the list. */
static bool
list_ok(
    const struct ledger *l, uint32_t head, unsigned bank, enum run_list list)
{
	uint32_t before = 0;

	for (uint32_t at = head; at != 0; at = l->run[at - 1].next) {
		const struct run *r = &l->run[at - 1];

		if (at > l->opened || r->prev != before || r->use == RUN_FREE ||
		    r->bank != bank || r->list != list ||
		    ++sum[bank].listed > l->opened)
			return false;
		before = at;
	}
	return true;
}

static uint32_t
free_runs(const struct ledger *l)
{
	uint32_t n = 0, before = 0;

	for (uint32_t at = l->free; at != 0; at = l->run[at - 1].next) {
		const struct run *r = &l->run[at - 1];

		if (r->use != RUN_FREE || r->prev != before || n++ > l->opened)
			return UINT32_MAX;
		before = at;
	}
	return n;
}

static bool
is_child(const struct ledger *l, unsigned parent, unsigned bank)
{
	unsigned before = 0;

	for (unsigned c = l->bank[parent].child; c != 0;
	     c = l->bank[c].next) {
		if (l->bank[c].prev != before)
			return false;
		if (c == bank)
			return true;
		before = c;
	}
	return false;
}

/* Numbers lead to who has them; what is dead can be used again. */
static bool
numbers_ok(const struct ledger *l)
{
	uint32_t living = 1, dead = 0;

	for (uint32_t i = 1; i < l->next_number; i++)
		if (l->number[i] != 0 &&
		    (!l->bank[l->number[i]].live ||
			l->bank[l->number[i]].number != i))
			return false;
	for (uint32_t i = 1; i < l->next_record; i++) {
		if (l->bank[i].live && l->number[l->bank[i].number] != i)
			return false;
		living += l->bank[i].live;
	}
	for (unsigned i = l->free_record; i != 0; i = l->bank[i].next)
		if (l->bank[i].live || i >= l->next_record ||
		    ++dead >= l->next_record)
			return false;
	return living == l->live && living + dead == l->next_record;
}

static bool
tree_ok(const struct ledger *l)
{
	for (unsigned i = 0; i < l->next_record; i++) {
		const struct bank *b = &l->bank[i];

		if (!b->live)
			continue;
		if (b->used > b->limit)
			return false;
		if (i == 0 ? b->depth != 0
			   : b->depth >= LEDGER_DEPTH ||
			    !l->bank[b->parent].live ||
			    l->bank[b->parent].depth + 1 != b->depth ||
			    !is_child(l, b->parent, i))
			return false;
	}
	return l->bank[0].live;
}

static void
add(const struct ledger *l, uint32_t number)
{
	const struct run *r = &l->run[number];
	unsigned          bank = r->bank;
	struct figures    f = {
	       .used = (uint64_t)__builtin_popcountll(
		   r->frames & ~ledger_books(number)),
        };

	if (r->use == RUN_PAGES)
		f.pages = f.used;
	for (unsigned i = 0; i < RUN_FRAMES; i++)
		f.nodes += (uint64_t)__builtin_popcount(r->nodes[i]);
	sum[bank].listed--; /* It must be in one list, once. */
	for (;;) {
		sum[bank].used += f.used;
		sum[bank].pages += f.pages;
		sum[bank].nodes += f.nodes;
		if (bank == 0)
			return;
		bank = l->bank[bank].parent;
	}
}

static bool
bank_ok(const struct ledger *l, unsigned i)
{
	const struct bank    *b = &l->bank[i];
	const struct figures *s = &sum[i];

	return s->used == b->used && s->pages == b->pages &&
	    s->nodes == b->nodes && s->listed == 0;
}

bool
ledger_ok(const struct ledger *l)
{
	uint32_t nfree = 0;

	if (!numbers_ok(l) || !tree_ok(l))
		return false;
	for (unsigned i = 0; i < l->next_record; i++) {
		sum[i] = (struct figures){0};
		for (unsigned k = 0; k < LIST_COUNT; k++)
			if (!list_ok(l, l->bank[i].list[k], i, k))
				return false;
	}
	for (uint32_t i = 0; i < l->opened; i++) {
		if (!run_ok(l, i))
			return false;
		sum[0].used += (uint64_t)__builtin_popcountll(ledger_books(i));
		if (l->run[i].use == RUN_FREE)
			nfree++;
		else
			add(l, i);
	}
	for (unsigned i = 0; i < l->next_record; i++)
		if (!bank_ok(l, i))
			return false;
	return nfree == free_runs(l);
}
