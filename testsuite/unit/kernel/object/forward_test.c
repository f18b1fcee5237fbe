/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * S6: forwarders where it matters who is in memory, who is resident, and what
 * fails on the way. Each order is tested in testsuite/guest/forwarder.c.
 */
#include "testsuite/unit/kernel/object/support.h"

#include "kernel/abi/forwarder.order.h"
#include "kernel/abi/number.order.h"
#include "kernel/abi/restart.order.h"
#include "kernel/mem/cache.h"

static struct process client, server;
static struct frame  *frame; /* Of the forwarders. */

enum { WORD = 0x77 };

/* Forwarder i of the frame; node i + 1 stays a data node. */
static struct cap
forwarder(unsigned i, unsigned rights, unsigned send)
{
	return cap_make(CK_FORWARDER, rights, send,
	    frame_nodes(frame)->node[i].count, oid_make(frame->number, i));
}

static struct cap *
slot_of(unsigned i, enum forwarder_slot slot)
{
	return &frame_nodes(frame)->slot[i][slot];
}

/* The client's register 1: opaque, to the server, with the data word. */
static void
two(enum oid_source source, unsigned send)
{
	start_machine();
	client = make_process(source, 1);
	server = make_process(SOURCE_EPHEMERAL, 2);
	make_available(
	    &server, CONTROL_RECEIVE(2, 3) | CONTROL_RECEIVE(3, 4), 0, 0);
	frame = make_node_frame(900);
	for (unsigned i = 0; i < FRAME_NODES; i++) {
		frame_nodes(frame)->node[i].role = ROLE_FORWARDER;
		frame_nodes(frame)->node[i].word = WORD + i;
	}
	*slot_of(0, FORWARD_TO) = start_cap(&server, 6);
	client.slot[1] = forwarder(0, CR_OPAQUE, send);
	(void)run_process(&client);
}

/* S6: who waits at a blocked one waits for it alone, and begins anew. */
static void
S6_blocked_waits(void)
{
	struct activity *a;
	oid              id;

	two(SOURCE_EPHEMERAL, 0);
	frame_nodes(frame)->node[0].data = FORWARDER_BLOCKED;
	id = oid_make(frame->number, 0);
	a = process_activity(&client);
	CU_ASSERT_EQUAL(invoke(control_make(INVOKE_CALL, 1), NULL), FAKE_IDLE);
	CU_ASSERT_EQUAL(a->state, KA_STALLED);
	CU_ASSERT_EQUAL(a->wait, WAIT_FORWARDER);
	CU_ASSERT_EQUAL(sched.stalled, 1);
	CU_ASSERT_EQUAL(client.state->regs.rip, 0x1000);
	forward_wake(oid_make(frame->number, 1));
	wait_wake(WAIT_PROCESS, id.v);
	CU_ASSERT_EQUAL(a->state, KA_STALLED);
	forward_wake(id);
	CU_ASSERT_EQUAL(a->state, KA_READY);
	CU_ASSERT_EQUAL(sched.stalled, 0);
}

/* F5: a resident process does not wait for whoever blocks it. */
static void
F5_blocked_resident(void)
{
	two(SOURCE_EPHEMERAL, 0);
	client.header->flags |= PF_RESIDENT;
	frame_nodes(frame)->node[0].data = FORWARDER_BLOCKED;
	(void)invoke(control_make(INVOKE_SEND, 1), NULL);
	CU_ASSERT(runs(&client));
	CU_ASSERT_EQUAL(client.state->regs.rdi, RC_NOT_RESIDENT);
}

/* S6: a restarted target leads to the fallback; without one it is told. */
static void
S6_restarted(void)
{
	two(SOURCE_EPHEMERAL, FORWARDER_SEND_WORD);
	*slot_of(0, FORWARD_TO) =
	    cap_make(CK_RESTARTED, 0, CK_START, 0, (oid){0});
	(void)invoke(control_make(INVOKE_SEND, 1), NULL);
	CU_ASSERT_EQUAL(client.state->regs.rdi, RC_RESTARTED);
	/* A fallback that is void says less than that. */
	*slot_of(0, FORWARD_ELSE) = start_cap(&server, 0);
	slot_of(0, FORWARD_ELSE)->count++;
	(void)invoke(control_make(INVOKE_SEND, 1), NULL);
	CU_ASSERT_EQUAL(client.state->regs.rdi, RC_RESTARTED);
	*slot_of(0, FORWARD_ELSE) = start_cap(&server, 4);
	(void)invoke(control_make(INVOKE_CALL, 1),
	    (const uint64_t[]){9, 8, 7, 6, 5});
	CU_ASSERT(runs(&server));
	CU_ASSERT_EQUAL(server.state->regs.rdi, 9);
	CU_ASSERT_EQUAL(server.state->regs.r8, WORD);
	CU_ASSERT_EQUAL(server.state->regs.rax >> RESULT_DATA_SHIFT, 4);
	CU_ASSERT_EQUAL(server.slot[4].type, CK_RESUME);
	CU_ASSERT_EQUAL(oid_frame(cap_oid(&server.slot[4])),
	    client.node->number);
}

