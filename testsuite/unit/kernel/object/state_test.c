/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What makes a process (F3), and what is known of it (F4): each thing that may
 * be otherwise is seen.
 */
#include "testsuite/unit/kernel/object/support.h"

#include "kernel/mem/cache.h"
#include "kernel/object/known.h"

static struct process p, q;

static void
two(void)
{
	start_machine();
	p = make_process(SOURCE_EPHEMERAL, 1);
	q = make_process(SOURCE_EPHEMERAL, 2);
	p.state_frame->flags |= FF_FORCED;
	q.state_frame->flags |= FF_FORCED;
}

/* F3: process_ok, each of its invariants. */
static void
F3_process_ok(void)
{
	struct process broken;

	two();
	CU_ASSERT_TRUE(process_ok(&p));
	broken = p;
	broken.header++;
	CU_ASSERT_FALSE(process_ok(&broken));
#define BROKEN(field, value)                           \
	do {                                           \
		two();                                 \
		(field) = (value);                     \
		CU_ASSERT_FALSE(process_ok(&p));       \
	} while (0)
	BROKEN(p.node->kind, FK_PAGE);
	BROKEN(p.state_frame->kind, FK_PAGE);
	BROKEN(p.header->role, ROLE_DATA);
	BROKEN(p.state->node_oid, process_oid(&q).v);
	BROKEN(p.state->node_count, p.header->count + 1);
	BROKEN(p.state->state, PS_WAITING + 1);
	BROKEN(p.slot[0].type, CK_NUMBER);
#undef BROKEN
}

/* F3, S5: a new process has nothing of what was in its page. */
static void
F3_process_make(void)
{
	struct frame  *node, *page;
	struct ref     n, s;
	struct cap     c;
	struct process made;

	two();
	node = make_node_frame(900);
	page = make_frame(SOURCE_EPHEMERAL, 901, FK_PAGE);
	memset(frame_data(page), 0x5a, PAGE_SIZE);
	frame_nodes(node)->slot[3][5] = cap_number_make(1, 0);
	n = (struct ref){.kind = CK_NODE, .frame = node, .index = 3};
	s = (struct ref){.kind = CK_PAGE, .frame = page, .index = 7};
	c = process_make(&n, &s);
	CU_ASSERT_EQUAL(c.type, CK_PROCESS);
	CU_ASSERT_EQUAL_FATAL(process_prepare(node, 3, &made), RC_OK);
	CU_ASSERT_TRUE(process_ok(&made));
	CU_ASSERT_EQUAL(made.state->state, PS_AVAILABLE);
	CU_ASSERT_EQUAL(made.state->xformat, XSAVE_FORMAT_1);
	CU_ASSERT_EQUAL(made.state->regs.rbx | made.state->notices |
		made.state->call_number | made.state->loan.n,
	    0);
	CU_ASSERT_EQUAL(made.slot[5].type, CK_VOID);
	CU_ASSERT_EQUAL(made.slot[SLOT_STATE].type, CK_PAGE);
	/* Whence its slots are: the state page, and that alone, the kernel. */
	CU_ASSERT_EQUAL(made.header->built, UINT32_C(1) << SLOT_STATE);
	CU_ASSERT_EQUAL(made.header->placed, UINT32_C(1) << SLOT_STATE);
	CU_ASSERT_FALSE(made.state_frame->flags & FF_FORCED);
	CU_ASSERT_PTR_NULL(process_activity(&made));
}

/* F3: what stands in the state slot must be this node's state page. */
static void
F3_state_slot(void)
{
	struct process out;
	struct frame  *f = NULL;

	for (unsigned how = 0; how < 4; how++) {
		two();
		CU_ASSERT_EQUAL(process_prepare(p.node, 0, &out), RC_OK);
		switch (how) {
		case 0: /* An ordinary page. */
			CU_ASSERT_EQUAL_FATAL(
			    object_make(frame_of(SOURCE_EPHEMERAL, 900),
				FK_PAGE, CLASS_ANY, &f),
			    RC_OK);
			p.slot[SLOT_STATE] = cap_make(CK_PAGE, 0, 0, f->count,
			    oid_make(f->number, OID_INDEX_FRAME));
			break;
		case 1: /* One that is dead. */
			p.slot[SLOT_STATE].count++;
			break;
		case 2: /* One that is not there. */
			p.slot[SLOT_STATE].word =
			    oid_make(frame_of(SOURCE_EPHEMERAL, 901),
				OID_INDEX_FRAME)
				.v;
			break;
		default: /* A frame that the hint leads to is no object. */
			CU_ASSERT_EQUAL_FATAL(
			    frame_alloc(CLASS_ANY, USE_KERNEL, &f), RC_OK);
			p.slot[SLOT_STATE].word =
			    (uint64_t)frame_index(f) << CAP_HINT_SHIFT |
			    oid_make(frame_of(SOURCE_EPHEMERAL, 901),
				OID_INDEX_FRAME)
				.v;
			break;
		}
		CU_ASSERT_EQUAL(process_prepare(p.node, 0, &out), RC_STATE);
	}
}

