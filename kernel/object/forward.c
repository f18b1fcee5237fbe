/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way through forwarders (S6).
 *
 * Each step needs the forwarder's node and nothing of the message, so a long
 * way costs no more than the same number of look-ups, and the length is bounded
 * without recursion. Nothing changes here: whoever has to wait on the way runs
 * the whole invocation again, and sees each forwarder as it is then.
 */
#include "kernel/object/forward.h"
#include "kernel/object/deliver.h"
#include "kernel/object/ref.h"
#include "kernel/sched/activity.h"

static oid
forwarder_oid(const struct ref *r)
{
	return oid_make(r->frame->number, r->index);
}

/* Of several that have something to say, the one nearest the target is heard. */
static void
note(const struct ref *r, struct forwarded *add)
{
	const struct node_header *h = ref_header(r);

	if (r->data & FORWARDER_SEND_WORD)
		add->word = h->word;
	if (r->data & FORWARDER_SEND_CAP)
		add->cap = cap_make(
		    CK_FORWARDER, 0, 0, h->count, forwarder_oid(r));
	add->send |= r->data & FORWARDER_SEND_ALL;
}

/*
 * Is there nobody behind this target any more? RC_OK: there is. RC_VOID: there
 * is not. A resume capability that was answered is void, which only its process
 * can tell; one that a resident process may not wait for is left to the parcels
 * (F5).
 */
static enum status
look_behind(const struct ref *t)
{
	enum status st;

	switch (t->kind) {
	case CK_VOID:
	case CK_RESTARTED:
		return RC_VOID;
	case CK_RESUME:
	case CK_RESTART:
		st = deliver_target(t, false);
		return st == RC_NOT_RESIDENT ? RC_OK : st;
	default:
		return RC_OK;
	}
}

/* From a forwarder that is not blocked to its target, or else its fallback. */
static enum status
step(struct ref *r)
{
	struct frame *holder = r->frame;
	struct cap   *slot   = ref_slots(r);
	struct ref    instead;
	enum status   st;

	st = ref_prepare(&slot[FORWARD_TO], holder, r);
	if (st == RC_OK)
		st = look_behind(r);
	if (st != RC_VOID || slot[FORWARD_ELSE].type == CK_VOID)
		return st == RC_VOID ? RC_OK : st;
	st = ref_prepare(&slot[FORWARD_ELSE], holder, &instead);
	/* Why there is nobody, the target says better than a dead fallback. */
	if (st != RC_OK || instead.kind != CK_VOID)
		*r = instead;
	return st;
}

enum status
forward_resolve(struct ref *r, struct forwarded *add)
{
	for (unsigned n = 0; forward_applies(r); n++) {
		enum status st;

		if (n == FORWARDERS_MOST)
			return RC_LIMIT;
		if (ref_header(r)->data & FORWARDER_BLOCKED)
			return wait_on(WAIT_FORWARDER, forwarder_oid(r).v);
		note(r, add);
		st = step(r);
		if (st != RC_OK)
			return st;
	}
	return RC_OK;
}

void
forward_wake(oid forwarder)
{
	wait_wake(WAIT_FORWARDER, forwarder.v);
}
