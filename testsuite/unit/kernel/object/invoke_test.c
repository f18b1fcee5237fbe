/* SPDX-License-Identifier: BSD-2-Clause */
/* Invocation, from SYSCALL to what runs next. */
#include "testsuite/unit/kernel/object/support.h"

#include "kernel/abi/restart.order.h"

static struct process client, server, other;

static void
two(enum oid_source source)
{
	start_machine();
	client = make_process(source, 1);
	server = make_process(source, 2);
	make_available(&server, CONTROL_RECEIVE(0, 3) | CONTROL_RECEIVE(3, 4),
	    0, STRING_MAX);
	client.slot[1] = start_cap(&server, 0x77);
	client.slot[2] = cap_number_make(5, 0);
	run_process(&client);
}

/* Call and return: words, data, capabilities, and who runs. */
static void
call_and_return(void)
{
	const uint64_t   words[MESSAGE_WORDS] = {1, 2, 3, 4, 5};
	struct activity *a;

	two(SOURCE_EPHEMERAL);
	a = cpu.activity;
	(void)invoke(control_make(INVOKE_CALL, 1) | CONTROL_SEND(0, 2), words);
	CU_ASSERT(runs(&server));
	CU_ASSERT_EQUAL(client.state->state, PS_WAITING);
	CU_ASSERT_PTR_EQUAL(cpu.activity, a); /* It moved on. */
	CU_ASSERT_EQUAL(server.state->regs.rdi, 1);
	CU_ASSERT_EQUAL(server.state->regs.r8, 5);
	CU_ASSERT_EQUAL(server.state->regs.rax >> RESULT_DATA_SHIFT, 0x77);
	CU_ASSERT_EQUAL(server.slot[3].type, CK_NUMBER);
	CU_ASSERT_EQUAL(server.slot[4].type, CK_RESUME);
	CU_ASSERT_EQUAL(
	    cap_call_number(&server.slot[4]), client.state->call_number);
	(void)invoke(control_make(INVOKE_RETURN, 4), words);
	CU_ASSERT(runs(&client));
	CU_ASSERT_EQUAL(server.state->state, PS_AVAILABLE);
	CU_ASSERT_EQUAL(
	    client.state->regs.rax & RESULT_SOURCE_MASK, FROM_REPLY);
	CU_ASSERT_PTR_EQUAL(cpu.activity, a);
	CU_ASSERT_EQUAL(activity_free_count(), ACTIVITIES - 1);
}

/* F1: each call has a number of its own, and a spent resume fits none. */
static void
F1_resume_fits_once(void)
{
	struct cap spent;

	two(SOURCE_EPHEMERAL);
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	spent = server.slot[4];
	(void)invoke(
	    control_make(INVOKE_RETURN, 4) | CONTROL_RECEIVE(3, 4), NULL);
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT_NOT_EQUAL(
	    cap_call_number(&spent), cap_call_number(&server.slot[4]));
	server.slot[5] = spent;
	(void)invoke(control_make(INVOKE_SEND, 5), NULL);
	CU_ASSERT(runs(&server));
	CU_ASSERT_EQUAL(server.state->regs.rdi, RC_VOID);
	CU_ASSERT_EQUAL(client.state->state, PS_WAITING);
}

/* F1: the number wraps at 56 bits and is never that of who waits. */
static void
F1_number_is_56_bits(void)
{
	two(SOURCE_EPHEMERAL);
	cpu.call_number = (UINT64_C(1) << CALL_NUMBER_BITS) - 2;
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT_EQUAL(
	    client.state->call_number, (UINT64_C(1) << CALL_NUMBER_BITS) - 1);
	CU_ASSERT_EQUAL(
	    cap_call_number(&server.slot[4]), client.state->call_number);
	(void)invoke(control_make(INVOKE_RETURN, 4), NULL);
	CU_ASSERT(runs(&client));
}

