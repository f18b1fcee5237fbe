/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * S3: the ways by which a resume or restart capability leaves the persistent
 * range without a message, and what becomes of who waits for it.
 */
#include "testsuite/unit/kernel/object/support.h"

#include "kernel/abi/node.order.h"
#include "kernel/abi/process.order.h"
#include "kernel/abi/range.order.h"
#include "kernel/abi/restart.order.h"
#include "kernel/mem/cache.h"

enum {
	NUMBER = 4711, /* That p waits with. */
	SLOT = 3,
};

/* p waits; inside and out move its capability; each has spare nodes. */
static struct process p, inside, out;

static struct cap
data_node(const struct process *of, unsigned index)
{
	return cap_make(CK_NODE, 0, 16,
	    frame_nodes(of->node)->node[index].count,
	    oid_make(of->node->number, index));
}

static struct cap *
data_slot(const struct process *of, unsigned index, unsigned slot)
{
	return &frame_nodes(of->node)->slot[index][slot];
}

static struct cap
resume(enum cap_kind kind)
{
	return cap_resume_make(kind, NUMBER, process_oid(&p));
}

static void
three(enum cap_kind kind)
{
	start_machine();
	p = make_process(SOURCE_PERSISTENT, 1);
	inside = make_process(SOURCE_PERSISTENT, 2);
	out = make_process(SOURCE_EPHEMERAL, 3);
	p.state->state = PS_WAITING;
	p.state->call_number = NUMBER;
	p.state->fault = kind == CK_RESTART ? FAULT_DIVIDE : FAULT_NONE;
	p.state_frame->flags |= FF_FORCED;
}

static void
order(struct process *by, enum invoke_kind kind, uint64_t number,
    uint64_t receive)
{
	if (!cpu.loaded || cpu.current->state != by->state)
		(void)run_process(by);
	(void)invoke(control_make(kind, 1) | CONTROL_SEND(0, 2) | receive,
	    (const uint64_t[]){number, SLOT, 0, 0, 0});
}

/* --- The ways ------------------------------------------------------------- */

static void
node_swap_in(enum cap_kind kind)
{
	inside.slot[1] = data_node(&out, 2);
	inside.slot[2] = resume(kind);
	order(&inside, INVOKE_CALL, NODE_SWAP, 0);
}

static void
node_swap_out(enum cap_kind kind)
{
	*data_slot(&inside, 2, SLOT) = resume(kind);
	out.slot[1] = data_node(&inside, 2);
	order(&out, INVOKE_CALL, NODE_SWAP, CONTROL_RECEIVE(0, 5));
}

static void
node_get(enum cap_kind kind)
{
	*data_slot(&inside, 2, SLOT) = resume(kind);
	out.slot[1] = data_node(&inside, 2);
	order(&out, INVOKE_CALL, NODE_GET, CONTROL_RECEIVE(0, 5));
}

static void
node_copy(enum cap_kind kind)
{
	*data_slot(&inside, 2, 31) = resume(kind);
	inside.slot[1] = data_node(&out, 2);
	inside.slot[2] = data_node(&inside, 2);
	order(&inside, INVOKE_CALL, NODE_COPY, 0);
}

static void
process_swap_in(enum cap_kind kind)
{
	inside.slot[1] = process_cap(&out);
	inside.slot[2] = resume(kind);
	order(&inside, INVOKE_CALL, PROCESS_SWAP, 0);
}

static void
process_swap_out(enum cap_kind kind)
{
	inside.slot[SLOT] = resume(kind);
	out.slot[1] = process_cap(&inside);
	order(&out, INVOKE_CALL, PROCESS_SWAP, CONTROL_RECEIVE(0, 5));
}

static void
process_get(enum cap_kind kind)
{
	inside.slot[SLOT] = resume(kind);
	out.slot[1] = process_cap(&inside);
	order(&out, INVOKE_CALL, PROCESS_GET, CONTROL_RECEIVE(0, 5));
}

