/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The shell's main loop: what a person sees when the machine is cut off and
 * comes back. The console answers from a list; the list's end is RC_TAKEN,
 * at which the shell ends.
 */
#include <CUnit/CUnit.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "testsuite/unit/userland/screen.h"
#include "userland/rt/wait.h"

int shell_main(void);
#define main shell_main
#include "userland/shell/main.c"
#undef main

uint64_t ant_argument;

static struct screen screen;
static jmp_buf       end;

/* What the machine answers. */
static struct world {
	const struct answer {
		enum status status;
		const char *typed;
	} * reads;
	unsigned    opens;
	enum status open;
	uint64_t    wall;        /* The clock's. */
	uint64_t    taken;       /* When the booted generation was. */
	unsigned    write_fails; /* RC_RESTARTED so often. */
	unsigned    forgets;     /* The write that a new console answers. */
	bool        store;
	uint32_t    state; /* Of the store. */
	uint64_t    at[CAP_REGISTERS]; /* Slots in the registers. */
} world;

_Noreturn void
ant_exit(void)
{
	longjmp(end, 1);
}

void
log_printf(const char *format, ...)
{
	(void)format;
}

bool
wait_for(uint64_t nanoseconds)
{
	return nanoseconds > 0;
}

static enum status
console_answer(struct message *m)
{
	const struct answer *a;

	switch (m->word[0]) {
	case CONSOLE_OPEN:
		world.opens++;
		return world.open;
	case CONSOLE_WRITE:
		if (world.write_fails > 0) {
			world.write_fails--;
			return RC_RESTARTED;
		}
		if (world.forgets > 0 && --world.forgets == 0)
			return RC_STATE;
		screen_write(&screen, m->send, m->send_bytes);
		return RC_OK;
	case CONSOLE_READ:
		a = world.reads++;
		if (a->status != RC_OK)
			return a->status;
		memcpy(m->receive, a->typed, strlen(a->typed));
		m->control = strlen(a->typed) << RESULT_LENGTH_SHIFT;
		return RC_OK;
	default:
		return RC_ORDER;
	}
}

static enum status
store_answer(struct message *m)
{
	const struct store_status s = {
	    .booted = 4, .booted_wall = world.taken, .state = world.state};

	if (!world.store || m->word[0] != STORE_STATUS)
		return RC_VOID;
	memcpy(m->receive, &s, sizeof(s));
	m->control = sizeof(s) << RESULT_LENGTH_SHIFT;
	return RC_OK;
}

static enum status
answer(struct message *m, unsigned reg)
{
	unsigned to = m->control >> CONTROL_RECEIVE_SHIFT & 15;

	if (reg == REG_NODE) {
		world.at[to] = m->word[1];
		return RC_OK;
	}
	if (reg == REG_CLOCK) {
		m->word[3] = world.wall;
		return RC_OK;
	}
	if (reg == REG_CONSOLE)
		return console_answer(m);
	if (reg == REG_T0 && world.at[reg] == SHELL_STORE)
		return store_answer(m);
	return RC_VOID;
}

void
ant_invoke(struct message *m)
{
	m->word[0] = (uint64_t)answer(m, m->control >> CONTROL_CAP_SHIFT & 31);
}

void
ant_invoke_words(struct message *m)
{
	ant_invoke(m);
}

/* Run the shell until its console is taken. */
static void
run(const struct answer *reads)
{
	memset(&shell, 0, sizeof(shell));
	screen_reset(&screen);
	world.reads = reads;
	world.opens = 0;
	if (setjmp(end) == 0)
		(void)shell_main();
	CU_ASSERT_FALSE(screen.strange);
}

/* Does a row of the screen hold just this? */
static bool
seen(const char *text)
{
	for (unsigned i = 0; i <= screen.row; i++)
		if (strcmp(screen_row(&screen, i), text) == 0)
			return true;
	return false;
}

/* shell.prompt.1: it greets, prompts, and obeys. */
static void
it_prompts(void)
{
	static const struct answer reads[] = {
	    {RC_OK, "fo"}, {RC_OK, "o\r"}, {RC_TAKEN, NULL}};

	world = (struct world){0};
	run(reads);
	CU_ASSERT_EQUAL(world.opens, 1);
	CU_ASSERT(seen("Anteros; help lists the commands"));
	CU_ASSERT(seen("anteros> foo"));
	CU_ASSERT_STRING_EQUAL(screen_row(&screen, screen.row), "anteros>");
}

