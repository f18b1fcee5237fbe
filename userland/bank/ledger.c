/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/bank/ledger.h"

#include <string.h>

enum {
	NODES_FULL = (1 << FRAME_NODES) - 1,
	LEAF_GROUPS = NODE_SLOTS, /* Groups whose books one node maps. */
	BANK_GROUPS = (NUMBER_LAST + 1) / GROUP_BANKS,
	NUMBER_GROUPS = (NUMBER_LAST + 1) / GROUP_NUMBERS,
	SHARE = 16, /* See ledger_sub_bank. */
};

void
ledger_init(struct ledger *l, struct run *run, struct bank *bank,
    uint16_t *number, uint64_t frames, uint64_t limit)
{
	uint64_t runs = frames / RUN_FRAMES;

	*l = (struct ledger){
	    .run = run,
	    .bank = bank,
	    .nruns = runs < LEDGER_RUNS ? (uint32_t)runs : LEDGER_RUNS,
	    .number = number,
	    .next_number = 1,
	    .next_record = 1,
	    .live = 1,
	    .limit = limit,
	};
}

/* --- Growth -------------------------------------------------------------- */

uint64_t
ledger_books(uint32_t run)
{
	uint32_t group = run / GROUP_RUNS;
	uint64_t books = UINT64_C(1) << BOOKS_RUNS;

	if (run % GROUP_RUNS != 0)
		return 0;
	if (group < BANK_GROUPS)
		books |= UINT64_C(1) << BOOKS_BANKS;
	if (group < NUMBER_GROUPS)
		books |= UINT64_C(1) << BOOKS_NUMBERS;
	if (group % LEAF_GROUPS == 0)
		books |= UINT64_C(1) << BOOKS_NODES;
	return books;
}

static uint32_t
groups(const struct ledger *l)
{
	return (l->opened + GROUP_RUNS - 1) / GROUP_RUNS;
}

/* Is there none in the groups that are open, and might there be? */
static bool
wants_number(const struct ledger *l, uint32_t groups)
{
	return l->next_number <= NUMBER_LAST &&
	    l->next_number >= groups * GROUP_NUMBERS;
}

static bool
wants_record(const struct ledger *l, uint32_t groups)
{
	return l->free_record == 0 && l->next_record <= NUMBER_LAST &&
	    l->next_record >= groups * GROUP_BANKS;
}

bool
ledger_wants_group(const struct ledger *l, bool for_bank, uint32_t *group)
{
	uint32_t at = groups(l);

	*group = at;
	if (l->opened >= l->nruns)
		return false;
	if (for_bank && (wants_number(l, at) || wants_record(l, at)))
		return true;
	return l->free == 0;
}

static uint64_t
books_frames(uint32_t run)
{
	return (uint64_t)__builtin_popcountll(ledger_books(run));
}

enum status
ledger_may_open(const struct ledger *l)
{
	uint64_t used = l->opened == 0 ? 0 : l->bank[0].used;
	uint64_t limit = l->opened == 0 ? l->limit : l->bank[0].limit;

	if (limit < used || limit - used < books_frames(l->opened))
		return RC_LIMIT;
	return RC_OK;
}

/* --- Lists --------------------------------------------------------------- */

static enum run_list
list_of(const struct run *r)
{
	if (r->partial != 0)
		return LIST_PARTIAL;
	if (r->frames == UINT64_MAX)
		return LIST_FULL;
	return r->use == RUN_PAGES ? LIST_PAGES : LIST_NODES;
}

static void
list_add(struct ledger *l, uint32_t *list, uint32_t i)
{
	l->run[i].prev = 0;
	l->run[i].next = *list;
	if (*list != 0)
		l->run[*list - 1].prev = i + 1;
	*list = i + 1;
}

static void
list_remove(struct ledger *l, uint32_t *list, uint32_t i)
{
	const struct run *r = &l->run[i];

	if (r->prev == 0)
		*list = r->next;
	else
		l->run[r->prev - 1].next = r->next;
	if (r->next != 0)
		l->run[r->next - 1].prev = r->prev;
}

/* The run has changed: have it in the right list. */
static void
run_place(struct ledger *l, uint32_t i)
{
	struct run   *r = &l->run[i];
	struct bank  *b = &l->bank[r->bank];
	enum run_list list = list_of(r);

	if (list == r->list)
		return;
	list_remove(l, &b->list[r->list], i);
	r->list = (uint8_t)list;
	list_add(l, &b->list[list], i);
}