/* D5: the one that waits re-executes its SYSCALL, and gets its turn. */
static void
D5_busy_server(void)
{
	two(SOURCE_EPHEMERAL);
	other = make_process(SOURCE_EPHEMERAL, 3);
	other.slot[1] = start_cap(&server, 0);
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT(runs(&server));
	run_process(&other);
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT_EQUAL(other.state->state, PS_RUNNING);
	CU_ASSERT_EQUAL(other.state->regs.rip, 0x1000);
	CU_ASSERT(runs(&server)); /* It was ready. */
	(void)invoke(control_make(INVOKE_RETURN, 4), NULL);
	CU_ASSERT(runs(&client));
	/* The other was woken: it is its turn when client stops. */
	(void)invoke(control_make(INVOKE_RETURN, 0), NULL);
	CU_ASSERT(runs(&other));
}

/*
 * D5: a server answers one, and with that wakes another that waits for it; who
 * runs is the more urgent of the two.
 */
static void
D5_woken_is_more_urgent(void)
{
	const struct cap low = {.type = CK_SCHEDULE, .data = 2};

	two(SOURCE_EPHEMERAL);
	other = make_process(SOURCE_EPHEMERAL, 3);
	other.slot[1] = start_cap(&server, 0);
	process_put(&client, SLOT_SCHEDULE, &low);
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT(runs(&server));
	run_process(&other);
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT(runs(&server));
	(void)invoke(control_make(INVOKE_RETURN, 4), NULL);
	CU_ASSERT(runs(&other) || runs(&server)); /* It calls again. */
	CU_ASSERT_FALSE(runs(&client));
}

/* Who gives itself a reserve is charged from then on, and the clock ends it. */
static void
reserve_of_the_loaded(void)
{
	struct cap by = {.type = CK_SCHEDULE, .data = 2};

	two(SOURCE_EPHEMERAL);
	fake.now = 7000000000;
	CU_ASSERT_EQUAL_FATAL(reserve_make(10000000, 3000000, &by.count), RC_OK);
	process_put(&client, SLOT_SCHEDULE, &by);
	CU_ASSERT_EQUAL(
	    FAKE_LEAVES(entry_continue(client.state)), FAKE_RESUME);
	CU_ASSERT_EQUAL_FATAL(
	    reserves.running, reserve_number(by.count));
	CU_ASSERT_EQUAL(fake.deadline, fake.now + 3000000);
	CU_ASSERT_EQUAL(reserve_at(reserves.running)->deadline,
	    fake.now + 10000000);
}

/* Nothing to run: the CPU waits, with nothing loaded. */
static void
idle(void)
{
	two(SOURCE_EPHEMERAL);
	CU_ASSERT_EQUAL(
	    invoke(control_make(INVOKE_RETURN, 0), NULL), FAKE_IDLE);
	CU_ASSERT_FALSE(cpu.loaded);
	CU_ASSERT_PTR_NULL(fake.loaded);
	CU_ASSERT_EQUAL(activity_free_count(), ACTIVITIES);
}

/* S2: no activity is left for the receiver of a send: the sender waits. */
static void
S2_send_waits_for_activity(void)
{
	struct activity *more[ACTIVITIES];
	unsigned         n = 0;

	two(SOURCE_EPHEMERAL);
	while ((more[n] = activity_alloc((oid){0x1000 + n}, 1)) != NULL)
		n++;
	CU_ASSERT_EQUAL(invoke(control_make(INVOKE_SEND, 1), NULL), FAKE_IDLE);
	CU_ASSERT_EQUAL(process_activity(&client)->state, KA_MEMORY);
	CU_ASSERT_EQUAL(server.state->state, PS_AVAILABLE);
	activity_destroy(more[0]);
	CU_ASSERT_EQUAL(process_activity(&client)->state, KA_READY);
	/* S2: a return never waits for one. */
	more[0] = activity_alloc((oid){0x2000}, 1);
	(void)dispatch();
	CU_ASSERT(cpu.current->state == client.state);
	(void)invoke(control_make(INVOKE_RETURN, 1), NULL);
	CU_ASSERT(runs(&server));
}

