/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dispatcher's common cases: the one whose turn it is is known, and goes on
 * where it was, or gets its notices; and one that waits is sent a notice while
 * one less urgent runs, and goes on without having been in a queue. What is
 * unusual (a retry, a fault, a parcel, a restart, a reserve, tables to be made)
 * is left to kernel/object/load.c, which gives the same result in every case.
 */
#include "kernel/object/cpu.h"
#include "kernel/object/known.h"
#include "kernel/mem/top.h"
#include "kernel/object/token.h"

/* As message_deliver does: words, void for each capability asked for. */
static void
deliver_notices(struct known *k, uint64_t notices)
{
	struct registers *r       = &k->p.state->regs;
	const uint64_t    receive = r->rax >> CONTROL_RECEIVE_SHIFT;

	for (unsigned i = 0; receive >> CONTROL_REG_BITS * i != 0; i++) {
		const unsigned reg = receive >> CONTROL_REG_BITS * i & 31;

		if (i >= MESSAGE_CAPS || reg == 0 || reg >= CAP_REGISTERS)
			continue;
		k->p.slot[reg] = (struct cap){.type = CK_VOID};
		process_note_received(&k->p, UINT32_C(1) << reg);
	}
	r->rax = FROM_NOTICE;
	r->rdi = r->rdx = r->r10 = r->r8 = 0;
	r->rsi = notices;

	k->p.state->notices = 0;
	k->p.state->state   = PS_RUNNING;
}

/* Can it run without being prepared? */
static inline bool
could_run(const struct known *k, const struct activity *a)
{
	return known_holds(k, a->oid) && k->count == a->count &&
	    !(a->flags & (AF_RESTART | AF_PARCEL)) && a->retries == 0 &&
	    mem.token == TOKEN_NONE;
}

/* And does it want to? */
static inline bool
fit(const struct known *k, const struct activity *a)
{
	const struct state_page *s = k->p.state;

	if (!could_run(k, a))
		return false;
	if (s->state == PS_AVAILABLE)
		return (s->notices | a->notices) != 0;
	return s->state == PS_RUNNING && s->fault == FAULT_NONE;
}

static void
load(struct known *k, uint64_t top)
{
	if (!cpu.loaded)
		hal_process_load(k->p.state);
	if (cpu.loaded && cpu.current != &k->p)
		hal_process_switch(cpu.current->state, k->p.state, top);
	else if (top != TOP_SAME)
		hal_top_switch(top);
	cpu.current = &k->p;
	mem.loaded  = k->p.frames;
	cpu.loaded  = true;
	cpu.counters.switches++;
}

bool
process_load_known(struct activity *a)
{
	struct known *k = known_at(a->oid);
	uint64_t      top, notices;

	if (!fit(k, a))
		return false;
	debug_assert(known_ok(k));
	debug_assert(known_touched(a));
	top = map_top(k->top);
	if (top == TOP_UNKNOWN)
		return false;
	notices    = k->p.state->notices | a->notices;
	a->notices = 0;
	if (k->p.state->state == PS_AVAILABLE)
		deliver_notices(k, notices);
	else
		k->p.state->notices = notices;
	load(k, top);
	cpu.activity = a;
	cpu.remap    = false;
	a->priority  = k->priority;
	return true;
}

/*
 * Would the dispatcher choose this one at once, if it were made ready? Nobody
 * who is ready is as urgent, nor is who runs; no reserve and no token is at
 * stake, and who runs was not interrupted in a step.
 */
static inline bool
first_of_all(const struct activity *a)
{
	const struct activity *mine = cpu.activity;

	return mine != NULL && mine->priority < a->priority &&
	    sched.ready_mask >> a->priority == 0 &&
	    (a->reserve | mine->reserve | reserves.running) == 0 &&
	    !cpu.remap && cpu.lent == LENT_NOT;
}

/* Does it wait in a SYSCALL, so that it may go on by SYSRET? */
static inline bool
waits(const struct known *k, const struct activity *a)
{
	return k->p.state->state == PS_AVAILABLE &&
	    k->p.state->regs.trap == TRAP_SYSCALL &&
	    a->state == KA_RESERVED && (a->flags & AF_AVAILABLE);
}

/* It goes on, without having been in a queue; who runs is preempted. */
static _Noreturn void
go_on_at_once(struct known *k, struct activity *a)
{
	struct state_page *s = k->p.state, *from = cpu.current->state;

	debug_assert(known_ok(k));
	debug_assert(known_touched(a));
	deliver_notices(k, s->notices | a->notices);
	sched_preempt(cpu.activity, cpu.slice_end);
	a->notices  = 0;
	a->state    = KA_RUNNING;
	a->turn_end = 0;
	a->priority = k->priority;
	a->flags &= (uint8_t)~AF_AVAILABLE;
	cpu.current   = &k->p;
	mem.loaded    = k->p.frames;
	cpu.activity  = a;
	cpu.slice_end = UINT64_MAX; /* Nobody is as urgent. */
	cpu.counters.switches++;
	hal_process_switch(from, s, map_top_take(k->top));
	hal_resume_syscall(s);
}

void
process_wake(struct activity *a)
{
	struct known *k = known_at(a->oid);

	if (likely(could_run(k, a) && waits(k, a) && first_of_all(a) &&
		map_top_other(k->top)))
		go_on_at_once(k, a);
	sched_ready(a);
}
