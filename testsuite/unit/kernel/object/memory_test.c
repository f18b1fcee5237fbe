/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * No frame is left: who needs one for its tables, its loan or its record waits
 * or is refused, and goes on when there is one.
 */
#include "testsuite/unit/kernel/object/support.h"

#include "kernel/abi/pager.h"
#include "kernel/abi/restart.order.h"
#include "kernel/mem/cache.h"
#include "kernel/mem/epoch.h"
#include "kernel/mem/request.h"
#include "kernel/object/token.h"

enum {
	FRAMES = 8192,
	KEPT = 24, /* For tables of resident processes. */
	TABLES = 64, /* And so many, less those that there are, for others. */
	COPIES = 4, /* Of tables, for a loan of one page. */
	CODE = 0x40,
	AT = 24 * PAGE_SIZE,
};

static struct process p, q;
static struct frame  *taken[FRAMES];
static unsigned       ntaken;

static void
two(void)
{
	start_machine();
	p = make_process(SOURCE_EPHEMERAL, 1);
	q = make_process(SOURCE_EPHEMERAL, 2);
}

/* All frames, also those that are kept for tables and resident processes. */
static void
take_all(void)
{
	cpu_enter();
	for (ntaken = 0; ntaken < FRAMES; ntaken++)
		if (frame_alloc(CLASS_ANY, USE_BOUNCE, &taken[ntaken]) !=
		    RC_OK)
			break;
	CU_ASSERT_FATAL(ntaken > 0 && ntaken < FRAMES);
	CU_ASSERT_EQUAL(frame_free_count(), 0);
}

static void
give(unsigned n)
{
	cpu_enter();
	while (n-- > 0 && ntaken > 0)
		frame_free(taken[--ntaken]);
}

static bool
waits(const struct process *w)
{
	const struct activity *a = process_activity(w);

	return a != NULL && a->state == KA_MEMORY && a->wait == WAIT_MEMORY &&
	    w->state->state == PS_RUNNING && w->state->fault == FAULT_NONE;
}

/* It waits and is woken with each frame that comes free, until it runs. */
static unsigned
give_until_it_runs(const struct process *w)
{
	unsigned n = 0;

	for (; ntaken > 0 && !runs(w); n++) {
		CU_ASSERT(waits(w));
		give(1);
		CU_ASSERT_EQUAL(process_activity(w)->state, KA_READY);
		(void)dispatch();
	}
	return n;
}

static enum fake_exit
touches(uint64_t v)
{
	p.state->regs.rip = CODE;
	p.state->regs.trap = 14;
	return FAKE_LEAVES(entry_page_fault(p.state, v, ACCESS_READ));
}

/*
 * S2: a fault needs three tables. Each frame that comes free wakes the process,
 * which runs its instruction again, until there are enough.
 */
static void
S2_fault_waits_for_tables(void)
{
	unsigned tries = 0;

	two();
	run_process(&p);
	take_all();
	CU_ASSERT_EQUAL(touches(PAGE_SIZE), FAKE_IDLE);
	CU_ASSERT(waits(&p));
	CU_ASSERT_EQUAL(p.state->regs.rip, CODE);
	while (fake_touch(PAGE_SIZE, ACCESS_READ).fault && ntaken > 0) {
		tries += give_until_it_runs(&p);
		CU_ASSERT_EQUAL(p.state->regs.rip, CODE);
		(void)touches(PAGE_SIZE);
	}
	CU_ASSERT_EQUAL(tries, KEPT + 3);
	CU_ASSERT(runs(&p));
	CU_ASSERT_EQUAL(frame_free_count(), KEPT);
}

