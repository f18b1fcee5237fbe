/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The direct way of a fault to its keeper, and of the keeper's answer back: as
 * call and return in kernel/entry/fast.c, from one process that runs to one that
 * waits, both in memory and writable in this epoch (F4), and under the same
 * invariants. All else goes to keeper_fault (kernel/object/keeper.c) and to
 * kernel/method/restart.c, which give the same result in every case (D4, D16).
 */
#include "kernel/abi/restart.order.h"
#include "kernel/entry/control.h"
#include "kernel/entry/general.h"
#include "kernel/object/cpu.h"
#include "kernel/object/keeper.h"
#include "kernel/object/known.h"

enum {
	GUARD_KEEPER = 1, /* Its slot in a guard (D11). */
	RECEIVE_1_2  = 0x3ff << CONTROL_REG_BITS,
};

#define CAP_DATA UINT64_C(0xffff0000) /* In the first word of a capability. */

/* What a return without capabilities has not in its control word, but for its
   kind. */
#define ANSWER_BESIDE (CONTROL_BAD | CONTROL_SENDS | UINT64_C(3))

/* The process of a capability, if all is known of it. */
static inline __attribute__((always_inline)) struct known *
process_of(const struct cap *c)
{
	struct known *k = known_at(c->word);

	if (likely(known_holds(k, c->word)))
		return k;
	return known_look(cap_oid(c));
}

/*
 * May the loaded process, which is of this world, stop and that one run, with
 * nobody before it? Then *a is its activity, or NULL: that of who is loaded, in
 * the usual way.
 */
static inline __attribute__((always_inline)) bool
may_run(const struct known *to, unsigned world, struct activity **a)
{
	if (world != to->as_target || cpu.remap || cpu.lent != LENT_NOT ||
	    (sched.ready_mask & to->as_urgent) != 0 ||
	    cpu.activity->notices != 0)
		return false;
	*a = NULL;
	if (likely(known_usual(to, cpu.activity)))
		return true;
	*a = known_activity(to);
	return *a != NULL;
}

/* --- A fault -------------------------------------------------------------- */

/* The capability to who is told: the guard's keeper, or the process's. */
static const struct cap *
keeper_of(const struct map_fault *m)
{
	const struct node_header *h;
	const struct frame       *f;
	unsigned                  i;

	if (!m->guarded)
		return &cpu.current->slot[SLOT_KEEPER];
	f = frame_hinted(cap_hint(&m->guard));
	i = oid_index(cap_oid(&m->guard));
	if (f->number != oid_frame(cap_oid(&m->guard)) || f->kind != FK_NODE)
		return NULL;
	h = &frame_nodes(f)->node[i]; /* As cap_fits. */
	if (h->role != ROLE_GUARD || h->count != m->guard.count)
		return NULL;
	return &frame_nodes(f)->slot[i][GUARD_KEEPER];
}

/* It waits, and its capability has no rights: so it is told everything. */
static struct known *
find_keeper(const struct cap *c)
{
	struct known *k;
	uint64_t      first;

	if (c == NULL || c->type != CK_START)
		return NULL;
	k = process_of(c);
	memcpy(&first, c, sizeof(first));
	return k != NULL && (first & ~CAP_DATA) == k->start &&
		k->p.state->state == PS_AVAILABLE
	    ? k
	    : NULL;
}

/* Where the registers of a foreign process are told; NULL: not just so. */
static uint8_t *
place_for_registers(const struct known *to)
{
	const struct registers *r = &to->p.state->regs;
	const struct frame     *f;

	if (r->r12 >> 32 < sizeof(struct register_set) ||
	    r->r13 % PAGE_SIZE > PAGE_SIZE - sizeof(struct register_set))
		return NULL;
	f = map_mapped(to->p.state_frame, r->r13, ACCESS_WRITE);
	return f != NULL ? (uint8_t *)frame_data(f) + r->r13 % PAGE_SIZE
			 : NULL;
}

/* Where a capability of the message goes, and its bit in *filled; or NULL. */
static inline struct cap *
place(const struct known *to, uint64_t receive, unsigned i, uint32_t *filled)
{
	const unsigned reg = (unsigned)(receive >> CONTROL_REG_BITS * i) & 31;

	if (reg == 0 || reg >= CAP_REGISTERS)
		return NULL;
	*filled |= UINT32_C(1) << reg;
	return &to->p.slot[reg];
}

/* The guard, or the process; and the right to have it run again. */
static void
give(const struct fault *f, const struct known *me, const struct known *to)
{
	const uint64_t receive =
	    to->p.state->regs.rax >> CONTROL_RECEIVE_SHIFT;
	uint32_t    filled = 0;
	struct cap *c      = place(to, receive, 0, &filled);

	if (c != NULL && f->map.guarded) {
		*c = f->map.guard;
		c->rights &= (uint8_t)~CR_OPAQUE;
	} else if (c != NULL) {
		*c = cap_make(CK_PROCESS, 0, 0, me->count, (oid){me->oid});
	}
	for (unsigned i = 1; unlikely((receive & RECEIVE_1_2) != 0) && i < 3;
	     i++) {
		c = place(to, receive, i, &filled);
		if (c != NULL)
			*c = (struct cap){.type = CK_VOID};
	}
	c = place(to, receive, 3, &filled);
	if (c != NULL) {
		*c = cap_resume_make(
		    CK_RESTART, me->p.state->call_number, (oid){0});
		c->word = me->word;
	}
	process_note_received(&to->p, filled);
}

