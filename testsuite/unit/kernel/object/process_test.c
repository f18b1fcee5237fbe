/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes: making, loading, forcing, destroying (F3, F4, S5); keepers. */
#include "testsuite/unit/kernel/object/support.h"

#include "kernel/object/store.h"

static struct process p, q;

static void
one(void)
{
	start_machine();
	p = make_process(SOURCE_EPHEMERAL, 1);
	q = make_process(SOURCE_EPHEMERAL, 2);
}

/* F3: node and page name each other; if not, it never runs. */
static void
F3_malformed_never_runs(void)
{
	struct process   out;
	struct activity *a;

	for (unsigned how = 0; how < 4; how++) {
		one();
		CU_ASSERT(process_ok(&p));
		a = activity_alloc(process_oid(&p), p.header->count);
		p.state->state = PS_RUNNING;
		switch (how) {
		case 0:
			p.state->node_oid++;
			break;
		case 1:
			p.state->node_count++;
			break;
		case 2: /* Another's page. */
			p.slot[SLOT_STATE] = q.slot[SLOT_STATE];
			break;
		default:
			p.slot[SLOT_STATE].type = CK_NUMBER;
			break;
		}
		CU_ASSERT_EQUAL(process_prepare(p.node, 0, &out), RC_STATE);
		sched_ready(a);
		CU_ASSERT_EQUAL(dispatch(), FAKE_IDLE);
		CU_ASSERT_EQUAL(activity_free_count(), ACTIVITIES);
	}
}

/* S2: an activity of a node that is another process now starts no stranger. */
static void
S2_stale_activity(void)
{
	struct activity *a;

	one();
	p.state->state = PS_RUNNING;
	a = activity_alloc(process_oid(&p), p.header->count + 1);
	sched_ready(a);
	CU_ASSERT_EQUAL(dispatch(), FAKE_IDLE);
	CU_ASSERT_EQUAL(activity_free_count(), ACTIVITIES);
	CU_ASSERT_EQUAL(fake.loads, 0);
}

/* S5: a state that this CPU cannot restore is a fault, not run. */
static void
S5_cpu_feature(void)
{
	struct activity *a;

	one();
	p.state->state = PS_RUNNING;
	p.state_frame->flags &= (uint16_t)~FF_FORCED;
	fake.force_fails = true;
	a = activity_alloc(process_oid(&p), p.header->count);
	sched_ready(a);
	CU_ASSERT_EQUAL(dispatch(), FAKE_IDLE);
	CU_ASSERT_EQUAL(p.state->fault, FAULT_CPU_FEATURE);
	CU_ASSERT_EQUAL(p.state->state, PS_WAITING);
}

/*
 * S5: nor is one that gets a notice, or an answer, and so begins to run only
 * when it is looked at: the CPU must not be given its state.
 */
static void
S5_cpu_feature_of_one_that_waited(void)
{
	struct activity *a;

	for (unsigned how = 0; how < 2; how++) {
		one();
		make_available(&p, 0, 0, 0);
		a = activity_alloc(process_oid(&p), p.header->count);
		CU_ASSERT_PTR_NOT_NULL_FATAL(a);
		if (how == 0) {
			a->notices = 1;
		} else {
			p.state->state = PS_WAITING;
			p.state->call_number = 77;
			outside_wait(a, 77, 0);
			a->flags |= AF_RESTART;
		}
		p.state_frame->flags &= (uint16_t)~FF_FORCED;
		fake.force_fails = true;
		sched_ready(a);
		CU_ASSERT_EQUAL(dispatch(), FAKE_IDLE);
		CU_ASSERT_EQUAL(fake.loads, 0);
		CU_ASSERT_EQUAL(p.state->fault, FAULT_CPU_FEATURE);
		CU_ASSERT_EQUAL(p.state->state, PS_WAITING);
		/* What it was told is not lost: another CPU may go on. */
		CU_ASSERT_EQUAL(how == 0 ? p.state->regs.rsi
					 : p.state->regs.rdi,
		    how == 0 ? 1 : RC_RESTARTED);
	}
}

