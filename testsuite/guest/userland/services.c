/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls bank, virtual-copy keeper and constructor in the running system, and
 * says in the log, a line for each, what held.
 */
#include <string.h>

#include "testsuite/guest/userland/services.h"

#include "kernel/abi/discrim.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/process.stub.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/idl/constructor.stub.h"
#include "userland/rt/idl/count.stub.h"
#include "userland/rt/idl/vcsk.stub.h"
#include "userland/rt/log.h"

enum {
	BIG_PAGES = 300,
	TOP_FRAMES = 20000,
};

/* count.elf is not longer than its segment; the rest is zeros. */
static const uint64_t image_bytes = 24 * PAGE_SIZE;

void
check(bool held, const char *what)
{
	log_printf("%s services: %s\n", held ? "ok" : "FAILED", what);
}

uint64_t
kind_of(capreg r)
{
	uint64_t kind = CK_COUNT;

	ignore_status(discrim_classify(REG_DISCRIM, r, &kind, NULL, NULL));
	return kind;
}

uint64_t
used(capreg bank)
{
	uint64_t frames = UINT64_MAX;

	ignore_status(bank_figures(bank, &frames, NULL, NULL, NULL));
	return frames;
}

bool
figures_are(capreg bank, uint64_t pages, uint64_t nodes, uint64_t frames)
{
	uint64_t f = 0, p = 0, n = 0;

	if (bank_figures(bank, &f, NULL, &p, &n) != RC_OK)
		return false;
	if (p != pages || n != nodes || f != frames)
		log_printf("%lu pages, %lu nodes, %lu frames\n", p, n, f);
	return p == pages && n == nodes && f == frames;
}

bool
destroyed(capreg bank)
{
	uint64_t remaining = 1, last = UINT64_MAX;

	while (remaining > 0) {
		if (bank_destroy(bank, &remaining) != RC_OK ||
		    remaining >= last)
			return false;
		last = remaining;
	}
	return true;
}

void
put_aside(unsigned i, capreg from)
{
	ignore_status(node_swap(REG_NODE, NODE_SPARE + i, from, REG_VOID));
}

void
take_back(unsigned i, capreg to)
{
	ignore_status(node_get(REG_NODE, NODE_SPARE + i, to));
}

static void
destroy(capreg bank)
{
	check(destroyed(bank), "a bank is destroyed in steps");
}

static void
bank_sells(void)
{
	uint64_t before = used(REG_BANK);

	check(bank_page(REG_BANK, REG_T0) == RC_OK &&
		kind_of(REG_T0) == CK_PAGE && used(REG_BANK) == before + 1,
	    "the bank sells a page");
	check(page_write(REG_T0, 0, "text", 5) == RC_OK &&
		space_map(SLOT_PAGE, REG_T0) == RC_OK &&
		strcmp(space_address(SLOT_PAGE), "text") == 0,
	    "which can be mapped");
	check(bank_free(REG_BANK, REG_T0) == RC_OK &&
		kind_of(REG_T0) == CK_VOID && used(REG_BANK) == before,
	    "and given back: then it is void");
	check(bank_free(REG_BANK, REG_T0) == RC_NOT_FOUND &&
		bank_free(REG_BANK, REG_LOG) == RC_NOT_FOUND,
	    "but not twice, nor what was never bought");
}

/*
 * A request can name anything for its answer; one that would have to wait, for
 * us, who call the bank, holds it up for nobody.
 */
static void
answer_to_nobody(void)
{
	uint64_t       n = 0;
	struct message m = {
	    .control = control_make(INVOKE_SEND, REG_BANK) |
		CONTROL_SEND(3, REG_T0),
	    .word = {BANK_NUMBER},
	};

	check(process_make_start(REG_PROCESS, 0, REG_T0) == RC_OK &&
		ant_call(&m) == RC_OK &&
		bank_number(REG_BANK, &n) == RC_OK && n != 0,
	    "a request whose answer would wait holds nobody up");
}

