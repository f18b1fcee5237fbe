/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who gets a message, and with which activity, on the general path: each
 * message here has a string, which the fast path does not take.
 */
#include "testsuite/unit/kernel/object/support.h"

#include "kernel/abi/process.order.h"
#include "kernel/mem/cache.h"
#include "kernel/object/known.h"
#include "kernel/sched/clock.h"

static struct process p, q;

enum { RECEIVE_RESUME = 4 };

static void
two(enum oid_source source)
{
	start_machine();
	p = make_process(source, 1);
	q = make_process(source, 2);
	make_available(
	    &q, CONTROL_RECEIVE(3, RECEIVE_RESUME), 0, STRING_MAX);
	p.slot[1] = start_cap(&q, 0);
	run_process(&p);
}

static enum fake_exit
sends(enum invoke_kind kind, unsigned reg, uint64_t receive)
{
	return invoke_string(
	    control_make(kind, reg) | receive, 0x11, PAGE_SIZE, 8);
}

/* The loaded process waits again, with the same receive control as before. */
static void
returns(unsigned reg)
{
	(void)sends(
	    INVOKE_RETURN, reg, CONTROL_RECEIVE(3, RECEIVE_RESUME));
}

static struct activity *
reserved(struct process *of)
{
	struct activity *a = process_activity(of);

	if (a == NULL)
		a = activity_alloc(process_oid(of), of->header->count);
	CU_ASSERT_PTR_NOT_NULL_FATAL(a);
	process_set_activity(of, a);
	activity_hash(a);
	a->flags |= AF_NOTICE;
	return a;
}

/* F1: a reply that is not awaited any more changes nothing. */
static void
F1_old_number(void)
{
	two(SOURCE_EPHEMERAL);
	(void)sends(INVOKE_CALL, 1, 0);
	CU_ASSERT_FATAL(runs(&q));
	q.slot[5] = cap_resume_make(
	    CK_RESUME, p.state->call_number - 1, process_oid(&p));
	(void)sends(INVOKE_SEND, 5, 0);
	CU_ASSERT_EQUAL(q.state->regs.rdi, RC_VOID);
	CU_ASSERT_EQUAL(p.state->state, PS_WAITING);
	returns(RECEIVE_RESUME);
	CU_ASSERT(runs(&p));
	CU_ASSERT_EQUAL(p.state->regs.rdi, 0x11);
}

/* S2: who may get notices keeps its activity, and its server has another. */
static void
S2_reserved_stays(void)
{
	struct activity *a, *its;

	two(SOURCE_EPHEMERAL);
	a = reserved(&p);
	(void)sends(INVOKE_CALL, 1, 0);
	CU_ASSERT(runs(&q));
	its = process_activity(&q);
	CU_ASSERT_PTR_NOT_EQUAL(its, a);
	CU_ASSERT_PTR_EQUAL(process_activity(&p), a);
	CU_ASSERT_EQUAL(a->state, KA_RESERVED);
	CU_ASSERT_FALSE(a->flags & AF_AVAILABLE);
	returns(RECEIVE_RESUME);
	CU_ASSERT(runs(&p));
	CU_ASSERT_PTR_EQUAL(cpu.activity, a);
	CU_ASSERT_EQUAL(activity_free_count(), ACTIVITIES - 1);
}

