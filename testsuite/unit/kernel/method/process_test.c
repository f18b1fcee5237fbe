/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes as who holds them sees them, and as their keepers do (D4, D16). */
#include "testsuite/unit/kernel/method/support.h"

#include "kernel/abi/port_space.order.h"
#include "kernel/abi/process.order.h"
#include "kernel/abi/restart.order.h"
#include "kernel/mem/cache.h"
#include "kernel/object/loan.h"

enum {
	REG = 3,
	BIT = 7,
	CALL = 77, /* The number that the target waits with. */
	FILL = 0x5a,
	RIP = 0x4000,
};

static struct process      t; /* The target. */
static struct frame       *page;
static struct cap          was;
static struct register_set set;
static uint8_t             extended[XSAVE_BYTES];

/* A target of a source, available; registers and all are to be had. */
static void
begin(enum oid_source source)
{
	start_client();
	open_range(100);
	t = make_process(source, 5);
	page = page_frame(SOURCE_EPHEMERAL, 5000);
	was = cap_number_make(1, 2);
	t.slot[REG] = was;
	t.state->regs.rbx = 0xb;
	t.state->fs_base = 0xf5;
	memset(t.state->xsave, 1, XSAVE_BYTES);
	memset(extended, FILL, sizeof(extended));
	set = (struct register_set){.regs = {.rip = RIP, .rbx = 0xbb},
	    .fs_base = 0xf6,
	    .gs_base = 0xf7};
}

/* It has faulted, and its keeper holds the restart capability. */
static struct cap
fault(enum fault_code code)
{
	t.state->state = PS_WAITING;
	t.state->fault = (uint8_t)code;
	t.state->call_number = CALL;
	t.state->fault_address = 0x1234;
	t.state->regs.rip = RIP;
	return cap_resume_make(CK_RESTART, CALL, process_oid(&t));
}

/* --- Each order may have to wait, and then has done nothing ------------ */

enum with { NOTHING, NUMBER, PAGE, REGISTERS, EXTENDED, NAME };
enum world { AVAILABLE, NOTED, FAULTED };

struct row {
	enum world world;
	uint64_t   word[2];
	enum with  with;
	void (*done)(void);
	enum fault_code code;
};

static void
is_got(void)
{
	CU_ASSERT(same_cap(&answer.cap, &was));
	CU_ASSERT(same_cap(&t.slot[REG], &was));
}

static void
is_swapped(void)
{
	CU_ASSERT(same_cap(&answer.cap, &was));
	CU_ASSERT_EQUAL(t.slot[REG].word, FILL);
	CU_ASSERT(t.header->placed & 1 << REG);
}

static void
registers_are_got(void)
{
	const struct register_set *r = (const void *)answer.string;

	CU_ASSERT_EQUAL(answer.bytes, sizeof(*r));
	CU_ASSERT_EQUAL(r->regs.rbx, 0xb);
	CU_ASSERT_EQUAL(r->fs_base, 0xf5);
}

static void
registers_are_set(void)
{
	CU_ASSERT_EQUAL(t.state->regs.rbx, 0xbb);
	CU_ASSERT_EQUAL(t.state->regs.rip, RIP);
	CU_ASSERT_EQUAL(t.state->fs_base, 0xf6);
	CU_ASSERT_EQUAL(t.state->gs_base, 0xf7);
}

/* Of what was set nothing is believed when it is loaded. */
static void
registers_are_forced(void)
{
	registers_are_set();
	CU_ASSERT_EQUAL(t.state->regs.trap, TRAP_INTERRUPT);
	CU_ASSERT_EQUAL(t.state_frame->flags & FF_FORCED, 0);
}

static void
is_ready(void)
{
	const struct activity *a = process_activity(&t);

	CU_ASSERT_EQUAL(t.state->state, PS_RUNNING);
	CU_ASSERT_EQUAL(t.state->fault, FAULT_NONE);
	CU_ASSERT_PTR_NOT_NULL_FATAL(a);
	CU_ASSERT_EQUAL(a->state, KA_READY);
	CU_ASSERT_EQUAL(a->priority, PRIORITY);
}

static void
is_available(void)
{
	CU_ASSERT_EQUAL(t.state->state, PS_AVAILABLE);
	CU_ASSERT_EQUAL(t.state->fault, FAULT_NONE);
}