static void
bank_limits(void)
{
	unsigned sold = 0;

	check(bank_sub_bank(REG_BANK, BIG_PAGES, REG_SUB) == RC_OK,
	    "a sub-bank is made");
	while (sold <= BIG_PAGES && bank_page(REG_SUB, REG_T0) == RC_OK)
		sold++;
	check(sold == BIG_PAGES && bank_page(REG_SUB, REG_T1) == RC_LIMIT,
	    "it sells to its limit");
	check(bank_page(REG_BANK, REG_T0) == RC_OK &&
		bank_free(REG_SUB, REG_T0) == RC_NOT_FOUND &&
		bank_free(REG_BANK, REG_T0) == RC_OK,
	    "it cannot take back what another sold");
	destroy(REG_SUB);
	check(
	    bank_page(REG_SUB, REG_T0) == RC_VOID, "a destroyed bank is void");
}

/* bank.below.1: the figures of the banks below one, at any depth; no others. */
static void
banks_below(void)
{
	uint64_t own = 0, n = 0, deep = 0, used_by = 0, limit = 0, above = 0;
	uint64_t sub = 0;

	check(bank_number(REG_BANK, &own) == RC_OK &&
		bank_sub_bank(REG_BANK, 100, REG_SUB) == RC_OK &&
		bank_number(REG_SUB, &n) == RC_OK &&
		bank_sub_bank(REG_SUB, 50, REG_THING) == RC_OK &&
		bank_number(REG_THING, &deep) == RC_OK &&
		bank_page(REG_THING, REG_T0) == RC_OK,
	    "a bank below a bank sells a page");
	check(bank_below(REG_BANK, deep, &used_by, &limit, &above) == RC_OK &&
		used_by == 1 && limit == 50 && above == n,
	    "the bank above both says what that one has sold");
	check(bank_below(REG_SUB, n, &used_by, &limit, &above) == RC_OK &&
		used_by == 1 && limit == 100 && above == own,
	    "a bank says it of itself");
	check(bank_below(REG_SUB, own, &sub, &limit, &above) == RC_NOT_FOUND &&
		bank_below(REG_THING, n, &sub, &limit, &above) ==
		    RC_NOT_FOUND &&
		bank_below(REG_BANK, 0, &sub, &limit, &above) == RC_NOT_FOUND,
	    "and nothing of those above it");
	destroy(REG_SUB);
	check(bank_below(REG_BANK, deep, &sub, &limit, &above) == RC_NOT_FOUND,
	    "nor of one that is gone");
}

/* Pages of a virtual copy behave as memory; the original stays. */
static void
copies(void)
{
	char *text = space_address(SLOT_COPY);
	bool  zeros = true;

	check(bank_sub_bank(REG_BANK, 1000, REG_SUB) == RC_OK &&
		bank_page(REG_SUB, REG_THING) == RC_OK &&
		page_write(REG_THING, 0, "original", 9) == RC_OK &&
		vcsk_make(REG_VCSK, 27, REG_SUB, REG_THING, REG_T0) == RC_OK,
	    "a virtual copy is made");
	check(vcsk_make(REG_VCSK, 27, REG_VCSK, REG_VOID, REG_T1) ==
		RC_CAPABILITY,
	    "a false bank is refused");
	check(node_get(REG_T0, 0, REG_T1) == RC_RIGHTS,
	    "nobody can look into it");
	check(space_map(SLOT_COPY, REG_T0) == RC_OK &&
		strcmp(text, "original") == 0,
	    "it reads as its original");
	strcpy(text, "changed");
	check(strcmp(text, "changed") == 0 &&
		space_map(SLOT_PAGE, REG_THING) == RC_OK &&
		strcmp(space_address(SLOT_PAGE), "original") == 0,
	    "a write changes the copy alone");
	for (size_t i = 1; i < 100; i++)
		zeros &= text[i * 999983] == 0;
	check(zeros, "beyond the original it is zero");
	check(vcsk_freeze(REG_VCSK, 27, REG_LOG, REG_T1) == RC_CAPABILITY &&
		space_map(SLOT_COPY, REG_VOID) == RC_OK,
	    "it is unmapped");
	destroy(REG_SUB);
}

