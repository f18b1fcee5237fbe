/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Handing a message, and the processor, to another process.
 */
#ifndef KERNEL_OBJECT_DELIVER_H
#define KERNEL_OBJECT_DELIVER_H

#include "kernel/object/message.h"
#include "kernel/object/ref.h"

/*
 * Who gets the message of a start, resume or restart capability: prepares it
 * in cpu.other. RC_VOID: dead, or a reply that is not awaited any more.
 * RC_NOT_RESIDENT: out of the closure (F5). ST_WAIT: it is busy.
 */
must_check enum status deliver_target(const struct ref *to, bool waits);

/*
 * The activity that the target will run with, when the loaded process stops
 * (moves = true) or goes on. Reserves one if need be. ST_WAIT: none is left.
 */
must_check enum status deliver_activity(bool moves, struct activity **out);

/* The target was changed to run: queue it with its activity. */
void deliver_ready(struct activity *a);

/* The loaded process is now waiting for a reply: its call number. */
struct cap deliver_wait(struct process *p, enum cap_kind kind);

/*
 * After the change: the target runs with this activity, the loaded process
 * stops, available or not.
 */
_Noreturn void deliver_switch(struct activity *a, bool available);

#endif
