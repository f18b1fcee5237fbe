/* SPDX-License-Identifier: BSD-2-Clause */
/* Outside waiters and parcels (S3, F5). */
#include "testsuite/unit/kernel/object/support.h"

#include "kernel/mem/cache.h"

static struct process client, server;

/* A persistent client of a server that is not, perhaps resident. */
static void
two(bool resident)
{
	start_machine();
	client = make_process(SOURCE_PERSISTENT, 1);
	server = make_process(SOURCE_EPHEMERAL, 2);
	if (resident)
		server.header->flags |= PF_RESIDENT;
	make_available(&server, CONTROL_RECEIVE(3, 4), 0, STRING_MAX);
	client.slot[1] = start_cap(&server, 0);
	run_process(&client);
}

/* The client's node can only be had from the store now; and again. */
static uint64_t
page_out(struct process *p)
{
	uint64_t number = p->node->number;

	frame_unname(p->node);
	frame_name(p->node, frame_of(SOURCE_PERSISTENT, 5000));
	return number;
}

static void
page_in(struct process *p, uint64_t number)
{
	frame_unname(p->node);
	frame_name(p->node, number);
}

/* S3: it keeps its activity, which knows what it waits for. */
static void
S3_waits_outside(void)
{
	struct activity *a, *its;

	two(false);
	a = process_activity(&client);
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT(runs(&server));
	its = process_activity(&server);
	CU_ASSERT_PTR_NOT_EQUAL(a, its);
	CU_ASSERT_EQUAL(a->state, KA_RESERVED);
	CU_ASSERT(a->flags & AF_OUTSIDE);
	CU_ASSERT_EQUAL(a->call, client.state->call_number);
	CU_ASSERT_EQUAL(a->parcel, 0);
	(void)invoke(control_make(INVOKE_RETURN, 4), NULL);
	CU_ASSERT(runs(&client));
	CU_ASSERT_FALSE(a->flags & (AF_OUTSIDE | AF_RESTART));
	CU_ASSERT_PTR_EQUAL(process_activity(&client), a);
}

/* S3: also when the resume capability gets there by being passed on. */
static void
S3_passed_on(void)
{
	struct process   middle;
	struct activity *a;

	two(false);
	middle = make_process(SOURCE_PERSISTENT, 3);
	make_available(&middle, CONTROL_RECEIVE(3, 4), 0, 0);
	middle.slot[1] = start_cap(&server, 0);
	server.state->regs.rax |= CONTROL_RECEIVE(0, 5);
	client.slot[1] = start_cap(&middle, 0);
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT(runs(&middle));
	CU_ASSERT_PTR_NULL(process_activity(&client)); /* It moved on. */
	(void)invoke(control_make(INVOKE_SEND, 1) | CONTROL_SEND(0, 4), NULL);
	CU_ASSERT_EQUAL(server.slot[5].type, CK_RESUME);
	a = process_activity(&client);
	CU_ASSERT_PTR_NOT_NULL_FATAL(a);
	CU_ASSERT(a->flags & AF_OUTSIDE);
	CU_ASSERT_EQUAL(a->call, client.state->call_number);
}

/* F5: the reply of a resident to one that is paged out waits in a parcel. */
static void
F5_reply_by_parcel(void)
{
	const uint64_t   words[MESSAGE_WORDS] = {11, 12, 13, 14, 15};
	struct activity *a;
	uint64_t         number;

	two(true);
	a = process_activity(&client);
	client.state->regs.r13 = 0x1000;
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT(runs(&server));
	CU_ASSERT(a->parcel != 0);
	CU_ASSERT_FALSE(a->flags & AF_PARCEL);
	activity_hash(a);
	number = page_out(&client);
	CU_ASSERT_EQUAL(
	    invoke(control_make(INVOKE_SEND, 4), words), FAKE_RESUME_SYSCALL);
	CU_ASSERT(runs(&server)); /* It did not wait. */
	CU_ASSERT_EQUAL(server.state->regs.rdi, RC_OK);
	CU_ASSERT(a->flags & AF_PARCEL);
	CU_ASSERT_EQUAL(a->state, KA_READY);
	/* Once. */
	(void)invoke(control_make(INVOKE_SEND, 4), words);
	CU_ASSERT_EQUAL(server.state->regs.rdi, RC_VOID);
	page_in(&client, number);
	(void)invoke(control_make(INVOKE_RETURN, 0), NULL);
	CU_ASSERT(runs(&client));
	CU_ASSERT_EQUAL(client.state->regs.rdi, 11);
	CU_ASSERT_EQUAL(client.state->regs.r8, 15);
	CU_ASSERT_EQUAL(a->parcel, 0);
}

