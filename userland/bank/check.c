/* SPDX-License-Identifier: BSD-2-Clause */
/* Does every invariant of ledger.h hold? Slow: for tests. */
#include "userland/bank/ledger.h"

struct figures {
	uint64_t used, pages, nodes;
};

static bool
run_ok(const struct ledger *l, const struct run *r)
{
	if (r->use == RUN_FREE)
		return r->frames == 0 && r->bank == 0;
	if (r->use > RUN_NODES || r->bank >= LEDGER_BANKS ||
	    !l->bank[r->bank].live)
		return false;
	for (unsigned i = 0; i < RUN_FRAMES; i++) {
		bool used = (r->frames >> i & 1) != 0;

		if (r->use == RUN_PAGES ? r->nodes[i] != 0
					: used != (r->nodes[i] != 0))
			return false;
		if (r->nodes[i] >> FRAME_NODES != 0)
			return false;
	}
	return true;
}

static bool
tree_ok(const struct ledger *l)
{
	for (unsigned i = 0; i < LEDGER_BANKS; i++) {
		const struct bank *b = &l->bank[i];

		if (!b->live)
			continue;
		if (b->used > b->limit)
			return false;
		if (i == 0 ? b->depth != 0
			   : b->depth >= LEDGER_DEPTH ||
			    !l->bank[b->parent].live ||
			    l->bank[b->parent].depth + 1 != b->depth)
			return false;
	}
	return l->bank[0].live;
}

static void
add(const struct ledger *l, unsigned bank, const struct run *r,
    struct figures *sum)
{
	struct figures f = {.used = (uint64_t)__builtin_popcountll(r->frames)};

	if (r->use == RUN_PAGES)
		f.pages = f.used;
	for (unsigned i = 0; i < RUN_FRAMES; i++)
		f.nodes += (uint64_t)__builtin_popcount(r->nodes[i]);
	for (;;) {
		sum[bank].used += f.used;
		sum[bank].pages += f.pages;
		sum[bank].nodes += f.nodes;
		if (bank == 0)
			return;
		bank = l->bank[bank].parent;
	}
}

bool
ledger_ok(const struct ledger *l)
{
	struct figures sum[LEDGER_BANKS] = {0};

	if (!tree_ok(l))
		return false;
	for (uint32_t i = 0; i < l->nruns; i++) {
		if (!run_ok(l, &l->run[i]))
			return false;
		if (l->run[i].use != RUN_FREE)
			add(l, l->run[i].bank, &l->run[i], sum);
	}
	for (unsigned i = 0; i < LEDGER_BANKS; i++)
		if (sum[i].used != l->bank[i].used ||
		    sum[i].pages != l->bank[i].pages ||
		    sum[i].nodes != l->bank[i].nodes)
			return false;
	return true;
}
