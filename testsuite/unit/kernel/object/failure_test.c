/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Failures: the n-th thing an invocation needs cannot be had now. Nothing may
 * have changed then, and when it can be had the same instruction, run again,
 * does what it would have done.
 */
#include "testsuite/unit/kernel/object/support.h"

#include "kernel/mem/cache.h"
#include "kernel/object/token.h"

static struct process client, server;

enum { BYTES = 9000, AT = 100 };

static void
two(void)
{
	start_machine();
	client = make_process(SOURCE_EPHEMERAL, 1);
	server = make_process(SOURCE_EPHEMERAL, 2);
	make_available(&server, CONTROL_RECEIVE(0, 3) | CONTROL_RECEIVE(3, 4),
	    AT, STRING_MAX);
	client.slot[1] = start_cap(&server, 1);
	client.slot[2] = cap_number_make(8, 0);
	for (unsigned i = 0; i < 3; i++)
		memset(page_of(&client, i), 0x30 + (int)i, PAGE_SIZE);
	run_process(&client);
}

/* Hints may have been refreshed, and mean nothing (M1). */
static bool
same_slots(const struct cap *a, const struct cap *b)
{
	for (unsigned i = 0; i < NODE_SLOTS; i++)
		if (a[i].type != b[i].type || a[i].count != b[i].count ||
		    ((a[i].word ^ b[i].word) & OID_MASK) != 0)
			return false;
	return true;
}

/* Once it can be had: wake, dispatch, and run the instruction again. */
static void
again(uint64_t control)
{
	struct state_page *s = client.state;

	fail_wake();
	(void)dispatch();
	CU_ASSERT(runs(&client));
	CU_ASSERT_EQUAL(s->regs.rip, 0x1000);
	CU_ASSERT_EQUAL(s->regs.rax, control);
	CU_ASSERT_EQUAL(s->regs.trap, TRAP_INTERRUPT); /* rcx and r11, too. */
	s->regs.rip += 2;
	s->regs.trap = TRAP_SYSCALL;
	(void)reenter(s);
}

/* Invoke with the n-th need failing, for each n until none does. */
static void
loop(enum invoke_kind kind, uint32_t bytes)
{
	const uint64_t control = control_make(kind, 1) | CONTROL_SEND(0, 2);

	for (unsigned n = 1;; n++) {
		struct state_page before;
		struct cap        slots[NODE_SLOTS];
		bool              fired;

		two();
		before = *server.state;
		memcpy(slots, server.slot, sizeof(slots));
		fail_nth(n);
		(void)invoke_string(control, 5, AT, bytes);
		fired = fail_fired();
		if (fired) {
			CU_ASSERT_EQUAL(client.state->state, PS_RUNNING);
			CU_ASSERT_EQUAL(
			    memcmp(&before, server.state, sizeof(before)), 0);
			CU_ASSERT(same_slots(slots, server.slot));
			CU_ASSERT_EQUAL(page_of(&server, 0)[AT], 0);
			again(control);
		}
		CU_ASSERT_EQUAL(server.state->state, PS_RUNNING);
		CU_ASSERT_EQUAL(server.state->regs.rdi, 5);
		CU_ASSERT_EQUAL(server.slot[3].type, CK_NUMBER);
		CU_ASSERT_EQUAL(server.state->regs.rax >> RESULT_LENGTH_SHIFT &
			RESULT_LENGTH_MASK,
		    bytes);
		CU_ASSERT(bytes == 0 || page_of(&server, 0)[AT] == 0x30);
		if (!fired) {
			CU_ASSERT(n > 1); /* At least one was tried. */
			return;
		}
	}
}

static void
failure_changes_nothing_call(void)
{
	loop(INVOKE_CALL, BYTES);
}

static void
failure_changes_nothing_return(void)
{
	loop(INVOKE_RETURN, BYTES);
}

/* S2: a send may also wait for an activity. */
static void
failure_changes_nothing_send(void)
{
	loop(INVOKE_SEND, BYTES);
	loop(INVOKE_SEND, 0);
}

/* The same for an order of the kernel with a string each way. */
static void
failure_changes_nothing_kernel(void)
{
	for (unsigned n = 1;; n++) {
		const uint64_t control = control_make(INVOKE_CALL, 5);
		struct frame  *f;
		bool           fired;

		two();
		f = frame_find(
		    oid_frame(cap_oid(&frame_nodes(server.node)->slot[1][7])));
		client.slot[5] = cap_make(CK_PAGE, 0, 0, f->count,
		    oid_make(f->number, OID_INDEX_FRAME));
		client.state->regs.rsi = 0; /* page.write, offset 0 */
		fail_nth(n);
		(void)invoke_string(control, 3, AT, 200);
		fired = fail_fired();
		if (fired) {
			CU_ASSERT_EQUAL(page_of(&server, 7)[0], 0);
			again(control);
		}
		CU_ASSERT(runs(&client));
		CU_ASSERT_EQUAL(client.state->regs.rdi, RC_OK);
		CU_ASSERT_EQUAL(page_of(&server, 7)[199], 0x30);
		CU_ASSERT_EQUAL(page_of(&server, 7)[200], 0);
		if (!fired) {
			CU_ASSERT(n > 1);
			return;
		}
	}
}

