/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waiting: who is queued on what.
 *
 * The kernel keeps no state for a blocked process. A function that cannot go
 * on calls wait_on and returns the status it got; the invocation unwinds to
 * the entry code, which queues the current activity on that key, and when the
 * key is woken the process runs the same instruction again.
 */
#ifndef KERNEL_SCHED_WAIT_H
#define KERNEL_SCHED_WAIT_H

#include "kernel/core/core.h"

enum wait_kind {
	WAIT_NONE,
	WAIT_PROCESS, /* A busy server; key: its OID. Woken one by one (D5). */
	WAIT_FORWARDER, /* A blocked forwarder; key: its OID. */
	WAIT_FRAME,   /* An absent object; key: its frame number. */
	WAIT_IO,      /* A frame under I/O; key: its frame number. */
	WAIT_CREDIT,  /* A dirty credit; key 0. */
	WAIT_MEMORY,  /* A frame, a pager request, the volume; key 0. */
	WAIT_COMMIT,  /* The last snapshot's commit; key 0. */
	WAIT_PARCEL,  /* An outside-waiter entry or parcel; key 0. */
	WAIT_TOKEN,   /* The progress token (S12); key 0. */
	WAIT_KINDS,
};

/*
 * Note what the current invocation or fault waits for, and return ST_WAIT; or
 * RC_NOT_RESIDENT if the process must not wait for such a thing (F5).
 */
enum status wait_on(enum wait_kind kind, uint64_t key);

/* May the running process use the small credit reserve (F7)? */
bool wait_uses_reserve(void);

/* Does anybody wait for another process, or a forwarder? */
bool wait_stalled(void);

/* Make ready all that wait for this key. */
void wait_wake(enum wait_kind kind, uint64_t key);

/* Make ready the one that has waited longest for this key. */
void wait_wake_one(enum wait_kind kind, uint64_t key);

#endif
