/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Outside waiters and parcels.
 *
 * Invariants:
 *  1. A parcel is reserved by exactly one activity (its `parcel`, less 1).
 *  2. AF_PARCEL: the parcel is filled, and the activity is on its way to run.
 */
#include "kernel/object/outside.h"
#include "kernel/object/keeper.h"
#include "kernel/object/ref.h"

struct parcel {
	bool           reserved;
	struct message m;
	uint8_t        string[PAGE_SIZE];
};

static struct parcel *parcels;

void
outside_init(void)
{
	parcels = mem_reserve(PARCELS * sizeof(struct parcel));
}

static bool
is_persistent(const struct frame *node)
{
	return frame_source(node->number) == SOURCE_PERSISTENT;
}

/* --- Parcels ------------------------------------------------------------- */

/* 1 to PARCELS, or 0: none is free. */
static uint8_t
parcel_find(void)
{
	for (unsigned i = 0; i < PARCELS; i++) {
		if (!parcels[i].reserved)
			return (uint8_t)(i + 1);
	}
	return 0;
}

/* n: as parcel_find gave it. */
static void
parcel_reserve(struct activity *a, uint8_t n)
{
	a->parcel = n;
	if (n != 0)
		parcels[n - 1].reserved = true;
}

static void
parcel_release(struct activity *a)
{
	if (a->parcel == 0)
		return;
	parcels[a->parcel - 1].reserved = false;
	a->parcel                       = 0;
	a->flags &= (uint8_t)~AF_PARCEL;
	/* All: the first may not want it any more. */
	wait_wake(WAIT_PARCEL, 0);
}

/* m: its string in the kernel, cut to a page. */
static void
parcel_fill(struct parcel *p, const struct message *m)
{
	p->m               = *m;
	p->m.sender        = NULL;
	p->m.kernel_string = p->string;
	debug_assert(m->bytes <= PAGE_SIZE);
	memcpy(p->string, m->kernel_string, p->m.bytes);
}

/* --- Waiting ------------------------------------------------------------- */

enum status
outside_prepare_call(const struct process *to, bool *outside, uint8_t *parcel)
{
	*parcel  = 0;
	*outside = outside_leads(to);
	if (!*outside || !(to->header->flags & PF_RESIDENT))
		return RC_OK;
	*parcel = parcel_find();
	return *parcel == 0 ? wait_on(WAIT_PARCEL, 0) : RC_OK;
}

void
outside_wait(struct activity *a, uint64_t number, uint8_t parcel)
{
	activity_touch(a);
	activity_hash(a);
	a->flags |= AF_OUTSIDE;
	a->call   = number;
	a->answer = ANSWER_RESTARTED;
	parcel_reserve(a, parcel);
}

void
outside_forget(struct activity *a)
{
	activity_touch(a);
	parcel_release(a);
	a->flags &= (uint8_t) ~(AF_OUTSIDE | AF_RESTART);
}

void
outside_release(struct activity *a)
{
	if (!(a->flags & AF_OUTSIDE))
		return;
	outside_forget(a);
	activity_release(a, false);
}

/* Does this resume, stored there, make its process an outside waiter? */
static bool
concerns(const struct cap *c, const struct frame *holder)
{
	return frame_source(oid_frame(cap_oid(c))) == SOURCE_PERSISTENT &&
	    !is_persistent(holder);
}

/*
 * Find out whether anybody waits for it, and reserve an activity for whoever
 * does. That is no entry yet: if the order comes to nothing, what is reserved
 * is what the process will run with when it is answered.
 */
static enum status
reserve(const struct cap *c)
{
	struct cap       copy = *c;
	struct ref       r;
	struct activity *a;
	struct process   p;
	enum status      st;

	if (activity_find(cap_oid(c)) != NULL)
		return RC_OK; /* A waiting one is reserved, so hashed. */
	st = ref_prepare(&copy, NULL, &r);
	if (st != RC_OK || r.kind == CK_VOID)
		return st;
	st = process_prepare(r.frame, r.index, &p);
	if (st != RC_OK)
		return st == RC_STATE ? RC_OK : st;
	if (p.state->state != PS_WAITING ||
	    p.state->call_number != cap_call_number(c))
		return RC_OK; /* It was answered: nobody waits. */
	debug_assert(process_activity(&p) == NULL); /* It would be hashed. */
	a = activity_alloc(cap_oid(c), p.header->count);
	if (a == NULL)
		return wait_on(WAIT_MEMORY, 0);
	sched_set_priority(a, process_priority(&p), process_reserve(&p));
	process_set_activity(&p, a);
	return RC_OK;
}

enum status
outside_prepare_slow(const struct cap *c, const struct frame *holder)
{
	return concerns(c, holder) ? reserve(c) : RC_OK;
}

