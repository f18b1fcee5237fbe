/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Processes: one node and one page, and the one that is loaded.
 *
 * Invariants (process_ok):
 *  1. Node and state page name each other by OID and count; if they disagree
 *     the process is malformed and never runs (F3).
 *  2. The loaded process's state frame is in memory, of the current epoch and
 *     not under I/O (F4).
 *  3. state == PS_RUNNING exactly when it has an activity that is not
 *     reserved-and-idle.
 */
#ifndef KERNEL_OBJECT_PROCESS_H
#define KERNEL_OBJECT_PROCESS_H

#include "kernel/abi/process.h"
#include "kernel/mem/map.h"
#include "kernel/object/invocation.h"
#include "kernel/sched/activity.h"

/* A process whose node and state page are in memory and held. */
struct process {
	union {
		struct {
			struct frame *node;
			struct frame *state_frame;
		};
		struct frame *frames[2]; /* For mem.loaded. */
	};
	struct state_page  *state;
	struct node_header *header;
	struct cap         *slot;
	unsigned            index;
};

static inline oid
process_oid(const struct process *p)
{
	return oid_make(p->node->number, p->index);
}

/*
 * A resume or restart capability to a process, with the hint that finds its
 * node at once.
 */
static inline struct cap
process_resume(const struct process *p, enum cap_kind kind, uint64_t number)
{
	struct cap c = cap_resume_make(kind, number, process_oid(p));

	c.word |= (uint64_t)frame_index(p->node) << CAP_HINT_SHIFT;
	return c;
}

/*
 * Find the state page of a process node. RC_STATE: malformed. ST_WAIT,
 * RC_MEDIA as object_fetch.
 */
must_check enum status process_prepare(
    struct frame *node, unsigned index, struct process *out);

/*
 * Make both frames writable in this epoch; they may move. Needed before any
 * change of registers or slots. Cheap when they are.
 */
must_check enum status process_prepare_write_slow(struct process *p);

must_check static inline enum status
process_prepare_write(struct process *p)
{
	if (frame_writable(p->node) && frame_writable(p->state_frame))
		return RC_OK;
	return process_prepare_write_slow(p);
}

/* The address space, for kernel/mem. */
static inline struct map_space
process_space(const struct process *p)
{
	return (struct map_space){
	    .root     = &p->slot[SLOT_SPACE],
	    .holder   = p->node,
	    .state    = p->state_frame,
	    .resident = (p->header->flags & PF_RESIDENT) != 0,
	};
}

static inline unsigned
process_priority(const struct process *p)
{
	const struct cap *c = &p->slot[SLOT_SCHEDULE];

	return c->type == CK_SCHEDULE ? c->data & (PRIORITIES - 1) : 0;
}

/* The id of the reserve that its schedule names, or 0. */
static inline uint32_t
process_reserve(const struct process *p)
{
	const struct cap *c = &p->slot[SLOT_SCHEDULE];

	return c->type == CK_SCHEDULE ? c->count : 0;
}

/* Its activity, which may be on a queue, is to run as its schedule says. */
static inline void
process_take_schedule(const struct process *p, struct activity *a)
{
	sched_set_priority(a, process_priority(p), process_reserve(p));
}

/*
 * The activity of a process in memory, or NULL. Whoever gives it one notes that
 * in its state frame (process_set_activity); a freed one has another OID.
 */
static inline struct activity *
process_activity(const struct process *p)
{
	uint32_t i = p->state_frame->state.activity;

	if (i == NO_INDEX)
		return NULL;
	return activity_slot(i)->oid == process_oid(p).v ? activity_slot(i)
							  : NULL;
}

static inline void
process_set_activity(const struct process *p, const struct activity *a)
{
	p->state_frame->state.activity = activity_index(a);
}

/* It moves on from one process to another; the first has none then. */
static inline void
process_hand_activity(const struct process *from, const struct process *to,
    const struct activity *a)
{
	from->state_frame->state.activity = NO_INDEX;
	process_set_activity(to, a);
}

/* Who holds the process capability has filled the slot. */
static inline void
process_note_placed(const struct process *p, unsigned slot)
{
	p->header->built &= ~(UINT32_C(1) << slot);
	p->header->placed |= UINT32_C(1) << slot;
}

/*
 * Messages have filled these registers. A resume capability needs no note: it
 * can have come by a message only.
 */
static inline void
process_note_received(const struct process *p, uint32_t registers)
{
	p->header->built &= ~registers;
	p->header->placed &= ~registers;
}

/*
 * Put a capability into a slot (0-20) of a process prepared for writing, on
 * behalf of who holds the process capability.
 */
void process_put(struct process *p, unsigned slot, const struct cap *c);

/*
 * Its registers are these, a struct register_set at any address, of which
 * nothing is trusted; the rest of the page stays forced.
 */
void process_put_registers(struct state_page *s, const void *registers);

/*
 * Rescind a process node: it stops, callers that wait for it run again and
 * see void, its state page becomes an ordinary dead page. The node frame is
 * prepared for writing.
 */
void process_destroy(struct frame *node, unsigned index);

/* All that the kernel keeps of a process that is gone: activity, alarms. */
void process_forget(struct activity *a);

/* Make one from a node and a page, both prepared for writing (F3). */
struct cap process_make(struct ref *node, struct ref *page);

bool process_ok(const struct process *p);

#endif
