/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/lib/foreign.h"

#include "kernel/abi/cap.h"
#include "kernel/abi/discrim.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/page.stub.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/restart.order.h"
#include "userland/rt/idl/foreign.serve.h"
#include "userland/rt/server.h"

enum {
	DATA_CLIENT, /* Of start capabilities. */
	DATA_KEEPER,

	REG_CLIENT = REG_OWN, /* Who waits for the program's end. */

	LEVELS = 12, /* More nodes than a space has on any way. */
};

static struct {
	struct register_set told;
	char                said[FOREIGN_SAID];
	size_t              used;
	uint64_t            calls, way;
	foreign_call        call;
	bool                running;
} keeper;

/* --- The program's memory ------------------------------------------------- */

/*
 * The page at an address of the program into REG_IN1, and the rights that are
 * lost on the way. Who has got the keeper's capability may send what he likes
 * in the place of the process; what is not one is not called, for it might
 * never answer.
 */
static enum status
find_page(uint64_t address, uint64_t *lost)
{
	uint64_t    kind = CK_VOID, rights = 0, span = 0;
	enum status st = discrim_classify(
	    REG_DISCRIM, REG_IN0, &kind, NULL, NULL);

	if (st == RC_OK && kind != CK_PROCESS)
		st = RC_CAPABILITY;
	if (st == RC_OK)
		st = process_get(REG_IN0, SLOT_SPACE, REG_IN1);
	*lost = 0;
	for (unsigned i = 0; st == RC_OK && i < LEVELS; i++) {
		st = discrim_classify(
		    REG_DISCRIM, REG_IN1, &kind, &rights, &span);
		*lost |= rights;
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

/* As much as one page has of `bytes` bytes. */
static size_t
within_page(uint64_t address, size_t bytes)
{
	const size_t most = PAGE_SIZE - address % PAGE_SIZE;

	return bytes < most ? bytes : most;
}

enum status
foreign_read(void *to, uint64_t address, size_t bytes)
{
	for (size_t done = 0, n; done < bytes; done += n) {
		const uint64_t at = address + done;
		uint64_t       lost;

		n = within_page(at, bytes - done);
		if (find_page(at, &lost) != RC_OK ||
		    page_read(REG_IN1, at % PAGE_SIZE, n, (char *)to + done, n,
			NULL) != RC_OK)
			return RC_NOT_FOUND;
	}
	return RC_OK;
}

enum status
foreign_write(uint64_t address, const void *from, size_t bytes)
{
	for (size_t done = 0, n; done < bytes; done += n) {
		const uint64_t at = address + done;
		uint64_t       lost;

		n = within_page(at, bytes - done);
		if (find_page(at, &lost) != RC_OK)
			return RC_NOT_FOUND;
		if ((lost & (CR_READ_ONLY | CR_WEAK)) != 0)
			return RC_RIGHTS;
		if (page_write(REG_IN1, at % PAGE_SIZE,
			(const char *)from + done, n) != RC_OK)
			return RC_NOT_FOUND;
	}
	return RC_OK;
}

size_t
foreign_room(void)
{
	return FOREIGN_SAID - keeper.used;
}

enum status
foreign_say(uint64_t address, size_t bytes)
{
	enum status st = RC_LIMIT;

	if (bytes <= foreign_room())
		st = foreign_read(keeper.said + keeper.used, address, bytes);
	if (st == RC_OK)
		keeper.used += bytes;
	return st;
}

/* --- Its calls ------------------------------------------------------------ */

/* The program has ended, or cannot go on: nobody runs it again. */
static void
end(struct request *rq, enum status st, uint64_t code)
{
	const uint64_t words[MESSAGE_WORDS] = {0, code, keeper.calls};

	server_answer(
	    REG_RESUME, (enum status)RESTART_KILL, NULL, NULL, 0, REG_VOID);
	server_answer(
	    REG_CLIENT, st, words, keeper.said, keeper.used, REG_VOID);
	keeper.running = false;
	rq->kept = true; /* It is answered. */
}

/* A fault of the program: with luck a call. */
static void
hear(struct request *rq)
{
	uint64_t code = 0;

	if (rq->word[1] != FAULT_FOREIGN || rq->word[3] != keeper.way ||
	    rq->string_bytes != sizeof(keeper.told)) {
		end(rq, RC_STATE, 0);
		return;
	}
	keeper.calls++;
	if (!keeper.call(&keeper.told, &code)) {
		end(rq, RC_OK, code);
		return;
	}
	/* Answered with the next wait, in one invocation. */
	rq->status = (enum status)RESTART_ANSWER;
	rq->whole = true;
	rq->out_string = &keeper.told;
	rq->out_bytes = sizeof(keeper.told);
}

enum status
foreign_do_keeper(struct request *rq)
{
	rq->out_cap[0] = REG_IN1;
	return process_make_start(REG_PROCESS, DATA_KEEPER, REG_IN1);
}

enum status
foreign_do_run(struct request *rq, uint64_t *code, uint64_t *calls)
{
	enum status st;

	*code = *calls = 0;
	if (keeper.running)
		return RC_BUSY;
	keeper.used = 0;
	keeper.calls = 0;
	st = process_start(REG_IN0);
	if (st == RC_OK)
		st = request_keep(rq, REG_CLIENT);
	keeper.running = st == RC_OK;
	return st;
}

void
foreign_keep(uint64_t way, foreign_call call)
{
	const struct server sv = {
	    .receive = &keeper.told,
	    .receive_limit = sizeof(keeper.told),
	};
	struct request rq;

	keeper.way = way;
	keeper.call = call;
	server_wait(&sv, &rq);
	for (;;) {
		if (rq.source == FROM_CALL && rq.data == DATA_KEEPER)
			hear(&rq);
		else if (rq.source == FROM_CALL)
			rq.status = foreign_serve(&rq);
		server_next(&sv, &rq);
	}
}
