/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loans: a page that stands in for another for one access (D4). The machine
 * steps no instruction; the test says what came of it (fake.step), and looks
 * through the loaded tables at what the access would have reached.
 */
#include "testsuite/unit/kernel/object/support.h"

#include "kernel/abi/restart.order.h"
#include "kernel/mem/cache.h"
#include "kernel/mem/lend.h"
#include "kernel/object/known.h"
#include "kernel/object/loan.h"

enum {
	CODE = 0x40,           /* Where the borrower's instruction is. */
	AT = 24 * PAGE_SIZE,   /* Where it has nothing. */
	STACK = 3 * PAGE_SIZE, /* A page that it has. */
	OTHER_RIP = 0x80,
};

static struct process p, q; /* The borrower, its keeper. */
static struct frame  *lent;

static struct cap
page_cap(const struct frame *f, unsigned rights)
{
	return cap_make(CK_PAGE, rights, 0, f->count,
	    oid_make(f->number, OID_INDEX_FRAME));
}

static void
two(void)
{
	lent = borrower_and_keeper(&p, &q);
	p.state->regs.rip = CODE;
	p.state->regs.trap = 14;
	for (unsigned i = 0; i < PAGE_SIZE; i++)
		page_of(&p, 0)[i] = (uint8_t)i;
	frame_nodes(p.node)->slot[1][0].rights = CR_READ_ONLY; /* S15 */
	fake.step = HAL_STEP_OURS;
}

static enum fake_exit
fault_at(uint64_t v, enum fault_access access)
{
	p.state->regs.trap = 14;
	return FAKE_LEAVES(entry_page_fault(p.state, v, access));
}

/* The keeper, which was told of a fault, lends; then the borrower's turn. */
static enum status
lends(const struct cap *page)
{
	const uint64_t words[MESSAGE_WORDS] = {RESTART_LEND};
	enum status    st;

	CU_ASSERT_FATAL(runs(&q));
	q.slot[5] = *page;
	(void)invoke(control_make(INVOKE_CALL, 4) | CONTROL_SEND(0, 5), words);
	st = (enum status)q.state->regs.rdi;
	(void)invoke(control_make(INVOKE_RETURN, 0) | CONTROL_RECEIVE(0, 3) |
		CONTROL_RECEIVE(3, 4),
	    NULL);
	return st;
}

static void
borrow(uint64_t v, enum fault_access access, unsigned rights)
{
	struct cap c = page_cap(lent, rights);

	(void)fault_at(v, access);
	CU_ASSERT_EQUAL(lends(&c), RC_OK);
}

/* What an access of the loaded process reaches, or NULL: it faults. */
static struct frame *
reached(uint64_t v, enum fault_access access)
{
	const struct fake_access a = fake_touch(v, access);

	return a.fault ? NULL : &mem.frame[a.physical >> PAGE_SHIFT];
}

static bool
is_lent(void)
{
	return (p.state_frame->flags & FF_LENT) != 0;
}

/* Its keeper was told that the instruction cannot be stepped; it is given up. */
static void
cannot_step(void)
{
	CU_ASSERT(runs(&q));
	CU_ASSERT_EQUAL(q.state->regs.rsi, FAULT_INSTRUCTION);
	CU_ASSERT_FALSE(is_lent());
}

/* D4: the page is there for the one instruction, and not after it. */
static void
D4_loan_for_one_instruction(void)
{
	two();
	CU_ASSERT_EQUAL(reached(AT, ACCESS_READ), NULL);
	borrow(AT + 5, ACCESS_READ, 0);
	CU_ASSERT(runs(&p));
	CU_ASSERT(is_lent());
	CU_ASSERT_PTR_EQUAL(reached(AT + 5, ACCESS_READ), lent);
	CU_ASSERT_PTR_EQUAL(reached(AT, ACCESS_WRITE), lent);
	CU_ASSERT_PTR_NULL(reached(AT, ACCESS_EXECUTE)); /* S15 */
	CU_ASSERT_EQUAL(fake.step_bytes, HAL_CODE_BYTES);
	CU_ASSERT_EQUAL(
	    memcmp(fake.code, page_of(&p, 0) + CODE, HAL_CODE_BYTES), 0);
	CU_ASSERT_NOT_EQUAL(
	    raise_fault(p.state, FAULT_DEBUG), FAKE_IDLE); /* It is done. */
	CU_ASSERT(runs(&p));
	CU_ASSERT_FALSE(is_lent());
	CU_ASSERT_EQUAL(p.state->fault, FAULT_NONE);
	CU_ASSERT_PTR_NULL(reached(AT, ACCESS_READ));
}

