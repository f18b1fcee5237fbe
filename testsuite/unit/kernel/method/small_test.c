/* SPDX-License-Identifier: BSD-2-Clause */
/* Kinds with few orders: clock, log, number, discrim, schedule, snapshot. */
#include "testsuite/unit/kernel/method/support.h"

#include "kernel/abi/clock.order.h"
#include "kernel/abi/discrim.order.h"
#include "kernel/abi/log.order.h"
#include "kernel/abi/number.order.h"
#include "kernel/abi/pager.order.h"
#include "kernel/abi/schedule.order.h"
#include "kernel/abi/snapshot.order.h"
#include "kernel/object/wall.h"
#include "kernel/sched/clock.h"

enum {
	HIGHEST = PRIORITIES - 1,
	CALL = 77,
};

#define MS UINT64_C(1000000)

/* --- Clock and log * --------------------------------------------------- */

/* clock.now: three clocks; the day's is 0 when it is not known (D13). */
static void
clock_tells_three_times(void)
{
	start_client();
	fake.now = 5000;
	wall = (struct wall){.persistent_base = 100};
	CU_ASSERT_EQUAL(ASK(root(CK_CLOCK), CLOCK_NOW), RC_OK);
	CU_ASSERT_EQUAL(answer.word[1], 5000);
	CU_ASSERT_EQUAL(answer.word[2], 5100);
	CU_ASSERT_EQUAL(answer.word[3], 0);
	wall.day_base = 1000000;
	CU_ASSERT_EQUAL(ASK(root(CK_CLOCK), CLOCK_NOW), RC_OK);
	CU_ASSERT_EQUAL(answer.word[3], 1005000);
	CU_ASSERT_EQUAL(ASK(root(CK_CLOCK), CLOCK_ORDER_LIMIT), RC_ORDER);
	wall.day_base = 0;
}

/* clock.alarm, cancel: one for each bit; there are so many and no more. */
static void
alarms_are_counted(void)
{
	const struct cap c = root(CK_CLOCK);
	struct cap       n;

	start_client();
	n = notice_cap(&client, 3);
	CU_ASSERT_EQUAL(ASK(c, CLOCK_ALARM, 9), RC_CAPABILITY);
	CU_ASSERT_EQUAL(ASK_WITH(c, n, CLOCK_CANCEL), RC_NOT_FOUND);
	cpu.slice_end = UINT64_MAX; /* Nobody else is ready. */
	CU_ASSERT_EQUAL(ASK_WITH(c, n, CLOCK_ALARM, 9000), RC_OK);
	CU_ASSERT_EQUAL(fake.deadline, 9000);
	CU_ASSERT_EQUAL(ASK_WITH(c, n, CLOCK_ALARM, 8000), RC_OK);
	CU_ASSERT_EQUAL(alarm_count(), 1); /* The new one replaces the old. */
	CU_ASSERT_EQUAL(alarm_next(), 8000);
	for (uint64_t i = 1; i < ACTIVITIES; i++)
		CU_ASSERT_EQUAL(alarm_set(&(const struct alarm){
				    .when = 100000, .process = i << 3}),
		    RC_OK);
	CU_ASSERT_EQUAL(
	    ASK_WITH(c, notice_cap(&client, 4), CLOCK_ALARM, 1), RC_NO_MEMORY);
	CU_ASSERT_EQUAL(alarm_next(), 8000);
	CU_ASSERT_EQUAL(ASK_WITH(c, n, CLOCK_CANCEL), RC_OK);
	CU_ASSERT_EQUAL(
	    ASK_WITH(c, notice_cap(&client, 4), CLOCK_ALARM, 1), RC_OK);
	CU_ASSERT_EQUAL(ASK_WITH(c, n, CLOCK_CANCEL), RC_NOT_FOUND);
}

