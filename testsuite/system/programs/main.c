/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs of one's own: pushed, run, looked at, cut off, ended. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "testsuite/runner/runner.h"
#include "testsuite/system/lib/claims.h"
#include "testsuite/system/lib/work.h"
#include "testsuite/system/programs/chapter.h"

enum { DEADLINE = 200 };

static struct vm *
boot(const char *image)
{
	return boots_with_line2(&(struct vm_config){.image = image});
}

/* `make push PROG=`: the same tool, with what the domain was linked to. */
static bool
push(const char *name, const char *file)
{
	return work_shell("objcopy -S $B/domain/%s.elf $W/p 2>$W/err || "
			  "cp %s $W/p",
		   file, file) == 0 &&
	    pushes("program", name, "$W/p");
}

static bool
was_told(const char *what)
{
	return work_shell("grep -q '%s' $W/said || { cat $W/said; false; }",
		   what) == 0;
}

/* The caps of a product are its maker's three, and its bank and itself. */
static void
holds_what_it_was_given(struct vm *vm)
{
	answers(vm, "caps hello", "^1 +console log ");
	answers(vm, "caps hello", "^2 +start .* bank");
	answers(vm, "caps hello", "^3 +clock ");
	answers(vm, "caps hello", "^4 +process .* hello");
	lacks(vm, "caps hello", "^([5-9]|1[0-5]) .* placed");
	answers(vm, "caps hello", "^keeper +start .* programs");
	answers(vm, "caps hello", "0 IRQ, 0 port ranges, 0 MMIO ranges, 0 DMA");
	answers(vm, "holes hello",
	    "^hole: 1 +console log\nhole: 3 +clock\nhole: keeper +start$");
}

/* programs.1: pushed, run, cut off by a power cut, and it goes on; then it
 * is ended, and forgotten, and the bank has all of it back. */
static void
journey(void)
{
	const char *image = work_volume("v", 0);
	struct vm  *vm;

	CU_ASSERT_PTR_NOT_NULL_FATAL(image);
	vm = boot(image);
	answers(vm, "run", "^no programs; ");
	answers(vm, "run hello", "^hello: there is no such program");
	CU_ASSERT_FATAL(push("hello", "hello"));
	CU_ASSERT(was_told("hello: kept, [0-9]* bytes"));
	answers(vm, "run", "^hello +kept +[0-9]+ +0 +0 ");
	lacks(vm, "ps", " hello");
	answers(vm, "run hello", "^hello: runs");
	answers(vm, "run hello", "^hello: it runs; 'kill' it first");
	answers(vm, "run", "^hello +running +[0-9]+ +[1-9][0-9]* +1 ");
	answers(vm, "ps", " hello$");
	answers(vm, "ps", "^[1-9][0-9]* +[1-9][0-9]* +[0-9]+ +hello programs$");
	holds_what_it_was_given(vm);
	comes(vm, "log", "^hello 3$");
	CU_ASSERT_FALSE(push("hello", "hello"));
	CU_ASSERT(was_told("it runs"));
	answers(vm, "ckpt now", "[0-9]");
	vm_kill9(vm);
	vm_free(vm);

	vm = boot(image);
	comes(vm, "log", "^hello ([4-9]|[1-9][0-9]+)$");
	lacks(vm, "log", "^hello 1$");
	answers(vm, "run", "^hello +running ");
	answers(vm, "kill hello", "^hello: ended");
	lacks(vm, "ps", " hello");
	answers(vm, "caps hello", "no process 'hello'");
	answers(vm, "kill hello", "^hello: it does not run");
	answers(vm, "run", "^hello +kept +[0-9]+ +0 +1 ");
	answers(vm, "forget hello", "^hello: deleted");
	answers(vm, "run", "^no programs; ");
	vm_free(vm);
}

/*
 * programs.2: what was kept, run, ended and forgotten leaves nothing in the
 * bank. Others buy and sell as well, so one of a few rounds must be even.
 */
static bool
leaves_nothing(struct vm *vm)
{
	for (unsigned i = 0; i < 5; i++) {
		long long bank = shell_number(vm, "mem", "bank ");

		CU_ASSERT_FATAL(push("hello", "hello"));
		CU_ASSERT_FATAL(push("hello", "hello")); /* In its place. */
		answers(vm, "run hello", "^hello: runs");
		answers(vm, "kill hello", "^hello: ended");
		answers(vm, "forget hello", "deleted");
		if (bank > 0 && shell_number(vm, "mem", "bank ") == bank)
			return true;
	}
	return false;
}

