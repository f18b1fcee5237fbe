/* SPDX-License-Identifier: BSD-2-Clause */
/* The record of a snapshot, and the restart from it (D8, S3, F1). */
#include "testsuite/unit/kernel/object/support.h"

#include "kernel/abi/pager.h"
#include "kernel/abi/restart.order.h"
#include "kernel/mem/epoch.h"
#include "kernel/object/wall.h"

enum { RECORD_PAGES = 4 };

static struct record_entry saved[RECORD_PAGES][RECORD_ENTRIES];
static uint32_t            pages;

static void
save(void)
{
	uint32_t frames[RECORD_PAGES];

	CU_ASSERT_EQUAL_FATAL(record_whole(frames, RECORD_PAGES, &pages), RC_OK);
	for (uint32_t i = 0; i < pages; i++) {
		memcpy(saved[i], frame_data(&mem.frame[frames[i]]), PAGE_SIZE);
		frame_free(&mem.frame[frames[i]]);
	}
}

/* Another boot: the same persistent processes, nothing else. */
static void
restart(struct process *p, unsigned n)
{
	struct state_page state[4];
	struct cap        slots[4][NODE_SLOTS];

	for (unsigned i = 0; i < n; i++) {
		state[i] = *p[i].state;
		memcpy(slots[i], p[i].slot, sizeof(slots[i]));
	}
	start_machine();
	for (unsigned i = 0; i < n; i++) {
		p[i] = make_process(SOURCE_PERSISTENT, i + 1);
		state[i].node_count = p[i].header->count;
		*p[i].state = state[i];
		p[i].slot[SLOT_SCHEDULE] = slots[i][SLOT_SCHEDULE];
	}
	restart_begin(0, pages);
	for (uint32_t i = 0; i < pages; i++)
		restart_page(i, saved[i]);
	restart_end();
	/* Here they are in memory already; else their first use does this. */
	for (unsigned i = 0; i < n; i++)
		if (activity_find(process_oid(&p[i])) != NULL)
			process_set_activity(
			    &p[i], activity_find(process_oid(&p[i])));
}

/* What ran runs again; the call number goes on (F1). */
static void
D8_running_runs_again(void)
{
	struct process p[2];

	start_machine();
	p[0] = make_process(SOURCE_PERSISTENT, 1);
	p[1] = make_process(SOURCE_PERSISTENT, 2);
	run_process(&p[0]);
	run_process(&p[1]);
	cpu.call_number = 777;
	wall.persistent_base = 1000;
	fake.now = 234;
	save();
	CU_ASSERT_EQUAL(pages, 1);
	CU_ASSERT_EQUAL(saved[0][0].oid, RECORD_MAGIC);
	cpu.call_number = 0;
	restart(p, 2);
	CU_ASSERT(cpu.call_number > 777);
	CU_ASSERT_EQUAL(wall.persistent_base, 1234);
	CU_ASSERT_EQUAL(activity_free_count(), ACTIVITIES - 2);
	for (unsigned i = 0; i < 2; i++)
		CU_ASSERT_EQUAL(
		    activity_find(process_oid(&p[i]))->state, KA_READY);
	(void)dispatch();
	CU_ASSERT(runs(&p[0]));
}

/* What is not persistent is no part of it. */
static void
D8_persistent_only(void)
{
	struct process p;

	start_machine();
	p = make_process(SOURCE_EPHEMERAL, 1);
	run_process(&p);
	save();
	CU_ASSERT_EQUAL(saved[0][1].kind, RECORD_NONE);
}

/* S3: who waited outside is told of the restart, once. */
static void
S3_outside_is_told(void)
{
	struct process p[1], server;

	start_machine();
	p[0] = make_process(SOURCE_PERSISTENT, 1);
	server = make_process(SOURCE_EPHEMERAL, 2);
	make_available(&server, CONTROL_RECEIVE(3, 4), 0, 0);
	p[0].slot[1] = start_cap(&server, 0);
	run_process(&p[0]);
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT_EQUAL(p[0].state->state, PS_WAITING);
	save();
	restart(p, 1);
	(void)dispatch();
	CU_ASSERT(runs(&p[0]));
	CU_ASSERT_EQUAL(p[0].state->regs.rdi, RC_RESTARTED);
	CU_ASSERT_EQUAL(p[0].state->regs.rax & RESULT_SOURCE_MASK, FROM_REPLY);
	CU_ASSERT_FALSE(
	    process_activity(&p[0])->flags & (AF_OUTSIDE | AF_RESTART));
}

