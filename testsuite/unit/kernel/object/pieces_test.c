/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The record of a snapshot is made in pieces after the instant that it is of
 * (D3, M6): whatever happens to its processes between two of them, it says what
 * they were then.
 */
#include "testsuite/unit/kernel/object/support.h"

#include <stdlib.h>

#include "kernel/abi/pager.h"
#include "kernel/abi/process.order.h"
#include "kernel/abi/snapshot.order.h"
#include "kernel/mem/cache.h"
#include "kernel/mem/epoch.h"
#include "kernel/mem/pager.h"

/* p and q are persistent; the others are not. */
static struct process p, q, store, out;

static struct record_entry made[2][RECORD_ENTRIES];

/* --- What may happen ------------------------------------------------------ */

static void
nothing(void)
{
}

static void
calls(void)
{
	(void)run_process(&p);
	make_available(&q, 0, 0, 0);
	p.slot[1] = start_cap(&q, 0);
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT(runs(&q));
}

static void
calls_outside(void)
{
	(void)run_process(&p);
	make_available(&out, 0, 0, 0);
	p.slot[1] = start_cap(&out, 0);
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT(runs(&out));
	CU_ASSERT(process_activity(&p)->flags & AF_OUTSIDE);
}

/* It is answered; what it had reserved goes with that. */
static void
is_answered(void)
{
	out.slot[1] = process_resume(&q, CK_RESUME, q.state->call_number);
	(void)run_process(&out);
	(void)invoke(control_make(INVOKE_SEND, 1), NULL);
	CU_ASSERT_EQUAL(q.state->state, PS_RUNNING);
}

static void
gets_notice(void)
{
	out.slot[1] = notice_cap(&p, 7);
	(void)run_process(&out);
	(void)invoke(control_make(INVOKE_SEND, 1), NULL);
	CU_ASSERT_EQUAL(out.state->regs.rdi, RC_OK);
}

/* From an interrupt, say: its process may be on disk. */
static void
gets_notice_from_below(void)
{
	CU_ASSERT_TRUE(notice_post(&(struct notice_binding){.bound = true,
	    .process = process_oid(&p),
	    .count   = p.header->count,
	    .bit     = 9}));
}

static void
has_notices_from_now(void)
{
	out.slot[1] = process_cap(&q);
	(void)run_process(&out);
	(void)invoke(control_make(INVOKE_CALL, 1),
	    (const uint64_t[]){PROCESS_MAKE_NOTICE, 3, 0, 0, 0});
	CU_ASSERT_EQUAL(out.state->regs.rdi, RC_OK);
	CU_ASSERT(process_activity(&q)->flags & AF_NOTICE);
}

static void
is_stopped(void)
{
	out.slot[1] = process_cap(&p);
	(void)run_process(&out);
	(void)invoke(control_make(INVOKE_CALL, 1),
	    (const uint64_t[]){PROCESS_STOP, 0, 0, 0, 0});
	CU_ASSERT_EQUAL(out.state->regs.rdi, RC_OK);
	CU_ASSERT_EQUAL(p.state->state, PS_AVAILABLE);
}

static void
is_destroyed(void)
{
	process_destroy(p.node, p.index);
	process_destroy(q.node, q.index);
}

static void
becomes_available(void)
{
	(void)run_process(&p);
	(void)invoke(control_make(INVOKE_RETURN, 0), NULL);
	CU_ASSERT_EQUAL(p.state->state, PS_AVAILABLE);
}

/* The activity of who takes the snapshot moves on to one that is persistent. */
static void
is_called_from_outside(void)
{
	make_available(&q, 0, 0, 0);
	store.slot[2] = start_cap(&q, 0);
	(void)invoke(control_make(INVOKE_RETURN, 2), NULL);
	CU_ASSERT_EQUAL(q.state->state, PS_RUNNING);
}

/* One that was made after it is no part of it. */
static void
starts(void)
{
	struct process more = make_process(SOURCE_PERSISTENT, 7);

	(void)run_process(&more);
}

/* A free activity takes part again at once. */
static void
comes_and_goes(void)
{
	is_destroyed();
	starts();
}

static void
resume_goes_out(void)
{
	q.slot[1] = process_resume(&p, CK_RESUME, p.state->call_number);
	(void)run_process(&q);
	make_available(&out, CONTROL_RECEIVE(0, 3), 0, 0);
	q.slot[2] = start_cap(&out, 0);
	(void)invoke(control_make(INVOKE_SEND, 2) | CONTROL_SEND(0, 1), NULL);
	CU_ASSERT(process_activity(&p)->flags & AF_OUTSIDE);
}

