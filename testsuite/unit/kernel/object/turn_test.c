/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whose turn it is: activities of what does not run, and reserves. A turn at
 * the expense of a reserve is charged from the dispatcher on.
 */
#include "testsuite/unit/kernel/object/support.h"

#include "kernel/mem/cache.h"
#include "kernel/mem/epoch.h"
#include "kernel/object/known.h"
#include "kernel/object/token.h"

enum { MS = 1000000, HIGH = PRIORITY + 4 };

static struct process p, q, r;

static void
three(void)
{
	start_machine();
	p = make_process(SOURCE_EPHEMERAL, 1);
	q = make_process(SOURCE_EPHEMERAL, 2);
	r = make_process(SOURCE_EPHEMERAL, 3);
}

static struct activity *
give_activity(const struct process *of)
{
	struct activity *a =
	    activity_alloc(process_oid(of), of->header->count);

	CU_ASSERT_PTR_NOT_NULL_FATAL(a);
	process_set_activity(of, a);
	return a;
}

static enum fake_exit
wait_for(oid process)
{
	CU_ASSERT_EQUAL(wait_on(WAIT_PROCESS, process.v), ST_WAIT);
	cpu.current->state->regs.trap = TRAP_INTERRUPT;
	return FAKE_LEAVES(cpu_wait());
}

/* S2, D5: what is no process never runs; who waited for it runs again. */
static void
S2_activity_of_no_process(void)
{
	for (unsigned how = 0; how < 3; how++) {
		struct frame    *f;
		struct activity *a;
		oid              id;

		three();
		f = make_node_frame(900);
		id = oid_make(f->number, 0); /* A data node. */
		if (how == 1)
			id = oid_make(p.state_frame->number, 0);
		if (how == 2)
			id = oid_make(f->number, FRAME_NODES);
		run_process(&q);
		CU_ASSERT_EQUAL(wait_for(id), FAKE_IDLE);
		a = activity_alloc(id, 0);
		CU_ASSERT_PTR_NOT_NULL_FATAL(a);
		a->count = frame_nodes(f)->node[0].count;
		sched_ready(a);
		(void)dispatch();
		CU_ASSERT(runs(&q));
		CU_ASSERT_EQUAL(activity_free_count(), ACTIVITIES - 1);
	}
}

/* S2: nor does another that has its node now, also if that one is known. */
static void
S2_stale_activity_of_a_known_one(void)
{
	struct activity *a;

	three();
	p.state->state = PS_RUNNING;
	p.state_frame->flags |= FF_FORCED;
	CU_ASSERT_PTR_NOT_NULL(known_look(process_oid(&p)));
	a = activity_alloc(process_oid(&p), p.header->count + 1);
	sched_ready(a);
	CU_ASSERT_EQUAL(dispatch(), FAKE_IDLE);
	CU_ASSERT_EQUAL(fake.loads, 0);
	CU_ASSERT_EQUAL(activity_free_count(), ACTIVITIES);
}

/*
 * One whose turn comes, and who has nothing to run for, gives its activity
 * back; if it is available, who waits to call it is woken (D5).
 */
static void
ready_for_nothing(void)
{
	for (unsigned how = 0; how < 4; how++) {
		const bool available = how < 2, is_known = how % 2 == 0;

		three();
		make_available(&p, 0, 0, 0);
		if (!available)
			p.state->state = PS_WAITING;
		run_process(&q);
		(void)wait_for(process_oid(&p));
		if (is_known)
			CU_ASSERT_PTR_NOT_NULL(known_look(process_oid(&p)));
		sched_ready(give_activity(&p));
		CU_ASSERT_EQUAL(
		    dispatch() == FAKE_IDLE, !available);
		CU_ASSERT_EQUAL(runs(&q), available);
		CU_ASSERT_EQUAL(activity_free_count(), ACTIVITIES - 1);
		CU_ASSERT_EQUAL(
		    p.state->state, available ? PS_AVAILABLE : PS_WAITING);
	}
}

/* Notices of one that runs wait in its state page until it is available. */
static void
notices_of_a_running_one(void)
{
	for (unsigned is_known = 0; is_known < 2; is_known++) {
		struct activity *a;

		three();
		p.state->state = PS_RUNNING;
		p.state->notices = 1;
		p.state_frame->flags |= FF_FORCED;
		a = give_activity(&p);
		a->notices = 2;
		CU_ASSERT_EQUAL_FATAL(process_load(&p, a), RC_OK);
		process_unload();
		if (!is_known)
			known_forget(&p);
		sched_ready(a);
		(void)dispatch();
		CU_ASSERT(runs(&p));
		CU_ASSERT_EQUAL(p.state->notices, 3);
		CU_ASSERT_EQUAL(a->notices, 0);
		CU_ASSERT_EQUAL(a->priority, PRIORITY);
		(void)invoke(control_make(INVOKE_RETURN, 0), NULL);
		CU_ASSERT(runs(&p));
		CU_ASSERT_EQUAL(p.state->regs.rsi, 3);
	}
}

