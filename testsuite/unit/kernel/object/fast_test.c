/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fast path of call and return against the general one: whatever is sent,
 * and whoever has which activity, both leave the same behind.
 */
#include "kernel/object/known.h"
#include "testsuite/unit/kernel/object/support.h"

static struct process client, server;

/* All that an invocation of the two may change. */
struct trace {
	struct {
		uint64_t result, word[MESSAGE_WORDS], state, number;
		uint64_t kind[CAP_REGISTERS], cap[CAP_REGISTERS];
		uint64_t origin;
		uint64_t active, oid, count, priority, retries, notices;
		uint64_t flags, activity_state;
	} of[2];
	uint64_t loaded, ready;
};

static void
note(const struct process *p, struct trace *t, unsigned i)
{
	const struct registers *r = &p->state->regs;
	const struct activity  *a = process_activity(p);

	t->of[i].result = r->rax;
	t->of[i].word[0] = r->rdi;
	t->of[i].word[1] = r->rsi;
	t->of[i].word[2] = r->rdx;
	t->of[i].word[3] = r->r10;
	t->of[i].word[4] = r->r8;
	t->of[i].state = p->state->state;
	t->of[i].number = p->state->call_number;
	for (unsigned k = 0; k < CAP_REGISTERS; k++) {
		if (p->slot[k].type != CK_RESUME) /* It needs no note. */
			t->of[i].origin |= (uint64_t)(p->header->built >> k & 1) << k |
			    (uint64_t)(p->header->placed >> k & 1) << (k + 32);
		t->of[i].kind[k] = p->slot[k].type |
		    (uint64_t)p->slot[k].data << 16 |
		    (uint64_t)p->slot[k].count << 32;
		t->of[i].cap[k] = cap_oid(&p->slot[k]).v;
	}
	if (a == NULL)
		return;
	t->of[i].active = 1;
	t->of[i].oid = a->oid;
	t->of[i].count = a->count;
	t->of[i].priority = a->priority;
	t->of[i].retries = a->retries;
	t->of[i].notices = a->notices;
	t->of[i].flags = a->flags;
	t->of[i].activity_state = a->state;
}

/* By the fast path: the last invocation. */
static uint64_t counted;

/* Invoke, by the fast path if it can be or not; what there is then. */
static void
step(bool slow, uint64_t control, struct trace *out)
{
	static const uint64_t words[] = {3, UINT64_MAX, 5, 1ull << 63, 9};
	const uint64_t        before = cpu.counters.fast_calls;

	if (slow)
		known_forget(cpu.current);
	(void)invoke(control, words);
	counted = cpu.counters.fast_calls - before;
	memset(out, 0, sizeof(*out));
	note(&client, out, 0);
	note(&server, out, 1);
	out->loaded = process_oid(cpu.current).v;
	out->ready = sched.ready_mask;
}

/* Bits of header->built and ->placed. */
enum { CAP_MASK = (1 << CAP_REGISTERS) - 1 };

/* Who has an activity that stays with it (AF_RESERVED). */
enum { CLIENT_KEEPS = 1, SERVER_KEEPS = 2, KEEPS = 4 };

static void
keep(const struct process *p)
{
	struct activity *a = process_activity(p);

	if (a == NULL) {
		a = activity_alloc(process_oid(p), p->header->count);
		CU_ASSERT_PTR_NOT_NULL_FATAL(a);
		process_set_activity(p, a);
		a->flags |= AF_AVAILABLE;
	}
	a->flags |= AF_NOTICE;
}

static void
begin(unsigned keeps, uint64_t receive)
{
	start_machine();
	client = make_process(SOURCE_EPHEMERAL, 1);
	server = make_process(SOURCE_EPHEMERAL, 2);
	make_available(&server, receive, 0, 0);
	client.slot[1] = start_cap(&server, 0x77);
	client.slot[2] = cap_number_make(7, 0);
	client.slot[3] = cap_number_make(8, 1);
	run_process(&client);
	client.header->placed = server.header->built = CAP_MASK;
	if (keeps & CLIENT_KEEPS)
		keep(&client);
	if (keeps & SERVER_KEEPS)
		keep(&server);
}