static void (*const way[])(enum cap_kind kind) = {
    node_swap_in,
    node_swap_out,
    node_get,
    node_copy,
    process_swap_in,
    process_swap_out,
    process_get,
};
enum { WAYS = sizeof(way) / sizeof(way[0]) };

/* p's entry, if it waits outside with its number. */
static struct activity *
entry(void)
{
	struct activity *a = activity_find(process_oid(&p));

	return a != NULL && a->flags & AF_OUTSIDE && a->call == NUMBER &&
		a->state == KA_RESERVED
	    ? a
	    : NULL;
}

static const enum cap_kind kinds[] = {CK_RESUME, CK_RESTART};

/* S3: by whichever way it leaves, its process waits outside from then on. */
static void
S3_each_way_is_noted(void)
{
	for (unsigned k = 0; k < 2; k++) {
		for (unsigned i = 0; i < WAYS; i++) {
			three(kinds[k]);
			way[i](kinds[k]);
			CU_ASSERT_EQUAL(cpu.current->state->regs.rdi, RC_OK);
			CU_ASSERT_PTR_NOT_NULL(entry());
			CU_ASSERT_EQUAL(
			    activity_free_count(), ACTIVITIES - 2);
		}
	}
}

/* S3: what stays inside, or was answered, or goes nowhere, costs nothing. */
static void
S3_not_noted(void)
{
	three(CK_RESUME);
	inside.slot[1] = data_node(&inside, 2);
	inside.slot[2] = resume(CK_RESUME);
	order(&inside, INVOKE_CALL, NODE_SWAP, 0);
	order(&inside, INVOKE_CALL, NODE_GET, CONTROL_RECEIVE(0, 5));
	CU_ASSERT_EQUAL(inside.slot[5].type, CK_RESUME);
	CU_ASSERT_PTR_NULL(activity_find(process_oid(&p)));
	/* Sent, the order gives its result to nobody. */
	*data_slot(&inside, 2, SLOT) = resume(CK_RESUME);
	out.slot[1] = data_node(&inside, 2);
	order(&out, INVOKE_SEND, NODE_GET, CONTROL_RECEIVE(0, 5));
	CU_ASSERT_PTR_NULL(activity_find(process_oid(&p)));
	for (unsigned i = 0; i < WAYS; i++) {
		three(CK_RESUME);
		p.state->call_number++;
		way[i](CK_RESUME);
		CU_ASSERT_EQUAL(cpu.current->state->regs.rdi, RC_OK);
		CU_ASSERT_PTR_NULL(activity_find(process_oid(&p)));
	}
}

/* S3: a weak fetch of one gives void, so nobody waits for that. */
static void
S3_weak_is_void(void)
{
	three(CK_RESUME);
	*data_slot(&inside, 2, SLOT) = resume(CK_RESUME);
	out.slot[1] = data_node(&inside, 2);
	out.slot[1].rights = CR_READ_ONLY | CR_WEAK;
	order(&out, INVOKE_CALL, NODE_GET, CONTROL_RECEIVE(0, 5));
	CU_ASSERT_EQUAL(out.slot[5].type, CK_VOID);
	CU_ASSERT_PTR_NULL(activity_find(process_oid(&p)));
}

/* S3: the n-th need fails: nobody is noted, nothing moved; then it does. */
static void
S3_failure_notes_nobody(void)
{
	for (unsigned i = 0; i < WAYS; i++) {
		unsigned n;

		for (n = 1;; n++) {
			struct state_page *s;

			three(CK_RESUME);
			(void)run_process(&inside);
			(void)run_process(&out);
			fail_nth(n);
			way[i](CK_RESUME);
			if (!fail_fired())
				break;
			CU_ASSERT_PTR_NULL(entry());
			CU_ASSERT_EQUAL(data_slot(&out, 2, 31)->type, CK_VOID);
			CU_ASSERT_EQUAL(
			    data_slot(&out, 2, SLOT)->type, CK_VOID);
			CU_ASSERT_EQUAL(out.slot[SLOT].type, CK_VOID);
			CU_ASSERT_EQUAL(out.slot[5].type, CK_VOID);
			fail_wake();
			for (unsigned turn = 0; turn < 2; turn++) {
				(void)dispatch();
				s = cpu.current->state;
				if (s->regs.rip == 0x1000)
					break;
				process_activity(cpu.current)->state =
				    KA_RESERVED; /* The bystander. */
				cpu.activity = NULL;
			}
			s->regs.rip += 2;
			s->regs.trap = TRAP_SYSCALL;
			(void)reenter(s);
			CU_ASSERT_PTR_NOT_NULL(entry());
		}
		CU_ASSERT(n > 1); /* At least one was tried. */
		CU_ASSERT_PTR_NOT_NULL(entry());
	}
}

