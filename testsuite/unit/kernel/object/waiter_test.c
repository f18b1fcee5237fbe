/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Outside waiters where not all is in order: dead, malformed, answered twice,
 * started meanwhile, or not to be had now (S3, F5).
 */
#include "testsuite/unit/kernel/object/support.h"

#include "kernel/abi/node.order.h"
#include "kernel/abi/process.order.h"
#include "kernel/abi/restart.order.h"
#include "kernel/mem/cache.h"

enum { NUMBER = 4711 };

/* p waits; out is not persistent. */
static struct process p, out;

static void
two(enum oid_source source)
{
	start_machine();
	p = make_process(source, 1);
	out = make_process(SOURCE_EPHEMERAL, 2);
	p.state->state = PS_WAITING;
	p.state->call_number = NUMBER;
	p.state_frame->flags |= FF_FORCED;
}

static struct cap
resume(enum cap_kind kind)
{
	return cap_resume_make(kind, NUMBER, process_oid(&p));
}

/* It gets into a node that is not persistent. */
static void
store(void)
{
	out.slot[1] = cap_make(CK_NODE, 0, 16,
	    frame_nodes(out.node)->node[2].count,
	    oid_make(out.node->number, 2));
	out.slot[2] = resume(CK_RESUME);
	(void)invoke(control_make(INVOKE_CALL, 1) | CONTROL_SEND(0, 2),
	    (const uint64_t[]){NODE_SWAP, 3, 0, 0, 0});
}

/*
 * S3: nobody waits for a capability to what is dead or malformed, stays, or was
 * answered: the number of its last call may be that still.
 */
static void
S3_nobody_to_note(void)
{
	for (unsigned how = 0; how < 4; how++) {
		two(how == 2 ? SOURCE_EPHEMERAL : SOURCE_PERSISTENT);
		run_process(&out);
		if (how == 0)
			process_destroy(p.node, 0);
		if (how == 1)
			p.state->node_oid++;
		if (how == 3)
			p.state->state = PS_AVAILABLE;
		store();
		CU_ASSERT(runs(&out));
		CU_ASSERT_EQUAL(out.state->regs.rdi, RC_OK);
		CU_ASSERT_EQUAL(frame_nodes(out.node)->slot[2][3].type,
		    how == 0 ? CK_VOID : CK_RESUME);
		CU_ASSERT_PTR_NULL(activity_find(process_oid(&p)));
		CU_ASSERT_EQUAL(activity_free_count(), ACTIVITIES - 1);
	}
}

/* S3: nor for one that has died since it was put where it is fetched from. */
static void
S3_dead_is_fetched(void)
{
	struct process inside;

	two(SOURCE_PERSISTENT);
	inside = make_process(SOURCE_PERSISTENT, 3);
	frame_nodes(inside.node)->slot[2][3] = resume(CK_RESUME);
	process_destroy(p.node, 0);
	out.slot[1] = cap_make(CK_NODE, 0, 16,
	    frame_nodes(inside.node)->node[2].count,
	    oid_make(inside.node->number, 2));
	run_process(&out);
	(void)invoke(control_make(INVOKE_CALL, 1) | CONTROL_RECEIVE(0, 5),
	    (const uint64_t[]){NODE_GET, 3, 0, 0, 0});
	CU_ASSERT_EQUAL(out.state->regs.rdi, RC_OK);
	CU_ASSERT_EQUAL(out.slot[5].type, CK_RESUME);
	CU_ASSERT_PTR_NULL(activity_find(process_oid(&p)));
	CU_ASSERT_EQUAL(activity_free_count(), ACTIVITIES - 1);
	(void)invoke(control_make(INVOKE_CALL, 5), NULL);
	CU_ASSERT_EQUAL(out.state->regs.rdi, RC_VOID);
}

