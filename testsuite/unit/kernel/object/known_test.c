/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is known of a process is forgotten with each event that makes it
 * untrue: the fast path must not be taken then.
 */
#include "kernel/object/known.h"
#include "kernel/abi/process.order.h"
#include "kernel/mem/cache.h"
#include "kernel/mem/epoch.h"
#include "kernel/mem/request.h"
#include "testsuite/unit/kernel/object/support.h"

static struct process client, server;

static uint64_t
fast(void)
{
	return cpu.counters.fast_calls;
}

static void
round_trip(void)
{
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT_FATAL(runs(&server));
	(void)invoke(control_make(INVOKE_RETURN, 4) | CONTROL_RECEIVE(3, 4),
	    NULL);
	CU_ASSERT_FATAL(runs(&client));
}

/* A client and a server that know each other. */
static void
acquainted(enum oid_source source, uint64_t of_server)
{
	uint64_t before;

	start_machine();
	client = make_process(source, 1);
	server = make_process(source, of_server);
	make_available(&server, CONTROL_RECEIVE(3, 4), 0, STRING_MAX);
	client.slot[1] = start_cap(&server, 0x77);
	client.slot[2] = process_cap(&server);
	run_process(&client);
	round_trip();
	before = fast();
	round_trip();
	CU_ASSERT_EQUAL(fast(), before + 2);
	CU_ASSERT_TRUE(known_ok(known_of(cpu.current)));
}

/* F3: what set_registers has left is forced before it is loaded. */
static void
F3_known_not_forced(void)
{
	struct {
		struct registers regs;
		uint64_t         fs_base, gs_base;
	} set = {0};
	uint64_t before;

	acquainted(SOURCE_EPHEMERAL, 2);
	set.regs        = server.state->regs;
	set.regs.rflags = UINT64_MAX;
	memcpy(page_of(&client, 0), &set, sizeof(set));
	(void)invoke_string(control_make(INVOKE_CALL, 2),
	    PROCESS_SET_REGISTERS, 0, sizeof(set));
	CU_ASSERT_EQUAL(client.state->regs.rdi, RC_OK);
	CU_ASSERT_PTR_NULL(known_look(process_oid(&server)));
	before = fast();
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT(runs(&server));
	CU_ASSERT_EQUAL(fast(), before);
	CU_ASSERT_NOT_EQUAL(server.state->regs.rflags, UINT64_MAX);
}

/* F3: one that was destroyed is void, whatever is in its frames now. */
static void
F3_known_destroyed(void)
{
	acquainted(SOURCE_EPHEMERAL, 2);
	process_destroy(server.node, 0);
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT(runs(&client));
	CU_ASSERT_EQUAL(client.state->regs.rdi, RC_VOID);
}

/* F3: its successor in the same node is another process. */
static void
F3_known_successor(void)
{
	const struct cap old = (acquainted(SOURCE_EPHEMERAL, 2),
	    start_cap(&server, 0));
	struct ref       node = {
		  .kind = CK_NODE, .frame = server.node, .index = 0};
	struct ref page = {
	    .kind = CK_PAGE, .frame = server.state_frame, .index = 7};

	process_destroy(server.node, 0);
	(void)process_make(&node, &page);
	CU_ASSERT_EQUAL_FATAL(process_prepare(node.frame, 0, &server), RC_OK);
	make_available(&server, 0, 0, 0);
	client.slot[1] = old;
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT(runs(&client));
	CU_ASSERT_EQUAL(client.state->regs.rdi, RC_VOID);
}

/* F4: after a snapshot nobody's frames may be written, nor he be loaded. */
static void
F4_known_of_last_epoch(void)
{
	struct known *k;
	uint64_t      epoch;

	acquainted(SOURCE_PERSISTENT, 2);
	open_volume();
	k = known_at(process_oid(&server).v);
	CU_ASSERT_TRUE(known_holds(k, process_oid(&server).v));
	CU_ASSERT_EQUAL(epoch_snapshot(NULL, 0, 1, &epoch), RC_OK);
	CU_ASSERT_FALSE(known_holds(k, process_oid(&server).v));
	CU_ASSERT_PTR_NULL(known_look(process_oid(&server)));
}

