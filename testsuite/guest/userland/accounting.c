/* SPDX-License-Identifier: BSD-2-Clause */
/* Who pays for what, and what is left when a bank is destroyed. */
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/process.stub.h"
#include "testsuite/guest/userland/services.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/notice.h"

enum {
	REGION_PAGES = NODE_SLOTS,
	REGION_SPAN = PAGE_SHIFT + NODE_SHIFT,

	LARGE_PAGES = 3000,
	LARGE_NODES = 7000,
	LARGE = LARGE_PAGES + LARGE_NODES,
	LARGE_PROCESSES = 40,
	LARGE_SHELVES = (LARGE + NODE_SLOTS - 1) / NODE_SLOTS,
};

static volatile bool done;
static volatile bool right;

static volatile uint64_t *
region(unsigned page)
{
	return (volatile uint64_t *)space_address(SLOT_REGION) +
	    page * (PAGE_SIZE / sizeof(uint64_t));
}

/* --- accounting.1 --------------------------------------------------------- */

/* Runs in a peer: map the region, and have tables made for all of it. */
static void
build_mapping(uint64_t unused)
{
	(void)unused;
	if (node_get(REG_NODE, NODE_SPARE, REG_T0) == RC_OK &&
	    space_map(SLOT_REGION, REG_T0) == RC_OK) {
		for (unsigned i = 0; i < REGION_PAGES; i++)
			*region(i) = i + 1;
		right = true;
	}
	done = true;
}

static bool
read_and_write(uint64_t was, uint64_t will_be)
{
	bool same = true;

	for (unsigned i = 0; i < REGION_PAGES; i++) {
		same &= *region(i) == i + was;
		*region(i) = i + will_be;
	}
	return same;
}

static enum status
make_region(capreg bank, capreg to)
{
	enum status st = bank_node(bank, to);

	for (unsigned i = 0; st == RC_OK && i < REGION_PAGES; i++) {
		st = bank_page(bank, REG_T0);
		if (st == RC_OK)
			st = node_swap(to, i, REG_T0, REG_VOID);
	}
	return st;
}

/*
 * accounting.1: the process that built a shared mapping is destroyed; who
 * shares it goes on, and the bank that sold it still pays.
 */
static void
builder_dies(void)
{
	/* SUB pays for the region, spare 1 for the process. */
	check(bank_sub_bank(REG_BANK, 100, REG_SUB) == RC_OK &&
		make_region(REG_SUB, REG_THING) == RC_OK &&
		figures_are(REG_SUB, REGION_PAGES, 1, REGION_PAGES + 1),
	    "accounting.1: a bank pays for a region");
	put_aside(0, REG_THING);
	done = right = false;
	check(bank_sub_bank(REG_BANK, 100, REG_THING) == RC_OK &&
		peer_make(REG_THING, build_mapping, 0, REG_T3) == RC_OK &&
		wait_until(&done) && right,
	    "accounting.1: a process paid by another builds its mapping");
	check(figures_are(REG_SUB, REGION_PAGES, 1, REGION_PAGES + 1) &&
		figures_are(REG_THING, 1, 2, 2),
	    "accounting.1: which neither bank pays for");
	take_back(0, REG_T0);
	check(space_map(SLOT_REGION, REG_T0) == RC_OK && read_and_write(1, 2),
	    "accounting.1: it is shared");
	check(destroyed(REG_THING) &&
		figures_are(REG_SUB, REGION_PAGES, 1, REGION_PAGES + 1),
	    "accounting.1: the builder is destroyed, the bank still pays");
	check(read_and_write(2, 3) && read_and_write(3, 4),
	    "accounting.1: the sharer goes on");
	check(space_map(SLOT_REGION, REG_VOID) == RC_OK && destroyed(REG_SUB),
	    "accounting.1: and in the end it stops paying");
}

/* --- accounting.2 --------------------------------------------------------- */