/* vcsk.freeze.3: frozen, it is the original of others, and no hole. */
static void
frozen(void)
{
	char    *text = space_address(SLOT_COPY);
	char    *copy = space_address(SLOT_PAGE);
	uint64_t rights = 0;

	check(bank_sub_bank(REG_BANK, 1000, REG_SUB) == RC_OK &&
		vcsk_make(REG_VCSK, 22, REG_SUB, REG_VOID, REG_THING) ==
		    RC_OK &&
		space_map(SLOT_COPY, REG_THING) == RC_OK,
	    "a segment of zeros is made");
	strcpy(text, "before");
	strcpy(text + 100000, "far");
	check(vcsk_freeze(REG_VCSK, 27, REG_THING, REG_T1) == RC_RIGHTS &&
		vcsk_freeze(REG_VCSK, 22, REG_THING, REG_T1) == RC_OK &&
		discrim_classify(REG_DISCRIM, REG_T1, NULL, &rights, NULL) ==
		    RC_OK &&
		rights == (CR_READ_ONLY | CR_WEAK),
	    "vcsk.freeze.3: it is frozen: read-only and weak");
	put_aside(0, REG_T1);
	check(strcmp(text, "before") == 0 && strcmp(text + 100000, "far") == 0,
	    "vcsk.freeze.3: it reads as before");
	strcpy(text, "after");
	take_back(0, REG_T1);
	check(vcsk_make(REG_VCSK, 22, REG_SUB, REG_T1, REG_T2) == RC_OK &&
		space_map(SLOT_PAGE, REG_T2) == RC_OK &&
		strcmp(copy, "before") == 0 && strcmp(text, "after") == 0,
	    "vcsk.freeze.3: a copy of it has what was frozen");
	strcpy(copy, "other");
	check(strcmp(text, "after") == 0 && strcmp(copy + 100000, "far") == 0 &&
		vcsk_freeze(REG_VCSK, 22, REG_THING, REG_T1) == RC_STATE,
	    "vcsk.freeze.3: each goes on by itself");
	check(space_map(SLOT_COPY, REG_VOID) == RC_OK &&
		space_map(SLOT_PAGE, REG_VOID) == RC_OK,
	    "vcsk.freeze.3: they are unmapped");
	destroy(REG_SUB);
}

static void
construct(void)
{
	uint64_t holes = 99, seconds = 1, running = 1;

	check(node_get(REG_NODE, NODE_IMAGE, REG_T0) == RC_OK &&
		node_get(REG_NODE, NODE_SCHEDULE, REG_T1) == RC_OK &&
		constructor_yield(
		    REG_CONSTRUCTOR, REG_BANK, REG_T1, REG_THING) == RC_STATE,
	    "an unsealed constructor yields nothing");
	check(constructor_image(
		  REG_CONSTRUCTOR, image_bytes, 2, REG_T0, "made", 4) == RC_OK &&
		constructor_insert(REG_CONSTRUCTOR, REG_LOG, REG_LOG) ==
		    RC_OK &&
		constructor_insert(REG_CONSTRUCTOR, REG_CLOCK, REG_CLOCK) ==
		    RC_OK &&
		constructor_seal(REG_CONSTRUCTOR) == RC_OK,
	    "a constructor takes an image and capabilities");
	check(
	    constructor_insert(REG_CONSTRUCTOR, REG_LOG, REG_LOG) == RC_STATE &&
		constructor_holes(REG_CONSTRUCTOR, &holes) == RC_OK &&
		holes == 2,
	    "sealed, it takes no more, and counts its holes");
	check(bank_sub_bank(REG_BANK, 200, REG_SUB) == RC_OK &&
		constructor_yield(
		    REG_CONSTRUCTOR, REG_SUB, REG_T1, REG_THING) == RC_OK,
	    "it yields a product");
	check(count_start(REG_THING) == RC_OK &&
		count_get(REG_THING, &seconds, &running, NULL) == RC_OK &&
		seconds == 0 && running == 1,
	    "the product runs and answers");
	destroy(REG_SUB);
	check(count_get(REG_THING, NULL, NULL, NULL) == RC_VOID,
	    "with its bank the product is gone");
}

int
main(void)
{
	/* Others buy from the topmost bank at the same time. */
	check(bank_sub_bank(REG_BANK, TOP_FRAMES, REG_T0) == RC_OK &&
		process_swap(REG_PROCESS, REG_BANK, REG_T0, REG_VOID) == RC_OK,
	    "a bank for all that follows");
	bank_sells();
	answer_to_nobody();
	bank_limits();
	banks_below();
	copies();
	frozen();
	construct();
	test_accounting();
	test_made();
	test_hostile();
	test_seats();
	check(figures_are(REG_BANK, 0, 0, 0), "nothing was lost on the way");
	log_printf("services: end\n");
	return 0;
}
