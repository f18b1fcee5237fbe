/* SPDX-License-Identifier: BSD-2-Clause */
/* Ranges: authority over frames by position (S8, D3). */
#include "testsuite/unit/kernel/method/support.h"

#include "kernel/abi/range.order.h"
#include "kernel/mem/cache.h"
#include "kernel/mem/object.h"
#include "kernel/mem/pager.h"
#include "kernel/sched/clock.h"

enum {
	FIRST = 6000, /* Of a range without frames. */
	FRAMES = 10,
	PAGE_AT = 1, /* In it: a page, nodes, and a process with its page. */
	NODES_AT,
	PROCESS_AT,
	STATE_AT,
	NEW_AT,
	INDEX = 3, /* Of the node in question. */
};

static struct cap    range;
static struct frame *page, *nodes, *owner, *state;

static uint64_t
number(enum oid_source source, uint64_t at)
{
	return frame_of(source, FIRST + at);
}

static struct cap
process_at(void)
{
	return role_to(owner, INDEX, ROLE_PROCESS, CK_PROCESS);
}

/* A process of node and page in the range, as node.make_process makes it. */
static void
make_owner(enum oid_source source)
{
	struct ref n, s;

	owner = node_frame(source, FIRST + PROCESS_AT);
	state = page_frame(source, FIRST + STATE_AT);
	n = (struct ref){.kind = CK_NODE, .frame = owner, .index = INDEX};
	s = (struct ref){
	    .kind = CK_PAGE, .frame = state, .index = OID_INDEX_FRAME};
	(void)process_make(&n, &s);
}

static void
begin(enum oid_source source)
{
	start_client();
	open_range(100);
	range = cap_range_make(frame_of(source, FIRST), FRAMES);
	page = page_frame(source, FIRST + PAGE_AT);
	nodes = node_frame(source, FIRST + NODES_AT);
	make_owner(source);
}

/* --- Positions --------------------------------------------------------- */

/* range.*: what is beyond the range, or beyond its source, is not in it. */
static void
positions_are_checked(void)
{
	static const struct {
		uint64_t order, index;
	} order[] = {
	    {RANGE_PAGE, 0},
	    {RANGE_NODE, 0},
	    {RANGE_RESCIND, 0},
	    {RANGE_FREE, 0},
	    {RANGE_ABANDON, 0},
	};
	struct cap beyond;

	begin(SOURCE_EPHEMERAL);
	beyond = cap_range_make(
	    frame_of(SOURCE_EPHEMERAL, OID_FRAMES - 1), FRAMES);
	for (unsigned i = 0; i < 5; i++) {
		CU_ASSERT_EQUAL(
		    ASK(range, order[i].order, FRAMES), RC_ARGUMENT);
		CU_ASSERT_EQUAL(
		    ASK(range, order[i].order, UINT64_MAX), RC_ARGUMENT);
		CU_ASSERT_EQUAL(ASK(beyond, order[i].order, 1), RC_ARGUMENT);
	}
	CU_ASSERT_EQUAL(ASK(range, RANGE_NODE, 0, FRAME_NODES), RC_ARGUMENT);
	CU_ASSERT_EQUAL(ASK(range, RANGE_ABANDON, 0, FRAME_NODES), RC_ARGUMENT);
	CU_ASSERT_EQUAL(
	    ASK(range, RANGE_RESCIND, 0, OID_INDEX_FRAME + 1), RC_ARGUMENT);
	CU_ASSERT_EQUAL(ASK(range, RANGE_ORDER_LIMIT), RC_ORDER);
	CU_ASSERT_EQUAL(ASK(range, RANGE_LENGTH), RC_OK);
	CU_ASSERT_EQUAL(answer.word[1], FRAMES);
	CU_ASSERT_EQUAL(answer.word[2], SOURCE_EPHEMERAL);
}

