/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SYSCALL comes in here: the fast path of call and return, in registers, from
 * one process that runs to one that waits, both in memory and writable in this
 * epoch (F4). All else goes to the general path (kernel/entry/invoke.c), which
 * gives the same result in every case.
 *
 * Invariants:
 *  1. Up to the line marked commit nothing has changed.
 *  2. Whatever is unusual (a notice pending, a reserve, a turn at a server, a
 *     process outside, one as urgent that is ready and needs a time slice) is
 *     left to the general path.
 *
 * Every instruction counts here: `make bench` holds call and return to their
 * recorded figure.
 */
#include "kernel/entry/control.h"
#include "kernel/entry/general.h"
#include "kernel/hal/entry.h"
#include "kernel/object/cpu.h"
#include "kernel/object/known.h"

/* Served here: good control words of the kinds call and return. */
#define CONTROL_SLOW (CONTROL_BAD | UINT64_C(2))

/* What a call that is no more than an order, to the kernel, has not. */
#define CONTROL_BESIDE (~(UINT64_C(15) << CONTROL_CAP_SHIFT))

/* The first three registers of the four, send or receive. */
#define REGS_3 ((UINT64_C(1) << 15) - 1)


_Static_assert(CK_RESUME == CK_START + 1, "one comparison for both");

/* The first word of a capability: kind, rights, data, count. */
static inline uint64_t
cap_first(const struct cap *c)
{
	uint64_t word;

	memcpy(&word, c, sizeof(word));
	return word;
}

#define CAP_DATA UINT64_C(0xffff0000) /* Its data, in that word. */

/*
 * The target, if it waits for just this and both its frames may be written.
 * NULL: the general path.
 */
static inline struct known *
find_target(const struct cap *c)
{
	struct known            *k = known_at(c->word);
	const struct state_page *t;

	if (unlikely(!known_holds(k, c->word & OID_MASK))) {
		k = known_look(cap_oid(c));
		if (k == NULL)
			return NULL;
	}
	debug_assert(known_ok(k));
	t = k->p.state;
	if (c->type == CK_START)
		return likely((cap_first(c) & ~CAP_DATA) == k->start &&
			   t->state == PS_AVAILABLE)
		    ? k
		    : NULL;
	return likely(t->state == PS_WAITING && t->fault == FAULT_NONE &&
		   t->call_number == cap_call_number(c))
	    ? k
	    : NULL;
}

/* The activity with which the target will run; NULL: the general path. */
static inline struct activity *
pick_activity(const struct known *to)
{
	struct activity *mine = cpu.activity, *its;
	const uint32_t   i    = to->p.state_frame->state.activity;

	/* It is still on its way here, or has its turn to give away. */
	if (unlikely(mine->notices != 0 || (mine->flags & AF_WOKEN)))
		return NULL;
	if (likely(i != NO_INDEX)) {
		its = activity_slot(i);
		if (unlikely(its->oid == to->oid))
			return its->state == KA_RESERVED &&
				its->notices == 0 && !(its->flags & AF_OUTSIDE)
			    ? its
			    : NULL;
	}
	return mine->flags & AF_RESERVED ? NULL : mine;
}

/* A register beyond 15 in what a process waits with receives nothing. */
static inline unsigned
receiving(uint64_t receive)
{
	const unsigned in = (unsigned)receive & 31;

	return in < CAP_REGISTERS ? in : 0;
}

/* Capabilities 0 to 2; gives the bits of those that were not void. */
static __attribute__((noinline)) uint64_t
transfer_caps(const struct process *to, uint64_t send, uint64_t receive)
{
	const struct cap *from   = cpu.current->slot;
	uint64_t          result = 0;
	uint32_t          filled = 0;

#pragma GCC unroll 3
	for (unsigned i = 0; i < MESSAGE_CAPS - 1; i++) {
		const struct cap *c  = &from[send >> 5 * i & 15];
		unsigned          in = receiving(receive >> 5 * i);

		if (c->type != CK_VOID)
			result |= UINT64_C(1) << (RESULT_RECEIVED_SHIFT + i);
		filled |= UINT32_C(1) << in;
		if (in != 0)
			to->slot[in] = *c;
	}
	process_note_received(to, filled);
	return result;
}

/* The target is the loaded process from here on. */
static inline _Noreturn void
switch_to(struct state_page *s, struct known *to)
{
	struct state_page *t   = to->p.state;
	const uint64_t     top = map_top(to->p.state_frame);

	cpu.current = &to->p;
	mem.loaded  = to->p.frames;
	cpu.counters.fast_calls++;
	hal_process_switch(s, t, top == TOP_UNKNOWN ? TOP_SAME : top);
	if (unlikely(top == TOP_UNKNOWN))
		general_load();
	if (likely(t->regs.trap == TRAP_SYSCALL))
		hal_resume_syscall(t);
	hal_resume(t);
}