/* log.write, read: no control characters reach a terminal. */
static void
log_is_harmless(void)
{
	static const char text[] = "a\x1b[2J\x7f\tb\n";
	const struct cap  c = root(CK_LOG);
	uint64_t          at;

	start_client();
	CU_ASSERT_EQUAL(ASK(c, LOG_READ, 0), RC_OK);
	at = answer.word[1];
	CU_ASSERT_EQUAL(
	    ASK_STRING(less(c, CR_READ_ONLY), "x", 1, LOG_WRITE), RC_RIGHTS);
	CU_ASSERT_EQUAL(ASK(c, LOG_WRITE), RC_STRING);
	CU_ASSERT_EQUAL(
	    ASK_STRING(c, text, sizeof(text) - 1, LOG_WRITE), RC_OK);
	CU_ASSERT_EQUAL(ASK(less(c, CR_READ_ONLY), LOG_READ, at), RC_OK);
	/* The fake log makes a line of each character. */
	CU_ASSERT_EQUAL(answer.bytes, 18);
	CU_ASSERT_EQUAL(
	    memcmp(answer.string, "a\n?\n[\n2\nJ\n?\n\t\nb\n\n\n", 18), 0);
	CU_ASSERT_EQUAL(answer.word[1], at + 18);
	CU_ASSERT_EQUAL(ASK(c, LOG_READ, UINT64_MAX), RC_OK);
	CU_ASSERT_EQUAL(answer.bytes, 0);
}

/* --- Numbers, and what a capability is * ------------------------------- */

static uint64_t
compare(struct cap a, struct cap b)
{
	CU_ASSERT_EQUAL(ask(&(const struct ask){.self = root(CK_DISCRIM),
			    .word = {DISCRIM_COMPARE},
			    .send = {a, b}}),
	    RC_OK);
	return answer.word[1];
}

/* discrim.compare: whatever conveys authority counts, a hint does not (M1). */
static void
M1_hints_do_not_count(void)
{
	struct frame *page, *other;
	struct cap    a, b, range;

	start_client();
	page = page_frame(SOURCE_EPHEMERAL, 5000);
	other = page_frame(SOURCE_EPHEMERAL, 5001);
	a = page_to(page, 0);
	CU_ASSERT_EQUAL(compare(a, a), 1);
	b = a;
	b.word |= UINT64_C(7) << CAP_HINT_SHIFT;
	CU_ASSERT_EQUAL(compare(a, b), 1);
	CU_ASSERT_EQUAL(compare(a, page_to(page, CR_READ_ONLY)), 0);
	CU_ASSERT_EQUAL(compare(a, page_to(other, 0)), 0);
	CU_ASSERT_EQUAL(compare(a, (struct cap){0}), 0);
	CU_ASSERT_EQUAL(compare((struct cap){0}, (struct cap){0}), 1);
	b.count++; /* A dead one is void. */
	CU_ASSERT_EQUAL(compare(b, (struct cap){0}), 1);
	CU_ASSERT_EQUAL(
	    compare(start_cap(&client, 1), start_cap(&client, 2)), 0);
	CU_ASSERT_EQUAL(
	    compare(cap_number_make(1, 2), cap_number_make(1, 3)), 0);
	CU_ASSERT_EQUAL(compare(cap_number_make(UINT64_C(1) << 63, 2),
			    cap_number_make(0, 2)),
	    0);
	range = cap_range_make(frame_of(SOURCE_EPHEMERAL, 1), 1 << 20);
	CU_ASSERT_EQUAL(compare(range, range), 1);
	CU_ASSERT_EQUAL(
	    compare(
		range, cap_range_make(frame_of(SOURCE_EPHEMERAL, 1), 1 << 21)),
	    0);
	CU_ASSERT_EQUAL(ASK(root(CK_DISCRIM), DISCRIM_ORDER_LIMIT), RC_ORDER);
	CU_ASSERT_EQUAL(ASK(cap_number_make(3, 4), NUMBER_GET), RC_OK);
	CU_ASSERT_EQUAL(answer.word[1], 3);
	CU_ASSERT_EQUAL(answer.word[2], 4);
}

/* discrim.branded: of a process, or its start capability; nothing bears void.
 */
