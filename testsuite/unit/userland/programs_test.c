/* SPDX-License-Identifier: BSD-2-Clause */
/* Pushed programs: what may be done when, and the shell's commands. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

#include "kernel/abi/cap.h"
#include "kernel/abi/process.h"
#include "testsuite/runner/runner.h"
#include "testsuite/unit/userland/typed.h"
#include "userland/programs/table.h"
#include "userland/rt/idl/programs.order.h"
#include "userland/rt/registers.h"
#include "userland/rt/wait.h"

static struct program_table table;
static const char          *why;

static void
put(unsigned i, const char *name, enum programs_state state)
{
	memset(&table.program[i], 0, sizeof(table.program[i]));
	strcpy(table.program[i].name, name);
	table.program[i].state = state;
}

static enum status
may(enum program_verb verb, const char *name)
{
	int entry = -7;

	why = NULL;
	return program_may(&table, verb, name, strlen(name), &entry, &why);
}

/* programs.names.1: what is no name is refused. */
static void
names(void)
{
	CU_ASSERT(program_name_ok("a", 1));
	CU_ASSERT(program_name_ok("Hello_world-123", 15));
	CU_ASSERT_FALSE(program_name_ok("", 0));
	CU_ASSERT_FALSE(program_name_ok("sixteen-letters!", 16));
	CU_ASSERT_FALSE(program_name_ok("a b", 3));
	CU_ASSERT_FALSE(program_name_ok("a\0b", 3));
	CU_ASSERT_FALSE(program_name_ok("a\033", 2));
}

/* programs.may.1: each order in each state. */
static void
each_order_in_each_state(void)
{
	static const enum status want[PROGRAMS_STATES][4] = {
	    /* push, run, kill, forget */
	    {RC_OK, RC_NOT_FOUND, RC_NOT_FOUND, RC_NOT_FOUND},
	    {RC_OK, RC_OK, RC_STATE, RC_OK},
	    {RC_STATE, RC_STATE, RC_OK, RC_STATE},
	    {RC_STATE, RC_STATE, RC_OK, RC_STATE},
	};

	memset(&table, 0, sizeof(table));
	for (unsigned s = 0; s < PROGRAMS_STATES; s++)
		for (unsigned v = 0; v < 4; v++) {
			put(5, "x", (enum programs_state)s);
			CU_ASSERT_EQUAL(
			    may((enum program_verb)v, "x"), want[s][v]);
			CU_ASSERT((why == NULL) == (want[s][v] == RC_OK));
		}
	CU_ASSERT_EQUAL(may(PROGRAM_RUN, "no/name"), RC_ARGUMENT);
	/* A newcomer tries it on what ps shows: it says where to look. */
	CU_ASSERT_EQUAL(may(PROGRAM_KILL, "uart"), RC_NOT_FOUND);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "'drv' the drivers"));
}

/* programs.may.2: a table that is full refuses, and says so. */
static void
full_table(void)
{
	char name[PROGRAMS_NAME];

	for (unsigned i = 0; i < PROGRAMS_MOST; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		put(i, name, PROGRAMS_KEPT);
	}
	CU_ASSERT_EQUAL(may(PROGRAM_PUSH, "one-more"), RC_LIMIT);
	CU_ASSERT_PTR_NOT_NULL_FATAL(why);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "'forget' one"));
	CU_ASSERT_EQUAL(program_count(&table), PROGRAMS_MOST);
	CU_ASSERT_EQUAL(program_find(&table, "p7", 2), 7);
	CU_ASSERT_EQUAL(program_at(&table, PROGRAMS_MOST), -1);
	put(3, "", PROGRAMS_NONE);
	CU_ASSERT_EQUAL(may(PROGRAM_PUSH, "one-more"), RC_OK);
	CU_ASSERT_EQUAL(program_at(&table, 3), 4);
	CU_ASSERT_EQUAL(program_free(&table), 3);
}

/* programs.fault.1: only what runs can fault; where is kept. */
static void
faults(void)
{
	memset(&table, 0, sizeof(table));
	put(0, "kept", PROGRAMS_KEPT);
	put(1, "runs", PROGRAMS_RUNNING);
	CU_ASSERT_FALSE(program_fault(&table, 0, 1, 2, 3));
	CU_ASSERT_FALSE(program_fault(&table, PROGRAMS_MOST, 1, 2, 3));
	CU_ASSERT_FALSE(program_fault(&table, UINT32_MAX, 1, 2, 3));
	CU_ASSERT(program_fault(&table, 1, FAULT_ACCESS, 0x1000, 0x200000));
	CU_ASSERT(table.program[1].state == PROGRAMS_FAULTED &&
	    table.program[1].fault == FAULT_ACCESS &&
	    table.program[1].address == 0x1000 &&
	    table.program[1].pc == 0x200000);
	CU_ASSERT_FALSE(program_fault(&table, 1, 1, 2, 3));
}

/* ---------------------------------------------------- the shell's commands */

static struct programs_program listed[2];
static uint64_t                listed_count;
static enum status             told;
static char                    told_words[256];

static void
reply(struct message *m, const void *record, size_t bytes)
{
	CU_ASSERT_FATAL(bytes <= m->receive_limit);
	memcpy(m->receive, record, bytes);
	m->control = (uint64_t)bytes << RESULT_LENGTH_SHIFT;
}