static void
is_sent_to(void)
{
	out.slot[1] = start_cap(&q, 0);
	(void)run_process(&out);
	(void)invoke(control_make(INVOKE_SEND, 1), NULL);
	CU_ASSERT_EQUAL(q.state->state, PS_RUNNING);
}

static void
is_started(void)
{
	out.slot[1] = process_cap(&q);
	(void)run_process(&out);
	(void)invoke(control_make(INVOKE_CALL, 1),
	    (const uint64_t[]){PROCESS_START, 0, 0, 0, 0});
	CU_ASSERT_EQUAL(out.state->regs.rdi, RC_OK);
}

/* Its notices come to its state page. */
static void
goes_on(void)
{
	(void)run_process(&store);
	(void)invoke(control_make(INVOKE_RETURN, 0), NULL);
	CU_ASSERT_EQUAL(process_activity(&p)->notices, 0);
}

/* The rest of the record of the last boot. */
static void
is_in_the_last_record(void)
{
	static struct record_entry page[RECORD_ENTRIES];

	page[0] = (struct record_entry){
	    .oid   = process_oid(&p).v,
	    .count = p.header->count,
	    .kind  = RECORD_RUNNING,
	    .a     = 64,
	};
	activity_unhash(process_activity(&p)); /* As if it had moved there. */
	restart_page(1, page);
	CU_ASSERT(process_activity(&p)->notices & 64);
}

/* As each of these does, whoever calls it. */
static void
is_released(void)
{
	activity_release(process_activity(&p), true);
}

static void
ends(void)
{
	activity_destroy(process_activity(&p));
}

static void
waits_outside(void)
{
	outside_wait(process_activity(&p), 5, 0);
}

static void
is_first(void)
{
	sched_ready_first(process_activity(&q));
}

/* --- What there was ------------------------------------------------------- */

static void
running(void)
{
	activity_hash(process_activity(&p));
	process_activity(&p)->flags |= AF_NOTICE;
	process_activity(&p)->notices = 2;
}

static void
with_notices(void)
{
	struct activity *a = activity_alloc(process_oid(&q), q.header->count);

	process_set_activity(&q, a);
	a->flags |= AF_NOTICE;
	activity_release(a, true);
	make_available(&q, 0, 0, 0);
	activity_hash(process_activity(&p));
	process_activity(&p)->flags |= AF_NOTICE;
	make_available(&p, 0, 0, 0);
	activity_release(process_activity(&p), true);
}

static void
q_waits_outside(void)
{
	make_available(&out, 0, 0, 0);
	q.slot[1] = start_cap(&out, 0);
	(void)run_process(&q);
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT_FATAL(process_activity(&q)->flags & AF_OUTSIDE);
}

static void
p_waits(void)
{
	make_available(&q, 0, 0, 0);
	p.slot[1] = start_cap(&q, 0);
	(void)run_process(&p);
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT_FATAL(runs(&q));
}

static void
available(void)
{
	make_available(&q, 0, 0, 0);
}

/* --- The two together ----------------------------------------------------- */

/* As the kernel does before it changes or loads a process. */
static void
write_again(struct process *w)
{
	cpu_enter();
	wait_set_process(false, true);
	if (process_prepare(w->node, w->index, w) != RC_OK)
		return; /* It is destroyed. */
	CU_ASSERT_EQUAL(process_prepare_write(w), RC_OK);
}

/* As if it had been read from disk, and written to in this epoch. */
static void
dirty(struct process *w)
{
	make_clean(w->node);
	make_clean(w->state_frame);
	write_again(w);
}

static void
start(void (*was)(void))
{
	start_machine();
	open_range(1000);
	p     = make_process(SOURCE_PERSISTENT, 1);
	q     = make_process(SOURCE_PERSISTENT, 2);
	store = make_process(SOURCE_EPHEMERAL, 3);
	out   = make_process(SOURCE_EPHEMERAL, 4);
	dirty(&p);
	dirty(&q);
	(void)run_process(&p);
	was();
	store.slot[1] = cap_make(CK_SNAPSHOT, 0, 0, 0, (oid){0});
	(void)run_process(&store);
}

static int
by_oid(const void *a, const void *b)
{
	const struct record_entry *x = a, *y = b;

	return x->oid < y->oid ? -1 : x->oid > y->oid;
}