/* range.split: a part of it, with the same rights. */
static void
split_stays_within(void)
{
	begin(SOURCE_EPHEMERAL);
	CU_ASSERT_EQUAL(ASK(range, RANGE_SPLIT, FRAMES + 1, 0), RC_ARGUMENT);
	CU_ASSERT_EQUAL(ASK(range, RANGE_SPLIT, 4, FRAMES - 3), RC_ARGUMENT);
	CU_ASSERT_EQUAL(ASK(range, RANGE_SPLIT, 4, UINT64_MAX), RC_ARGUMENT);
	CU_ASSERT_EQUAL(
	    ASK(less(range, CR_NO_CALL), RANGE_SPLIT, 4, FRAMES - 4), RC_OK);
	CU_ASSERT_EQUAL(answer.cap.rights, CR_NO_CALL);
	CU_ASSERT_EQUAL(cap_range_first(&answer.cap),
	    frame_of(SOURCE_EPHEMERAL, FIRST + 4));
	CU_ASSERT_EQUAL(cap_range_length(&answer.cap), FRAMES - 4);
}

/* --- Each order may have to wait, and then has done nothing * ---------- */

struct row {
	uint64_t word[3];
	void (*done)(void);
};

static void
has_page(void)
{
	const struct frame *f = frame_find(number(SOURCE_PERSISTENT, PAGE_AT));

	CU_ASSERT_EQUAL(answer.cap.type, CK_PAGE);
	CU_ASSERT_PTR_EQUAL(f, page);
	CU_ASSERT_EQUAL(answer.cap.count, page->count);
}

static void
has_node(void)
{
	CU_ASSERT_EQUAL(answer.cap.type, CK_NODE);
	CU_ASSERT_EQUAL(answer.cap.count, frame_nodes(nodes)->node[2].count);
}

static void
page_is_rescinded(void)
{
	CU_ASSERT_EQUAL(page->count, 1);
	CU_ASSERT_EQUAL(page->kind, FK_PAGE);
}

static void
node_is_rescinded(void)
{
	CU_ASSERT_EQUAL(frame_nodes(nodes)->node[2].count, 1);
}

static void
process_is_destroyed(void)
{
	CU_ASSERT_EQUAL(frame_nodes(owner)->node[INDEX].role, ROLE_DATA);
	CU_ASSERT_EQUAL(state->kind, FK_PAGE);
}

static void
page_is_free(void)
{
	CU_ASSERT_EQUAL(page->kind, FK_FREE);
	CU_ASSERT_EQUAL(page->count, 1);
}

static void
owner_is_free(void)
{
	CU_ASSERT_EQUAL(owner->kind, FK_FREE);
	CU_ASSERT_EQUAL(state->kind, FK_PAGE);
}

static void
nobody_is_told(void)
{
	CU_ASSERT_EQUAL(answer.word[1], 0);
}