/* D4: what the page may be used for is what its capability says. */
static void
D4_loan_rights(void)
{
	static const struct {
		unsigned rights;
		bool     write, execute;
	} of[] = {
	    {0, true, false},
	    {CR_READ_ONLY, false, true},
	    {CR_WEAK, false, true},
	    {CR_READ_ONLY | CR_NO_EXECUTE, false, false},
	};

	for (unsigned i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		two();
		borrow(AT, ACCESS_WRITE, of[i].rights);
		CU_ASSERT(runs(&p));
		CU_ASSERT_PTR_EQUAL(reached(AT, ACCESS_READ), lent);
		CU_ASSERT_EQUAL(
		    reached(AT, ACCESS_WRITE) != NULL, of[i].write);
		CU_ASSERT_EQUAL(
		    reached(AT, ACCESS_EXECUTE) != NULL, of[i].execute);
	}
}

/*
 * D4: an instruction has all the pages that were lent for it; the last for an
 * address counts; one that needs more than there is room for is not stepped.
 */
static void
D4_loans_of_one_instruction(void)
{
	struct frame *second;
	struct cap    c;

	two();
	for (unsigned i = 0; i < LOAN_PAGES; i++)
		borrow(AT + (uint64_t)i * PAGE_SIZE, ACCESS_READ, 0);
	CU_ASSERT_EQUAL(p.state->loan.n, LOAN_PAGES);
	for (unsigned i = 0; i < LOAN_PAGES; i++)
		CU_ASSERT_PTR_EQUAL(
		    reached(AT + (uint64_t)i * PAGE_SIZE, ACCESS_READ), lent);
	second = new_page(901);
	c = page_cap(second, 0);
	(void)fault_at(AT + PAGE_SIZE, ACCESS_WRITE);
	CU_ASSERT_EQUAL(lends(&c), RC_OK);
	CU_ASSERT_EQUAL(p.state->loan.n, LOAN_PAGES);
	CU_ASSERT_PTR_EQUAL(reached(AT + PAGE_SIZE, ACCESS_WRITE), second);
	CU_ASSERT_PTR_EQUAL(reached(AT, ACCESS_READ), lent);
	/* One more: its keeper, who has said it can be lent, is told. */
	(void)fault_at(AT - PAGE_SIZE, ACCESS_READ);
	CU_ASSERT_EQUAL(lends(&c), RC_OK);
	cannot_step();
	/* Of another instruction: it has none of these. */
	two();
	borrow(AT + PAGE_SIZE, ACCESS_READ, 0);
	p.state->regs.rip = OTHER_RIP;
	borrow(AT, ACCESS_READ, 0);
	CU_ASSERT_EQUAL(p.state->loan.n, 1);
	CU_ASSERT_PTR_EQUAL(reached(AT, ACCESS_READ), lent);
	CU_ASSERT_PTR_NULL(reached(AT + PAGE_SIZE, ACCESS_READ));
}

/* D3: copies of tables are made for a loan as long as they are not too many. */
static void
D3_loan_in_many_tables(void)
{
	const uint64_t apart = UINT64_C(1) << 39;

	two();
	for (uint64_t i = 1; i <= 8; i++) {
		borrow(i * apart, ACCESS_READ, 0);
		CU_ASSERT(runs(&p));
		CU_ASSERT_PTR_EQUAL(reached(apart, ACCESS_READ), lent);
	}
	/* Of the same tables. */
	borrow(apart + PAGE_SIZE, ACCESS_READ, 0);
	CU_ASSERT_PTR_EQUAL(reached(apart + PAGE_SIZE, ACCESS_READ), lent);
	CU_ASSERT_PTR_EQUAL(reached(8 * apart, ACCESS_READ), lent);
	borrow(9 * apart, ACCESS_READ, 0);
	cannot_step();
}

/* D4: a loan is of the instruction for which it was asked, and no other. */
static void
D4_loan_of_another_instruction(void)
{
	for (unsigned how = 0; how < 2; how++) {
		two();
		borrow(AT, ACCESS_READ, 0);
		(void)fault_at(AT + PAGE_SIZE, ACCESS_READ);
		if (how == 0)
			p.state->regs.rip = OTHER_RIP; /* Its keeper did. */
		else
			p.state->loan.n = LOAN_PAGES + 1; /* Came like that. */
		p.state->state = PS_RUNNING;
		p.state->fault = FAULT_NONE;
		known_forget(&p);
		sched_ready(activity_alloc(process_oid(&p), p.header->count));
		process_set_activity(&p, activity_find(process_oid(&p)));
		(void)invoke(control_make(INVOKE_RETURN, 0), NULL);
		if (how == 1) {
			cannot_step();
			continue;
		}
		CU_ASSERT(runs(&p));
		CU_ASSERT_FALSE(is_lent());
		CU_ASSERT_PTR_NULL(reached(AT, ACCESS_READ));
	}
}