/* S14: a state page that was lost is told as such, nothing is taken for it. */
static void
F3_state_page_lost(void)
{
	struct process out;

	two();
	p.state_frame->flags |= FF_LOST;
	CU_ASSERT_EQUAL(process_prepare(p.node, 0, &out), RC_MEDIA);
}

/* M1: a hint in a node that is on its way to disk stays as it is. */
static void
M1_hint_of_a_node_under_io(void)
{
	struct process out;
	struct cap    *c;

	two();
	c = &p.slot[SLOT_STATE];
	c->word = (c->word & OID_MASK) |
	    (uint64_t)frame_index(q.state_frame) << CAP_HINT_SHIFT;
	p.node->flags |= FF_IO_OUT;
	CU_ASSERT_EQUAL(process_prepare(p.node, 0, &out), RC_OK);
	CU_ASSERT_PTR_EQUAL(out.state_frame, p.state_frame);
	CU_ASSERT_EQUAL(cap_hint(c), frame_index(q.state_frame));
	p.node->flags &= (uint16_t)~FF_IO_OUT;
	CU_ASSERT_EQUAL(process_prepare(p.node, 0, &out), RC_OK);
	CU_ASSERT_EQUAL(cap_hint(c), frame_index(p.state_frame));
}

/* S2: a state page that goes leaves its activity where it can be found. */
static void
S2_evicted_state_page(void)
{
	struct activity *a, *b;

	two();
	object_evicted(p.state_frame); /* It has none. */
	a = run_process(&p);
	activity_unhash(a);
	CU_ASSERT_PTR_NULL(activity_find(process_oid(&p)));
	object_evicted(p.state_frame);
	CU_ASSERT_PTR_EQUAL(activity_find(process_oid(&p)), a);
	/* Its activity went on to another: that one is left alone. */
	process_unload();
	activity_move(a, process_oid(&q), q.header->count);
	object_evicted(p.state_frame);
	CU_ASSERT_PTR_NULL(activity_find(process_oid(&p)));
	CU_ASSERT_PTR_NULL(activity_find(process_oid(&q)));
	b = activity_alloc(process_oid(&p), p.header->count);
	CU_ASSERT_PTR_NOT_EQUAL(a, b);
}

/* F3: register 0 is void and stays so, whoever fills it. */
static void
F3_register_0(void)
{
	const struct cap c = cap_number_make(1, 0);

	two();
	process_put(&p, 0, &c);
	CU_ASSERT_EQUAL(p.slot[0].type, CK_VOID);
	process_put(&p, 1, &c);
	CU_ASSERT_EQUAL(p.slot[1].type, CK_NUMBER);
}

/* M9: the loaded process's ports are shut when its I/O slot changes. */
static void
M9_io_slot_changes(void)
{
	const struct cap none = {.type = CK_VOID};

	two();
	run_process(&p);
	hal_io_open(0x3f8, 8);
	process_put(&q, SLOT_IO, &none); /* Another's. */
	CU_ASSERT_TRUE(hal_io_is_open());
	process_put(&p, SLOT_IO, &none);
	CU_ASSERT_FALSE(hal_io_is_open());
	process_unload(); /* Nobody's are open now. */
	process_put(&p, SLOT_IO, &none);
	CU_ASSERT_FALSE(hal_io_is_open());
}

/*
 * F3: the end of a malformed process is not that of the page that it names:
 * that may be another's.
 */
static void
F3_destroy_malformed(void)
{
	uint32_t count;

	for (unsigned how = 0; how < 2; how++) {
		two();
		count = q.state_frame->count;
		if (how == 0)
			p.slot[SLOT_STATE] = q.slot[SLOT_STATE];
		else
			p.slot[SLOT_STATE].count++;
		process_destroy(p.node, 0);
		CU_ASSERT_EQUAL(p.header->role, ROLE_DATA);
		CU_ASSERT_EQUAL(q.state_frame->count, count);
		CU_ASSERT_EQUAL(q.state_frame->kind, FK_STATE);
		CU_ASSERT_EQUAL(p.state_frame->kind, FK_STATE);
		CU_ASSERT_TRUE(process_ok(&q));
	}
}

