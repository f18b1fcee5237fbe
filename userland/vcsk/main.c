/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtual-copy keeper. Clients call `make`; the kernel calls with faults,
 * through start capabilities whose data says so and which only guards hold.
 */
#include "kernel/abi/cap.h"
#include "kernel/abi/discrim.stub.h"
#include "kernel/abi/guard.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/process.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/restart.order.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/idl/vcsk.serve.h"
#include "userland/rt/log.h"
#include "userland/vcsk/copy.h"

enum {
	REG_GUARD = REG_OWN,
	REG_TEMP = REG_OWN + 1,
};

static bool
span_ok(uint64_t span)
{
	return span >= COPY_SPAN_LEAST && span <= COPY_SPAN_MOST &&
	    (span - COPY_SPAN_LEAST) % NODE_SHIFT == 0;
}

/* Nobody shall write to the original through the copy. */
static enum status
freeze_original(capreg original)
{
	const unsigned frozen = CR_READ_ONLY | CR_WEAK;
	uint64_t       kind;
	enum status    st;

	st = discrim_classify(REG_DISCRIM, original, &kind, NULL, NULL);
	if (st != RC_OK)
		return st;
	if (kind == CK_VOID)
		return RC_OK;
	if (kind == CK_PAGE)
		return page_restrict(original, frozen, original);
	if (kind == CK_NODE)
		return node_restrict(original, frozen, original);
	return RC_CAPABILITY;
}

/* What a guard holds; the node lost its content when it became one. */
static enum status
fill_guard(capreg guard, uint64_t span)
{
	enum status st;

	st = process_make_start(REG_PROCESS, COPY_KEEPER + span, REG_TEMP);
	if (st == RC_OK)
		st = guard_swap(guard, COPY_SELF, REG_TEMP, REG_VOID);
	if (st == RC_OK)
		st = guard_swap(guard, COPY_BANK, REG_IN0, REG_VOID);
	if (st == RC_OK)
		st = guard_swap(guard, COPY_ORIGINAL, REG_IN1, REG_VOID);
	return st;
}

/* A bank that does not answer would stop this domain, and all it keeps. */
static enum status
check_bank(void)
{
	uint64_t    genuine = 0;
	enum status st = bank_verify(REG_BANK, REG_IN0, &genuine);

	return st == RC_OK && genuine != 1 ? RC_CAPABILITY : st;
}

enum status
vcsk_do_make(struct request *rq, uint64_t span)
{
	enum status st;

	if (!span_ok(span))
		return RC_ARGUMENT;
	st = check_bank();
	if (st == RC_OK)
		st = freeze_original(REG_IN1);
	if (st != RC_OK)
		return st;
	st = bank_node(REG_IN0, REG_GUARD);
	if (st != RC_OK)
		return st;
	st = node_make_guard(REG_GUARD, span, REG_GUARD);
	if (st == RC_OK)
		st = fill_guard(REG_GUARD, span);
	if (st == RC_OK)
		st = guard_restrict(REG_GUARD, CR_OPAQUE, REG_GUARD);
	if (st != RC_OK) {
		ignore_status(bank_free(REG_IN0, REG_GUARD));
		return st;
	}
	rq->out_cap[0] = REG_GUARD;
	return RC_OK;
}

/* Only this domain can make the capability that opens its guards. */
enum status
vcsk_do_freeze(struct request *rq, uint64_t span)
{
	uint64_t    kind;
	enum status st;

	if (!span_ok(span))
		return RC_ARGUMENT;
	st = discrim_classify(REG_DISCRIM, REG_IN0, &kind, NULL, NULL);
	if (st == RC_OK && kind != CK_GUARD)
		st = RC_CAPABILITY; /* It is not called: it might not answer. */
	if (st == RC_OK)
		st = process_make_start(
		    REG_PROCESS, COPY_KEEPER + span, REG_TEMP);
	if (st == RC_OK)
		st = guard_open(REG_IN0, REG_TEMP, REG_IN0);
	if (st != RC_OK)
		return st;
	rq->out_cap[0] = REG_RT;
	return copy_freeze(REG_IN0, (unsigned)span, REG_RT);
}

/* The answer is an order to the restart capability. */
static enum status
fault(const struct request *rq)
{
	enum status st = RC_RIGHTS;

	if (rq->word[0] == KEEPER_SEGMENT &&
	    (rq->word[1] == FAULT_UNMAPPED || rq->word[1] == FAULT_ACCESS))
		st = copy_fault(REG_IN0, rq->data & COPY_SPAN_MASK, rq->word[2],
		    (unsigned)rq->word[3]);
	if (st == RC_OK)
		return (enum status)RESTART_RETRY;
	log_printf("vcsk: fault %lu at %lx, pc %lx: cannot help (%d)\n",
	    rq->word[1], rq->word[2], rq->word[4], (int)st);
	return (enum status)RESTART_KILL;
}

int
main(void)
{
	const struct server sv = {0};
	struct request      rq;

	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_CALL) {
			if ((rq.data & COPY_KEEPER) != 0)
				rq.status = fault(&rq);
			else
				rq.status = vcsk_serve(&rq);
		}
		server_next(&sv, &rq);
	}
}