/* S3: one whose number does not match any more is left alone. */
static void
S3_number_must_match(void)
{
	struct process p[1], server;

	start_machine();
	p[0] = make_process(SOURCE_PERSISTENT, 1);
	server = make_process(SOURCE_EPHEMERAL, 2);
	make_available(&server, CONTROL_RECEIVE(3, 4), 0, 0);
	p[0].slot[1] = start_cap(&server, 0);
	run_process(&p[0]);
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	save();
	p[0].state->call_number++;
	restart(p, 1);
	CU_ASSERT_EQUAL(dispatch(), FAKE_IDLE);
	CU_ASSERT_EQUAL(p[0].state->state, PS_WAITING);
}

/* S3: one with notices is woken by bit 63. */
static void
S3_notices_are_told(void)
{
	struct process p[1];

	start_machine();
	p[0] = make_process(SOURCE_PERSISTENT, 1);
	run_process(&p[0])->flags |= AF_NOTICE;
	process_activity(&p[0])->notices = 4;
	save();
	make_available(&p[0], 0, 0, 0);
	restart(p, 1);
	(void)dispatch();
	CU_ASSERT(runs(&p[0]));
	CU_ASSERT_EQUAL(
	    p[0].state->regs.rsi, UINT64_C(1) << NOTICE_BIT_RESTARTED | 4);
}

/* A damaged record starts no strangers, twice nobody, and does not panic. */
static void
bad_entries(void)
{
	struct process p[1];

	start_machine();
	p[0] = make_process(SOURCE_PERSISTENT, 1);
	run_process(&p[0]);
	save();
	saved[0][2] = saved[0][1]; /* Twice. */
	saved[0][3] = saved[0][1];
	saved[0][3].oid = oid_make(frame_of(SOURCE_BOOT, 1), 0).v;
	saved[0][4] = saved[0][1];
	saved[0][4].oid |= OID_INDEX_FRAME;
	saved[0][5] = saved[0][1];
	saved[0][5].kind = 200;
	saved[0][6] = saved[0][1];
	saved[0][6].oid = UINT64_MAX;
	saved[0][0].oid = 3;
	restart(p, 1);
	CU_ASSERT_EQUAL(activity_free_count(), ACTIVITIES - 1);
}

static oid
nth_process(unsigned i)
{
	return oid_make(frame_of(SOURCE_PERSISTENT, 100 + i), 0);
}

/* A record of more processes than the table has places. */
static void
restart_many(unsigned n)
{
	memset(saved, 0, sizeof(saved));
	saved[0][0] = (struct record_entry){
	    .oid = RECORD_MAGIC, .kind = RECORD_HEADER};
	for (unsigned i = 0; i < n; i++)
		saved[0][1 + i] = (struct record_entry){
		    .oid   = nth_process(i).v,
		    .count = 1,
		    .kind  = RECORD_RUNNING,
		};
	restart_begin(0, 1);
	restart_page(0, saved[0]);
	restart_end();
}

static unsigned
recorded(unsigned n)
{
	unsigned found = 0;

	save();
	for (unsigned k = 0; k < RECORD_ENTRIES; k++)
		for (unsigned i = 0; i < n; i++)
			found += saved[0][k].kind == RECORD_RUNNING &&
			    saved[0][k].oid == nth_process(i).v;
	return found;
}

/*
 * S2: on a machine with less memory some find no activity. They are started
 * as others end, and the next snapshot does not forget them.
 */
static void
S2_unstarted_wait_their_turn(void)
{
	enum { MANY = ACTIVITIES + 10 };
	struct record_entry   e;
	struct memory_figures before, after;
	unsigned              started = 0;

	start_machine();
	frame_figures(&before);
	restart_many(MANY);
	while (started < MANY && activity_find(nth_process(started)) != NULL)
		started++;
	CU_ASSERT(started > 0 && started < ACTIVITIES);
	CU_ASSERT(activity_free_count() > 0); /* For who is called. */
	CU_ASSERT_TRUE(restart_unstarted(MANY - started - 1, &e));
	CU_ASSERT_EQUAL(e.oid, nth_process(MANY - 1).v);
	CU_ASSERT_FALSE(restart_unstarted(MANY - started, &e));
	CU_ASSERT_EQUAL(recorded(MANY), MANY);
	restart_more();
	CU_ASSERT_PTR_NULL(activity_find(nth_process(started)));
	for (unsigned i = 0; i < MANY; i++) {
		CU_ASSERT_PTR_NOT_NULL_FATAL(activity_find(nth_process(i)));
		activity_destroy(activity_find(nth_process(i)));
		restart_more();
	}
	CU_ASSERT_FALSE(restart_unstarted(0, &e));
	frame_figures(&after);
	CU_ASSERT_EQUAL(before.free, after.free);
}

