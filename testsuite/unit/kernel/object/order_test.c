/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Answers of orders that no domain of a running system can be given, or would
 * not survive: testsuite/guest/elsewhere.def names these tests.
 */
#include "testsuite/unit/kernel/object/support.h"

#include "kernel/abi/node.order.h"
#include "kernel/abi/process.order.h"
#include "kernel/abi/range.order.h"
#include "kernel/abi/reset.order.h"
#include "kernel/abi/snapshot.order.h"
#include "kernel/mem/cache.h"

static struct process p, q;

static uint64_t
call(const struct cap *c, uint64_t order)
{
	const uint64_t words[MESSAGE_WORDS] = {order};

	q.slot[1] = *c;
	run_process(&q);
	(void)invoke_pieces(control_make(INVOKE_CALL, 1) | CONTROL_SEND(0, 2), words);
	return q.state->regs.rdi;
}

static void
two(void)
{
	start_machine();
	p = make_process(SOURCE_EPHEMERAL, 1);
	q = make_process(SOURCE_EPHEMERAL, 2);
}

/* process.start.2: a process whose page names another node never runs (F3). */
static void
start_of_a_malformed_process(void)
{
	struct cap c;

	two();
	c = process_cap(&p);
	p.state->node_oid++;
	CU_ASSERT_EQUAL(call(&c, PROCESS_START), RC_STATE);
	CU_ASSERT_EQUAL(p.state->state, PS_AVAILABLE);
}

/* node.make_process.4: a resident one has an activity, or is not made (S2). */
static void
resident_process_without_activity(void)
{
	struct frame *node, *page = NULL;
	struct cap    c;

	two();
	q.header->flags |= PF_RESIDENT;
	node = make_node_frame(7);
	CU_ASSERT_EQUAL(object_make(frame_of(SOURCE_EPHEMERAL, 8), FK_PAGE,
			    CLASS_ANY, &page),
	    RC_OK);
	c = cap_make(CK_NODE, 0, 16, frame_nodes(node)->node[3].count,
	    oid_make(node->number, 3));
	q.slot[2] = cap_make(CK_PAGE, 0, 0, page->count,
	    oid_make(page->number, OID_INDEX_FRAME));
	run_process(&q);
	while (activity_alloc((oid){node->number << 3}, 0) != NULL)
		;
	CU_ASSERT_EQUAL(call(&c, NODE_MAKE_PROCESS), RC_NO_MEMORY);
	CU_ASSERT_EQUAL(frame_nodes(node)->node[3].role, ROLE_DATA);
	CU_ASSERT_EQUAL(page->kind, FK_PAGE);
}

/*
 * M4: a node's last count is for its end. Whatever were made with it could not
 * be rescinded any more; so nothing is, and the node stays what it was.
 */
static void
m4_last_count(void)
{
	static const uint64_t order[] = {
	    NODE_MAKE_GUARD, NODE_MAKE_FORWARDER, NODE_MAKE_PROCESS};
	struct frame       *node, *page = NULL;
	struct node_header *h;

	two();
	node = make_node_frame(7);
	h    = &frame_nodes(node)->node[3];
	CU_ASSERT_EQUAL(object_make(frame_of(SOURCE_EPHEMERAL, 8), FK_PAGE,
			    CLASS_ANY, &page),
	    RC_OK);
	q.slot[2] = cap_make(CK_PAGE, 0, 0, page->count,
	    oid_make(page->number, OID_INDEX_FRAME));
	for (unsigned i = 0; i < 2 * 3; i++) {
		const uint64_t words[MESSAGE_WORDS] = {order[i / 2], 17};
		const bool     last = i % 2 == 0;

		h->count   = last ? UINT32_MAX - 1 : UINT32_MAX - 2;
		h->role    = ROLE_DATA;
		q.slot[1]  = cap_make(CK_NODE, 0, 16, h->count,
		     oid_make(node->number, 3));
		run_process(&q);
		(void)invoke(control_make(INVOKE_CALL, 1) | CONTROL_SEND(0, 2),
		    words);
		CU_ASSERT_EQUAL(
		    q.state->regs.rdi, (uint64_t)(last ? RC_STATE : RC_OK));
		CU_ASSERT_EQUAL(h->role == ROLE_DATA, last);
		CU_ASSERT_EQUAL(h->count, UINT32_MAX - 1);
	}
	CU_ASSERT_EQUAL(page->kind, FK_STATE);
	object_rescind_node(node, 3);
	CU_ASSERT_EQUAL(h->role, ROLE_COUNT);
}

