/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The runner of every CUnit program in the tree.
 *
 * CUnit's own runners let too much pass: they end with 0 when tests failed,
 * and know nothing of an empty registry, a test that asserts nothing, or an
 * abort. This one counts tests, not assertions, and a test counts as passed
 * only if it ran to its end, made at least one assertion, and none failed.
 *
 *	static const struct runner_test tests[] = {
 *		RUNNER_TEST(failure_changes_nothing),
 *		{NULL, NULL},
 *	};
 *	static const struct runner_suite suites[] = {
 *		{.name = "gate", .tests = tests},
 *		{.name = NULL},
 *	};
 *
 *	int
 *	main(int argc, char **argv)
 *	{
 *		return runner_main(argc, argv, suites);
 *	}
 */
#ifndef TESTSUITE_RUNNER_RUNNER_H
#define TESTSUITE_RUNNER_RUNNER_H

struct runner_test {
	const char *name; /* NULL ends the table. */
	void (*run)(void);
};

#define RUNNER_TEST(function)       \
	{                           \
#function, function \
	}

struct runner_suite {
	const char *name;     /* NULL ends the table. */
	int (*init)(void);    /* 0 for success; may be NULL */
	int (*cleanup)(void); /* the same */
	const struct runner_test *tests;
};

/*
 * Runs the tests in a child process, prints what failed and, as the last
 * line, `NAME: N passed, M failed`; returns the exit status for main, 0 only
 * if all passed. After a crash the next test goes on in a new child.
 *
 *	PROGRAM [-v] [--list] [SUITE[.TEST]]
 */
int runner_main(int argc, char **argv, const struct runner_suite *suites);

/*
 * How long the whole program may take (default 120 s), before the environment
 * variable DEADLINE_SCALE multiplies it. Called before runner_main.
 */
void runner_set_deadline(unsigned seconds);

/* The value of DEADLINE_SCALE, at least 1; tests scale their deadlines too. */
unsigned runner_deadline_scale(void);

/*
 * Has `function` called after each test, also one that a fatal assertion cut
 * short: so what a test holds (a QEMU) does not disturb the next one.
 */
void runner_after_each(void (*function)(void));

/* What a test that cannot run here calls, and then returns: it has failed. */
void runner_skip(const char *reason);

#endif
