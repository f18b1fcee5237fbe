/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Loans for a SYSCALL (D4): it is not stepped, but the kernel reads a string
 * from what was lent for it. See loan_test.c for all other instructions.
 */
#include "testsuite/unit/kernel/object/support.h"

#include "kernel/abi/process.order.h"
#include "kernel/abi/restart.order.h"
#include "kernel/mem/cache.h"
#include "kernel/object/loan.h"

enum {
	AT = 24 * PAGE_SIZE,  /* Where the borrower has nothing. */
	INTO = 5 * PAGE_SIZE, /* Where the receiver wants it. */
	SENT = 6,
	SPLIT = 2, /* So many of them in the first page. */
};

static struct process p, q, r; /* Borrower, its keeper, whom it calls. */
static struct frame  *lent;

static void
two(void)
{
	lent = borrower_and_keeper(&p, &q);
}

/* The keeper, which was told of a fault, lends; then the borrower's turn. */
static enum status
lends(const struct frame *f)
{
	const uint64_t words[MESSAGE_WORDS] = {RESTART_LEND};
	enum status    st;

	CU_ASSERT_FATAL(runs(&q));
	q.slot[5] = cap_make(CK_PAGE, 0, 0, f->count,
	    oid_make(f->number, OID_INDEX_FRAME));
	(void)invoke(control_make(INVOKE_CALL, 4) | CONTROL_SEND(0, 5), words);
	st = (enum status)q.state->regs.rdi;
	(void)invoke(control_make(INVOKE_RETURN, 0) | CONTROL_RECEIVE(0, 3) |
		CONTROL_RECEIVE(3, 4),
	    NULL);
	return st;
}

static bool
is_lent(void)
{
	return (p.state_frame->flags & FF_LENT) != 0;
}

/* It calls, or calls again: SYSCALL, as often as it takes. */
static enum fake_exit
send_string(void)
{
	return invoke_string(control_make(INVOKE_CALL, 1), 7,
	    AT + PAGE_SIZE - SPLIT, SENT);
}

static void
string_is_lent(const struct frame *f, uint64_t at)
{
	CU_ASSERT_EQUAL(p.state->state, PS_WAITING);
	CU_ASSERT_EQUAL(p.state->fault_address, at);
	CU_ASSERT_EQUAL(lends(f), RC_OK);
	CU_ASSERT(runs(&p));
	CU_ASSERT(is_lent());
}

/* p sends r a string of which nothing is there; the first page was lent. */
static void
first_is_lent(void)
{
	two();
	fake.step = HAL_STEP_ENTERS;
	r = make_process(SOURCE_EPHEMERAL, 3);
	make_available(&r, CONTROL_RECEIVE(3, 3), INTO, PAGE_SIZE);
	p.slot[1] = start_cap(&r, 0);
	memcpy((uint8_t *)frame_data(lent) + PAGE_SIZE - SPLIT, "ab", SPLIT);
	(void)send_string();
	string_is_lent(lent, AT + PAGE_SIZE - SPLIT);
}

/* D4: the kernel reads a string where its pages are lent, and then no more. */
static void
D4_loan_of_a_string(void)
{
	struct frame *second;

	first_is_lent();
	second = new_page(901);
	memcpy(frame_data(second), "cdef", SENT - SPLIT);
	(void)send_string(); /* It has the first page, and asks for the next. */
	string_is_lent(second, AT + PAGE_SIZE);
	(void)send_string();
	CU_ASSERT(runs(&r));
	CU_ASSERT_EQUAL(memcmp(page_of(&r, 5), "abcdef", SENT), 0);
	CU_ASSERT_FALSE(is_lent());
}

/* D4: to the kernel likewise. */
static void
D4_loan_of_a_string_to_the_kernel(void)
{
	two();
	fake.step = HAL_STEP_ENTERS;
	p.slot[1] = process_cap(&q);
	memcpy(frame_data(lent), "lent", 4);
	(void)invoke_string(
	    control_make(INVOKE_CALL, 1), PROCESS_NAME, AT, 4);
	string_is_lent(lent, AT);
	(void)invoke_string(
	    control_make(INVOKE_CALL, 1), PROCESS_NAME, AT, 4);
	CU_ASSERT(runs(&p));
	CU_ASSERT_EQUAL(p.state->regs.rdi, RC_OK);
	CU_ASSERT_EQUAL(memcmp(q.state->name, "lent", 5), 0);
	CU_ASSERT_FALSE(is_lent());
}

/* D4: what has died meanwhile is asked for again; without a target it ends. */
static void
D4_loan_of_a_string_in_vain(void)
{
	first_is_lent();
	object_rescind_page(lent);
	(void)send_string();
	CU_ASSERT_EQUAL(p.state->fault_address, AT + PAGE_SIZE - SPLIT);
	CU_ASSERT_EQUAL(p.state->state, PS_WAITING);
	first_is_lent();
	p.slot[1] = (struct cap){.type = CK_VOID};
	(void)send_string();
	CU_ASSERT(runs(&p));
	CU_ASSERT_EQUAL(p.state->regs.rdi, RC_VOID);
	CU_ASSERT_FALSE(is_lent());
}

/* D4: a page that cannot be had now is waited for, and the loan stays. */
static void
D4_loan_of_a_string_waits(void)
{
	first_is_lent();
	p.state->loan.page[0].page.word &= OID_MASK;
	fail_nth(1);
	(void)send_string();
	CU_ASSERT(fail_fired());
	CU_ASSERT_EQUAL(p.state->state, PS_RUNNING);
	CU_ASSERT(is_lent());
	fail_wake();
	(void)dispatch();
	CU_ASSERT(runs(&p));
	(void)send_string();
	CU_ASSERT_EQUAL(p.state->fault_address, AT + PAGE_SIZE);
}

/* D4: what a process asks for where the kernel is, nobody can lend it. */
static void
D4_nothing_is_lent_beyond_user_space(void)
{
	static const uint64_t at[] = {UINT64_C(1) << USER_SPAN,
	    UINT64_MAX - SENT, UINT64_C(0xffffffff80100000)};

	for (unsigned i = 0; i < 2 * sizeof(at) / sizeof(at[0]); i++) {
		two();
		fake.step = HAL_STEP_ENTERS;
		p.slot[1] = process_cap(&q);
		if (i % 2 == 0)
			(void)invoke_string(control_make(INVOKE_CALL, 1),
			    PROCESS_NAME, at[i / 2], 4);
		else
			(void)raise_page_fault(
			    p.state, at[i / 2], ACCESS_READ);
		CU_ASSERT_EQUAL(p.state->fault_address, at[i / 2]);
		CU_ASSERT_EQUAL(lends(lent), RC_STATE);
		CU_ASSERT_EQUAL(p.state->state, PS_WAITING);
		CU_ASSERT_FALSE(is_lent());
	}
}

const struct runner_test loan_string_tests[] = {
    RUNNER_TEST(D4_loan_of_a_string),
    RUNNER_TEST(D4_loan_of_a_string_to_the_kernel),
    RUNNER_TEST(D4_loan_of_a_string_in_vain),
    RUNNER_TEST(D4_loan_of_a_string_waits),
    RUNNER_TEST(D4_nothing_is_lent_beyond_user_space),
    {NULL, NULL},
};