/* S6: of what was to be added and could not, nothing is added to the next. */
static void
S6_nothing_left_over(void)
{
	two(SOURCE_EPHEMERAL, FORWARDER_SEND_ALL);
	frame_nodes(frame)->node[0].role = ROLE_FORWARDER;
	client.slot[2] = start_cap(&server, 1);
	server.state->state = PS_WAITING; /* Busy: it waits on the way. */
	CU_ASSERT_EQUAL(invoke(control_make(INVOKE_CALL, 1), NULL), FAKE_IDLE);
	CU_ASSERT_EQUAL(cpu.via.send, 0);
	server.state->state = PS_AVAILABLE;
	(void)run_process(&client);
	(void)invoke(control_make(INVOKE_SEND, 2),
	    (const uint64_t[]){1, 2, 3, 4, 5});
	CU_ASSERT_EQUAL(server.state->regs.r8, 5);
	CU_ASSERT_EQUAL(server.slot[3].type, CK_VOID);
}

/* S6: a kernel kind gets what is added; its own memory of it does not last. */
static void
S6_kernel_kind(void)
{
	two(SOURCE_EPHEMERAL, FORWARDER_SEND_ALL);
	*slot_of(0, FORWARD_TO) = cap_number_make(41, 0);
	(void)invoke(control_make(INVOKE_CALL, 1),
	    (const uint64_t[]){NUMBER_GET, 0, 0, 0, 0});
	CU_ASSERT_EQUAL(client.state->regs.rsi, 41);
	CU_ASSERT_EQUAL(cpu.inv.word[FORWARD_WORD], WORD);
	CU_ASSERT_EQUAL(cpu.inv.cap[FORWARD_CAP].kind, CK_FORWARDER);
	CU_ASSERT_EQUAL(cpu.inv.cap[FORWARD_CAP].rights, 0);
	client.slot[2] = cap_number_make(42, 0);
	(void)invoke(control_make(INVOKE_CALL, 2),
	    (const uint64_t[]){NUMBER_GET, 0, 0, 0, 5});
	CU_ASSERT_EQUAL(client.state->regs.rsi, 42);
	CU_ASSERT_EQUAL(cpu.inv.word[FORWARD_WORD], 5);
	CU_ASSERT_EQUAL(cpu.inv.cap[FORWARD_CAP].kind, CK_VOID);
}

/* F5: through a forwarder, too, a resident reply goes by parcel. */
static void
F5_parcel_through_forwarder(void)
{
	struct activity *a;
	uint64_t         number;

	two(SOURCE_PERSISTENT, 0);
	server.header->flags |= PF_RESIDENT;
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT(runs(&server));
	a = activity_find(process_oid(&client));
	CU_ASSERT_PTR_NOT_NULL_FATAL(a);
	CU_ASSERT(a->parcel != 0);
	*slot_of(1, FORWARD_TO) = server.slot[4];
	server.slot[1] = forwarder(1, CR_OPAQUE, FORWARDER_SEND_WORD);
	number = client.node->number;
	frame_unname(client.node);
	frame_name(client.node, frame_of(SOURCE_PERSISTENT, 5000));
	(void)invoke(control_make(INVOKE_SEND, 1),
	    (const uint64_t[]){11, 12, 13, 14, 15});
	CU_ASSERT_EQUAL(server.state->regs.rdi, RC_OK);
	CU_ASSERT(a->flags & AF_PARCEL);
	frame_unname(client.node);
	frame_name(client.node, number);
	(void)invoke(control_make(INVOKE_RETURN, 0), NULL);
	CU_ASSERT(runs(&client));
	CU_ASSERT_EQUAL(client.state->regs.rdi, 11);
	CU_ASSERT_EQUAL(client.state->regs.r8, WORD + 1);
}