/* The words: as compose in kernel/object/keeper.c. */
static inline void
tell(const struct fault *f, const struct cap *keeper, uint64_t rip,
    struct state_page *t)
{
	struct registers *r = &t->regs;

	r->rax = FROM_CALL | UINT64_C(9) << RESULT_RECEIVED_SHIFT | RESULT_AWAITED |
	    (uint64_t)keeper->data << RESULT_DATA_SHIFT;
	r->rdi   = f->map.guarded ? KEEPER_SEGMENT : KEEPER_PROCESS;
	r->rsi   = f->code;
	r->rdx   = f->map.guarded ? f->map.offset : f->address;
	r->r10   = f->code < FAULT_DIVIDE ? f->access : f->info;
	r->r8    = rip;
	t->state = PS_RUNNING;
}

/* It has faulted, and waits. */
static void
record(const struct fault *f, struct state_page *s)
{
	s->fault         = (uint8_t)f->code;
	s->access        = (uint8_t)f->access;
	s->fault_address = f->address;
	s->fault_info    = f->info;
	s->fault_rights = f->map.guarded ? f->map.rights : 0;
	s->state        = PS_WAITING;
	s->call_number  = cpu_next_call();
}

/* D16: all registers, behind the call, as the string of the message. */
static void
tell_registers(const struct fault *f, struct state_page *s,
    struct state_page *t, uint8_t *at)
{
	hal_process_sync(s);
	s->regs.rip += f->length;
	memcpy(at, (const uint8_t *)s + STATE_REGS_OFFSET,
	    sizeof(struct register_set));
	t->regs.r8 = s->regs.rip;
	t->regs.rax |= sizeof(struct register_set) << RESULT_LENGTH_SHIFT;
}

void
keep_fault(struct fault *f)
{
	const struct known *me     = known_of(cpu.current);
	struct state_page  *s      = cpu.current->state;
	const struct cap   *keeper = keeper_of(&f->map);
	struct known       *to     = find_keeper(keeper);
	struct activity    *a;
	uint8_t            *at = NULL;

	if (to == NULL)
		general_fault(f);
	if (unlikely(f->code == FAULT_FOREIGN)) {
		at = place_for_registers(to);
		if (at == NULL)
			general_fault(f);
	}
	if (!may_run(to, me->as_faulter, &a))
		general_fault(f);
	/* Commit. */
	record(f, s);
	give(f, me, to);
	tell(f, keeper, s->regs.rip, to->p.state);
	if (unlikely(at != NULL))
		tell_registers(f, s, to->p.state, at);
	fast_hand_over(s, to, a, false);
}

/* --- The answer ----------------------------------------------------------- */

/* The one that waits with this restart capability, without any loan (D4). */
static struct known *
find_faulted(const struct cap *c)
{
	struct known            *k = process_of(c);
	const struct state_page *t;

	if (k == NULL || (k->p.state_frame->flags & FF_LENT))
		return NULL;
	t = k->p.state;
	return t->state == PS_WAITING && t->fault != FAULT_NONE &&
		t->call_number == cap_call_number(c)
	    ? k
	    : NULL;
}

/* The registers that a keeper answers with, where they lie; NULL: general. */
static const void *
registers_sent(const struct state_page *s, const struct state_page *t)
{
	const struct frame *f;

	if ((uint32_t)s->regs.r12 != sizeof(struct register_set) ||
	    s->regs.r9 % PAGE_SIZE > PAGE_SIZE - sizeof(struct register_set) ||
	    t->fault != FAULT_FOREIGN || (t->fault_rights & CR_OPAQUE))
		return NULL;
	f = map_mapped(cpu.current->state_frame, s->regs.r9, ACCESS_READ);
	return f != NULL ? (uint8_t *)frame_data(f) + s->regs.r9 % PAGE_SIZE
			 : NULL;
}

/*
 * It will run its instruction again, and fault again, now on what its keeper
 * may have mapped: if that is all it lacks, it is there at once.
 */
static void
serve_ahead(const struct known *to)
{
	const struct state_page *t = to->p.state;
	enum map_hit             how;

	if (t->fault >= FAULT_DIVIDE)
		return;
	cpu_enter();
	how = map_hit(to->p.state_frame, t->fault_address,
	    (enum fault_access)t->access, NULL);
	(void)how; /* If not, it faults. */
}

void
keep_answer(struct state_page *s, const struct cap *c)
{
	const uint64_t control = s->regs.rax ^ INVOKE_RETURN;
	const void    *with    = NULL;
	struct known  *to;
	struct activity *a;

	if ((control & ANSWER_BESIDE) != 0 || s->notices != 0 ||
	    sched.stalled != 0)
		general_invoke(s);
	to = find_faulted(c);
	if (to == NULL)
		general_invoke(s);
	if (s->regs.rdi == RESTART_ANSWER)
		with = registers_sent(s, to->p.state);
	if (with == NULL &&
	    (s->regs.rdi != RESTART_RETRY || (uint32_t)s->regs.r12 != 0))
		general_invoke(s);
	if (!may_run(to, known_of(cpu.current)->as_caller, &a))
		general_invoke(s);
	/* Commit. */
	if (with != NULL)
		process_put_registers(to->p.state, with);
	else
		serve_ahead(to);
	to->p.state->fault = FAULT_NONE;
	to->p.state->state = PS_RUNNING;
	s->state           = PS_AVAILABLE;
	fast_hand_over(s, to, a, true);
}
