/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The store's administration: what the shell asks (userland/rt/idl/store.idl).
 */
#include "userland/rt/idl/store.h"
#include "kernel/abi/clock.stub.h"
#include "kernel/abi/node.stub.h"
#include "persist/store/guest/guest.h"
#include "userland/rt/idl/store.serve.h"

static const uint64_t ns_in_s = 1000000000, day_ms = 86400000;

static bool
may_control(const struct request *rq)
{
	return rq->data == STORE_CONTROL;
}

/* Keep the right to answer until the next commit that begins from here on. */
static enum status
keep(struct request *rq, bool halt)
{
	for (unsigned k = 0; k < KEPT; k++) {
		enum status st;

		if (guest.kept[k].waiting)
			continue;
		st = request_keep(rq, REG_IN0);
		if (st == RC_OK)
			st = node_swap(
			    REG_NODE, NODE_KEPT + k, REG_IN0, REG_VOID);
		if (st != RC_OK)
			return st;
		guest.kept[k].waiting = true;
		guest.kept[k].next    = true;
		guest.kept[k].halt    = halt;
		guest.snapshot_wanted = true;
		return RC_OK;
	}
	return RC_BUSY;
}

static enum status
commit_for(struct request *rq, bool halt)
{
	if (!may_control(rq))
		return RC_RIGHTS;
	if (guest.store == NULL || store_mounted(guest.store) != RC_OK ||
	    guest.halted)
		return RC_STATE;
	return keep(rq, halt);
}

enum status
store_do_checkpoint(struct request *rq, uint64_t *generation)
{
	*generation = 0; /* The answer that is kept has it. */
	return commit_for(rq, false);
}

enum status
store_do_halt(struct request *rq, uint64_t *generation)
{
	*generation = 0;
	return commit_for(rq, true);
}

enum status
store_do_schedule(struct request *rq, uint64_t milliseconds, uint64_t *former)
{
	if (!may_control(rq))
		return RC_RIGHTS;
	if (milliseconds > day_ms)
		return RC_ARGUMENT;
	*former           = guest.schedule_ms;
	guest.schedule_ms = milliseconds;
	guest.due         = 0; /* Planned anew with the new interval, */
	/* by the loop, which else would sleep on: half the credits wake it. */
	if (node_get(REG_NODE, NODE_ALARM, REG_IN0) == RC_OK)
		ignore_status(clock_alarm(REG_CLOCK, clock_ns(), REG_IN0));
	return RC_OK;
}

/*
 * The index-th of those that may still be opened, newest first: a condemned
 * one goes with the next commit. Gives their number.
 */
static bool
find_generation(uint64_t index, uint64_t *count, struct generation *out)
{
	struct generation g;
	bool              found = false;
	unsigned          n     = 0;

	*count = 0;
	while (store_generation(guest.store, n, &g))
		n++;
	while (n-- > 0) {
		if (!store_generation(guest.store, n, &g) ||
		    g.flags & GEN_CONDEMNED)
			continue;
		if ((*count)++ == index) {
			*out  = g;
			found = true;
		}
	}
	return found;
}

enum status
store_do_generation(struct request *rq, uint64_t index, uint64_t *count)
{
	struct store_figures    f;
	struct generation       g;
	struct store_generation out = {0};

	if (guest.store == NULL || store_mounted(guest.store) != RC_OK)
		return RC_NOT_FOUND;
	store_figures(guest.store, &f);
	if (!find_generation(index, count, &g))
		return RC_NOT_FOUND;
	out.number = g.number;
	out.wall   = g.time * ns_in_s;
	out.blocks = g.blocks;
	out.boot   = (uint32_t)g.boot;
	out.flags  = g.number == f.generation ? STORE_CURRENT : 0;
	if (g.number == guest.booted)
		out.flags |= STORE_BOOTED;
	if (g.flags & GEN_PINNED)
		out.flags |= STORE_PINNED;
	__builtin_memcpy(rq->out_string, &out, sizeof(out));
	rq->out_bytes = sizeof(out);
	return RC_OK;
}

static enum store_state
state(const struct store_figures *f)
{
	if (guest.halted)
		return STORE_HALTED;
	if (guest.store == NULL)
		return STORE_SEARCHING;
	if (f->failed)
		return STORE_NO_VOLUME;
	if (!f->open)
		return STORE_SEARCHING;
	return guest.committing ? STORE_COMMITTING : STORE_OPEN;
}

enum status
store_do_status(struct request *rq)
{
	struct store_figures f   = {0};
	struct store_status  out = {0};

	if (guest.store != NULL)
		store_figures(guest.store, &f);
	out.generation   = f.generation;
	out.blocks       = f.blocks;
	out.free         = f.free;
	out.live         = f.live;
	out.credits      = f.credits;
	out.credits_used = guest.pager->credits_used;
	out.sellable     = f.sellable;
	out.checkpoints  = guest.checkpoints;
	out.last_ns      = guest.last_ns;
	out.schedule_ms  = guest.schedule_ms;
	out.pages_in     = guest.pages_in;
	out.pages_out    = guest.pages_out;
	out.errors       = guest.errors;
	out.booted       = guest.booted;
	out.booted_wall  = guest.booted_wall;
	out.boot         = f.boot;
	out.state        = state(&f);
	__builtin_memcpy(out.volume, f.volume, sizeof(out.volume));
	__builtin_memcpy(out.remark, guest.remark, sizeof(out.remark));
	__builtin_memcpy(rq->out_string, &out, sizeof(out));
	rq->out_bytes = sizeof(out);
	return RC_OK;
}