/* S5: with a CPU that can, it runs; nobody is told. */
static void
S5_another_cpu_goes_on(void)
{
	struct activity *a;

	one();
	p.state->state = PS_RUNNING;
	p.state->fault = FAULT_CPU_FEATURE;
	p.state_frame->flags &= (uint16_t)~FF_FORCED;
	a = activity_alloc(process_oid(&p), p.header->count);
	CU_ASSERT_PTR_NOT_NULL_FATAL(a);
	sched_ready(a);
	(void)dispatch();
	CU_ASSERT(runs(&p));
	CU_ASSERT_EQUAL(p.state->fault, FAULT_NONE);
	CU_ASSERT(p.state_frame->flags & FF_FORCED);
}

/* F4: destroyed while it is loaded, it is unloaded first. */
static void
F4_destroy_loaded(void)
{
	uint32_t count;

	one();
	run_process(&p);
	count = p.state_frame->count;
	process_destroy(p.node, 0);
	CU_ASSERT_FALSE(cpu.loaded);
	CU_ASSERT_PTR_NULL(fake.loaded);
	CU_ASSERT_EQUAL(p.state_frame->kind, FK_PAGE);
	CU_ASSERT(p.state_frame->count > count);
	CU_ASSERT_FALSE(frame_loaded(p.state_frame));
	CU_ASSERT_EQUAL(p.header->role, ROLE_DATA);
	CU_ASSERT_EQUAL(activity_free_count(), ACTIVITIES);
	CU_ASSERT_EQUAL(dispatch(), FAKE_IDLE);
}

/* A process stays loaded as long as no other is: no save, no restore. */
static void
F4_stays_loaded(void)
{
	unsigned loads;

	one();
	run_process(&p);
	p.slot[1] = cap_number_make(1, 0);
	loads = fake.loads;
	for (unsigned i = 0; i < 5; i++)
		(void)invoke(control_make(INVOKE_CALL, 1),
		    (const uint64_t[]){1, 0, 0, 0, 0});
	CU_ASSERT_EQUAL(fake.loads, loads);
	CU_ASSERT_EQUAL(fake.syncs, 0);
}

/* One's own new space is loaded before one goes on. */
static void
own_space_is_reloaded(void)
{
	unsigned top_loads;

	one();
	run_process(&p);
	p.slot[1] = process_cap(&p);
	p.slot[2] = q.slot[SLOT_SPACE];
	top_loads = fake.top_loads;
	(void)invoke(control_make(INVOKE_CALL, 1) | CONTROL_SEND(0, 2),
	    (const uint64_t[]){2, SLOT_SPACE, 0, 0, 0}); /* process.swap */
	CU_ASSERT(runs(&p));
	CU_ASSERT_EQUAL(p.state->regs.rdi, RC_OK);
	CU_ASSERT(fake.top_loads > top_loads);
}

/* D4: fault to the keeper; while it is busy the process waits with it. */
static void
D4_keeper(void)
{
	struct cap keeper;

	one();
	make_available(&q, CONTROL_RECEIVE(0, 3) | CONTROL_RECEIVE(3, 4), 0, 0);
	keeper = start_cap(&q, 9);
	process_put(&p, SLOT_KEEPER, &keeper);
	q.state->state = PS_WAITING; /* Busy. */
	run_process(&p);
	p.state->regs.rip = 0x2000;
	p.state->regs.trap = 6;
	CU_ASSERT_EQUAL(raise_fault(p.state, FAULT_INSTRUCTION), FAKE_IDLE);
	CU_ASSERT_EQUAL(p.state->fault, FAULT_NONE);
	CU_ASSERT_EQUAL(p.state->state, PS_RUNNING);
	q.state->state = PS_AVAILABLE;
	wait_wake_one(WAIT_PROCESS, process_oid(&q).v);
	(void)dispatch();
	CU_ASSERT(runs(&p)); /* It runs the instruction again. */
	(void)raise_fault(p.state, FAULT_INSTRUCTION);
	CU_ASSERT(runs(&q));
	CU_ASSERT_EQUAL(q.state->regs.rdi, KEEPER_PROCESS);
	CU_ASSERT_EQUAL(q.state->regs.rsi, FAULT_INSTRUCTION);
	CU_ASSERT_EQUAL(q.state->regs.rdx, 0x2000);
	CU_ASSERT_EQUAL(q.slot[3].type, CK_PROCESS);
	CU_ASSERT_EQUAL(q.slot[4].type, CK_RESTART);
	CU_ASSERT_EQUAL(p.state->state, PS_WAITING);
}

