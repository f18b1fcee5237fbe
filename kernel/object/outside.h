/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Outside waiters: persistent processes that wait for a reply from one that
 * is not persistent (S3), and the parcels in which the replies of resident
 * processes are kept until their receiver can be loaded (F5).
 *
 * An outside waiter has a reserved activity with AF_OUTSIDE; its `call` is the
 * number it waits with. So a resume capability can be checked in core,
 * and a snapshot knows whom a restart must answer RC_RESTARTED.
 */
#ifndef KERNEL_OBJECT_OUTSIDE_H
#define KERNEL_OBJECT_OUTSIDE_H

#include "kernel/object/message.h"

enum { PARCELS = 64 };

void outside_init(void);

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

/*
 * Among the capabilities of a message to a process that is not persistent may
 * be resume capabilities of persistent ones: those wait outside from now on.
 * prepare may need activities (ST_WAIT); commit cannot fail.
 */
must_check enum status outside_prepare_caps(
    const struct message *m, const struct process *to);
void outside_commit_caps(const struct message *m, const struct process *to);

/*
 * A resident process replies to one that cannot be reached without the pager:
 * the message is kept in the parcel that its call reserved. RC_VOID: it does
 * not wait for this.
 */
must_check enum status outside_reply(
    const struct cap *resume, const struct message *m);

/*
 * What lies ready for a process that is about to run: a parcel, or the news
 * of a restart. Called by the dispatcher with the process prepared.
 */
must_check enum status outside_deliver(struct process *p, struct activity *a);

#endif
