/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Handing a message, and the processor, to another process.
 */
#include "kernel/object/deliver.h"
#include "kernel/object/cpu.h"
#include "kernel/object/outside.h"

/*
 * Does an answer lie ready for it (F1)? That it is to be told of a restart is
 * none: a reply that comes before that is better.
 */
static bool
is_answered(const struct activity *a)
{
	return a != NULL && (a->flags & AF_PARCEL ||
	    (a->flags & AF_RESTART && a->answer != ANSWER_RESTARTED));
}

/* Is this resume or restart capability the one that p waits with (F1)? */
static bool
awaits(const struct process *p, const struct cap *c)
{
	bool faulted = p->state->fault != FAULT_NONE;

	return p->state->state == PS_WAITING &&
	    p->state->call_number == cap_call_number(c) &&
	    faulted == (c->type == CK_RESTART) &&
	    !is_answered(process_activity(p));
}

/* An available process whose notices wait to be delivered is not free. */
static bool
is_free(const struct process *p)
{
	struct activity *a;

	if (p->state->state != PS_AVAILABLE)
		return false;
	a = process_activity(p);
	return a == NULL || a->state == KA_RESERVED;
}

enum status
deliver_target(const struct ref *to, bool waits)
{
	struct process *p        = &cpu.other;
	bool            resident = cpu.current->header->flags & PF_RESIDENT;
	enum status     st;

	st = process_prepare(to->frame, to->index, p);
	if (st == RC_STATE)
		return RC_VOID;
	if (st != RC_OK)
		return st;
	if (to->kind != CK_START)
		return awaits(p, &to->cap) ? RC_OK : RC_VOID;
	if (resident && waits && !(p->header->flags & PF_RESIDENT))
		return RC_NOT_RESIDENT;
	if (p->state == cpu.current->state)
		return RC_BUSY; /* To itself: it would wait for ever. */
	if (is_free(p))
		return RC_OK;
	if (resident && !(p->header->flags & PF_RESIDENT))
		return RC_NOT_RESIDENT;
	return wait_on(WAIT_PROCESS, process_oid(p).v);
}

/* The activity of a process that is about to run. */
static void
begin(struct activity *a, const struct process *p)
{
	if (a->flags & AF_OUTSIDE)
		outside_forget(a);
	process_take_schedule(p, a);
	a->retries  = 0;
}

void
deliver_ready(struct activity *a)
{
	begin(a, &cpu.other);
	sched_ready(a);
}

enum status
deliver_activity(bool moves, struct activity **out)
{
	struct process  *to = &cpu.other;
	struct activity *a  = process_activity(to);

	if (a == NULL && moves && !(cpu.activity->flags & AF_RESERVED)) {
		*out = NULL; /* The loaded process's own will move on. */
		return RC_OK;
	}
	if (a == NULL) {
		a = activity_alloc(process_oid(to), to->header->count);
		if (a == NULL)
			return wait_on(WAIT_MEMORY, 0);
		process_set_activity(to, a);
	}
	*out = a;
	return RC_OK;
}

struct cap
deliver_wait(struct process *p, enum cap_kind kind)
{
	p->state->state       = PS_WAITING;
	p->state->call_number = cpu_next_call();
	return process_resume(p, kind, cpu.call_number);
}

void
deliver_switch(struct activity *a, bool available)
{
	struct activity *mine = cpu.activity;
	struct process  *to   = &cpu.other;
	oid              me   = process_oid(cpu.current);
	bool             pending;
	enum status      st;

	pending = available &&
	    (mine->notices != 0 || cpu.current->state->notices != 0);
	if (a == NULL) {
		activity_move(mine, process_oid(to), to->header->count);
		process_hand_activity(cpu.current, to, mine);
		a = mine;
	} else if (pending) {
		sched_ready(mine);
	} else {
		activity_release(mine, available);
	}
	if (available && !pending)
		wait_wake_one(WAIT_PROCESS, me.v);
	begin(a, to);
	cpu.activity = NULL;
	/* It may be queued, to be told of a restart: then it is taken off there. */
	if (sched_highest() > (int)a->priority || reserves.running != 0 ||
	    a->reserve != 0 ||
	    (a->state != KA_RESERVED && a->state != KA_RUNNING) ||
	    !(to->state_frame->flags & FF_FORCED)) {
		sched_ready_first(a);
		cpu_dispatch();
	}
	st = process_load(to, a);
	if (st != RC_OK)
		cpu_load_failed(a, st);
	cpu_continue();
}
