/* SPDX-License-Identifier: BSD-2-Clause */
/* Process: control of a node and a state page that run. */
#include "kernel/method/proto.h"
#include "kernel/method/target.h"
#include "kernel/object/deliver.h"
#include "kernel/object/known.h"
#include "kernel/object/outside.h"
#include "kernel/object/ref.h"

/* The kinds that a fixed slot takes; void always. */
static bool
slot_takes(unsigned slot, unsigned kind)
{
	switch (slot) {
	case SLOT_SPACE:
		return kind == CK_VOID || kind == CK_NODE ||
		    kind == CK_GUARD || kind == CK_PAGE;
	case SLOT_KEEPER:
		return kind == CK_VOID || kind == CK_START ||
		    kind == CK_BOOTSVC;
	case SLOT_SCHEDULE:
		return kind == CK_VOID || kind == CK_SCHEDULE;
	case SLOT_IO:
		return kind == CK_VOID || kind == CK_PORTS;
	default:
		return true;
	}
}

enum status
method_process_get(struct invocation *inv, uint64_t slot)
{
	enum status st;

	if (slot >= SLOT_STATE)
		return RC_ARGUMENT;
	if (slot == SLOT_BRAND)
		return RC_RIGHTS; /* Its product shall not brand others. */
	st = target_prepare(inv);
	if (st == RC_OK)
		st = outside_prepare_result(inv, &cpu.other.slot[slot]);
	if (st != RC_OK)
		return st;
	inv_commit(inv);
	outside_commit_result(inv, &cpu.other.slot[slot]);
	inv->out_cap[0] = cpu.other.slot[slot];
	return RC_OK;
}

enum status
method_process_swap(struct invocation *inv, uint64_t slot)
{
	const struct cap new = ref_stored(&inv->cap[0]);
	enum status      st;

	if (slot == 0 || slot >= SLOT_STATE)
		return RC_ARGUMENT;
	if (!slot_takes((unsigned)slot, new.type))
		return RC_CAPABILITY;
	st = target_prepare(inv);
	if (st == RC_OK)
		st = outside_prepare_store(&new, cpu.other.node);
	if (st == RC_OK)
		st = outside_prepare_result(inv, &cpu.other.slot[slot]);
	if (st != RC_OK)
		return st;
	if (slot == SLOT_BRAND && cpu.other.slot[slot].type != CK_VOID)
		return RC_STATE;
	inv_commit(inv);
	outside_commit_store(&new, cpu.other.node);
	outside_commit_result(inv, &cpu.other.slot[slot]);
	inv->out_cap[0] = cpu.other.slot[slot];
	process_put(&cpu.other, (unsigned)slot, &new);
	return RC_OK;
}

enum status
method_process_get_registers(struct invocation *inv)
{
	struct register_set *out = (void *)inv->out_string;
	enum status          st  = target_prepare(inv);

	if (st != RC_OK)
		return st;
	inv_commit(inv);
	if (target_asks())
		hal_process_sync(cpu.other.state);
	out->regs      = cpu.other.state->regs;
	out->fs_base   = cpu.other.state->fs_base;
	out->gs_base   = cpu.other.state->gs_base;
	inv->out_bytes = sizeof(*out);
	return RC_OK;
}

enum status
method_process_set_registers(struct invocation *inv)
{
	struct register_set in;
	struct activity    *a;
	enum status         st = target_prepare(inv);

	if (st != RC_OK)
		return st;
	if (target_asks())
		return RC_BUSY; /* Its own reply would be lost in them. */
	memcpy(&in, inv->string, sizeof(in));
	inv_commit(inv);
	a = process_activity(&cpu.other);
	if (a != NULL) { /* It may do something else now. */
		sched_turn_over(a);
		a->retries = 0;
	}
	cpu.other.state->regs      = in.regs;
	cpu.other.state->regs.trap = TRAP_INTERRUPT;
	if (cpu.other.state->state == PS_RUNNING)
		cpu.other.state->fault = FAULT_NONE; /* Nobody knows of it. */
	cpu.other.state->fs_base   = in.fs_base;
	cpu.other.state->gs_base   = in.gs_base;
	cpu.other.state_frame->flags &= (uint16_t)~(FF_FORCED | FF_LENT);
	known_forget(&cpu.other);
	return RC_OK;
}