/* S3: its state page is not here: who moves the capability waits for it. */
static void
S3_state_page_is_fetched(void)
{
	bool     fired = true;
	unsigned n;

	for (n = 1; fired; n++) {
		two(SOURCE_PERSISTENT);
		run_process(&out);
		p.slot[SLOT_STATE].word &= OID_MASK; /* To be looked up. */
		fail_nth_deep(n);
		store();
		fired = fail_fired();
		if (fired) {
			CU_ASSERT_EQUAL(
			    frame_nodes(out.node)->slot[2][3].type, CK_VOID);
			CU_ASSERT_EQUAL(out.state->regs.rip, 0x1000);
			fail_wake();
			(void)dispatch();
			CU_ASSERT(runs(&out));
			out.state->regs.rip += 2;
			out.state->regs.trap = TRAP_SYSCALL;
			(void)reenter(out.state);
		}
		CU_ASSERT_EQUAL(out.state->regs.rdi, RC_OK);
		CU_ASSERT_PTR_NOT_NULL_FATAL(activity_find(process_oid(&p)));
		CU_ASSERT(activity_find(process_oid(&p))->flags & AF_OUTSIDE);
		CU_ASSERT_EQUAL(
		    activity_find(process_oid(&p))->priority, PRIORITY);
	}
	CU_ASSERT(n > 3);
}

/* S3: the same where it leaves by a message: no part of that has arrived. */
static void
S3_message_waits(void)
{
	bool     fired = true;
	unsigned n;

	for (n = 1; fired; n++) {
		struct process inside;

		two(SOURCE_PERSISTENT);
		inside = make_process(SOURCE_PERSISTENT, 3);
		make_available(&out, CONTROL_RECEIVE(0, 5), 0, 0);
		inside.slot[1] = start_cap(&out, 0);
		inside.slot[2] = resume(CK_RESUME);
		run_process(&inside);
		fail_nth_deep(n);
		(void)invoke(control_make(INVOKE_SEND, 1) | CONTROL_SEND(0, 2),
		    (const uint64_t[]){9, 0, 0, 0, 0});
		fired = fail_fired();
		if (fired) {
			CU_ASSERT_EQUAL(out.state->state, PS_AVAILABLE);
			CU_ASSERT_EQUAL(out.slot[5].type, CK_VOID);
			fail_wake();
			(void)dispatch();
			CU_ASSERT(runs(&inside));
			inside.state->regs.rip += 2;
			inside.state->regs.trap = TRAP_SYSCALL;
			(void)reenter(inside.state);
		}
		CU_ASSERT_EQUAL(out.slot[5].type, CK_RESUME);
		CU_ASSERT_EQUAL(out.state->regs.rdi, 9);
		CU_ASSERT(activity_find(process_oid(&p))->flags & AF_OUTSIDE);
	}
	CU_ASSERT(n > 2);
}

/* p's entry, with parcel 1 or none. */
static struct activity *
enter(uint8_t parcel)
{
	struct activity *a =
	    activity_alloc(process_oid(&p), p.header->count);

	CU_ASSERT_PTR_NOT_NULL_FATAL(a);
	process_set_activity(&p, a);
	outside_wait(a, NUMBER, parcel);
	return a;
}

/* F1, S3: it is answered once, by what it waits for, and only if it waits. */
static void
F1_answered_once(void)
{
	const struct message m = {.source = FROM_REPLY,
	    .word = {5},
	    .kernel_string = cpu.string_in};
	struct cap           c;
	struct activity     *a;

	two(SOURCE_PERSISTENT);
	c = resume(CK_RESUME);
	CU_ASSERT_EQUAL(outside_answer(&c, ANSWER_RESTARTED), RC_VOID);
	/* It has an activity, and waits for nobody outside. */
	a = activity_alloc(process_oid(&p), p.header->count);
	CU_ASSERT_EQUAL(outside_answer(&c, ANSWER_RESTARTED), RC_VOID);
	CU_ASSERT_EQUAL(outside_reply(&c, &m), RC_VOID);
	activity_destroy(a);
	a = enter(0);
	c = cap_resume_make(CK_RESUME, NUMBER + 1, process_oid(&p));
	CU_ASSERT_EQUAL(outside_answer(&c, ANSWER_RESTARTED), RC_VOID);
	c = resume(CK_RESUME);
	CU_ASSERT_EQUAL(outside_answer(&c, ANSWER_RESTARTED), RC_OK);
	CU_ASSERT_EQUAL(a->state, KA_READY);
	CU_ASSERT_EQUAL(outside_answer(&c, ANSWER_RESTARTED), RC_VOID);
	/* A reply lies ready: nothing else is for it. */
	two(SOURCE_PERSISTENT);
	a = enter(1);
	CU_ASSERT_EQUAL(outside_reply(&c, &m), RC_OK);
	CU_ASSERT_EQUAL(outside_answer(&c, ANSWER_RESTARTED), RC_VOID);
	CU_ASSERT_EQUAL(outside_reply(&c, &m), RC_VOID);
	(void)dispatch();
	CU_ASSERT(runs(&p));
	CU_ASSERT_EQUAL(p.state->regs.rdi, 5);
	CU_ASSERT_EQUAL(a->parcel, 0);
}