/*
 * Its process may not be in memory. Numbers rise: of several the highest is
 * that of the latest call, so only it can be awaited.
 */
static void
enter(const struct cap *c)
{
	const uint64_t   number = cap_call_number(c);
	struct activity *a      = activity_find(cap_oid(c));

	if (a != NULL && a->state == KA_RESERVED &&
	    (!(a->flags & AF_OUTSIDE) || number > a->call))
		outside_wait(a, number, a->parcel);
}

void
outside_commit_slow(const struct cap *c, const struct frame *holder)
{
	if (concerns(c, holder))
		enter(c);
}

enum status
outside_prepare_caps(const struct message *m, const struct process *to)
{
	for (unsigned i = 0; i < MESSAGE_CAPS; i++) {
		enum status st = outside_prepare_store(&m->cap[i], to->node);

		if (st != RC_OK)
			return st;
	}
	return RC_OK;
}

void
outside_commit_caps(const struct message *m, const struct process *to)
{
	for (unsigned i = 0; i < MESSAGE_CAPS; i++)
		outside_commit_store(&m->cap[i], to->node);
}

/* --- Answers ------------------------------------------------------------- */

/* The entry of who waits for this and was not answered yet, or NULL. */
static struct activity *
waiter(const struct cap *resume)
{
	struct activity *a = activity_find(cap_oid(resume));

	if (a == NULL || !(a->flags & AF_OUTSIDE) ||
	    a->flags & (AF_PARCEL | AF_RESTART) ||
	    a->call != cap_call_number(resume))
		return NULL;
	return a;
}

enum status
outside_reply(const struct cap *resume, const struct message *m)
{
	struct activity *a = waiter(resume);

	if (a == NULL)
		return RC_VOID;
	if (a->parcel == 0) /* It came to this process by another's hands. */
		parcel_reserve(a, parcel_find());
	a->flags |= a->parcel == 0 ? AF_RESTART : AF_PARCEL;
	if (a->parcel != 0)
		parcel_fill(&parcels[a->parcel - 1], m);
	sched_ready(a);
	return a->parcel == 0 ? RC_NOT_RESIDENT : RC_OK;
}

enum status
outside_answer(const struct cap *resume, enum outside_answer answer)
{
	struct activity *a = waiter(resume);

	if (a == NULL)
		return RC_VOID;
	a->flags |= AF_RESTART;
	a->answer = (uint8_t)answer;
	sched_ready(a);
	return RC_OK;
}

enum status
outside_prepare_abandon(const struct cap *c)
{
	return outside_is_resume(c) ? reserve(c) : RC_OK;
}

bool
outside_abandon(const struct cap *c)
{
	if (!outside_is_resume(c))
		return false;
	enter(c);
	return outside_answer(c, ANSWER_RESTARTED) == RC_OK;
}

/*
 * One that has faulted is answered by running: the same instruction again, if
 * nobody was to see the fault first. What came after its instruction (D4) is
 * told to its keeper once more when it is loaded.
 */
static void
answer_fault(struct process *p, const struct activity *a)
{
	if (a->answer == ANSWER_KILL) {
		p->state->call_number = 0; /* No capability has number 0. */
		return;
	}
	p->state->state = PS_RUNNING;
	if (a->answer == ANSWER_RETRY ||
	    !keeper_came_after(p->state->fault))
		p->state->fault = FAULT_NONE;
}

/* Is what lies ready what the process waits for? */
static bool
still_awaited(const struct process *p, const struct activity *a)
{
	if (p->state->state != PS_WAITING || p->state->call_number != a->call)
		return false; /* It was started or killed meanwhile. */
	return p->state->fault == FAULT_NONE ? a->answer == ANSWER_RESTARTED
					     : !(a->flags & AF_PARCEL);
}

enum status
outside_deliver_slow(struct process *p, struct activity *a)
{
	struct message m   = {.source = FROM_REPLY, .word = {RC_RESTARTED}};
	bool           cut; /* To what a parcel holds. */
	enum status    st;

	if (!still_awaited(p, a)) {
		outside_forget(a);
		return RC_OK;
	}
	if (p->state->fault != FAULT_NONE) {
		answer_fault(p, a);
		outside_forget(a);
		return RC_OK;
	}
	if (a->flags & AF_PARCEL)
		m = parcels[a->parcel - 1].m;
	cut = m.truncated;
	st  = message_prepare(&m, p, NULL);
	if (st != RC_OK)
		return st;
	m.truncated = m.truncated || cut;
	message_deliver(&m, p);
	p->state->state = PS_RUNNING;
	outside_forget(a);
	return RC_OK;
}