/* Three turns: the first finds the processes, the others know them. */
static void
exchange(bool slow, unsigned keeps, uint64_t call, uint64_t back,
    struct trace *out)
{
	begin(keeps, CONTROL_RECEIVE(0, 5) | CONTROL_RECEIVE(1, 6) |
		CONTROL_RECEIVE(3, 4));
	for (unsigned i = 0; i < 3; i++) {
		step(slow, control_make(INVOKE_CALL, 1) | call, out++);
		/* A server without one needs that of who calls. */
		CU_ASSERT_EQUAL(counted, !slow && keeps != CLIENT_KEEPS);
		CU_ASSERT(runs(&server));
		step(slow,
		    control_make(INVOKE_RETURN, 4) | CONTROL_RECEIVE(3, 4) |
			back,
		    out++);
		/* And the client's is gone if the server had one. */
		CU_ASSERT_EQUAL(counted, !slow && keeps != SERVER_KEEPS);
		CU_ASSERT(runs(&client));
	}
}

static void
compare(uint64_t call, uint64_t back)
{
	static struct trace one[6], other[6];

	for (unsigned keeps = 0; keeps < KEEPS; keeps++) {
		exchange(false, keeps, call, back, one);
		exchange(true, keeps, call, back, other);
		for (unsigned i = 0; i < 6; i++)
			CU_ASSERT_EQUAL(
			    memcmp(&one[i], &other[i], sizeof(one[i])), 0);
	}
}

/* invoke.fast.1: words alone. */
static void
fast_words(void)
{
	compare(0, 0);
}

/* invoke.fast.2: capabilities, void ones among them, either way. */
static void
fast_capabilities(void)
{
	compare(CONTROL_SEND(0, 2) | CONTROL_SEND(2, 3) | CONTROL_RECEIVE(0, 7),
	    CONTROL_RECEIVE(0, 5));
	compare(CONTROL_RECEIVE(0, 7) | CONTROL_RECEIVE(3, 8),
	    CONTROL_SEND(0, 5) | CONTROL_SEND(1, 9) | CONTROL_SEND(3, 4));
}

/*
 * invoke.fast.3: what is not for the fast path. A call of a resume capability
 * and a return to a start capability are as legal as the others (D2).
 */
static void
fast_not_for_all(void)
{
	struct trace t;

	begin(0, CONTROL_RECEIVE(3, 4));
	step(false, control_make(INVOKE_CALL, 1), &t);
	CU_ASSERT_EQUAL(counted, 1);
	server.slot[6] = server.slot[4];
	step(false, control_make(INVOKE_CALL, 6) | CONTROL_RECEIVE(3, 4), &t);
	CU_ASSERT_EQUAL(counted, 0);
	CU_ASSERT(runs(&client));
	CU_ASSERT_EQUAL(server.state->state, PS_WAITING);
	client.slot[9] = client.slot[1];
	make_available(&server, 0, 0, 0);
	step(false, control_make(INVOKE_RETURN, 9), &t);
	CU_ASSERT_EQUAL(counted, 0);
	CU_ASSERT(runs(&server));
	CU_ASSERT_EQUAL(client.state->state, PS_AVAILABLE);
}

/* M1: the fast path puts a hint right that leads nowhere. */
static void
M1_fast_hint(void)
{
	struct trace t;

	begin(0, CONTROL_RECEIVE(3, 4));
	client.slot[1].word |= UINT64_C(0xabcdef) << CAP_HINT_SHIFT;
	step(false, control_make(INVOKE_CALL, 1), &t);
	CU_ASSERT_EQUAL(counted, 1);
	CU_ASSERT(runs(&server));
	CU_ASSERT_EQUAL(
	    cap_hint(&client.slot[1]), frame_index(server.node));
}

const struct runner_test fast_tests[] = {
    RUNNER_TEST(fast_words),
    RUNNER_TEST(fast_capabilities),
    RUNNER_TEST(fast_not_for_all),
    RUNNER_TEST(M1_fast_hint),
    {NULL, NULL},
};