/* S2: to be loaded a process needs a top table; the dispatcher lets it wait. */
static void
S2_load_waits_for_a_table(void)
{
	struct activity *a;

	two();
	a = activity_alloc(process_oid(&p), p.header->count);
	CU_ASSERT_PTR_NOT_NULL_FATAL(a);
	process_set_activity(&p, a);
	p.state->state = PS_RUNNING;
	sched_ready(a);
	take_all();
	CU_ASSERT_EQUAL(dispatch(), FAKE_IDLE);
	CU_ASSERT(waits(&p));
	CU_ASSERT_EQUAL(give_until_it_runs(&p), KEPT + 1);
}

/* S2: the same for one that was called: it has its message when it runs. */
static void
S2_called_waits_for_a_table(void)
{
	two();
	make_available(&q, CONTROL_RECEIVE(3, 4), 0, 0);
	p.slot[1] = start_cap(&q, 7);
	run_process(&p);
	q.state_frame->flags |= FF_FORCED;
	take_all();
	CU_ASSERT_EQUAL(invoke(control_make(INVOKE_CALL, 1),
			    (const uint64_t[]){1, 2, 3, 4, 5}),
	    FAKE_IDLE);
	CU_ASSERT_EQUAL(p.state->state, PS_WAITING);
	CU_ASSERT(waits(&q));
	CU_ASSERT_EQUAL(q.state->regs.r8, 5);
	CU_ASSERT(give_until_it_runs(&q) > 0);
	CU_ASSERT_EQUAL(q.state->regs.r8, 5);
	give(2);
	(void)invoke(control_make(INVOKE_RETURN, 4), NULL);
	CU_ASSERT(runs(&p));
}

/*
 * F5: a resident process waits for no memory. When not even what is kept for
 * such as it is left, it cannot run, and the log says which and why.
 */
static void
F5_resident_without_a_table(void)
{
	two();
	make_available(&q, 0, 0, 0);
	q.header->flags |= PF_RESIDENT;
	p.slot[1] = start_cap(&q, 7);
	run_process(&p);
	take_all();
	CU_ASSERT_EQUAL(invoke(control_make(INVOKE_CALL, 1), NULL), FAKE_IDLE);
	CU_ASSERT_PTR_NULL(process_activity(&q));
	CU_ASSERT_PTR_NOT_NULL(strstr(fake.log, "cannot run"));
	/* The kept ones are enough: ordinary processes cannot take them. */
	two();
	make_available(&q, 0, 0, 0);
	q.header->flags |= PF_RESIDENT;
	p.slot[1] = start_cap(&q, 7);
	run_process(&p);
	cpu_enter();
	for (ntaken = 0; frame_alloc(CLASS_ANY, USE_TABLE, &taken[ntaken]) ==
	     RC_OK; ntaken++)
		taken[ntaken]->table.slot = NO_INDEX;
	CU_ASSERT(frame_free_count() > 0);
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT(runs(&q));
}

/* D4, S2: a loan copies tables; the borrower waits until it can. */
static void
D4_loan_waits_for_memory(void)
{
	const uint64_t words[MESSAGE_WORDS] = {RESTART_LEND};
	struct frame  *page = NULL;
	struct cap     keeper;

	two();
	fake.step = HAL_STEP_OURS;
	CU_ASSERT_EQUAL_FATAL(object_make(frame_of(SOURCE_EPHEMERAL, 900),
				  FK_PAGE, CLASS_ANY, &page),
	    RC_OK);
	make_available(&q, CONTROL_RECEIVE(3, 4), 0, 0);
	keeper = start_cap(&q, 9);
	process_put(&p, SLOT_KEEPER, &keeper);
	run_process(&p);
	(void)touches(AT);
	CU_ASSERT_FATAL(runs(&q));
	take_all();
	q.slot[5] = cap_make(CK_PAGE, 0, 0, page->count,
	    oid_make(page->number, OID_INDEX_FRAME));
	(void)invoke(control_make(INVOKE_CALL, 4) | CONTROL_SEND(0, 5), words);
	CU_ASSERT_EQUAL(q.state->regs.rdi, RC_OK);
	CU_ASSERT_EQUAL(
	    invoke(control_make(INVOKE_RETURN, 0), NULL), FAKE_IDLE);
	CU_ASSERT(p.state_frame->flags & FF_LENT);
	CU_ASSERT_EQUAL(p.state->regs.rip, CODE);
	/* Four copies; and what is kept for tables of others. */
	CU_ASSERT(give_until_it_runs(&p) > KEPT + 4);
	CU_ASSERT_EQUAL(cpu.lent, LENT_STEP);
	CU_ASSERT_FALSE(fake_touch(AT, ACCESS_READ).fault);
}