/* F1: a keeper's answer that lies ready is not changed by another one. */
static void
F1_keeper_answers_once(void)
{
	struct cap c;

	two(SOURCE_PERSISTENT);
	p.state->fault = FAULT_UNMAPPED;
	run_process(&out);
	(void)enter(0);
	c = resume(CK_RESTART);
	CU_ASSERT_EQUAL(outside_answer(&c, ANSWER_KILL), RC_OK);
	out.slot[1] = c;
	(void)invoke(control_make(INVOKE_CALL, 1),
	    (const uint64_t[]){RESTART_RETRY, 0, 0, 0, 0});
	CU_ASSERT(runs(&out));
	CU_ASSERT_EQUAL(out.state->regs.rdi, RC_VOID);
	CU_ASSERT_EQUAL(p.state->state, PS_WAITING);
	(void)invoke(control_make(INVOKE_RETURN, 0), NULL);
	CU_ASSERT_EQUAL(p.state->state, PS_WAITING);
	CU_ASSERT_EQUAL(p.state->call_number, 0);
}

/* S3: one that was started meanwhile goes on as it was started. */
static void
S3_started_meanwhile(void)
{
	for (unsigned how = 0; how < 3; how++) {
		struct activity *a;

		two(SOURCE_PERSISTENT);
		a = enter(0);
		a->flags |= AF_RESTART;
		p.state->regs.rdi = 77;
		if (how == 0)
			p.state->state = PS_RUNNING;
		if (how == 1)
			p.state->call_number++;
		if (how == 2) /* Killed: its fault waits for no answer. */
			p.state->call_number = 0;
		sched_ready(a);
		(void)dispatch();
		CU_ASSERT_EQUAL(runs(&p), how == 0);
		CU_ASSERT_EQUAL(p.state->regs.rdi, 77);
		CU_ASSERT_EQUAL(
		    p.state->state, how == 0 ? PS_RUNNING : PS_WAITING);
		CU_ASSERT_EQUAL(activity_find(process_oid(&p)) != NULL,
		    how == 0);
		if (how == 0)
			CU_ASSERT_FALSE(a->flags & (AF_OUTSIDE | AF_RESTART));
	}
}

/*
 * F5: where a parcel's string goes cannot be had now: the parcel is kept until
 * it can. And what the receiver does not want, or does not hold, is cut.
 */
