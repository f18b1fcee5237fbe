/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fast path of call and return against the general one: whatever is sent,
 * and whoever has which activity, both leave the same behind.
 */
#include "kernel/device/irq.h"
#include "kernel/object/known.h"
#include "kernel/sched/clock.h"
#include "testsuite/unit/kernel/object/support.h"

static struct process client, server;

/* All that an invocation of the two may change. */
struct trace {
	struct {
		uint64_t result, word[MESSAGE_WORDS], state, number;
		uint64_t kind[CAP_REGISTERS], cap[CAP_REGISTERS];
		uint64_t origin;
		uint64_t active, oid, count, priority, retries, notices;
		uint64_t flags, activity_state, turn_end;
	} of[2];
	uint64_t loaded, ready, slice_end, pending;
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
		process_take_schedule(p, a);
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

/* --- Notices ------------------------------------------------------------- */

enum { BIT = 9 };

/* What becomes of a notice: how urgent its target is, and who else is ready. */
struct case_of_notice {
	unsigned priority; /* Of who gets it. */
	unsigned other;    /* Of one that is ready; PRIORITIES: nobody. */
	bool     pending;  /* It has a notice in its state page already. */
	bool     turn;     /* Who runs has a turn that ends. */
	bool     busy;     /* Who gets it does not wait. */
	uint64_t receive;
	enum { AS_USUAL, RESERVED, RESERVING, REMAPPED, LENDING, TRAPPED } at;
};

static const struct case_of_notice cases[] = {
    {PRIORITY + 2, PRIORITIES, false, false, false, 0, AS_USUAL},
    {PRIORITY + 2, PRIORITIES, true, true, false, CONTROL_RECEIVE(0, 5),
	AS_USUAL},
    {PRIORITY + 2, PRIORITY + 1, false, true, false,
	CONTROL_RECEIVE(3, 16 + 2) | CONTROL_RECEIVE(1, 7), AS_USUAL},
    {PRIORITY + 2, PRIORITY + 2, false, false, false, 0, AS_USUAL},
    {PRIORITY + 2, PRIORITY + 3, false, false, false, 0, AS_USUAL},
    {PRIORITY, PRIORITIES, false, false, false, 0, AS_USUAL},
    {PRIORITY - 2, PRIORITIES, false, true, false, 0, AS_USUAL},
    {PRIORITY + 2, PRIORITIES, false, false, true, 0, AS_USUAL},
    {PRIORITY + 2, PRIORITIES, false, false, false, 0, RESERVED},
    {PRIORITY + 2, PRIORITIES, false, false, false, 0, RESERVING},
    {PRIORITY + 2, PRIORITIES, false, false, false, 0, REMAPPED},
    {PRIORITY + 2, PRIORITIES, false, false, false, 0, LENDING},
    {PRIORITY + 2, PRIORITIES, false, false, false, 0, TRAPPED},
};

/* By the client's send, or an interrupt while it runs. */
enum how { BY_SEND, BY_MESSAGE, BY_ALARM };

static void
set_priority(struct process *p, unsigned priority)
{
	const struct cap c = cap_make(CK_SCHEDULE, 0, priority, 0, (oid){0});

	process_put(p, SLOT_SCHEDULE, &c);
}

/* What else makes a target unusual, or who runs. */
static void
set_apart(const struct case_of_notice *n)
{
	const bool  its = n->at == RESERVED;
	struct cap  c = cap_make(CK_SCHEDULE, 0,
	    its ? n->priority : PRIORITY, 0, (oid){0});
	uint32_t    id = 0;

	cpu.remap |= n->at == REMAPPED;
	if (n->at == LENDING)
		cpu.lent = LENT_STEP;
	if (n->at == TRAPPED)
		server.state->regs.trap = TRAP_INTERRUPT;
	if (n->at != RESERVED && n->at != RESERVING)
		return;
	CU_ASSERT_EQUAL_FATAL(reserve_make(10000000, 1000000, &id), RC_OK);
	c.count = id;
	process_put(its ? &server : &client, SLOT_SCHEDULE, &c);
	process_activity(its ? &server : &client)->reserve = id;
}

/* The server has waited before, so that it and its tables are known. */
static void
begin_notice(const struct case_of_notice *n)
{
	struct trace     t;
	struct process   other;
	struct activity *a;

	begin(0, CONTROL_RECEIVE(3, 4));
	set_priority(&server, n->priority);
	step(false, control_make(INVOKE_CALL, 1), &t);
	step(false, control_make(INVOKE_RETURN, 4) | CONTROL_RECEIVE(3, 4), &t);
	CU_ASSERT(runs(&client));
	step(false, control_make(INVOKE_CALL, 1), &t);
	step(false, control_make(INVOKE_RETURN, 4), &t);
	CU_ASSERT(runs(&client));
	server.state->regs.rax |= n->receive;
	keep(&server);
	client.slot[5] = notice_cap(&server, BIT);
	server.slot[7] = cap_number_make(1, 1);
	server.state->notices = n->pending ? 2 : 0;
	if (n->busy)
		server.state->state = PS_WAITING;
	if (n->busy)
		process_activity(&server)->flags &= (uint8_t)~AF_AVAILABLE;
	cpu.slice_end = n->turn ? 12345678 : UINT64_MAX;
	set_apart(n);
	if (n->other == PRIORITIES)
		return;
	other = make_process(SOURCE_EPHEMERAL, 3);
	other.state->state = PS_RUNNING;
	set_priority(&other, n->other);
	a = activity_alloc(process_oid(&other), other.header->count);
	CU_ASSERT_PTR_NOT_NULL_FATAL(a);
	process_set_activity(&other, a);
	sched_set_priority(a, n->other, 0);
	sched_ready(a);
}

static void
raise(enum how how)
{
	const struct notice_binding b = notice_binding(&client.slot[5]);
	uint32_t                    index;

	if (how == BY_SEND) {
		(void)invoke(control_make(INVOKE_SEND, 5), NULL);
		return;
	}
	client.state->regs.trap = TRAP_INTERRUPT;
	if (how == BY_ALARM) {
		fake.now = 1000;
		CU_ASSERT_EQUAL(
		    alarm_set(&(struct alarm){
			.process = b.process.v,
			.count = b.count,
			.bit = b.bit,
			.when = 500,
		    }),
		    RC_OK);
		(void)FAKE_LEAVES(entry_clock(client.state));
		return;
	}
	CU_ASSERT_EQUAL_FATAL(device_reserve(), RC_OK);
	index = irq_msi_take(0x10, "test", 4);
	irq_bind(index, &b);
	(void)FAKE_LEAVES(entry_interrupt(
	    client.state, device_at(index)->irq.vector));
}

static void
notice(const struct case_of_notice *n, enum how how, bool slow,
    struct trace *out)
{
	begin_notice(n);
	if (slow)
		mem.changes++; /* Nobody is known. */
	raise(how);
	memset(out, 0, sizeof(*out));
	note(&client, out, 0);
	note(&server, out, 1);
	out->loaded = cpu.activity != NULL ? process_oid(cpu.current).v : 1;
	out->ready = sched.ready_mask;
	out->of[0].turn_end = process_activity(&client)->turn_end;
	out->of[1].turn_end = process_activity(&server)->turn_end;
	out->slice_end = cpu.slice_end;
	out->pending = server.state->notices;
}

/* invoke.fast.4: a notice, sent or of a device or alarm. */
static void
fast_notice(void)
{
	static struct trace one, other;

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (unsigned how = BY_SEND; how <= BY_ALARM; how++) {
			notice(&cases[i], how, false, &one);
			notice(&cases[i], how, true, &other);
			CU_ASSERT_EQUAL(memcmp(&one, &other, sizeof(one)), 0);
			if (i > 2)
				continue;
			CU_ASSERT(runs(&server));
			CU_ASSERT_EQUAL(server.state->regs.rsi,
			    UINT64_C(1) << BIT | (cases[i].pending ? 2 : 0));
		}
	}
}

