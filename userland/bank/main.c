/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The space bank. Two instances run: the ephemeral one in the boot range,
 * resident, which sells to drivers; the persistent one, which sells to all
 * else, and no more than the store can hold (F7).
 *
 * A start capability's data is the bank's number.
 *
 * The ledger is changed first and put back if the kernel refuses. A restart
 * in between is no matter: ledger and range come from one snapshot.
 */
#include "kernel/abi/cap.h"
#include "kernel/abi/discrim.stub.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/range.stub.h"
#include "userland/bank/books.h"
#include "userland/rt/exit.h"
#include "userland/rt/idl/bank.serve.h"
#include "userland/rt/idl/store.h"
#include "userland/rt/idl/store.stub.h"
#include "userland/rt/log.h"
#include "userland/rt/retry.h"

enum {
	DESTROY_STEP = 64,   /* Frames: a bound on one request's time. */
	SALES_BETWEEN = 256, /* Two questions to the store. */
};

static struct ledger ledger;
static bool          ask_store; /* What may be sold is the store's to say. */

static uint64_t *
top_limit(void)
{
	return ledger.opened == 0 ? &ledger.limit : &ledger.bank[0].limit;
}

/* What may be sold changes with the volume's state; ask when it matters. */
static void
refresh_limit(void)
{
	uint64_t            used = ledger.opened == 0 ? 0 : ledger.bank[0].used;
	struct store_status s = {0};
	enum status         st;

	if (!ask_store)
		return;
	retry(&st, store_status(REG_STORE, &s, sizeof(s), NULL));
	if (st == RC_OK && s.sellable >= used)
		*top_limit() = s.sellable;
}

/* Have books for what will be asked for; without them, the ledger refuses. */
static enum status
have_books(bool for_bank)
{
	uint32_t    group;
	enum status st;

	if (!ledger_wants_group(&ledger, for_bank, &group))
		return RC_OK;
	st = ledger_may_open(&ledger);
	if (st == RC_LIMIT) {
		refresh_limit();
		st = ledger_may_open(&ledger);
	}
	if (st == RC_OK)
		st = books_open(group);
	if (st == RC_OK)
		ledger_open(&ledger);
	return st;
}

/* Every order begins with this. */
static enum status
caller(const struct request *rq, unsigned *bank)
{
	enum status st = ledger.opened == 0 ? have_books(false) : RC_OK;

	return st == RC_OK ? ledger_find(&ledger, rq->data, bank) : st;
}

static void
before_sale(void)
{
	static unsigned sales;

	if (ledger.bank[0].used >= ledger.bank[0].limit ||
	    ++sales % SALES_BETWEEN == 0)
		refresh_limit();
}

/* A sale that found no run: the books may have to grow first. */
static bool
again(enum status *st)
{
	if (*st != RC_FULL || ledger.free != 0 ||
	    ledger.opened >= ledger.nruns)
		return false;
	*st = have_books(false);
	return *st == RC_OK;
}

/* What is being sold, so that a refusal can take it back. */
struct sale {
	uint64_t position;
	unsigned index; /* INDEX_PAGE: a page. */
};

static enum status
sell(unsigned bank, bool page, capreg to, struct sale *s)
{
	enum status st;

	before_sale();
	s->index = INDEX_PAGE;
	do
		st = page ? ledger_page(&ledger, bank, &s->position)
			  : ledger_node(
				&ledger, bank, &s->position, &s->index);
	while (again(&st));
	if (st != RC_OK)
		return st;
	st = page ? range_page(REG_RANGE, s->position, to)
		  : range_node(REG_RANGE, s->position, s->index, to);
	if (st != RC_OK)
		(void)ledger_return(&ledger, s->position, s->index);
	return st;
}