/* More processes than one page names; and no room for them all. */
static void
many_and_too_many(void)
{
	uint32_t              frames[RECORD_PAGES], n = 9, before, after;
	struct memory_figures m;

	start_machine();
	for (unsigned i = 0; i < ACTIVITIES; i++)
		CU_ASSERT_PTR_NOT_NULL(activity_alloc(
		    oid_make(frame_of(SOURCE_PERSISTENT, i), 0), 1));
	save();
	CU_ASSERT_EQUAL(pages, 1 + ACTIVITIES / RECORD_ENTRIES);
	frame_figures(&m);
	before = m.free;
	CU_ASSERT_EQUAL(record_whole(frames, 0, &n), RC_NO_MEMORY);
	CU_ASSERT_EQUAL(n, 9);
	frame_figures(&m);
	after = m.free;
	CU_ASSERT_EQUAL(before, after);
}

/*
 * M6: a snapshot's record is 32 bytes for each persistent process that has an
 * activity, and one header; nothing else, and however much memory there is.
 * Its frames are the frozen epoch's, so the snapshot gives them to the store.
 */
static void
M6_a_record_for_each(void)
{
	enum { MOST = ACTIVITIES - 1 };
	struct process p;
	uint32_t       frames[RECORD_PAGES], n, used = 0;

	_Static_assert(sizeof(struct record_entry) == 32, "32 bytes");
	_Static_assert(RECORD_ENTRIES * PAGER_RECORD_MAX - 1 == 16383,
	    "what manual/caveats.md says");
	start_machine();
	for (unsigned i = 0; i < MOST; i++) {
		p = make_process(
		    i % 3 != 0 ? SOURCE_PERSISTENT : SOURCE_EPHEMERAL, i + 1);
		run_process(&p);
	}
	for (uint64_t i = 0; i < 100; i++) /* Dirty frames are no part. */
		(void)make_node_frame(5000 + i);
	CU_ASSERT_EQUAL_FATAL(record_whole(frames, RECORD_PAGES, &n), RC_OK);
	CU_ASSERT_EQUAL(n, 1);
	for (uint32_t i = 0; i < n; i++) {
		const struct frame        *f = &mem.frame[frames[i]];
		const struct record_entry *e = frame_data(f);

		CU_ASSERT_EQUAL(f->use, USE_FROZEN);
		for (unsigned k = 0; k < RECORD_ENTRIES; k++)
			used += e[k].kind != RECORD_NONE;
	}
	CU_ASSERT_EQUAL(used, 1 + MOST - (MOST + 2) / 3);
}

/* D8: reserves are in the record, and come back under their ids. */
static void
D8_reserves_are_recorded(void)
{
	uint32_t id = 0, other = 0, third = 0, frames[1], n;

	start_machine();
	CU_ASSERT_EQUAL(reserve_make(1000000, 50000, &other), RC_OK);
	CU_ASSERT_EQUAL(reserve_make(20000000, 5000000, &id), RC_OK);
	CU_ASSERT_EQUAL(reserve_drop(other), RC_OK);
	save();
	CU_ASSERT_EQUAL(saved[0][1].kind, RECORD_RESERVE);
	/* One that was given back has no terms, but its id is not used again. */
	CU_ASSERT_EQUAL(saved[0][2].kind, RECORD_RESERVE);
	CU_ASSERT_EQUAL(saved[0][1].a, 0);
	CU_ASSERT_EQUAL(saved[0][3].kind, RECORD_NONE);
	start_machine();
	CU_ASSERT_EQUAL(reserve_number(id), 0);
	saved[0][3] = (struct record_entry){
	    .kind = RECORD_RESERVE, .oid = 0x1ff, .a = 1, .b = 2};
	restart_begin(0, 1);
	restart_page(0, saved[0]);
	restart_end();
	CU_ASSERT_EQUAL(reserve_number(id), id & 0xff);
	CU_ASSERT_EQUAL(reserve_at(reserve_number(id))->period, 20000000);
	CU_ASSERT_EQUAL(reserve_at(reserve_number(id))->budget, 5000000);
	CU_ASSERT_EQUAL(reserve_number(other), 0);
	CU_ASSERT_EQUAL(reserve_make(1000000, 50000, &third), RC_OK);
	CU_ASSERT_NOT_EQUAL(third, other);
	CU_ASSERT_EQUAL(record_whole(frames, 0, &n), RC_NO_MEMORY);
	CU_ASSERT(reserve_ok());
}