/* S3: with no activity left who moves it waits; a resident one is told. */
static void
S3_table_full(void)
{
	for (unsigned i = 0; i < WAYS; i++) {
		for (unsigned resident = 0; resident < 2; resident++) {
			struct activity *a = NULL, *last = NULL;

			three(CK_RESUME);
			(void)run_process(&inside);
			(void)run_process(&out);
			for (unsigned k = 0; activity_free_count() > 0; k++) {
				a = activity_alloc((oid){8 * (99 + k)}, 1);
				CU_ASSERT_PTR_NOT_NULL_FATAL(a);
				last = a;
			}
			inside.header->flags = out.header->flags =
			    resident ? PF_RESIDENT : 0;
			way[i](CK_RESUME);
			CU_ASSERT_PTR_NULL(entry());
			if (resident) {
				CU_ASSERT_EQUAL(cpu.current->state->regs.rdi,
				    RC_NOT_RESIDENT);
				continue;
			}
			CU_ASSERT_EQUAL(p.state->state, PS_WAITING);
			CU_ASSERT(process_activity(&inside)->state ==
				KA_MEMORY ||
			    process_activity(&out)->state == KA_MEMORY);
			activity_destroy(last);
			CU_ASSERT_FALSE(process_activity(&inside)->state ==
				KA_MEMORY ||
			    process_activity(&out)->state == KA_MEMORY);
		}
	}
}

/* S3: when it is answered its entry is free again, by whom and how ever. */
static void
S3_entry_is_released(void)
{
	/* By a reply from outside. */
	three(CK_RESUME);
	node_get(CK_RESUME);
	CU_ASSERT_PTR_NOT_NULL(entry());
	(void)invoke(control_make(INVOKE_SEND, 5), NULL);
	CU_ASSERT_EQUAL(p.state->state, PS_RUNNING);
	CU_ASSERT_PTR_NULL(entry());
	CU_ASSERT_FALSE(process_activity(&p)->flags & AF_RESERVED);
	/* By its keeper's kill: it waits for nothing now. */
	three(CK_RESTART);
	node_get(CK_RESTART);
	CU_ASSERT_PTR_NOT_NULL(entry());
	(void)invoke(control_make(INVOKE_CALL, 5),
	    (const uint64_t[]){RESTART_KILL, 0, 0, 0, 0});
	CU_ASSERT_EQUAL(out.state->regs.rdi, RC_OK);
	CU_ASSERT_PTR_NULL(activity_find(process_oid(&p)));
	CU_ASSERT_EQUAL(activity_free_count(), ACTIVITIES - 1);
	/* By who stops it, starts it, or destroys it. */
	for (unsigned how = 0; how < 3; how++) {
		three(CK_RESUME);
		node_get(CK_RESUME);
		CU_ASSERT_PTR_NOT_NULL(entry());
		out.slot[1] = process_cap(&p);
		if (how < 2)
			(void)invoke(control_make(INVOKE_CALL, 1),
			    (const uint64_t[]){how == 0 ? PROCESS_STOP
							: PROCESS_START,
				0, 0, 0, 0});
		else
			process_destroy(p.node, p.index);
		CU_ASSERT_PTR_NULL(entry());
		CU_ASSERT_EQUAL(
		    activity_free_count(), ACTIVITIES - (how == 1 ? 2 : 1));
	}
}

/* --- Faults --------------------------------------------------------------- */