/* Runs in two peers: every other page of the region, from one's own bank. */
static void
interleave(uint64_t first)
{
	static volatile bool one;
	bool                 good = true;

	good &= node_get(REG_NODE, NODE_SPARE, REG_T0) == RC_OK &&
	    space_map(SLOT_REGION, REG_T0) == RC_OK;
	for (unsigned i = (unsigned)first; good && i < REGION_PAGES; i += 2) {
		good = bank_page(REG_BANK, REG_T1) == RC_OK &&
		    node_swap(REG_T0, i, REG_T1, REG_VOID) == RC_OK;
		if (good)
			*region(i) = i + 1;
	}
	/* A node for each eight, which nobody sees. */
	for (unsigned i = 0; good && i < 1 + 2 * first; i++)
		good = bank_node(REG_BANK, REG_T1) == RC_OK;
	if (!one) {
		right = good;
		one = true;
		return;
	}
	right &= good;
	done = true;
}

/* Which slots of the region in REG_T0 hold a page? */
static uint32_t
pages_of_region(void)
{
	uint32_t set = 0;

	for (unsigned i = 0; i < REGION_PAGES; i++)
		if (node_get(REG_T0, i, REG_T1) == RC_OK &&
		    kind_of(REG_T1) == CK_PAGE)
			set |= UINT32_C(1) << i;
	return set;
}

/*
 * accounting.2: two processes with different banks interleave mappings in one
 * region; the figures of each are exact, and so is what each can take away.
 */
static void
two_banks(void)
{
	const uint64_t half = REGION_PAGES / 2;
	bool           rest = true;

	check(bank_node(REG_BANK, REG_THING) == RC_OK,
	    "accounting.2: a region");
	put_aside(0, REG_THING);
	done = right = false;
	check(bank_sub_bank(REG_BANK, 100, REG_SUB) == RC_OK &&
		bank_sub_bank(REG_BANK, 100, REG_THING) == RC_OK &&
		peer_make(REG_SUB, interleave, 0, REG_T3) == RC_OK &&
		peer_make(REG_THING, interleave, 1, REG_T3) == RC_OK &&
		wait_until(&done) && right,
	    "accounting.2: two processes fill it");
	/* Each has a process of a page and two nodes, too. */
	check(figures_are(REG_SUB, half + 1, 2 + 1, half + 2) &&
		figures_are(REG_THING, half + 1, 2 + 3, half + 2),
	    "accounting.2: the figures of both banks are exact");
	take_back(0, REG_T0);
	check(pages_of_region() == UINT32_MAX && destroyed(REG_SUB) &&
		pages_of_region() == UINT32_C(0xaaaaaaaa),
	    "accounting.2: one bank is destroyed: its half is gone");
	check(figures_are(REG_THING, half + 1, 5, half + 2),
	    "accounting.2: the other's figures are the same");
	ignore_status(space_map(SLOT_REGION, REG_T0));
	for (unsigned i = 1; i < REGION_PAGES; i += 2)
		rest &= *region(i) == i + 1;
	check(rest, "accounting.2: and its half is there");
	take_back(0, REG_T0);
	check(space_map(SLOT_REGION, REG_VOID) == RC_OK &&
		destroyed(REG_THING) && pages_of_region() == 0 &&
		bank_free(REG_BANK, REG_T0) == RC_OK,
	    "accounting.2: all is given back");
}

/* --- A large bank --------------------------------------------------------- */

/*
 * Capabilities to all of it stay behind: 32 nodes in REG_THING's slots hold 32
 * shelves each, these the objects.
 */
static enum status
shelf(unsigned i, capreg to)
{
	enum status st = node_get(REG_THING, i / NODE_SLOTS, to);

	return st == RC_OK ? node_get(to, i % NODE_SLOTS, to) : st;
}

