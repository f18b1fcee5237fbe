/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Keeping and running pushed programs when the n-th invocation fails: what was
 * kept before is kept still, and nothing is lost.
 *
 * The world here knows banks, nodes and constructors, by number. What a bank
 * has sold is void when it is destroyed, or one above it.
 */
#include <CUnit/CUnit.h>
#include <string.h>

#include "kernel/abi/node.order.h"
#include "kernel/abi/process.h"
#include "kernel/abi/process.order.h"
#include "testsuite/runner/runner.h"
#include "userland/programs/programs.h"
#include "userland/rt/idl/bank.order.h"
#include "userland/rt/idl/constructor.order.h"
#include "userland/rt/idl/timer.order.h"

enum { MOST = 200, A = 3, B = 5, TOP_BANK = 1, SERVICES = 1 };

enum kind { NONE, BANK, NODE, CONSTRUCTOR, BUILDER, PRODUCT, OTHER, TIMER };

struct thing {
	enum kind kind;
	unsigned  n;
};

static struct {
	struct thing reg[CAP_REGISTERS];
	unsigned     above[MOST]; /* Of a bank; 0: it is dead. */
	unsigned     banks, nodes, constructors;
	unsigned     node_bank[MOST], constructor_bank[MOST];
	struct thing node[MOST][NODE_SLOTS];
	struct thing holds[MOST][SLOT_KEEPER + 1];
	bool         sealed[MOST];
	unsigned     timers, timer_clients; /* Ever, and now. */
	unsigned     calls, fail_at;
} world;

struct program_table programs;

const void *
stage_image(size_t *bytes)
{
	*bytes = 5000;
	return NULL;
}

void
stage_hand_over(void)
{
}

static bool
lives(unsigned bank)
{
	while (bank != TOP_BANK && bank != 0)
		bank = world.above[bank];
	return bank == TOP_BANK;
}

/* What it is now: void, if the bank is dead that has sold it. */
static struct thing
now(struct thing t)
{
	if ((t.kind == BANK && !lives(t.n)) ||
	    (t.kind == NODE && !lives(world.node_bank[t.n])) ||
	    (t.kind >= CONSTRUCTOR && t.kind <= PRODUCT &&
		!lives(world.constructor_bank[t.n])))
		t.kind = NONE;
	return t;
}

static struct thing
new_node(unsigned bank)
{
	CU_ASSERT_FATAL(++world.nodes < MOST);
	world.node_bank[world.nodes] = bank;
	return (struct thing){NODE, world.nodes};
}

static struct thing
new_bank(unsigned above)
{
	CU_ASSERT_FATAL(++world.banks < MOST);
	world.above[world.banks] = above;
	return (struct thing){BANK, world.banks};
}

static enum status
on_bank(unsigned bank, struct message *m, struct thing *out)
{
	switch (m->word[0]) {
	case BANK_SUB_BANK:
		out[0] = new_bank(bank);
		return RC_OK;
	case BANK_NODE:
		out[0] = new_node(bank);
		return RC_OK;
	case BANK_DESTROY:
	case BANK_KILL:
		CU_ASSERT_NOT_EQUAL(bank, TOP_BANK);
		world.above[bank] = 0;
		m->word[1] = 0;
		return RC_OK;
	default:
		return RC_ORDER;
	}
}

static enum status
on_node(
    struct thing *slots, struct message *m, struct thing in, struct thing *out)
{
	CU_ASSERT_FATAL(m->word[1] < NODE_SLOTS);
	out[0] = slots[m->word[1]];
	if (m->word[0] == NODE_SWAP)
		slots[m->word[1]] = in;
	return RC_OK;
}

/* Constructors of services, by numbers below SERVICES, give products. */
static enum status
on_constructor(
    struct thing self, struct message *m, struct thing bank, struct thing *out)
{
	bool service = self.n <= SERVICES;