/* S3: a target of one outside makes its process wait outside. */
static void
S3_target_outside(void)
{
	struct process waiter;

	for (uint64_t order = FORWARDER_SET_TARGET;
	     order <= FORWARDER_SET_FALLBACK; order += 2) {
		two(SOURCE_PERSISTENT, 0);
		waiter = make_process(SOURCE_PERSISTENT, 3);
		waiter.state->state = PS_WAITING;
		waiter.state->call_number = 5;
		client.slot[1] = forwarder(0, 0, 0);
		client.slot[2] =
		    cap_resume_make(CK_RESUME, 5, process_oid(&waiter));
		(void)invoke(
		    control_make(INVOKE_CALL, 1) | CONTROL_SEND(0, 2),
		    (const uint64_t[]){order, 0, 0, 0, 0});
		CU_ASSERT_EQUAL(client.state->regs.rdi, RC_OK);
		CU_ASSERT_PTR_NOT_NULL_FATAL(
		    activity_find(process_oid(&waiter)));
		CU_ASSERT(activity_find(process_oid(&waiter))->flags &
		    AF_OUTSIDE);
	}
}

/*
 * S6: behind a resume capability there is somebody as long as its process
 * waits for just it; then the fallback is heard.
 */
static void
S6_resume_behind(void)
{
	for (unsigned how = 0; how < 4; how++) {
		struct process waiter;

		two(SOURCE_EPHEMERAL, 0);
		waiter = make_process(SOURCE_EPHEMERAL, 3);
		waiter.state->state = PS_WAITING;
		waiter.state->call_number = 5;
		*slot_of(0, FORWARD_TO) = cap_resume_make(
		    CK_RESUME, how == 1 ? 4 : 5, process_oid(&waiter));
		*slot_of(0, FORWARD_ELSE) = start_cap(&server, 4);
		if (how == 2)
			waiter.state->state = PS_AVAILABLE;
		if (how == 3)
			waiter.state->node_oid++; /* Malformed (F3). */
		(void)invoke(control_make(INVOKE_SEND, 1),
		    (const uint64_t[]){7, 0, 0, 0, 0});
		CU_ASSERT(runs(&client));
		CU_ASSERT_EQUAL(client.state->regs.rdi, RC_OK);
		CU_ASSERT_EQUAL(waiter.state->regs.rdi, how == 0 ? 7 : 0);
		CU_ASSERT_EQUAL(server.state->regs.rdi, how == 0 ? 0 : 7);
		(void)invoke(control_make(INVOKE_SEND, 1),
		    (const uint64_t[]){8, 0, 0, 0, 0});
		if (how == 0) /* Answered: void from now on. */
			CU_ASSERT_EQUAL(server.state->regs.rdi, 8);
	}
}

/* S6: a restart capability behind one is its keeper's, as long as it waits. */
static void
S6_restart_behind(void)
{
	for (unsigned waits = 0; waits < 2; waits++) {
		struct process faulted;

		two(SOURCE_EPHEMERAL, 0);
		faulted = make_process(SOURCE_EPHEMERAL, 3);
		faulted.state->state = PS_WAITING;
		faulted.state->fault = FAULT_DIVIDE;
		faulted.state->call_number = waits ? 5 : 6;
		*slot_of(0, FORWARD_TO) =
		    cap_resume_make(CK_RESTART, 5, process_oid(&faulted));
		(void)invoke(control_make(INVOKE_CALL, 1),
		    (const uint64_t[]){RESTART_RETRY, 0, 0, 0, 0});
		CU_ASSERT_EQUAL(client.state->regs.rdi,
		    (uint64_t)(waits ? RC_OK : RC_VOID));
		CU_ASSERT_EQUAL(faulted.state->fault,
		    waits ? FAULT_NONE : FAULT_DIVIDE);
	}
}