/* Object i: pages, then nodes, of which some become guards and processes. */
static enum status
buy_object(unsigned i)
{
	enum status st;

	if (i < LARGE_PAGES)
		return bank_page(REG_SUB, REG_T0);
	st = bank_node(REG_SUB, REG_T0);
	if (st != RC_OK || i % 50 != 0)
		return st;
	if (i % 100 != 0 || i / 100 % 2 != 0)
		return node_make_guard(REG_T0, REGION_SPAN, REG_T0);
	/* Its state page is one of the pages bought before. */
	st = shelf(0, REG_T1);
	if (st == RC_OK)
		st = node_get(REG_T1, i / 100 % NODE_SLOTS, REG_T1);
	if (st == RC_OK && kind_of(REG_T1) == CK_PAGE)
		st = node_make_process(REG_T0, REG_T1, REG_T0);
	if (st == RC_OK && i / 100 % 4 == 0 && kind_of(REG_T0) == CK_PROCESS)
		st = process_make_start(REG_T0, i, REG_T0);
	else if (st == RC_OK && kind_of(REG_T0) == CK_PROCESS)
		st = process_make_notice(REG_T0, 3, REG_T0);
	return st;
}

static enum status
make_shelves(void)
{
	enum status st = bank_node(REG_BANK, REG_THING);

	for (unsigned i = 0; st == RC_OK && i < LARGE_SHELVES; i++) {
		if (i % NODE_SLOTS == 0) {
			st = bank_node(REG_BANK, REG_T0);
			if (st == RC_OK)
				st = node_swap(REG_THING, i / NODE_SLOTS,
				    REG_T0, REG_VOID);
		}
		if (st == RC_OK)
			st = node_get(REG_THING, i / NODE_SLOTS, REG_T0);
		if (st == RC_OK)
			st = bank_node(REG_BANK, REG_T1);
		if (st == RC_OK)
			st = node_swap(
			    REG_T0, i % NODE_SLOTS, REG_T1, REG_VOID);
	}
	return st;
}

static enum status
buy_all(void)
{
	enum status st = RC_OK;

	for (unsigned i = 0; st == RC_OK && i < LARGE; i++) {
		st = buy_object(i);
		if (st == RC_OK)
			st = shelf(i / NODE_SLOTS, REG_T1);
		if (st == RC_OK)
			st = node_swap(
			    REG_T1, i % NODE_SLOTS, REG_T0, REG_VOID);
	}
	return st;
}

/* How many of the capabilities on the shelves are alive? */
static unsigned
alive(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < LARGE; i++)
		if (shelf(i / NODE_SLOTS, REG_T1) == RC_OK &&
		    node_get(REG_T1, i % NODE_SLOTS, REG_T0) == RC_OK)
			n += kind_of(REG_T0) != CK_VOID;
	return n;
}

static void
free_shelves(void)
{
	for (unsigned i = 0; i < LARGE_SHELVES; i++)
		if (shelf(i, REG_T0) == RC_OK)
			ignore_status(bank_free(REG_BANK, REG_T0));
	for (unsigned i = 0; i * NODE_SLOTS < LARGE_SHELVES; i++)
		if (node_get(REG_THING, i, REG_T0) == RC_OK)
			ignore_status(bank_free(REG_BANK, REG_T0));
	ignore_status(bank_free(REG_BANK, REG_THING));
}

/* bank.destroy.2: of 10,000 objects none can be used, and the space is back. */
static void
large_bank(void)
{
	uint64_t before = used(REG_BANK), pages = 0, nodes = 0;

	check(make_shelves() == RC_OK, "bank.destroy.2: shelves");
	check(bank_sub_bank(REG_BANK, 2 * LARGE, REG_SUB) == RC_OK &&
		buy_all() == RC_OK,
	    "bank.destroy.2: a bank sells 10,000 objects");
	check(bank_figures(REG_SUB, NULL, NULL, &pages, &nodes) == RC_OK &&
		pages == LARGE_PAGES && nodes == LARGE_NODES &&
		alive() >= LARGE - LARGE_PROCESSES && alive() < LARGE,
	    "bank.destroy.2: and counts them");
	check(destroyed(REG_SUB), "bank.destroy.2: it is destroyed in steps");
	check(alive() == 0,
	    "bank.destroy.2: nothing that it has sold can be used");
	free_shelves();
	check(used(REG_BANK) == before, "bank.destroy.2: its space is back");
}