/* F4: nor those of one frame that is away, or has another number. */
static void
F4_known_gone(void)
{
	acquainted(SOURCE_PERSISTENT, 2);
	frame_unname(server.node);
	CU_ASSERT_FALSE(known_holds(
	    known_at(process_oid(&client).v), process_oid(&client).v));
	CU_ASSERT_PTR_NULL(known_look(process_oid(&server)));
}

/* The loaded process's place is not given to a target that wants the same. */
static void
F4_known_place_taken(void)
{
	uint64_t other = 2, before;

	start_machine();
	client = make_process(SOURCE_EPHEMERAL, 1);
	while (known_at(oid_make(frame_of(SOURCE_EPHEMERAL, other * 64), 0)
			    .v) != known_at(process_oid(&client).v))
		other++;
	server = make_process(SOURCE_EPHEMERAL, other);
	make_available(&server, CONTROL_RECEIVE(3, 4), 0, 0);
	client.slot[1] = start_cap(&server, 0);
	run_process(&client);
	before = fast();
	for (unsigned i = 0; i < 3; i++) {
		round_trip();
		CU_ASSERT(process_oid(cpu.current).v == process_oid(&client).v);
	}
	CU_ASSERT_EQUAL(fast(), before);
}

/* A new priority holds for the next call. */
static void
known_priority(void)
{
	struct cap schedule =
	    cap_make(CK_SCHEDULE, 0, PRIORITY + 2, 0, (oid){0});

	acquainted(SOURCE_EPHEMERAL, 2);
	process_put(&server, SLOT_SCHEDULE, &schedule);
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT(runs(&server));
	CU_ASSERT_EQUAL(cpu.activity->priority, PRIORITY + 2);
}

/* A server that is stopped or waits itself is not called, known or not. */
static void
known_not_available(void)
{
	acquainted(SOURCE_EPHEMERAL, 2);
	server.state->state = PS_WAITING;
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT_FALSE(runs(&server));
	CU_ASSERT_EQUAL(client.state->state, PS_RUNNING);
}

/* One that gives itself a reserve does not take it along on the fast path. */
static void
known_own_reserve(void)
{
	struct cap schedule =
	    cap_make(CK_SCHEDULE, 0, PRIORITY, 0, (oid){0});
	uint64_t before;
	uint32_t id = 0;

	acquainted(SOURCE_EPHEMERAL, 2);
	CU_ASSERT_EQUAL_FATAL(reserve_make(10000000, 1000000, &id), RC_OK);
	schedule.count = id;
	process_put(&client, SLOT_SCHEDULE, &schedule);
	CU_ASSERT_EQUAL(cpu.activity->reserve, id);
	before = fast();
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT(runs(&server));
	CU_ASSERT_EQUAL(fast(), before);
	CU_ASSERT_EQUAL(cpu.activity->reserve, 0);
	/* And it has it again with the answer. */
	(void)invoke(control_make(INVOKE_RETURN, 4) | CONTROL_RECEIVE(3, 4),
	    NULL);
	CU_ASSERT(runs(&client));
	CU_ASSERT_EQUAL(cpu.activity->reserve, id);
}

/* D4: who was lent a page is not run without it, whoever looked at it since. */
static void
D4_known_lent(void)
{
	struct activity *a;

	acquainted(SOURCE_EPHEMERAL, 2);
	a = activity_alloc(process_oid(&server), server.header->count);
	CU_ASSERT_PTR_NOT_NULL_FATAL(a);
	process_set_activity(&server, a);
	server.state->state = PS_RUNNING;
	server.state_frame->flags |= FF_LENT;
	known_forget(&server);
	(void)known_look(process_oid(&server));
	CU_ASSERT_FALSE(known_holds(
	    known_at(process_oid(&server).v), process_oid(&server).v));
	CU_ASSERT_FALSE(process_load_known(a));
}

const struct runner_test known_tests[] = {
    RUNNER_TEST(F3_known_not_forced),
    RUNNER_TEST(F3_known_destroyed),
    RUNNER_TEST(F3_known_successor),
    RUNNER_TEST(F4_known_of_last_epoch),
    RUNNER_TEST(F4_known_gone),
    RUNNER_TEST(F4_known_place_taken),
    RUNNER_TEST(known_priority),
    RUNNER_TEST(known_own_reserve),
    RUNNER_TEST(D4_known_lent),
    RUNNER_TEST(known_not_available),
    {NULL, NULL},
};
