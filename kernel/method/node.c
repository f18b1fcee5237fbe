/* SPDX-License-Identifier: BSD-2-Clause */
/* Node and guard: 32 capability slots. */
#include "kernel/mem/map.h"
#include "kernel/method/proto.h"
#include "kernel/object/cpu.h"
#include "kernel/object/outside.h"
#include "kernel/object/restrict.h"

enum status
method_node_clear(struct invocation *inv)
{
	enum status st = ref_prepare_write(&inv->self);

	if (st != RC_OK)
		return st;
	if (!map_node_thin(ref_oid(&inv->self)))
		return ST_AGAIN;
	inv_commit(inv);
	map_node_changed(ref_oid(&inv->self));
	memset(ref_slots(&inv->self), 0, NODE_BYTES);
	return RC_OK;
}

/* What slot i of the source is when it has been fetched. */
static struct cap
fetched(const struct ref *source, unsigned i)
{
	const struct cap *c = &ref_slots(source)[i];

	return source->rights & CR_WEAK ? restrict_weak(c) : *c;
}

enum status
method_node_copy(struct invocation *inv)
{
	struct ref *source = &inv->cap[0];
	struct cap  c;
	enum status st = ref_prepare_write(&inv->self);

	for (unsigned i = 0; st == RC_OK && i < NODE_SLOTS; i++) {
		if (ref_slots(source)[i].type == CK_VOID)
			continue;
		c  = fetched(source, i);
		st = outside_prepare_store(&c, inv->self.frame);
	}
	if (st != RC_OK)
		return st;
	if (!map_node_thin(ref_oid(&inv->self)))
		return ST_AGAIN;
	inv_commit(inv);
	map_node_changed(ref_oid(&inv->self));
	for (unsigned i = 0; i < NODE_SLOTS; i++) {
		c = (struct cap){0};
		if (ref_slots(source)[i].type != CK_VOID) {
			c = fetched(source, i);
			outside_commit_store(&c, inv->self.frame);
		}
		ref_slots(&inv->self)[i] = c;
	}
	return RC_OK;
}

/*
 * To make something else of a node kills all capabilities to it, and takes one
 * of its counts. The last one is for its end: made anything, it would be alive
 * with a count that no rescind changes, and could never be revoked (M4).
 */
static enum status
prepare_role(struct invocation *inv)
{
	const enum status st = ref_prepare_write(&inv->self);

	if (st != RC_OK)
		return st;
	if (object_node_is_last(inv->self.frame, inv->self.index))
		return RC_STATE;
	return map_node_thin(ref_oid(&inv->self)) ? RC_OK
								: ST_AGAIN;
}

/* D6: the role changes only with the count, so no capability outlives it. */
static enum status
take_role(struct invocation *inv, enum node_role role, enum cap_kind kind,
    unsigned data)
{
	struct node_header *h;
	enum status         st = prepare_role(inv);

	if (st != RC_OK)
		return st;
	inv_commit(inv);
	object_rescind_node(inv->self.frame, inv->self.index);
	h               = ref_header(&inv->self);
	h->role         = (uint8_t)role;
	inv->out_cap[0] = cap_make(
	    kind, 0, data, h->count, ref_oid(&inv->self));
	return RC_OK;
}

enum status
method_node_make_guard(struct invocation *inv, uint64_t span)
{
	if (span < 1 || span > 64)
		return RC_ARGUMENT;
	return take_role(inv, ROLE_GUARD, CK_GUARD, (unsigned)span - 1);
}

enum status
method_node_make_forwarder(struct invocation *inv)
{
	return take_role(inv, ROLE_FORWARDER, CK_FORWARDER, 0);
}

/*
 * What a resident process makes is resident: so the server can call the bus
 * domain and the drivers it builds, and they wait for the pager no more than
 * it does (F5). No other way leads to the flag but system.dts. What can be
 * paged out is never resident, whoever makes it.
 */
enum status
method_node_make_process(struct invocation *inv)
{
	struct ref      *page = &inv->cap[0];
	struct activity *a    = NULL;
	const bool       resident =
	    (cpu.current->header->flags & PF_RESIDENT) != 0 &&
	    frame_source(inv->self.frame->number) != SOURCE_PERSISTENT &&
	    frame_source(page->frame->number) != SOURCE_PERSISTENT;
	enum status st;

	if (page->rights & (CR_READ_ONLY | CR_WEAK))
		return RC_RIGHTS;
	if (page->frame->flags & FF_DMA)
		return RC_BUSY;
	st = prepare_role(inv);
	if (st != RC_OK)
		return st;
	st = ref_prepare_write(page);
	if (st != RC_OK)
		return st;
	if (!map_page_thin(page->frame))
		return ST_AGAIN;
	if (resident) {
		/* It has a reserved activity, as all of the closure (S2). */
		a = activity_alloc(ref_oid(&inv->self), 0);
		if (a == NULL)
			return RC_NO_MEMORY;
	}
	inv_commit(inv);
	inv->out_cap[0] = process_make(&inv->self, page);
	if (resident) {
		ref_header(&inv->self)->flags = PF_RESIDENT;
		page->frame->state.activity   = activity_index(a);
		a->count                      = inv->out_cap[0].count;
		a->flags |= AF_RESIDENT | AF_AVAILABLE;
	}
	return RC_OK;
}

/* A keeper proves itself by a capability that only it can make. */
enum status
method_guard_open(struct invocation *inv)
{
	const struct cap *kept = &ref_slots(&inv->self)[1];
	const struct ref *sent = &inv->cap[0];

	if (kept->type != CK_START || kept->rights != sent->rights ||
	    kept->data != sent->data || kept->count != sent->cap.count ||
	    !oid_equal(cap_oid(kept), cap_oid(&sent->cap)))
		return RC_RIGHTS;
	inv_commit(inv);
	inv->out_cap[0] = inv->self.cap;
	inv->out_cap[0].rights &= (uint8_t)~CR_OPAQUE;
	return RC_OK;
}