/* --- The rest ------------------------------------------------------------- */

/* bank.destroy.3: so do banks below it, many and deep. */
static void
nested_banks(void)
{
	uint64_t before = used(REG_BANK);
	unsigned depth = 0;

	check(bank_sub_bank(REG_BANK, 1000, REG_SUB) == RC_OK &&
		bank_sub_bank(REG_SUB, 1000, REG_THING) == RC_OK,
	    "bank.destroy.3: banks below a bank");
	for (unsigned i = 0; i < 100; i++)
		if (bank_sub_bank(REG_SUB, 1000, REG_T0) == RC_OK &&
		    i % 10 == 0)
			ignore_status(bank_page(REG_T0, REG_T1));
	while (bank_sub_bank(REG_THING, 1000, REG_T0) == RC_OK &&
	    bank_node(REG_T0, REG_T1) == RC_OK) {
		put_aside(0, REG_T1);
		ignore_status(
		    process_swap(REG_PROCESS, REG_THING, REG_T0, REG_VOID));
		depth++;
	}
	check(depth == 12 && figures_are(REG_SUB, 10, 12, 22),
	    "bank.destroy.3: to the sixteenth level, each counted in all above");
	for (uint64_t left = 1; left > 0;)
		if (bank_destroy(REG_SUB, &left) != RC_OK)
			break;
	take_back(0, REG_T1);
	check(bank_page(REG_SUB, REG_T0) == RC_VOID &&
		bank_page(REG_THING, REG_T0) == RC_VOID &&
		kind_of(REG_T1) == CK_VOID,
	    "bank.destroy.3: they go with it");
	check(used(REG_BANK) == before, "bank.destroy.3: and all they sold");
}

/* bank.verify.1: no impostor passes. */
static void
verified(void)
{
	uint64_t yes = 0, no = 1, self = 1;

	check(bank_sub_bank(REG_BANK, 10, REG_SUB) == RC_OK &&
		bank_verify(REG_BANK, REG_SUB, &yes) == RC_OK && yes == 1 &&
		bank_verify(REG_SUB, REG_BANK, &yes) == RC_OK && yes == 1,
	    "bank.verify.1: a bank knows another");
	check(process_make_start(REG_PROCESS, 1, REG_T0) == RC_OK &&
		bank_verify(REG_BANK, REG_T0, &self) == RC_OK && self == 0 &&
		bank_verify(REG_BANK, REG_VCSK, &no) == RC_OK && no == 0 &&
		bank_verify(REG_BANK, REG_LOG, &no) == RC_OK && no == 0,
	    "bank.verify.1: and no impostor");
	check(destroyed(REG_SUB) &&
		bank_verify(REG_BANK, REG_SUB, &no) == RC_OK && no == 0,
	    "bank.verify.1: nor a bank that is no more");
}

/* bank.free.1: a process gives both its parts back. */
static void
process_freed(void)
{
	uint64_t before = used(REG_BANK);

	check(bank_node(REG_BANK, REG_T0) == RC_OK &&
		bank_page(REG_BANK, REG_T1) == RC_OK &&
		node_make_process(REG_T0, REG_T1, REG_T0) == RC_OK &&
		process_make_notice(REG_T0, 1, REG_T2) == RC_OK &&
		bank_free(REG_BANK, REG_T0) == RC_OK &&
		used(REG_BANK) == before,
	    "bank.free.1: a process is given back with its state page");
	notice_set(REG_T2);
	check(kind_of(REG_T0) == CK_VOID && kind_of(REG_T2) == CK_VOID,
	    "bank.free.1: and cannot be noticed any more");
}

void
test_accounting(void)
{
	builder_dies();
	two_banks();
	process_freed();
	verified();
	nested_banks();
	large_bank();
}
