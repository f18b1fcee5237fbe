/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looking at a capability: what is dead is void, what is absent waits; and the
 * orders on slots that go through there.
 */
#include "testsuite/unit/kernel/object/support.h"

#include "kernel/abi/node.order.h"
#include "kernel/device/device.h"
#include "kernel/mem/cache.h"
#include "kernel/object/restrict.h"

static struct process p, q;

static void
two(enum oid_source source)
{
	start_machine();
	p = make_process(source, 1);
	q = make_process(source, 2);
}

static enum cap_kind
look_at(struct cap c, unsigned *service)
{
	struct ref r;

	CU_ASSERT_EQUAL(ref_prepare(&c, NULL, &r), RC_OK);
	*service = r.service;
	return (enum cap_kind)r.kind;
}

/* F6: a boot service that was never set, or has no number, is void. */
static void
F6_no_such_service(void)
{
	const struct cap number = cap_number_make(42, 0);
	unsigned         by = 0;

	two(SOURCE_EPHEMERAL);
	service_set(63, &number);
	service_set(64, &number);
	CU_ASSERT_PTR_NULL(service_slot(64));
	CU_ASSERT_PTR_NULL(service_slot(65535));
	CU_ASSERT_PTR_NULL(service_slot(62));
	CU_ASSERT_PTR_NOT_NULL(service_slot(63));
	CU_ASSERT_EQUAL(
	    look_at(cap_make(CK_BOOTSVC, 0, 63, 0, (oid){0}), &by), CK_NUMBER);
	CU_ASSERT_EQUAL(by, 64);
	CU_ASSERT_EQUAL(
	    look_at(cap_make(CK_BOOTSVC, 0, 64, 0, (oid){0}), &by), CK_VOID);
	CU_ASSERT_EQUAL(by, 65);
	service_set(63, &(struct cap){.type = CK_VOID});
}

/* S15: what is no kind (a damaged volume may hold it) is void. */
static void
S15_no_kind(void)
{
	unsigned by;

	two(SOURCE_EPHEMERAL);
	CU_ASSERT_EQUAL(look_at((struct cap){.type = CK_COUNT}, &by), CK_VOID);
	CU_ASSERT_EQUAL(look_at((struct cap){.type = 255}, &by), CK_VOID);
	CU_ASSERT_EQUAL(
	    look_at((struct cap){.type = CK_CLOCK}, &by), CK_CLOCK);
}

/* M4: a device's capability is void when the device's object is given back. */
static void
M4_device_given_back(void)
{
	uint32_t   index = 0;
	unsigned   by;
	struct cap c;

	two(SOURCE_EPHEMERAL);
	CU_ASSERT_EQUAL_FATAL(device_reserve(), RC_OK);
	(void)device_take(CK_DMA, "x", 1, &index);
	c = device_cap(index, 0, 0);
	CU_ASSERT_EQUAL(look_at(c, &by), CK_DMA);
	device_give(index);
	CU_ASSERT_EQUAL(look_at(c, &by), CK_VOID);
}

/* D6: an object that is dead is void, one that is not here is waited for. */
static void
D6_dead_and_absent(void)
{
	struct ref r;
	struct cap c;
	unsigned   by;

	two(SOURCE_PERSISTENT);
	c = start_cap(&q, 1);
	CU_ASSERT_EQUAL(look_at(c, &by), CK_START);
	c.count++;
	CU_ASSERT_EQUAL(look_at(c, &by), CK_VOID);
	c = start_cap(&q, 1);
	c.word = oid_make(frame_of(SOURCE_EPHEMERAL, 7000), 0).v;
	CU_ASSERT_EQUAL(look_at(c, &by), CK_VOID);
	open_range(100);
	c.word = oid_make(frame_of(SOURCE_PERSISTENT, 7000), 0).v;
	CU_ASSERT_EQUAL(ref_prepare(&c, NULL, &r), ST_WAIT);
	q.node->flags |= FF_LOST; /* S14 */
	c = start_cap(&q, 1);
	CU_ASSERT_EQUAL(ref_prepare(&c, NULL, &r), RC_MEDIA);
	q.node->flags &= (uint16_t)~FF_LOST;
}

