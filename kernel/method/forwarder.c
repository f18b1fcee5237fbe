/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Forwarder: the orders of the form that is not opaque (S6). What happens to a
 * message to the other is in kernel/object/forward.c.
 */
#include "kernel/method/proto.h"
#include "kernel/object/forward.h"
#include "kernel/object/restrict.h"

enum status
method_forwarder_target(struct invocation *inv)
{
	return slot_get(inv, FORWARD_TO);
}

enum status
method_forwarder_set_target(struct invocation *inv)
{
	return slot_swap(inv, FORWARD_TO);
}

enum status
method_forwarder_fallback(struct invocation *inv)
{
	return slot_get(inv, FORWARD_ELSE);
}

enum status
method_forwarder_set_fallback(struct invocation *inv)
{
	return slot_swap(inv, FORWARD_ELSE);
}

enum status
method_forwarder_state(struct invocation *inv)
{
	const struct node_header *h = ref_header(&inv->self);

	inv_commit(inv);
	inv->out_word[1] = h->word;
	inv->out_word[2] = (h->data & FORWARDER_BLOCKED) != 0;
	return RC_OK;
}

enum status
method_forwarder_set_word(struct invocation *inv, uint64_t word)
{
	enum status st = inv_commit_write(inv);

	if (st == RC_OK)
		ref_header(&inv->self)->word = word;
	return st;
}

enum status
method_forwarder_block(struct invocation *inv)
{
	enum status st = inv_commit_write(inv);

	if (st == RC_OK)
		ref_header(&inv->self)->data |= FORWARDER_BLOCKED;
	return st;
}

/* Nobody waits at one that is not blocked, so then there is nobody to wake. */
static inline void
unblock(const struct invocation *inv)
{
	struct node_header *h = ref_header(&inv->self);

	if ((h->data & FORWARDER_BLOCKED) == 0)
		return;
	h->data &= (uint16_t)~FORWARDER_BLOCKED;
	forward_wake(ref_oid(&inv->self));
}

enum status
method_forwarder_unblock(struct invocation *inv)
{
	enum status st = inv_commit_write(inv);

	if (st == RC_OK)
		unblock(inv);
	return st;
}

enum status
method_forwarder_opaque(struct invocation *inv, uint64_t send)
{
	if (send & ~(uint64_t)FORWARDER_SEND_ALL)
		return RC_ARGUMENT;
	inv_commit(inv);
	inv->out_cap[0] = inv->self.cap;
	inv->out_cap[0].rights |= CR_OPAQUE;
	inv->out_cap[0].data = (uint16_t)send;
	return RC_OK;
}

enum status
method_forwarder_revoke(struct invocation *inv)
{
	enum status st = RC_OK;
	struct cap *slot;

	if (!frame_writable(inv->self.frame))
		st = ref_prepare_write(&inv->self);
	if (st != RC_OK)
		return st;
	inv_commit(inv);
	slot               = ref_slots(&inv->self);
	slot[FORWARD_TO]   = (struct cap){0};
	slot[FORWARD_ELSE] = (struct cap){0};
	unblock(inv);
	return RC_OK;
}
