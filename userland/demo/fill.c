/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes a pattern over much memory and verifies it: the paging workload.
 * The memory is virtual copies of zeros, one for each 128 MiB slot, bought
 * from a bank of its own, which is destroyed before the next filling.
 *
 * Work is done a step at a time; an alarm between two steps lets callers in.
 */
#include "userland/demo/fill.h"

#include "kernel/abi/clock.stub.h"
#include "kernel/abi/process.stub.h"
#include "userland/rt/exit.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/idl/fill.serve.h"
#include "userland/rt/idl/vcsk.stub.h"
#include "userland/rt/log.h"
#include "userland/rt/space.h"

enum {
	REG_VCSK = REG_OWN,
	REG_ALARM = REG_OWN + 1,
	REG_SPACE = REG_OWN + 2, /* The bank of the memory. */
	BIT_ALARM = 0,

	STEP_PAGES = 32, /* A caller waits for so many at most. */
	MIB_PAGES = 256,
	SLOT_MIB = 128,
	WORDS = PAGE_SIZE / sizeof(uint64_t),
};

static const uint64_t pause_ns = 200000;

static struct {
	enum fill_state state;
	uint64_t        pages, rounds, round;
	uint64_t        at; /* The next page of this pass. */
	uint64_t        written, verified, wrong;
	bool            bought; /* REG_SPACE holds a bank. */
} fill;

/* The same for the same page and round, different for any other. */
static uint64_t
pattern(uint64_t page, uint64_t word)
{
	uint64_t x = (fill.round << 48) ^ (page << 12) ^ word;

	x ^= x >> 30;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	x ^= x >> 27;
	return x;
}

static uint64_t *
page_address(uint64_t page)
{
	return (uint64_t *)space_address(SPACE_SLOT_FIRST) + page * WORDS;
}

static void
write_page(uint64_t page)
{
	uint64_t *w = page_address(page);

	for (uint64_t i = 0; i < WORDS; i++)
		w[i] = pattern(page, i);
	fill.written++;
}

static void
verify_page(uint64_t page)
{
	const uint64_t *w = page_address(page);
	bool            ok = true;

	for (uint64_t i = 0; i < WORDS; i++)
		ok &= w[i] == pattern(page, i);
	fill.verified++;
	if (!ok)
		fill.wrong++;
}

/* The end of a pass over all pages. */
static void
turn(void)
{
	fill.at = 0;
	if (fill.state == FILL_WRITING) {
		fill.state = FILL_VERIFYING;
		return;
	}
	fill.round++;
	fill.state = fill.round < fill.rounds ? FILL_WRITING : FILL_DONE;
	if (fill.state == FILL_DONE)
		log_printf("fill: %lu pages, %lu rounds, %lu wrong\n",
		    fill.pages, fill.rounds, fill.wrong);
}

static bool
busy(void)
{
	return fill.state == FILL_WRITING || fill.state == FILL_VERIFYING;
}

static void
work(void)
{
	for (unsigned i = 0; i < STEP_PAGES && busy(); i++) {
		if (fill.state == FILL_WRITING)
			write_page(fill.at);
		else
			verify_page(fill.at);
		if (++fill.at == fill.pages)
			turn();
	}
}

static void
arm(void)
{
	uint64_t now = 0;

	if (!busy())
		return;
	ignore_status(clock_now(REG_CLOCK, &now, NULL, NULL));
	ignore_status(clock_alarm(REG_CLOCK, now + pause_ns, REG_ALARM));
}

/* Give back the memory of the last filling. */
static enum status
release(void)
{
	uint64_t    remaining = 1;
	enum status st = RC_OK;

	for (unsigned i = SPACE_SLOT_FIRST; i <= SPACE_SLOT_LAST; i++) {
		st = space_map(i, REG_VOID);
		if (st != RC_OK)
			return st;
	}
	while (fill.bought && remaining > 0) {
		st = bank_destroy(REG_SPACE, &remaining);
		if (st != RC_OK)
			return st;
	}
	fill.bought = false;
	return RC_OK;
}

static enum status
obtain(uint64_t mebibytes)
{
	/* Nodes take less than a thirtieth of what the pages take. */
	uint64_t    need = mebibytes * MIB_PAGES * 31 / 30 + 64;
	uint64_t    used, limit;
	enum status st;

	/* A page that cannot be bought later would be our death. */
	st = bank_figures(REG_BANK, &used, &limit, NULL, NULL);
	if (st != RC_OK)
		return st;
	if (used > limit || need > limit - used)
		return RC_LIMIT;
	st = bank_sub_bank(REG_BANK, need, REG_SPACE);
	if (st != RC_OK)
		return st;
	fill.bought = true;
	for (unsigned i = 0; i * SLOT_MIB < mebibytes; i++) {
		st = vcsk_make(
		    REG_VCSK, SPACE_SLOT_SHIFT, REG_SPACE, REG_VOID, REG_T0);
		if (st == RC_OK)
			st = space_map(SPACE_SLOT_FIRST + i, REG_T0);
		if (st != RC_OK)
			return st;
	}
	return RC_OK;
}

enum status
fill_do_start(struct request *rq, uint64_t mebibytes, uint64_t rounds)
{
	enum status st;

	(void)rq;
	if (mebibytes == 0 || mebibytes > FILL_MEBIBYTES || rounds == 0)
		return RC_ARGUMENT;
	if (busy())
		return RC_BUSY;
	st = release();
	if (st == RC_OK)
		st = obtain(mebibytes);
	if (st != RC_OK)
		return st;
	fill.state = FILL_WRITING;
	fill.pages = mebibytes * MIB_PAGES;
	fill.rounds = rounds;
	fill.round = 0;
	fill.at = 0;
	fill.written = fill.verified = fill.wrong = 0;
	arm();
	return RC_OK;
}

enum status
fill_do_stop(struct request *rq)
{
	(void)rq;
	if (busy())
		fill.state = FILL_STOPPED;
	return release();
}

enum status
fill_do_get(struct request *rq, uint64_t *state, uint64_t *written,
    uint64_t *verified, uint64_t *wrong)
{
	(void)rq;
	arm();
	*state = fill.state;
	*written = fill.written;
	*verified = fill.verified;
	*wrong = fill.wrong;
	return RC_OK;
}

int
main(void)
{
	const struct server sv = {0};
	struct request      rq;

	if (process_make_notice(REG_PROCESS, BIT_ALARM, REG_ALARM) != RC_OK) {
		log_printf("fill: no notice\n");
		ant_exit();
	}
	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_CALL) {
			rq.status = fill_serve(&rq);
		} else {
			work();
			arm();
		}
		server_next(&sv, &rq);
	}
}
