/* SPDX-License-Identifier: BSD-2-Clause */
/* The space bank's books, against their invariants after every step. */
#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "userland/bank/ledger.h"

enum {
	RUNS = 3 * GROUP_RUNS + 5, /* The last group is a short one. */
	TOP = 1000,
	BOOKS = 4, /* Frames of the first group's books. */
};

static struct ledger l;
static struct run    runs[RUNS];
static struct bank   banks[NUMBER_LAST + 1];
static uint16_t      numbers[NUMBER_LAST + 1];

/* What the server does before a sale. */
static void
grow(bool for_bank)
{
	uint32_t group;

	if (ledger_wants_group(&l, for_bank, &group) &&
	    ledger_may_open(&l) == RC_OK) {
		CU_ASSERT_EQUAL(group, (l.opened + 31) / GROUP_RUNS);
		ledger_open(&l);
	}
}

static enum status
find(uint64_t number)
{
	unsigned bank;

	return ledger_find(&l, number, &bank);
}

static void
start(uint64_t limit)
{
	memset(runs, 0, sizeof(runs));
	memset(banks, 0, sizeof(banks));
	memset(numbers, 0, sizeof(numbers));
	ledger_init(&l, runs, banks, numbers, RUNS * RUN_FRAMES, limit);
	CU_ASSERT_EQUAL(find(0), RC_VOID);
	grow(false);
}

static enum status
buy_page(unsigned bank, uint64_t *position)
{
	grow(false);
	return ledger_page(&l, bank, position);
}

static enum status
buy_node(unsigned bank, uint64_t *position, unsigned *index)
{
	grow(false);
	return ledger_node(&l, bank, position, index);
}

static unsigned
sub_bank(unsigned parent, uint64_t limit)
{
	unsigned bank = 0;

	grow(true);
	CU_ASSERT_EQUAL_FATAL(ledger_sub_bank(&l, parent, limit, &bank), RC_OK);
	return bank;
}

/* bank.page.1 (M5): pages of one bank lie side by side. */
static void
pages_lie_in_runs(void)
{
	uint64_t position, first;
	unsigned a, b;

	start(TOP);
	a = sub_bank(0, TOP);
	b = sub_bank(0, TOP);
	CU_ASSERT_EQUAL(buy_page(a, &first), RC_OK);
	for (unsigned i = 1; i < RUN_FRAMES - BOOKS; i++) {
		CU_ASSERT_EQUAL(buy_page(b, &position), RC_OK);
		CU_ASSERT_NOT_EQUAL(position / RUN_FRAMES, first / RUN_FRAMES);
		CU_ASSERT_EQUAL(buy_page(a, &position), RC_OK);
		CU_ASSERT_EQUAL(position, first + i);
	}
	CU_ASSERT(ledger_ok(&l));
}

/* bank.node.1 (M8): seven nodes a frame, and never two banks in one. */
static void
node_frames_have_one_owner(void)
{
	uint64_t position, last = 0;
	unsigned a, b, index;

	start(TOP);
	a = sub_bank(0, TOP);
	b = sub_bank(0, TOP);
	for (unsigned i = 0; i < 70; i++) {
		CU_ASSERT_EQUAL(buy_node(a, &position, &index), RC_OK);
		CU_ASSERT_EQUAL(index, i % FRAME_NODES);
		if (index != 0)
			CU_ASSERT_EQUAL(position, last);
		last = position;
		CU_ASSERT_EQUAL(buy_node(b, &position, &index), RC_OK);
		CU_ASSERT_NOT_EQUAL(position, last);
	}
	CU_ASSERT_EQUAL(l.bank[a].used, 10);
	CU_ASSERT_EQUAL(l.bank[a].nodes, 70);
	CU_ASSERT_EQUAL(l.bank[0].used, 20 + BOOKS);
	CU_ASSERT(ledger_ok(&l));
}

