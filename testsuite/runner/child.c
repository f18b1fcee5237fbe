/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The half of the runner that runs the tests: registers them with CUnit and
 * turns CUnit's messages into reports to the parent.
 */
#include "testsuite/runner/child.h"

#include <CUnit/CUnit.h>
#include <CUnit/TestDB.h>
#include <CUnit/TestRun.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <signal.h>
#include <unistd.h>

/* CUnit's messages carry no argument of ours, so the child keeps this. */
static struct {
	const struct selected *tests;
	CU_pTest              *handles; /* by the same index */
	unsigned               first, count;
	unsigned               current;        /* the test that runs */
	unsigned               asserts_before; /* made before it started */
	CU_pFailureRecord      last_failure;   /* told before it started */
	int                    pipe;
} child;

static void (*after_each)(void);

void
runner_after_each(void (*function)(void))
{
	after_each = function;
}

static void
child_report(
    enum report_kind kind, unsigned index, unsigned asserts, const char *text)
{
	struct report report = {.kind = kind, .index = index};
	ssize_t       done;

	report.asserts = asserts;
	snprintf(report.text, sizeof(report.text), "%s", text);
	do
		done = write(child.pipe, &report, sizeof(report));
	while (done < 0 && errno == EINTR);
	if (done != (ssize_t)sizeof(report))
		_exit(120); /* The parent is gone, or misses a report. */
}

/* The index of the first selected test of a CUnit suite. */
static unsigned
child_suite_index(CU_pSuite suite)
{
	unsigned i;

	for (i = child.first; i < child.count; i++)
		if (child.handles[i] == suite->pTest)
			break;
	return i;
}

static void
on_suite_start(const CU_pSuite suite)
{
	child_report(REPORT_SUITE, child_suite_index(suite), 0, "");
}

static void
on_init_failure(const CU_pSuite suite)
{
	child_report(REPORT_INIT, child_suite_index(suite), 0, "");
}

static void
on_cleanup_failure(const CU_pSuite suite)
{
	child_report(REPORT_CLEANUP, child_suite_index(suite), 0, "");
}

static CU_pFailureRecord
last_failure(void)
{
	CU_pFailureRecord f = CU_get_failure_list();

	while (f != NULL && f->pNext != NULL)
		f = f->pNext;
	return f;
}

static void
on_test_start(const CU_pTest test, const CU_pSuite suite)
{
	(void)suite;
	for (unsigned i = child.first; i < child.count; i++)
		if (child.handles[i] == test)
			child.current = i;
	child.asserts_before = CU_get_number_of_asserts();
	child.last_failure = last_failure();
	child_report(REPORT_TEST, child.current, 0, "");
}

static void
on_test_done(
    const CU_pTest test, const CU_pSuite suite, const CU_pFailureRecord list)
{
	CU_pFailureRecord f;
	char              text[900];

	(void)test;
	(void)suite;
	if (after_each != NULL)
		after_each();
	(void)list; /* CUnit passes the test's first failure, or NULL. */
	f = child.last_failure == NULL ? CU_get_failure_list()
				       : child.last_failure->pNext;
	for (; f != NULL; f = f->pNext) {
		snprintf(text, sizeof(text), "%s:%u: %s",
		    f->strFileName != NULL ? f->strFileName : "?",
		    f->uiLineNumber,
		    f->strCondition != NULL ? f->strCondition : "?");
		child_report(REPORT_FAILURE, child.current, 0, text);
	}
	child_report(REPORT_DONE, child.current,
	    CU_get_number_of_asserts() - child.asserts_before, "");
}

void
runner_skip(const char *reason)
{
	char text[900];

	snprintf(text, sizeof(text), "skipped: %s", reason);
	child_report(REPORT_FAILURE, child.current, 0, text);
}

static void
skipped(void)
{
	runner_skip("the table has no function for it");
}

/* Tables are constant; CUnit wants functions it may call, nothing else. */
static void
child_register(void)
{
	const struct runner_suite *suite = NULL;
	CU_pSuite                  handle = NULL;

	if (CU_initialize_registry() != CUE_SUCCESS)
		_exit(121);
	for (unsigned i = child.first; i < child.count; i++) {
		const struct selected *s = &child.tests[i];

		if (s->suite != suite) {
			suite = s->suite;
			handle = CU_add_suite(
			    suite->name, suite->init, suite->cleanup);
		}
		/* A name that stands twice is an error but is added. */
		child.handles[i] = CU_add_test(handle, s->test->name,
		    s->test->run != NULL ? s->test->run : skipped);
	}
}

_Noreturn void
child_run(
    const struct selected *tests, unsigned first, unsigned count, int pipe)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	child.tests = tests;
	child.first = first;
	child.count = count;
	child.pipe = pipe;
	child.handles = calloc(count, sizeof(CU_pTest));
	if (child.handles == NULL)
		_exit(121);

	child_register();
	CU_set_error_action(CUEA_IGNORE);
	CU_set_suite_start_handler(on_suite_start);
	CU_set_suite_init_failure_handler(on_init_failure);
	CU_set_suite_cleanup_failure_handler(on_cleanup_failure);
	CU_set_test_start_handler(on_test_start);
	CU_set_test_complete_handler(on_test_done);
	CU_run_all_tests();
	child_report(REPORT_END, 0, 0, "");
	CU_cleanup_registry();
	free(child.handles);
	/* The sanitizers look for leaks at exit, so it is not _exit. */
	exit(0);
}