/* As if it had been read from disk and were not in use. */
static void
make_evictable(struct process *of, unsigned page)
{
	make_clean(frame_find(
	    oid_frame(cap_oid(&frame_nodes(of->node)->slot[1][page]))));
}

/* Is page i still there, when memory is wanted by all? */
static bool
survives(struct process *of, unsigned page)
{
	const uint64_t number = oid_frame(
	    cap_oid(&frame_nodes(of->node)->slot[1][page]));

	for (unsigned i = 0; i < 200; i++) {
		cpu_enter();
		(void)age_evict(CLASS_ANY);
	}
	return frame_find(number) != NULL;
}

/*
 * S12: what an invocation prepares can be evicted while it waits for the rest;
 * but after 8 retries it stays, until the invocation is over.
 */
static void
S12_progress_token(void)
{
	const uint64_t control = control_make(INVOKE_CALL, 1);

	for (unsigned retries = 7; retries <= 8; retries++) {
		start_machine();
		client = make_process(SOURCE_PERSISTENT, 1);
		server = make_process(SOURCE_PERSISTENT, 2);
		make_available(&server, 0, AT, STRING_MAX);
		client.slot[1] = start_cap(&server, 1);
		for (unsigned i = 0; i < 3; i++)
			make_evictable(&client, i);
		run_process(&client)->retries = (uint8_t)retries;
		token_enter(process_activity(&client));
		fail_nth(5); /* The second page of the string. */
		(void)invoke_string(control, 5, AT, BYTES);
		CU_ASSERT(fail_fired());
		CU_ASSERT_EQUAL(process_activity(&client)->retries, retries + 1);
		CU_ASSERT_EQUAL(survives(&client, 0), retries == 8);
		CU_ASSERT_FALSE(survives(&client, 2)); /* Not looked at yet. */
	}
	/* It goes on, and what it held may go. */
	fail_nth(2);
	again(control);
	CU_ASSERT(fail_fired());
	CU_ASSERT(survives(&client, 0));
	CU_ASSERT_EQUAL(mem.token != TOKEN_NONE, true);
	process_activity(&client)->retries = 0; /* As when it is over. */
	fail_wake();
	(void)dispatch();
	CU_ASSERT_EQUAL(mem.token, TOKEN_NONE);
	CU_ASSERT_FALSE(survives(&client, 0));
}

static enum fake_exit
wait_here(void)
{
	CU_ASSERT_EQUAL(wait_on(WAIT_IO, FAIL_KEY), ST_WAIT);
	return FAKE_LEAVES(cpu_wait());
}

/* S12: there is one token; who waits for a process gives it back. */
static void
S12_one_token(void)
{
	struct activity *a;

	two();
	a = run_process(&client);
	a->retries = 8;
	server.state->state = PS_WAITING;
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT_EQUAL(a->state, KA_STALLED);
	CU_ASSERT_EQUAL(a->retries, 0);
	(void)dispatch();
	cpu_enter();
	token_enter(a);
	CU_ASSERT_EQUAL(mem.token, TOKEN_NONE);
	/* A fault is no retry. */
	two();
	a = run_process(&client);
	client.state->regs.trap = TRAP_INTERRUPT;
	CU_ASSERT_EQUAL(wait_here(), FAKE_IDLE);
	CU_ASSERT_EQUAL(process_activity(&client)->retries, 0);
	/* A second one does not get it. */
	two();
	a = run_process(&client);
	a->retries = 8;
	token_enter(a);
	CU_ASSERT_EQUAL(mem.token, mem.entry);
	cpu_enter();
	a = run_process(&server);
	a->retries = 8;
	token_enter(a);
	CU_ASSERT(mem.token != mem.entry);
}

const struct runner_test failure_tests[] = {
    RUNNER_TEST(failure_changes_nothing_call),
    RUNNER_TEST(failure_changes_nothing_return),
    RUNNER_TEST(failure_changes_nothing_send),
    RUNNER_TEST(failure_changes_nothing_kernel),
    RUNNER_TEST(S12_progress_token),
    RUNNER_TEST(S12_one_token),
    {NULL, NULL},
};