static void
brands_are_recognised(void)
{
	const struct cap brand = cap_number_make(5, 5);
	struct process   p;
	struct ask a = {.self = root(CK_DISCRIM), .word = {DISCRIM_BRANDED}};

	start_client();
	p = make_process(SOURCE_EPHEMERAL, 5);
	for (unsigned branded = 0; branded < 2; branded++) {
		if (branded)
			p.slot[SLOT_BRAND] = brand;
		a.send[0] = start_cap(&p, 1);
		a.send[1] = brand;
		CU_ASSERT_EQUAL(ask(&a), RC_OK);
		CU_ASSERT_EQUAL(answer.word[1], branded);
		a.send[0] = process_cap(&p);
		CU_ASSERT_EQUAL(ask(&a), RC_OK);
		CU_ASSERT_EQUAL(answer.word[1], branded);
		a.send[1] = cap_number_make(5, 6);
		CU_ASSERT_EQUAL(ask(&a), RC_OK);
		CU_ASSERT_EQUAL(answer.word[1], 0);
		a.send[1] = (struct cap){0};
		client.slot[3] = (struct cap){0};
		CU_ASSERT_EQUAL(ask(&a), RC_OK);
		CU_ASSERT_EQUAL(answer.word[1], 0);
		a.send[0] = brand; /* Not a process at all. */
		a.send[1] = brand;
		CU_ASSERT_EQUAL(ask(&a), RC_OK);
		CU_ASSERT_EQUAL(answer.word[1], 0);
	}
}

/* discrim.discreet (S15): what can write, call or tell is not. */
static void
S15_discreet(void)
{
	const unsigned   sealed = CR_READ_ONLY | CR_WEAK;
	const struct cap to = cap_number_make(1, 1);
	struct frame    *page, *nodes;
	struct cap       yes[6], no[8];

	start_client();
	page = page_frame(SOURCE_EPHEMERAL, 5000);
	nodes = node_frame(SOURCE_EPHEMERAL, 5001);
	service_set(3, &to);
	yes[0] = (struct cap){0};
	yes[1] = cap_number_make(1, 2);
	yes[2] = root(CK_DISCRIM);
	yes[3] = page_to(page, CR_READ_ONLY);
	yes[4] = node_to(nodes, 1, sealed);
	yes[5] = page_to(page, 0);
	yes[5].count++; /* Dead. */
	no[0] = page_to(page, 0);
	no[1] = page_to(page, CR_WEAK);
	no[2] = node_to(nodes, 1, CR_READ_ONLY);
	no[3] = node_to(nodes, 1, CR_WEAK);
	no[4] = start_cap(&client, 1);
	no[5] = root(CK_CLOCK);
	no[6] = cap_make(CK_BOOTSVC, 0, 3, 0, (oid){0}); /* To a number. */
	no[7] = root(CK_KINFO);
	for (unsigned i = 0; i < 6; i++) {
		CU_ASSERT_EQUAL(
		    ASK_WITH(root(CK_DISCRIM), yes[i], DISCRIM_DISCREET),
		    RC_OK);
		CU_ASSERT_EQUAL(answer.word[1], 1);
	}
	for (unsigned i = 0; i < 8; i++) {
		CU_ASSERT_EQUAL(
		    ASK_WITH(root(CK_DISCRIM), no[i], DISCRIM_DISCREET), RC_OK);
		CU_ASSERT_EQUAL(answer.word[1], 0);
	}
}

static struct process waiter;
static struct ask     next;

/* A resume capability to one that waits; its state page has to be looked for.
 */
static void
make_settled(struct ask *a)
{
	struct cap c;

	start_client();
	waiter = make_process(SOURCE_PERSISTENT, 5);
	waiter.state->state = PS_WAITING;
	waiter.state->call_number = CALL;
	waiter.slot[SLOT_STATE].word &= OID_MASK;
	c = cap_resume_make(CK_RESUME, CALL, process_oid(&waiter));
	*a = next;
	a->self = root(CK_DISCRIM);
	a->send[next.send[0].type == CK_VOID ? 0 : 1] = c;
}

static void
nothing(void)
{
	CU_ASSERT_EQUAL(waiter.state->state, PS_WAITING);
}

static void
is_resume_alone(void)
{
	CU_ASSERT_EQUAL(
	    answer.word[1], next.word[0] == DISCRIM_CLASSIFY ? CK_RESUME : 0);
	CU_ASSERT_EQUAL(answer.word[2], 0);
	CU_ASSERT_EQUAL(answer.word[3], 0);
}

/* F1: whether a resume capability is dead its process tells, once it is here.
 */
