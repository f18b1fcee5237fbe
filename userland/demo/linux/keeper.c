/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The keeper of a program for Linux (D16): each system call comes as a fault
 * with all registers, and is answered with all registers.
 *
 * The program's memory is read through its process capability, node by node, so
 * that no address that it passes can do harm here.
 */
#include <errno.h>
#include <string.h>

#include "kernel/abi/discrim.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/process.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/restart.order.h"
#include "userland/rt/idl/linux.serve.h"

enum {
	DATA_CLIENT, /* Of start capabilities. */
	DATA_KEEPER,

	REG_CLIENT = REG_OWN, /* Who waits for the program's end. */

	LINUX_WRITE = 1,
	LINUX_EXIT = 60,
	LINUX_EXIT_GROUP = 231,

	LEVELS = 12, /* More nodes than a space has on any way. */
	WRITTEN = 1024,
};

static struct register_set told;
static char                written[WRITTEN];
static size_t              used;
static uint64_t            calls;
static bool                running;

/* The page at an address of the program, into REG_IN1. */
static enum status
find_page(uint64_t address)
{
	uint64_t    kind = CK_VOID, span = 0;
	enum status st = process_get(REG_IN0, SLOT_SPACE, REG_IN1);

	for (unsigned i = 0; st == RC_OK && i < LEVELS; i++) {
		st = discrim_classify(REG_DISCRIM, REG_IN1, &kind, NULL, &span);
		if (st == RC_OK && kind == CK_PAGE && address < PAGE_SIZE)
			return RC_OK;
		span += 1; /* As its data says it. */
		if (st != RC_OK || kind != CK_NODE || span >= 64 ||
		    address >> span != 0)
			return RC_NOT_FOUND;
		span -= NODE_SHIFT;
		st = node_get(REG_IN1, address >> span, REG_IN1);
		address &= (UINT64_C(1) << span) - 1;
	}
	return RC_NOT_FOUND;
}

/* What Linux's write gives: how much was taken, or an error. */
static int64_t
do_write(uint64_t address, uint64_t bytes)
{
	const size_t before = used;
	size_t       got = 1;

	while (bytes > 0 && got > 0) {
		const uint64_t offset = address % PAGE_SIZE;
		uint64_t       n = PAGE_SIZE - offset;

		if (used == WRITTEN)
			return used > before ? (int64_t)(used - before)
					     : -ENOSPC;
		n = n < bytes ? n : bytes;
		n = n < WRITTEN - used ? n : WRITTEN - used;
		if (find_page(address) != RC_OK ||
		    page_read(REG_IN1, offset, n, written + used, n, &got) !=
			RC_OK)
			return -EFAULT;
		used += got;
		address += got;
		bytes -= got;
	}
	return (int64_t)(used - before);
}

/* The program has ended, or cannot go on: nobody runs it again. */
static void
end(enum status st, uint64_t code)
{
	const uint64_t words[MESSAGE_WORDS] = {0, code, calls};

	server_answer(REG_RESUME, (enum status)RESTART_KILL, NULL, NULL, 0,
	    REG_VOID);
	server_answer(REG_CLIENT, st, words, written, used, REG_VOID);
	running = false;
}

/* A fault of the program: with luck a call. */
static void
hear(const struct request *rq)
{
	struct registers *r = &told.regs;

	if (rq->word[1] != FAULT_FOREIGN || rq->word[3] != FOREIGN_SYSCALL ||
	    rq->string_bytes != sizeof(told)) {
		end(RC_STATE, 0);
		return;
	}
	calls++;
	switch (r->rax) {
	case LINUX_EXIT:
	case LINUX_EXIT_GROUP:
		end(RC_OK, r->rdi & 0xff);
		return;
	case LINUX_WRITE:
		r->rax = (uint64_t)(r->rdi == 1 || r->rdi == 2
			? do_write(r->rsi, r->rdx)
			: -EBADF);
		break;
	default:
		r->rax = (uint64_t)-ENOSYS;
		break;
	}
	server_answer(REG_RESUME, (enum status)RESTART_ANSWER, NULL, &told,
	    sizeof(told), REG_VOID);
}

enum status
linux_do_keeper(struct request *rq)
{
	rq->out_cap[0] = REG_IN1;
	return process_make_start(REG_PROCESS, DATA_KEEPER, REG_IN1);
}

enum status
linux_do_run(struct request *rq, uint64_t *code, uint64_t *count)
{
	enum status st;

	*code = *count = 0;
	if (running)
		return RC_BUSY;
	used  = 0;
	calls = 0;
	st    = process_start(REG_IN0);
	if (st == RC_OK)
		st = request_keep(rq, REG_CLIENT);
	running = st == RC_OK;
	return st;
}

int
main(void)
{
	const struct server sv = {
	    .receive = &told,
	    .receive_limit = sizeof(told),
	};
	struct request rq;

	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_CALL && rq.data == DATA_KEEPER) {
			hear(&rq);
			rq.kept = true; /* It is answered. */
		} else if (rq.source == FROM_CALL) {
			rq.status = linux_serve(&rq);
		}
		server_next(&sv, &rq);
	}
}