/* S2: a restart that has no memory for its list says whom it cannot start. */
static void
S2_no_memory_to_start(void)
{
	static struct record_entry page[RECORD_ENTRIES];
	struct record_entry e;

	start_machine();
	for (unsigned i = 0; i < RECORD_ENTRIES; i++)
		page[i] = (struct record_entry){
		    .oid = oid_make(frame_of(SOURCE_PERSISTENT, i), 0).v,
		    .count = 1,
		    .kind = RECORD_RUNNING,
		};
	take_all();
	restart_begin(0, 1);
	restart_page(0, page);
	restart_end();
	CU_ASSERT_FALSE(restart_unstarted(0, &e));
	CU_ASSERT_PTR_NOT_NULL(strstr(fake.log, "no memory to start"));
	CU_ASSERT(activity_free_count() < ACTIVITIES);
}

/* D8: a record that needs more frames than there are takes none of them. */
static void
D8_no_memory_for_the_record(void)
{
	static struct record_entry page[RECORD_ENTRIES];
	uint32_t            frames[4], n = 9, free;
	unsigned            kept = 0;

	start_machine();
	restart_begin(0, 2);
	for (unsigned i = 0; i < 2; i++) {
		for (unsigned k = 0; k < RECORD_ENTRIES; k++)
			page[k] = (struct record_entry){
			    .oid = oid_make(frame_of(SOURCE_PERSISTENT,
						1000 * i + k),
				0)
				       .v,
			    .count = 1,
			    .kind = RECORD_RUNNING,
			};
		restart_page(i, page);
	}
	restart_end();
	/* More than one frame: the limit, then memory, is too small. */
	free = frame_free_count();
	CU_ASSERT_EQUAL(record_whole(frames, 1, &n), RC_NO_MEMORY);
	CU_ASSERT_EQUAL(n, 9);
	CU_ASSERT_EQUAL(frame_free_count(), free);
	take_all();
	while (record_whole(frames, 4, &n) != RC_OK && kept < 200) {
		CU_ASSERT_EQUAL(frame_free_count(), kept);
		give(1);
		kept++;
	}
	CU_ASSERT(kept > 2);
	CU_ASSERT_EQUAL(n, 3); /* 256, a header, and those who run. */
	CU_ASSERT_EQUAL(frame_free_count(), kept - n);
}

/* It runs no more, and one of its frames is lost. */
static void
leave_as_lost(struct activity *a, struct frame *f)
{
	process_unload();
	cpu.activity = NULL;
	f->flags |= FF_LOST;
	frame_changed(f);
	sched_ready(a);
}

/*
 * S8: a process whose node or state page cannot be read is not given up. It waits,
 * is in the records of snapshots, and runs when it can be read; those who wait for
 * it hear why.
 */
static void
S8_unread_waits_to_be_read(void)
{
	struct frame   **unread[] = {&p.node, &p.state_frame};
	struct activity *a;

	for (unsigned i = 0; i < 2; i++) {
		two();
		a = run_process(&p);
		activity_hash(a);
		leave_as_lost(a, *unread[i]);
		for (unsigned n = 0; n < TOKEN_RETRIES + 2; n++) {
			CU_ASSERT_EQUAL(dispatch(), FAKE_IDLE);
			CU_ASSERT_PTR_EQUAL_FATAL(
			    activity_find(process_oid(&p)), a);
			CU_ASSERT_EQUAL(a->wait, WAIT_MEMORY);
			CU_ASSERT(a->retries < TOKEN_RETRIES); /* S12 */
			wait_wake(WAIT_MEMORY, 0);
		}
		(*unread[i])->flags &= (uint16_t)~FF_LOST;
		(void)dispatch();
		CU_ASSERT(runs(&p));
	}
}

