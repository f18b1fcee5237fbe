/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SYSCALL comes in here: the fast path of call and return, in registers, from
 * one process that runs to one that waits, both in memory and writable in this
 * epoch (F4). All else goes to the general path (kernel/entry/invoke.c), which
 * gives the same result in every case.
 *
 * Invariants:
 *  1. Up to the line marked commit nothing has changed.
 *  2. Whatever is unusual (a notice pending, a turn at a server, a process
 *     outside, one as urgent that is ready and would need a time slice) is
 *     left to the general path.
 *
 * Every instruction counts here: `make bench` holds call and return to their
 * recorded figure.
 */
#include "kernel/entry/control.h"
#include "kernel/entry/general.h"
#include "kernel/hal/entry.h"
#include "kernel/object/cpu.h"

/* Served here: good control words of the kinds call and return. */
#define CONTROL_SLOW (CONTROL_BAD | UINT64_C(2))

/* The first three registers of the four, send or receive. */
#define REGS_3 ((UINT64_C(1) << 15) - 1)

#define likely(x)   __builtin_expect(x, 1)
#define unlikely(x) __builtin_expect(x, 0)

/*
 * The target's state page, if it waits for just this and both its frames may
 * be written; fills in *to. NULL: the general path.
 */
static inline struct state_page *
find_target(const struct cap *c, struct process *to)
{
	const uint64_t      id   = c->word & OID_MASK;
	const unsigned      i    = (unsigned)id & 7;
	struct frame       *f    = frame_hinted(cap_hint(c));
	struct node_frame  *nf   = frame_nodes(f);
	struct node_header *h    = &nf->node[i];
	struct cap         *slot = nf->slot[i];
	struct frame       *sf;
	struct state_page  *t;

	if (unlikely(f->number != id >> OID_INDEX_BITS ||
		f->kind != FK_NODE || i == OID_INDEX_FRAME ||
		!frame_writable(f) || h->role != ROLE_PROCESS))
		return NULL;
	/* What the hint leads to was checked when it was set. */
	sf = frame_hinted(cap_hint(&slot[SLOT_STATE]));
	t  = frame_data(sf);
	if (unlikely(sf->kind != FK_STATE || !(sf->flags & FF_FORCED) ||
		!frame_writable(sf) || t->node_oid != id ||
		t->node_count != h->count))
		return NULL;
	to->node        = f;
	to->state_frame = sf;
	to->state       = t;
	to->header      = h;
	to->slot        = slot;
	to->index       = i;
	if (c->type == CK_START)
		return likely(t->state == PS_AVAILABLE && c->rights == 0 &&
			   c->count == h->count)
		    ? t
		    : NULL;
	return likely(t->state == PS_WAITING && t->fault == FAULT_NONE &&
		   t->call_number == cap_call_number(c))
	    ? t
	    : NULL;
}

/*
 * Persistent processes that deal with others need the tables of S3; a resident
 * process may not call out (F5); a foreign one's call is a fault (D16).
 */
static inline bool
plain_pair(const struct process *me, const struct process *to)
{
	const uint64_t mine = me->node->number, its = to->node->number;

	if (unlikely(me->header->flags & (PF_RESIDENT | PF_FOREIGN)))
		return false;
	return frame_source(mine | its) != SOURCE_PERSISTENT ||
	    frame_source(mine ^ its) == SOURCE_BOOT;
}

/* The activity with which the target will run; NULL: the general path. */
static inline struct activity *
pick_activity(const struct process *to)
{
	struct activity *mine = cpu.activity;
	struct activity *its  = process_activity(to);

	/* It is still on its way here, or has its turn to give away. */
	if (unlikely((mine->notices | (mine->flags & AF_WOKEN)) != 0))
		return NULL;
	if (its != NULL)
		return its->state == KA_RESERVED && its->notices == 0 &&
			!(its->flags & AF_OUTSIDE)
		    ? its
		    : NULL;
	return mine->flags & AF_RESERVED ? NULL : mine;
}

/* Capabilities 0 to 2; gives the bits of those that were not void. */
static __attribute__((noinline)) uint64_t
transfer_caps(const struct process *to, uint64_t send, uint64_t receive)
{
	const struct cap *from   = cpu.current.slot;
	uint64_t          result = 0;
	uint32_t          filled = 0;

#pragma GCC unroll 3
	for (unsigned i = 0; i < MESSAGE_CAPS - 1; i++) {
		const struct cap *c  = &from[send >> 5 * i & 15];
		unsigned          in = receive >> 5 * i & 15;

		if (c->type != CK_VOID)
			result |= UINT64_C(1) << (RESULT_RECEIVED_SHIFT + i);
		filled |= UINT32_C(1) << in;
		if (in != 0)
			to->slot[in] = *c;
	}
	process_note_received(to, filled);
	return result;
}

