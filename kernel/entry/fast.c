/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fast path of call and return: in registers, from one process that runs
 * to one that waits, both in memory and writable in this epoch (F4).
 *
 * Invariants:
 *  1. Up to the line marked commit nothing has changed.
 *  2. Whatever is unusual (a notice pending, a turn at a server, a process
 *     outside, a more urgent one that is ready) is left to the general path.
 */
#include "kernel/entry/fast.h"
#include "kernel/abi/invoke.h"
#include "kernel/object/cpu.h"

#define REG_TOP(shift) (UINT64_C(16) << (shift))

/* Bits no good control word has: unused ones, and registers beyond 15. */
#define CONTROL_BAD                                                            \
	(~((UINT64_C(1) << CONTROL_USED_BITS) - 1) |                           \
	    REG_TOP(CONTROL_CAP_SHIFT) | REG_TOP(CONTROL_SEND_SHIFT) |         \
	    REG_TOP(CONTROL_SEND_SHIFT + 5) |                                  \
	    REG_TOP(CONTROL_SEND_SHIFT + 10) |                                 \
	    REG_TOP(CONTROL_SEND_SHIFT + 15) |                                 \
	    REG_TOP(CONTROL_RECEIVE_SHIFT) |                                   \
	    REG_TOP(CONTROL_RECEIVE_SHIFT + 5) |                               \
	    REG_TOP(CONTROL_RECEIVE_SHIFT + 10) |                              \
	    REG_TOP(CONTROL_RECEIVE_SHIFT + 15))

#define REGS20 ((UINT64_C(1) << 20) - 1)

/* Is this the state page of that node? It was checked when it was noted. */
static inline bool
still_names(const struct state_page *t, oid id, const struct node_header *h)
{
	return t->node_oid == id.v && t->node_count == h->count;
}

/* Does the target wait for just this? */
static inline bool
accepts(const struct cap *c, const struct state_page *t)
{
	if (c->type == CK_START)
		return t->state == PS_AVAILABLE && c->rights == 0;
	return t->state == PS_WAITING && t->fault == FAULT_NONE &&
	    t->call_number == cap_call_number(c);
}

/* Find the target of a start or resume capability; false: not the easy case. */
static inline bool
find_target(const struct cap *c, struct process *to)
{
	struct frame      *f = frame_hinted(cap_hint(c));
	struct frame      *sf;
	unsigned           i  = oid_index(cap_oid(c));
	oid                id = cap_oid(c);
	struct node_frame *nf;

	if (f->number != oid_frame(id) || f->kind != FK_NODE ||
	    !frame_writable(f))
		return false;
	if (!cap_fits(c, f))
		return false;
	nf = frame_nodes(f);
	sf = frame_hinted(cap_hint(&nf->slot[i][SLOT_STATE]));
	if (sf->kind != FK_STATE || !(sf->flags & FF_FORCED) ||
	    !frame_writable(sf))
		return false;
	*to = (struct process){
	    .node        = f,
	    .state_frame = sf,
	    .state       = frame_data(sf),
	    .header      = &nf->node[i],
	    .slot        = nf->slot[i],
	    .index       = i,
	};
	return still_names(to->state, id, to->header) && accepts(c, to->state);
}

/*
 * Persistent processes that deal with others need the tables of S3; a resident
 * process may not call out (F5); a foreign one's call is a fault (D16).
 */
static inline bool
plain_pair(const struct process *me, const struct process *to)
{
	const unsigned special = PF_RESIDENT | PF_FOREIGN;
	const bool     outside =
	    frame_source(me->node->number) == SOURCE_PERSISTENT ||
	    frame_source(to->node->number) == SOURCE_PERSISTENT;

	if (me->header->flags & special)
		return false;
	return !outside ||
	    frame_source(me->node->number) == frame_source(to->node->number);
}

/* The activity with which the target will run; NULL: not the easy case. */
static inline struct activity *
pick_activity(const struct state_page *s, const struct process *to, bool ends)
{
	struct activity *mine = cpu.activity;
	struct activity *its  = process_activity(to);

	if (mine->flags & AF_WOKEN)
		return NULL;
	if (ends && (mine->notices != 0 || s->notices != 0))
		return NULL;
	if (its != NULL)
		return its->state == KA_RESERVED && its->notices == 0 &&
			!(its->flags & AF_OUTSIDE)
		    ? its
		    : NULL;
	return mine->flags & AF_RESERVED ? NULL : mine;
}

