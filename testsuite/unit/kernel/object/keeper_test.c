/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * D4: who is told of a fault, and what: the keeper of the innermost guard on
 * the way, else the process's own.
 */
#include "testsuite/unit/kernel/object/support.h"

#include "kernel/abi/restart.order.h"
#include "kernel/mem/cache.h"
#include "kernel/object/known.h"

enum {
	CODE = 0x40,
	SLOT = 24,
	AT = SLOT * PAGE_SIZE + 0x123, /* Behind a guard. */
	BARE = (SLOT + 1) * PAGE_SIZE, /* Nothing, and no guard. */
	INNER = 2,                     /* Nodes of p's frame: guards. */
	OUTER = 3,
};

static struct process p, own, segment, other;

static void
guard(unsigned node, const struct cap *behind, const struct cap *keeper)
{
	struct node_frame *nf = frame_nodes(p.node);

	nf->node[node].role = ROLE_GUARD;
	nf->slot[node][0] = *behind;
	nf->slot[node][1] = *keeper;
}

static struct cap
guard_cap(unsigned node, unsigned rights)
{
	return cap_make(CK_GUARD, rights, PAGE_SHIFT - 1,
	    frame_nodes(p.node)->node[node].count,
	    oid_make(p.node->number, node));
}

/* A guard over the page at AT, with nothing behind it. */
static void
four(void)
{
	const uint64_t   receive = CONTROL_RECEIVE(0, 3) | CONTROL_RECEIVE(3, 4);
	const struct cap none = {.type = CK_VOID};
	struct cap       keeper;

	start_machine();
	p = make_process(SOURCE_EPHEMERAL, 1);
	own = make_process(SOURCE_EPHEMERAL, 2);
	segment = make_process(SOURCE_EPHEMERAL, 3);
	other = make_process(SOURCE_EPHEMERAL, 4);
	make_available(&own, receive, 0, 0);
	make_available(&segment, receive, 0, 0);
	make_available(&other, receive, 0, 0);
	keeper = start_cap(&own, 1);
	process_put(&p, SLOT_KEEPER, &keeper);
	keeper = start_cap(&segment, 2);
	guard(INNER, &none, &keeper);
	frame_nodes(p.node)->slot[1][SLOT] =
	    guard_cap(INNER, CR_READ_ONLY | CR_OPAQUE);
	run_process(&p);
	p.state->regs.rip = CODE;
}

static enum fake_exit
touches(uint64_t v, enum fault_access access)
{
	p.state->regs.trap = 14;
	return FAKE_LEAVES(entry_page_fault(p.state, v, access));
}

static bool
told(const struct process *keeper, enum keeper_order order,
    enum fault_code code, uint64_t address)
{
	const struct registers *r = &keeper->state->regs;

	return runs(keeper) && r->rdi == (uint64_t)order && r->rsi == code &&
	    r->rdx == address && r->r8 == CODE &&
	    keeper->slot[4].type == CK_RESTART &&
	    p.state->state == PS_WAITING && p.state->fault == code;
}

/* D4: the guard's keeper gets the offset and the guard, opaque no more. */
static void
D4_segment_keeper(void)
{
	four();
	(void)touches(AT, ACCESS_READ);
	CU_ASSERT(told(&segment, KEEPER_SEGMENT, FAULT_UNMAPPED, 0x123));
	CU_ASSERT_EQUAL(segment.state->regs.r10, ACCESS_READ);
	CU_ASSERT_EQUAL(segment.state->regs.rax >> RESULT_DATA_SHIFT, 2);
	CU_ASSERT_EQUAL(segment.slot[3].type, CK_GUARD);
	CU_ASSERT_EQUAL(segment.slot[3].rights, CR_READ_ONLY);
	/* What it lends is what the way to the guard allows. */
	CU_ASSERT_EQUAL(p.state->fault_rights, CR_READ_ONLY);
	/* Not covered by it: the process's own. */
	four();
	(void)touches(BARE, ACCESS_WRITE);
	CU_ASSERT(told(&own, KEEPER_PROCESS, FAULT_UNMAPPED, BARE));
	CU_ASSERT_EQUAL(own.state->regs.r10, ACCESS_WRITE);
	CU_ASSERT_EQUAL(own.slot[3].type, CK_PROCESS);
	CU_ASSERT_EQUAL(p.state->fault_rights, 0);
}

