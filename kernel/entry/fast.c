/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SYSCALL comes in here: the fast path of call and return, in registers, from
 * one process that runs to one that waits, both in memory and writable in this
 * epoch (F4): the call of a start capability, and the return to the resume
 * capability that such a call made; and a notice. All else goes to the general
 * path (kernel/entry/invoke.c), which gives the same result in every case.
 *
 * The words of the message stay in the state page of who has sent it, where
 * SYSCALL has saved them: who gets it is resumed with these
 * (hal_process_switch_message), and its own page has its words when it next
 * enters the kernel, as always (F4).
 *
 * Invariants:
 *  1. Up to the line marked commit nothing has changed, but for a hint.
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
#include "kernel/object/cpu.h"
#include "kernel/object/known.h"

/* Of the registers that send, or that receive: the first three, or all. */
#define REGS_3 ((UINT64_C(1) << 15) - 1)
#define REGS_4 ((UINT64_C(1) << 20) - 1)

_Static_assert(CK_RESUME == CK_START + 1, "one comparison for both");

/* What a control word has not that is served here: of a call, of a return. */
#define KIND_MASK   UINT64_C(3)
#define CALL_SLOW                                                              \
	(CONTROL_BAD | KIND_MASK | (REGS_4 & ~REGS_3) << CONTROL_SEND_SHIFT)
#define RETURN_SLOW (CONTROL_BAD | KIND_MASK)

/* What a call that is no more than an order, to the kernel, has not; or that
 * and one capability. */
#define CONTROL_BESIDE (~(UINT64_C(15) << CONTROL_CAP_SHIFT))
#define CONTROL_BESIDE_1 (CONTROL_BESIDE & ~CONTROL_SEND(0, 15))

#define fast inline __attribute__((always_inline)) /* Both ways have all. */

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
 * The process of a capability, if both its frames may be written; else NULL.
 * The hint is put right, so that the next call finds it at once.
 */
static fast struct known *
find_process(struct cap *c)
{
	struct known *k = known_at(c->word);

	if (unlikely(k->word != c->word || k->as_of != mem.changes)) {
		k = known_look(cap_oid(c));
		if (k == NULL)
			return NULL;
		c->word = k->word;
	}
	debug_assert(known_ok(k));
	return k;
}

/* May the one go on where the other stops, at once? */
static fast bool
may_follow(const struct known *to, const struct known *me)
{
	return me->as_caller == to->as_target &&
	    (sched.ready_mask & to->as_urgent) == 0;
}

/* Constants, so that each way has code of its own. */
struct way {
	bool ends;  /* A return; else a call. */
	bool usual; /* The activity moves on, and that is all. */
};

/* Capability i; gives its bit if it was not void. */
static fast uint64_t
transfer(const struct process *to, uint64_t send, uint64_t receive,
    const unsigned i, uint32_t *filled)
{
	const struct cap *c  = &cpu.current->slot[send >> 5 * i & 15];
	const unsigned    in = (unsigned)(receive >> 5 * i) & 31;

	/* A register beyond 15 in what it waits with receives nothing. */
	if (likely(in - 1 < CAP_REGISTERS - 1)) {
		*filled |= UINT32_C(1) << in;
		to->slot[in] = *c;
	}
	return c->type != CK_VOID
	    ? UINT64_C(1) << (RESULT_RECEIVED_SHIFT + i)
	    : 0;
}

/* Those that a call sends, and those that a return does. */
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
	uint64_t result = transfer(to, send, receive, 0, &filled);

	result |= transfer(to, send, receive, 1, &filled);
	result |= transfer(to, send, receive, 2, &filled);
	result |= transfer(to, send, receive, 3, &filled);
	process_note_received(to, filled);
	return result;
}

/*
 * The target gets the words of the message, and is loaded: false, if its space
 * is to be loaded the long way.
 */
static fast bool
switch_slowly(struct state_page *s, struct known *to)
{
	struct state_page *t   = to->p.state;
	const uint64_t     top = map_top(to->top);

	cpu.counters.fast_calls++;
	t->regs.rdi = s->regs.rdi;
	t->regs.rsi = s->regs.rsi;
	t->regs.rdx = s->regs.rdx;
	t->regs.r10 = s->regs.r10;
	t->regs.r8  = s->regs.r8;
	hal_process_switch(s, t, top == TOP_UNKNOWN ? TOP_SAME : top);
	return top != TOP_UNKNOWN;
}

/* Its tables are to be seen to, or it did not come by SYSCALL. */
static _Noreturn __attribute__((noinline)) void
switch_unusual(struct state_page *s, struct known *to)
{
	struct state_page *t = to->p.state;

	if (!switch_slowly(s, to))
		general_load();
	if (t->regs.trap == TRAP_SYSCALL)
		hal_resume_syscall(t);
	hal_resume(t);
}

