/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * S3: two persistent processes wait for the boot range when the power is cut.
 * The waiter has called the mover, which is persistent too, and which has put
 * the right to answer into a node of the boot range. The faulter has faulted,
 * and its keeper is of the boot range. At the first boot nobody answers.
 */
#include "kernel/abi/kinfo.stub.h"
#include "kernel/abi/process.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/restart.stub.h"
#include "userland/rt/exit.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/log.h"
#include "userland/rt/server.h"

/* The argument in system.dts. */
enum role {
	ROLE_HOLDER = 1, /* Gives whoever asks its node. */
	ROLE_KEEPER,
	ROLE_MOVER,
	ROLE_WAITER,
	ROLE_FAULTER,
	ROLE_KILLER, /* Kills what would have answered. */
	ROLE_CLIENT,
};

enum {
	R_PEER = REG_OWN,  /* Whom it calls; the keeper's kinfo. */
	R_KEPT,            /* What it got. */
	FAULT_LENGTH = 2,  /* Of UD2. */
	STATE_WORDS = 24,  /* What get_registers gives. */
	STATE_RIP = 17,
	FRAMES = 8, /* Of what the killer builds. */
	FIRST_BOOT = 2, /* The builder's generation counts as boot 1. */
};

/* The holder's answer is its node. */
static void
hold(struct request *rq)
{
	rq->status     = RC_OK;
	rq->out_cap[0] = REG_NODE;
}

static uint64_t
boot_number(void)
{
	uint64_t boot = 0;

	ignore_status(kinfo_features(R_PEER, NULL, &boot, NULL, NULL));
	return boot;
}

/* Behind the instruction that faulted. */
static enum status
skip(void)
{
	uint64_t    r[STATE_WORDS];
	size_t      got;
	enum status st  = process_get_registers(REG_IN0, r, sizeof(r), &got);

	if (st != RC_OK)
		return st;
	r[STATE_RIP] += FAULT_LENGTH;
	return process_set_registers(REG_IN0, r, sizeof(r));
}

static void
keep(struct request *rq)
{
	log_printf("outside: fault %u told in boot %u", (unsigned)rq->word[1],
	    (unsigned)boot_number());
	if (boot_number() > FIRST_BOOT &&
	    (skip() != RC_OK || restart_retry(REG_RESUME) != RC_OK))
		log_printf("outside: the keeper cannot");
	if (request_keep(rq, R_KEPT) == RC_OK && boot_number() == FIRST_BOOT)
		log_printf("outside: fault kept");
}

/* The right to answer goes into a node of a bank of its own, which dies. */
static void
kill(struct request *rq)
{
	uint64_t remaining = 1;

	if (bank_sub_bank(REG_BANK, FRAMES, R_PEER) != RC_OK ||
	    bank_node(R_PEER, R_KEPT) != RC_OK ||
	    request_keep_slot(rq, R_KEPT, 0) != RC_OK)
		log_printf("outside: nothing to be killed");
	while (remaining != 0)
		if (bank_kill(R_PEER, &remaining) != RC_OK)
			remaining = 0;
}

static void
move(struct request *rq)
{
	struct message m = {
	    .control = control_make(INVOKE_CALL, R_PEER) |
		CONTROL_RECEIVE(0, R_KEPT),
	};

	if (ant_call(&m) != RC_OK || request_keep_slot(rq, R_KEPT, 0) != RC_OK)
		log_printf("outside: not moved");
	else
		log_printf("outside: moved");
}

static _Noreturn void
serve(void (*answer)(struct request *rq))
{
	const struct server sv = {0};
	struct request      rq;

	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_CALL)
			answer(&rq);
		server_next(&sv, &rq);
	}
}

int
main(void)
{
	struct message m = {.control = control_make(INVOKE_CALL, R_PEER)};

	switch ((enum role)ant_argument) {
	case ROLE_HOLDER:
		serve(hold);
	case ROLE_KEEPER:
		serve(keep);
	case ROLE_MOVER:
		serve(move);
	case ROLE_KILLER:
		serve(kill);
	case ROLE_CLIENT:
		log_printf("outside: the client got %u", (unsigned)ant_call(&m));
		break;
	case ROLE_WAITER:
		log_printf("outside: the waiter got %u", (unsigned)ant_call(&m));
		break;
	case ROLE_FAULTER:
		__asm__ volatile("ud2");
		log_printf("outside: the faulter goes on");
		break;
	}
	ant_exit();
}