/* S8: who waits for it is told, and does not wait for the disk to be mended. */
static void
S8_callers_of_the_unread_are_told(void)
{
	two();
	run_process(&q);
	sched_preempt(cpu.activity, UINT64_MAX);
	cpu.activity = NULL;
	p.slot[1] = start_cap(&q, 7);
	run_process(&p);
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT(runs(&q));
	CU_ASSERT_EQUAL(process_activity(&p)->wait, WAIT_PROCESS);
	leave_as_lost(cpu.activity, q.state_frame);
	(void)dispatch();
	CU_ASSERT(runs(&p));
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT_EQUAL(p.state->regs.rdi, RC_MEDIA);
}

/*
 * D5: loading a process takes memory, and what is evicted for that is memory for
 * somebody more urgent, who runs first.
 */
static void
q_waits_p_is_loaded(bool loan)
{
	struct memory_figures now;
	struct frame         *clean = NULL;
	struct activity      *a = run_process(&q);

	process_unload();
	cpu_enter();
	CU_ASSERT_EQUAL_FATAL(
	    frame_alloc(CLASS_ANY, USE_OBJECT, &clean), RC_OK);
	frame_name(clean, frame_of(SOURCE_PERSISTENT, 7000));
	object_set_kind(clean, FK_PAGE, 1);
	take_all();
	age_add(clean);
	frame_figures(&now);
	give(loan ? KEPT + TABLES - now.tables + COPIES - 1 : KEPT);
	CU_ASSERT_EQUAL(wait_on(WAIT_MEMORY, 0), ST_WAIT);
	sched_wait(a);
	cpu.activity = NULL;
	a = process_activity(&p);
	p.slot[SLOT_SCHEDULE] = cap_make(CK_SCHEDULE, 0, 1, 0, (oid){0});
	p.state->state = PS_RUNNING;
	a->priority = 1;
	mem.changes++;
	if (a->state != KA_READY)
		sched_ready(a);
	(void)dispatch();
	CU_ASSERT_EQUAL(mem_counters.evictions, 1);
}

static void
D5_more_urgent_gets_the_memory_first(void)
{
	struct activity *a;
	struct frame    *f;

	two();
	a = activity_alloc(process_oid(&p), p.header->count);
	CU_ASSERT_PTR_NOT_NULL_FATAL(a);
	process_set_activity(&p, a);
	q_waits_p_is_loaded(false);
	CU_ASSERT(runs(&q));
	CU_ASSERT_EQUAL(process_activity(&p)->state, KA_READY);
	/* The same where a loan takes the memory, for copies of tables (D4). */
	two();
	(void)run_process(&p);
	fake.step = HAL_STEP_OURS;
	p.state->loan = (struct loan){.rip = p.state->regs.rip, .n = 1};
	f = new_page(901);
	p.state->loan.page[0].address = AT;
	p.state->loan.page[0].page = cap_make(CK_PAGE, 0, 0, f->count,
	    oid_make(f->number, OID_INDEX_FRAME));
	p.state_frame->flags |= FF_LENT;
	q_waits_p_is_loaded(true);
	CU_ASSERT_EQUAL(cpu.lent, LENT_NOT);
	CU_ASSERT(p.state_frame->flags & FF_LENT);
	CU_ASSERT(runs(&q));
	CU_ASSERT_EQUAL(process_activity(&p)->state, KA_READY);
}

/*
 * S2: a process that is on disk, and whose turn it is when all memory is taken by
 * what is not persistent, waits for memory, as one does that needs a table.
 */