/* shell.restart.1 (D13, D14): the half-typed line and its age are shown. */
static void
it_comes_back(void)
{
	static const struct answer reads[] = {{RC_OK, "half a li"},
	    {RC_RESTARTED, NULL}, {RC_OK, "ne"}, {RC_TAKEN, NULL}};

	world = (struct world){
	    .store = true,
	    .taken = UINT64_C(1000000) * 1000000000,
	    .wall = UINT64_C(1000042) * 1000000000,
	};
	run(reads);
	CU_ASSERT_EQUAL(world.opens, 2);
	CU_ASSERT(seen("restarted from generation 4, taken 42 s ago"));
	CU_ASSERT_STRING_EQUAL(
	    screen_row(&screen, screen.row), "anteros> half a line");
}

/* shell.restart.2: a clock that is not there, or goes back, is no age. */
static void
unknown_ages(void)
{
	static const struct answer reads[] = {
	    {RC_RESTARTED, NULL}, {RC_TAKEN, NULL}};

	world = (struct world){.store = true, .taken = 7};
	run(reads);
	CU_ASSERT(seen("restarted from generation 4; its age is not known"));
	world.wall = 3;
	run(reads);
	CU_ASSERT(seen("restarted from generation 4; its age is not known"));
	world.store = false;
	run(reads);
	CU_ASSERT(seen("restarted"));
}

/* shell.restart.3: cut off between two reads, the console does not know it. */
static void
a_console_that_forgot(void)
{
	static const struct answer reads[] = {
	    {RC_OK, "x"}, {RC_STATE, NULL}, {RC_OK, "y"}, {RC_TAKEN, NULL}};

	world = (struct world){.write_fails = 1};
	run(reads);
	CU_ASSERT_EQUAL(world.opens, 2);
	CU_ASSERT_STRING_EQUAL(screen_row(&screen, screen.row), "anteros> xy");
}

/* shell.restart.5: cut off while a command runs: it is said all the same. */
static void
cut_off_in_a_command(void)
{
	static const struct answer reads[] = {
	    {RC_OK, "foo\r"}, {RC_OK, "bar"}, {RC_TAKEN, NULL}};

	/* Greeting, prompt, three letters, newline; then the command's. */
	world = (struct world){.forgets = 7};
	run(reads);
	CU_ASSERT_EQUAL(world.opens, 2);
	CU_ASSERT(seen("restarted"));
	CU_ASSERT_STRING_EQUAL(screen_row(&screen, screen.row), "anteros> bar");
}

/* shell.restart.4: history and note are memory, and so still there. */
static void
history_survives(void)
{
	static const struct answer reads[] = {{RC_OK, "first\r"},
	    {RC_RESTARTED, NULL}, {RC_OK, "\x1b[A"}, {RC_TAKEN, NULL}};
	static const struct answer notes[] = {{RC_OK, "note\rline\r"},
	    {RC_RESTARTED, NULL}, {RC_OK, ".l\r"}, {RC_TAKEN, NULL}};

	world = (struct world){0};
	run(reads);
	CU_ASSERT_STRING_EQUAL(
	    screen_row(&screen, screen.row), "anteros> first");
	run(notes);
	CU_ASSERT(seen("  1  line"));
	CU_ASSERT_STRING_EQUAL(screen_row(&screen, screen.row), "note>");
}

/* shell.boot.1 (D14): the boot range's shell leaves the console alone. */
static void
the_boot_shell_gives_way(void)
{
	static const struct answer reads[] = {{RC_TAKEN, NULL}};

	world = (struct world){.open = RC_TAKEN};
	ant_argument = SHELL_BOOT;
	run(reads);
	CU_ASSERT_EQUAL(screen.bytes, 0);
	world.open = RC_OK;
	run(reads);
	CU_ASSERT(seen("no volume is open: this is the boot range alone"));
	world.store = true;
	world.state = STORE_OPEN;
	run(reads);
	CU_ASSERT(seen("the volume is open, but its shell has not come: this is "
		       "the boot range's;"));
	ant_argument = 0;
}

static const struct runner_test tests[] = {
    RUNNER_TEST(it_prompts),
    RUNNER_TEST(it_comes_back),
    RUNNER_TEST(unknown_ages),
    RUNNER_TEST(a_console_that_forgot),
    RUNNER_TEST(cut_off_in_a_command),
    RUNNER_TEST(history_survives),
    RUNNER_TEST(the_boot_shell_gives_way),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "shell", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
