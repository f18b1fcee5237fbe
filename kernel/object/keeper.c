/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Faults and keepers (D4).
 *
 * The fault stands in the state page, and a faulted process counts as waiting.
 * While its keeper is busy nothing is recorded: the process runs the faulting
 * instruction again when its turn has come.
 */
#include "kernel/object/keeper.h"
#include "kernel/object/cpu.h"
#include "kernel/object/deliver.h"

static void
record(const struct fault *f)
{
	struct state_page *s = cpu.current.state;

	s->fault         = (uint8_t)f->code;
	s->access        = (uint8_t)f->access;
	s->fault_address = f->address;
	s->fault_info    = f->info;
}

/* Nobody takes it: it stays faulted, for ps to show. */
static _Noreturn void
abandon(const struct fault *f)
{
	struct activity *mine = cpu.activity;

	record(f);
	(void)deliver_wait(&cpu.current, CK_RESTART);
	log_line("%s: fault %u at %lx, pc %lx, no keeper",
	    (const char *)cpu.current.state->name, (unsigned)f->code,
	    f->address, cpu.current.state->regs.rip);
	cpu.activity = NULL;
	activity_release(mine, false);
	cpu_dispatch();
}

/* The keeper's slot: of the innermost guard, else of the process. */
static struct cap *
keeper_slot(const struct fault *f, struct ref *guard, enum status *st)
{
	struct cap copy = f->map.guard;

	*st = RC_OK;
	if (f->map.guarded) {
		*st = ref_prepare(&copy, NULL, guard);
		if (*st != RC_OK || guard->kind != CK_GUARD)
			return NULL;
		return &ref_slots(guard)[1];
	}
	return &cpu.current.slot[SLOT_KEEPER];
}

static void
compose(const struct fault *f, const struct ref *guard, const struct cap *slot,
    struct message *m)
{
	m->source  = FROM_CALL;
	m->data    = slot->data;
	m->word[0] = f->map.guarded ? KEEPER_SEGMENT : KEEPER_PROCESS;
	m->word[1] = f->code;
	m->word[2] = f->map.guarded ? f->map.offset : f->address;
	m->word[3] = f->code < FAULT_DIVIDE ? f->access : f->info;
	m->word[4] = cpu.current.state->regs.rip;
	if (f->map.guarded) {
		m->cap[0] = guard->cap;
		m->cap[0].rights &= (uint8_t)~CR_OPAQUE;
	} else if (!(slot->rights & CR_OPAQUE)) {
		m->cap[0] = cap_make(CK_PROCESS, 0, 0,
		    cpu.current.header->count, process_oid(&cpu.current));
	}
}

void
keeper_fault(const struct fault *f)
{
	struct message   m = {0};
	struct ref       guard, keeper;
	struct cap      *slot;
	struct activity *a;
	enum status      st;

	sched_turn_over(cpu.activity);
	slot = keeper_slot(f, &guard, &st);
	if (st == RC_OK && slot != NULL)
		st = ref_prepare(slot,
		    f->map.guarded ? guard.frame : cpu.current.node, &keeper);
	if (st == RC_OK && (slot == NULL || keeper.kind != CK_START))
		abandon(f);
	if (st == RC_OK)
		st = deliver_target(&keeper, true);
	if (st == RC_OK) {
		compose(f, &guard, slot, &m);
		st = message_prepare(&m, &cpu.other, NULL);
	}
	if (st == RC_OK)
		st = deliver_activity(true, &a);
	if (st == ST_WAIT)
		cpu_wait();
	if (st != RC_OK)
		abandon(f);
	/* Commit. */
	record(f);
	m.cap[3] = deliver_wait(&cpu.current, CK_RESTART);
	message_deliver(&m, &cpu.other);
	cpu.other.state->state = PS_RUNNING;
	deliver_switch(a, false);
}