/* programs.3: one that faults or runs away is ended; what is none refused. */
static void
bad_programs(void)
{
	struct vm *vm = boot(work_volume("v", 0));

	CU_ASSERT_FALSE(push("text", "GNUmakefile"));
	CU_ASSERT(was_told("no program that can run"));
	CU_ASSERT_FALSE(push("no/name", "hello"));
	CU_ASSERT(was_told("a name has 1 to 15"));
	CU_ASSERT_FATAL(push("wild", "wild"));
	answers(vm, "run wild", "^wild: runs");
	comes(vm, "run", "^wild +faulted .* fault 1 at 1234000, pc 2");
	answers(vm, "log", "^programs: wild: fault 1 at 1234000");
	answers(vm, "run wild", "^wild: it has faulted; 'kill' it first");
	answers(vm, "forget wild", "^wild: it has faulted");
	answers(vm, "kill wild", "^wild: ended");
	lacks(vm, "ps", " wild");
	CU_ASSERT_FATAL(push("spin", "spin"));
	answers(vm, "run spin", "^spin: runs");
	comes(vm, "log", "^spin begins");
	answers(vm, "kill spin", "^spin: ended");
	lacks(vm, "ps", " spin");
	CU_ASSERT(leaves_nothing(vm));
	vm_free(vm);
}

/* The holes are these lines, no more and no less. */
static void
holes_are(struct vm *vm, const char *name, const char *lines)
{
	char   command[64], *answer, *first;
	size_t n = 0;

	snprintf(command, sizeof(command), "holes %s", name);
	answer = shell_run(vm, command);
	CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
	for (char *at = answer; *at != '\0'; at++)
		if (*at != '\r')
			answer[n++] = *at;
	answer[n] = '\0';
	first = strstr(answer, "hole: ");
	CU_ASSERT_PTR_NOT_NULL_FATAL(first);
	if (strncmp(first, lines, strlen(lines)) != 0)
		fprintf(stderr, "%s: not\n%s but\n%s\n", command, lines, first);
	CU_ASSERT_EQUAL(strncmp(first, lines, strlen(lines)), 0);
	CU_ASSERT_PTR_NULL(strstr(first + strlen(lines), "hole: "));
	free(answer);
}

/* programs.5: it holds what it was given at the shell, and nothing else. */
static void
given(void)
{
	const char *image = work_volume("v", 0);
	struct vm  *vm = boot(image);

	CU_ASSERT_FATAL(push("hello", "hello"));
	CU_ASSERT_FATAL(push("visits", "visits"));
	answers(vm, "help run", "^run +.NAME .with THING");
	answers(vm, "run hello with log coffee",
	    "^hello: there is no 'coffee'; expected of: log clock discrim "
	    "timer random constructors directories collections pipes "
	    "directory collection pipe, or nothing; frames=N; directory=, "
	    "collection= or pipe=NAME$");
	answers(vm, "run hello with", "^expected: run ");
	answers(
	    vm, "run hello with log log", "^hello: something is said twice");
	answers(
	    vm, "run hello with frames=1", "^hello: there is no room for it");
	answers(vm, "run", "^hello +kept ");

	answers(vm, "run hello with nothing", "^hello: runs; it holds nothing");
	holes_are(vm, "hello", "hole: keeper  start\n");
	lacks(vm, "caps hello", "^(1|3|[5-9]|1[0-5]) .* placed");
	answers(vm, "kill hello", "ended");
	answers(vm, "run hello with directories clock",
	    "^hello: runs; it holds clock in 3, directories in 8");
	holes_are(vm, "hello", "hole: 3       clock\nhole: keeper  start\n");
	answers(vm, "caps hello", "^8 +start .*data 0 +placed");
	lacks(vm, "caps hello", "^(1|[5-6]|9|1[0-5]) .* placed");

	/* A client of the timer of its own. */
	answers(vm, "kill hello", "ended");
	answers(vm, "run hello with timer",
	    "^hello: runs; it holds timer in 8");
	holes_are(vm, "hello", "hole: 8       forwarder\nhole: keeper  start\n");
	answers(vm, "kill hello", "ended");
	answers(vm, "run hello with directories clock", "^hello: runs");

	answers(vm, "run visits with log collection random",
	    "^visits: runs; it holds log in 1, collection in 8, random in 9");
	comes(vm, "log", "^visits: 1, status 0$");
	comes(vm, "log", "^visits: the time is refused with 7$");
	holes_are(vm, "visits",
	    "hole: 1       console log\nhole: 8       start\n"
	    "hole: 9       start\nhole: keeper  start\n");
	lacks(vm, "caps visits", "^(3|[5-6]|1[0-5]) .* placed");
	answers(vm, "kill visits", "ended");
	/* Another image in its place keeps the collection. */
	CU_ASSERT_FATAL(push("visits", "visits"));
	answers(vm, "ckpt now", "[0-9]");
	vm_kill9(vm);
	vm_free(vm);

	vm = boot(image);
	answers(vm, "holes hello", "^hole: 3 +clock\nhole: keeper +start");
	answers(vm, "caps hello", "^8 +start .*data 0 +placed");
	answers(vm, "run visits with log collection random", "^visits: runs");
	comes(vm, "log", "^visits: 2, status 0$");
	answers(vm, "kill visits", "ended");
	answers(
	    vm, "run visits", "^visits: runs; it holds log in 1, clock in 3");
	holes_are(vm, "visits",
	    "hole: 1       console log\nhole: 3       clock\n"
	    "hole: keeper  start\n");
	vm_free(vm);
}

