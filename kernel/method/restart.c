/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Restart: a keeper resumes or kills a faulted process (D4).
 */
#include "kernel/method/proto.h"
#include "kernel/object/cpu.h"
#include "kernel/object/deliver.h"
#include "kernel/object/loan.h"
#include "kernel/object/outside.h"
#include "kernel/object/store.h"

/* RC_NOT_RESIDENT: only the pager could bring it in (F5). */
static enum status
target(struct invocation *inv)
{
	enum status st;

	if (inv->self.frame == NULL)
		return RC_NOT_RESIDENT;
	st = deliver_target(&inv->self, false);
	return st == RC_OK ? process_prepare_write(&cpu.other) : st;
}

/* A resident keeper does not wait for it: it learns the answer when it runs. */
static enum status
answer_absent(struct invocation *inv, enum outside_answer answer)
{
	enum status st = outside_answer(&inv->self.cap, answer);

	if (st == RC_OK)
		inv_commit(inv);
	return st;
}

/* It runs again, with a page or with other registers if that is not NULL. */
static enum status
resume(struct invocation *inv, const struct cap *page,
    const struct register_set *to)
{
	struct activity *a;
	enum status      st = deliver_activity(false, &a);

	if (st != RC_OK)
		return st;
	inv_commit(inv);
	if (page != NULL)
		loan_add(&cpu.other, page);
	if (to != NULL)
		process_put_registers(cpu.other.state, to);
	cpu.other.state->fault = FAULT_NONE;
	cpu.other.state->state = PS_RUNNING;
	deliver_ready(a);
	return RC_OK;
}

enum status
method_restart_retry(struct invocation *inv)
{
	enum status st = target(inv);

	if (st == RC_NOT_RESIDENT)
		return answer_absent(inv, ANSWER_RETRY);
	return st == RC_OK ? resume(inv, NULL, NULL) : st;
}

/* Who is not in memory runs again without the page, and asks for it again. */
enum status
method_restart_lend(struct invocation *inv)
{
	enum status st = target(inv);

	if (st == RC_NOT_RESIDENT)
		return answer_absent(inv, ANSWER_RETRY);
	if (st != RC_OK)
		return st;
	/* Where the kernel is, nothing can be put. */
	if (cpu.other.state->fault >= FAULT_DIVIDE ||
	    cpu.other.state->fault_address >> USER_SPAN != 0)
		return RC_STATE;
	return resume(inv, &inv->cap[0].cap, NULL);
}

enum status
method_restart_kill(struct invocation *inv)
{
	enum status      st = target(inv);
	struct activity *a;

	if (st == RC_NOT_RESIDENT)
		return answer_absent(inv, ANSWER_KILL);
	if (st != RC_OK)
		return st;
	inv_commit(inv);
	cpu.other.state->call_number = 0; /* No capability has number 0. */
	a = process_activity(&cpu.other);
	if (a != NULL)
		outside_release(a);
	store_check(process_oid(&cpu.other), "its keeper has killed it");
	return RC_OK;
}

enum status
method_restart_answer(struct invocation *inv)
{
	struct register_set to;
	enum status         st = target(inv);

	if (st != RC_OK)
		return st;
	if (cpu.other.state->fault != FAULT_FOREIGN)
		return RC_STATE;
	if (cpu.other.state->fault_rights & CR_OPAQUE)
		return RC_RIGHTS;
	memcpy(&to, inv->string, sizeof(to));
	return resume(inv, NULL, &to);
}
