/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Range: authority over frames by position. What a space bank is made of.
 */
#include "kernel/method/proto.h"
#include "kernel/object/cpu.h"
#include "kernel/object/forward.h"
#include "kernel/object/outside.h"
#include "kernel/object/ref.h"
#include "kernel/sched/clock.h"

enum status
method_range_length(struct invocation *inv)
{
	inv_commit(inv);
	inv->out_word[1] = cap_range_length(&inv->self.cap);
	inv->out_word[2] = frame_source(cap_range_first(&inv->self.cap));
	return RC_OK;
}

enum status
method_range_split(struct invocation *inv, uint64_t first, uint64_t frames)
{
	uint64_t length = cap_range_length(&inv->self.cap);

	if (first > length || frames > length - first)
		return RC_ARGUMENT;
	inv_commit(inv);
	inv->out_cap[0] = cap_range_make(
	    cap_range_first(&inv->self.cap) + first, frames);
	inv->out_cap[0].rights = inv->self.rights;
	return RC_OK;
}

/* Bring in the frame, and make it this kind if it is free. */
static enum status
frame_as(uint64_t number, enum frame_kind kind, struct frame **f)
{
	enum status st = object_fetch(number, f);

	if (st == RC_OK && (*f)->kind == kind)
		return RC_OK;
	if (st == RC_OK && (*f)->kind != FK_FREE)
		return RC_STATE;
	if (st != RC_OK && st != RC_NOT_FOUND)
		return st;
	return object_make(number, kind, CLASS_ANY, f);
}

enum status
method_range_page(struct invocation *inv, uint64_t position)
{
	struct frame *f;
	uint64_t      number;
	enum status   st;

	if (!range_locate(&inv->self.cap, position, &number))
		return RC_ARGUMENT;
	st = frame_as(number, FK_PAGE, &f);
	if (st != RC_OK)
		return st;
	inv_commit(inv);
	inv->out_cap[0] = cap_make(
	    CK_PAGE, 0, 0, f->count, oid_make(number, OID_INDEX_FRAME));
	return RC_OK;
}

enum status
method_range_node(struct invocation *inv, uint64_t position, uint64_t index)
{
	const struct node_header *h;
	struct frame             *f;
	uint64_t                  number;
	enum status               st;

	if (index >= FRAME_NODES ||
	    !range_locate(&inv->self.cap, position, &number))
		return RC_ARGUMENT;
	st = frame_as(number, FK_NODE, &f);
	if (st != RC_OK)
		return st;
	h = &frame_nodes(f)->node[index];
	if (h->role != ROLE_DATA)
		return RC_STATE;
	inv_commit(inv);
	inv->out_cap[0] = cap_make(CK_NODE, 0, 2 * NODE_SHIFT + 6, h->count,
	    oid_make(number, (unsigned)index));
	return RC_OK;
}

/* Prepare what process_destroy changes beside the node frame. */
static enum status
prepare_process(struct frame **node, unsigned index)
{
	enum status st = process_prepare(*node, index, &cpu.other);

	if (st == RC_STATE || st == RC_MEDIA)
		return RC_OK; /* Malformed: there is nothing beside the node. */
	if (st != RC_OK)
		return st;
	st    = process_prepare_write(&cpu.other);
	*node = cpu.other.node;
	return st;
}

static enum status
rescind_node(struct invocation *inv, struct frame *f, unsigned index)
{
	bool        process;
	enum status st;

	if (f->kind == FK_FREE)
		return RC_OK; /* There is nothing. */
	if (f->kind != FK_NODE)
		return RC_STATE;
	process = frame_nodes(f)->node[index].role == ROLE_PROCESS;
	st      = object_prepare_write(&f);
	if (st == RC_OK && process)
		st = prepare_process(&f, index);
	if (st != RC_OK)
		return st;
	if (!map_node_thin(oid_make(f->number, index)))
		return ST_AGAIN;
	inv_commit(inv);
	if (process)
		process_destroy(f, index);
	else
		object_rescind_node(f, index);
	if (sched.stalled != 0)
		forward_wake(oid_make(f->number, index)); /* If it was one. */
	return RC_OK;
}

enum status
method_range_rescind(struct invocation *inv, uint64_t position, uint64_t index)
{
	struct frame *f;
	uint64_t      number;
	enum status   st;

	if (index > OID_INDEX_FRAME ||
	    !range_locate(&inv->self.cap, position, &number))
		return RC_ARGUMENT;
	st = object_fetch(number, &f);
	if (st != RC_OK)
		return st == RC_NOT_FOUND ? RC_OK : st;
	if (index < FRAME_NODES)
		return rescind_node(inv, f, (unsigned)index);
	if (f->kind == FK_FREE)
		return RC_OK;
	if (f->kind != FK_PAGE)
		return RC_STATE;
	if (f->flags & FF_DMA)
		return RC_BUSY;
	st = object_prepare_write(&f);
	if (st != RC_OK)
		return st;
	if (!map_page_thin(f))
		return ST_AGAIN;
	inv_commit(inv);
	object_rescind_page(f);
	return RC_OK;
}

