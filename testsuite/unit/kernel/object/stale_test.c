/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is out of date must not mislead: resume capabilities that were answered,
 * state pages that were away, servers that are gone, translations of before.
 */
#include "testsuite/unit/kernel/object/support.h"

#include "kernel/mem/cache.h"
#include "kernel/mem/epoch.h"
#include "kernel/mem/request.h"

static struct process p, q, server;

static void
three(enum oid_source of_server)
{
	start_machine();
	p = make_process(SOURCE_PERSISTENT, 1);
	q = make_process(SOURCE_PERSISTENT, 2);
	server = make_process(of_server, 3);
	make_available(&server, CONTROL_RECEIVE(0, 5), 0, 0);
}

/* A state page comes back to the frame it had, fetched ahead by chance. */
static void
S2_state_page_comes_back(void)
{
	struct activity *a;
	struct process   again;

	three(SOURCE_EPHEMERAL);
	a = run_process(&p);
	activity_unhash(a); /* As after a call. */
	object_evicted(p.state_frame);
	p.state_frame->flags &= (uint16_t)~FF_FORCED;
	object_set_kind(p.state_frame, FK_STATE, p.state_frame->count);
	CU_ASSERT_EQUAL(process_prepare(p.node, 0, &again), RC_OK);
	CU_ASSERT_PTR_EQUAL(process_activity(&again), a);
}

/* S3: a resume capability that is answered already makes nobody wait. */
static void
S3_answered_resume_sent_outside(void)
{
	struct activity *a;
	uint32_t         nfree;

	three(SOURCE_EPHEMERAL);
	a = run_process(&p);
	activity_unhash(a);
	(void)run_process(&q);
	q.slot[1] = start_cap(&server, 0);
	q.slot[2] = cap_resume_make(CK_RESUME, 4711, process_oid(&p));
	nfree = activity_free_count();
	(void)invoke(control_make(INVOKE_SEND, 1) | CONTROL_SEND(0, 2), NULL);
	CU_ASSERT_EQUAL(server.slot[5].type, CK_RESUME);
	CU_ASSERT_PTR_EQUAL(process_activity(&p), a);
	CU_ASSERT_FALSE(a->flags & AF_OUTSIDE);
	CU_ASSERT_EQUAL(activity_free_count(), nfree - 1); /* The server's. */
}

/* S3: nor does it hide the one that is awaited. */
static void
S3_answered_resume_goes_first(void)
{
	struct activity *a;

	three(SOURCE_EPHEMERAL);
	a = activity_alloc(process_oid(&p), p.header->count);
	a->flags |= AF_NOTICE;
	process_set_activity(&p, a);
	p.state->state = PS_WAITING;
	p.state->call_number = 100;
	(void)run_process(&q);
	q.slot[1] = start_cap(&server, 0);
	q.slot[2] = cap_resume_make(CK_RESUME, 99, process_oid(&p));
	(void)invoke(control_make(INVOKE_SEND, 1) | CONTROL_SEND(0, 2), NULL);
	make_available(&server, CONTROL_RECEIVE(0, 5), 0, 0);
	activity_release(process_activity(&server), true);
	q.slot[2] = cap_resume_make(CK_RESUME, 100, process_oid(&p));
	(void)invoke(control_make(INVOKE_SEND, 1) | CONTROL_SEND(0, 2), NULL);
	CU_ASSERT(a->flags & AF_OUTSIDE);
	CU_ASSERT_EQUAL(a->call, 100);
}

/*
 * D5: a server that is waiting itself has no activity; when its frame is freed
 * without being fetched, those in its queue still learn it.
 */
