/* SPDX-License-Identifier: BSD-2-Clause */
/* Schedule: priorities and reserves. */
#include "kernel/method/proto.h"
#include "kernel/object/invocation.h"
#include "kernel/sched/activity.h"

static unsigned
priority_of(const struct invocation *inv)
{
	return inv->self.data & (PRIORITIES - 1);
}

enum status
method_schedule_get(struct invocation *inv)
{
	inv_commit(inv);
	inv->out_word[1] = priority_of(inv);
	inv->out_word[2] = inv->self.cap.count;
	return RC_OK;
}

enum status
method_schedule_lower(struct invocation *inv, uint64_t priority)
{
	if (priority > priority_of(inv))
		return RC_ARGUMENT;
	inv_commit(inv);
	inv->out_cap[0]      = inv->self.cap;
	inv->out_cap[0].data = (uint16_t)priority;
	return RC_OK;
}

enum status
method_schedule_reserve(
    struct invocation *inv, uint64_t period, uint64_t budget)
{
	uint32_t    id;
	enum status st;

	if (priority_of(inv) != PRIORITIES - 1)
		return RC_RIGHTS;
	st = reserve_make(period, budget, &id);
	if (st != RC_OK)
		return st;
	inv_commit(inv);
	inv->out_cap[0]       = inv->self.cap;
	inv->out_cap[0].count = id;
	return RC_OK;
}

enum status
method_schedule_release(struct invocation *inv)
{
	const uint32_t id = inv->self.cap.count;

	if (priority_of(inv) != PRIORITIES - 1)
		return RC_RIGHTS;
	if (reserve_number(id) == 0)
		return RC_NOT_FOUND;
	inv_commit(inv);
	sched_drop_reserve(id);
	return RC_OK;
}

enum status
method_schedule_figures(struct invocation *inv)
{
	const struct reserve *r =
	    reserve_at(reserve_number(inv->self.cap.count));

	if (r == NULL)
		return RC_NOT_FOUND;
	inv_commit(inv);
	inv->out_word[1] = r->period;
	inv->out_word[2] = r->budget;
	inv->out_word[3] = r->left;
	inv->out_word[4] = r->used;
	return RC_OK;
}