/* The fourth capability of a return was received. */
static __attribute__((noinline)) void
note_last(const struct process *to)
{
	process_note_received(to, UINT32_C(1)
		<< (to->state->regs.rax >>
		       (CONTROL_RECEIVE_SHIFT + 15) & 15));
}

/* The target is the loaded process from here on. */
static inline _Noreturn void
switch_to(
    const struct process *to, struct activity *a, struct state_page *t)
{
	struct process *me = &cpu.current;

	hal_process_sync(me->state);
	me->state_frame->flags &= (uint16_t)~FF_LOADED;
	me->node->flags &= (uint16_t)~FF_LOADED;
	to->state_frame->flags |= FF_LOADED;
	to->node->flags |= FF_LOADED;
	me->node        = to->node;
	me->state_frame = to->state_frame;
	me->state       = t;
	me->header      = to->header;
	me->slot        = to->slot;
	me->index       = to->index;
	cpu.activity = a;
	a->state     = KA_RUNNING;
	hal_process_load(t);
	cpu.counters.fast_calls++;
	if (unlikely(!map_reload(to->state_frame)))
		general_load();
	if (likely(t->regs.trap == TRAP_SYSCALL))
		hal_resume_syscall(t);
	hal_resume(t);
}

/* The loaded process's activity moves on, or stays with it. */
static inline void
hand_over(const struct process *to, struct activity *a, bool ends)
{
	struct activity *mine = cpu.activity;
	oid              me   = process_oid(&cpu.current);

	if (likely(a == mine)) {
		activity_move(a, process_oid(to), to->header->count);
		process_set_activity(to, a);
	} else {
		activity_release(mine, ends);
	}
	if (ends && sched.stalled != 0)
		wait_wake_one(WAIT_PROCESS, me.v);
	a->retries = 0;
}

/* A start or resume capability, c, was invoked. */
static _Noreturn __attribute__((noinline)) void
invoke_process(struct state_page *s, const struct cap *c)
{
	const uint64_t   control = s->regs.rax;
	const bool       ends    = control & INVOKE_RETURN;
	struct cap      *mine    = cpu.current.slot;
	const struct cap *last = &mine[control >> (CONTROL_SEND_SHIFT + 15) & 15];
	struct process   target, *to = &target;
	struct state_page *t;
	struct cap       resume;
	struct activity *a;
	uint64_t         result, receive;
	unsigned         in, priority;

	if (unlikely((control & CONTROL_SLOW) != 0 ||
		(uint32_t)s->regs.r12 != 0))
		general_invoke(s);
	t = find_target(c, to);
	if (unlikely(t == NULL || !frame_writable(cpu.current.node) ||
		!plain_pair(&cpu.current, to)))
		general_invoke(s);
	if (unlikely(ends ? s->notices != 0 : last->type != CK_VOID))
		general_invoke(s);
	a        = pick_activity(to);
	priority = process_priority(to);
	if (unlikely(a == NULL || sched.ready_mask >> priority != 0))
		general_invoke(s);

	/* Commit: from here on nothing can fail. */
	result = c->type == CK_START
	    ? FROM_CALL | (uint64_t)c->data << RESULT_DATA_SHIFT
	    : FROM_REPLY;
	if (ends) {
		s->state = PS_AVAILABLE;
		if (unlikely(last->type != CK_VOID))
			note_last(to);
	} else {
		cpu.call_number = (cpu.call_number + 1) &
		    ((UINT64_C(1) << CALL_NUMBER_BITS) - 1);
		s->state       = PS_WAITING;
		s->call_number = cpu.call_number;
		resume         = process_resume(
                    &cpu.current, CK_RESUME, cpu.call_number);
		last = &resume;
	}
	receive = t->regs.rax >> CONTROL_RECEIVE_SHIFT;
	if (unlikely(((control >> CONTROL_SEND_SHIFT | receive) & REGS_3) != 0))
		result |= transfer_caps(
		    to, control >> CONTROL_SEND_SHIFT, receive);
	if (last->type != CK_VOID)
		result |= UINT64_C(8) << RESULT_RECEIVED_SHIFT;
	in = receive >> 15 & 15;
	if (in != 0)
		to->slot[in] = *last;
	t->regs.rdi = s->regs.rdi;
	t->regs.rsi = s->regs.rsi;
	t->regs.rdx = s->regs.rdx;
	t->regs.r10 = s->regs.r10;
	t->regs.r8  = s->regs.r8;
	t->regs.rax = result;
	t->state    = PS_RUNNING;
	hand_over(to, a, ends);
	a->priority = (uint8_t)priority;
	switch_to(to, a, t);
}

void
entry_invoke(struct state_page *s)
{
	const uint64_t    control = s->regs.rax;
	const struct cap *c =
	    &cpu.current.slot[control >> CONTROL_CAP_SHIFT & 15];

	cpu_enter();
	cpu.counters.invocations++;
	if (c->type == CK_START || c->type == CK_RESUME)
		invoke_process(s, c);
	general_invoke(s);
}
