/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is out of date must not mislead: resume capabilities that were answered,
 * state pages that were away, servers that are gone, translations of before.
 */
#include "testsuite/unit/kernel/object/support.h"

#include "kernel/mem/cache.h"

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

const struct runner_test stale_tests[] = {
    RUNNER_TEST(S2_state_page_comes_back),
    RUNNER_TEST(S3_answered_resume_sent_outside),
    RUNNER_TEST(S3_answered_resume_goes_first),
    {NULL, NULL},
};