/* Words, result and capabilities. last: the fourth capability. */
static inline void
transfer(struct state_page *s, const struct process *to, const struct cap *c,
    uint64_t control, const struct cap *last)
{
	struct registers *r       = &to->state->regs;
	const struct cap *slot    = cpu.current.slot;
	uint64_t          receive = r->rax >> CONTROL_RECEIVE_SHIFT;
	uint64_t          send    = control >> CONTROL_SEND_SHIFT;
	uint64_t          result  = c->type == CK_START
		      ? FROM_CALL | (uint64_t)c->data << RESULT_DATA_SHIFT
		      : FROM_REPLY;

	if (((send | receive) & REGS20 >> 5) != 0) {
		for (unsigned i = 0; i < MESSAGE_CAPS - 1; i++) {
			const struct cap *from = &slot[send >> 5 * i & 15];
			unsigned          in   = receive >> 5 * i & 15;

			if (from->type != CK_VOID)
				result |= UINT64_C(1)
				    << (RESULT_RECEIVED_SHIFT + i);
			if (in != 0)
				to->slot[in] = *from;
		}
	}
	if (last->type != CK_VOID)
		result |= UINT64_C(8) << RESULT_RECEIVED_SHIFT;
	if ((receive >> 15 & 15) != 0)
		to->slot[receive >> 15 & 15] = *last;
	r->rdi = s->regs.rdi;
	r->rsi = s->regs.rsi;
	r->rdx = s->regs.rdx;
	r->r10 = s->regs.r10;
	r->r8  = s->regs.r8;
	r->rax = result;
}

/* From the loaded process, which stops, to the target. */
static _Noreturn inline void
hand_over(struct activity *a, bool ends)
{
	struct activity *mine = cpu.activity;
	oid              me   = process_oid(&cpu.current);

	if (a == mine) {
		activity_move(
		    mine, process_oid(&cpu.other), cpu.other.header->count);
		process_set_activity(&cpu.other, mine);
	} else {
		activity_release(mine, ends);
	}
	if (ends)
		wait_wake_one(WAIT_PROCESS, me.v);
	a->priority = (uint8_t)process_priority(&cpu.other);
	a->retries  = 0;
	cpu.counters.fast_calls++;
	if (process_load(&cpu.other, a) != RC_OK) {
		cpu.activity = NULL;
		sched_wait(a);
		cpu_dispatch();
	}
	if (cpu.current.state->regs.trap == TRAP_SYSCALL)
		hal_resume_syscall(cpu.current.state);
	hal_resume(cpu.current.state);
}

void
fast_invoke(struct state_page *s)
{
	const uint64_t   control = s->regs.rax;
	const bool       ends    = (control & 3) == INVOKE_RETURN;
	struct process  *to      = &cpu.other;
	const struct cap c = cpu.current.slot[control >> CONTROL_CAP_SHIFT & 15];
	struct cap       last;
	struct activity *a;

	if ((control & CONTROL_BAD) != 0 || (control & 3) > INVOKE_RETURN ||
	    (uint32_t)s->regs.r12 != 0)
		return;
	if (c.type != CK_START && c.type != CK_RESUME)
		return;
	last = cpu.current.slot[control >> (CONTROL_SEND_SHIFT + 15) & 15];
	if (!ends && last.type != CK_VOID)
		return;
	if (!frame_writable(cpu.current.node) || !find_target(&c, to) ||
	    !plain_pair(&cpu.current, to))
		return;
	a = pick_activity(s, to, ends);
	if (a == NULL || sched_highest() > (int)process_priority(to))
		return;

	/* Commit: from here on nothing can fail. */
	if (ends) {
		s->state = PS_AVAILABLE;
	} else {
		cpu.call_number = (cpu.call_number + 1) &
		    ((UINT64_C(1) << CALL_NUMBER_BITS) - 1);
		s->state       = PS_WAITING;
		s->call_number = cpu.call_number;
		last           = process_resume(
                    &cpu.current, CK_RESUME, cpu.call_number);
	}
	transfer(s, to, &c, control, &last);
	to->state->state = PS_RUNNING;
	hand_over(a, ends);
}