/* D5: notices that wait for an available process come before a call. */
static void
D5_notice_before_call(void)
{
	struct notice_binding b;
	struct activity      *a;

	two(SOURCE_EPHEMERAL);
	a = reserved(&q);
	a->flags |= AF_AVAILABLE;
	b = notice_binding(
	    &(struct cap){.type = CK_NOTICE, .data = 3,
		.count = q.header->count, .word = process_oid(&q).v});
	CU_ASSERT_TRUE(notice_post(&b));
	CU_ASSERT_EQUAL(a->state, KA_READY);
	(void)sends(INVOKE_CALL, 1, 0);
	CU_ASSERT(runs(&q));
	CU_ASSERT_EQUAL(q.state->regs.rsi, 1u << 3);
	CU_ASSERT_EQUAL(p.state->state, PS_RUNNING); /* It waits its turn. */
	CU_ASSERT_EQUAL(process_activity(&p)->wait, WAIT_PROCESS);
	returns(0);
	CU_ASSERT(runs(&p));
	/* An idle activity of its own does not make it busy. */
	a->retries = 5; /* S12: of an invocation that is over now. */
	(void)sends(INVOKE_CALL, 1, 0);
	CU_ASSERT(runs(&q));
	CU_ASSERT_PTR_EQUAL(cpu.activity, a);
	CU_ASSERT_EQUAL(a->retries, 0);
}

/* A server that replies while notices wait for it is told of them next. */
static void
notice_after_reply(void)
{
	for (unsigned where = 0; where < 2; where++) {
		struct activity *a;

		two(SOURCE_EPHEMERAL);
		a = reserved(&q);
		(void)sends(INVOKE_CALL, 1, 0);
		CU_ASSERT_FATAL(runs(&q));
		if (where == 0)
			a->notices = 1;
		else
			q.state->notices = 1;
		returns(RECEIVE_RESUME);
		CU_ASSERT(runs(&p));
		CU_ASSERT_EQUAL(q.state->state, PS_AVAILABLE);
		CU_ASSERT_EQUAL(a->state, KA_READY);
		(void)invoke(control_make(INVOKE_RETURN, 0), NULL);
		CU_ASSERT(runs(&q));
		CU_ASSERT_EQUAL(q.state->regs.rsi, 1);
		CU_ASSERT_EQUAL(q.state->notices, 0);
	}
}

/* F5: a notice is for one process; it waits for one that is not available. */
static void
F5_notice_targets(void)
{
	struct notice_binding b = {.bound = false};
	struct activity      *a;

	two(SOURCE_EPHEMERAL);
	CU_ASSERT_FALSE(notice_post(&b)); /* An interrupt of nobody. */
	b = notice_binding(
	    &(struct cap){.type = CK_NOTICE, .count = q.header->count,
		.word = process_oid(&q).v});
	CU_ASSERT_FALSE(notice_post(&b)); /* It has no activity: dead. */
	a = reserved(&q);
	b.count++;
	CU_ASSERT_FALSE(notice_post(&b)); /* Another's on that node. */
	CU_ASSERT_EQUAL(a->notices, 0);
	b.count--;
	q.state->state = PS_WAITING;
	CU_ASSERT_TRUE(notice_post(&b));
	CU_ASSERT_EQUAL(a->state, KA_RESERVED);
	CU_ASSERT_EQUAL(a->notices, 1);
}

/*
 * What is asked for with a notice is void: nothing of before is left in the
 * registers. Those that do not exist, by whatever was set, are ignored.
 */