/* F4: another process of the loaded one's node frame dies without it. */
static void
F4_destroy_neighbour(void)
{
	struct frame *page = NULL;
	struct ref    node, state;

	two();
	CU_ASSERT_EQUAL_FATAL(object_make(frame_of(SOURCE_EPHEMERAL, 900),
				  FK_PAGE, CLASS_ANY, &page),
	    RC_OK);
	node = (struct ref){.kind = CK_NODE, .frame = p.node, .index = 5};
	state = (struct ref){.kind = CK_PAGE, .frame = page, .index = 7};
	(void)process_make(&node, &state);
	run_process(&p);
	process_destroy(p.node, 5);
	CU_ASSERT_TRUE(cpu.loaded);
	CU_ASSERT(runs(&p) || cpu.current->state == p.state);
	CU_ASSERT_EQUAL(frame_nodes(p.node)->node[5].role, ROLE_DATA);
	CU_ASSERT_TRUE(process_ok(&p));
}

/* F4: only what may be loaded and called just so is known. */
static void
F4_known_look(void)
{
	two();
	CU_ASSERT_PTR_NOT_NULL(known_look(process_oid(&p)));
	CU_ASSERT_PTR_NULL(known_look(oid_make(p.node->number, 1)));
	CU_ASSERT_PTR_NULL(known_look(oid_make(p.node->number, FRAME_NODES)));
	CU_ASSERT_PTR_NULL(known_look(oid_make(p.state_frame->number, 0)));
	CU_ASSERT_PTR_NULL(
	    known_look(oid_make(frame_of(SOURCE_EPHEMERAL, 7000), 0)));
#define UNKNOWN(statement)                                       \
	do {                                                     \
		two();                                           \
		statement;                                       \
		CU_ASSERT_PTR_NULL(known_look(process_oid(&p))); \
	} while (0)
	UNKNOWN(p.state_frame->kind = FK_PAGE);
	UNKNOWN(p.state_frame->flags &= (uint16_t)~FF_FORCED);
	UNKNOWN(p.state->node_oid++);
	UNKNOWN(p.state->node_count++);
	UNKNOWN(p.node->epoch = 0);
	UNKNOWN(p.state_frame->epoch = 0);
	UNKNOWN(run_process(&p)); /* It is looked at as the loaded one. */
#undef UNKNOWN
	two(); /* Its place is another's, not the loaded one's. */
	run_process(&q);
	CU_ASSERT_PTR_NOT_NULL(known_look(process_oid(&p)));
}

/* F4: known_ok, each field. */
static void
F4_known_ok(void)
{
	struct known *k, was;

	two();
	k = known_look(process_oid(&p));
	CU_ASSERT_PTR_NOT_NULL_FATAL(k);
	CU_ASSERT_TRUE(known_ok(k));
	was = *k;
#define WRONG(field, value)                    \
	do {                                   \
		k->field = (value);            \
		CU_ASSERT_FALSE(known_ok(k));  \
		*k = was;                      \
	} while (0)
	WRONG(p.node, q.node);
	WRONG(p.state_frame, q.state_frame);
	WRONG(p.state, q.state);
	WRONG(p.header, q.header);
	WRONG(p.slot, q.slot);
	WRONG(p.index, 1);
	WRONG(word, was.word + 1);
	WRONG(start, was.start + 1);
	WRONG(top, mem.table + 1); /* Not the one that its frame remembers. */
	WRONG(count, was.count + 1);
	WRONG(as_urgent, ~was.as_urgent);
	WRONG(priority, (uint8_t)(was.priority + 1));
	WRONG(as_caller, (uint8_t)~was.as_caller);
	WRONG(as_target, (uint8_t)~was.as_target);
	WRONG(as_faulter, (uint8_t)~was.as_faulter);
	WRONG(oid, oid_make(frame_of(SOURCE_EPHEMERAL, 7000), 0).v);
#undef WRONG
	CU_ASSERT_TRUE(known_ok(k));
	/* That it has none is always true, for then the long way is taken. */
	process_unload();
	run_process(&p);
	k = known_at(process_oid(&p).v);
	CU_ASSERT_TRUE(known_ok(k));
	CU_ASSERT_PTR_NOT_EQUAL(k->top, &map_no_table);
	known_forget_top(&p);
	CU_ASSERT_PTR_EQUAL(k->top, &map_no_table);
	CU_ASSERT_TRUE(known_ok(k));
}