/* An alarm of a process that waits in its SYSCALL. */
static void
set_alarm(const struct process *p, unsigned bit, uint64_t when)
{
	CU_ASSERT_EQUAL(
	    alarm_set(&(struct alarm){
		.process = process_oid(p).v,
		.count = p->header->count,
		.bit = (uint8_t)bit,
		.when = when,
	    }),
	    RC_OK);
}

/* invoke.fast.5: alarms that are due together are all told, to each its own. */
static void
alarms_together(void)
{
	const struct case_of_notice usual = {
	    PRIORITY + 2, PRIORITIES, false, false, false, 0, AS_USUAL};
	struct process   other;
	struct activity *a;

	begin_notice(&usual);
	other = make_process(SOURCE_EPHEMERAL, 3);
	other.state->state = PS_AVAILABLE;
	other.state->regs.trap = TRAP_SYSCALL;
	a = activity_alloc(process_oid(&other), other.header->count);
	CU_ASSERT_PTR_NOT_NULL_FATAL(a);
	process_set_activity(&other, a);
	keep(&other);
	activity_release(a, true);
	set_alarm(&server, BIT, 500);
	set_alarm(&server, BIT + 1, 501);
	set_alarm(&other, BIT, 502);
	fake.now = 1000;
	client.state->regs.trap = TRAP_INTERRUPT;
	(void)FAKE_LEAVES(entry_clock(client.state));
	CU_ASSERT(runs(&server));
	CU_ASSERT_EQUAL(server.state->regs.rsi, UINT64_C(3) << BIT);
	CU_ASSERT_EQUAL(a->notices, UINT64_C(1) << BIT);
	CU_ASSERT_EQUAL(a->state, KA_READY);
}

const struct runner_test fast_tests[] = {
    RUNNER_TEST(fast_words),
    RUNNER_TEST(fast_capabilities),
    RUNNER_TEST(fast_not_for_all),
    RUNNER_TEST(M1_fast_hint),
    RUNNER_TEST(fast_notice),
    RUNNER_TEST(alarms_together),
    {NULL, NULL},
};