static void
run_free(struct ledger *l, uint32_t i)
{
	struct run *r = &l->run[i];

	if (r->use != RUN_FREE)
		list_remove(l, &l->bank[r->bank].list[r->list], i);
	*r = (struct run){.frames = ledger_books(i)};
	list_add(l, &l->free, i);
}

/* A free run becomes a bank's. */
static enum status
run_take(struct ledger *l, unsigned bank, enum run_use use, uint32_t *taken)
{
	struct run *r;
	uint32_t    i = l->free - 1;

	if (l->free == 0)
		return RC_FULL;
	r = &l->run[i];
	list_remove(l, &l->free, i);
	r->bank = (uint16_t)bank;
	r->use = (uint8_t)use;
	r->list = (uint8_t)list_of(r);
	list_add(l, &l->bank[bank].list[r->list], i);
	*taken = i;
	return RC_OK;
}

void
ledger_open(struct ledger *l)
{
	uint32_t first = l->opened, end = first + GROUP_RUNS;

	if (first == 0)
		l->bank[0] = (struct bank){.live = true, .limit = l->limit};
	l->bank[0].used += books_frames(first);
	if (end > l->nruns)
		end = l->nruns;
	l->opened = end;
	/* The lowest is the first to be used. */
	for (uint32_t i = end; i > first; i--)
		run_free(l, i - 1);
}

/* --- Figures ------------------------------------------------------------- */

enum status
ledger_find(const struct ledger *l, uint64_t number, unsigned *bank)
{
	if (l->opened == 0 || number >= l->next_number)
		return RC_VOID;
	*bank = number == 0 ? 0 : l->number[number];
	return *bank != 0 || number == 0 ? RC_OK : RC_VOID;
}

/* The banks from one up to bank 0. */
static bool
up(const struct ledger *l, unsigned *bank)
{
	if (*bank == 0)
		return false;
	*bank = l->bank[*bank].parent;
	return true;
}

static bool
is_dying(const struct ledger *l, unsigned bank)
{
	do {
		if (l->bank[bank].dying)
			return true;
	} while (up(l, &bank));
	return false;
}

static enum status
may_use_frame(const struct ledger *l, unsigned bank)
{
	enum status st = RC_OK;

	do {
		if (l->bank[bank].dying)
			return RC_VOID;
		if (l->bank[bank].used >= l->bank[bank].limit)
			st = RC_LIMIT;
	} while (up(l, &bank));
	return st;
}

/* Add to the figures of a bank and all above it. */
static void
account(struct ledger *l, unsigned bank, int frames, int pages, int nodes)
{
	do {
		struct bank *k = &l->bank[bank];

		k->used += (uint64_t)(int64_t)frames;
		k->pages += (uint64_t)(int64_t)pages;
		k->nodes += (uint64_t)(int64_t)nodes;
	} while (up(l, &bank));
}

/* --- Orders -------------------------------------------------------------- */

enum status
ledger_page(struct ledger *l, unsigned bank, uint64_t *position)
{
	enum status st = may_use_frame(l, bank);
	uint32_t    i = l->bank[bank].list[LIST_PAGES] - 1;
	unsigned    frame;

	if (st == RC_OK && l->bank[bank].list[LIST_PAGES] == 0)
		st = run_take(l, bank, RUN_PAGES, &i);
	if (st != RC_OK)
		return st;
	frame = (unsigned)__builtin_ctzll(~l->run[i].frames);
	l->run[i].frames |= UINT64_C(1) << frame;
	run_place(l, i);
	account(l, bank, 1, 1, 0);
	*position = (uint64_t)i * RUN_FRAMES + frame;
	return RC_OK;
}

