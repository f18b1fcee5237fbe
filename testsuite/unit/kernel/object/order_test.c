/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Answers of orders that no domain of a running system can be given, or would
 * not survive: testsuite/guest/elsewhere.def names these tests.
 */
#include "testsuite/unit/kernel/object/support.h"

#include "kernel/abi/node.order.h"
#include "kernel/abi/pager.h"
#include "kernel/abi/process.order.h"
#include "kernel/abi/reset.order.h"
#include "kernel/abi/snapshot.order.h"
#include "kernel/mem/pager.h"

static struct process p, q;

static uint64_t
call(const struct cap *c, uint64_t order)
{
	const uint64_t words[MESSAGE_WORDS] = {order};

	q.slot[1] = *c;
	run_process(&q);
	(void)invoke(control_make(INVOKE_CALL, 1) | CONTROL_SEND(0, 2), words);
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

static void
no_doorbell(void)
{
}

/* The persistent range is open; the ring's requests are left alone. */
static void
open_range(void)
{
	uint32_t                ring[PAGER_PAGES], left;
	struct pager_control   *control;
	struct pager_completion c = {.op = PAGER_OPEN, .epoch = 1};

	for (unsigned i = 0; i < PAGER_PAGES; i++) {
		struct frame *f = NULL;

		CU_ASSERT_EQUAL_FATAL(
		    object_make(frame_of(SOURCE_EPHEMERAL, 9000 + i), FK_PAGE,
			CLASS_ANY, &f),
		    RC_OK);
		object_pin(f);
		ring[i] = frame_index(f);
	}
	CU_ASSERT_EQUAL_FATAL(
	    pager_bind(ring, PAGER_PAGES, no_doorbell), RC_OK);
	control = frame_data(&mem.frame[ring[0]]);
	memcpy(frame_data(&mem.frame[ring[1 + PAGER_RING_PAGES]]), &c,
	    sizeof(c));
	control->completion_head = 1;
	CU_ASSERT_EQUAL_FATAL(pager_kick(&left), RC_OK);
}

/* snapshot.take.1: one; a second has to wait until the first is committed. */
static void
snapshot_one_at_a_time(void)
{
	struct cap c = cap_make(CK_SNAPSHOT, 0, 0, 0, (oid){0});
	uint64_t   epoch;

	two();
	open_range();
	epoch = mem.epoch;
	CU_ASSERT_EQUAL(call(&c, SNAPSHOT_TAKE), RC_OK);
	CU_ASSERT_EQUAL(mem.epoch, epoch + 1);
	CU_ASSERT_EQUAL(call(&c, SNAPSHOT_TAKE), RC_BUSY);
	CU_ASSERT_EQUAL(mem.epoch, epoch + 1);
}

/* snapshot.take.2: who is frozen himself cannot freeze (F4). */
static void
snapshot_by_a_persistent_process(void)
{
	start_machine();
	q = make_process(SOURCE_PERSISTENT, 1);
	open_range();
	CU_ASSERT_EQUAL(
	    call(&(struct cap){.type = CK_SNAPSHOT}, SNAPSHOT_TAKE), RC_STATE);
}

const struct runner_test order_tests[] = {
    RUNNER_TEST(start_of_a_malformed_process),
    RUNNER_TEST(resident_process_without_activity),
    RUNNER_TEST(reset_does_not_return),
    RUNNER_TEST(snapshot_one_at_a_time),
    RUNNER_TEST(snapshot_by_a_persistent_process),
    {NULL, NULL},
};