/* p faults; its keeper is the one outside. */
static void
fault_outside(enum fault_code code)
{
	struct cap keeper;

	three(CK_RESUME);
	keeper = start_cap(&out, 0);
	process_put(&p, SLOT_KEEPER, &keeper);
	make_available(&out, CONTROL_RECEIVE(3, 4), 0, 0);
	(void)run_process(&p);
	p.state->regs.trap = code == FAULT_FOREIGN ? TRAP_SYSCALL : 3;
	p.state->regs.rip = 0x1234;
	(void)raise_fault(p.state, code);
	CU_ASSERT(runs(&out));
	CU_ASSERT_EQUAL(out.slot[4].type, CK_RESTART);
}

/* S3: a fault told outside makes the process wait there, until answered. */
static void
S3_fault_is_noted(void)
{
	struct activity *a;

	fault_outside(FAULT_DIVIDE);
	a = activity_find(process_oid(&p));
	CU_ASSERT_PTR_NOT_NULL_FATAL(a);
	CU_ASSERT(a->flags & AF_OUTSIDE);
	CU_ASSERT_EQUAL(a->call, p.state->call_number);
	(void)invoke(control_make(INVOKE_CALL, 4),
	    (const uint64_t[]){RESTART_RETRY, 0, 0, 0, 0});
	CU_ASSERT_EQUAL(p.state->state, PS_RUNNING);
	CU_ASSERT_EQUAL(p.state->fault, FAULT_NONE);
	CU_ASSERT_FALSE(a->flags & AF_OUTSIDE);
	/* A keeper inside needs none of this. */
	three(CK_RESUME);
	process_put(&p, SLOT_KEEPER, &(struct cap){0});
	p.slot[SLOT_KEEPER] = start_cap(&inside, 0);
	make_available(&inside, 0, 0, 0);
	(void)run_process(&p);
	(void)raise_fault(p.state, FAULT_DIVIDE);
	CU_ASSERT(runs(&inside));
	CU_ASSERT_PTR_NULL(process_activity(&p));
}

/* What a restart of the machine does with its entry. */
static void
restarted(void)
{
	struct activity *a = activity_find(process_oid(&p));
	const struct cap c = cap_resume_make(
	    CK_RESTART, p.state->call_number, process_oid(&p));

	CU_ASSERT_PTR_NOT_NULL_FATAL(a);
	CU_ASSERT_EQUAL(outside_answer(&c, ANSWER_RESTARTED), RC_OK);
	CU_ASSERT_EQUAL(outside_answer(&c, ANSWER_RESTARTED), RC_VOID);
	make_available(&out, CONTROL_RECEIVE(3, 4), 0, 0);
	activity_release(process_activity(&out), true);
	cpu.activity = NULL;
	out.slot[4] = (struct cap){0};
	(void)dispatch();
}

/* S3: after a restart it runs its instruction again, and nobody is told. */
static void
S3_fault_runs_again(void)
{
	fault_outside(FAULT_DIVIDE);
	restarted();
	CU_ASSERT(runs(&p));
	CU_ASSERT_EQUAL(p.state->fault, FAULT_NONE);
	CU_ASSERT_EQUAL(p.state->regs.rip, 0x1234);
	CU_ASSERT_EQUAL(out.state->state, PS_AVAILABLE);
	CU_ASSERT_FALSE(process_activity(&p)->flags & AF_OUTSIDE);
}

/* S3: what came after its instruction is told again instead. */
static void
S3_trap_is_told_again(void)
{
	static const enum fault_code after[] = {
	    FAULT_BREAKPOINT, FAULT_DEBUG, FAULT_FOREIGN};

	for (unsigned i = 0; i < 3; i++) {
		fault_outside(after[i]);
		restarted();
		CU_ASSERT(runs(&out));
		CU_ASSERT_EQUAL(out.state->regs.rsi, after[i]);
		CU_ASSERT_EQUAL(out.slot[4].type, CK_RESTART);
		CU_ASSERT_EQUAL(p.state->state, PS_WAITING);
		CU_ASSERT_EQUAL(p.state->regs.rip, 0x1234);
	}
}