/* Not more than one node at a time, so that interrupts are not off for long. */
enum status
method_range_abandon(struct invocation *inv, uint64_t position, uint64_t index)
{
	const struct cap *slot;
	struct frame     *f;
	uint64_t          number;
	enum status       st;

	if (index >= FRAME_NODES ||
	    !range_locate(&inv->self.cap, position, &number))
		return RC_ARGUMENT;
	st = object_fetch(number, &f);
	if (st == RC_NOT_FOUND || (st == RC_OK && f->kind != FK_NODE))
		return RC_STATE;
	if (st != RC_OK)
		return st;
	frame_hold(f);
	slot = frame_nodes(f)->slot[index];
	for (unsigned i = 0; i < NODE_SLOTS; i++) {
		st = outside_prepare_abandon(&slot[i]);
		if (st != RC_OK)
			return st;
	}
	inv_commit(inv);
	for (unsigned i = 0; i < NODE_SLOTS; i++)
		inv->out_word[1] += outside_abandon(&slot[i]);
	return RC_OK;
}

/* The processes among the nodes of a frame in memory are prepared to die. */
static enum status
prepare_processes(struct frame *f)
{
	enum status st = object_prepare_write(&f);

	for (unsigned i = 0; st == RC_OK && i < FRAME_NODES; i++) {
		if (frame_nodes(f)->node[i].role == ROLE_PROCESS)
			st = prepare_process(&f, i);
	}
	return st;
}

/*
 * Of a frame that is not in memory but for its count (S8), what still runs in
 * it has an activity, and goes with that. False: something is left, for a
 * process had alarms, which take their time (D3).
 */
static bool
destroy_processes(struct frame *f)
{
	const uint32_t alarms = alarm_count();

	if (f->kind == FK_STATE) { /* Callers will see void. */
		const struct state_page *s = frame_data(f);

		wait_wake(WAIT_PROCESS, s->node_oid);
		return true;
	}
	for (unsigned i = 0; i < FRAME_NODES; i++) {
		const oid        id   = oid_make(f->number, i);
		const bool       here = f->kind == FK_NODE &&
		    frame_nodes(f)->node[i].role == ROLE_PROCESS;
		struct activity *a    = activity_find(id);

		if (here)
			process_destroy(f, i);
		else if (a != NULL)
			process_forget(a);
		if ((here || a != NULL) && alarm_count() != alarms)
			return false;
		if (here || sched.stalled == 0)
			continue;
		wait_wake(WAIT_PROCESS, id.v); /* D5: also without an activity. */
		forward_wake(id);
	}
	return true;
}

enum status
method_range_free(struct invocation *inv, uint64_t position)
{
	struct frame *f;
	uint64_t      number;
	enum status   st;

	if (!range_locate(&inv->self.cap, position, &number))
		return RC_ARGUMENT;
	f = frame_find(number);
	if (f != NULL && f->flags & FF_IO_IN)
		return wait_on(WAIT_IO, number);
	if (f != NULL && f->flags & FF_DMA)
		return RC_BUSY;
	if (f != NULL && f->kind == FK_NODE) {
		st = prepare_processes(f);
		if (st != RC_OK)
			return st;
	}
	st = object_free_prepare(number);
	if (st != RC_OK)
		return st == RC_NOT_FOUND ? RC_OK : st;
	f = frame_find(number);
	assert(f != NULL);
	if (!destroy_processes(f) || !map_number_thin(number))
		return ST_AGAIN;
	inv_commit(inv);
	object_free(number);
	return RC_OK;
}

/* Does the range hold this frame? Its position, then. */
static bool
position_of(const struct invocation *inv, uint64_t number, uint64_t *position)
{
	uint64_t first = cap_range_first(&inv->self.cap);

	*position = number - first;
	return number >= first && *position < cap_range_length(&inv->self.cap);
}

enum status
method_range_identify(struct invocation *inv)
{
	const struct ref *r = &inv->cap[0];
	uint64_t          position, state;

	if (r->frame == NULL || r->kind == CK_RESUME ||
	    r->kind == CK_RESTART || r->kind == CK_START ||
	    r->kind == CK_NOTICE ||
	    !position_of(inv, r->frame->number, &position))
		return RC_NOT_FOUND;
	inv_commit(inv);
	inv->out_word[1] = position;
	inv->out_word[2] = r->index;
	if (r->kind == CK_PROCESS &&
	    position_of(inv, oid_frame(cap_oid(&ref_slots(r)[SLOT_STATE])),
		&state))
		inv->out_word[3] = state + 1;
	return RC_OK;
}