/* A notice wakes an available process, and waits for a busy one. */
static void
notices(void)
{
	struct notice_binding b;
	struct activity      *a;

	two(SOURCE_EPHEMERAL);
	client.slot[5] = process_cap(&server);
	(void)invoke(control_make(INVOKE_CALL, 5) | CONTROL_RECEIVE(0, 6),
	    (const uint64_t[]){8, 3, 0, 0, 0}); /* process.make_notice */
	CU_ASSERT_EQUAL(client.state->regs.rdi, RC_OK);
	CU_ASSERT_EQUAL(client.slot[6].type, CK_NOTICE);
	a = process_activity(&server);
	CU_ASSERT_PTR_NOT_NULL_FATAL(a);
	CU_ASSERT(a->flags & AF_NOTICE);
	b = notice_binding(&client.slot[6]);
	notice_post(&b);
	CU_ASSERT_EQUAL(a->state, KA_READY);
	(void)invoke(control_make(INVOKE_RETURN, 0), NULL);
	CU_ASSERT(runs(&server));
	CU_ASSERT_EQUAL(server.state->regs.rsi, 1u << 3);
	CU_ASSERT_EQUAL(
	    server.state->regs.rax & RESULT_SOURCE_MASK, FROM_NOTICE);
	notice_post(&b);
	notice_post(&b);
	CU_ASSERT_EQUAL(a->notices, 1u << 3);
	(void)invoke(control_make(INVOKE_RETURN, 0), NULL);
	CU_ASSERT(runs(&server));
	CU_ASSERT_EQUAL(
	    invoke(control_make(INVOKE_RETURN, 0), NULL), FAKE_IDLE);
	b.count++; /* Of another process on that node. */
	notice_post(&b);
	CU_ASSERT_EQUAL(a->notices, 0);
}

/* F6: what is stored of a boot service is the service. */
static void
F6_service_is_stored(void)
{
	struct cap    number = cap_number_make(42, 0);
	struct frame *f;

	two(SOURCE_EPHEMERAL);
	f = make_node_frame(1000);
	service_set(3, &number);
	client.slot[5] = cap_make(CK_BOOTSVC, 0, 3, 0, (oid){0});
	client.slot[6] = cap_make(CK_NODE, 0, 16, frame_nodes(f)->node[0].count,
	    oid_make(f->number, 0));
	(void)invoke(control_make(INVOKE_CALL, 5),
	    (const uint64_t[]){1, 0, 0, 0, 0}); /* number.get */
	CU_ASSERT_EQUAL(client.state->regs.rsi, 42);
	(void)invoke(control_make(INVOKE_CALL, 6) | CONTROL_SEND(0, 5),
	    (const uint64_t[]){2, 9, 0, 0, 0}); /* node.swap */
	CU_ASSERT_EQUAL(client.state->regs.rdi, RC_OK);
	CU_ASSERT_EQUAL(frame_nodes(f)->slot[0][9].type, CK_BOOTSVC);
	CU_ASSERT_EQUAL(frame_nodes(f)->slot[0][9].data, 3);
	service_set(3, &(struct cap){.type = CK_VOID});
	(void)invoke(control_make(INVOKE_CALL, 5), NULL);
	CU_ASSERT_EQUAL(client.state->regs.rdi, RC_VOID);
}

/* A process that is alone when its slice ends shares it with who comes. */
static void
slice_with_late_company(void)
{
	two(SOURCE_EPHEMERAL);
	cpu.slice_end = 100;
	fake.now = 200;
	(void)tick(client.state);
	CU_ASSERT(cpu.current->state == client.state);
	CU_ASSERT_EQUAL(fake.deadline, UINT64_MAX);
	(void)invoke(control_make(INVOKE_SEND, 1), NULL);
	CU_ASSERT(cpu.current->state == client.state);
	CU_ASSERT_EQUAL(process_activity(&server)->state, KA_READY);
	CU_ASSERT_NOT_EQUAL(fake.deadline, UINT64_MAX);
	fake.now = fake.deadline;
	(void)tick(client.state);
	CU_ASSERT(runs(&server));
}