/* A node frame with room: one in use, else a fresh one if limits allow. */
static enum status
node_frame(struct ledger *l, unsigned bank, uint32_t *i, unsigned *frame)
{
	const uint32_t *list = l->bank[bank].list;
	enum status     st;

	if (list[LIST_PARTIAL] != 0) {
		*i = list[LIST_PARTIAL] - 1;
		*frame = (unsigned)__builtin_ctzll(l->run[*i].partial);
		return is_dying(l, bank) ? RC_VOID : RC_OK;
	}
	st = may_use_frame(l, bank);
	if (st != RC_OK)
		return st;
	if (list[LIST_NODES] != 0) {
		*i = list[LIST_NODES] - 1;
	} else {
		st = run_take(l, bank, RUN_NODES, i);
		if (st != RC_OK)
			return st;
	}
	*frame = (unsigned)__builtin_ctzll(~l->run[*i].frames);
	return RC_OK;
}

/* The bits of a node frame have changed. */
static void
nodes_changed(struct ledger *l, uint32_t i, unsigned frame)
{
	struct run    *r = &l->run[i];
	const uint64_t bit = UINT64_C(1) << frame;

	r->frames = r->nodes[frame] != 0 ? r->frames | bit : r->frames & ~bit;
	if (r->nodes[frame] != 0 && r->nodes[frame] != NODES_FULL)
		r->partial |= bit;
	else
		r->partial &= ~bit;
}

enum status
ledger_node(
    struct ledger *l, unsigned bank, uint64_t *position, unsigned *index)
{
	uint8_t    *nodes;
	enum status st;
	uint32_t    i;
	unsigned    frame;

	st = node_frame(l, bank, &i, &frame);
	if (st != RC_OK)
		return st;
	nodes = &l->run[i].nodes[frame];
	account(l, bank, *nodes == 0, 0, 1);
	*index = (unsigned)__builtin_ctz(~(unsigned)*nodes);
	*nodes |= (uint8_t)(1u << *index);
	nodes_changed(l, i, frame);
	run_place(l, i);
	*position = (uint64_t)i * RUN_FRAMES + frame;
	return RC_OK;
}