/* S3: one that was destroyed and built anew is not the one that waited. */
static void
S3_answer_of_the_dead(void)
{
	struct cap c;

	fault_outside(FAULT_DIVIDE);
	c = out.slot[4];
	process_destroy(p.node, p.index);
	CU_ASSERT_EQUAL(outside_answer(&c, ANSWER_RETRY), RC_VOID);
}

/*
 * F5: a resident keeper answers a fault of one that is on disk without waiting
 * for it; retry and kill, and what is no answer.
 */
static void
F5_keeper_answers_the_absent(void)
{
	for (uint64_t order = 0; order <= RESTART_ANSWER + 1; order++) {
		if (order == RESTART_LEND || order == RESTART_ANSWER)
			continue;
		uint64_t number;

		fault_outside(FAULT_DIVIDE);
		out.header->flags |= PF_RESIDENT;
		number = p.node->number;
		frame_unname(p.node);
		frame_name(p.node, frame_of(SOURCE_PERSISTENT, 5000));
		(void)invoke(control_make(INVOKE_CALL, 4),
		    (const uint64_t[]){order, 0, 0, 0, 0});
		CU_ASSERT(runs(&out));
		CU_ASSERT_EQUAL(out.state->regs.rdi,
		    order > RESTART_ANSWER ? RC_ORDER : RC_OK);
		CU_ASSERT_EQUAL(p.state->state, PS_WAITING);
		(void)invoke(control_make(INVOKE_CALL, 4),
		    (const uint64_t[]){order, 0, 0, 0, 0});
		CU_ASSERT_EQUAL(out.state->regs.rdi,
		    order > RESTART_ANSWER ? RC_ORDER : RC_VOID); /* Once. */
		frame_unname(p.node);
		frame_name(p.node, number);
		(void)invoke(control_make(INVOKE_RETURN, 0), NULL);
		CU_ASSERT_EQUAL(runs(&p), order == RESTART_RETRY);
		CU_ASSERT_EQUAL(p.state->fault,
		    order == RESTART_RETRY ? FAULT_NONE : FAULT_DIVIDE);
		CU_ASSERT_EQUAL(
		    p.state->call_number == 0, order == RESTART_KILL);
		CU_ASSERT_EQUAL(activity_find(process_oid(&p)) == NULL,
		    order == RESTART_KILL);
	}
}

/* --- Abandon -------------------------------------------------------------- */

/* The one outside abandons its node 2, which holds what p waits for. */
static void
abandon(void)
{
	out.slot[1] = cap_range_make(out.node->number, 1);
	if (!cpu.loaded || cpu.current->state != out.state)
		(void)run_process(&out);
	(void)invoke(control_make(INVOKE_CALL, 1),
	    (const uint64_t[]){RANGE_ABANDON, 0, 2, 0, 0});
}

/* S6: one that is on disk is told when it is loaded; nobody waits for that. */
static void
S6_abandon_the_absent(void)
{
	uint64_t number;
	oid      id;

	three(CK_RESUME);
	*data_slot(&out, 2, SLOT) = resume(CK_RESUME);
	id = process_oid(&p);
	node_get(CK_RESUME); /* So it is an outside waiter. */
	CU_ASSERT_PTR_NOT_NULL_FATAL(entry());
	out.header->flags |= PF_RESIDENT;
	number = p.node->number;
	frame_unname(p.node);
	frame_name(p.node, frame_of(SOURCE_PERSISTENT, 5000));
	abandon();
	CU_ASSERT(runs(&out));
	CU_ASSERT_EQUAL(out.state->regs.rdi, RC_OK);
	CU_ASSERT_EQUAL(out.state->regs.rsi, 1);
	CU_ASSERT_EQUAL(activity_find(id)->state, KA_READY);
	abandon();
	CU_ASSERT_EQUAL(out.state->regs.rsi, 0); /* Once. */
	frame_unname(p.node);
	frame_name(p.node, number);
	(void)invoke(control_make(INVOKE_RETURN, 0), NULL);
	CU_ASSERT(runs(&p));
	CU_ASSERT_EQUAL(p.state->regs.rdi, RC_RESTARTED);
	CU_ASSERT_PTR_NULL(entry());
}