/* The domain of programs, by rote. */
static enum status
answer(struct message *m)
{
	static const uint64_t holes[][2] = {
	    {1, CK_LOG}, {SLOT_KEEPER, CK_START}};
	uint64_t index = m->word[1];

	switch (m->word[0]) {
	case PROGRAMS_PROGRAM:
		if (index >= listed_count)
			return RC_NOT_FOUND;
		m->word[1] = listed_count;
		reply(m, &listed[index], sizeof(listed[index]));
		return RC_OK;
	case PROGRAMS_HOLE:
		if (memcmp(m->send, "x", 1) != 0 || index > 1)
			return RC_NOT_FOUND;
		m->word[1] = holes[index][0];
		m->word[2] = holes[index][1];
		return RC_OK;
	default:
		CU_ASSERT_FATAL(m->send_bytes < sizeof(told_words));
		memcpy(told_words, m->send, m->send_bytes);
		told_words[m->send_bytes] = '\0';
		m->word[1] = (uint64_t)told;
		reply(m, "said\033", 5);
		return RC_OK;
	}
}

void
ant_invoke(struct message *m)
{
	unsigned reg = m->control >> CONTROL_CAP_SHIFT & 31;

	if (reg == REG_NODE) {
		CU_ASSERT_EQUAL(m->word[1], SHELL_PROGRAMS);
		m->word[0] = RC_OK;
		return;
	}
	CU_ASSERT_EQUAL(reg, REG_T0);
	m->word[0] = (uint64_t)answer(m);
}

bool
wait_for(uint64_t nanoseconds)
{
	(void)nanoseconds;
	return true;
}

/* cmd.run.1: the list; a fault is told with its place. */
static void
programs_are_listed(void)
{
	listed_count = 0;
	CU_ASSERT_STRING_EQUAL(run("run"),
	    "no programs; 'make push PROG=NAME' sends one\r\n");
	listed[0] = (struct programs_program){.name = "x",
	    .state = PROGRAMS_RUNNING,
	    .bytes = 4711,
	    .frames = 20,
	    .runs = 1};
	listed[1] = (struct programs_program){.name = "fifteen-letters",
	    .state = PROGRAMS_FAULTED,
	    .fault = FAULT_ACCESS,
	    .address = 0x1000,
	    .pc = 0x200000};
	listed_count = 2;
	CU_ASSERT_PTR_NOT_NULL(strstr(run("run"),
	    "\nx                 running   4711      20      1     -\r\n"));
	CU_ASSERT_PTR_NOT_NULL(
	    strstr(shown, "  fault 2 at 1000, pc 200000\r\n"));
	/* A domain that says nonsense. */
	listed[0].state = 99;
	CU_ASSERT_PTR_NOT_NULL(strstr(run("run"), "x                 ?  "));
}

/* cmd.run.2: what is answered is made safe to show, then the holes. */
static void
orders_are_answered(void)
{
	told = RC_OK;
	CU_ASSERT_PTR_NOT_NULL(strstr(run("run x"), "said"));
	CU_ASSERT_PTR_NULL(strchr(shown, '\033'));
	CU_ASSERT_PTR_NOT_NULL(strstr(shown,
	    "hole: 1       console log\r\nhole: keeper  start\r\n"));
	told = RC_STATE;
	CU_ASSERT_PTR_NULL(strstr(run("run x"), "hole"));
	CU_ASSERT_PTR_NOT_NULL(strstr(run("kill x"), "said"));
	CU_ASSERT_PTR_NOT_NULL(strstr(run("forget x"), "said"));
	CU_ASSERT_STRING_EQUAL(
	    run("holes y"), "holes: no program 'y'; run lists them\r\n");
}

/* cmd.run.4: what is to be given goes along, a blank between. */
static void
things_are_given(void)
{
	told = RC_OK;
	run("run x");
	CU_ASSERT_STRING_EQUAL(told_words, "x");
	run("run x  with log\tframes=12 ");
	CU_ASSERT_STRING_EQUAL(told_words, "x log frames=12");
	CU_ASSERT_PTR_NOT_NULL(strstr(shown, "hole: 1       console log"));
	run("run x with 1 2 3 4 5 6 7 8 9");
	CU_ASSERT_STRING_EQUAL(told_words, "x 1 2 3 4 5 6 7 8 9");
	CU_ASSERT_STRING_EQUAL(run("run x with 1 2 3 4 5 6 7 8 9 a"),
	    "too many arguments\r\n");
}

/* cmd.run.3: one line says what was expected. */
static void
bad_lines(void)
{
	static const char too_long[] =
	    "run a with aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
	static const char *const wrong[] = {
	    "run a b", "run a with", "run a of log", too_long, "kill", "kill a b", "forget", "holes", "holes a b"};

	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CU_ASSERT(strncmp(run(wrong[i]), "expected: ", 10) == 0);
}

static const struct runner_test tests[] = {
    RUNNER_TEST(names),
    RUNNER_TEST(each_order_in_each_state),
    RUNNER_TEST(full_table),
    RUNNER_TEST(faults),
    RUNNER_TEST(programs_are_listed),
    RUNNER_TEST(orders_are_answered),
    RUNNER_TEST(things_are_given),
    RUNNER_TEST(bad_lines),
    {NULL, NULL},
};

int
main(int argc, char **argv)
{
	static const struct runner_suite suites[] = {
	    {.name = "programs", .tests = tests},
	    {.name = NULL},
	};

	return runner_main(argc, argv, suites);
}