static void
D5_absent_server_freed(void)
{
	struct frame *f = NULL;
	uint64_t      number;

	three(SOURCE_PERSISTENT);
	open_volume();
	server.state->state = PS_WAITING;
	p.slot[1] = start_cap(&server, 0);
	(void)run_process(&p);
	CU_ASSERT_EQUAL(invoke(control_make(INVOKE_CALL, 1), NULL), FAKE_IDLE);
	CU_ASSERT_EQUAL(process_activity(&p)->state, KA_STALLED);
	/* Its node is on disk; the store has told its count. */
	number = server.node->number;
	frame_unname(server.node);
	frame_name(server.node, frame_of(SOURCE_PERSISTENT, 5000));
	CU_ASSERT_EQUAL_FATAL(frame_alloc(CLASS_ANY, USE_OBJECT, &f), RC_OK);
	frame_name(f, number);
	f->kind = FK_COUNT;
	f->flags = FF_STAT;
	f->epoch = 0;
	age_add(f);
	(void)run_process(&q);
	q.slot[1] = cap_range_make(number, 1);
	(void)invoke(control_make(INVOKE_CALL, 1),
	    (const uint64_t[]){6 /* free */, 0, 0, 0, 0});
	CU_ASSERT_EQUAL(q.state->regs.rdi, RC_OK);
	CU_ASSERT_EQUAL(process_activity(&p)->state, KA_READY);
}

/* F5: a resident process's notice reaches one that is on disk. */
static void
F5_notice_to_the_absent(void)
{
	struct activity *a;

	three(SOURCE_EPHEMERAL);
	server.header->flags |= PF_RESIDENT;
	a = activity_alloc(process_oid(&p), p.header->count);
	a->flags |= AF_NOTICE | AF_AVAILABLE;
	process_set_activity(&p, a);
	make_available(&p, 0, 0, 0);
	server.slot[1] = notice_cap(&p, 7);
	(void)run_process(&server);
	frame_unname(p.node);
	frame_name(p.node, frame_of(SOURCE_PERSISTENT, 5000));
	(void)invoke(control_make(INVOKE_SEND, 1), NULL);
	CU_ASSERT_EQUAL(server.state->regs.rdi, RC_OK);
	CU_ASSERT_EQUAL(a->notices, UINT64_C(1) << 7);
	CU_ASSERT_EQUAL(a->state, KA_READY);
	/* One whose process is no more is void. */
	server.slot[1].count++;
	CU_ASSERT(invoke(control_make(INVOKE_SEND, 1), NULL) != FAKE_PANIC);
	CU_ASSERT(server.state->regs.rdi != RC_OK);
}

/* F10, D8: who takes a snapshot does not write on through its own tables. */
static void
F10_snapshot_of_the_loaded(void)
{
	struct map_space space;
	struct map_fault fault;
	struct cap       c;

	three(SOURCE_EPHEMERAL);
	open_volume();
	c = frame_nodes(p.node)->slot[1][0];
	frame_nodes(server.node)->slot[1][0] = c; /* A persistent page. */
	server.slot[1] = cap_make(CK_SNAPSHOT, 0, 0, 0, (oid){0});
	(void)run_process(&server);
	space = process_space(&server);
	CU_ASSERT_EQUAL(map_serve(&space, 0, ACCESS_WRITE, &fault), RC_OK);
	CU_ASSERT_FALSE(fake_touch(0, ACCESS_WRITE).fault);
	(void)invoke_pieces(control_make(INVOKE_CALL, 1),
	    (const uint64_t[]){1 /* take */, 0, 0, 0, 0});
	CU_ASSERT_EQUAL(server.state->regs.rdi, RC_OK);
	CU_ASSERT(runs(&server));
	CU_ASSERT(fake_touch(0, ACCESS_WRITE).fault);
}

const struct runner_test stale_tests[] = {
    RUNNER_TEST(S2_state_page_comes_back),
    RUNNER_TEST(S3_answered_resume_sent_outside),
    RUNNER_TEST(S3_answered_resume_goes_first),
    RUNNER_TEST(D5_absent_server_freed),
    RUNNER_TEST(F5_notice_to_the_absent),
    RUNNER_TEST(F10_snapshot_of_the_loaded),
    {NULL, NULL},
};
