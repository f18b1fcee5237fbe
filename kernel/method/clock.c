/* SPDX-License-Identifier: BSD-2-Clause */
/* Clock: time and alarms. */
#include "kernel/sched/clock.h"
#include "kernel/method/proto.h"
#include "kernel/object/cpu.h"
#include "kernel/object/wall.h"

enum status
method_clock_now(struct invocation *inv)
{
	uint64_t now = hal_clock_now();

	inv_commit(inv);
	inv->out_word[1] = now;
	inv->out_word[2] = wall.persistent_base + now;
	inv->out_word[3] = wall.day_base == 0 ? 0 : wall.day_base + now;
	return RC_OK;
}

enum status
method_clock_alarm(struct invocation *inv, uint64_t when)
{
	struct alarm a = {
	    .when    = when,
	    .process = cap_oid(&inv->cap[0].cap).v,
	    .count   = inv->cap[0].cap.count,
	    .bit     = (uint8_t)(inv->cap[0].data & 63),
	};
	enum status st;

	st = alarm_set(&a);
	if (st != RC_OK)
		return st;
	inv_commit(inv);
	clock_arm(cpu.slice_end);
	return RC_OK;
}

enum status
method_clock_cancel(struct invocation *inv)
{
	enum status st = alarm_cancel(cap_oid(&inv->cap[0].cap).v,
	    (uint8_t)(inv->cap[0].data & 63));

	if (st == RC_OK)
		inv_commit(inv);
	return st;
}
