/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Orders that several kinds share.
 */
#include "kernel/object/restrict.h"
#include "kernel/mem/map.h"
#include "kernel/object/ref.h"

enum status
restrict_cap(struct invocation *inv, uint64_t rights)
{
	if (rights & ~(uint64_t)CR_ALL)
		return RC_ARGUMENT;
	inv_commit(inv);
	inv->out_cap[0] = inv->self.cap;
	inv->out_cap[0].rights |= (uint8_t)rights;
	return RC_OK;
}

enum status
restrict_span(struct invocation *inv, uint64_t span)
{
	if (span < 1 || span > 64)
		return RC_ARGUMENT;
	inv_commit(inv);
	inv->out_cap[0]      = inv->self.cap;
	inv->out_cap[0].data = (uint16_t)((inv->self.data & ~63u) | (span - 1));
	return RC_OK;
}

struct cap
restrict_weak(const struct cap *c)
{
	struct cap out = *c;

	switch (c->type) {
	case CK_PAGE:
	case CK_NODE:
		out.rights |= CR_READ_ONLY | CR_WEAK;
		return out;
	case CK_VOID:
	case CK_NUMBER:
	case CK_DISCRIM:
		return out;
	default:
		return (struct cap){.type = CK_VOID};
	}
}

enum status
slot_get(struct invocation *inv, uint64_t slot)
{
	const struct cap *c;

	if (slot >= NODE_SLOTS)
		return RC_ARGUMENT;
	inv_commit(inv);
	c               = &ref_slots(&inv->self)[slot];
	inv->out_cap[0] = inv->self.rights & CR_WEAK ? restrict_weak(c) : *c;
	return RC_OK;
}

enum status
slot_swap(struct invocation *inv, uint64_t slot)
{
	struct cap *c;
	enum status st;

	if (slot >= NODE_SLOTS)
		return RC_ARGUMENT;
	st = ref_prepare_write(&inv->self);
	if (st != RC_OK)
		return st;
	inv_commit(inv);
	c = &ref_slots(&inv->self)[slot];
	map_slot_changed(
	    oid_make(inv->self.frame->number, inv->self.index), (unsigned)slot);
	inv->out_cap[0] = *c;
	*c              = ref_stored(&inv->cap[0]);
	return RC_OK;
}