/* S2: the idle CPU starts what found no activity at the restart. */
static void
S2_idle_starts_the_rest(void)
{
	static struct record_entry page[RECORD_ENTRIES];
	struct activity           *others[ACTIVITIES];

	start_machine();
	p = make_process(SOURCE_PERSISTENT, 1);
	p.state->state = PS_RUNNING;
	for (unsigned i = 0; i < ACTIVITIES; i++)
		others[i] = activity_alloc((oid){0x1000 + i}, 1);
	page[0] = (struct record_entry){
	    .oid = process_oid(&p).v,
	    .count = p.header->count,
	    .kind = RECORD_RUNNING,
	};
	restart_begin(0, 1);
	restart_page(0, page);
	restart_end();
	CU_ASSERT_EQUAL(dispatch(), FAKE_IDLE);
	for (unsigned i = 0; i < ACTIVITIES / 8; i++)
		activity_destroy(others[i]);
	(void)dispatch();
	CU_ASSERT(runs(&p));
	CU_ASSERT_EQUAL(cpu.activity->priority, PRIORITY); /* The record has none. */
}

/* --- Reserves --------------------------------------------------------------- */

static uint32_t
reserve_for(struct process *of, unsigned period)
{
	struct cap schedule = cap_make(CK_SCHEDULE, 0, PRIORITY, 0, (oid){0});
	uint32_t   id = 0;

	CU_ASSERT_EQUAL_FATAL(
	    reserve_make((uint64_t)period * MS, MS, &id), RC_OK);
	schedule.count = id;
	process_put(of, SLOT_SCHEDULE, &schedule);
	return id;
}

/* It runs, chosen by the dispatcher. */
static void
choose(struct process *of)
{
	struct activity *a = process_activity(of);

	if (a == NULL)
		a = give_activity(of);
	of->state->state = PS_RUNNING;
	of->state_frame->flags |= FF_FORCED;
	sched_set_priority(a, PRIORITY, process_reserve(of));
	sched_ready(a);
	(void)dispatch();
}

static void
make_ready(struct process *of, unsigned priority)
{
	struct activity *a = give_activity(of);

	of->state->state = PS_RUNNING;
	if (process_reserve(of) == 0)
		of->slot[SLOT_SCHEDULE].data = (uint16_t)priority;
	sched_set_priority(a, priority, process_reserve(of));
	sched_ready(a);
}

static void
interrupt(void)
{
	(void)FAKE_LEAVES(entry_interrupt(cpu.current->state, 0));
}

/* A reserve with budget comes before any priority. */
static void
reserve_before_priority(void)
{
	uint32_t id;

	three();
	id = reserve_for(&p, 10);
	choose(&p);
	CU_ASSERT(runs(&p));
	CU_ASSERT_EQUAL(reserves.running, reserve_number(id));
	make_ready(&q, HIGH);
	interrupt();
	CU_ASSERT(runs(&p));
	CU_ASSERT_EQUAL(cpu.slice_end, UINT64_MAX); /* No turns with that. */
	/* Its budget used up, it is what its priority says. */
	fake.now += 2 * MS;
	(void)tick(p.state);
	CU_ASSERT(runs(&q));
	CU_ASSERT_EQUAL(reserves.running, 0);
	CU_ASSERT_EQUAL(reserve_at(reserve_number(id))->exhausted, 1);
}

/* Among reserves the earlier deadline goes first; the later waits its turn. */
static void
reserve_deadlines(void)
{
	for (unsigned earlier = 0; earlier < 2; earlier++) {
		uint64_t end;

		three();
		(void)reserve_for(&p, 20);
		choose(&p);
		CU_ASSERT_FATAL(runs(&p));
		(void)reserve_for(&q, earlier ? 10 : 40);
		make_ready(&q, PRIORITY);
		interrupt();
		CU_ASSERT_EQUAL(runs(&q), earlier);
		CU_ASSERT_EQUAL(runs(&p), !earlier);
		if (earlier)
			continue;
		/* It has company at its level now: a turn, and one only. */
		end = cpu.slice_end;
		CU_ASSERT_NOT_EQUAL(end, UINT64_MAX);
		fake.now += MS / 4;
		interrupt();
		CU_ASSERT(runs(&p));
		CU_ASSERT_EQUAL(cpu.slice_end, end);
	}
	/* Chosen with company, it has a turn from the start. */
	three();
	(void)reserve_for(&q, 40);
	make_ready(&q, PRIORITY);
	(void)reserve_for(&p, 20);
	choose(&p);
	CU_ASSERT(runs(&p));
	CU_ASSERT_NOT_EQUAL(cpu.slice_end, UINT64_MAX);
}