/* reset.reset.1: it does not return. */
static void
reset_does_not_return(void)
{
	struct cap     c = cap_make(CK_RESET, 0, 0, 0, (oid){0});
	const uint64_t words[MESSAGE_WORDS] = {RESET_RESET};

	two();
	q.slot[1] = c;
	run_process(&q);
	CU_ASSERT_EQUAL(
	    invoke(control_make(INVOKE_CALL, 1), words), FAKE_RESET);
}

/* snapshot.take.1: one; a second has to wait until the first is committed. */
static void
snapshot_one_at_a_time(void)
{
	struct cap c = cap_make(CK_SNAPSHOT, 0, 0, 0, (oid){0});
	uint64_t   epoch;

	two();
	CU_ASSERT_EQUAL(call(&c, SNAPSHOT_TAKE), RC_BUSY); /* No volume. */
	open_range(0);
	epoch = mem.epoch;
	CU_ASSERT_EQUAL(call(&c, SNAPSHOT_TAKE), RC_OK);
	CU_ASSERT_EQUAL(mem.epoch, epoch + 1);
	CU_ASSERT_EQUAL(call(&c, SNAPSHOT_TAKE), RC_BUSY);
	CU_ASSERT_EQUAL(mem.epoch, epoch + 1);
}

/*
 * D8: the next record has only what has run, so it is not made before all that the
 * last one has does; else a power cut after it would forget the others.
 */
static void
D8_snapshot_waits_for_the_last_record(void)
{
	struct cap c = cap_make(CK_SNAPSHOT, 0, 0, 0, (oid){0});

	two();
	open_range_of(0, 2);
	CU_ASSERT_EQUAL(call(&c, SNAPSHOT_TAKE), RC_BUSY);
	/* Lost pages are an end, too. */
	CU_ASSERT_EQUAL(answer_requests(RC_MEDIA), 2);
	CU_ASSERT_EQUAL(call(&c, SNAPSHOT_TAKE), RC_OK);
}

/* snapshot.take.2: who is frozen himself cannot freeze (F4). */
static void
snapshot_by_a_persistent_process(void)
{
	start_machine();
	q = make_process(SOURCE_PERSISTENT, 1);
	open_range(0);
	CU_ASSERT_EQUAL(
	    call(&(struct cap){.type = CK_SNAPSHOT}, SNAPSHOT_TAKE), RC_STATE);
}

/*
 * process.make_notice.4: of a process that is ready at another priority than
 * its schedule says, as after a restart. The queues must stay true.
 */
static void
notice_of_a_ready_process(void)
{
	struct activity *a;
	struct cap       c;

	two();
	c = process_cap(&p);
	a = activity_alloc(process_oid(&p), p.header->count);
	CU_ASSERT_PTR_NOT_NULL_FATAL(a);
	process_set_activity(&p, a);
	p.state->state = PS_RUNNING;
	sched_ready(a); /* At priority 0. */
	CU_ASSERT_EQUAL(call(&c, PROCESS_MAKE_NOTICE), RC_OK);
	CU_ASSERT_EQUAL(a->priority, PRIORITY);
	CU_ASSERT_TRUE(activity_ok(a));
	CU_ASSERT_EQUAL(sched.ready_mask, 1u << PRIORITY);
}

/* range.rescind.4: of a free frame, of whatever source: there is nothing. */
static void
rescind_of_what_is_not_there(void)
{
	struct frame  *f;
	struct cap     c = cap_range_make(frame_of(SOURCE_PERSISTENT, 40), 1);
	const uint64_t words[MESSAGE_WORDS] = {RANGE_RESCIND, 0, 3};

	two();
	f = make_node_frame(7);
	frame_unname(f);
	frame_name(f, frame_of(SOURCE_PERSISTENT, 40));
	object_set_kind(f, FK_FREE, 5);
	q.slot[1] = c;
	run_process(&q);
	(void)invoke(control_make(INVOKE_CALL, 1), words);
	CU_ASSERT_EQUAL(q.state->regs.rdi, RC_OK);
}