static enum status
give_back(unsigned bank, uint64_t position, unsigned index)
{
	enum status st = ledger_sold(&ledger, bank, position, index);

	if (st == RC_OK)
		st = range_rescind(REG_RANGE, position, index);
	if (st != RC_OK)
		return st;
	/* The last object of its frame gives the frame back too. */
	if (ledger_return(&ledger, position, index))
		st = range_free(REG_RANGE, position);
	return st;
}

/* Up to three at once: all, or none. */
static enum status
sell_some(struct request *rq, bool page, uint64_t count)
{
	static const capreg to[REQUEST_CAPS] = {REG_RESULT, REG_IN1, REG_IN2};
	struct sale         sold[REQUEST_CAPS];
	unsigned            n, bank = 0;
	enum status         st = caller(rq, &bank);

	if (st == RC_OK && (count == 0 || count > REQUEST_CAPS))
		st = RC_ARGUMENT;
	if (st != RC_OK)
		return st;
	for (n = 0; n < count; n++) {
		st = sell(bank, page, to[n], &sold[n]);
		if (st != RC_OK)
			break;
		rq->out_cap[n] = to[n];
	}
	while (st != RC_OK && n-- > 0)
		ignore_status(
		    give_back(bank, sold[n].position, sold[n].index));
	return st;
}

enum status
bank_do_page(struct request *rq)
{
	return sell_some(rq, true, 1);
}

enum status
bank_do_node(struct request *rq)
{
	return sell_some(rq, false, 1);
}

enum status
bank_do_pages(struct request *rq, uint64_t count)
{
	return sell_some(rq, true, count);
}

enum status
bank_do_nodes(struct request *rq, uint64_t count)
{
	return sell_some(rq, false, count);
}

enum status
bank_do_free(struct request *rq)
{
	uint64_t    position, index, state;
	unsigned    bank = 0;
	enum status st = caller(rq, &bank);

	if (st != RC_OK)
		return st;
	st = range_identify(REG_RANGE, REG_IN0, &position, &index, &state);
	if (st != RC_OK)
		return RC_NOT_FOUND;
	st = give_back(bank, position, (unsigned)index);
	/* No capability to a process's state page is left to free it by. */
	if (st == RC_OK && state != 0 &&
	    ledger_sold(&ledger, bank, state - 1, INDEX_PAGE) == RC_OK)
		st = give_back(bank, state - 1, INDEX_PAGE);
	return st;
}

enum status
bank_do_sub_bank(struct request *rq, uint64_t limit)
{
	unsigned    bank = 0, below;
	enum status st = caller(rq, &bank);

	if (st == RC_OK)
		st = have_books(true);
	if (st == RC_OK)
		st = ledger_sub_bank(&ledger, bank, limit, &below);
	if (st != RC_OK)
		return st;
	st = process_make_start(
	    REG_PROCESS, ledger.bank[below].number, REG_RESULT);
	if (st != RC_OK) {
		ledger_close(&ledger, below);
		return st;
	}
	rq->out_cap[0] = REG_RESULT;
	return RC_OK;
}

/* Those who wait for what this frame's nodes would have answered. */
static void
abandon(uint64_t position)
{
	enum status st = RC_OK;

	for (unsigned i = 0; i < FRAME_NODES && st == RC_OK; i++)
		st = range_abandon(REG_RANGE, position, i, NULL);
	if (st != RC_OK && st != RC_STATE) /* That is a page. */
		log_printf("bank: who waits for a dead domain cannot be told: "
			   "status %u", (unsigned)st);
}

static enum status
take_back(struct request *rq, bool kill, uint64_t *remaining)
{
	enum ledger_step step = LEDGER_CLOSED;
	uint64_t         position;
	unsigned         bank = 0;
	enum status      st = caller(rq, &bank);

	if (st != RC_OK)
		return st;
	if (bank == 0)
		return RC_STATE;
	ledger_stop(&ledger, bank);
	for (unsigned n = 0; n < DESTROY_STEP; n++) {
		step = ledger_next(&ledger, bank, &position);
		if (step == LEDGER_DONE)
			break;
		if (step == LEDGER_CLOSED)
			continue;
		if (kill)
			abandon(position);
		st = range_free(REG_RANGE, position);
		if (st != RC_OK)
			return st;
		ledger_return_frame(&ledger, position);
	}
	*remaining = ledger.bank[bank].used;
	if (step == LEDGER_DONE)
		ledger_close(&ledger, bank);
	else if (*remaining == 0)
		*remaining = 1; /* It itself, or banks below it. */
	return RC_OK;
}