static const struct row rows[] = {
    {{RANGE_PAGE, PAGE_AT}, has_page},
    {{RANGE_NODE, NODES_AT, 2}, has_node},
    {{RANGE_RESCIND, PAGE_AT, OID_INDEX_FRAME}, page_is_rescinded},
    {{RANGE_RESCIND, NODES_AT, 2}, node_is_rescinded},
    {{RANGE_RESCIND, PROCESS_AT, INDEX}, process_is_destroyed},
    {{RANGE_FREE, PAGE_AT}, page_is_free},
    {{RANGE_FREE, PROCESS_AT}, owner_is_free},
    {{RANGE_ABANDON, NODES_AT, 2}, nobody_is_told},
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static const struct row *row;

static void
make_order(struct ask *a)
{
	begin(SOURCE_PERSISTENT);
	make_clean(page);
	make_clean(nodes);
	make_clean(owner);
	make_clean(state);
	a->self = range;
	memcpy(a->word, row->word, sizeof(row->word));
}

static void
nothing_has_changed(void)
{
	CU_ASSERT_EQUAL(page->kind, FK_PAGE);
	CU_ASSERT_EQUAL(page->count, 0);
	CU_ASSERT_EQUAL(frame_nodes(nodes)->node[2].count, 0);
	CU_ASSERT_EQUAL(owner->kind, FK_NODE);
	CU_ASSERT_EQUAL(frame_nodes(owner)->node[INDEX].role, ROLE_PROCESS);
	CU_ASSERT_EQUAL(state->kind, FK_STATE);
}

static void
orders_may_wait(void)
{
	for (unsigned i = 0; i < ROWS; i++) {
		row = &rows[i];
		each_failure(&(const struct trial){.make = make_order,
		    .unchanged = nothing_has_changed,
		    .done = row->done,
		    .least = 1});
	}
}

static void
make_new(struct ask *a)
{
	begin(SOURCE_EPHEMERAL);
	a->self = range;
	memcpy(a->word, row->word, sizeof(row->word));
}

static void
nothing_is_made(void)
{
	CU_ASSERT_PTR_NULL(frame_find(number(SOURCE_EPHEMERAL, NEW_AT)));
}

static void
is_made(void)
{
	CU_ASSERT_PTR_NOT_NULL(frame_find(number(SOURCE_EPHEMERAL, NEW_AT)));
	CU_ASSERT_NOT_EQUAL(answer.cap.type, CK_VOID);
}

/* range.page, node: an ephemeral frame that is not there is made, or waits. */
static void
making_may_wait(void)
{
	static const struct row new[] = {{{RANGE_PAGE, NEW_AT}, is_made},
	    {{RANGE_NODE, NEW_AT, 4}, is_made}};

	for (unsigned i = 0; i < 2; i++) {
		row = &new[i];
		each_failure(&(const struct trial){.make = make_new,
		    .unchanged = nothing_is_made,
		    .done = row->done,
		    .least = 1});
	}
}

/* --- What is in the frame ---------------------------------------------- */

/* Each order that wants another kind of frame says so, and leaves it. */
static void
kinds_are_checked(void)
{
	static const struct {
		uint64_t    order, at, index;
		enum status st;
	} bad[] = {
	    {RANGE_PAGE, NODES_AT, 0, RC_STATE},
	    {RANGE_PAGE, STATE_AT, 0, RC_STATE},
	    {RANGE_NODE, PAGE_AT, 0, RC_STATE},
	    {RANGE_NODE, PROCESS_AT, INDEX, RC_STATE}, /* It is a process. */
	    {RANGE_RESCIND, PAGE_AT, 0, RC_STATE},
	    {RANGE_RESCIND, NODES_AT, OID_INDEX_FRAME, RC_STATE},
	    {RANGE_RESCIND, STATE_AT, OID_INDEX_FRAME, RC_STATE},
	    {RANGE_ABANDON, PAGE_AT, 0, RC_STATE},
	    {RANGE_ABANDON, NEW_AT, 0, RC_STATE},
	    {RANGE_RESCIND, NEW_AT, 0, RC_OK}, /* There is nothing. */
	    {RANGE_RESCIND, NEW_AT, OID_INDEX_FRAME, RC_OK},
	    {RANGE_FREE, NEW_AT, 0, RC_OK},
	};

	begin(SOURCE_EPHEMERAL);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CU_ASSERT_EQUAL(
		    ASK(range, bad[i].order, bad[i].at, bad[i].index),
		    bad[i].st);
		CU_ASSERT_EQUAL(answer.cap.type, CK_VOID);
	}
	nothing_has_changed();
}

/* F9: what a device reaches is neither rescinded nor freed. */
static void
F9_reached_pages_stay(void)
{
	begin(SOURCE_EPHEMERAL);
	page->flags |= FF_DMA;
	CU_ASSERT_EQUAL(
	    ASK(range, RANGE_RESCIND, PAGE_AT, OID_INDEX_FRAME), RC_BUSY);
	CU_ASSERT_EQUAL(ASK(range, RANGE_FREE, PAGE_AT), RC_BUSY);
	nothing_has_changed();
	page->flags &= (uint16_t)~FF_DMA;
	CU_ASSERT_EQUAL(
	    ASK(range, RANGE_RESCIND, PAGE_AT, OID_INDEX_FRAME), RC_OK);
	page_is_rescinded();
}

/* range.free: of a frame on its way here, wait until it has come. */
static void
free_waits_for_io(void)
{
	begin(SOURCE_PERSISTENT);
	page->flags |= FF_IO_IN;
	CU_ASSERT_EQUAL(ASK(range, RANGE_FREE, PAGE_AT), ST_WAIT);
	CU_ASSERT_EQUAL(process_activity(&client)->wait, WAIT_IO);
	CU_ASSERT_EQUAL(process_activity(&client)->key, page->number);
	page->flags &= (uint16_t)~FF_IO_IN;
	wait_wake(WAIT_IO, page->number);
	CU_ASSERT_EQUAL(ask_again(), RC_OK);
	page_is_free();
}