/* D4: what is dead when its turn comes is not lent; the access faults again. */
static void
D4_loan_of_a_dead_page(void)
{
	struct cap c;

	two();
	c = page_cap(lent, 0);
	c.count++;
	(void)fault_at(AT, ACCESS_READ);
	CU_ASSERT_EQUAL(lends(&c), RC_CAPABILITY);
	two();
	borrow(AT, ACCESS_READ, 0);
	(void)fault_at(AT + PAGE_SIZE, ACCESS_READ);
	object_rescind_page(lent);
	c = page_cap(new_page(901), 0);
	CU_ASSERT_EQUAL(lends(&c), RC_OK);
	CU_ASSERT(runs(&p));
	CU_ASSERT_PTR_NULL(reached(AT, ACCESS_READ));
	CU_ASSERT_PTR_NOT_NULL(reached(AT + PAGE_SIZE, ACCESS_READ));
}

/* F9: a resident process reaches nothing persistent, lent or not. */
static void
F9_resident_borrows_nothing_persistent(void)
{
	for (unsigned resident = 0; resident < 2; resident++) {
		struct process owner;

		two();
		owner = make_process(SOURCE_PERSISTENT, 5);
		lent = frame_find(oid_frame(
		    cap_oid(&frame_nodes(owner.node)->slot[1][4])));
		if (resident) {
			p.header->flags |= PF_RESIDENT;
			q.header->flags |= PF_RESIDENT;
		}
		borrow(AT, ACCESS_READ, 0);
		CU_ASSERT(runs(&p));
		CU_ASSERT_EQUAL(reached(AT, ACCESS_READ) == NULL, resident);
		if (resident) { /* What is not, it does. */
			lent = new_page(901);
			borrow(AT, ACCESS_READ, 0);
			CU_ASSERT_PTR_EQUAL(reached(AT, ACCESS_READ), lent);
		}
	}
}

/*
 * F5: a resident process that is lent a page when there is no memory for it does
 * not wait for any, and goes on: it faults again, and its keeper is told.
 */
static void
F5_resident_borrows_without_memory(void)
{
	struct cap c;

	two();
	p.header->flags |= PF_RESIDENT;
	q.header->flags |= PF_RESIDENT;
	c = page_cap(lent, 0);
	(void)fault_at(AT, ACCESS_READ);
	CU_ASSERT_FATAL(runs(&q));
	fail_memory(1);
	CU_ASSERT_EQUAL(lends(&c), RC_OK);
	CU_ASSERT_TRUE(fail_fired());
	CU_ASSERT_FATAL(runs(&p));
	CU_ASSERT_FALSE(is_lent());
	CU_ASSERT_EQUAL(cpu.lent, LENT_NOT);
	CU_ASSERT_PTR_NULL(reached(AT, ACCESS_READ));
	CU_ASSERT_PTR_NOT_NULL(activity_find(process_oid(&p)));
	fail_memory(0);
	borrow(AT, ACCESS_READ, 0);
	CU_ASSERT_PTR_EQUAL(reached(AT, ACCESS_READ), lent);
}

/*
 * F7: a page that is lent for a store is made writable first, one for a load
 * stays clean.
 */
static void
F7_loan_of_a_clean_page(void)
{
	for (unsigned store = 0; store < 2; store++) {
		const enum fault_access access =
		    store ? ACCESS_WRITE : ACCESS_READ;

		two();
		open_range(100);
		lent = make_frame(SOURCE_PERSISTENT, 905, FK_PAGE);
		make_clean(lent);
		borrow(AT, access, 0);
		CU_ASSERT(runs(&p));
		lent = frame_find(frame_of(SOURCE_PERSISTENT, 905));
		CU_ASSERT_PTR_NOT_NULL_FATAL(lent);
		CU_ASSERT_PTR_EQUAL(reached(AT, ACCESS_READ), lent);
		CU_ASSERT_EQUAL(frame_writable(lent), store);
		CU_ASSERT_EQUAL(reached(AT, ACCESS_WRITE) != NULL, store);
	}
}