	switch (m->word[0]) {
	case CONSTRUCTOR_YIELD:
		CU_ASSERT_EQUAL(now(bank).kind, BANK);
		CU_ASSERT(service || world.sealed[self.n]);
		CU_ASSERT_FATAL(++world.constructors < MOST);
		world.constructor_bank[world.constructors] = bank.n;
		out[0] = (struct thing){
		    service ? CONSTRUCTOR : PRODUCT, world.constructors};
		return RC_OK;
	case CONSTRUCTOR_BUILDER:
		out[0] = (struct thing){BUILDER, self.n};
		return RC_OK;
	default:
		return RC_ORDER;
	}
}

static enum status
on_builder(struct thing self, struct message *m, struct thing in)
{
	CU_ASSERT_FALSE(world.sealed[self.n]);
	switch (m->word[0]) {
	case CONSTRUCTOR_IMAGE:
		return now(in).kind == OTHER ? RC_OK : RC_CAPABILITY;
	case CONSTRUCTOR_INSERT:
		world.holds[self.n][m->word[1]] = in;
		return RC_OK;
	case CONSTRUCTOR_SEAL:
		world.sealed[self.n] = true;
		return RC_OK;
	default:
		return RC_ORDER;
	}
}

static enum status
on_timer(struct message *m, struct thing *out)
{
	if (m->word[0] == TIMER_LEAVE) {
		CU_ASSERT(m->word[1] != 0 && m->word[1] <= world.timers);
		CU_ASSERT_FATAL(world.timer_clients > 0);
		world.timer_clients--;
		return RC_OK;
	}
	CU_ASSERT_EQUAL(m->word[0], TIMER_CLIENT);
	world.timer_clients++;
	m->word[1] = ++world.timers;
	out[0] = (struct thing){OTHER, 200 + world.timers};
	return RC_OK;
}

static enum status
invoke(unsigned reg, struct message *m, struct thing in, struct thing *out)
{
	struct thing self = now(world.reg[reg]);

	if (++world.calls == world.fail_at)
		return RC_LIMIT;
	if (reg == REG_PROCESS && m->word[0] == PROCESS_MAKE_START)
		out[0] = (struct thing){OTHER, (unsigned)m->word[1]};
	else if (reg == REG_PROCESS && m->word[0] == PROCESS_GET)
		out[0] = m->word[1] < CAP_REGISTERS ? world.reg[m->word[1]]
						    : self;
	else if (self.kind == BANK)
		return on_bank(self.n, m, out);
	else if (self.kind == NODE)
		return on_node(world.node[self.n], m, in, out);
	else if (self.kind == CONSTRUCTOR)
		return on_constructor(self, m, in, out);
	else if (self.kind == BUILDER)
		return on_builder(self, m, in);
	else if (self.kind == TIMER)
		return on_timer(m, out);
	else
		return RC_VOID;
	return RC_OK;
}

void
ant_invoke(struct message *m)
{
	const uint64_t control = m->control;
	unsigned       self = control >> CONTROL_CAP_SHIFT & 31;
	struct thing   in = now(world.reg[control >> CONTROL_SEND_SHIFT & 31]);
	struct thing   out[3] = {{NONE, 0}};
	enum status    st = invoke(self, m, in, out);

	m->word[0] = (uint64_t)st;
	m->control = 0;
	for (unsigned i = 0; i < 3; i++) {
		unsigned to = control >> (CONTROL_RECEIVE_SHIFT + 5 * i) & 31;

		out[i] = st == RC_OK ? now(out[i]) : (struct thing){NONE, 0};
		if (to != REG_VOID)
			world.reg[to] = out[i];
		if (out[i].kind != NONE)
			m->control |= UINT64_C(1)
			    << (RESULT_RECEIVED_SHIFT + i);
	}
}

void
ant_invoke_words(struct message *m)
{
	ant_invoke(m);
}

/* --- The tests ------------------------------------------------------------ */

static struct thing
has(unsigned i, unsigned slot)
{
	struct thing node = now(
	    world.node[world.reg[REG_NODE].n][SLOT_PROGRAM + i]);

	return node.kind == NODE ? now(world.node[node.n][slot])
				 : (struct thing){NONE, 0};
}

static unsigned
living_banks(void)
{
	unsigned n = 0;

	for (unsigned i = TOP_BANK + 1; i <= world.banks; i++)
		n += lives(i);
	return n;
}