/* F5, S6: whom a resident process may not wait for is not behind it, or is. */
static void
F5_resume_behind_out_of_the_closure(void)
{
	struct process   waiter;
	struct activity *a;

	two(SOURCE_EPHEMERAL, 0);
	client.header->flags |= PF_RESIDENT;
	waiter = make_process(SOURCE_PERSISTENT, 3);
	waiter.state->state = PS_WAITING;
	waiter.state->call_number = 5;
	*slot_of(0, FORWARD_TO) =
	    cap_resume_make(CK_RESUME, 5, process_oid(&waiter));
	*slot_of(0, FORWARD_ELSE) = start_cap(&server, 4);
	a = activity_alloc(process_oid(&waiter), waiter.header->count);
	outside_wait(a, 5, 1);
	/* Its node is here, its state page is not, and is not waited for. */
	waiter.slot[SLOT_STATE].word =
	    oid_make(frame_of(SOURCE_PERSISTENT, 7777), OID_INDEX_FRAME).v;
	(void)invoke(control_make(INVOKE_SEND, 1),
	    (const uint64_t[]){7, 0, 0, 0, 0});
	CU_ASSERT(runs(&client));
	CU_ASSERT_EQUAL(client.state->regs.rdi, RC_OK);
	CU_ASSERT(a->flags & AF_PARCEL);
	CU_ASSERT_EQUAL(server.state->state, PS_AVAILABLE);
}

/* D6, F6: what came from disk is bounded all the same: no flag unknown. */
static void
S6_chain_is_bounded(void)
{
	two(SOURCE_EPHEMERAL, 0);
	for (unsigned i = 0; i < FRAME_NODES; i++)
		*slot_of(i, FORWARD_TO) =
		    forwarder((i + 1) % FRAME_NODES, CR_OPAQUE, 0xffff);
	(void)invoke(control_make(INVOKE_SEND, 1), NULL);
	CU_ASSERT_EQUAL(client.state->regs.rdi, RC_LIMIT);
	CU_ASSERT_EQUAL(cpu.via.send, 0);
	*slot_of(6, FORWARD_TO) = start_cap(&server, 0);
	(void)invoke(control_make(INVOKE_SEND, 1), NULL);
	CU_ASSERT_EQUAL(client.state->regs.rdi, RC_OK);
	CU_ASSERT_EQUAL(server.state->regs.r8, WORD + 6);
}

/* S6: the n-th need on the way fails: nothing has changed; then it goes. */
static void
S6_failure_changes_nothing(void)
{
	bool     fired = true;
	unsigned n;

	for (n = 1; fired; n++) {
		struct state_page *s;

		two(SOURCE_EPHEMERAL, FORWARDER_SEND_ALL);
		*slot_of(0, FORWARD_TO) = forwarder(3, CR_OPAQUE, 0);
		*slot_of(3, FORWARD_TO) = start_cap(&client, 0);
		slot_of(3, FORWARD_TO)->count++;
		*slot_of(3, FORWARD_ELSE) = start_cap(&server, 0);
		fail_nth(n);
		(void)invoke(control_make(INVOKE_CALL, 1),
		    (const uint64_t[]){1, 2, 3, 4, 5});
		s = client.state;
		fired = fail_fired();
		if (fired && s->state == PS_RUNNING) {
			CU_ASSERT_EQUAL(server.state->state, PS_AVAILABLE);
			CU_ASSERT_EQUAL(server.slot[3].type, CK_VOID);
			CU_ASSERT_EQUAL(s->regs.r8, 5);
			CU_ASSERT_EQUAL(cpu.via.send, 0);
		}
		if (fired) { /* Else the server only waits for its tables. */
			fail_wake();
			(void)dispatch();
			if (s->regs.rip == 0x1000) {
				s->regs.rip += 2;
				s->regs.trap = TRAP_SYSCALL;
				(void)reenter(s);
			}
		}
		CU_ASSERT(runs(&server));
		CU_ASSERT_EQUAL(server.state->regs.r8, WORD);
		CU_ASSERT_EQUAL(server.slot[3].type, CK_FORWARDER);
	}
	CU_ASSERT(n > 2); /* At least one was tried. */
}

const struct runner_test forward_tests[] = {
    RUNNER_TEST(S6_blocked_waits),
    RUNNER_TEST(F5_blocked_resident),
    RUNNER_TEST(S6_restarted),
    RUNNER_TEST(S6_nothing_left_over),
    RUNNER_TEST(S6_kernel_kind),
    RUNNER_TEST(F5_parcel_through_forwarder),
    RUNNER_TEST(S3_target_outside),
    RUNNER_TEST(S6_resume_behind),
    RUNNER_TEST(S6_restart_behind),
    RUNNER_TEST(F5_resume_behind_out_of_the_closure),
    RUNNER_TEST(S6_chain_is_bounded),
    RUNNER_TEST(S6_failure_changes_nothing),
    {NULL, NULL},
};
