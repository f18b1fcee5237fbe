/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The space bank. Two instances run: the ephemeral one in the boot range,
 * resident, which sells to drivers; the persistent one, which sells to all
 * else, and no more than the store can hold (F7).
 *
 * system.dts gives the table of runs as pages at LEDGER_SLOT, and their
 * number as the argument. A start capability's data is the bank's number.
 *
 * The ledger is changed first and put back if the kernel refuses. A restart
 * in between is no matter: ledger and range come from one snapshot.
 */
#include "kernel/abi/process.stub.h"
#include "kernel/abi/range.stub.h"
#include "userland/bank/ledger.h"
#include "userland/rt/exit.h"
#include "userland/rt/idl/bank.serve.h"
#include "userland/rt/idl/store.h"
#include "userland/rt/idl/store.stub.h"
#include "userland/rt/log.h"
#include "userland/rt/retry.h"
#include "userland/rt/space.h"

enum {
	REG_RANGE = REG_OWN,
	REG_STORE = REG_OWN + 1, /* Void in the ephemeral bank. */
	REG_RESULT = REG_OWN + 2,
	LEDGER_SLOT = 1,
	DESTROY_STEP = 64,   /* Frames: a bound on one request's time. */
	SALES_BETWEEN = 256, /* Two questions to the store. */
};

static struct ledger ledger;

static enum status
caller(const struct request *rq, unsigned *bank)
{
	return ledger_find(&ledger, rq->data, bank);
}

/* What may be sold changes with the volume's state; ask when it matters. */
static void
refresh_limit(void)
{
	struct store_status s = {0};
	enum status         st;

	retry(&st, store_status(REG_STORE, &s, sizeof(s), NULL));
	if (st == RC_OK && s.sellable >= ledger.bank[0].used)
		ledger.bank[0].limit = s.sellable;
}

static void
before_sale(void)
{
	static unsigned sales;

	if (ledger.bank[0].used >= ledger.bank[0].limit ||
	    ++sales % SALES_BETWEEN == 0)
		refresh_limit();
}

enum status
bank_do_page(struct request *rq)
{
	uint64_t    position;
	unsigned    bank;
	enum status st;

	st = caller(rq, &bank);
	if (st != RC_OK)
		return st;
	before_sale();
	st = ledger_page(&ledger, bank, &position);
	if (st != RC_OK)
		return st;
	st = range_page(REG_RANGE, position, REG_RESULT);
	if (st != RC_OK) {
		(void)ledger_return(&ledger, position, INDEX_PAGE);
		return st;
	}
	rq->out_cap[0] = REG_RESULT;
	return RC_OK;
}

enum status
bank_do_node(struct request *rq)
{
	uint64_t    position;
	unsigned    bank, index;
	enum status st;

	st = caller(rq, &bank);
	if (st != RC_OK)
		return st;
	before_sale();
	st = ledger_node(&ledger, bank, &position, &index);
	if (st != RC_OK)
		return st;
	st = range_node(REG_RANGE, position, index, REG_RESULT);
	if (st != RC_OK) {
		(void)ledger_return(&ledger, position, index);
		return st;
	}
	rq->out_cap[0] = REG_RESULT;
	return RC_OK;
}

enum status
bank_do_free(struct request *rq)
{
	uint64_t    position, index;
	unsigned    bank;
	enum status st;

	st = caller(rq, &bank);
	if (st != RC_OK)
		return st;
	st = range_identify(REG_RANGE, REG_IN0, &position, &index);
	if (st != RC_OK)
		return RC_NOT_FOUND;
	st = ledger_sold(&ledger, bank, position, (unsigned)index);
	if (st != RC_OK)
		return st;
	st = range_rescind(REG_RANGE, position, index);
	if (st != RC_OK)
		return st;
	/* The last object of its frame gives the frame back too. */
	if (ledger_return(&ledger, position, (unsigned)index))
		st = range_free(REG_RANGE, position);
	return st;
}

enum status
bank_do_sub_bank(struct request *rq, uint64_t limit)
{
	unsigned    bank, below;
	enum status st;

	st = caller(rq, &bank);
	if (st != RC_OK)
		return st;
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

enum status
bank_do_destroy(struct request *rq, uint64_t *remaining)
{
	uint64_t    position;
	uint32_t    at = 0;
	unsigned    bank;
	enum status st;

	st = caller(rq, &bank);
	if (st != RC_OK)
		return st;
	if (bank == 0)
		return RC_STATE;
	ledger_stop(&ledger, bank);
	for (unsigned n = 0; n < DESTROY_STEP; n++) {
		if (!ledger_next(&ledger, bank, &at, &position))
			break;
		st = range_free(REG_RANGE, position);
		if (st != RC_OK)
			return st;
		ledger_return_frame(&ledger, position);
	}
	*remaining = ledger.bank[bank].used;
	if (*remaining == 0)
		ledger_close(&ledger, bank);
	return RC_OK;
}

enum status
bank_do_figures(struct request *rq, uint64_t *used, uint64_t *limit,
    uint64_t *pages, uint64_t *nodes)
{
	unsigned    bank;
	enum status st;

	st = caller(rq, &bank);
	if (st != RC_OK)
		return st;
	if (bank == 0)
		refresh_limit();
	*used = ledger.bank[bank].used;
	*limit = ledger.bank[bank].limit;
	*pages = ledger.bank[bank].pages;
	*nodes = ledger.bank[bank].nodes;
	return RC_OK;
}

enum status
bank_do_limit(struct request *rq, uint64_t number, uint64_t limit)
{
	unsigned    bank;
	enum status st;

	st = caller(rq, &bank);
	if (st != RC_OK)
		return st;
	if (number > NUMBER_LAST)
		return RC_NOT_FOUND;
	return ledger_limit(&ledger, bank, (uint16_t)number, limit);
}

enum status
bank_do_number(struct request *rq, uint64_t *number)
{
	unsigned    bank;
	enum status st;

	st = caller(rq, &bank);
	if (st != RC_OK)
		return st;
	*number = rq->data;
	return RC_OK;
}

static void
start(uint64_t pages)
{
	uint64_t frames = 0, source = 0, limit;
	uint32_t runs = (uint32_t)(pages * PAGE_SIZE / RUN_BYTES);

	if (range_length(REG_RANGE, &frames, &source) != RC_OK || pages == 0 ||
	    pages > UINT32_MAX / PAGE_SIZE) {
		log_printf("bank: no range, or no pages for the books\n");
		ant_exit();
	}
	if (frames / RUN_FRAMES < runs)
		runs = (uint32_t)(frames / RUN_FRAMES);
	limit = (uint64_t)runs * RUN_FRAMES;
	ledger_init(&ledger, space_address(LEDGER_SLOT), runs, limit);
	/* Until the store has said what it can hold, nothing is sold. */
	if (source == SOURCE_PERSISTENT)
		ledger.bank[0].limit = 0;
}

int
main(void)
{
	const struct server sv = {0};
	struct request      rq;

	start(ant_argument);
	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_CALL)
			rq.status = bank_serve(&rq);
		server_next(&sv, &rq);
	}
}