/*
 * Who returns has woken one that waited for it, and that is as urgent as the
 * target: it may have to make way, or to take turns (D5).
 */
static _Noreturn __attribute__((noinline)) void
switch_with_company(struct state_page *s, struct known *to)
{
	cpu.current = &to->p;
	mem.loaded  = to->p.frames;
	if (!switch_slowly(s, to))
		general_load();
	cpu_continue();
}

/* The target is the loaded process from here on. */
static fast _Noreturn void
switch_to(struct state_page *s, struct known *to)
{
	cpu.current = &to->p;
	mem.loaded  = to->p.frames;
	if (unlikely(!map_top_other(to->top) ||
		to->p.state->regs.trap != TRAP_SYSCALL))
		switch_unusual(s, to);
	cpu.counters.fast_calls++;
	hal_process_switch_message(s, to->p.state, map_top_take(to->top));
}

/*
 * The loaded process's activity moves on; or it stays, and the target has one
 * of its own. As activity_move, but for the notices: there are none.
 */
static fast void
hand_over(
    const struct known *me, struct known *to, struct activity *a,
    const struct way way)
{
	struct activity *mine = cpu.activity;

	debug_assert(known_touched(mine) && known_touched(a));

	if (way.usual) {
		to->p.state_frame->state.activity =
		    me->p.state_frame->state.activity;
		me->p.state_frame->state.activity = NO_INDEX;
		a->parcel = to->parcel; /* All eight bytes in one. */
		a->answer = to->answer;
	} else if (a == mine) {
		activity_unhash(a);
		process_hand_activity(&me->p, &to->p, a);
	} else {
		activity_release(mine, way.ends);
		cpu.activity = a;
		a->state     = KA_RUNNING;
	}
	a->oid      = to->oid;
	a->count    = to->count;
	a->priority = to->priority;
	a->retries  = to->retries;
	if (way.ends && unlikely(sched.stalled != 0)) {
		wait_wake_one(WAIT_PROCESS, me->oid);
		if ((sched.ready_mask & to->as_urgent) != 0)
			switch_with_company(me->p.state, to);
	}
}

/* From here on nothing can fail: who calls waits. */
static fast _Noreturn void
commit_call(struct state_page *s, const struct cap *c,
    const struct known *me, struct known *to, struct activity *a,
    const bool usual)
{
	const uint64_t      send    = s->regs.rax >> CONTROL_SEND_SHIFT;
	struct state_page  *t       = to->p.state;
	const uint64_t      receive = t->regs.rax >> CONTROL_RECEIVE_SHIFT;
	const unsigned      in      = (unsigned)(receive >> 15) & 31;
	uint64_t            result  = FROM_CALL |
	    UINT64_C(8) << RESULT_RECEIVED_SHIFT | RESULT_AWAITED |
	    (uint64_t)c->data << RESULT_DATA_SHIFT;

	if (unlikely(((send | receive) & REGS_3) != 0))
		result |= transfer_3(&to->p, send, receive);
	s->state       = PS_WAITING;
	s->call_number = cpu_next_call();
	if (likely(in - 1 < CAP_REGISTERS - 1)) {
		to->p.slot[in] =
		    cap_resume_make(CK_RESUME, s->call_number, (oid){0});
		to->p.slot[in].word = me->word;
	}
	t->regs.rax = result;
	t->state    = PS_RUNNING;
	hand_over(me, to, a, (struct way){.usual = usual});
	switch_to(s, to);
}

/* The same: who returns is available. */
static fast _Noreturn void
commit_return(struct state_page *s, const struct known *me, struct known *to,
    struct activity *a, const bool usual)
{
	const uint64_t      send    = s->regs.rax >> CONTROL_SEND_SHIFT;
	struct state_page  *t       = to->p.state;
	const uint64_t      receive = t->regs.rax >> CONTROL_RECEIVE_SHIFT;
	uint64_t            result  = FROM_REPLY;

	if (unlikely(((send | receive) & REGS_4) != 0))
		result |= transfer_4(&to->p, send, receive);
	s->state    = PS_AVAILABLE;
	t->regs.rax = result;
	t->state    = PS_RUNNING;
	hand_over(me, to, a, (struct way){.ends = true, .usual = usual});
	switch_to(s, to);
}

static _Noreturn __attribute__((noinline)) void
call_unusual(struct state_page *s, const struct cap *c, struct known *to)
{
	struct activity *a = known_activity(to);

	if (a == NULL)
		general_invoke(s);
	commit_call(s, c, known_of(cpu.current), to, a, false);
}

static _Noreturn __attribute__((noinline)) void
return_unusual(struct state_page *s, struct known *to)
{
	struct activity *a = known_activity(to);

	if (a == NULL)
		general_invoke(s);
	commit_return(s, known_of(cpu.current), to, a, false);
}