/* F5: its string, too, as far as a parcel holds it. */
static void
F5_parcel_string(void)
{
	uint64_t number;

	for (uint32_t bytes = 100; bytes <= 10100; bytes += 10000) {
		two(true);
		client.state->regs.r13 = 0x1003;
		client.state->regs.r12 = UINT64_C(65536) << 32;
		client.state->regs.rax = control_make(INVOKE_CALL, 1);
		client.state->regs.trap = TRAP_SYSCALL;
		(void)reenter(client.state);
		CU_ASSERT(runs(&server));
		activity_hash(process_activity(&client));
		number = page_out(&client);
		memset(page_of(&server, 3), 0x5a, PAGE_SIZE);
		(void)invoke_string(
		    control_make(INVOKE_SEND, 4), 1, 3 * PAGE_SIZE, bytes);
		CU_ASSERT_EQUAL(server.state->regs.rdi, RC_OK);
		page_in(&client, number);
		(void)invoke(control_make(INVOKE_RETURN, 0), NULL);
		CU_ASSERT(runs(&client));
		CU_ASSERT_EQUAL(page_of(&client, 1)[3], 0x5a);
		CU_ASSERT_EQUAL(client.state->regs.rax >> RESULT_LENGTH_SHIFT &
			RESULT_LENGTH_MASK,
		    bytes < PAGE_SIZE ? bytes : PAGE_SIZE);
		CU_ASSERT_EQUAL(
		    (client.state->regs.rax & RESULT_TRUNCATED) != 0,
		    bytes > PAGE_SIZE);
	}
}

/* F5: with all parcels taken the caller waits, and is woken by the next. */
static void
F5_parcels_run_out(void)
{
	struct activity *fake_waiter;
	bool             outside;
	uint8_t          parcel;

	two(true);
	fake_waiter = activity_alloc((oid){99}, 1);
	for (unsigned i = 0; i < PARCELS; i++) {
		CU_ASSERT_EQUAL(
		    outside_prepare_call(&server, &outside, &parcel), RC_OK);
		CU_ASSERT(outside);
		CU_ASSERT(parcel != 0);
		outside_wait(fake_waiter, i, parcel);
	}
	CU_ASSERT_EQUAL(invoke(control_make(INVOKE_CALL, 1), NULL), FAKE_IDLE);
	CU_ASSERT_EQUAL(process_activity(&client)->state, KA_STALLED);
	CU_ASSERT_EQUAL(client.state->state, PS_RUNNING);
	outside_forget(fake_waiter);
	CU_ASSERT_EQUAL(process_activity(&client)->state, KA_READY);
}

/* F5: one that was woken for a parcel and is killed keeps nobody waiting. */
static void
F5_parcel_not_wanted(void)
{
	struct activity *holder;
	struct process   second;

	two(true);
	holder = activity_alloc((oid){99}, 1);
	for (unsigned i = 0; i < PARCELS; i++)
		outside_wait(holder, i, (uint8_t)(i + 1));
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	second = make_process(SOURCE_PERSISTENT, 3);
	second.slot[1] = start_cap(&server, 0);
	run_process(&second);
	CU_ASSERT_EQUAL(invoke(control_make(INVOKE_CALL, 1), NULL), FAKE_IDLE);
	CU_ASSERT_EQUAL(process_activity(&second)->state, KA_STALLED);
	outside_forget(holder);
	process_destroy(client.node, 0);
	CU_ASSERT_EQUAL(process_activity(&second)->state, KA_READY);
}

/* F5: a call out of the closure fails, it does not hang. */
static void
F5_resident_never_calls_out(void)
{
	two(true);
	server.slot[1] = start_cap(&client, 0);
	run_process(&server);
	client.state->state = PS_AVAILABLE;
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT(cpu.current->state == server.state);
	CU_ASSERT_EQUAL(server.state->regs.rdi, RC_NOT_RESIDENT);
	/* A send to one that is busy neither. */
	client.state->state = PS_WAITING;
	(void)invoke(control_make(INVOKE_SEND, 1), NULL);
	CU_ASSERT_EQUAL(server.state->regs.rdi, RC_NOT_RESIDENT);
	/* Nor what is not in memory. */
	(void)page_out(&client);
	(void)invoke(control_make(INVOKE_SEND, 1), NULL);
	CU_ASSERT_EQUAL(server.state->regs.rdi, RC_NOT_RESIDENT);
}

/* A process that dies gives its parcel back. */
static void
F5_parcel_of_the_dead(void)
{
	bool    outside;
	uint8_t first, again;

	two(true);
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	first = process_activity(&client)->parcel;
	process_destroy(client.node, 0);
	cpu.current->node = client.node; /* As a persistent caller. */
	CU_ASSERT_EQUAL(outside_prepare_call(&server, &outside, &again), RC_OK);
	CU_ASSERT_EQUAL(again, first);
}

/*
 * The client's call has come to the resident server by the hands of one that is
 * not, so it has reserved no parcel; then it is paged out.
 */
static uint64_t
pass_on_and_page_out(struct activity **its)
{
	struct process middle;

	two(true);
	middle = make_process(SOURCE_EPHEMERAL, 3);
	make_available(&middle, CONTROL_RECEIVE(3, 4), 0, 0);
	make_available(&server, CONTROL_RECEIVE(0, 4), 0, STRING_MAX);
	middle.slot[1] = start_cap(&server, 0);
	client.slot[1] = start_cap(&middle, 0);
	client.state->regs.r13 = 0x1000;
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT(runs(&middle));
	(void)invoke(control_make(INVOKE_SEND, 1) | CONTROL_SEND(0, 4), NULL);
	(void)invoke(control_make(INVOKE_RETURN, 0), NULL);
	CU_ASSERT(runs(&server));
	CU_ASSERT_EQUAL(server.slot[4].type, CK_RESUME);
	*its = process_activity(&client);
	CU_ASSERT_EQUAL((*its)->parcel, 0);
	activity_hash(*its);
	return page_out(&client);
}

