/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/timer/clients.h"

#include "kernel/abi/forwarder.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.stub.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/idl/timer.serve.h"

static bool given[TIMES_CLIENTS];

bool
client_is(unsigned number)
{
	return number == 0 || (number < TIMES_CLIENTS && given[number]);
}

/* A forwarder to us, in its place; the handle comes into REG_IN0. */
static enum status
make(unsigned number)
{
	enum status st = shelf_room(&shelf, PLACE_CLIENT + number);

	if (st == RC_OK)
		st = bank_node(REG_BANK, REG_IN0);
	if (st != RC_OK)
		return st;
	st = node_make_forwarder(REG_IN0, REG_IN0);
	if (st == RC_OK)
		st = process_make_start(REG_PROCESS, (uint16_t)number, REG_IN1);
	if (st == RC_OK)
		st = forwarder_set_target(REG_IN0, REG_IN1, REG_VOID);
	if (st == RC_OK)
		st = shelf_put(&shelf, PLACE_CLIENT + number, REG_IN0);
	if (st == RC_OK)
		return forwarder_opaque(REG_IN0, 0, REG_IN0);
	ignore_status(bank_free(REG_BANK, REG_IN0));
	return st;
}

enum status
timer_do_client(struct request *rq, uint64_t *number)
{
	enum status st;
	unsigned    i = 1;

	if (rq->data != 0)
		return RC_RIGHTS;
	while (i < TIMES_CLIENTS && given[i])
		i++;
	if (i == TIMES_CLIENTS)
		return RC_LIMIT;
	st = make(i);
	if (st != RC_OK)
		return st;
	given[i] = true;
	rq->out_cap[0] = REG_IN0;
	*number = i;
	return RC_OK;
}

enum status
timer_do_leave(struct request *rq, uint64_t number)
{
	enum status st;

	if (rq->data != 0)
		return RC_RIGHTS;
	if (number == 0 || number >= TIMES_CLIENTS || !given[number])
		return RC_NOT_FOUND;
	st = shelf_get(&shelf, PLACE_CLIENT + (unsigned)number, REG_IN0);
	if (st == RC_OK)
		st = bank_free(REG_BANK, REG_IN0);
	if (st != RC_OK)
		return st;
	ignore_status(
	    shelf_put(&shelf, PLACE_CLIENT + (unsigned)number, REG_VOID));
	given[number] = false;
	forget_client((unsigned)number);
	return RC_OK;
}