/* What system.dts gives, and an image that has been staged. */
static void
begin(void)
{
	struct thing services;

	memset(&world, 0, sizeof(world));
	memset(&programs, 0, sizeof(programs));
	world.banks = TOP_BANK;
	world.constructors = SERVICES;
	world.constructor_bank[SERVICES] = TOP_BANK;
	world.reg[REG_BANK] = (struct thing){BANK, TOP_BANK};
	for (unsigned i = REG_LOG; i < REG_OWN; i++)
		if (i != REG_BANK)
			world.reg[i] = (struct thing){OTHER, i};
	world.reg[REG_NODE] = new_node(TOP_BANK);
	services = new_node(TOP_BANK);
	for (unsigned i = 0; i < 5; i++)
		world.node[services.n][i] = (struct thing){
		    CONSTRUCTOR, SERVICES};
	world.node[services.n][4] = (struct thing){TIMER, 0};
	world.node[world.reg[REG_NODE].n][SLOT_CONSTRUCTORS] = (struct thing){
	    CONSTRUCTOR, SERVICES};
	world.node[world.reg[REG_NODE].n][SLOT_SERVICES] = services;
	world.node[world.reg[REG_NODE].n][SLOT_RUN_SCHEDULE] = (struct thing){
	    OTHER, 100};
	world.reg[REG_STAGE_BANK] = new_bank(TOP_BANK);
	world.reg[REG_STAGE] = (struct thing){OTHER, 101};
}

static struct grants
read_grants(const char *words)
{
	struct grants g = {.frames = 0};
	char          why[64];

	CU_ASSERT_EQUAL(
	    grants_read(&g, words, strlen(words), why, sizeof(why)), RC_OK);
	return g;
}

static enum status
keep(unsigned i, const char *name)
{
	struct program *p = &programs.program[i];

	strcpy(p->name, name);
	p->bytes = 5000;
	p->given = read_grants("");
	p->state = PROGRAMS_KEPT;
	return keep_program(i, name, &p->given);
}

/* programs.keep.1: a failure at any place keeps nothing of it. */
static void
keeping_fails(void)
{
	for (unsigned n = 1;; n++) {
		enum status st;

		begin();
		world.fail_at = n;
		st = keep(A, "a");
		world.fail_at = 0;
		if (st == RC_OK) {
			CU_ASSERT(n > 15);
			break;
		}
		CU_ASSERT_EQUAL(st, RC_LIMIT);
		/* At most what was staged, for its owner to drop. */
		CU_ASSERT(living_banks() <= 1);
		CU_ASSERT(now(has(A, HAS_RUN)).kind == NONE);
	}
	CU_ASSERT_EQUAL(has(A, HAS_CONSTRUCTOR).kind, CONSTRUCTOR);
	CU_ASSERT_EQUAL(living_banks(), 3); /* Its node, image, constructor. */
	CU_ASSERT_EQUAL(forget_program(A), RC_OK);
	CU_ASSERT_EQUAL(living_banks(), 0);
}

/* A constructor that is sealed and holds this in these registers. */
static void
is_furnished(unsigned i, unsigned reg, enum kind kind)
{
	struct thing c = has(i, HAS_CONSTRUCTOR);

	CU_ASSERT_EQUAL_FATAL(c.kind, CONSTRUCTOR);
	CU_ASSERT(world.sealed[c.n]);
	CU_ASSERT_EQUAL(now(world.holds[c.n][reg]).kind, kind);
	CU_ASSERT_EQUAL(world.holds[c.n][SLOT_KEEPER].n, PROGRAMS_KEEPER + i);
}

/*
 * programs.keep.2: one that asks for something else, and fails, has its last
 * constructor still, or the new one; asked again it runs, and after its end
 * nothing is left but what is kept.
 */