static void
F1_settling_may_wait(void)
{
	static const struct ask asked[] = {
	    {.word = {DISCRIM_CLASSIFY}},
	    {.word = {DISCRIM_DISCREET}},
	    {.word = {DISCRIM_COMPARE}},
	    {.word = {DISCRIM_COMPARE}, .send = {{.type = CK_NUMBER}}},
	};

	for (unsigned i = 0; i < 4; i++) {
		next = asked[i];
		each_failure(&(const struct trial){.make = make_settled,
		    .unchanged = nothing,
		    .done = is_resume_alone,
		    .least = 1});
	}
	next = asked[0]; /* Answered, it is void. */
	make_settled(&next);
	waiter.state->call_number++;
	CU_ASSERT_EQUAL(ask(&next), RC_OK);
	CU_ASSERT_EQUAL(answer.word[1], CK_VOID);
}

/* --- Schedules * ------------------------------------------------------- */

static struct cap
schedule(unsigned priority)
{
	return cap_make(CK_SCHEDULE, 0, priority, 0, (oid){0});
}

/* schedule.get, lower: never above what one has; the reserve stays. */
static void
schedules_are_lowered(void)
{
	struct cap c;

	start_client();
	c = schedule(7);
	c.count = 5;
	CU_ASSERT_EQUAL(ASK(c, SCHEDULE_GET), RC_OK);
	CU_ASSERT_EQUAL(answer.word[1], 7);
	CU_ASSERT_EQUAL(answer.word[2], 5);
	CU_ASSERT_EQUAL(ASK(c, SCHEDULE_LOWER, 8), RC_ARGUMENT);
	CU_ASSERT_EQUAL(ASK(c, SCHEDULE_LOWER, UINT64_MAX), RC_ARGUMENT);
	CU_ASSERT_EQUAL(answer.cap.type, CK_VOID);
	CU_ASSERT_EQUAL(ASK(c, SCHEDULE_LOWER, 6), RC_OK);
	CU_ASSERT_EQUAL(answer.cap.data, 6);
	CU_ASSERT_EQUAL(answer.cap.count, 5);
	CU_ASSERT_EQUAL(ASK(c, SCHEDULE_ORDER_LIMIT), RC_ORDER);
}

/* schedule.reserve, release, figures: whose priority allows it, and what fits.
 */