enum status
method_process_start(struct invocation *inv)
{
	struct activity *a;
	enum status      st = target_prepare(inv);

	if (st != RC_OK)
		return st;
	if (cpu.other.state->state == PS_RUNNING)
		return RC_OK;
	st = deliver_activity(false, &a);
	if (st != RC_OK)
		return st;
	inv_commit(inv);
	cpu.other.state->state = PS_RUNNING;
	cpu.other.state->fault = FAULT_NONE;
	deliver_ready(a);
	return RC_OK;
}

/*
 * It has become available: a notice that is pending wakes it, otherwise the
 * first in its queue gets the turn.
 */
static void
make_available(struct process *p)
{
	struct activity *a = process_activity(p);

	p->state->state = PS_AVAILABLE;
	p->state->fault = FAULT_NONE;
	p->state_frame->flags &= (uint16_t)~FF_LENT;
	if (a != NULL) {
		sched_turn_over(a);
		outside_forget(a);
		if (a->notices != 0 || p->state->notices != 0) {
			sched_ready(a);
			return;
		}
		activity_release(a, true);
	}
	wait_wake_one(WAIT_PROCESS, process_oid(p).v);
}

enum status
method_process_stop(struct invocation *inv)
{
	enum status st = target_prepare(inv);

	if (st != RC_OK)
		return st;
	if (target_asks())
		return RC_BUSY;
	inv_commit(inv);
	make_available(&cpu.other);
	return RC_OK;
}

enum status
method_process_make_start(struct invocation *inv, uint64_t data)
{
	if (data > UINT16_MAX)
		return RC_ARGUMENT;
	inv_commit(inv);
	inv->out_cap[0]        = inv->self.cap;
	inv->out_cap[0].type   = CK_START;
	inv->out_cap[0].rights = 0;
	inv->out_cap[0].data   = (uint16_t)data;
	return RC_OK;
}

/* S2: what may be woken by a notice has an activity of its own. */
enum status
method_process_make_notice(struct invocation *inv, uint64_t bit)
{
	struct activity *a;
	enum status      st;

	if (bit >= NOTICE_BITS)
		return RC_ARGUMENT;
	st = target_prepare(inv);
	if (st != RC_OK)
		return st;
	a = process_activity(&cpu.other);
	if (a == NULL)
		a = activity_alloc(
		    process_oid(&cpu.other), cpu.other.header->count);
	if (a == NULL)
		return RC_NO_MEMORY;
	process_set_activity(&cpu.other, a);
	inv_commit(inv);
	activity_hash(a);
	activity_touch(a);
	a->flags |= AF_NOTICE;
	process_take_schedule(&cpu.other, a);
	if (a->state == KA_RESERVED &&
	    cpu.other.state->state == PS_AVAILABLE)
		a->flags |= AF_AVAILABLE;
	inv->out_cap[0]        = inv->self.cap;
	inv->out_cap[0].type   = CK_NOTICE;
	inv->out_cap[0].rights = 0;
	inv->out_cap[0].data   = (uint16_t)bit;
	return RC_OK;
}

enum status
method_process_state(struct invocation *inv)
{
	enum status st = target_prepare(inv);

	if (st != RC_OK)
		return st;
	inv_commit(inv);
	inv->out_word[1] = cpu.other.state->state;
	inv->out_word[2] = cpu.other.state->fault;
	inv->out_word[3] = cpu.other.state->fault_address;
	inv->out_word[4] = cpu.other.state->ticks;
	return RC_OK;
}

enum status
method_process_name(struct invocation *inv)
{
	enum status st = target_prepare(inv);

	if (st != RC_OK)
		return st;
	inv_commit(inv);
	memset(cpu.other.state->name, 0, sizeof(cpu.other.state->name));
	memcpy(cpu.other.state->name, inv->string, inv->string_bytes);
	return RC_OK;
}

enum status
method_process_set_foreign(struct invocation *inv, uint64_t on)
{
	enum status st;

	if (on > 1)
		return RC_ARGUMENT;
	st = target_prepare(inv);
	if (st != RC_OK)
		return st;
	if (target_asks())
		return RC_BUSY;
	inv_commit(inv);
	cpu.other.header->flags &= (uint8_t)~PF_FOREIGN;
	if (on != 0)
		cpu.other.header->flags |= PF_FOREIGN;
	known_forget(&cpu.other);
	return RC_OK;
}