/*
 * S2: the activity that a known one would run with if the loaded process
 * called it: its own where that is idle, else the caller's, which may have to
 * stay.
 */
static void
S2_known_activity(void)
{
	struct activity    *mine, *its;
	const struct known *k;

	two();
	mine = run_process(&p);
	k = known_look(process_oid(&q));
	CU_ASSERT_PTR_NOT_NULL_FATAL(k);
	CU_ASSERT_PTR_EQUAL(known_activity(k), mine);
	mine->flags |= AF_NOTICE;
	CU_ASSERT_PTR_NULL(known_activity(k)); /* It needs one of its own. */
	its = activity_alloc(process_oid(&q), q.header->count);
	process_set_activity(&q, its);
	CU_ASSERT_PTR_EQUAL(known_activity(k), its);
	mine->notices = 1;
	CU_ASSERT_PTR_NULL(known_activity(k));
	mine->notices = 0;
	mine->flags |= AF_WOKEN;
	CU_ASSERT_PTR_NULL(known_activity(k));
	mine->flags = 0;
	its->notices = 1;
	CU_ASSERT_PTR_NULL(known_activity(k)); /* They come first (D5). */
	its->notices = 0;
	its->flags |= AF_OUTSIDE;
	CU_ASSERT_PTR_NULL(known_activity(k)); /* S3: it is to be forgotten. */
	its->flags = 0;
	CU_ASSERT_PTR_EQUAL(known_activity(k), its);
	sched_ready(its);
	CU_ASSERT_PTR_NULL(known_activity(k));
}

/* F4: a frame that moves is followed by whoever has it in hand. */
static void
F4_frame_moves(void)
{
	struct frame *to = NULL;

	two();
	run_process(&p);
	cpu.other = q;
	cpu.inv.self.frame = cpu.inv.cap[2].frame = q.node;
	cpu.inv.cap[3].frame = p.node;
	cpu.from[0] = cpu.to[1] = q.node;
	cpu.from[1] = cpu.to[0] = p.node;
	CU_ASSERT_EQUAL_FATAL(
	    frame_alloc(CLASS_ANY, USE_KERNEL, &to), RC_OK);
	object_moved(q.node, to);
	CU_ASSERT_PTR_EQUAL(cpu.other.node, to);
	CU_ASSERT_PTR_EQUAL(cpu.other.header, &frame_nodes(to)->node[0]);
	CU_ASSERT_PTR_EQUAL(cpu.other.slot, frame_nodes(to)->slot[0]);
	CU_ASSERT_PTR_EQUAL(cpu.other.state_frame, q.state_frame);
	CU_ASSERT_PTR_EQUAL(cpu.inv.self.frame, to);
	CU_ASSERT_PTR_EQUAL(cpu.inv.cap[2].frame, to);
	CU_ASSERT_PTR_EQUAL(cpu.inv.cap[3].frame, p.node);
	CU_ASSERT_PTR_EQUAL(cpu.from[0], to);
	CU_ASSERT_PTR_EQUAL(cpu.to[1], to);
	CU_ASSERT_PTR_EQUAL(cpu.from[1], p.node);
	CU_ASSERT_PTR_EQUAL(cpu.to[0], p.node);
	object_moved(p.state_frame, to);
	CU_ASSERT_PTR_EQUAL(cpu.current->state_frame, to);
	CU_ASSERT_PTR_EQUAL(cpu.current->state, frame_data(to));
	CU_ASSERT_PTR_EQUAL(cpu.current->node, p.node);
	memset(&cpu.inv, 0, sizeof(cpu.inv));
}

const struct runner_test state_tests[] = {
    RUNNER_TEST(F3_process_ok),
    RUNNER_TEST(F3_process_make),
    RUNNER_TEST(F3_state_slot),
    RUNNER_TEST(F3_state_page_lost),
    RUNNER_TEST(M1_hint_of_a_node_under_io),
    RUNNER_TEST(S2_evicted_state_page),
    RUNNER_TEST(F3_register_0),
    RUNNER_TEST(M9_io_slot_changes),
    RUNNER_TEST(F3_destroy_malformed),
    RUNNER_TEST(F4_destroy_neighbour),
    RUNNER_TEST(F4_known_look),
    RUNNER_TEST(F4_known_ok),
    RUNNER_TEST(S2_known_activity),
    RUNNER_TEST(F4_frame_moves),
    {NULL, NULL},
};