static void
reserves_are_admitted(void)
{
	static const struct {
		uint64_t    period, budget;
		enum status st;
	} bad[] = {
	    {MS - 1, MS / 2, RC_ARGUMENT},
	    {60001 * MS, MS, RC_ARGUMENT},
	    {10 * MS, 49999, RC_ARGUMENT},
	    {10 * MS, 11 * MS, RC_ARGUMENT},
	    {10 * MS, 95 * MS / 10, RC_LIMIT},
	};
	struct cap c;

	start_client();
	CU_ASSERT_EQUAL(
	    ASK(schedule(14), SCHEDULE_RESERVE, 10 * MS, MS), RC_RIGHTS);
	for (unsigned i = 0; i < 5; i++)
		CU_ASSERT_EQUAL(ASK(schedule(HIGHEST), SCHEDULE_RESERVE,
				    bad[i].period, bad[i].budget),
		    bad[i].st);
	CU_ASSERT_EQUAL(reserves.share, 0);
	CU_ASSERT_EQUAL(
	    ASK(schedule(HIGHEST), SCHEDULE_RESERVE, 10 * MS, MS), RC_OK);
	c = answer.cap;
	CU_ASSERT_EQUAL(c.type, CK_SCHEDULE);
	CU_ASSERT_EQUAL(c.data, HIGHEST);
	CU_ASSERT_NOT_EQUAL(c.count, 0);
	CU_ASSERT_EQUAL(ASK(c, SCHEDULE_FIGURES), RC_OK);
	CU_ASSERT_EQUAL(answer.word[1], 10 * MS);
	CU_ASSERT_EQUAL(answer.word[2], MS);
	CU_ASSERT_EQUAL(answer.word[3], MS);
	CU_ASSERT_EQUAL(answer.word[4], 0);
	CU_ASSERT_EQUAL(ASK(schedule(HIGHEST), SCHEDULE_FIGURES), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(ASK(schedule(HIGHEST), SCHEDULE_RELEASE), RC_NOT_FOUND);
	c.data = 14;
	CU_ASSERT_EQUAL(ASK(c, SCHEDULE_RELEASE), RC_RIGHTS);
	c.data = HIGHEST;
	CU_ASSERT_EQUAL(ASK(c, SCHEDULE_RELEASE), RC_OK);
	CU_ASSERT_EQUAL(ASK(c, SCHEDULE_RELEASE), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(ASK(c, SCHEDULE_FIGURES), RC_NOT_FOUND);
	CU_ASSERT_EQUAL(reserves.share, 0);
}

/* schedule.reserve: there are 31. */
static void
reserves_run_out(void)
{
	unsigned n = 0;

	start_client();
	while (ASK(schedule(HIGHEST), SCHEDULE_RESERVE, 1000 * MS, MS) == RC_OK)
		n++;
	CU_ASSERT_EQUAL(answer.status, RC_NO_MEMORY);
	CU_ASSERT_EQUAL(n, RESERVES - 1);
}

/* --- Snapshots and the pager * ----------------------------------------- */

static uint64_t epoch;

static void
make_snapshot(struct ask *a)
{
	struct process p;

	start_client();
	open_range(100);
	p = make_process(SOURCE_PERSISTENT, 5);
	(void)run_process(&p);
	epoch = mem.epoch;
	*a = (struct ask){.self = root(CK_SNAPSHOT), .word = {SNAPSHOT_TAKE}};
}

static void
nothing_is_frozen(void)
{
	CU_ASSERT_EQUAL(mem.epoch, epoch);
}

/* The instant is one piece, its record others (D3). */
static enum status
in_pieces(enum status st)
{
	while (st == ST_WAIT && mem.epoch != epoch)
		st = ask_again();
	return st;
}

static void
is_frozen(void)
{
	CU_ASSERT_EQUAL(mem.epoch, epoch + 1);
	CU_ASSERT_EQUAL(answer.word[1], epoch);
}

/*
 * snapshot.take: the record needs memory; without it nothing is frozen, and
 * what was made of the record is given back.
 */
static void
snapshot_needs_memory(void)
{
	struct memory_figures before, after;
	struct ask            a;
	bool                  fired;

	make_snapshot(&a);
	CU_ASSERT_EQUAL(ask_failing(&a, 1, &fired), ST_WAIT);
	CU_ASSERT_TRUE(fired);
	nothing_is_frozen();
	CU_ASSERT_EQUAL(in_pieces(ask_again()), RC_OK);
	is_frozen();
	make_snapshot(&a);
	(void)ASK(root(CK_SNAPSHOT), SNAPSHOT_ORDER_LIMIT);
	frame_figures(&before);
	fail_memory(1);
	CU_ASSERT_EQUAL(ask(&a), RC_NO_MEMORY);
	CU_ASSERT_TRUE(fail_fired());
	nothing_is_frozen();
	CU_ASSERT_EQUAL(in_pieces(ask(&a)), RC_OK);
	is_frozen();
	/* The last one is not committed: the new record is given back. */
	frame_figures(&before);
	CU_ASSERT_EQUAL(ask(&a), RC_BUSY);
	frame_figures(&after);
	CU_ASSERT_EQUAL(after.free, before.free);
}

/* pager.kick: of a store that has bound its ring. */
static void
pager_is_kicked(void)
{
	start_client();
	CU_ASSERT_EQUAL(ASK(root(CK_PAGER), PAGER_KICK), RC_STATE);
	open_range(1);
	CU_ASSERT_EQUAL(ASK(root(CK_PAGER), PAGER_KICK), RC_OK);
	CU_ASSERT_EQUAL(answer.word[1], 0);
}

const struct runner_test small_tests[] = {
    RUNNER_TEST(clock_tells_three_times),
    RUNNER_TEST(alarms_are_counted),
    RUNNER_TEST(log_is_harmless),
    RUNNER_TEST(M1_hints_do_not_count),
    RUNNER_TEST(brands_are_recognised),
    RUNNER_TEST(S15_discreet),
    RUNNER_TEST(F1_settling_may_wait),
    RUNNER_TEST(schedules_are_lowered),
    RUNNER_TEST(reserves_are_admitted),
    RUNNER_TEST(reserves_run_out),
    RUNNER_TEST(snapshot_needs_memory),
    RUNNER_TEST(pager_is_kicked),
    {NULL, NULL},
};