/*
 * F7: an order that changes a node, while the n-th need fails, has changed
 * nothing; run again it does it.
 */
static void
F7_swap_in_a_clean_node(void)
{
	bool     fired = true, waited = false;
	unsigned n;

	for (n = 1; fired; n++) {
		struct frame *node;
		struct cap   *slot;

		two(SOURCE_PERSISTENT);
		open_range(100);
		node = make_frame(SOURCE_PERSISTENT, 900, FK_NODE);
		slot = &frame_nodes(node)->slot[2][5];
		make_clean(node);
		p.slot[1] = cap_make(CK_NODE, 0, 16,
		    frame_nodes(node)->node[2].count,
		    oid_make(node->number, 2));
		p.slot[2] = cap_number_make(7, 0);
		run_process(&p);
		fail_nth_deep(n);
		(void)invoke(control_make(INVOKE_CALL, 1) | CONTROL_SEND(0, 2),
		    (const uint64_t[]){NODE_SWAP, 5, 0, 0, 0});
		fired = fail_fired();
		if (fired) {
			waited = true;
			CU_ASSERT_EQUAL(slot->type, CK_VOID);
			CU_ASSERT_EQUAL(p.state->regs.rip, 0x1000);
			fail_wake();
			(void)dispatch();
			CU_ASSERT(runs(&p));
			p.state->regs.rip += 2;
			p.state->regs.trap = TRAP_SYSCALL;
			(void)reenter(p.state);
		}
		CU_ASSERT_EQUAL(p.state->regs.rdi, RC_OK);
		node = frame_find(frame_of(SOURCE_PERSISTENT, 900));
		CU_ASSERT_PTR_NOT_NULL_FATAL(node);
		CU_ASSERT_TRUE(frame_writable(node));
		CU_ASSERT_EQUAL(frame_nodes(node)->slot[2][5].type, CK_NUMBER);
	}
	CU_ASSERT(waited);
}

/*
 * F7: the same for a message to a process of which both frames are clean: it
 * gets the message when they can be written, and not before.
 */
static void
F7_message_to_a_clean_process(void)
{
	bool     fired = true;
	unsigned n, waited = 0;

	for (n = 1; fired; n++) {
		struct state_page before;

		two(SOURCE_PERSISTENT);
		open_range(100);
		make_available(&q, CONTROL_RECEIVE(3, 4), 0, 0);
		p.slot[1] = start_cap(&q, 7);
		run_process(&p);
		make_clean(q.node);
		make_clean(q.state_frame);
		before = *q.state;
		fail_nth_deep(n);
		(void)invoke(control_make(INVOKE_CALL, 1),
		    (const uint64_t[]){1, 2, 3, 4, 5});
		fired = fail_fired();
		if (fired && p.state->state == PS_RUNNING) {
			CU_ASSERT_EQUAL(
			    memcmp(&before, q.state, sizeof(before)), 0);
			waited++;
			fail_wake();
			(void)dispatch();
			CU_ASSERT(runs(&p));
			p.state->regs.rip += 2;
			p.state->regs.trap = TRAP_SYSCALL;
			(void)reenter(p.state);
		} else if (fired) { /* It has it, and cannot be loaded yet. */
			fail_wake();
			(void)dispatch();
		}
		CU_ASSERT(runs(&q));
		CU_ASSERT_EQUAL(q.state->regs.r8, 5);
		CU_ASSERT_EQUAL(p.state->state, PS_WAITING);
	}
	CU_ASSERT(waited > 2);
}