static void
running_fails(void)
{
	const struct grants g = read_grants("log directory collection");

	for (unsigned n = 1;; n++) {
		enum status st;
		bool        changed;

		begin();
		CU_ASSERT_EQUAL_FATAL(keep(A, "a"), RC_OK);
		world.calls = 0;
		world.fail_at = n;
		st = run_program(A, &g);
		world.fail_at = 0;
		changed = grants_same(&programs.program[A].given, &g);
		is_furnished(A, REG_CLOCK, changed ? NONE : OTHER);
		is_furnished(A, REG_OWN, changed ? CONSTRUCTOR : NONE);
		if (st == RC_OK) {
			CU_ASSERT(n > 30);
			break;
		}
		CU_ASSERT_EQUAL(has(A, HAS_RUN).kind, NONE);
		CU_ASSERT_EQUAL(run_program(A, &g), RC_OK);
		is_furnished(A, REG_OWN, CONSTRUCTOR);
		CU_ASSERT_EQUAL(end_program(A), RC_OK);
		/* Those three; of its own one, and one below for each. */
		CU_ASSERT_EQUAL(living_banks(), 6);
		CU_ASSERT_EQUAL(forget_program(A), RC_OK);
		CU_ASSERT_EQUAL(living_banks(), 0);
	}
}

/* programs.keep.3: what is its own outlives the image. */
static void
handed_down(void)
{
	const struct grants g = read_grants("directory");
	unsigned            directory;

	begin();
	CU_ASSERT_EQUAL_FATAL(keep(A, "a"), RC_OK);
	CU_ASSERT_EQUAL_FATAL(run_program(A, &g), RC_OK);
	CU_ASSERT_EQUAL_FATAL(end_program(A), RC_OK);
	directory = has(A, HAS_DIRECTORY).n;
	world.reg[REG_STAGE_BANK] = new_bank(TOP_BANK);
	CU_ASSERT_EQUAL_FATAL(keep(B, "a"), RC_OK);
	CU_ASSERT_EQUAL(hand_down(A, B), RC_OK);
	CU_ASSERT_EQUAL(forget_program(A), RC_OK);
	CU_ASSERT_EQUAL(has(B, HAS_DIRECTORY).n, directory);
	CU_ASSERT_EQUAL(has(B, HAS_DIRECTORY).kind, CONSTRUCTOR);
	CU_ASSERT_EQUAL(run_program(B, &g), RC_OK);
	CU_ASSERT_EQUAL(has(B, HAS_DIRECTORY).n, directory);
	CU_ASSERT_EQUAL(end_program(B), RC_OK);
	CU_ASSERT_EQUAL(forget_program(B), RC_OK);
	CU_ASSERT_EQUAL(living_banks(), 0);
}

/*
 * programs.timer.1: a program is one client of the timer, over its runs and
 * whatever else it is given, and none when it is forgotten; so also if any
 * invocation has failed before.
 */
static void
one_client_of_the_timer(void)
{
	const struct grants with = read_grants("timer");
	const struct grants more = read_grants("timer clock");

	for (unsigned n = 1;; n++) {
		enum status st;

		begin();
		CU_ASSERT_EQUAL(keep(A, "a"), RC_OK);
		world.calls = 0;
		world.fail_at = n;
		st = run_program(A, &with);
		world.fail_at = 0;
		if (st != RC_OK)
			CU_ASSERT_EQUAL(run_program(A, &with), RC_OK);
		is_furnished(A, REG_OWN, OTHER);
		CU_ASSERT_EQUAL(world.timer_clients, 1);
		CU_ASSERT_EQUAL(end_program(A), RC_OK);
		CU_ASSERT_EQUAL(run_program(A, &more), RC_OK);
		CU_ASSERT_EQUAL(world.timer_clients, 1);
		CU_ASSERT_EQUAL(end_program(A), RC_OK);
		CU_ASSERT_EQUAL(forget_program(A), RC_OK);
		CU_ASSERT_EQUAL(world.timer_clients, 0);
		if (st == RC_OK) {
			CU_ASSERT(n > 10);
			break;
		}
	}
}

static const struct runner_test tests[] = {
    RUNNER_TEST(keeping_fails),
    RUNNER_TEST(one_client_of_the_timer),
    RUNNER_TEST(running_fails),
    RUNNER_TEST(handed_down),
    {NULL, NULL},
};

int
main(int argc, char **argv)
{
	static const struct runner_suite suites[] = {
	    {.name = "keep", .tests = tests},
	    {.name = NULL},
	};

	return runner_main(argc, argv, suites);
}