/*
 * range.free, rescind: of a process whose state page is gone or another's there
 * is nothing beside the node (F3).
 */
static void
F3_malformed_is_destroyed(void)
{
	for (unsigned how = 0; how < 4; how++) {
		begin(SOURCE_PERSISTENT);
		frame_nodes(owner)->slot[INDEX][SLOT_STATE].word &= OID_MASK;
		if (how % 2 == 0)
			((struct state_page *)frame_data(state))->node_count++;
		else
			state->flags |= FF_LOST;
		if (how < 2) {
			CU_ASSERT_EQUAL(
			    ASK(range, RANGE_RESCIND, PROCESS_AT, INDEX),
			    RC_OK);
			CU_ASSERT_EQUAL(
			    frame_nodes(owner)->node[INDEX].role, ROLE_DATA);
		} else {
			CU_ASSERT_EQUAL(
			    ASK(range, RANGE_FREE, PROCESS_AT), RC_OK);
			CU_ASSERT_EQUAL(owner->kind, FK_FREE);
		}
		CU_ASSERT_EQUAL(state->kind, FK_STATE); /* Left alone. */
	}
}

/* range.free of a state page: who waits for the process sees void (D5). */
static void
D5_callers_of_a_freed_state(void)
{
	struct process p, caller;

	begin(SOURCE_EPHEMERAL);
	CU_ASSERT_EQUAL(process_prepare(owner, INDEX, &p), RC_OK);
	caller = make_process(SOURCE_EPHEMERAL, 7);
	p.state->state = PS_WAITING;
	caller.slot[1] = start_cap(&p, 0);
	run_process(&caller);
	CU_ASSERT_NOT_EQUAL(
	    invoke(control_make(INVOKE_CALL, 1), NULL), FAKE_RETURNED);
	CU_ASSERT_EQUAL(process_activity(&caller)->state, KA_STALLED);
	CU_ASSERT_EQUAL(ASK(range, RANGE_FREE, STATE_AT), RC_OK);
	CU_ASSERT_EQUAL(process_activity(&caller)->state, KA_READY);
	CU_ASSERT_PTR_NULL(frame_find(number(SOURCE_EPHEMERAL, STATE_AT)));
}

/* The owner has an activity, and an alarm. */
static struct activity *
give_alarm(void)
{
	struct process   p;
	struct activity *a;

	CU_ASSERT_EQUAL(process_prepare(owner, INDEX, &p), RC_OK);
	a = activity_alloc(process_oid(&p), p.header->count);
	CU_ASSERT_PTR_NOT_NULL_FATAL(a);
	process_set_activity(&p, a);
	activity_hash(a);
	a->flags |= AF_NOTICE;
	a->state = KA_RESERVED;
	CU_ASSERT_EQUAL(alarm_set(&(const struct alarm){.when = 1000,
			    .process = process_oid(&p).v,
			    .count = p.header->count}),
	    RC_OK);
	CU_ASSERT_EQUAL(alarm_count(), 1);
	return a;
}

/* As if the store had been asked for the owner's count, and no more. */
static void
count_alone(void)
{
	object_set_kind(owner, FK_FREE, owner->count);
	owner->flags |= FF_STAT;
	make_clean(owner);
}

/*
 * D3: a process's alarms are forgotten in a piece of work of its own, after
 * which the order is given again; S8: also of one of whose frame only the count
 * is in memory, since it is dropped without a fetch.
 */
static void
D3_alarms_in_pieces(void)
{
	for (unsigned absent = 0; absent < 2; absent++) {
		const enum oid_source source = absent ? SOURCE_PERSISTENT
						      : SOURCE_EPHEMERAL;
		const oid id = oid_make(number(source, PROCESS_AT), INDEX);

		begin(source);
		(void)give_alarm();
		if (absent)
			count_alone();
		CU_ASSERT_EQUAL(ASK(range, RANGE_FREE, PROCESS_AT), ST_WAIT);
		CU_ASSERT_EQUAL(alarm_count(), 0);
		CU_ASSERT_PTR_NULL(activity_find(id));
		CU_ASSERT_PTR_EQUAL(
		    frame_find(number(source, PROCESS_AT)), owner);
		CU_ASSERT_EQUAL(client.state->regs.rip, 0x1000);
		client.state->regs.rip = 0x1002;
		client.state->regs.trap = TRAP_SYSCALL;
		(void)reenter(client.state);
		CU_ASSERT_EQUAL(client.state->regs.rdi, RC_OK);
		CU_ASSERT_PTR_NULL(frame_find(number(source, PROCESS_AT)));
	}
}