/* Who is preempted goes on with its turn, and gets no new one. */
static void
slice_is_not_renewed(void)
{
	const uint64_t slice = 5000000;
	struct cap     high  = cap_make(CK_SCHEDULE, 0, 9, 0, (oid){0});
	uint64_t       end;

	two(SOURCE_EPHEMERAL);
	other = make_process(SOURCE_EPHEMERAL, 3);
	process_put(&server, SLOT_SCHEDULE, &high);
	(void)run_process(&other);
	(void)run_process(&client); /* The other is ready, an equal. */
	fake.now      = 1000;
	end           = fake.now + slice;
	cpu.slice_end = end;
	fake.now += 4000000;
	(void)invoke(control_make(INVOKE_SEND, 1), NULL);
	CU_ASSERT(runs(&server));
	CU_ASSERT_EQUAL(process_activity(&client)->state, KA_READY);
	(void)invoke(control_make(INVOKE_RETURN, 0), NULL);
	CU_ASSERT(runs(&client));
	CU_ASSERT_EQUAL(cpu.slice_end, end);
	CU_ASSERT_EQUAL(fake.deadline, end);
	/* At its end it goes behind its equal, which has a whole one. */
	fake.now = end;
	(void)tick(client.state);
	CU_ASSERT(runs(&other));
	CU_ASSERT_EQUAL(cpu.slice_end, fake.now + slice);
}

/*
 * D5: two that fault wait for their keeper; the first finds it busy again. It
 * keeps its place and wakes nobody: the two would pass the turn between them
 * for ever, and a less urgent keeper would never run.
 */
static void
D5_busy_keeper(void)
{
	struct cap keeper;

	two(SOURCE_EPHEMERAL);
	other  = make_process(SOURCE_EPHEMERAL, 3);
	keeper = start_cap(&server, 0);
	process_put(&client, SLOT_KEEPER, &keeper);
	process_put(&other, SLOT_KEEPER, &keeper);
	server.state->state = PS_WAITING;
	(void)raise_fault(client.state, FAULT_INSTRUCTION);
	CU_ASSERT_EQUAL(process_activity(&client)->state, KA_STALLED);
	(void)run_process(&other);
	(void)raise_fault(other.state, FAULT_INSTRUCTION);
	CU_ASSERT_EQUAL(process_activity(&other)->state, KA_STALLED);
	wait_wake_one(WAIT_PROCESS, process_oid(&server).v);
	(void)dispatch();
	CU_ASSERT(runs(&client));
	(void)raise_fault(client.state, FAULT_INSTRUCTION);
	CU_ASSERT_EQUAL(process_activity(&client)->state, KA_STALLED);
	CU_ASSERT_EQUAL(process_activity(&other)->state, KA_STALLED);
	/* It is free: the first is told of, then the second has its turn. */
	server.state->state = PS_AVAILABLE;
	wait_wake_one(WAIT_PROCESS, process_oid(&server).v);
	(void)dispatch();
	CU_ASSERT(runs(&client));
	(void)raise_fault(client.state, FAULT_INSTRUCTION);
	CU_ASSERT(runs(&server));
	CU_ASSERT_EQUAL(client.state->state, PS_WAITING);
	CU_ASSERT_EQUAL(process_activity(&other)->state, KA_STALLED);
	(void)invoke(control_make(INVOKE_RETURN, 0), NULL);
	CU_ASSERT(runs(&other));
}

/*
 * D16: a keeper is told all registers and answers with others, one whose
 * capability is opaque neither.
 */