static void
F5_parcel_waits(void)
{
	static const struct {
		uint64_t at;
		uint32_t limit, gets;
	} of[] = {
	    {100, STRING_MAX, 50},
	    {100, 20, 20},
	    {PAGES * PAGE_SIZE - 30, STRING_MAX, 30},
	};

	for (unsigned i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		bool     fired = true;
		unsigned n;

		for (n = 1; fired; n++) {
			static const uint8_t text[50] = {0x5a, 0x5b};
			const struct message m = {.source = FROM_REPLY,
			    .word = {5},
			    .kernel_string = text,
			    .bytes = sizeof(text)};
			struct activity *a;
			struct cap       c;

			two(SOURCE_PERSISTENT);
			p.state->regs.r12 = (uint64_t)of[i].limit << 32;
			p.state->regs.r13 = of[i].at;
			a = enter(1);
			c = resume(CK_RESUME);
			CU_ASSERT_EQUAL(outside_reply(&c, &m), RC_OK);
			fail_nth_deep(n);
			(void)dispatch();
			fired = fail_fired();
			if (fired && p.state->state == PS_WAITING) {
				CU_ASSERT(a->flags & AF_PARCEL);
				CU_ASSERT_EQUAL(a->parcel, 1);
			}
			if (fired) {
				fail_wake();
				(void)dispatch();
			}
			CU_ASSERT(runs(&p));
			CU_ASSERT_EQUAL(p.state->regs.rdi, 5);
			CU_ASSERT_EQUAL(
			    p.state->regs.rax >> RESULT_LENGTH_SHIFT &
				RESULT_LENGTH_MASK,
			    of[i].gets);
			CU_ASSERT_EQUAL(
			    (p.state->regs.rax & RESULT_TRUNCATED) != 0,
			    of[i].gets < sizeof(text));
			CU_ASSERT_EQUAL(page_of(&p,
					    (unsigned)(of[i].at /
						PAGE_SIZE))[of[i].at %
					    PAGE_SIZE],
			    0x5a);
		}
		CU_ASSERT(n > 2);
	}
}

/* S3: the end of a wait that was none outside changes nothing of its entry. */
static void
S3_release_of_one_inside(void)
{
	struct activity *a;

	two(SOURCE_PERSISTENT);
	p.state->fault = FAULT_DIVIDE;
	a = activity_alloc(process_oid(&p), p.header->count);
	process_set_activity(&p, a);
	a->flags |= AF_NOTICE;
	out.slot[4] = resume(CK_RESTART);
	run_process(&out);
	(void)invoke(control_make(INVOKE_CALL, 4),
	    (const uint64_t[]){RESTART_KILL, 0, 0, 0, 0});
	CU_ASSERT_EQUAL(out.state->regs.rdi, RC_OK);
	CU_ASSERT_PTR_EQUAL(activity_find(process_oid(&p)), a);
	CU_ASSERT(a->flags & AF_NOTICE); /* It may still be looked at. */
	CU_ASSERT_EQUAL(p.state->call_number, 0);
}

/* D8: the record says who is available, and passes over what is free. */
static void
D8_record_of_the_available(void)
{
	const struct record_entry *e;
	struct activity           *free, *a;
	uint32_t                   frames[4], n = 0;

	two(SOURCE_PERSISTENT);
	free = activity_alloc((oid){99}, 1);
	a = activity_alloc(process_oid(&p), p.header->count);
	a->flags |= AF_NOTICE;
	activity_release(a, true);
	activity_destroy(free);
	CU_ASSERT_EQUAL_FATAL(record_whole(frames, 4, &n), RC_OK);
	CU_ASSERT_EQUAL(n, 1);
	e = frame_data(&mem.frame[frames[0]]);
	CU_ASSERT_EQUAL(e[1].oid, process_oid(&p).v);
	CU_ASSERT_EQUAL(e[1].kind, RECORD_IDLE);
	CU_ASSERT_EQUAL(e[1].flags, RF_NOTICE | RF_AVAILABLE);
	CU_ASSERT_EQUAL(e[2].kind, RECORD_NONE);
}

const struct runner_test waiter_tests[] = {
    RUNNER_TEST(S3_nobody_to_note),
    RUNNER_TEST(S3_dead_is_fetched),
    RUNNER_TEST(S3_state_page_is_fetched),
    RUNNER_TEST(S3_message_waits),
    RUNNER_TEST(F1_answered_once),
    RUNNER_TEST(F1_keeper_answers_once),
    RUNNER_TEST(S3_started_meanwhile),
    RUNNER_TEST(F5_parcel_waits),
    RUNNER_TEST(S3_release_of_one_inside),
    RUNNER_TEST(D8_record_of_the_available),
    {NULL, NULL},
};