static void
notice_clears_registers(void)
{
	for (unsigned is_known = 0; is_known < 2; is_known++) {
		const uint64_t   garbage = UINT64_C(0x1f)
		    << (CONTROL_RECEIVE_SHIFT + CONTROL_REG_BITS * 4);
		struct activity *a;

		two(SOURCE_EPHEMERAL);
		for (unsigned i = 1; i < 16; i++)
			q.slot[i] = cap_number_make(i, 0);
		make_available(&q,
		    CONTROL_RECEIVE(0, 3) | CONTROL_RECEIVE(2, 16 + 5) |
			CONTROL_RECEIVE(3, 4) | garbage,
		    0, 0);
		memset(&q.state->regs.r15, 0x5a,
		    offsetof(struct registers, rax));
		q.state->regs.r12 = 0;
		a = reserved(&q);
		a->notices = 8;
		if (is_known) {
			CU_ASSERT_EQUAL_FATAL(process_load(&q, a), RC_OK);
			process_unload();
			CU_ASSERT_PTR_NOT_NULL(known_look(process_oid(&q)));
		} else {
			known_forget(&q);
			process_unload();
		}
		activity_release(process_activity(&p), false);
		cpu.activity = NULL;
		sched_ready(a);
		(void)dispatch();
		CU_ASSERT(runs(&q));
		CU_ASSERT_EQUAL(q.state->regs.rax, FROM_NOTICE);
		CU_ASSERT_EQUAL(q.state->regs.rsi, 8);
		CU_ASSERT_EQUAL(q.state->regs.rdi | q.state->regs.rdx |
			q.state->regs.r10 | q.state->regs.r8,
		    0);
		CU_ASSERT_NOT_EQUAL(q.state->regs.rbx, 0);
		CU_ASSERT_EQUAL(cpu.activity->priority, PRIORITY);
		for (unsigned i = 1; i < 16; i++)
			CU_ASSERT_EQUAL(q.slot[i].type,
			    i == 3 || i == 4 ? CK_VOID : CK_NUMBER);
	}
}

/* A call at the expense of one is charged to the caller. */
static void
reserve_of_the_caller(void)
{
	struct cap schedule = cap_make(CK_SCHEDULE, 0, PRIORITY, 0, (oid){0});
	uint32_t   id = 0;

	two(SOURCE_EPHEMERAL);
	CU_ASSERT_EQUAL_FATAL(reserve_make(10000000, 1000000, &id), RC_OK);
	schedule.count = id;
	process_put(&p, SLOT_SCHEDULE, &schedule);
	process_unload();
	sched_ready(process_activity(&p));
	(void)dispatch();
	CU_ASSERT_FATAL(runs(&p));
	CU_ASSERT_EQUAL(reserves.running, reserve_number(id));
	fake.now += 1000;
	(void)sends(INVOKE_CALL, 1, 0);
	CU_ASSERT(runs(&q));
	CU_ASSERT_EQUAL(reserves.running, 0);
	CU_ASSERT_EQUAL(reserve_at(reserve_number(id))->used, 1000);
}

/* A server that is less urgent than what is ready has its message and waits. */
static void
less_urgent_server(void)
{
	struct process   r;
	struct activity *a;

	two(SOURCE_EPHEMERAL);
	r = make_process(SOURCE_EPHEMERAL, 3);
	r.state->state = PS_RUNNING;
	r.slot[SLOT_SCHEDULE].data = PRIORITY + 1;
	a = activity_alloc(process_oid(&r), r.header->count);
	process_set_activity(&r, a);
	sched_set_priority(a, PRIORITY + 1, 0);
	sched_set_priority(process_activity(&p), PRIORITY + 2, 0);
	sched_ready(a);
	(void)sends(INVOKE_CALL, 1, 0);
	CU_ASSERT(runs(&r));
	CU_ASSERT_EQUAL(q.state->state, PS_RUNNING);
	CU_ASSERT_EQUAL(q.state->regs.rdi, 0x11);
	(void)invoke(control_make(INVOKE_RETURN, 0), NULL);
	CU_ASSERT(runs(&q));
}

/* S2: with a process go its alarms. */
static void
S2_alarms_of_the_dead(void)
{
	struct alarm due, a;

	two(SOURCE_EPHEMERAL);
	(void)reserved(&q);
	a = (struct alarm){.process = process_oid(&q).v,
	    .count = q.header->count,
	    .when = 100,
	    .bit = 3};
	CU_ASSERT_EQUAL(alarm_set(&a), RC_OK);
	process_destroy(q.node, 0);
	CU_ASSERT_FALSE(alarm_due(1000, &due));
}

