/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Orders that several kinds share.
 */
#include "kernel/object/restrict.h"
#include "kernel/mem/map.h"
#include "kernel/object/outside.h"
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
	struct cap  c;
	enum status st;

	if (slot >= NODE_SLOTS)
		return RC_ARGUMENT;
	c = ref_slots(&inv->self)[slot];
	if (inv->self.rights & CR_WEAK)
		c = restrict_weak(&c);
	st = outside_prepare_result(inv, &c);
	if (st != RC_OK)
		return st;
	inv_commit(inv);
	outside_commit_result(inv, &c);
	inv->out_cap[0] = c;
	return RC_OK;
}

enum status
slot_swap(struct invocation *inv, uint64_t slot)
{
	const struct cap new = ref_stored(&inv->cap[0]);
	struct cap *c;
	bool        resume; /* S3 has to see to it. */
	enum status st;

	if (slot >= NODE_SLOTS)
		return RC_ARGUMENT;
	st = ref_prepare_write(&inv->self);
	if (st != RC_OK)
		return st;
	c      = &ref_slots(&inv->self)[slot];
	resume = outside_is_resume(&new) || outside_is_resume(c);
	if (unlikely(resume)) {
		st = outside_prepare_store(&new, inv->self.frame);
		if (st == RC_OK)
			st = outside_prepare_result(inv, c);
		if (st != RC_OK)
			return st;
		c = &ref_slots(&inv->self)[slot];
	}
	if (!map_slot_thin(ref_oid(&inv->self), (unsigned)slot))
		return ST_AGAIN;
	inv_commit(inv);
	if (unlikely(resume)) {
		outside_commit_store(&new, inv->self.frame);
		outside_commit_result(inv, c);
	}
	inv->out_cap[0] = *c;
	*c              = new;
	return RC_OK;
}