/* D4: a trap that came after its instruction is not lost meanwhile. */
static void
D4_breakpoint_with_busy_keeper(void)
{
	struct cap keeper;

	one();
	make_available(&q, CONTROL_RECEIVE(3, 4), 0, 0);
	keeper = start_cap(&q, 9);
	process_put(&p, SLOT_KEEPER, &keeper);
	q.state->state = PS_WAITING;
	run_process(&p);
	p.state->regs.trap = 3;
	CU_ASSERT_EQUAL(raise_fault(p.state, FAULT_BREAKPOINT), FAKE_IDLE);
	q.state->state = PS_AVAILABLE;
	wait_wake_one(WAIT_PROCESS, process_oid(&q).v);
	(void)dispatch();
	CU_ASSERT(runs(&q));
	CU_ASSERT_EQUAL(q.state->regs.rsi, FAULT_BREAKPOINT);
	CU_ASSERT_EQUAL(p.state->fault, FAULT_BREAKPOINT);
	CU_ASSERT_EQUAL(p.state->state, PS_WAITING);
}

/* A keeper that is gone, or none, or itself: it stays faulted. */
static void
D4_no_keeper(void)
{
	struct cap keeper;

	for (unsigned how = 0; how < 3; how++) {
		one();
		keeper = start_cap(how == 1 ? &q : &p, 9);
		if (how > 0)
			process_put(&p, SLOT_KEEPER, &keeper);
		run_process(&p);
		if (how == 1)
			process_destroy(q.node, 0);
		CU_ASSERT_EQUAL(raise_fault(p.state, FAULT_DIVIDE), FAKE_IDLE);
		CU_ASSERT_EQUAL(p.state->fault, FAULT_DIVIDE);
		CU_ASSERT_EQUAL(p.state->state, PS_WAITING);
		CU_ASSERT(strstr(fake.log, "no keeper") != NULL);
	}
}

static enum fake_exit
destroy_p(void)
{
	return FAKE_LEAVES(process_destroy(p.node, 0));
}

/* S11: when the store dies the machine is reset; nobody else's death does. */
static void
S11_store_dies(void)
{
	for (unsigned how = 0; how < 4; how++) {
		enum fake_exit left = FAKE_RETURNED;

		one();
		run_process(&p);
		store_bound();
		if (how == 3) { /* Another one, the store being idle. */
			process_unload();
			activity_release(cpu.activity, true);
			cpu.activity = NULL;
			run_process(&q);
		}
		switch (how) {
		case 0:
		case 3:
			left = raise_fault(
			    cpu.current->state, FAULT_INSTRUCTION);
			break;
		case 1:
			left = destroy_p();
			break;
		default: /* Malformed: it cannot be loaded again. */
			sched_ready(cpu.activity);
			process_unload();
			p.state->node_count++;
			frame_changed(p.state_frame); /* As if fetched. */
			left = dispatch();
			break;
		}
		CU_ASSERT_EQUAL(left, how == 3 ? FAKE_IDLE : FAKE_RESET);
		CU_ASSERT_EQUAL(strstr(fake.log, "S11") != NULL, how != 3);
	}
}