static void
is_noted(void)
{
	CU_ASSERT_EQUAL(answer.cap.type, CK_NOTICE);
	CU_ASSERT_EQUAL(answer.cap.data, BIT);
	CU_ASSERT(process_activity(&t)->flags & AF_NOTICE);
}

static void
is_told(void)
{
	CU_ASSERT_EQUAL(answer.word[1], PS_WAITING);
	CU_ASSERT_EQUAL(answer.word[2], FAULT_DIVIDE);
	CU_ASSERT_EQUAL(answer.word[3], 0x1234);
}

static void
is_named(void)
{
	static const uint8_t name[16] = "name";

	CU_ASSERT_EQUAL(memcmp(t.state->name, name, sizeof(name)), 0);
}

static void
is_foreign(void)
{
	CU_ASSERT_EQUAL(t.header->flags, PF_FOREIGN);
}

static void
extended_is_got(void)
{
	CU_ASSERT_EQUAL(answer.bytes, XSAVE_BYTES);
	CU_ASSERT_EQUAL(answer.string[XSAVE_BYTES - 1], 1);
}

static void
extended_is_set(void)
{
	CU_ASSERT_EQUAL(memcmp(t.state->xsave, extended, XSAVE_BYTES), 0);
	CU_ASSERT_EQUAL(t.state_frame->flags & FF_FORCED, 0);
}

static void
is_lent(void)
{
	is_ready();
	CU_ASSERT(t.state_frame->flags & FF_LENT);
	CU_ASSERT_EQUAL(t.state->loan.n, 1);
	CU_ASSERT_EQUAL(t.state->loan.page[0].address, 0x1000);
}

static void
is_dead(void)
{
	CU_ASSERT_EQUAL(t.state->state, PS_WAITING);
	CU_ASSERT_EQUAL(t.state->call_number, 0);
}

static void
is_answered(void)
{
	is_ready();
	registers_are_set();
}

static const struct row rows[] = {
    {AVAILABLE, {PROCESS_GET, REG}, NOTHING, is_got, 0},
    {AVAILABLE, {PROCESS_SWAP, REG}, NUMBER, is_swapped, 0},
    {AVAILABLE, {PROCESS_GET_REGISTERS}, NOTHING, registers_are_got, 0},
    {AVAILABLE, {PROCESS_SET_REGISTERS}, REGISTERS, registers_are_forced, 0},
    {NOTED, {PROCESS_SET_REGISTERS}, REGISTERS, registers_are_forced, 0},
    {AVAILABLE, {PROCESS_START}, NOTHING, is_ready, 0},
    {AVAILABLE, {PROCESS_STOP}, NOTHING, is_available, 0},
    {NOTED, {PROCESS_STOP}, NOTHING, is_available, 0},
    {NOTED, {PROCESS_MAKE_NOTICE, BIT}, NOTHING, is_noted, 0},
    {FAULTED, {PROCESS_STATE}, NOTHING, is_told, FAULT_DIVIDE},
    {AVAILABLE, {PROCESS_NAME}, NAME, is_named, 0},
    {AVAILABLE, {PROCESS_SET_FOREIGN, 1}, NOTHING, is_foreign, 0},
    {AVAILABLE, {PROCESS_GET_EXTENDED}, NOTHING, extended_is_got, 0},
    {AVAILABLE, {PROCESS_SET_EXTENDED}, EXTENDED, extended_is_set, 0},
    /* The keeper's; they are told from the others by a lower limit. */
    {FAULTED, {RESTART_RETRY}, NOTHING, is_ready, FAULT_BREAKPOINT},
    {FAULTED, {RESTART_LEND}, PAGE, is_lent, FAULT_UNMAPPED},
    {FAULTED, {RESTART_KILL}, NOTHING, is_dead, FAULT_DIVIDE},
    {FAULTED, {RESTART_ANSWER}, REGISTERS, is_answered, FAULT_FOREIGN},
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]), FIRST_OF_KEEPER = ROWS - 4 };

static const struct row *row;
static uint8_t           before[2][PAGE_SIZE];

