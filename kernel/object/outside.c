/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Outside waiters and parcels.
 *
 * Invariants:
 *  1. A parcel is reserved by exactly one activity (its `parcel`, less 1).
 *  2. AF_PARCEL: the parcel is filled, and the activity is on its way to run.
 */
#include "kernel/object/outside.h"
#include "kernel/object/cpu.h"
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
is_persistent(const struct process *p)
{
	return frame_source(p->node->number) == SOURCE_PERSISTENT;
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
	*outside = is_persistent(&cpu.current) && !is_persistent(to);
	if (!*outside || !(to->header->flags & PF_RESIDENT))
		return RC_OK;
	*parcel = parcel_find();
	return *parcel == 0 ? wait_on(WAIT_PARCEL, 0) : RC_OK;
}

void
outside_wait(struct activity *a, uint64_t number, uint8_t parcel)
{
	activity_hash(a);
	a->flags |= AF_OUTSIDE;
	a->call   = number;
	a->parcel = parcel;
	if (parcel != 0)
		parcels[parcel - 1].reserved = true;
}

void
outside_forget(struct activity *a)
{
	parcel_release(a);
	a->flags &= (uint8_t) ~(AF_OUTSIDE | AF_RESTART);
}

/* Does storing this capability outside make its process an outside waiter? */
static bool
concerns(const struct cap *c, const struct process *to)
{
	return (c->type == CK_RESUME || c->type == CK_RESTART) &&
	    frame_source(oid_frame(cap_oid(c))) == SOURCE_PERSISTENT &&
	    !is_persistent(to);
}

enum status
outside_prepare_caps(const struct message *m, const struct process *to)
{
	for (unsigned i = 0; i < MESSAGE_CAPS; i++) {
		struct cap       copy = m->cap[i];
		struct ref       r;
		struct activity *a;
		struct process   p;
		enum status      st;

		if (!concerns(&copy, to) ||
		    activity_find(cap_oid(&copy)) != NULL)
			continue; /* A waiting one is reserved, so hashed. */
		st = ref_prepare(&copy, NULL, &r);
		if (st != RC_OK)
			return st;
		if (r.kind == CK_VOID)
			continue;
		st = process_prepare(r.frame, r.index, &p);
		if (st == RC_STATE)
			continue;
		if (st != RC_OK)
			return st;
		if (p.state->state != PS_WAITING ||
		    p.state->call_number != cap_call_number(&copy))
			continue; /* It was answered: nobody waits. */
		a = activity_alloc(cap_oid(&copy), p.header->count);
		if (a == NULL)
			return wait_on(WAIT_MEMORY, 0);
		process_set_activity(&p, a);
		outside_wait(a, cap_call_number(&copy), 0);
	}
	return RC_OK;
}

/*
 * Its process may not be in memory. Numbers rise: of several the highest is
 * that of the latest call, so only it can be awaited.
 */
void
outside_commit_caps(const struct message *m, const struct process *to)
{
	for (unsigned i = 0; i < MESSAGE_CAPS; i++) {
		const uint64_t   number = cap_call_number(&m->cap[i]);
		struct activity *a;

		if (!concerns(&m->cap[i], to))
			continue;
		a = activity_find(cap_oid(&m->cap[i]));
		if (a != NULL && a->state == KA_RESERVED &&
		    (!(a->flags & AF_OUTSIDE) || number > a->call))
			outside_wait(a, number, a->parcel);
	}
}

/* --- Answers ------------------------------------------------------------- */

enum status
outside_reply(const struct cap *resume, const struct message *m)
{
	struct activity *a = activity_find(cap_oid(resume));

	if (a == NULL || !(a->flags & AF_OUTSIDE) || a->parcel == 0 ||
	    a->flags & AF_PARCEL || a->call != cap_call_number(resume))
		return RC_VOID;
	parcel_fill(&parcels[a->parcel - 1], m);
	a->flags |= AF_PARCEL;
	sched_ready(a);
	return RC_OK;
}

/* A restart answers what was asked of a domain that is no more (S3). */
static void
compose_restarted(struct message *m)
{
	*m = (struct message){
	    .source = FROM_REPLY,
	    .word   = {RC_RESTARTED},
	};
}

enum status
outside_deliver(struct process *p, struct activity *a)
{
	struct message m;
	bool           cut; /* To what a parcel holds. */
	enum status    st;

	if (!(a->flags & (AF_RESTART | AF_PARCEL)))
		return RC_OK;
	if (a->flags & AF_PARCEL)
		m = parcels[a->parcel - 1].m;
	else
		compose_restarted(&m);
	/* It was started or killed by somebody meanwhile. */
	if (p->state->state != PS_WAITING || p->state->call_number != a->call ||
	    p->state->fault != FAULT_NONE) {
		outside_forget(a);
		return RC_OK;
	}
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