/* bank.limit.1: limits hold for each bank and for all above it. */
static void
limits_hold(void)
{
	uint64_t position;
	unsigned a, b;

	start(10 + BOOKS);
	a = sub_bank(0, 6);
	b = sub_bank(a, 100);
	for (unsigned i = 0; i < 6; i++)
		CU_ASSERT_EQUAL(buy_page(b, &position), RC_OK);
	CU_ASSERT_EQUAL(buy_page(b, &position), RC_LIMIT);
	CU_ASSERT_EQUAL(buy_page(a, &position), RC_LIMIT);
	CU_ASSERT_EQUAL(buy_page(0, &position), RC_OK);
	CU_ASSERT_EQUAL(ledger_limit(&l, 0, l.bank[a].number, 5), RC_STATE);
	CU_ASSERT_EQUAL(ledger_limit(&l, 0, l.bank[a].number, 7), RC_OK);
	CU_ASSERT_EQUAL(ledger_limit(&l, 0, l.bank[b].number, 7),
	    RC_NOT_FOUND);
	CU_ASSERT_EQUAL(ledger_limit(&l, 0, UINT64_MAX, 7), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(ledger_limit(&l, 0, 0, 7), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(buy_page(b, &position), RC_OK);
	CU_ASSERT_EQUAL(buy_page(b, &position), RC_LIMIT);
	CU_ASSERT(ledger_ok(&l));
}

/* bank.sold.1: only what this very bank has sold can be given back. */
static void
strangers_cannot_free(void)
{
	uint64_t page, node;
	unsigned a, b, index;

	start(TOP);
	a = sub_bank(0, TOP);
	b = sub_bank(a, TOP);
	CU_ASSERT_EQUAL(buy_page(a, &page), RC_OK);
	CU_ASSERT_EQUAL(buy_node(a, &node, &index), RC_OK);
	CU_ASSERT_EQUAL(ledger_sold(&l, b, page, 7), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(ledger_sold(&l, 0, page, 7), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(ledger_sold(&l, a, page, 0), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(ledger_sold(&l, a, page + 1, 7), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(ledger_sold(&l, a, node, 7), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(ledger_sold(&l, a, node, index + 1), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(ledger_sold(&l, a, UINT64_MAX, 7), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(ledger_sold(&l, a, page, 7), RC_OK);
	CU_ASSERT_EQUAL(ledger_sold(&l, a, node, index), RC_OK);
	CU_ASSERT(ledger_return(&l, page, 7));
	CU_ASSERT(ledger_return(&l, node, index));
	CU_ASSERT_EQUAL(ledger_sold(&l, a, page, 7), RC_NOT_FOUND);
	for (unsigned i = 0; i < 2 * RUN_FRAMES; i++) /* Nor the books. */
		for (unsigned k = 0; k <= INDEX_PAGE; k++)
			CU_ASSERT_EQUAL(
			    ledger_sold(&l, i % 3, i, k), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(l.bank[0].used, BOOKS);
	CU_ASSERT(ledger_ok(&l));
}

/* bank.number.1: no number ever names two banks. */
static void
numbers_are_never_reused(void)
{
	unsigned bank, last = 0, made = 0;

	start(TOP);
	/* Books of banks go on where those of runs end only in small ranges. */
	l.nruns = UINT32_MAX;
	l.opened = 2048 * GROUP_RUNS;
	while (ledger_sub_bank(&l, 0, 1, &bank) == RC_OK) {
		CU_ASSERT_FATAL(bank == 1 && l.bank[bank].number == last + 1);
		last++;
		made++;
		ledger_close(&l, bank);
		CU_ASSERT_FATAL(find(last) == RC_VOID);
	}
	CU_ASSERT_EQUAL(made, NUMBER_LAST);
	CU_ASSERT_EQUAL(find(0), RC_OK);
	CU_ASSERT_EQUAL(find(NUMBER_LAST + 1), RC_VOID);
}

/* bank.number.2: nobody uses up all numbers, with however many sub-banks. */
static void
numbers_are_shared(void)
{
	unsigned bank, greedy, made = 0, below;

	start(TOP);
	l.nruns = UINT32_MAX;
	l.opened = 2048 * GROUP_RUNS;
	greedy = sub_bank(0, TOP);
	below = sub_bank(greedy, TOP);
	while (ledger_sub_bank(&l, below, 1, &bank) == RC_OK) {
		ledger_close(&l, bank);
		made++;
	}
	CU_ASSERT_EQUAL(made, 255);
	while (ledger_sub_bank(&l, greedy, 1, &bank) == RC_OK) {
		ledger_close(&l, bank);
		made++;
	}
	CU_ASSERT_EQUAL(made + 1, 4095);
	for (unsigned i = 0; i < 30; i++) {
		greedy = sub_bank(0, TOP);
		while (ledger_sub_bank(&l, greedy, 1, &bank) == RC_OK)
			ledger_close(&l, bank);
	}
	CU_ASSERT(l.next_number < NUMBER_LAST - 8000);
}

/*
 * bank.number.3: nobody keeps all records, and those of dead banks are used
 * again: a small range has as many numbers in its life as a large one.
 */
static void
records_are_shared(void)
{
	unsigned bank, greedy, made = 0;
	uint32_t group;

	start(TOP);
	l.nruns = 32 * GROUP_RUNS; /* 256 MiB: 2,048 records. */
	l.opened = l.nruns;
	greedy = sub_bank(0, TOP);
	while (ledger_sub_bank(&l, greedy, 1, &bank) == RC_OK)
		made++;
	CU_ASSERT_EQUAL(made, 2047 / 16);
	(void)sub_bank(0, TOP);
	ledger_close(&l, bank);
	CU_ASSERT_EQUAL(ledger_sub_bank(&l, greedy, 1, &bank), RC_OK);
	CU_ASSERT_EQUAL(ledger_sub_bank(&l, greedy, 1, &bank), RC_LIMIT);
	made = l.next_number;
	while (ledger_sub_bank(&l, 0, 1, &bank) == RC_OK) {
		ledger_close(&l, bank);
		made++;
	}
	CU_ASSERT_EQUAL(made, NUMBER_LAST + 1);
	CU_ASSERT_FALSE(ledger_wants_group(&l, true, &group));
	CU_ASSERT(l.next_record < 200);
}

/* bank.sub_bank.1: their depth is bounded, their number by the books. */
static void
sub_banks_are_bounded(void)
{
	unsigned bank = 0, made = 0;

	start(TOP);
	while (ledger_sub_bank(&l, bank, TOP, &bank) == RC_OK)
		made++;
	CU_ASSERT_EQUAL(made, LEDGER_DEPTH - 1);
	while (ledger_sub_bank(&l, 0, TOP, &bank) == RC_OK)
		made++;
	CU_ASSERT_EQUAL(made, GROUP_BANKS - 1);
	CU_ASSERT(ledger_ok(&l));
	grow(true);
	CU_ASSERT_EQUAL(l.opened, 2 * GROUP_RUNS);
	while (ledger_sub_bank(&l, 0, TOP, &bank) == RC_OK)
		made++;
	CU_ASSERT_EQUAL(made, 2 * GROUP_BANKS - 1);
	CU_ASSERT(ledger_ok(&l));
}

/* bank.books.1: books cover the range, cost what they take, obey the limit. */
static void
books_grow(void)
{
	uint64_t position, kept[2];
	uint32_t group;
	unsigned n = 0;

	start(UINT64_MAX);
	while (buy_page(0, &position) == RC_OK) {
		CU_ASSERT_FATAL((ledger_books((uint32_t)(position >> 6)) >>
				    position % RUN_FRAMES &
				    1) == 0);
		kept[n++ % 2] = position;
	}
	CU_ASSERT_EQUAL(l.opened, RUNS);
	CU_ASSERT_EQUAL(n, RUNS * RUN_FRAMES - BOOKS - 3 * 3);
	CU_ASSERT_EQUAL(l.bank[0].used, RUNS * RUN_FRAMES);
	CU_ASSERT_EQUAL(l.bank[0].pages, n);
	CU_ASSERT_FALSE(ledger_wants_group(&l, false, &group));
	CU_ASSERT_NOT_EQUAL(kept[0], kept[1]);
	CU_ASSERT(ledger_ok(&l));

	start(BOOKS - 1);
	CU_ASSERT_EQUAL(ledger_may_open(&l), RC_LIMIT);
	CU_ASSERT_EQUAL(find(0), RC_VOID);
	l.limit = BOOKS;
	CU_ASSERT_EQUAL(ledger_may_open(&l), RC_OK);
	grow(false);
	CU_ASSERT_EQUAL(buy_page(0, &position), RC_LIMIT);
	CU_ASSERT(ledger_ok(&l));
	CU_ASSERT_EQUAL(ledger_books(1024 * GROUP_RUNS), 5); /* No banks'. */
	CU_ASSERT_EQUAL(ledger_books(1025 * GROUP_RUNS), 1);
	CU_ASSERT_EQUAL(ledger_books(31 * GROUP_RUNS), 11); /* No nodes. */
	CU_ASSERT_EQUAL(ledger_books(32 * GROUP_RUNS), 7); /* No numbers. */
}

/* Destroy a bank as the server does; gives the frames it freed. */
static unsigned
destroy(unsigned bank)
{
	enum ledger_step step;
	uint64_t         position;
	unsigned         n = 0;

	ledger_stop(&l, bank);
	while ((step = ledger_next(&l, bank, &position)) != LEDGER_DONE) {
		if (step == LEDGER_CLOSED)
			continue;
		ledger_return_frame(&l, position);
		n++;
	}
	ledger_close(&l, bank);
	return n;
}

/* bank.destroy.1: all of a bank and those below goes, nothing else. */
static void
destroy_takes_the_subtree(void)
{
	uint64_t position;
	unsigned a, b, c, index;

	start(TOP);
	a = sub_bank(0, TOP);
	b = sub_bank(a, TOP);
	c = sub_bank(0, TOP);
	for (unsigned i = 0; i < 100; i++) {
		CU_ASSERT_EQUAL(buy_page(a, &position), RC_OK);
		CU_ASSERT_EQUAL(buy_node(b, &position, &index), RC_OK);
		CU_ASSERT_EQUAL(buy_page(c, &position), RC_OK);
	}
	ledger_stop(&l, a);
	CU_ASSERT_EQUAL(buy_page(b, &position), RC_VOID);
	CU_ASSERT_EQUAL(ledger_sub_bank(&l, b, 1, &index), RC_VOID);
	CU_ASSERT_EQUAL(destroy(a), 115);
	CU_ASSERT_FALSE(l.bank[a].live || l.bank[b].live);
	CU_ASSERT_EQUAL(l.bank[0].used, 100 + BOOKS);
	CU_ASSERT(ledger_ok(&l));
}

/* bank.full.1: a full range says so, and gives way when space is freed. */
static void
full_range(void)
{
	uint64_t position, some = 0;
	unsigned a, b, n = 0;

	start(UINT64_MAX);
	a = sub_bank(0, UINT64_MAX);
	b = sub_bank(0, UINT64_MAX);
	while (buy_page(a, &position) == RC_OK) {
		some = position;
		n++;
	}
	CU_ASSERT_EQUAL(n, RUNS * RUN_FRAMES - BOOKS - 3 * 3);
	CU_ASSERT_EQUAL(buy_page(a, &position), RC_FULL);
	CU_ASSERT_EQUAL(buy_page(b, &position), RC_FULL);
	CU_ASSERT(ledger_return(&l, some, 7));
	CU_ASSERT_EQUAL(buy_page(b, &position), RC_FULL);
	CU_ASSERT_EQUAL(buy_page(a, &position), RC_OK);
	CU_ASSERT_EQUAL(position, some);
	CU_ASSERT_EQUAL(destroy(a), n);
	CU_ASSERT_EQUAL(buy_page(b, &position), RC_OK);
	CU_ASSERT(ledger_ok(&l));
}

/* One random step; what was sold is remembered in a table of our own. */
static struct sale {
	uint64_t position;
	unsigned bank, index;
} sales[RUNS * RUN_FRAMES * FRAME_NODES];
static unsigned nsales;

static void
forget_dead_sales(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < nsales; i++)
		if (l.bank[sales[i].bank].live)
			sales[n++] = sales[i];
	nsales = n;
}

static void
random_step(void)
{
	unsigned    bank = (unsigned)rand() % 12, i;
	struct sale s = {.bank = bank, .index = INDEX_PAGE};
	enum status st = RC_VOID;

	switch (rand() % 16) {
	case 0:
		grow(true);
		if (l.bank[bank].live)
			(void)!ledger_sub_bank(
			    &l, bank, (uint64_t)rand() % 400, &i);
		return;
	case 1:
		if (bank > 0 && l.bank[bank].live) {
			(void)destroy(bank);
			forget_dead_sales();
		}
		return;
	case 2:
	case 3:
	case 4:
	case 5:
	case 6:
		if (nsales == 0)
			return;
		i = (unsigned)rand() % nsales;
		s = sales[i];
		CU_ASSERT_FATAL(
		    ledger_sold(&l, s.bank, s.position, s.index) == RC_OK);
		(void)ledger_return(&l, s.position, s.index);
		sales[i] = sales[--nsales];
		return;
	default:
		if (!l.bank[bank].live)
			return;
		if (rand() % 2 == 0)
			st = buy_page(bank, &s.position);
		else
			st = buy_node(bank, &s.position, &s.index);
		if (st == RC_OK)
			sales[nsales++] = s;
	}
}

/* bank.random.1: no sequence of orders breaks an invariant. */
static void
random_orders(void)
{
	start(TOP);
	srand(7);
	nsales = 0;
	for (unsigned i = 0; i < 60000; i++) {
		random_step();
		if (i % 16 == 0)
			CU_ASSERT_FATAL(ledger_ok(&l));
	}
	for (unsigned i = 0; i < nsales; i++)
		CU_ASSERT_FATAL(
		    ledger_sold(&l, sales[i].bank, sales[i].position,
			sales[i].index) == RC_OK);
}

static const struct runner_test tests[] = {
    RUNNER_TEST(pages_lie_in_runs),
    RUNNER_TEST(node_frames_have_one_owner),
    RUNNER_TEST(limits_hold),
    RUNNER_TEST(strangers_cannot_free),
    RUNNER_TEST(numbers_are_never_reused),
    RUNNER_TEST(numbers_are_shared),
    RUNNER_TEST(records_are_shared),
    RUNNER_TEST(sub_banks_are_bounded),
    RUNNER_TEST(books_grow),
    RUNNER_TEST(destroy_takes_the_subtree),
    RUNNER_TEST(full_range),
    RUNNER_TEST(random_orders),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "ledger", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