static void
make(void (*was)(void), void (*happens)(void), struct record_entry *to)
{
	const uint32_t *frames;
	uint32_t        n;
	uint64_t        epoch;

	start(was);
	CU_ASSERT_EQUAL_FATAL(record_prepare(1), RC_OK);
	frames = record_frames(&n);
	CU_ASSERT_EQUAL_FATAL(n, 1);
	CU_ASSERT_EQUAL_FATAL(
	    epoch_snapshot(frames, n, cpu.call_number, &epoch), RC_OK);
	record_begin();
	map_unload();
	write_again(&p);
	write_again(&q);
	happens();
	CU_ASSERT_TRUE(record_is_open());
	CU_ASSERT_TRUE(record_go_on());
	CU_ASSERT_FALSE(record_is_open());
	epoch_recorded();
	memcpy(to, frame_data(&mem.frame[frames[0]]), PAGE_SIZE);
	CU_ASSERT_EQUAL(to[0].kind, RECORD_HEADER);
	to[0] = (struct record_entry){0};
	qsort(to, RECORD_ENTRIES, sizeof(*to), by_oid);
}

/* D3: the record is of one instant, whatever happens until it is complete. */
static void
D3_record_of_the_instant(void)
{
	static void (*const states[])(void) = {
	    running, with_notices, q_waits_outside, p_waits, available};
	static const struct {
		void (*happens)(void);
		unsigned in; /* A bit for each of the states. */
	} of[] = {
	    {calls, 1 | 4 | 16},
	    {calls_outside, 1 | 16},
	    {is_answered, 4},
	    {gets_notice, 1 | 2},
	    {gets_notice_from_below, 1 | 2 | 4 | 16},
	    {has_notices_from_now, 31},
	    {is_stopped, 1 | 16},
	    {is_destroyed, 31},
	    {becomes_available, 1 | 4 | 16},
	    {is_called_from_outside, 1 | 2 | 16},
	    {starts, 31},
	    {comes_and_goes, 31},
	    {resume_goes_out, 8},
	    {is_sent_to, 2 | 16},
	    {is_started, 2 | 16},
	    {goes_on, 1},
	    {is_in_the_last_record, 16},
	    {is_released, 1},
	    {ends, 1 | 2 | 4 | 16},
	    {waits_outside, 1 | 2},
	    {is_first, 2},
	};

	for (unsigned s = 0; s < sizeof(states) / sizeof(states[0]); s++) {
		make(states[s], nothing, made[0]);
		CU_ASSERT_NOT_EQUAL(made[0][RECORD_ENTRIES - 1].kind, 0);
		for (unsigned i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
			if ((of[i].in & 1u << s) == 0)
				continue;
			make(states[s], of[i].happens, made[1]);
			if (memcmp(made[0], made[1], sizeof(made[0])) != 0) {
				printf("state %u, event %u\n", s, i);
				CU_FAIL("the record says what was later");
			}
		}
	}
}

/*
 * D3: many are recorded in many pieces, and none of them is long; no process
 * that waits to be started (S2) is started meanwhile.
 */
static void
D3_record_in_pieces(void)
{
	enum { UNSTARTED = 2000 }; /* 16 frames, of which a piece makes 12. */
	static struct record_entry page[RECORD_ENTRIES];
	struct record_entry        e;
	unsigned                   pieces, unstarted;

	start(running);
	restart_begin(0, UNSTARTED / RECORD_ENTRIES + 1);
	for (unsigned i = 0; i < UNSTARTED; i++) {
		page[i % RECORD_ENTRIES] = (struct record_entry){
		    .oid = oid_make(frame_of(SOURCE_PERSISTENT, 2000 + i), 0).v,
		    .count = 1,
		    .kind  = RECORD_RUNNING,
		};
		if (i % RECORD_ENTRIES == RECORD_ENTRIES - 1 ||
		    i == UNSTARTED - 1) {
			restart_page(i / RECORD_ENTRIES, page);
			memset(page, 0, sizeof(page));
		}
	}
	restart_end();
	unstarted = restart_unstarted_count();
	CU_ASSERT(unstarted > UNSTARTED - ACTIVITIES);
	pieces = invoke_pieces(control_make(INVOKE_CALL, 1),
	    (const uint64_t[]){SNAPSHOT_TAKE, 0, 0, 0, 0});
	CU_ASSERT_EQUAL(store.state->regs.rdi, RC_OK);
	CU_ASSERT_EQUAL(store.state->regs.rsi, mem.epoch - 1);
	CU_ASSERT(pieces >= 3 + unstarted / 128);
	CU_ASSERT(pieces <= 5 + unstarted / 128);
	/* And again, as far as the instant. */
	start(running);
	restart_begin(0, 1);
	for (unsigned i = 0; i < RECORD_ENTRIES; i++)
		page[i] = (struct record_entry){
		    .oid = oid_make(frame_of(SOURCE_PERSISTENT, 2000 + i), 0).v,
		    .count = 1,
		    .kind  = RECORD_RUNNING,
		};
	restart_page(0, page);
	unstarted = restart_unstarted_count();
	CU_ASSERT_FATAL(unstarted > 0);
	CU_ASSERT_EQUAL(record_prepare(PAGER_RECORD_MAX), RC_OK);
	record_begin();
	for (unsigned i = 0; i < RECORD_ENTRIES; i++)
		if (activity_find((oid){page[i].oid}) != NULL)
			activity_destroy(activity_find((oid){page[i].oid}));
	restart_more();
	CU_ASSERT_EQUAL(restart_unstarted_count(), unstarted);
	while (!record_go_on())
		CU_ASSERT_TRUE(restart_unstarted(0, &e));
	restart_more();
	CU_ASSERT(restart_unstarted_count() < unstarted);
}