/* M4: a count that has reached its end does not begin anew. */
static void
M4_last_count_of_a_state_page(void)
{
	struct frame *page = NULL;
	struct ref    n, r;

	one();
	CU_ASSERT_EQUAL(object_make(frame_of(SOURCE_EPHEMERAL, 900), FK_PAGE,
			    CLASS_ANY, &page),
	    RC_OK);
	page->count = UINT32_MAX - 1;
	n = (struct ref){.kind = CK_NODE, .frame = make_node_frame(901)};
	r = (struct ref){.kind = CK_PAGE, .frame = page, .index = 7};
	(void)process_make(&n, &r);
	CU_ASSERT_EQUAL(process_prepare(n.frame, 0, &p), RC_OK);
	process_destroy(n.frame, 0);
	CU_ASSERT_EQUAL(page->count, UINT32_MAX);
	CU_ASSERT_EQUAL(page->kind, FK_FREE);
}

/* F1: stopped because of this CPU, it does not await its last answer again. */
static void
F1_cpu_feature_awaits_nothing(void)
{
	struct activity *a;

	one();
	p.state->state = PS_RUNNING;
	p.state->call_number = 77;
	p.state_frame->flags &= (uint16_t)~FF_FORCED;
	fake.force_fails = true;
	a = activity_alloc(process_oid(&p), p.header->count);
	sched_ready(a);
	CU_ASSERT_EQUAL(dispatch(), FAKE_IDLE);
	fake.force_fails = false;
	q.slot[1] = cap_resume_make(CK_RESTART, 77, process_oid(&p));
	run_process(&q);
	(void)invoke(control_make(INVOKE_CALL, 1),
	    (const uint64_t[]){1 /* retry */, 0, 0, 0, 0});
	CU_ASSERT_EQUAL(q.state->regs.rdi, RC_VOID);
	CU_ASSERT_EQUAL(p.state->state, PS_WAITING);
}

/* F5: a process that can be paged out is not resident, whoever makes it. */
static void
F5_persistent_is_not_resident(void)
{
	struct process client;
	struct frame  *page;

	one();
	client = make_process(SOURCE_PERSISTENT, 3);
	q.header->flags |= PF_RESIDENT;
	page = frame_find(frame_of(SOURCE_EPHEMERAL, 3 * 64 + 5));
	CU_ASSERT_PTR_NULL(page);
	page = frame_find(
	    oid_frame(cap_oid(&frame_nodes(client.node)->slot[1][5])));
	CU_ASSERT_PTR_NOT_NULL_FATAL(page);
	q.slot[1] = cap_make(CK_NODE, 0, 16,
	    frame_nodes(client.node)->node[3].count,
	    oid_make(client.node->number, 3));
	q.slot[2] = cap_make(CK_PAGE, 0, 0, page->count,
	    oid_make(page->number, OID_INDEX_FRAME));
	run_process(&q);
	(void)invoke(control_make(INVOKE_CALL, 1) | CONTROL_SEND(0, 2),
	    (const uint64_t[]){8 /* make_process */, 0, 0, 0, 0});
	CU_ASSERT_EQUAL(q.state->regs.rdi, RC_OK);
	CU_ASSERT_EQUAL(
	    frame_nodes(client.node)->node[3].role, ROLE_PROCESS);
	CU_ASSERT_FALSE(
	    frame_nodes(client.node)->node[3].flags & PF_RESIDENT);
}

const struct runner_test process_tests[] = {
    RUNNER_TEST(F3_malformed_never_runs),
    RUNNER_TEST(S2_stale_activity),
    RUNNER_TEST(S5_cpu_feature),
    RUNNER_TEST(S5_cpu_feature_of_one_that_waited),
    RUNNER_TEST(S5_another_cpu_goes_on),
    RUNNER_TEST(F4_destroy_loaded),
    RUNNER_TEST(F4_stays_loaded),
    RUNNER_TEST(own_space_is_reloaded),
    RUNNER_TEST(D4_keeper),
    RUNNER_TEST(D4_breakpoint_with_busy_keeper),
    RUNNER_TEST(D4_no_keeper),
    RUNNER_TEST(S11_store_dies),
    RUNNER_TEST(M4_last_count_of_a_state_page),
    RUNNER_TEST(F1_cpu_feature_awaits_nothing),
    RUNNER_TEST(F5_persistent_is_not_resident),
    {NULL, NULL},
};