/*
 * restart.priority: what a node says of its process is known when that is
 * loaded; until then nobody of less may keep the processor from it.
 */
static void
the_most_urgent_runs_first(void)
{
	struct process p[3];

	start_machine();
	for (unsigned i = 0; i < 3; i++) {
		p[i] = make_process(SOURCE_PERSISTENT, i + 1);
		p[i].slot[SLOT_SCHEDULE].data = (uint16_t)(i + 1);
		run_process(&p[i]);
	}
	save();
	restart(p, 3);
	(void)dispatch();
	CU_ASSERT(runs(&p[2]));
	/* And the others are where they should be. */
	CU_ASSERT_EQUAL(process_activity(&p[0])->priority, 1);
	CU_ASSERT_EQUAL(process_activity(&p[1])->priority, 2);
}

/*
 * D4: a loan ends with the boot in which it was made. The one who was lent a
 * page when the snapshot was taken runs its instruction again, without it, and
 * its keeper is told again.
 */
static void
D4_loan_ends_with_the_boot(void)
{
	const uint64_t empty = PAGES * PAGE_SIZE;
	struct process p[2];
	struct cap     keeper, spent;

	start_machine();
	p[0] = make_process(SOURCE_PERSISTENT, 1);
	p[1] = make_process(SOURCE_PERSISTENT, 2);
	keeper = start_cap(&p[1], 0);
	process_put(&p[0], SLOT_KEEPER, &keeper);
	make_available(&p[1], CONTROL_RECEIVE(3, 4), 0, 0);
	(void)run_process(&p[0]);
	p[0].state->regs.rip  = 0x1234;
	p[0].state->regs.trap = 14;
	(void)raise_page_fault(p[0].state, empty, ACCESS_READ);
	CU_ASSERT_FATAL(runs(&p[1]));
	spent        = p[1].slot[4];
	p[1].slot[2] = frame_nodes(p[1].node)->slot[1][0];
	(void)invoke(control_make(INVOKE_SEND, 4) | CONTROL_SEND(0, 2),
	    (const uint64_t[]){RESTART_LEND, 0, 0, 0, 0});
	CU_ASSERT(p[0].state_frame->flags & FF_LENT);
	CU_ASSERT_EQUAL(p[0].state->loan.n, 1);
	save();
	restart(p, 2);
	keeper = start_cap(&p[1], 0);
	process_put(&p[0], SLOT_KEEPER, &keeper);
	(void)dispatch();
	CU_ASSERT_FATAL(runs(&p[1])); /* It goes on, and waits again. */
	(void)invoke(control_make(INVOKE_RETURN, 0) | CONTROL_RECEIVE(3, 4),
	    NULL);
	CU_ASSERT_FATAL(runs(&p[0]));
	CU_ASSERT_EQUAL(p[0].state->regs.rip, 0x1234);
	CU_ASSERT_FALSE(p[0].state_frame->flags & FF_LENT);
	CU_ASSERT_EQUAL(cpu.lent, LENT_NOT);
	(void)raise_page_fault(p[0].state, empty, ACCESS_READ);
	CU_ASSERT(runs(&p[1]));
	CU_ASSERT_EQUAL(p[1].state->regs.rsi, FAULT_UNMAPPED);
	CU_ASSERT_EQUAL(p[1].slot[4].type, CK_RESTART);
	CU_ASSERT_NOT_EQUAL(
	    cap_call_number(&p[1].slot[4]), cap_call_number(&spent));
}

const struct runner_test record_tests[] = {
    RUNNER_TEST(D4_loan_ends_with_the_boot),
    RUNNER_TEST(D8_running_runs_again),
    RUNNER_TEST(D8_persistent_only),
    RUNNER_TEST(S3_outside_is_told),
    RUNNER_TEST(S3_number_must_match),
    RUNNER_TEST(S3_notices_are_told),
    RUNNER_TEST(bad_entries),
    RUNNER_TEST(S2_unstarted_wait_their_turn),
    RUNNER_TEST(many_and_too_many),
    RUNNER_TEST(M6_a_record_for_each),
    RUNNER_TEST(D8_reserves_are_recorded),
    RUNNER_TEST(the_most_urgent_runs_first),
    {NULL, NULL},
};