/* D4: and what it lends cannot be more than the way to the guard allows. */
static void
D4_segment_keeper_lends(void)
{
	static const struct {
		unsigned guard;
		bool     write;
	} of[] = {{0, true}, {CR_READ_ONLY, false}, {CR_WEAK, false}};

	for (unsigned i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		struct frame *page;

		four();
		fake.step = HAL_STEP_OURS;
		page = make_frame(SOURCE_EPHEMERAL, 900, FK_PAGE);
		frame_nodes(p.node)->slot[1][SLOT] =
		    guard_cap(INNER, of[i].guard);
		(void)touches(AT, ACCESS_READ);
		CU_ASSERT_FATAL(runs(&segment));
		segment.slot[5] = cap_make(CK_PAGE, 0, 0, page->count,
		    oid_make(page->number, OID_INDEX_FRAME));
		(void)invoke(control_make(INVOKE_CALL, 4) | CONTROL_SEND(0, 5),
		    (const uint64_t[]){RESTART_LEND, 0, 0, 0, 0});
		CU_ASSERT_EQUAL(segment.state->regs.rdi, RC_OK);
		(void)invoke(control_make(INVOKE_RETURN, 0), NULL);
		CU_ASSERT(runs(&p));
		CU_ASSERT_FALSE(fake_touch(AT, ACCESS_READ).fault);
		CU_ASSERT_EQUAL(
		    fake_touch(AT, ACCESS_WRITE).fault, !of[i].write);
	}
}

/* D4: of two guards the inner one's keeper is told. */
static void
D4_innermost_guard(void)
{
	const struct cap inner = (four(), guard_cap(INNER, 0));
	const struct cap keeper = start_cap(&other, 3);

	guard(OUTER, &inner, &keeper);
	frame_nodes(p.node)->slot[1][SLOT] = guard_cap(OUTER, 0);
	(void)touches(AT, ACCESS_READ);
	CU_ASSERT(told(&segment, KEEPER_SEGMENT, FAULT_UNMAPPED, 0x123));
	CU_ASSERT_EQUAL(oid_index(cap_oid(&segment.slot[3])), INNER);
}

/* D4: a guard with nobody to tell leaves it to the process's own keeper. */
static void
D4_guard_without_keeper(void)
{
	for (unsigned how = 0; how < 3; how++) {
		struct cap keeper = {.type = CK_VOID};
		struct cap nothing = {.type = CK_VOID};

		four();
		if (how == 1)
			keeper = cap_number_make(1, 0);
		if (how == 2) {
			keeper = start_cap(&other, 3);
			process_destroy(other.node, 0);
		}
		guard(INNER, &nothing, &keeper);
		(void)touches(AT, ACCESS_READ);
		CU_ASSERT(told(&own, KEEPER_PROCESS, FAULT_UNMAPPED, AT));
		CU_ASSERT_EQUAL(own.slot[3].type, CK_PROCESS);
	}
}

/* D4: the n-th need fails: nobody is told yet, and nothing is recorded. */
static void
D4_failure_tells_nobody(void)
{
	bool     fired = true;
	unsigned n, before = 0;

	for (n = 1; fired; n++) {
		four();
		fail_nth(n);
		(void)touches(AT, ACCESS_READ);
		fired = fail_fired();
		if (fired && p.state->state == PS_RUNNING) {
			CU_ASSERT_EQUAL(p.state->fault, FAULT_NONE);
			CU_ASSERT_EQUAL(p.state->regs.rip, CODE);
			CU_ASSERT_EQUAL(segment.state->state, PS_AVAILABLE);
			fail_wake();
			(void)dispatch();
			CU_ASSERT(runs(&p));
			(void)touches(AT, ACCESS_READ);
			before++;
		} else if (fired) { /* It is told; its keeper has to wait. */
			CU_ASSERT_EQUAL(segment.state->state, PS_RUNNING);
			fail_wake();
			(void)dispatch();
		}
		CU_ASSERT(
		    told(&segment, KEEPER_SEGMENT, FAULT_UNMAPPED, 0x123));
	}
	CU_ASSERT(before > 1);
}

/*
 * S5: what the CPU cannot load does not run while its keeper is busy; it is
 * told when that is free.
 */
static void
S5_busy_keeper_of_what_cannot_run(void)
{
	struct activity *a;

	four();
	own.state->state = PS_WAITING;
	process_unload();
	p.state_frame->flags &= (uint16_t)~FF_FORCED;
	known_forget(&p);
	fake.force_fails = true;
	a = process_activity(&p);
	sched_ready(a);
	CU_ASSERT_EQUAL(dispatch(), FAKE_IDLE);
	CU_ASSERT_EQUAL(p.state->fault, FAULT_CPU_FEATURE);
	CU_ASSERT_EQUAL(a->state, KA_STALLED);
	fake.force_fails = false; /* The keeper's own state is a good one. */
	own.state->state = PS_AVAILABLE;
	own.state_frame->flags |= FF_FORCED;
	p.state_frame->flags |= FF_FORCED;
	wait_wake_one(WAIT_PROCESS, process_oid(&own).v);
	(void)dispatch();
	CU_ASSERT(told(&own, KEEPER_PROCESS, FAULT_CPU_FEATURE, 0));
}