/* A start capability is called. */
static fast _Noreturn void
call(struct state_page *s, const struct known *me, struct cap *c)
{
	struct known *to = find_process(c);

	if (unlikely(to == NULL || (cap_first(c) & ~CAP_DATA) != to->start ||
		to->p.state->state != PS_AVAILABLE ||
		!may_follow(to, me)))
		general_invoke(s);
	if (unlikely(!known_usual(to, cpu.activity)))
		call_unusual(s, c, to);
	commit_call(s, c, me, to, cpu.activity, true);
}

/* A resume capability is returned to. */
static fast _Noreturn void
reply(struct state_page *s, const struct known *me, struct cap *c)
{
	struct known            *to = find_process(c);
	const struct state_page *t;

	if (unlikely(to == NULL))
		general_invoke(s);
	t = to->p.state;
	if (unlikely(t->state != PS_WAITING || t->fault != FAULT_NONE ||
		t->call_number != cap_call_number(c) || s->notices != 0 ||
		!may_follow(to, me)))
		general_invoke(s);
	if (unlikely(!known_usual(to, cpu.activity)))
		return_unusual(s, to);
	commit_return(s, me, to, cpu.activity, true);
}

/*
 * For kernel/entry/keep.c: the target's own page has the message. One whose
 * space is stale (something was weakened since) is flushed on the way.
 */
void
fast_hand_over(struct state_page *s, struct known *to, struct activity *a,
    bool ends)
{
	struct state_page *t   = to->p.state;
	uint64_t           top = map_top(to->top);

	if (a == NULL)
		hand_over(known_of(cpu.current), to, cpu.activity,
		    (struct way){.ends = ends, .usual = true});
	else
		hand_over(known_of(cpu.current), to, a,
		    (struct way){.ends = ends});
	cpu.current = &to->p;
	mem.loaded  = to->p.frames;
	cpu.counters.fast_calls++;
	if (top == TOP_UNKNOWN)
		top = map_top_flush(to->top);
	hal_process_switch(s, t, top == TOP_UNKNOWN ? TOP_SAME : top);
	if (unlikely(top == TOP_UNKNOWN))
		general_load();
	if (t->regs.trap == TRAP_SYSCALL)
		hal_resume_syscall(t);
	hal_resume(t);
}

/*
 * A notice is sent to a process that is known: as notice_post and the answer to
 * a send, but that who gets it may go on at once.
 */
static _Noreturn __attribute__((noinline)) void
send_notice(struct state_page *s, const struct cap *c)
{
	const struct known *k    = known_at(c->word);
	struct activity    *mine = cpu.activity, *a;

	if (!known_holds(k, c->word) || k->count != c->count ||
	    (cpu.current->header->flags & PF_FOREIGN) ||
	    (mine->flags & AF_WOKEN))
		general_invoke(s);
	a = process_activity(&k->p);
	if (a == NULL || a->count != c->count)
		general_invoke(s);
	debug_assert(known_touched(a));
	cpu.counters.invocations++;
	a->notices |= UINT64_C(1) << (c->data & 63);
	mine->retries = 0;
	s->regs.rax   = FROM_REPLY;
	s->regs.rdi   = RC_OK;
	if (a->state == KA_RESERVED && a->flags & AF_AVAILABLE)
		process_wake(a);
	cpu_answered();
}

/* Of the kernel, and not words alone. */
static _Noreturn __attribute__((noinline)) void
invoke_beside(struct state_page *s, struct cap *c)
{
	if ((s->regs.rax & CONTROL_BESIDE_1) == 0 && s->regs.r12 == 0) {
		if (cpu.inv_caps == INV_CAPS_NONE)
			cpu.inv_caps = INV_CAPS_FIRST;
		kernel_call(s, c);
	}
	if (c->type == CK_RESTART)
		keep_answer(s, c);
	if (c->type == CK_NOTICE &&
	    (s->regs.rax & CONTROL_BESIDE) == INVOKE_SEND && s->regs.r12 == 0)
		send_notice(s, c);
	general_invoke(s);
}

void
entry_invoke(struct state_page *s)
{
	const uint64_t      control = s->regs.rax;
	const struct known *me      = known_of(cpu.current);
	struct cap         *c =
	    &me->p.slot[control >> CONTROL_CAP_SHIFT & 15];

	if (unlikely((unsigned)c->type - CK_START > 1)) {
		if ((control & CONTROL_BESIDE) != 0 || s->regs.r12 != 0)
			invoke_beside(s, c);
		kernel_call(s, c);
	}
	if (unlikely((uint32_t)s->regs.r12 != 0))
		general_invoke(s);
	if (c->type == CK_START && (control & CALL_SLOW) == 0)
		call(s, me, c);
	if (c->type == CK_RESUME && (control & RETURN_SLOW) == INVOKE_RETURN)
		reply(s, me, c);
	general_invoke(s);
}