static void
send(const struct row *r, struct ask *a)
{
	memcpy(a->word, r->word, sizeof(r->word));
	if (r->with == NUMBER)
		a->send[0] = cap_number_make(FILL, 0);
	else if (r->with == PAGE)
		a->send[0] = page_to(page, 0);
	else if (r->with == REGISTERS)
		a->string = &set, a->bytes = sizeof(set);
	else if (r->with == EXTENDED)
		a->string = extended, a->bytes = sizeof(extended);
	else if (r->with == NAME)
		a->string = "name", a->bytes = 4;
}

static void
make_order(struct ask *a)
{
	begin(SOURCE_PERSISTENT);
	a->self = process_cap(&t);
	if (row->world == NOTED) {
		CU_ASSERT_EQUAL(
		    ASK(process_cap(&t), PROCESS_MAKE_NOTICE, BIT), RC_OK);
	} else if (row->world == FAULTED) {
		struct cap c = fault(row->code);

		if (row >= &rows[FIRST_OF_KEEPER])
			a->self = c;
	}
	send(row, a);
	make_clean(t.node);
	make_clean(t.state_frame);
	memcpy(before[0], frame_data(t.node), PAGE_SIZE);
	memcpy(before[1], t.state, PAGE_SIZE);
}

static void
nothing_has_changed(void)
{
	frame_nodes(t.node)->header.boot =
	    ((const struct node_frame *)(const void *)before[0])->header.boot;
	CU_ASSERT_EQUAL(memcmp(before[0], frame_data(t.node), PAGE_SIZE), 0);
	CU_ASSERT_EQUAL(memcmp(before[1], t.state, PAGE_SIZE), 0);
}

static void
orders_may_wait(void)
{
	for (unsigned i = 0; i < ROWS; i++) {
		row = &rows[i];
		each_failure(&(const struct trial){.make = make_order,
		    .unchanged = nothing_has_changed,
		    .done = row->done,
		    .least = 2});
	}
}

/* F3: a process whose page names another node answers none of them. */
static void
F3_malformed_answers_nothing(void)
{
	for (unsigned i = 0; i < ROWS; i++) {
		struct ask a = {.bytes = 0};

		row = &rows[i];
		make_order(&a);
		t.state->node_count++;
		mem.changes++;
		CU_ASSERT_EQUAL(
		    ask(&a), i < FIRST_OF_KEEPER ? RC_STATE : RC_VOID);
	}
}

/* --- Words and kinds --------------------------------------------------- */

static void
words_are_checked(void)
{
	static const struct {
		uint64_t    order, word;
		enum status st;
	} bad[] = {
	    {PROCESS_GET, SLOT_STATE, RC_ARGUMENT},
	    {PROCESS_GET, UINT64_MAX, RC_ARGUMENT},
	    {PROCESS_GET, SLOT_BRAND, RC_RIGHTS},
	    {PROCESS_SWAP, 0, RC_ARGUMENT}, /* Register 0 stays void. */
	    {PROCESS_SWAP, SLOT_STATE, RC_ARGUMENT},
	    {PROCESS_MAKE_START, 0x10000, RC_ARGUMENT},
	    {PROCESS_MAKE_NOTICE, NOTICE_BITS, RC_ARGUMENT},
	    {PROCESS_SET_FOREIGN, 2, RC_ARGUMENT},
	    {PROCESS_SET_REGISTERS, 0, RC_STRING},
	    {PROCESS_SET_EXTENDED, 0, RC_STRING},
	    {PROCESS_ORDER_LIMIT, 0, RC_ORDER},
	};

	begin(SOURCE_EPHEMERAL);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CU_ASSERT_EQUAL(
		    ASK(process_cap(&t), bad[i].order, bad[i].word), bad[i].st);
		CU_ASSERT_EQUAL(answer.cap.type, CK_VOID);
	}
	CU_ASSERT_EQUAL(
	    ASK(process_cap(&t), PROCESS_MAKE_START, UINT16_MAX), RC_OK);
	CU_ASSERT_EQUAL(answer.cap.type, CK_START);
	CU_ASSERT_EQUAL(answer.cap.data, UINT16_MAX);
	CU_ASSERT_EQUAL(answer.cap.rights, 0);
}

