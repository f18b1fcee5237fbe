/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Suites that go wrong in every way the runner must notice. selftest.sh runs
 * them one by one and knows what each must be counted as; this is no test.
 */
#include <CUnit/CUnit.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "testsuite/runner/runner.h"

static void
passes(void)
{
	CU_ASSERT(1);
}

static void
fails_twice(void)
{
	CU_ASSERT(1);
	CU_ASSERT_EQUAL(1, 2);
	CU_FAIL("and once more");
}

static void
fails_fatally(void)
{
	CU_ASSERT_FATAL(0);
	abort();
}

static void
asserts_nothing(void)
{
}

static void
crashes(void)
{
	CU_ASSERT(1);
	raise(SIGSEGV);
}

static void
exits(void)
{
	CU_ASSERT(1);
	exit(0);
}

static void
hangs(void)
{
	CU_ASSERT(1);
	for (;;)
		pause();
}

static void
skips(void)
{
	CU_ASSERT(1);
	runner_skip("no such hardware");
}

/* Fails, then crashes: still one test. */
static void
fails_and_crashes(void)
{
	CU_ASSERT(0);
	raise(SIGSEGV);
}

/* A grandchild that outlives the test must not keep the runner waiting. */
static void
leaves_a_child(void)
{
	if (fork() == 0) {
		close(STDOUT_FILENO);
		close(STDERR_FILENO);
		sleep(20);
		_exit(0);
	}
	CU_ASSERT(1);
	raise(SIGKILL);
}

static int
refuse(void)
{
	return 1;
}

static int
crash(void)
{
	raise(SIGSEGV);
	return 0;
}

static int
end_program(void)
{
	exit(0);
}

static void
fail_at_exit(void)
{
	_exit(3);
}

static void
passes_but_exit_fails(void)
{
	CU_ASSERT_EQUAL(atexit(fail_at_exit), 0);
}

#define TABLE(name, ...) \
	static const struct runner_test name[] = {__VA_ARGS__, {NULL, NULL}}

TABLE(one, RUNNER_TEST(passes));
TABLE(two, {"a", passes}, {"b", passes});
TABLE(middle_fails, {"a", passes}, RUNNER_TEST(fails_twice), {"b", passes});
TABLE(fatal, RUNNER_TEST(fails_fatally), {"b", passes});
TABLE(silent, RUNNER_TEST(asserts_nothing), {"b", passes});
TABLE(crashing, {"a", passes}, RUNNER_TEST(crashes), {"b", passes});
TABLE(exiting, {"a", passes}, RUNNER_TEST(exits), {"b", passes});
TABLE(hanging, {"a", passes}, RUNNER_TEST(hangs), {"b", passes});
TABLE(skipping, RUNNER_TEST(skips), {"b", NULL}, {"c", passes});
TABLE(both, RUNNER_TEST(fails_and_crashes), {"b", passes});
TABLE(leaving, RUNNER_TEST(leaves_a_child), {"b", passes});
TABLE(at_exit, RUNNER_TEST(passes_but_exit_fails));
static const struct runner_test none[] = {{NULL, NULL}};

static const struct runner_suite suites[] = {
    {.name = "good", .tests = two},
    {.name = "failing", .tests = middle_fails},
    {.name = "fatal", .tests = fatal},
    {.name = "silent", .tests = silent},
    {.name = "crashing", .tests = crashing},
    {.name = "exiting", .tests = exiting},
    {.name = "hanging", .tests = hanging},
    {.name = "skipping", .tests = skipping},
    {.name = "both", .tests = both},
    {.name = "leaving", .tests = leaving},
    {.name = "at_exit", .tests = at_exit},
    {.name = "init_fails", .init = refuse, .tests = two},
    {.name = "init_crashes", .init = crash, .tests = two},
    {.name = "init_ends", .init = end_program, .tests = one},
    {.name = "cleanup_fails", .cleanup = refuse, .tests = two},
    {.name = "cleanup_crashes", .cleanup = crash, .tests = two},
    {.name = NULL},
};

static const struct runner_suite without_tests[] = {
    {.name = "good", .tests = two},
    {.name = "empty", .tests = none},
    {.name = NULL},
};

static const struct runner_suite without_suites[] = {{.name = NULL}};

int
main(int argc, char **argv)
{
	runner_set_deadline(5);
	if (argc == 2 && strcmp(argv[1], "EMPTY") == 0)
		return runner_main(1, argv, without_suites);
	if (argc == 2 && strcmp(argv[1], "EMPTY_SUITE") == 0)
		return runner_main(1, argv, without_tests);
	return runner_main(argc, argv, suites);
}