static void
S2_fetch_waits_for_memory(void)
{
	struct activity *a;
	oid              id;

	start_machine();
	open_range(100);
	p = make_process(SOURCE_PERSISTENT, 1);
	id = process_oid(&p);
	a = activity_alloc(id, p.header->count);
	CU_ASSERT_PTR_NOT_NULL_FATAL(a);
	p.state->state = PS_RUNNING;
	make_clean(p.node);
	make_clean(p.state_frame);
	take_all(); /* It is evicted. */
	CU_ASSERT_PTR_NULL(frame_find(oid_frame(id)));
	sched_ready(a);
	CU_ASSERT_EQUAL(dispatch(), FAKE_IDLE);
	CU_ASSERT_PTR_NULL(strstr(fake.log, "cannot run"));
	CU_ASSERT_PTR_EQUAL_FATAL(activity_find(id), a);
	CU_ASSERT_EQUAL(a->wait, WAIT_MEMORY);
	give(KEPT + TABLES + 1); /* Somebody gives some back: it is fetched. */
	(void)dispatch();
	CU_ASSERT_EQUAL(a->wait, WAIT_FRAME);
}

/* The same for who is answered by a return, and is on disk just then. */
static void
S2_reply_waits_for_memory(void)
{
	struct activity *a;
	oid              id;

	start_machine();
	open_range(100);
	p = make_process(SOURCE_PERSISTENT, 1);
	q = make_process(SOURCE_EPHEMERAL, 2);
	id = process_oid(&p);
	make_available(&q, CONTROL_RECEIVE(3, 4), 0, 0);
	p.slot[1] = start_cap(&q, 7);
	run_process(&p);
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT_FATAL(runs(&q));
	a = cpu.activity;
	make_clean(p.node);
	make_clean(p.state_frame);
	mem.changes++;
	take_all();
	CU_ASSERT_PTR_NULL(frame_find(oid_frame(id)));
	(void)invoke(control_make(INVOKE_RETURN, 4), NULL);
	/* q has not lost its reply: it waits, to execute the SYSCALL again. */
	CU_ASSERT_EQUAL(q.state->state, PS_RUNNING);
	CU_ASSERT_EQUAL(a->wait, WAIT_MEMORY);
}

/* And who faults while its keeper is on disk. */
static void
S2_fault_waits_for_keepers_memory(void)
{
	struct activity *a;
	struct cap       keeper;

	start_machine();
	open_range(100);
	p = make_process(SOURCE_EPHEMERAL, 1);
	q = make_process(SOURCE_PERSISTENT, 2);
	make_available(&q, CONTROL_RECEIVE(3, 4), 0, 0);
	keeper = start_cap(&q, 9);
	process_put(&p, SLOT_KEEPER, &keeper);
	a = run_process(&p);
	make_clean(q.node);
	make_clean(q.state_frame);
	mem.changes++;
	take_all();
	CU_ASSERT_PTR_NULL(frame_find(q.node->number));
	(void)touches(AT);
	CU_ASSERT_PTR_NULL(strstr(fake.log, "no keeper"));
	CU_ASSERT_EQUAL(p.state->state, PS_RUNNING);
	CU_ASSERT_EQUAL(a->wait, WAIT_MEMORY);
}

/*
 * S8: all requests are open, and two more processes are to be fetched. Both wait;
 * the processor is somebody else's, or idle.
 */