/* process.swap: what a fixed slot takes. */
static void
slots_take_their_kinds(void)
{
	static const struct {
		unsigned slot;
		uint64_t takes; /* Beside void. */
	} fixed[] = {
	    {SLOT_SPACE, 1 << CK_NODE | 1 << CK_GUARD | 1 << CK_PAGE},
	    {SLOT_KEEPER, 1 << CK_START},
	    {SLOT_SCHEDULE, 1 << CK_SCHEDULE},
	    {SLOT_IO, UINT64_C(1) << CK_PORTS},
	    {REG, UINT64_MAX},
	};
	struct frame *n;
	struct cap    sent[8];

	begin(SOURCE_EPHEMERAL);
	n = node_frame(SOURCE_EPHEMERAL, 5001);
	CU_ASSERT_EQUAL(
	    ASK_STRING(root(CK_PORT_SPACE), "x", 1, PORT_SPACE_ALLOC, 0x60, 1),
	    RC_OK);
	sent[0] = answer.cap;
	sent[1] = cap_number_make(1, 1);
	sent[2] = page_to(page, 0);
	sent[3] = node_to(n, 1, 0);
	sent[4] = role_to(n, 2, ROLE_GUARD, CK_GUARD);
	sent[5] = start_cap(&client, 1);
	sent[6] = root(CK_SCHEDULE);
	sent[7] = process_cap(&client);
	for (unsigned i = 0; i < 5; i++) {
		for (unsigned k = 0; k < 8; k++) {
			const bool takes = fixed[i].takes >> sent[k].type & 1;

			t.slot[fixed[i].slot] = (struct cap){0};
			CU_ASSERT_EQUAL(ASK_WITH(process_cap(&t), sent[k],
					    PROCESS_SWAP, fixed[i].slot),
			    takes ? RC_OK : RC_CAPABILITY);
			CU_ASSERT(same_cap(&t.slot[fixed[i].slot],
			    takes ? &sent[k] : &(struct cap){0}));
		}
		CU_ASSERT_EQUAL(/* And void, which takes it out. */
		    ASK(process_cap(&t), PROCESS_SWAP, fixed[i].slot), RC_OK);
		CU_ASSERT_EQUAL(t.slot[fixed[i].slot].type, CK_VOID);
	}
}

/* F6: a boot service stays one where it is put, a keeper's slot included. */
static void
F6_boot_service_is_kept(void)
{
	const struct cap to = cap_number_make(4, 4);
	struct cap       keeper;

	begin(SOURCE_EPHEMERAL);
	keeper = start_cap(&client, 2);
	service_set(3, &to);
	service_set(4, &keeper);
	CU_ASSERT_EQUAL(
	    ASK_WITH(process_cap(&t), cap_make(CK_BOOTSVC, 0, 4, 0, (oid){0}),
		PROCESS_SWAP, SLOT_KEEPER),
	    RC_OK);
	CU_ASSERT_EQUAL(t.slot[SLOT_KEEPER].type, CK_BOOTSVC);
	CU_ASSERT_EQUAL(t.slot[SLOT_KEEPER].data, 4);
	CU_ASSERT_EQUAL(
	    ASK_WITH(process_cap(&t), cap_make(CK_BOOTSVC, 0, 3, 0, (oid){0}),
		PROCESS_SWAP, SLOT_SPACE),
	    RC_CAPABILITY);
}

/* process.swap: the brand is put in once, and cannot be fetched (confinement).
 */
static void
brand_is_put_in_once(void)
{
	begin(SOURCE_EPHEMERAL);
	CU_ASSERT_EQUAL(
	    ASK_WITH(process_cap(&t), was, PROCESS_SWAP, SLOT_BRAND), RC_OK);
	CU_ASSERT_EQUAL(answer.cap.type, CK_VOID);
	CU_ASSERT_EQUAL(
	    ASK(process_cap(&t), PROCESS_SWAP, SLOT_BRAND), RC_STATE);
	CU_ASSERT_EQUAL(answer.cap.type, CK_VOID);
	CU_ASSERT(same_cap(&t.slot[SLOT_BRAND], &was));
	CU_ASSERT_EQUAL(
	    ASK(process_cap(&t), PROCESS_GET, SLOT_BRAND), RC_RIGHTS);
}