/* D4: its flags, stored by the instruction, do not show that it was stepped. */
static void
D4_loan_stored_flags(void)
{
	static const uint64_t where[] = {STACK + 7, AT + 7, AT + PAGE_SIZE};

	for (unsigned i = 0; i < 3; i++) {
		two();
		page_of(&p, 3)[7] = 0x47;
		((uint8_t *)frame_data(lent))[7] = 0x47;
		borrow(AT, ACCESS_WRITE, 0);
		fake.step_stored = where[i];
		(void)raise_fault(p.state, FAULT_DEBUG);
		CU_ASSERT(runs(&p));
		CU_ASSERT_EQUAL(page_of(&p, 3)[7], i == 0 ? 0x46 : 0x47);
		CU_ASSERT_EQUAL(((uint8_t *)frame_data(lent))[7],
		    i == 1 ? 0x46 : 0x47);
	}
}

/*
 * D4: a step that is over is never waited for: where the page cannot be had at
 * once, the process goes on.
 */
static void
D4_stored_flags_never_wait(void)
{
	for (unsigned i = 0; i < 2; i++) {
		two();
		page_of(&p, 3)[7] = 0x47;
		borrow(AT, ACCESS_WRITE, 0);
		fake.step_stored = STACK + 7;
		if (i == 0) /* So that the lent page is looked up. */
			p.state->loan.page[0].page.word &= OID_MASK;
		fail_nth(1);
		(void)raise_fault(p.state, FAULT_DEBUG);
		CU_ASSERT(fail_fired());
		CU_ASSERT(runs(&p));
		CU_ASSERT_FALSE(is_lent());
		CU_ASSERT_EQUAL(page_of(&p, 3)[7], i == 0 ? 0x46 : 0x47);
	}
}

/* D4: the instruction enters the kernel by itself: there is no step to end. */
static void
D4_loan_for_a_call(void)
{
	two();
	fake.step = HAL_STEP_ENTERS;
	borrow(AT, ACCESS_EXECUTE, CR_READ_ONLY);
	CU_ASSERT(runs(&p));
	CU_ASSERT_FALSE(is_lent());
	CU_ASSERT_EQUAL(cpu.lent, LENT_NOT);
	CU_ASSERT_PTR_EQUAL(reached(AT, ACCESS_READ), lent);
	p.slot[1] = cap_number_make(1, 0);
	(void)invoke(control_make(INVOKE_CALL, 1), NULL);
	CU_ASSERT_PTR_NULL(reached(AT, ACCESS_READ));
}

/* D4: one that cannot be stepped is not run: its keeper hears of it. */
static void
D4_loan_for_what_cannot_be_stepped(void)
{
	two();
	fake.step = HAL_STEP_NOT;
	borrow(AT, ACCESS_READ, 0);
	CU_ASSERT(runs(&q));
	CU_ASSERT_FALSE(is_lent());
	CU_ASSERT_EQUAL(q.state->regs.rsi, FAULT_INSTRUCTION);
	CU_ASSERT_EQUAL(q.state->regs.rdx, CODE);
	CU_ASSERT_EQUAL(p.state->state, PS_WAITING);
}

/* D4: a process that single-steps itself is told of the step as well. */
static void
D4_loan_and_its_own_step(void)
{
	two();
	fake.step = HAL_STEP_OWN;
	borrow(AT, ACCESS_READ, 0);
	CU_ASSERT(runs(&p));
	(void)raise_fault(p.state, FAULT_DEBUG);
	CU_ASSERT(runs(&q));
	CU_ASSERT_EQUAL(q.state->regs.rsi, FAULT_DEBUG);
	CU_ASSERT_FALSE(is_lent());
}

static enum fake_exit
interrupt(void)
{
	return FAKE_LEAVES(entry_interrupt(p.state, 0));
}

/* D4: interrupted before its step was done, it has the page again. */
static void
D4_loan_interrupted(void)
{
	struct process other;

	for (unsigned how = 0; how < 4; how++) {
		two();
		other = make_process(SOURCE_EPHEMERAL, 3);
		borrow(AT, ACCESS_READ, 0);
		switch (how) {
		case 0:
			(void)interrupt();
			break;
		case 1:
			(void)tick(p.state);
			break;
		case 2: /* Another has its turn in between. */
			run_process(&other);
			other.slot[SLOT_SCHEDULE].data = PRIORITY + 1;
			sched_set_priority(process_activity(&other),
			    PRIORITY + 1, 0);
			(void)invoke(control_make(INVOKE_RETURN, 0), NULL);
			break;
		default: /* Another fault on the way to it. */
			borrow(AT + PAGE_SIZE, ACCESS_READ, 0);
			break;
		}
		CU_ASSERT(runs(&p));
		CU_ASSERT(is_lent());
		CU_ASSERT_EQUAL(cpu.lent, LENT_STEP);
		CU_ASSERT_PTR_EQUAL(reached(AT, ACCESS_READ), lent);
	}
}

