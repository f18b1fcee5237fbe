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
 * recorded figure. Nobody returns to who called this file, so the registers
 * that a function must preserve are free in it (module.mk).
 */
#include "kernel/entry/control.h"
#include "kernel/entry/general.h"
#include "kernel/hal/entry.h"
#include "kernel/mem/top.h"
#include "kernel/object/cpu.h"
#include "kernel/object/known.h"

/* Served here: good control words of the kinds call and return. */
#define CONTROL_SLOW (CONTROL_BAD | UINT64_C(2))

/* What a call that is no more than an order, to the kernel, has not. */
#define CONTROL_BESIDE (~(UINT64_C(15) << CONTROL_CAP_SHIFT))

/* Three registers of the four, or all, send or receive. */
#define REGS_3 ((UINT64_C(1) << 15) - 1)
#define REGS_4 ((UINT64_C(1) << 20) - 1)


#define fast inline __attribute__((always_inline)) /* Both ways have all. */

_Static_assert(CK_RESUME == CK_START + 1, "one comparison for both");

/* The first word of a capability: kind, rights, data, count. */
static fast uint64_t
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
static fast struct known *
find_target(const struct cap *c)
{
	struct known            *k = known_at(c->word);
	const struct state_page *t;

	if (unlikely(!known_holds(k, c->word))) {
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

/* What the activity of the loaded process usually is not. */
enum {
	UNUSUAL = AF_RESERVED | AF_WOKEN | AF_HASHED,
};

/* Constants, so that each way has code of its own. */
struct way {
	bool ends;  /* A return; else a call. */
	bool usual; /* The activity moves on, and that is all. */
};

/*
 * The activity with which the target will run; NULL: the general path. That of
 * who is loaded, unless the target has one of its own.
 */
static __attribute__((noinline)) struct activity *
pick_unusual(const struct known *to)
{
	struct activity *mine = cpu.activity, *its = process_activity(&to->p);

	/* It has its turn to give away. */
	if (mine->flags & AF_WOKEN)
		return NULL;
	if (its != NULL)
		return its->state == KA_RESERVED && its->notices == 0 &&
			!(its->flags & AF_OUTSIDE)
		    ? its
		    : NULL;
	return mine->flags & AF_RESERVED ? NULL : mine;
}

/* Is that of the loaded process free to move on, and the target without? */
static fast bool
usual_activity(const struct known *to)
{
	const struct activity *mine = cpu.activity;
	const uint32_t         i    = to->p.state_frame->state.activity;

	return !(mine->flags & UNUSUAL) &&
	    (i == NO_INDEX || activity_slot(i)->oid != to->oid);
}

/* A register beyond 15 in what a process waits with receives nothing. */
static fast unsigned
receiving(uint64_t receive)
{
	const unsigned in = (unsigned)receive & 31;

	return in < CAP_REGISTERS ? in : 0;
}

/* Capability i; gives its bit if it was not void. */
static fast uint64_t
transfer(const struct process *to, uint64_t send, uint64_t receive,
    const unsigned i, uint32_t *filled)
{
	const struct cap *c  = &cpu.current->slot[send >> 5 * i & 15];
	const unsigned    in = receiving(receive >> 5 * i);

	*filled |= UINT32_C(1) << in;
	if (in != 0)
		to->slot[in] = *c;
	return c->type != CK_VOID
	    ? UINT64_C(1) << (RESULT_RECEIVED_SHIFT + i)
	    : 0;
}

static __attribute__((noinline)) uint64_t
transfer_3(const struct process *to, uint64_t send, uint64_t receive)
{
	uint32_t filled = 0;
	uint64_t result = transfer(to, send, receive, 0, &filled);

	result |= transfer(to, send, receive, 1, &filled);
	result |= transfer(to, send, receive, 2, &filled);
	process_note_received(to, filled);
	return result;
}

static __attribute__((noinline)) uint64_t
transfer_4(const struct process *to, uint64_t send, uint64_t receive)
{
	uint32_t filled = 0;
	uint64_t result = transfer_3(to, send, receive);

	result |= transfer(to, send, receive, 3, &filled);
	process_note_received(to, filled);
	return result;
}

/* Its tables are to be seen to, or it did not come by SYSCALL. */
static _Noreturn __attribute__((noinline)) void
switch_unusual(struct state_page *s, struct state_page *t, uint64_t top)
{
	hal_process_switch(s, t, top == TOP_UNKNOWN ? TOP_SAME : top);
	if (top == TOP_UNKNOWN)
		general_load();
	if (t->regs.trap == TRAP_SYSCALL)
		hal_resume_syscall(t);
	hal_resume(t);
}

/* The target is the loaded process from here on. */
static fast _Noreturn void
switch_to(struct state_page *s, struct known *to)
{
	struct state_page *t   = to->p.state;
	const uint64_t     top = map_top(to->p.state_frame);

	cpu.current = &to->p;
	mem.loaded  = to->p.frames;
	cpu.counters.fast_calls++;
	if (unlikely(top == TOP_UNKNOWN || t->regs.trap != TRAP_SYSCALL))
		switch_unusual(s, t, top);
	hal_process_switch_syscall(s, t, top);
}

/*
 * The loaded process's activity moves on; or it stays, and the target has one
 * of its own. As activity_move, but for the notices: there are none.
 */
static fast void
hand_over(
    const struct known *me, const struct known *to, struct activity *a,
    const struct way way)
{
	struct activity *mine = cpu.activity;

	if (way.usual) {
		to->p.state_frame->state.activity =
		    me->p.state_frame->state.activity;
	} else if (a == mine) {
		activity_unhash(a);
		process_set_activity(&to->p, a);
	} else {
		activity_release(mine, way.ends);
		cpu.activity = a;
		a->state     = KA_RUNNING;
	}
	a->oid      = to->oid;
	a->count    = to->count;
	a->retries  = 0;
	a->priority = to->priority;
	if (way.ends && unlikely(sched.stalled != 0))
		wait_wake_one(WAIT_PROCESS, me->oid);
}

static fast void
copy_words(const struct registers *from, struct registers *to)
{
	to->rdi = from->rdi;
	to->rsi = from->rsi;
	to->rdx = from->rdx;
	to->r10 = from->r10;
	to->r8  = from->r8;
}

/* Result of who gets a message by this capability, of start or resume kind. */
static fast uint64_t
source_of(const struct cap *c)
{
	return c->type == CK_START ? FROM_CALL |
		(uint64_t)c->data << RESULT_DATA_SHIFT
				   : FROM_REPLY;
}

/* From here on nothing can fail: who calls waits, who returns is available. */
static fast _Noreturn void
commit(struct state_page *s, const struct cap *c, struct known *to,
    struct activity *a, const struct way way)
{
	const struct known *me      = known_of(cpu.current);
	const uint64_t      send    = s->regs.rax >> CONTROL_SEND_SHIFT;
	struct state_page  *t       = to->p.state;
	const uint64_t      receive = t->regs.rax >> CONTROL_RECEIVE_SHIFT;
	uint64_t            result  = source_of(c);
	const unsigned      in      = receiving(receive >> 15);

	if (way.ends) {
		if (unlikely(((send | receive) & REGS_4) != 0))
			result |= transfer_4(&to->p, send, receive);
		s->state = PS_AVAILABLE;
	} else {
		result |= UINT64_C(8) << RESULT_RECEIVED_SHIFT;
		if (unlikely(((send | receive) & REGS_3) != 0))
			result |= transfer_3(&to->p, send, receive);
		s->state       = PS_WAITING;
		s->call_number = cpu_next_call();
		if (likely(in != 0)) {
			to->p.slot[in] = cap_resume_make(
			    CK_RESUME, s->call_number, (oid){0});
			to->p.slot[in].word = me->word;
		}
	}
	copy_words(&s->regs, &t->regs);
	t->regs.rax = result;
	t->state    = PS_RUNNING;
	hand_over(me, to, a, way);
	switch_to(s, to);
}

static _Noreturn __attribute__((noinline)) void
commit_unusual(struct state_page *s, const struct cap *c, struct known *to,
    const bool ends)
{
	struct activity *a = pick_unusual(to);

	if (a == NULL)
		general_invoke(s);
	commit(s, c, to, a, (struct way){.ends = ends});
}

/* A start or resume capability, c, is called or returned to. */
static fast _Noreturn void
invoke_process(struct state_page *s, const struct cap *c, const bool ends)
{
	const struct known *me = known_of(cpu.current);
	struct known       *to;

	/* The fourth of a call must be void; register 0 is. */
	if (unlikely(ends ? s->notices != 0
			  : (s->regs.rax >> CONTROL_SEND_SHIFT & REGS_4 &
				~REGS_3) != 0))
		general_invoke(s);
	to = find_target(c);
	if (unlikely(to == NULL || me->as_caller != to->as_target ||
		(sched.ready_mask & to->as_urgent) != 0 ||
		cpu.activity->notices != 0)) /* They are on their way. */
		general_invoke(s);
	if (unlikely(!usual_activity(to)))
		commit_unusual(s, c, to, ends);
	commit(s, c, to, cpu.activity,
	    (struct way){.ends = ends, .usual = true});
}

void
entry_invoke(struct state_page *s)
{
	const uint64_t control = s->regs.rax;
	struct cap    *c =
	    &cpu.current->slot[control >> CONTROL_CAP_SHIFT & 15];

	if (unlikely((unsigned)c->type - CK_START > 1)) {
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