/* S8: one without alarms is gone at once, and the store is told the count. */
static void
S8_dropped_without_fetch(void)
{
	begin(SOURCE_PERSISTENT);
	(void)give_alarm();
	alarm_forget(oid_make(owner->number, INDEX).v);
	count_alone();
	CU_ASSERT_EQUAL(ASK(range, RANGE_FREE, PROCESS_AT), RC_OK);
	CU_ASSERT_EQUAL(activity_free_count(), ACTIVITIES - 1);
	CU_ASSERT_TRUE(pager_changing(number(SOURCE_PERSISTENT, PROCESS_AT)));
}

/* --- identify * -------------------------------------------------------- */

/* range.identify: pages and nodes in it, and where a process's page is. */
static void
identify_tells_positions(void)
{
	struct frame *far;
	struct cap    short_range, c[10];

	begin(SOURCE_EPHEMERAL);
	far = page_frame(SOURCE_EPHEMERAL, FIRST + FRAMES);
	CU_ASSERT_EQUAL(
	    ASK_WITH(range, page_to(page, 0), RANGE_IDENTIFY), RC_OK);
	CU_ASSERT_EQUAL(answer.word[1], PAGE_AT);
	CU_ASSERT_EQUAL(answer.word[2], OID_INDEX_FRAME);
	CU_ASSERT_EQUAL(answer.word[3], 0);
	CU_ASSERT_EQUAL(
	    ASK_WITH(range, node_to(nodes, 5, 0), RANGE_IDENTIFY), RC_OK);
	CU_ASSERT_EQUAL(answer.word[1], NODES_AT);
	CU_ASSERT_EQUAL(answer.word[2], 5);
	CU_ASSERT_EQUAL(ASK_WITH(range, process_at(), RANGE_IDENTIFY), RC_OK);
	CU_ASSERT_EQUAL(answer.word[1], PROCESS_AT);
	CU_ASSERT_EQUAL(answer.word[3], 1 + STATE_AT);
	short_range = cap_range_make(cap_range_first(&range), STATE_AT);
	CU_ASSERT_EQUAL(
	    ASK_WITH(short_range, process_at(), RANGE_IDENTIFY), RC_OK);
	CU_ASSERT_EQUAL(answer.word[3], 0); /* Its page is not in the range. */
	c[0] = page_to(far, 0);
	c[1] = cap_number_make(1, 1);
	c[2] = start_cap(&client, 1);
	c[3] = notice_cap(&client, 1);
	c[4] = process_at();
	c[4].type = CK_START;
	c[5] = process_at();
	c[5].type = CK_NOTICE;
	c[6] = cap_resume_make(CK_RESUME, 5, oid_make(owner->number, INDEX));
	c[7] = cap_resume_make(CK_RESTART, 5, oid_make(owner->number, INDEX));
	c[8] = (struct cap){0};
	c[9] = page_to(page_frame(SOURCE_EPHEMERAL, FIRST - 1), 0);
	for (unsigned i = 0; i < 10; i++)
		CU_ASSERT_EQUAL(
		    ASK_WITH(range, c[i], RANGE_IDENTIFY), RC_NOT_FOUND);
}

const struct runner_test range_tests[] = {
    RUNNER_TEST(positions_are_checked),
    RUNNER_TEST(split_stays_within),
    RUNNER_TEST(orders_may_wait),
    RUNNER_TEST(making_may_wait),
    RUNNER_TEST(kinds_are_checked),
    RUNNER_TEST(F9_reached_pages_stay),
    RUNNER_TEST(free_waits_for_io),
    RUNNER_TEST(F3_malformed_is_destroyed),
    RUNNER_TEST(D5_callers_of_a_freed_state),
    RUNNER_TEST(D3_alarms_in_pieces),
    RUNNER_TEST(S8_dropped_without_fetch),
    RUNNER_TEST(identify_tells_positions),
    {NULL, NULL},
};