enum status
ledger_sold(
    const struct ledger *l, unsigned bank, uint64_t position, unsigned index)
{
	unsigned          frame = (unsigned)(position % RUN_FRAMES);
	const uint64_t    bit = UINT64_C(1) << frame;
	const struct run *r;

	if (position / RUN_FRAMES >= l->opened)
		return RC_NOT_FOUND;
	r = &l->run[position / RUN_FRAMES];
	if (r->use == RUN_FREE || r->bank != bank || (r->frames & bit) == 0 ||
	    (ledger_books((uint32_t)(position / RUN_FRAMES)) & bit) != 0)
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
	uint32_t    i = (uint32_t)(position / RUN_FRAMES);
	unsigned    frame = (unsigned)(position % RUN_FRAMES);
	struct run *r = &l->run[i];
	bool        unused = true;

	if (index != INDEX_PAGE) {
		r->nodes[frame] &= (uint8_t) ~(1u << index);
		unused = r->nodes[frame] == 0;
		account(l, r->bank, unused ? -1 : 0, 0, -1);
		nodes_changed(l, i, frame);
	} else {
		account(l, r->bank, -1, -1, 0);
		r->frames &= ~(UINT64_C(1) << frame);
	}
	if (r->frames == ledger_books(i))
		run_free(l, i);
	else
		run_place(l, i);
	return unused;
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

/* What is left of a number of places in all groups, at most one for a number. */
static uint32_t
left_of(const struct ledger *l, unsigned per_group, uint32_t used)
{
	uint64_t all = ((uint64_t)l->nruns + GROUP_RUNS - 1) / GROUP_RUNS *
	    per_group;

	if (all > NUMBER_LAST + 1)
		all = NUMBER_LAST + 1;
	return all > used ? (uint32_t)all - used : 0;
}

/* May another bank be made below this one, by those above? */
static bool
may_make(const struct ledger *l, unsigned bank)
{
	for (; bank != 0; bank = l->bank[bank].parent)
		if (l->bank[bank].numbers == 0 || l->bank[bank].records == 0)
			return false;
	return true;
}

static uint16_t
share_of(uint32_t left)
{
	return (uint16_t)(left / SHARE > LEDGER_DEPTH ? left / SHARE
						      : LEDGER_DEPTH);
}

/*
 * A new bank's record. It gets a part of the numbers and records that are left
 * to its parent: however many sub-banks use up theirs, there is something left
 * for others.
 */
static struct bank
share(const struct ledger *l, unsigned parent)
{
	const struct bank *p = &l->bank[parent];

	if (parent == 0)
		return (struct bank){
		    .numbers = share_of(
			left_of(l, GROUP_NUMBERS, l->next_number)),
		    .records = share_of(left_of(l, GROUP_BANKS, l->live)),
		};
	return (struct bank){
	    .numbers = share_of(p->numbers),
	    .records = share_of(p->records),
	};
}

/* A number and a record, which there are; gives the record's index. */
static unsigned
take(struct ledger *l, unsigned parent)
{
	const unsigned n = l->free_record != 0 ? l->free_record : l->next_record;

	if (l->free_record != 0)
		l->free_record = l->bank[n].next;
	else
		l->next_record++;
	for (; parent != 0; parent = l->bank[parent].parent) {
		l->bank[parent].numbers--;
		l->bank[parent].records--;
	}
	l->number[l->next_number] = (uint16_t)n;
	l->live++;
	return n;
}

enum status
ledger_sub_bank(
    struct ledger *l, unsigned parent, uint64_t limit, unsigned *bank)
{
	const uint32_t at = groups(l);
	struct bank   *p = &l->bank[parent];
	struct bank    b = share(l, parent);
	unsigned       n;

	if (is_dying(l, parent))
		return RC_VOID;
	if (l->next_number > NUMBER_LAST || wants_number(l, at) ||
	    (l->free_record == 0 && l->next_record > NUMBER_LAST) ||
	    wants_record(l, at) || p->depth + 1 >= LEDGER_DEPTH ||
	    !may_make(l, parent))
		return RC_LIMIT;
	n = take(l, parent);
	b.live = true;
	b.number = (uint16_t)l->next_number++;
	b.parent = (uint16_t)parent;
	b.depth = (uint8_t)(p->depth + 1);
	b.next = p->child;
	b.limit = limit;
	l->bank[n] = b;
	if (p->child != 0)
		l->bank[p->child].prev = (uint16_t)n;
	p->child = (uint16_t)n;
	*bank = n;
	return RC_OK;
}

enum status
ledger_limit(struct ledger *l, unsigned parent, uint64_t number, uint64_t limit)
{
	unsigned bank;

	if (number == 0 || ledger_find(l, number, &bank) != RC_OK ||
	    l->bank[bank].parent != parent)
		return RC_NOT_FOUND;
	if (l->bank[bank].used > limit)
		return RC_STATE;
	l->bank[bank].limit = limit;
	return RC_OK;
}

enum status
ledger_below(const struct ledger *l, unsigned bank, uint64_t number,
    unsigned *below)
{
	unsigned at;

	if (ledger_find(l, number, &at) != RC_OK)
		return RC_NOT_FOUND;
	*below = at;
	while (at != bank) {
		if (at == 0)
			return RC_NOT_FOUND;
		at = l->bank[at].parent;
	}
	return RC_OK;
}

/* --- Destruction --------------------------------------------------------- */

void
ledger_stop(struct ledger *l, unsigned bank)
{
	l->bank[bank].dying = true;
}

enum ledger_step
ledger_next(struct ledger *l, unsigned bank, uint64_t *position)
{
	unsigned b = bank;

	while (l->bank[b].child != 0)
		b = l->bank[b].child;
	for (unsigned i = 0; i < LIST_COUNT; i++) {
		uint32_t run = l->bank[b].list[i] - 1;

		if (l->bank[b].list[i] == 0)
			continue;
		*position = (uint64_t)run * RUN_FRAMES +
		    (unsigned)__builtin_ctzll(
			l->run[run].frames & ~ledger_books(run));
		return LEDGER_FRAME;
	}
	if (b == bank)
		return LEDGER_DONE;
	ledger_close(l, b);
	return LEDGER_CLOSED;
}

void
ledger_close(struct ledger *l, unsigned bank)
{
	const struct bank *b = &l->bank[bank];

	if (b->prev != 0)
		l->bank[b->prev].next = b->next;
	else
		l->bank[b->parent].child = b->next;
	if (b->next != 0)
		l->bank[b->next].prev = b->prev;
	for (unsigned p = b->parent; p != 0; p = l->bank[p].parent)
		l->bank[p].records++;
	l->number[b->number] = 0;
	l->live--;
	l->bank[bank] = (struct bank){.next = l->free_record};
	l->free_record = (uint16_t)bank;
}