/*
 * control.4: who waits may have any receive registers in its saved ones;
 * those beyond 15 are ignored, by the fast path as by the general one.
 */
static void
fast_path_ignores_no_register(void)
{
	const uint64_t control = control_make(INVOKE_CALL, 1) |
	    CONTROL_SEND(0, 2);
	const uint64_t receive = CONTROL_RECEIVE(0, 16 + 3) |
	    CONTROL_RECEIVE(3, 16 + 4);

	for (unsigned slow = 0; slow < 2; slow++) {
		two();
		run_process(&q);
		q.slot[1] = start_cap(&p, 0);
		q.slot[1].word |= (uint64_t)frame_index(p.node)
		    << CAP_HINT_SHIFT;
		q.slot[2] = cap_number_make(7, 0);
		make_available(&p, receive, 0, 0);
		if (slow)
			(void)invoke_string(control, 0, 0, 1);
		else
			(void)invoke(control, NULL);
		CU_ASSERT_EQUAL(p.state->state, PS_RUNNING);
		CU_ASSERT_EQUAL(p.slot[3].type, CK_VOID);
		CU_ASSERT_EQUAL(p.slot[4].type, CK_VOID);
		CU_ASSERT_EQUAL(cpu.counters.fast_calls, slow ? 0 : 1);
	}
}

/* q calls p, which runs; then p is what it cannot run with. */
static void
wait_for_p(void)
{
	struct activity *a;

	two();
	a = run_process(&p);
	run_process(&q);
	q.slot[1] = start_cap(&p, 0);
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT_TRUE(runs(&p));
	CU_ASSERT_EQUAL(process_activity(&q)->wait, WAIT_PROCESS);
	CU_ASSERT_PTR_EQUAL(process_activity(&p), a);
}

/* D5: who waits for a process that turns out to be malformed sees void. */
static void
D5_callers_of_a_malformed_process(void)
{
	wait_for_p();
	p.state->node_oid++;
	mem.changes++; /* As if it came from disk like that. */
	sched_ready(cpu.activity);
	process_unload();
	(void)dispatch();
	CU_ASSERT_TRUE(runs(&q));
	q.state->regs.trap = TRAP_SYSCALL;
	(void)reenter(q.state);
	CU_ASSERT_EQUAL(q.state->regs.rdi, RC_VOID);
}

/* D5: the same when its state page is taken away by who owns the frame. */
static void
D5_callers_of_a_freed_state_page(void)
{
	struct process owner;
	struct cap     c;
	const uint64_t words[MESSAGE_WORDS] = {RANGE_FREE, 0};

	wait_for_p();
	owner = make_process(SOURCE_EPHEMERAL, 3);
	p.state->state = PS_WAITING;
	activity_release(process_activity(&p), false);
	process_unload();
	cpu.activity = NULL;
	run_process(&owner);
	c = cap_range_make(p.state_frame->number, 1);
	owner.slot[1] = c;
	(void)invoke(control_make(INVOKE_CALL, 1), words);
	CU_ASSERT_EQUAL(owner.state->regs.rdi, RC_OK);
	CU_ASSERT_EQUAL(process_activity(&q)->state, KA_READY);
}

const struct runner_test order_tests[] = {
    RUNNER_TEST(notice_of_a_ready_process),
    RUNNER_TEST(rescind_of_what_is_not_there),
    RUNNER_TEST(fast_path_ignores_no_register),
    RUNNER_TEST(D5_callers_of_a_malformed_process),
    RUNNER_TEST(D5_callers_of_a_freed_state_page),
    RUNNER_TEST(start_of_a_malformed_process),
    RUNNER_TEST(resident_process_without_activity),
    RUNNER_TEST(m4_last_count),
    RUNNER_TEST(reset_does_not_return),
    RUNNER_TEST(snapshot_one_at_a_time),
    RUNNER_TEST(snapshot_by_a_persistent_process),
    RUNNER_TEST(D8_snapshot_waits_for_the_last_record),
    {NULL, NULL},
};
