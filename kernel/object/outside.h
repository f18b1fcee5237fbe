/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Outside waiters: persistent processes that wait for a reply, or for their
 * keeper, while the capability that would answer them is not persistent (S3);
 * and the parcels in which the replies of resident processes are kept until
 * their receiver can be loaded (F5).
 *
 * An outside waiter has a reserved activity with AF_OUTSIDE; its `call` is the
 * number it waits with. So a resume capability can be checked in core,
 * and a snapshot knows whom a restart must answer RC_RESTARTED.
 *
 * Each way by which a capability gets into a node goes through here: messages
 * (prepare_caps), faults (keeper.c), and orders that store or fetch one
 * (prepare_store). Once noted, a process stays noted until it is answered, also
 * if the capability comes back: then a restart answers it all the same.
 */
#ifndef KERNEL_OBJECT_OUTSIDE_H
#define KERNEL_OBJECT_OUTSIDE_H

#include "kernel/object/cpu.h"
#include "kernel/object/message.h"

enum { PARCELS = 64 };

void outside_init(void);

/* Will the loaded process, when it waits for `to`, wait outside? */
static inline bool
outside_leads(const struct process *to)
{
	return frame_source(cpu.current->node->number) == SOURCE_PERSISTENT &&
	    frame_source(to->node->number) != SOURCE_PERSISTENT;
}

/*
 * Will the loaded process, when it calls `to`, wait outside? Then its activity
 * stays with it; a resident server also needs a parcel. ST_WAIT: none is left.
 */
must_check enum status outside_prepare_call(
    const struct process *to, bool *outside, uint8_t *parcel);

/* It does wait now, with this call number. */
void outside_wait(struct activity *a, uint64_t number, uint8_t parcel);

/* It runs again, or dies: nothing outside is awaited any more. */
void outside_forget(struct activity *a);

/* It waits on, but nobody can answer any more: its entry is free for others. */
void outside_release(struct activity *a);

/*
 * Among the capabilities of a message to a process that is not persistent may
 * be resume capabilities of persistent ones: those wait outside from now on.
 * prepare may need activities (ST_WAIT); commit cannot fail.
 */
must_check enum status outside_prepare_caps(
    const struct message *m, const struct process *to);
void outside_commit_caps(const struct message *m, const struct process *to);

/* The same for one capability and the frame of the node it will stand in. */
must_check enum status outside_prepare_slow(
    const struct cap *c, const struct frame *holder);
void outside_commit_slow(const struct cap *c, const struct frame *holder);

static inline bool
outside_is_resume(const struct cap *c)
{
	return c->type == CK_RESUME || c->type == CK_RESTART;
}

must_check static inline enum status
outside_prepare_store(const struct cap *c, const struct frame *holder)
{
	return outside_is_resume(c) ? outside_prepare_slow(c, holder) : RC_OK;
}

static inline void
outside_commit_store(const struct cap *c, const struct frame *holder)
{
	if (outside_is_resume(c))
		outside_commit_slow(c, holder);
}

/* The same for what a call of the kernel gives to the loaded process. */
must_check static inline enum status
outside_prepare_result(const struct invocation *inv, const struct cap *c)
{
	return outside_is_resume(c) && inv->kind == INVOKE_CALL
	    ? outside_prepare_slow(c, cpu.current->node)
	    : RC_OK;
}

static inline void
outside_commit_result(const struct invocation *inv, const struct cap *c)
{
	if (outside_is_resume(c) && inv->kind == INVOKE_CALL)
		outside_commit_slow(c, cpu.current->node);
}

/*
 * A resident process replies to one that cannot be reached without the pager:
 * the message is kept in the parcel that its call reserved, or in a free one.
 * RC_NOT_RESIDENT: there is none, so it is told to ask again, as after a restart.
 * RC_VOID: it does not wait for this.
 */
must_check enum status outside_reply(
    const struct cap *resume, const struct message *m);

/*
 * What a waiter is told when it is loaded next, without a message from anybody.
 */
enum outside_answer {
	ANSWER_RESTARTED, /* RC_RESTARTED; if it has faulted, it tries again. */
	ANSWER_RETRY,     /* Its keeper says: run the instruction again. */
	ANSWER_KILL,      /* Its keeper says: stay as you are for good. */
};

/*
 * The same for an answer: nobody waits for the pager, and the waiter is queued
 * with the activity that its entry reserved. RC_VOID: it does not wait for
 * this.
 */
must_check enum status outside_answer(
    const struct cap *resume, enum outside_answer answer);

/*
 * Whoever waits for this capability, be it in or out of the persistent range,
 * is told as after a restart, for who holds it is about to die (S6). prepare
 * may need an activity (ST_WAIT); abandon gives whether anybody waits for it.
 */
must_check enum status outside_prepare_abandon(const struct cap *c);
bool                   outside_abandon(const struct cap *c);

/*
 * What lies ready for a process that is about to run: a parcel, or an answer.
 * Called by the dispatcher with the process prepared.
 */
must_check enum status outside_deliver_slow(
    struct process *p, struct activity *a);

must_check static inline enum status
outside_deliver(struct process *p, struct activity *a)
{
	return a->flags & (AF_RESTART | AF_PARCEL)
	    ? outside_deliver_slow(p, a)
	    : RC_OK;
}

#endif
