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

const struct runner_test stale_tests[] = {
    RUNNER_TEST(S2_state_page_comes_back),
    {NULL, NULL},
};