static void
D16_opaque_keeper(void)
{
	const uint32_t bytes = sizeof(struct register_set);
	struct cap     keeper;

	for (unsigned opaque = 0; opaque < 2; opaque++) {
		struct register_set *told;

		two(SOURCE_EPHEMERAL);
		keeper        = start_cap(&server, 0);
		keeper.rights = opaque ? CR_OPAQUE : 0;
		process_put(&client, SLOT_KEEPER, &keeper);
		client.state->regs.trap = TRAP_SYSCALL;
		client.state->regs.rbx  = 0x1234;
		(void)raise_fault(client.state, FAULT_FOREIGN);
		CU_ASSERT(runs(&server));
		CU_ASSERT_EQUAL(server.state->regs.rsi, FAULT_FOREIGN);
		CU_ASSERT_EQUAL(
		    server.slot[3].type, opaque ? CK_VOID : CK_PROCESS);
		CU_ASSERT_EQUAL(server.state->regs.rax >> RESULT_LENGTH_SHIFT &
			RESULT_LENGTH_MASK,
		    opaque ? 0 : bytes);
		told = (struct register_set *)(void *)page_of(&server, 0);
		CU_ASSERT_EQUAL(told->regs.rbx, opaque ? 0 : 0x1234);
		told->regs.rbx = 0x5678;
		(void)invoke_string(
		    control_make(INVOKE_CALL, 4), RESTART_ANSWER, 0, bytes);
		CU_ASSERT_EQUAL(
		    server.state->regs.rdi, opaque ? RC_RIGHTS : RC_OK);
		CU_ASSERT_EQUAL(
		    client.state->regs.rbx, opaque ? 0x1234 : 0x5678);
		CU_ASSERT_EQUAL(client.state->fault,
		    opaque ? FAULT_FOREIGN : FAULT_NONE);
	}
}

/*
 * invoke.awaited: who gets a message is told whether an answer by its fourth
 * capability could wait: only what a call has made, or a fault, never does.
 */
static void
answers_that_never_wait(void)
{
	const uint64_t send3 = CONTROL_SEND(3, 5);
	struct cap     resume;

	two(SOURCE_EPHEMERAL);
	client.slot[5] = start_cap(&client, 0);
	(void)invoke(control_make(INVOKE_SEND, 1) | send3, NULL);
	CU_ASSERT_EQUAL(server.state->regs.rax & RESULT_AWAITED, 0);
	CU_ASSERT_EQUAL(server.slot[4].type, CK_START);
	two(SOURCE_EPHEMERAL);
	other = make_process(SOURCE_EPHEMERAL, 3);
	make_available(&other, CONTROL_RECEIVE(3, 4), 0, 0);
	server.slot[6] = start_cap(&other, 0);
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT(runs(&server));
	CU_ASSERT(server.state->regs.rax & RESULT_AWAITED);
	/* Handed on, it is still one. */
	resume = server.slot[4];
	server.slot[5] = resume;
	(void)invoke(control_make(INVOKE_RETURN, 6) | send3, NULL);
	CU_ASSERT(runs(&other));
	CU_ASSERT(other.state->regs.rax & RESULT_AWAITED);
	CU_ASSERT_EQUAL(other.slot[4].type, CK_RESUME);
}

const struct runner_test invoke_tests[] = {
    RUNNER_TEST(D5_busy_keeper),
    RUNNER_TEST(D16_opaque_keeper),
    RUNNER_TEST(call_and_return),
    RUNNER_TEST(answers_that_never_wait),
    RUNNER_TEST(F1_resume_fits_once),
    RUNNER_TEST(F1_number_is_56_bits),
    RUNNER_TEST(D5_busy_server),
    RUNNER_TEST(D5_woken_is_more_urgent),
    RUNNER_TEST(reserve_of_the_loaded),
    RUNNER_TEST(idle),
    RUNNER_TEST(S2_send_waits_for_activity),
    RUNNER_TEST(notices),
    RUNNER_TEST(F6_service_is_stored),
    RUNNER_TEST(slice_with_late_company),
    RUNNER_TEST(slice_is_not_renewed),
    {NULL, NULL},
};