/* Who asks about itself reads what the CPU holds, and cannot write over it. */
static void
of_itself(void)
{
	static const uint64_t order[] = {PROCESS_SET_REGISTERS,
	    PROCESS_SET_EXTENDED, PROCESS_STOP, PROCESS_SET_FOREIGN};
	struct cap            me;
	unsigned              syncs;

	begin(SOURCE_EPHEMERAL);
	me = process_cap(&client);
	CU_ASSERT_EQUAL(ASK_STRING(me, &set, sizeof(set), order[0]), RC_BUSY);
	CU_ASSERT_EQUAL(
	    ASK_STRING(me, extended, sizeof(extended), order[1]), RC_BUSY);
	CU_ASSERT_EQUAL(ASK(me, order[2]), RC_BUSY);
	CU_ASSERT_EQUAL(ASK(me, order[3], 1), RC_BUSY);
	CU_ASSERT_EQUAL(client.header->flags, 0);
	syncs = fake.syncs;
	CU_ASSERT_EQUAL(ASK(me, PROCESS_GET_REGISTERS), RC_OK);
	CU_ASSERT_EQUAL(ASK(me, PROCESS_GET_EXTENDED), RC_OK);
	CU_ASSERT_EQUAL(fake.syncs, syncs + 2);
	CU_ASSERT_EQUAL(ASK(process_cap(&t), PROCESS_GET_REGISTERS), RC_OK);
	CU_ASSERT_EQUAL(ASK(process_cap(&t), PROCESS_GET_EXTENDED), RC_OK);
	CU_ASSERT_EQUAL(fake.syncs, syncs + 2);
	CU_ASSERT_EQUAL(ASK(me, PROCESS_START), RC_OK); /* It runs. */
	CU_ASSERT_EQUAL(ASK(me, PROCESS_STATE), RC_OK);
	CU_ASSERT_EQUAL(answer.word[1], PS_RUNNING);
}

/* process.set_foreign: on, and off again; other flags stay. */
static void
foreign_on_and_off(void)
{
	begin(SOURCE_EPHEMERAL);
	t.header->flags = PF_RESERVE;
	CU_ASSERT_EQUAL(ASK(process_cap(&t), PROCESS_SET_FOREIGN, 1), RC_OK);
	CU_ASSERT_EQUAL(t.header->flags, PF_RESERVE | PF_FOREIGN);
	CU_ASSERT_EQUAL(ASK(process_cap(&t), PROCESS_SET_FOREIGN, 0), RC_OK);
	CU_ASSERT_EQUAL(t.header->flags, PF_RESERVE);
}

/*
 * process.set_registers: of one that runs, a fault that nobody was told of is
 * forgotten; one that was told waits for its keeper as before.
 */
static void
faults_after_set_registers(void)
{
	for (unsigned told = 0; told < 2; told++) {
		begin(SOURCE_EPHEMERAL);
		t.state->state = told ? PS_WAITING : PS_RUNNING;
		t.state->fault = FAULT_DIVIDE;
		CU_ASSERT_EQUAL(ASK_STRING(process_cap(&t), &set, sizeof(set),
				    PROCESS_SET_REGISTERS),
		    RC_OK);
		CU_ASSERT_EQUAL(
		    t.state->fault, told ? FAULT_DIVIDE : FAULT_NONE);
	}
}

/* S2: without an activity there is no notice, and a start has to wait. */
static void
S2_no_activity_is_left(void)
{
	begin(SOURCE_EPHEMERAL);
	run_process(&client);
	for (uint64_t i = 0; activity_alloc((oid){(i + 9000) << 3}, 1); i++)
		;
	CU_ASSERT_EQUAL(
	    ASK(process_cap(&t), PROCESS_MAKE_NOTICE, BIT), RC_NO_MEMORY);
	CU_ASSERT_EQUAL(answer.cap.type, CK_VOID);
	CU_ASSERT_EQUAL(ASK(process_cap(&t), PROCESS_START), ST_WAIT);
	CU_ASSERT_EQUAL(t.state->state, PS_AVAILABLE);
	activity_destroy(activity_find((oid){9000 << 3}));
	CU_ASSERT_EQUAL(ask_again(), RC_OK);
	is_ready();
}

/* --- The keeper's ------------------------------------------------------ */