/* S15: what a weak capability fetches is weak, or nothing. */
static void
S15_restrict_weak(void)
{
	static const struct {
		enum cap_kind kind, is;
	} of[] = {
	    {CK_PAGE, CK_PAGE},
	    {CK_NODE, CK_NODE},
	    {CK_VOID, CK_VOID},
	    {CK_NUMBER, CK_NUMBER},
	    {CK_DISCRIM, CK_DISCRIM},
	    {CK_GUARD, CK_VOID},
	    {CK_START, CK_VOID},
	    {CK_RESUME, CK_VOID},
	    {CK_MMIO, CK_VOID},
	    {CK_COUNT, CK_VOID},
	};

	for (unsigned i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		const struct cap c = cap_make(of[i].kind, 0, 3, 4, (oid){5});
		const struct cap w = restrict_weak(&c);
		const bool       weak = c.type == CK_PAGE || c.type == CK_NODE;

		CU_ASSERT_EQUAL(w.type, of[i].is);
		CU_ASSERT_EQUAL(
		    w.rights, weak ? CR_READ_ONLY | CR_WEAK : 0);
		CU_ASSERT_EQUAL(w.word, of[i].is != CK_VOID ||
			    of[i].kind == CK_VOID
			? c.word
			: 0);
	}
}

/* Rights are only taken away, a span is 1 to 64, a slot is one of 32. */
static void
order_arguments(void)
{
	struct frame *node;
	struct cap    is;

	two(SOURCE_EPHEMERAL);
	node = make_node_frame(900);
	is = cap_make(CK_NODE, CR_NO_CALL, 16, frame_nodes(node)->node[0].count,
	    oid_make(node->number, 0));
	p.slot[1] = is;
	p.slot[2] = cap_number_make(1, 0);
	run_process(&p);
#define ORDER(order, argument, status)                                       \
	do {                                                                 \
		(void)invoke(control_make(INVOKE_CALL, 1) |                  \
			CONTROL_SEND(0, 2) | CONTROL_RECEIVE(0, 5),          \
		    (const uint64_t[]){(order), (argument), 0, 0, 0});       \
		CU_ASSERT_EQUAL(p.state->regs.rdi, (status));                \
	} while (0)
	ORDER(NODE_RESTRICT, CR_ALL + 1, RC_ARGUMENT);
	CU_ASSERT_EQUAL(p.slot[5].type, CK_VOID);
	ORDER(NODE_RESTRICT, CR_WEAK, RC_OK);
	CU_ASSERT_EQUAL(p.slot[5].rights, CR_WEAK | CR_NO_CALL);
	ORDER(NODE_SEGMENT, 0, RC_ARGUMENT);
	ORDER(NODE_SEGMENT, 65, RC_ARGUMENT);
	ORDER(NODE_SEGMENT, 64, RC_OK);
	CU_ASSERT_EQUAL(cap_span(&p.slot[5]), 64);
	ORDER(NODE_SEGMENT, 1, RC_OK);
	CU_ASSERT_EQUAL(cap_span(&p.slot[5]), 1);
	ORDER(NODE_SWAP, NODE_SLOTS, RC_ARGUMENT);
	ORDER(NODE_SWAP, NODE_SLOTS - 1, RC_OK);
	ORDER(NODE_GET, NODE_SLOTS, RC_ARGUMENT);
	ORDER(NODE_GET, NODE_SLOTS - 1, RC_OK);
	CU_ASSERT_EQUAL(p.slot[5].type, CK_NUMBER);
#undef ORDER
}

const struct runner_test ref_tests[] = {
    RUNNER_TEST(F6_no_such_service),
    RUNNER_TEST(S15_no_kind),
    RUNNER_TEST(M4_device_given_back),
    RUNNER_TEST(D6_dead_and_absent),
    RUNNER_TEST(F7_swap_in_a_clean_node),
    RUNNER_TEST(F7_message_to_a_clean_process),
    RUNNER_TEST(S15_restrict_weak),
    RUNNER_TEST(order_arguments),
    {NULL, NULL},
};