/*
 * D8: nothing of the frozen epoch is written, and so nothing committed, before
 * its record is complete; and another who asks completes it.
 */
static void
D8_no_commit_before_the_record(void)
{
	const uint64_t words[MESSAGE_WORDS] = {SNAPSHOT_TAKE};
	uint64_t       epoch;
	uint32_t       frozen;

	start(running);
	epoch = mem.epoch;
	(void)invoke(control_make(INVOKE_CALL, 1), words);
	CU_ASSERT_EQUAL(mem.epoch, epoch + 1);
	CU_ASSERT_TRUE(record_is_open());
	frozen = epoch_frozen()->count;
	CU_ASSERT(frozen > 1);
	clean_frozen();
	CU_ASSERT_EQUAL(epoch_frozen()->count, frozen);
	CU_ASSERT_TRUE(epoch_freezing());
	out.slot[1] = store.slot[1];
	(void)run_process(&out);
	(void)invoke(control_make(INVOKE_CALL, 1), words);
	CU_ASSERT_EQUAL(out.state->regs.rdi, RC_OK);
	CU_ASSERT_EQUAL(out.state->regs.rsi, epoch);
	CU_ASSERT_FALSE(record_is_open());
	clean_frozen();
	CU_ASSERT(epoch_frozen()->count < frozen);
	(void)invoke(control_make(INVOKE_CALL, 1), words);
	CU_ASSERT_EQUAL(out.state->regs.rdi, RC_BUSY);
	CU_ASSERT_EQUAL(mem.epoch, epoch + 1);
}

/*
 * D3: many whose turn it is, and who have to wait for their pages, are not all
 * looked at without a chance for an interrupt in between; nobody is forgotten.
 */
static void
D3_many_that_wait(void)
{
	enum { MANY = 30 };
	struct activity *a[MANY];
	unsigned         waiting = 0, before, chances = 0;
	enum fake_exit   left;

	start(available);
	for (unsigned i = 0; i < MANY; i++) {
		a[i] = activity_alloc(
		    oid_make(frame_of(SOURCE_PERSISTENT, 3000 + i), 0), 1);
		CU_ASSERT_PTR_NOT_NULL_FATAL(a[i]);
		a[i]->priority = PRIORITIES - 1;
		sched_ready(a[i]);
	}
	left = tick(store.state);
	while (waiting < MANY && chances < MANY) {
		before  = waiting;
		waiting = 0;
		for (unsigned i = 0; i < MANY; i++)
			waiting += a[i]->wait != WAIT_NONE;
		CU_ASSERT(waiting - before <= 4);
		if (left != FAKE_IDLE)
			break;
		chances++;
		left = tick(NULL);
	}
	CU_ASSERT_EQUAL(waiting, MANY);
	CU_ASSERT(chances >= MANY / 4);
	CU_ASSERT(runs(&p) || runs(&q) || runs(&store));
}

const struct runner_test pieces_tests[] = {
    RUNNER_TEST(D3_many_that_wait),
    RUNNER_TEST(D3_record_of_the_instant),
    RUNNER_TEST(D3_record_in_pieces),
    RUNNER_TEST(D8_no_commit_before_the_record),
    {NULL, NULL},
};