/* The loaded process's activity moves on, or stays with it. */
static inline void
hand_over(
    const struct known *me, const struct known *to, struct activity *a,
    bool ends)
{
	struct activity *mine = cpu.activity;

	if (likely(a == mine)) {
		activity_move(a, (oid){to->oid}, to->count);
		to->p.state_frame->state.activity =
		    me->p.state_frame->state.activity;
	} else {
		activity_release(mine, ends);
		cpu.activity = a;
		a->state     = KA_RUNNING;
		a->retries   = 0;
	}
	if (ends && sched.stalled != 0)
		wait_wake_one(WAIT_PROCESS, me->oid);
	a->priority = to->priority;
}

/* The resume capability to the loaded process, which waits from now on. */
static inline struct cap
begin_wait(struct state_page *s, const struct known *me)
{
	struct cap c;

	cpu.call_number = (cpu.call_number + 1) &
	    ((UINT64_C(1) << CALL_NUMBER_BITS) - 1);
	s->state       = PS_WAITING;
	s->call_number = cpu.call_number;
	c      = cap_resume_make(CK_RESUME, cpu.call_number, (oid){0});
	c.word = me->word;
	return c;
}

/* A start or resume capability, c, was invoked. */
static inline _Noreturn void
invoke_process(struct state_page *s, const struct cap *c, const bool ends)
{
	const uint64_t     control = s->regs.rax;
	const struct known *me     = known_of(cpu.current);
	const struct cap  *last    =
	    &me->p.slot[control >> (CONTROL_SEND_SHIFT + 15) & 15];
	struct known      *to;
	struct state_page *t;
	struct cap         resume;
	struct activity   *a;
	uint64_t           result, receive;
	unsigned           in;

	if (unlikely(ends ? s->notices != 0 : last->type != CK_VOID))
		general_invoke(s);
	to = find_target(c);
	if (unlikely(to == NULL || me->as_caller != to->as_target))
		general_invoke(s);
	a = pick_activity(to);
	if (unlikely(a == NULL || (sched.ready_mask & to->as_urgent) != 0))
		general_invoke(s);

	/* Commit: from here on nothing can fail. */
	t      = to->p.state;
	result = c->type == CK_START
	    ? FROM_CALL | (cap_first(c) & CAP_DATA) << (RESULT_DATA_SHIFT - 16)
	    : FROM_REPLY;
	receive = t->regs.rax >> CONTROL_RECEIVE_SHIFT;
	if (unlikely(((control >> CONTROL_SEND_SHIFT | receive) & REGS_3) != 0))
		result |= transfer_caps(
		    &to->p, control >> CONTROL_SEND_SHIFT, receive);
	in = receiving(receive >> 15);
	if (ends) {
		s->state = PS_AVAILABLE;
		if (last->type != CK_VOID)
			result |= UINT64_C(8) << RESULT_RECEIVED_SHIFT;
		if (in != 0) {
			to->p.slot[in] = *last;
			process_note_received(&to->p, UINT32_C(1) << in);
		}
	} else {
		resume = begin_wait(s, me);
		result |= UINT64_C(8) << RESULT_RECEIVED_SHIFT;
		if (in != 0)
			to->p.slot[in] = resume;
	}
	t->regs.rdi = s->regs.rdi;
	t->regs.rsi = s->regs.rsi;
	t->regs.rdx = s->regs.rdx;
	t->regs.r10 = s->regs.r10;
	t->regs.r8  = s->regs.r8;
	t->regs.rax = result;
	t->state    = PS_RUNNING;
	hand_over(me, to, a, ends);
	switch_to(s, to);
}

void
entry_invoke(struct state_page *s)
{
	const uint64_t control = s->regs.rax;
	struct cap    *c =
	    &cpu.current->slot[control >> CONTROL_CAP_SHIFT & 15];

	if ((unsigned)c->type - CK_START > 1) {
		if ((control & CONTROL_BESIDE) != 0 || s->regs.r12 != 0)
			general_invoke(s);
		kernel_call(s, c);
	}
	if (unlikely((control & CONTROL_SLOW) != 0 ||
		(uint32_t)s->regs.r12 != 0))
		general_invoke(s);
	if (control & INVOKE_RETURN)
		invoke_process(s, c, true);
	invoke_process(s, c, false);
}