/*
 * D4: the code that is stepped may be lent itself, and ends where nothing is
 * mapped.
 */
static void
D4_loan_of_code(void)
{
	uint8_t *code;

	two();
	code = frame_data(lent);
	for (unsigned i = 0; i < PAGE_SIZE; i++)
		code[i] = (uint8_t)(i * 3);
	p.state->regs.rip = AT + PAGE_SIZE - 4;
	borrow(AT + PAGE_SIZE - 4, ACCESS_EXECUTE, CR_READ_ONLY);
	CU_ASSERT(runs(&p));
	CU_ASSERT_EQUAL(fake.step_bytes, 4);
	CU_ASSERT_EQUAL(memcmp(fake.code, code + PAGE_SIZE - 4, 4), 0);
	/* Over the border of two of its own. */
	two();
	frame_nodes(p.node)->slot[1][1].rights |= CR_READ_ONLY;
	frame_nodes(p.node)->slot[1][2].rights |= CR_READ_ONLY;
	p.state->regs.rip = 2 * PAGE_SIZE - 4;
	memset(page_of(&p, 1), 0x11, PAGE_SIZE);
	memset(page_of(&p, 2), 0x22, PAGE_SIZE);
	borrow(AT, ACCESS_READ, 0);
	CU_ASSERT_EQUAL(fake.step_bytes, HAL_CODE_BYTES);
	CU_ASSERT_EQUAL(fake.code[3], 0x11);
	CU_ASSERT_EQUAL(fake.code[4], 0x22);
}

/* D4: what a loan needs cannot be had now: it waits, and then it has it. */
static void
D4_loan_failure_waits(void)
{
	bool     fired = true;
	unsigned n;

	for (n = 1; fired; n++) {
		struct cap c;

		two();
		c = page_cap(lent, 0);
		(void)fault_at(AT, ACCESS_WRITE);
		q.slot[5] = c;
		(void)invoke(control_make(INVOKE_CALL, 4) | CONTROL_SEND(0, 5),
		    (const uint64_t[]){RESTART_LEND, 0, 0, 0, 0});
		CU_ASSERT_EQUAL(q.state->regs.rdi, RC_OK);
		p.state->loan.page[0].page.word &= OID_MASK;
		fail_nth(n);
		(void)invoke(control_make(INVOKE_RETURN, 0), NULL);
		fired = fail_fired();
		if (fired) {
			CU_ASSERT_FALSE(runs(&p));
			CU_ASSERT_EQUAL(p.state->state, PS_RUNNING);
			CU_ASSERT_EQUAL(p.state->regs.rip, CODE);
			CU_ASSERT(is_lent());
			fail_wake();
			(void)dispatch();
		}
		CU_ASSERT(runs(&p));
		CU_ASSERT_EQUAL(cpu.lent, LENT_STEP);
		CU_ASSERT_PTR_EQUAL(reached(AT, ACCESS_WRITE), lent);
	}
	CU_ASSERT(n > 3);
}

const struct runner_test loan_tests[] = {
    RUNNER_TEST(D4_loan_for_one_instruction),
    RUNNER_TEST(D4_loan_rights),
    RUNNER_TEST(D4_loans_of_one_instruction),
    RUNNER_TEST(D3_loan_in_many_tables),
    RUNNER_TEST(D4_loan_of_another_instruction),
    RUNNER_TEST(D4_loan_of_a_dead_page),
    RUNNER_TEST(F9_resident_borrows_nothing_persistent),
    RUNNER_TEST(F5_resident_borrows_without_memory),
    RUNNER_TEST(F7_loan_of_a_clean_page),
    RUNNER_TEST(D4_loan_stored_flags),
    RUNNER_TEST(D4_stored_flags_never_wait),
    RUNNER_TEST(D4_loan_for_a_call),
    RUNNER_TEST(D4_loan_for_what_cannot_be_stepped),
    RUNNER_TEST(D4_loan_and_its_own_step),
    RUNNER_TEST(D4_loan_interrupted),
    RUNNER_TEST(D4_loan_of_code),
    RUNNER_TEST(D4_loan_failure_waits),
    {NULL, NULL},
};
