/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The runner's two halves and what passes between them: the child runs the
 * tests under CUnit and reports each step through a pipe; the parent counts.
 */
#ifndef TESTSUITE_RUNNER_CHILD_H
#define TESTSUITE_RUNNER_CHILD_H

#include "testsuite/runner/runner.h"

enum report_kind {
	REPORT_SUITE,   /* The suite of test `index` starts. */
	REPORT_TEST,    /* Test `index` starts. */
	REPORT_FAILURE, /* An assertion of test `index` failed: `text`. */
	REPORT_DONE, /* Test `index` ran to its end; asserts says how much. */
	REPORT_INIT, /* The initialisation of test `index`'s suite failed. */
	REPORT_CLEANUP, /* The clean-up of test `index`'s suite failed. */
	REPORT_END,     /* All tests ran: the summary. */
};

/* Smaller than PIPE_BUF, so that each is written whole. */
struct report {
	enum report_kind kind;
	unsigned         index;
	unsigned         asserts;
	char             text[1024];
};

/* One test of the selection, in the order of the tables. */
struct selected {
	const struct runner_suite *suite;
	const struct runner_test  *test;
};

/* Runs tests[first .. count) and never returns; reports go to `pipe`. */
_Noreturn void child_run(
    const struct selected *tests, unsigned first, unsigned count, int pipe);

#endif