enum status
bank_do_destroy(struct request *rq, uint64_t *remaining)
{
	return take_back(rq, false, remaining);
}

enum status
bank_do_kill(struct request *rq, uint64_t *remaining)
{
	return take_back(rq, true, remaining);
}

enum status
bank_do_figures(struct request *rq, uint64_t *used, uint64_t *limit,
    uint64_t *pages, uint64_t *nodes)
{
	const struct bank *b;
	unsigned           bank = 0;
	enum status        st = caller(rq, &bank);

	if (st != RC_OK)
		return st;
	if (bank == 0)
		refresh_limit();
	b = &ledger.bank[bank];
	*used = b->used;
	*limit = b->limit;
	*pages = b->pages;
	*nodes = b->nodes;
	return RC_OK;
}

enum status
bank_do_limit(struct request *rq, uint64_t number, uint64_t limit)
{
	unsigned    bank = 0;
	enum status st = caller(rq, &bank);

	return st == RC_OK ? ledger_limit(&ledger, bank, number, limit)
			   : st;
}

enum status
bank_do_below(struct request *rq, uint64_t number, uint64_t *used,
    uint64_t *limit, uint64_t *above)
{
	unsigned    bank = 0, at = 0;
	enum status st = caller(rq, &bank);

	if (st == RC_OK)
		st = ledger_below(&ledger, bank, number, &at);
	if (st != RC_OK)
		return st;
	if (at == 0)
		refresh_limit();
	*used = ledger.bank[at].used;
	*limit = ledger.bank[at].limit;
	*above = ledger.bank[ledger.bank[at].parent].number;
	return RC_OK;
}

enum status
bank_do_number(struct request *rq, uint64_t *number)
{
	unsigned bank;

	*number = rq->data;
	return caller(rq, &bank);
}

/* What this process makes for the same bank must be the same capability. */
enum status
bank_do_verify(struct request *rq, uint64_t *genuine)
{
	uint64_t    kind = CK_VOID, data = 0;
	unsigned    bank;
	enum status st = caller(rq, &bank);

	if (st == RC_OK)
		st = discrim_classify(
		    REG_DISCRIM, REG_IN0, &kind, NULL, &data);
	if (st != RC_OK)
		return st;
	*genuine = 0;
	if (kind != CK_START || ledger_find(&ledger, data, &bank) != RC_OK)
		return RC_OK;
	st = process_make_start(REG_PROCESS, data, REG_RESULT);
	return st == RC_OK
	    ? discrim_compare(REG_DISCRIM, REG_IN0, REG_RESULT, genuine)
	    : st;
}

static void
start(void)
{
	uint64_t frames = 0, source = 0;

	if (range_length(REG_RANGE, &frames, &source) != RC_OK) {
		log_printf("bank: no range\n");
		ant_exit();
	}
	ask_store = source == SOURCE_PERSISTENT;
	/* Until the store has said what it can hold, nothing is sold. */
	ledger_init(&ledger, (void *)(uintptr_t)BOOKS_BASE,
	    (void *)(uintptr_t)(BOOKS_BASE + BOOKS_BANKS_AT),
	    (void *)(uintptr_t)(BOOKS_BASE + BOOKS_NUMBERS_AT), frames,
	    ask_store ? 0 : frames);
}

int
main(void)
{
	const struct server sv = {0};
	struct request      rq;

	start();
	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_CALL)
			rq.status = bank_serve(&rq);
		server_next(&sv, &rq);
	}
}