/* F1: a faulted process awaits a restart, one that called a resume. */
static void
F1_restart_is_no_resume(void)
{
	struct cap c;

	four();
	(void)touches(BARE, ACCESS_READ);
	CU_ASSERT_FATAL(runs(&own));
	c = own.slot[4];
	c.type = CK_RESUME;
	own.slot[5] = c;
	(void)invoke(control_make(INVOKE_SEND, 5), NULL);
	CU_ASSERT_EQUAL(own.state->regs.rdi, RC_VOID);
	CU_ASSERT_EQUAL(p.state->state, PS_WAITING);
	(void)invoke(control_make(INVOKE_CALL, 4),
	    (const uint64_t[]){RESTART_RETRY, 0, 0, 0, 0});
	CU_ASSERT_EQUAL(own.state->regs.rdi, RC_OK);
	/* And the other way round. */
	four();
	p.slot[1] = start_cap(&own, 0);
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT_FATAL(runs(&own));
	own.slot[4].type = CK_RESTART;
	(void)invoke(control_make(INVOKE_CALL, 4),
	    (const uint64_t[]){RESTART_RETRY, 0, 0, 0, 0});
	CU_ASSERT_EQUAL(own.state->regs.rdi, RC_VOID);
	CU_ASSERT_EQUAL(p.state->state, PS_WAITING);
}

/* INT 80h, if the code says so. */
static enum fake_exit
interrupts(void)
{
	p.state->regs.trap = 13;
	return FAKE_LEAVES(
	    entry_fault(p.state, FAULT_PROTECTION, 0x80 * 8 + 2));
}

/* D16: an INT n of a foreign process is told as its call, which is over. */
static void
D16_foreign_interrupt(void)
{
	bool     fired = true;
	unsigned n, before = 0;

	for (n = 1; fired; n++) {
		four();
		p.header->flags |= PF_FOREIGN;
		known_forget(&p);
		frame_nodes(p.node)->slot[1][0].rights = CR_READ_ONLY;
		page_of(&p, 0)[CODE] = 0xcd;
		page_of(&p, 0)[CODE + 1] = 0x80;
		own.state->regs.r12 = (uint64_t)STRING_MAX << 32;
		fail_nth(n);
		(void)interrupts();
		fired = fail_fired();
		if (fired && p.state->state == PS_RUNNING) {
			CU_ASSERT_EQUAL(p.state->regs.rip, CODE);
			CU_ASSERT_EQUAL(own.state->state, PS_AVAILABLE);
			fail_wake();
			(void)dispatch();
			(void)interrupts();
			before++;
		} else if (fired) {
			fail_wake();
			(void)dispatch();
		}
		CU_ASSERT(runs(&own));
		CU_ASSERT_EQUAL(own.state->regs.rsi, FAULT_FOREIGN);
		CU_ASSERT_EQUAL(own.state->regs.r10, 0x80);
		CU_ASSERT_EQUAL(own.state->regs.r8, CODE + 2);
		CU_ASSERT_EQUAL(p.state->regs.rip, CODE + 2);
	}
	CU_ASSERT(before > 1);
	/* What cannot be read, or is no such instruction, is the exception. */
	four();
	p.header->flags |= PF_FOREIGN;
	known_forget(&p);
	(void)interrupts();
	CU_ASSERT(runs(&own));
	CU_ASSERT_EQUAL(own.state->regs.rsi, FAULT_PROTECTION);
	CU_ASSERT_EQUAL(p.state->regs.rip, CODE);
}

/* D5: a turn at a server that comes to a process that faults goes on. */
static void
D5_turn_of_one_that_faults(void)
{
	four();
	segment.state->state = PS_WAITING;
	p.slot[1] = other.slot[1] = start_cap(&segment, 0);
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	run_process(&other);
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT_EQUAL(process_activity(&other)->state, KA_STALLED);
	wait_wake_one(WAIT_PROCESS, process_oid(&segment).v);
	(void)dispatch();
	CU_ASSERT_FATAL(runs(&p));
	CU_ASSERT_EQUAL(process_activity(&other)->state, KA_STALLED);
	(void)touches(BARE, ACCESS_READ);
	CU_ASSERT(runs(&own));
	CU_ASSERT_EQUAL(process_activity(&other)->state, KA_READY);
}

const struct runner_test keeper_tests[] = {
    RUNNER_TEST(D4_segment_keeper),
    RUNNER_TEST(D4_segment_keeper_lends),
    RUNNER_TEST(D4_innermost_guard),
    RUNNER_TEST(D4_guard_without_keeper),
    RUNNER_TEST(D4_failure_tells_nobody),
    RUNNER_TEST(S5_busy_keeper_of_what_cannot_run),
    RUNNER_TEST(F1_restart_is_no_resume),
    RUNNER_TEST(D16_foreign_interrupt),
    RUNNER_TEST(D5_turn_of_one_that_faults),
    {NULL, NULL},
};