static void
S8_two_that_find_no_request(void)
{
	enum { MORE = 2, AGAIN = 50 };
	struct activity *a[MORE];
	struct frame    *f;
	unsigned         n = 0, again = 0;

	start_machine();
	open_range(100);
	wait_set_process(false, false);
	while (n < 300 && pager.nopen < PAGER_OUTSTANDING - 2)
		CU_ASSERT_EQUAL(object_fetch(
		    frame_of(SOURCE_PERSISTENT, 5000 + 20 * n++), &f), ST_WAIT);
	CU_ASSERT_EQUAL_FATAL(pager.nopen, PAGER_OUTSTANDING - 2);
	for (unsigned i = 0; i < MORE; i++) {
		a[i] = activity_alloc(oid_make(
		    frame_of(SOURCE_PERSISTENT, 300 * (i + 1)), 0), 1);
		CU_ASSERT_PTR_NOT_NULL_FATAL(a[i]);
		sched_ready(a[i]);
	}
	do
		(void)dispatch();
	while (sched_highest() >= 0 && ++again < AGAIN);
	CU_ASSERT(again < AGAIN); /* Else it goes on for ever. */
	for (unsigned i = 0; i < MORE; i++)
		CU_ASSERT_EQUAL(a[i]->wait, WAIT_MEMORY);
}

/*
 * S2, S8: what a restart starts is looked at first, whatever its priority will be,
 * for that is on disk. If it is more than may be asked for at a time, the store has
 * its turn all the same.
 */
static void
S8_store_runs_at_a_restart_of_many(void)
{
	enum { MORE = 3, AGAIN = 200, STORE = 11 };
	static struct record_entry page[RECORD_ENTRIES];
	const struct cap schedule = cap_make(CK_SCHEDULE, 0, STORE, 0, (oid){0});
	struct activity *a;
	struct frame    *f;
	unsigned         n = 0, again = 0;

	start_machine();
	q = make_process(SOURCE_EPHEMERAL, 2);
	process_put(&q, SLOT_SCHEDULE, &schedule);
	open_range(100);
	wait_set_process(false, false);
	/* As many were looked at already (here is room for 72 activities). */
	while (n < 300 && pager.nopen < PAGER_OUTSTANDING - 2)
		CU_ASSERT_EQUAL(object_fetch(
		    frame_of(SOURCE_PERSISTENT, 5000 + 20 * n++), &f), ST_WAIT);
	for (unsigned i = 0; i < MORE; i++)
		page[i] = (struct record_entry){
		    .oid = oid_make(frame_of(SOURCE_PERSISTENT, 300 * (i + 1)),
			0).v,
		    .count = 1,
		    .kind = RECORD_RUNNING,
		};
	restart_begin(0, 1);
	restart_page(0, page);
	restart_end();
	/* Their requests ring the store. */
	a = activity_alloc(process_oid(&q), q.header->count);
	CU_ASSERT_PTR_NOT_NULL_FATAL(a);
	process_set_activity(&q, a);
	process_take_schedule(&q, a);
	q.state->state = PS_RUNNING;
	sched_ready(a);
	do
		(void)dispatch();
	while (!runs(&q) && ++again < AGAIN);
	CU_ASSERT(runs(&q));
	CU_ASSERT(again < AGAIN);
}

const struct runner_test memory_tests[] = {
    RUNNER_TEST(S2_fault_waits_for_tables),
    RUNNER_TEST(S2_load_waits_for_a_table),
    RUNNER_TEST(S2_fetch_waits_for_memory),
    RUNNER_TEST(S8_two_that_find_no_request),
    RUNNER_TEST(S8_store_runs_at_a_restart_of_many),
    RUNNER_TEST(S2_reply_waits_for_memory),
    RUNNER_TEST(S2_fault_waits_for_keepers_memory),
    RUNNER_TEST(S2_called_waits_for_a_table),
    RUNNER_TEST(F5_resident_without_a_table),
    RUNNER_TEST(D4_loan_waits_for_memory),
    RUNNER_TEST(S8_unread_waits_to_be_read),
    RUNNER_TEST(S8_callers_of_the_unread_are_told),
    RUNNER_TEST(D5_more_urgent_gets_the_memory_first),
    RUNNER_TEST(S2_no_memory_to_start),
    RUNNER_TEST(D8_no_memory_for_the_record),
    {NULL, NULL},
};
