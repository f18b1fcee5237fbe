/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Starts a domain again that has faulted, at its entry and with its memory as
 * it is: a persistent domain finds there what it was doing. A keeper's start
 * capability has as data the pages of the domain's stack, which begins anew.
 *
 * A domain that faults FAULTS_MOST times within FAULTS_NS stays faulted, for
 * ps to show.
 */
#include <string.h>

#include "kernel/abi/clock.stub.h"
#include "kernel/abi/process.h"
#include "kernel/abi/process.stub.h"
#include "userland/rt/build.h"
#include "userland/rt/log.h"
#include "userland/rt/registers.h"
#include "userland/rt/server.h"

enum {
	FAULTS_MOST = 5,
	KEPT = 32, /* Stacks have at most as many pages. */
};

#define FAULTS_NS UINT64_C(10000000000)

/* As Process.get_registers gives them. */
struct start_registers {
	struct registers regs;
	uint64_t         fs_base, gs_base;
};

/* When a domain faulted. */
static struct kept {
	uint64_t since;
	unsigned faults;
} kept[KEPT];

/* Too often? Domains are told apart by the number of their stack pages. */
static bool
too_often(unsigned which)
{
	struct kept *k = &kept[which % KEPT];
	uint64_t     now = 0;

	ignore_status(clock_now(REG_CLOCK, &now, NULL, NULL));
	if (now < k->since || now - k->since > FAULTS_NS) {
		k->since = now;
		k->faults = 0;
	}
	return ++k->faults > FAULTS_MOST;
}

/* Only the stack and the place of execution begin anew. */
static enum status
start_again(unsigned stack_pages)
{
	struct start_registers r;
	size_t                 n = 0;
	enum status            st;

	st = process_get_registers(REG_IN0, &r, sizeof(r), &n);
	if (st == RC_OK && n != sizeof(r))
		st = RC_STRING;
	if (st != RC_OK)
		return st;
	memset(&r.regs, 0, sizeof(r.regs));
	r.regs.rip = ELF_LOWEST; /* Where domain.ld puts _start. */
	r.regs.rsp = BUILD_STACK + (uint64_t)stack_pages * PAGE_SIZE;
	st = process_set_registers(REG_IN0, &r, sizeof(r));
	return st != RC_OK ? st : process_start(REG_IN0);
}

static void
fault(const struct request *rq)
{
	enum status st = RC_LIMIT;

	if (!too_often(rq->data))
		st = start_again(rq->data);
	log_printf("warden: fault %lu at %lx, pc %lx: %s\n", rq->word[1],
	    rq->word[2], rq->word[4],
	    st == RC_OK          ? "started again"
		: st == RC_LIMIT ? "too often; it stays as it is"
				 : "it cannot be started");
}

int main(void);

int
main(void)
{
	static const struct server sv = {0};
	struct request             rq;

	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_CALL && rq.word[0] == KEEPER_PROCESS &&
		    request_has_cap(&rq, 0)) {
			fault(&rq);
			/* The right to resume it is not used. */
			rq.kept = true;
		} else {
			rq.status = RC_ORDER;
		}
		server_next(&sv, &rq);
	}
}