/* F7: what the dispatcher needs to prepare a process cannot be had now. */
static void
F7_dispatch_waits(void)
{
	bool     fired = true;
	unsigned n, waited = 0;

	for (n = 1; fired; n++) {
		struct activity *a;

		two(SOURCE_PERSISTENT);
		open_range(100);
		a = activity_alloc(process_oid(&q), q.header->count);
		process_set_activity(&q, a);
		q.state->state = PS_RUNNING;
		q.slot[SLOT_STATE].word &= OID_MASK;
		make_clean(q.node);
		make_clean(q.state_frame);
		sched_ready(a);
		activity_release(process_activity(&p), false);
		process_unload();
		cpu.activity = NULL;
		fail_nth_deep(n);
		(void)dispatch();
		fired = fail_fired();
		if (fired) {
			CU_ASSERT_FALSE(runs(&q));
			CU_ASSERT_EQUAL(q.state->state, PS_RUNNING);
			CU_ASSERT_EQUAL(activity_free_count(), ACTIVITIES - 1);
			waited++;
			fail_wake();
			(void)dispatch();
		}
		CU_ASSERT(runs(&q));
		CU_ASSERT_TRUE(frame_writable(q.node));
		CU_ASSERT_TRUE(frame_writable(q.state_frame));
	}
	CU_ASSERT(waited > 3);
}

/* S12: a string that is not the caller's to send is told as a fault of its. */
static void
S12_bad_string_to_the_kernel(void)
{
	static const uint64_t at[] = {
	    UINT64_C(1) << 47, UINT64_MAX - 10, PAGES * PAGE_SIZE - 4};

	for (unsigned i = 0; i < 3; i++) {
		two(SOURCE_EPHEMERAL);
		p.slot[1] = cap_make(CK_LOG, 0, 0, 0, (oid){0});
		(void)invoke_string(
		    control_make(INVOKE_CALL, 1), 0, at[i], 100);
		CU_ASSERT_EQUAL(p.state->state, PS_WAITING);
		CU_ASSERT_EQUAL(p.state->fault, FAULT_UNMAPPED);
		CU_ASSERT_EQUAL(p.state->fault_address,
		    i == 2 ? PAGES * PAGE_SIZE : at[i]);
		CU_ASSERT_EQUAL(p.state->regs.rip, 0x1000);
	}
}

/* S12: a receiver's buffer out of user space, or around its end, holds nothing. */
static void
S12_buffer_out_of_user_space(void)
{
	static const uint64_t at[] = {UINT64_C(1) << USER_SPAN,
	    (UINT64_C(1) << USER_SPAN) - 4, UINT64_MAX - 3};

	for (unsigned i = 0; i < 3; i++) {
		two(SOURCE_EPHEMERAL);
		memset(page_of(&p, 1), 0x5a, 8);
		make_available(&q, CONTROL_RECEIVE(3, 4), at[i], STRING_MAX);
		(void)sends(INVOKE_CALL, 1, 0);
		CU_ASSERT(runs(&q));
		CU_ASSERT_EQUAL(q.state->regs.rdi, 0x11);
		CU_ASSERT_EQUAL(q.state->regs.rax >> RESULT_LENGTH_SHIFT &
			RESULT_LENGTH_MASK,
		    0);
		CU_ASSERT(q.state->regs.rax & RESULT_TRUNCATED);
		CU_ASSERT_EQUAL(page_of(&q, 0)[0], 0);
	}
}

const struct runner_test deliver_tests[] = {
    RUNNER_TEST(F1_old_number),
    RUNNER_TEST(S2_reserved_stays),
    RUNNER_TEST(D5_notice_before_call),
    RUNNER_TEST(notice_after_reply),
    RUNNER_TEST(F5_notice_targets),
    RUNNER_TEST(notice_clears_registers),
    RUNNER_TEST(reserve_of_the_caller),
    RUNNER_TEST(less_urgent_server),
    RUNNER_TEST(S2_alarms_of_the_dead),
    RUNNER_TEST(F7_dispatch_waits),
    RUNNER_TEST(S12_bad_string_to_the_kernel),
    RUNNER_TEST(S12_buffer_out_of_user_space),
    {NULL, NULL},
};