/* F5: its reply waits in a parcel too, if there is one. */
static void
F5_reply_passed_on(void)
{
	const uint64_t   words[MESSAGE_WORDS] = {21, 22, 23, 24, 25};
	struct activity *a;
	const uint64_t   number = pass_on_and_page_out(&a);

	(void)invoke(control_make(INVOKE_SEND, 4), words);
	CU_ASSERT(runs(&server));
	CU_ASSERT_EQUAL(server.state->regs.rdi, RC_OK);
	CU_ASSERT(a->flags & AF_PARCEL);
	CU_ASSERT(a->parcel != 0);
	page_in(&client, number);
	(void)invoke(control_make(INVOKE_RETURN, 0), NULL);
	CU_ASSERT(runs(&client));
	CU_ASSERT_EQUAL(client.state->regs.rdi, 21);
	CU_ASSERT_EQUAL(client.state->regs.r8, 25);
	CU_ASSERT_EQUAL(a->parcel, 0);
}

/* F5: if there is none, both hear of it, and neither waits for ever. */
static void
F5_reply_without_a_parcel(void)
{
	struct activity *a;
	const uint64_t   number = pass_on_and_page_out(&a);
	struct activity *holder = activity_alloc((oid){99}, 1);

	for (unsigned i = 0; i < PARCELS; i++)
		outside_wait(holder, i, (uint8_t)(i + 1));
	(void)invoke(control_make(INVOKE_SEND, 4), NULL);
	CU_ASSERT(runs(&server));
	CU_ASSERT_EQUAL(server.state->regs.rdi, RC_NOT_RESIDENT);
	CU_ASSERT_EQUAL(a->parcel, 0);
	CU_ASSERT_EQUAL(a->state, KA_READY);
	(void)invoke(control_make(INVOKE_SEND, 4), NULL);
	CU_ASSERT_EQUAL(server.state->regs.rdi, RC_VOID);
	page_in(&client, number);
	(void)invoke(control_make(INVOKE_RETURN, 0), NULL);
	CU_ASSERT(runs(&client));
	CU_ASSERT_EQUAL(client.state->regs.rdi, RC_RESTARTED);
}

/* F1: what lies in a parcel is the answer; a second one does not replace it. */
static void
F1_second_reply_in_memory(void)
{
	const uint64_t first[MESSAGE_WORDS] = {31}, second[MESSAGE_WORDS] = {32};
	uint64_t       number;

	two(true);
	client.state->regs.r13 = 0x1000;
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT(runs(&server));
	activity_hash(process_activity(&client));
	number = page_out(&client);
	(void)invoke(control_make(INVOKE_SEND, 4), first);
	CU_ASSERT_EQUAL(server.state->regs.rdi, RC_OK);
	page_in(&client, number);
	(void)invoke(control_make(INVOKE_SEND, 4), second);
	CU_ASSERT(runs(&server));
	CU_ASSERT_EQUAL(server.state->regs.rdi, RC_VOID);
	(void)invoke(control_make(INVOKE_RETURN, 0), NULL);
	CU_ASSERT(runs(&client));
	CU_ASSERT_EQUAL(client.state->regs.rdi, 31);
}

/* F9: nothing is mapped in a persistent space, also if that is on disk. */
static void
F9_resident_in_an_absent_space(void)
{
	two(true);
	server.slot[SLOT_SPACE] = cap_make(CK_NODE, 0, 16, 1,
	    oid_make(frame_of(SOURCE_PERSISTENT, 4000), 0));
	process_put(&server, SLOT_SPACE, &server.slot[SLOT_SPACE]);
	open_range(0);
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT(runs(&server));
	CU_ASSERT_PTR_NOT_NULL(process_activity(&server));
	(void)raise_page_fault(server.state, 0x1000, ACCESS_READ);
	CU_ASSERT_EQUAL(server.state->fault, FAULT_ACCESS);
}

const struct runner_test outside_tests[] = {
    RUNNER_TEST(S3_waits_outside),
    RUNNER_TEST(S3_passed_on),
    RUNNER_TEST(F5_reply_by_parcel),
    RUNNER_TEST(F5_parcel_string),
    RUNNER_TEST(F5_parcels_run_out),
    RUNNER_TEST(F5_parcel_not_wanted),
    RUNNER_TEST(F5_resident_never_calls_out),
    RUNNER_TEST(F5_parcel_of_the_dead),
    RUNNER_TEST(F5_reply_passed_on),
    RUNNER_TEST(F5_reply_without_a_parcel),
    RUNNER_TEST(F1_second_reply_in_memory),
    RUNNER_TEST(F9_resident_in_an_absent_space),
    {NULL, NULL},
};