/* S6: a reply by another copy, before it is told, is what it gets. */
static void
S6_abandon_and_reply(void)
{
	three(CK_RESUME);
	*data_slot(&out, 2, SLOT) = resume(CK_RESUME);
	(void)run_process(&out);
	abandon();
	CU_ASSERT_EQUAL(out.state->regs.rsi, 1);
	out.slot[6] = resume(CK_RESUME);
	(void)invoke(control_make(INVOKE_SEND, 6),
	    (const uint64_t[]){77, 0, 0, 0, 0});
	CU_ASSERT_EQUAL(out.state->regs.rdi, RC_OK);
	CU_ASSERT_EQUAL(p.state->regs.rdi, 77);
	(void)invoke(control_make(INVOKE_RETURN, 0), NULL);
	CU_ASSERT(runs(&p));
	CU_ASSERT_EQUAL(p.state->regs.rdi, 77);
}

/* S6: the same, and who replies makes way: it stands in one queue, or none. */
static void
S6_abandon_and_return(void)
{
	three(CK_RESUME);
	*data_slot(&out, 2, SLOT) = resume(CK_RESUME);
	(void)run_process(&out);
	abandon();
	out.slot[6] = resume(CK_RESUME);
	(void)invoke(control_make(INVOKE_RETURN, 6),
	    (const uint64_t[]){77, 0, 0, 0, 0});
	CU_ASSERT(runs(&p));
	CU_ASSERT_EQUAL(p.state->regs.rdi, 77);
	CU_ASSERT_EQUAL(sched_highest(), -1);
	CU_ASSERT(list_empty(&process_activity(&p)->link));
}

/* S6: the n-th need fails: nobody is told; then it is. */
static void
S6_abandon_failure(void)
{
	bool     fired = true;
	unsigned n;

	for (n = 1; fired; n++) {
		three(CK_RESUME);
		*data_slot(&out, 2, SLOT) = resume(CK_RESUME);
		(void)run_process(&out);
		fail_nth(n);
		abandon();
		fired = fail_fired();
		if (fired) {
			CU_ASSERT_EQUAL(p.state->state, PS_WAITING);
			CU_ASSERT_PTR_NULL(entry());
			fail_wake();
			(void)dispatch();
			CU_ASSERT_EQUAL(out.state->regs.rip, 0x1000);
			out.state->regs.rip += 2;
			out.state->regs.trap = TRAP_SYSCALL;
			(void)reenter(out.state);
		}
		CU_ASSERT_EQUAL(out.state->regs.rsi, 1);
		(void)invoke(control_make(INVOKE_RETURN, 0), NULL);
		CU_ASSERT(runs(&p));
		CU_ASSERT_EQUAL(p.state->regs.rdi, RC_RESTARTED);
	}
	CU_ASSERT(n > 2);
}

const struct runner_test leave_tests[] = {
    RUNNER_TEST(S3_each_way_is_noted),
    RUNNER_TEST(S3_not_noted),
    RUNNER_TEST(S3_weak_is_void),
    RUNNER_TEST(S3_failure_notes_nobody),
    RUNNER_TEST(S3_table_full),
    RUNNER_TEST(S3_entry_is_released),
    RUNNER_TEST(S3_fault_is_noted),
    RUNNER_TEST(S3_fault_runs_again),
    RUNNER_TEST(S3_trap_is_told_again),
    RUNNER_TEST(S3_answer_of_the_dead),
    RUNNER_TEST(F5_keeper_answers_the_absent),
    RUNNER_TEST(S6_abandon_the_absent),
    RUNNER_TEST(S6_abandon_and_reply),
    RUNNER_TEST(S6_abandon_and_return),
    RUNNER_TEST(S6_abandon_failure),
    {NULL, NULL},
};