/* restart: what does not fit the fault, and what was used, changes nothing. */
static void
keepers_orders_are_checked(void)
{
	struct cap c;

	begin(SOURCE_EPHEMERAL);
	c = fault(FAULT_DIVIDE);
	CU_ASSERT_EQUAL(ASK_WITH(c, page_to(page, 0), RESTART_LEND), RC_STATE);
	CU_ASSERT_EQUAL(ASK(c, RESTART_LEND), RC_CAPABILITY);
	CU_ASSERT_EQUAL(
	    ASK_STRING(c, &set, sizeof(set), RESTART_ANSWER), RC_STATE);
	CU_ASSERT_EQUAL(ASK_STRING(c, &set, 8, RESTART_ANSWER), RC_STRING);
	CU_ASSERT_EQUAL(ASK(c, RESTART_ORDER_LIMIT), RC_ORDER);
	(void)fault(FAULT_FOREIGN);
	t.state->fault_rights = CR_OPAQUE;
	CU_ASSERT_EQUAL(
	    ASK_STRING(c, &set, sizeof(set), RESTART_ANSWER), RC_RIGHTS);
	CU_ASSERT_EQUAL(t.state->state, PS_WAITING);
	CU_ASSERT_EQUAL(t.state->fault, FAULT_FOREIGN);
	CU_ASSERT_EQUAL(t.state->call_number, CALL);
	CU_ASSERT_EQUAL(ASK(c, RESTART_RETRY), RC_OK);
	for (uint64_t order = 0; order < RESTART_ORDER_LIMIT; order++) {
		struct ask a = {.self = c, .word = {order}};

		if (order == RESTART_LEND)
			a.send[0] = page_to(page, 0);
		if (order == RESTART_ANSWER)
			a.string = &set, a.bytes = sizeof(set);
		CU_ASSERT_EQUAL(ask(&a), RC_VOID); /* F1: it was used. */
	}
	is_ready();
}

/*
 * F5: a resident keeper does not wait for who is not in memory; it is told when
 * it runs again. Registers cannot be answered like that.
 */
static void
F5_keeper_of_an_absent_process(void)
{
	static const struct {
		uint64_t            order;
		enum with           with;
		enum status         st;
		enum outside_answer answer;
	} told[] = {
	    {RESTART_RETRY, NOTHING, RC_OK, ANSWER_RETRY},
	    {RESTART_LEND, PAGE, RC_OK, ANSWER_RETRY},
	    {RESTART_KILL, NOTHING, RC_OK, ANSWER_KILL},
	    {RESTART_ANSWER, REGISTERS, RC_NOT_RESIDENT, 0},
	};
	struct activity *a;

	for (unsigned i = 0; i < 4; i++) {
		struct ask       order = {.bytes = 0};
		const struct row r = {
		    .word = {told[i].order}, .with = told[i].with};

		begin(SOURCE_PERSISTENT);
		order.self = fault(FAULT_UNMAPPED);
		send(&r, &order);
		a = activity_alloc(process_oid(&t), t.header->count);
		CU_ASSERT_PTR_NOT_NULL_FATAL(a);
		outside_wait(a, CALL, 0);
		a->state = KA_RESERVED;
		activity_hash(a);
		client.header->flags |= PF_RESIDENT;
		frame_unname(t.node);
		CU_ASSERT_EQUAL(ask(&order), told[i].st);
		CU_ASSERT_EQUAL(
		    (a->flags & AF_RESTART) != 0, told[i].st == RC_OK);
		if (told[i].st == RC_OK) {
			CU_ASSERT_EQUAL(a->answer, told[i].answer);
			CU_ASSERT_EQUAL(a->state, KA_READY);
			order.self.count++; /* Another fault's. */
			CU_ASSERT_EQUAL(ask(&order), RC_VOID);
		}
	}
}

const struct runner_test target_tests[] = {
    RUNNER_TEST(orders_may_wait),
    RUNNER_TEST(F3_malformed_answers_nothing),
    RUNNER_TEST(words_are_checked),
    RUNNER_TEST(slots_take_their_kinds),
    RUNNER_TEST(F6_boot_service_is_kept),
    RUNNER_TEST(brand_is_put_in_once),
    RUNNER_TEST(of_itself),
    RUNNER_TEST(foreign_on_and_off),
    RUNNER_TEST(faults_after_set_registers),
    RUNNER_TEST(S2_no_activity_is_left),
    RUNNER_TEST(keepers_orders_are_checked),
    RUNNER_TEST(F5_keeper_of_an_absent_process),
    {NULL, NULL},
};