/* programs.6: what one program has, another one can be given a part of. */
static void
shared(void)
{
	struct vm *vm = boot(work_volume("v", 0));

	CU_ASSERT_FATAL(push("speaker", "talk"));
	CU_ASSERT_FATAL(push("listener", "talk"));
	CU_ASSERT_FATAL(push("visits", "visits"));
	answers(vm, "run listener with pipe=nobody",
	    "^listener: no program of that name has one; run it with one first");
	answers(vm, "run listener with pipe=speaker", "^listener: no program of");
	answers(vm, "run visits with log collection", "^visits: runs");
	comes(vm, "log", "^visits: 1, status 0$");
	answers(vm, "run speaker with log pipe",
	    "^speaker: runs; it holds log in 1, pipe in 8");
	comes(vm, "log", "^talk: said 12, status 0$");
	answers(vm, "run listener with pipe=speaker log collection=visits",
	    "^listener: runs; it holds log in 1, pipe of speaker in 8, "
	    "collection of visits in 9");
	comes(vm, "log", "^talk: heard 'good morning', status 0$");
	comes(vm, "log", "^talk: 1 visits, status 0; put: 7$");
	holes_are(vm, "listener",
	    "hole: 1       console log\nhole: 8       start\n"
	    "hole: 9       start\nhole: keeper  start\n");
	/* What is forgotten is no more: who waits for it is told. */
	answers(vm, "kill speaker", "ended");
	answers(vm, "forget speaker", "deleted");
	comes(vm, "log", "^talk: no more, status [1-9]");
	answers(vm, "kill listener", "ended");
	answers(vm, "run listener with pipe=speaker", "^listener: no program of");
	answers(vm, "run listener", "^listener: runs; it holds log in 1, clock");
	vm_free(vm);
}

/* programs.4: all that manual/domain-tutorial.md tells its reader to do. */
static void
chapter(void)
{
	const char         *image = work_volume("v", 0);
	FILE               *f = fopen("manual/domain-tutorial.md", "r");
	struct vm          *vm = boot(image);
	struct chapter_step s;
	unsigned            steps = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	for (; chapter_next(f, &s); steps++) {
		if (!s.on_host)
			CU_ASSERT_FATAL(chapter_type(vm, &s))
		else if (strcmp(s.command, "make push PROG=hello") == 0)
			CU_ASSERT_FATAL(push("hello", "hello"))
		else if (strncmp(s.command, "kill -9 ", 8) == 0)
			vm_kill9(vm), vm_free(vm), vm = NULL;
		else if (strcmp(s.command, "make run") == 0 && vm == NULL)
			vm = boot(image);
		else
			CU_FAIL_FATAL("a command that nobody knows here");
	}
	fclose(f);
	CU_ASSERT(steps >= 12);
	/* What compares finds what is wrong. */
	CU_ASSERT(chapter_answer("a\n...\nb ...\n", "a\nx\r\nb c\r\n"));
	CU_ASSERT_FALSE(chapter_answer("b\na\n", "a\nb\n"));
	CU_ASSERT_FALSE(chapter_answer("a\n", "a b\n"));
	vm_free(vm);
}

int
main(int argc, char **argv)
{
	static const struct runner_test tests[] = {
	    RUNNER_TEST(journey),
	    RUNNER_TEST(bad_programs),
	    RUNNER_TEST(given),
	    RUNNER_TEST(shared),
    RUNNER_TEST(chapter),
	    {NULL, NULL},
	};
	static const struct runner_suite suites[] = {
	    {"programs", work_init, work_cleanup, tests},
	    {.name = NULL},
	};

	runner_set_deadline(DEADLINE);
	return runner_main(argc, argv, suites);
}