/* What it used is charged when it stops, and its server runs on its own. */
static void
reserve_is_charged(void)
{
	uint32_t id;

	three();
	make_available(&q, CONTROL_RECEIVE(3, 4), 0, 0);
	p.slot[1] = start_cap(&q, 0);
	id = reserve_for(&p, 10);
	choose(&p);
	fake.now += MS / 2;
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT(runs(&q));
	CU_ASSERT_EQUAL(reserves.running, 0);
	CU_ASSERT_EQUAL(reserve_at(reserve_number(id))->used, MS / 2);
	fake.now += MS / 4;
	(void)invoke(control_make(INVOKE_RETURN, 4), NULL);
	CU_ASSERT(runs(&p));
	CU_ASSERT_EQUAL(reserve_at(reserve_number(id))->used, MS / 2);
	/* A server with a reserve is charged for its own work. */
	three();
	make_available(&q, CONTROL_RECEIVE(3, 4), 0, 0);
	p.slot[1] = start_cap(&q, 0);
	id = reserve_for(&q, 10);
	run_process(&p);
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT(runs(&q));
	CU_ASSERT_EQUAL(reserves.running, reserve_number(id));
}

/* F5: one resident process waits for another that is busy. */
static void
F5_resident_waits_for_resident(void)
{
	three();
	p.header->flags |= PF_RESIDENT;
	q.header->flags |= PF_RESIDENT;
	q.state->state = PS_WAITING;
	p.slot[1] = start_cap(&q, 0);
	run_process(&p);
	CU_ASSERT_EQUAL(invoke(control_make(INVOKE_CALL, 1), NULL), FAKE_IDLE);
	CU_ASSERT_EQUAL(process_activity(&p)->state, KA_STALLED);
	make_available(&q, CONTROL_RECEIVE(3, 4), 0, 0);
	wait_wake_one(WAIT_PROCESS, process_oid(&q).v);
	(void)dispatch();
	p.state->regs.rip += 2;
	p.state->regs.trap = TRAP_SYSCALL;
	(void)reenter(p.state);
	CU_ASSERT(runs(&q));
}

/* S12: a holder that is stopped, or became another's activity, has it no more. */
static void
S12_token_of_who_is_gone(void)
{
	for (unsigned how = 0; how < 2; how++) {
		struct activity *a;
		uint32_t         entry;

		three();
		a = give_activity(&p);
		a->state = KA_RUNNING;
		a->retries = TOKEN_RETRIES;
		token_enter(a);
		CU_ASSERT_NOT_EQUAL(mem.token, TOKEN_NONE);
		cpu_enter();
		CU_ASSERT_EQUAL(mem.entry, mem.token); /* It stands still. */
		if (how == 0) {
			a->flags |= AF_NOTICE; /* It keeps its activity. */
			activity_release(a, true);
		} else {
			activity_move(a, process_oid(&r), r.header->count);
			a->retries = TOKEN_RETRIES;
		}
		cpu_enter();
		token_enter(give_activity(&q));
		CU_ASSERT_EQUAL(mem.token, TOKEN_NONE);
		entry = mem.entry;
		cpu_enter();
		CU_ASSERT_EQUAL(mem.entry, entry + 2);
	}
}

/* S12: each kind of wait for memory is a retry, a wait for others is none. */
static void
S12_what_is_a_retry(void)
{
	static const struct {
		enum wait_kind kind;
		bool           counts;
	} of[] = {
	    {WAIT_FRAME, true},
	    {WAIT_IO, true},
	    {WAIT_MEMORY, true},
	    {WAIT_CREDIT, true},
	    {WAIT_PROCESS, false},
	    {WAIT_COMMIT, false},
	};

	for (unsigned i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		three();
		run_process(&p)->retries = 3;
		p.state->regs.trap = TRAP_SYSCALL;
		CU_ASSERT_EQUAL(wait_on(of[i].kind, 1), ST_WAIT);
		CU_ASSERT_EQUAL(FAKE_LEAVES(cpu_wait()), FAKE_IDLE);
		CU_ASSERT_EQUAL(process_activity(&p)->retries,
		    of[i].counts ? 4 : 0);
	}
}

const struct runner_test turn_tests[] = {
    RUNNER_TEST(S2_activity_of_no_process),
    RUNNER_TEST(S2_stale_activity_of_a_known_one),
    RUNNER_TEST(ready_for_nothing),
    RUNNER_TEST(notices_of_a_running_one),
    RUNNER_TEST(S2_idle_starts_the_rest),
    RUNNER_TEST(reserve_before_priority),
    RUNNER_TEST(reserve_deadlines),
    RUNNER_TEST(reserve_is_charged),
    RUNNER_TEST(F5_resident_waits_for_resident),
    RUNNER_TEST(S12_token_of_who_is_gone),
    RUNNER_TEST(S12_what_is_a_retry),
    {NULL, NULL},
};
