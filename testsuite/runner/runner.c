/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The half of the runner that counts: it starts children that run the tests
 * and believes nothing but a complete report of each.
 *
 * Invariants
 *  1. Each selected test is counted once, as passed or as failed; what was
 *     never reported is failed.
 *  2. A child that ends before its summary, or with a status other than 0, is
 *     at least one failure.
 *  3. All ends by the deadline.
 */
#include "testsuite/runner/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "testsuite/runner/child.h"

enum verdict { UNKNOWN, PASSED, FAILED };

struct run {
	struct selected *tests;
	enum verdict    *verdict; /* by the same index */
	unsigned         count;
	unsigned         extra; /* failures that belong to no test */
	bool             verbose;
	const char      *name;     /* `unit-x`, for the last line */
	long long        deadline; /* on the monotonic clock, in ms */

	/* The child that runs now. */
	unsigned first;   /* its first test */
	unsigned current; /* the test or suite that runs */
	bool     in_test, in_suite, ended;
};

static unsigned deadline_s = 120;

void
runner_set_deadline(unsigned seconds)
{
	deadline_s = seconds;
}

unsigned
runner_deadline_scale(void)
{
	const char   *text = getenv("DEADLINE_SCALE");
	unsigned long scale = text == NULL ? 1 : strtoul(text, NULL, 10);

	return scale < 1 ? 1 : scale > 1000 ? 1000 : (unsigned)scale;
}

static long long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
test_fails(struct run *run, unsigned i, const char *why)
{
	run->verdict[i] = FAILED;
	printf("FAIL %s.%s: %s\n", run->tests[i].suite->name,
	    run->tests[i].test->name, why);
}

static void
run_fails(struct run *run, const char *what, const char *why)
{
	run->extra++;
	printf("FAIL %s: %s\n", what, why);
}

/* Fails the tests of the current suite that have no verdict yet. */
static unsigned
suite_fails(struct run *run, const char *why)
{
	const struct runner_suite *suite = run->tests[run->current].suite;
	unsigned                   n = 0;

	for (unsigned i = run->first; i < run->count; i++) {
		if (run->tests[i].suite != suite || run->verdict[i] != UNKNOWN)
			continue;
		test_fails(run, i, why);
		n++;
	}
	return n;
}

static void
test_done(struct run *run, unsigned i, unsigned asserts)
{
	run->in_test = false;
	if (run->verdict[i] != UNKNOWN)
		return;
	if (asserts == 0) {
		test_fails(run, i, "made no assertion");
		return;
	}
	run->verdict[i] = PASSED;
	if (run->verbose)
		printf("ok   %s.%s\n", run->tests[i].suite->name,
		    run->tests[i].test->name);
}

static void
take_report(struct run *run, const struct report *r)
{
	if (r->kind != REPORT_END && r->index >= run->count) {
		run_fails(run, run->name, "a report names no test");
		return;
	}
	switch (r->kind) {
	case REPORT_SUITE:
		run->current = r->index;
		run->in_suite = true;
		run->in_test = false;
		break;
	case REPORT_TEST:
		run->current = r->index;
		run->in_test = true;
		break;
	case REPORT_FAILURE:
		test_fails(run, r->index, r->text);
		break;
	case REPORT_DONE:
		test_done(run, r->index, r->asserts);
		break;
	case REPORT_INIT:
		run->current = r->index;
		suite_fails(run, "the suite's initialisation failed");
		break;
	case REPORT_CLEANUP:
		run_fails(run, run->tests[r->index].suite->name,
		    "the suite's clean-up failed");
		break;
	case REPORT_END:
		run->ended = true;
		break;
	default:
		run_fails(run, run->name, "a report of no known kind");
		break;
	}
}

static void
take_reports(struct run *run, int pipe)
{
	struct report report;

	while (read(pipe, &report, sizeof(report)) == (ssize_t)sizeof(report)) {
		report.text[sizeof(report.text) - 1] = '\0';
		take_report(run, &report);
	}
}

/*
 * Takes reports until the child has ended or its time is up, when it is
 * killed. The pipe's end is no sign: a grandchild may hold it open.
 */
static int
watch_child(struct run *run, pid_t pid, int pipe)
{
	struct pollfd fds[2] = {{.fd = pipe, .events = POLLIN}};
	long long     left;
	int           status = 0;

	fds[1].fd = pidfd_open(pid, 0);
	fds[1].events = POLLIN;
	while (fds[1].fd >= 0) {
		left = run->deadline - now_ms();
		if (left <= 0) {
			kill(pid, SIGKILL);
			break;
		}
		if (poll(fds, 2, (int)left) < 0 && errno != EINTR)
			break;
		take_reports(run, pipe);
		if (fds[0].revents & (POLLHUP | POLLERR))
			fds[0].fd = -1;
		if (fds[1].revents != 0)
			break;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	take_reports(run, pipe);
	if (fds[1].fd >= 0)
		close(fds[1].fd);
	return status;
}

/* Charges an early or unclean end of the child to what was running. */
static void
judge_end(struct run *run, int status)
{
	const char *what = run->tests[run->current].suite->name;
	char        why[160];

	if (now_ms() >= run->deadline)
		snprintf(why, sizeof(why), "still ran at the deadline");
	else if (WIFSIGNALED(status))
		snprintf(why, sizeof(why), "crashed: %s",
		    strsignal(WTERMSIG(status)));
	else
		snprintf(why, sizeof(why), "ended the program, status %d",
		    WEXITSTATUS(status));

	if (run->ended && status != 0)
		run_fails(run, "after the last test", why);
	else if (run->ended)
		return;
	else if (run->in_test)
		test_fails(run, run->current, why);
	else if (!run->in_suite)
		run_fails(run, "before the first suite", why);
	else if (suite_fails(run, why) == 0)
		run_fails(run, what, why);
}

/* Runs one child from the first test without a verdict; false if none is. */
static bool
run_child(struct run *run)
{
	int      pipes[2];
	pid_t    pid;
	unsigned before = run->extra;
	unsigned i;

	for (i = 0; i < run->count && run->verdict[i] != UNKNOWN; i++)
		;
	if (i == run->count || now_ms() >= run->deadline)
		return false;
	run->first = run->current = i;
	run->in_test = run->in_suite = run->ended = false;
	fflush(NULL);
	if (pipe2(pipes, O_CLOEXEC) != 0)
		return false;
	pid = fork();
	if (pid == 0) {
		close(pipes[0]);
		child_run(run->tests, i, run->count, pipes[1]);
	}
	close(pipes[1]);
	if (pid > 0) {
		fcntl(pipes[0], F_SETFL, O_NONBLOCK);
		judge_end(run, watch_child(run, pid, pipes[0]));
	}
	close(pipes[0]);

	/* Go on only if this child settled something: no endless loop. */
	return pid > 0 && !run->ended &&
	    (run->verdict[i] != UNKNOWN && run->extra - before < 2);
}

static bool
is_selected(const char *filter, const char *suite, const char *test)
{
	size_t n = strlen(suite);

	return filter == NULL ||
	    (strncmp(filter, suite, n) == 0 &&
		(filter[n] == '\0' ||
		    (filter[n] == '.' && strcmp(filter + n + 1, test) == 0)));
}

/* Who asks for what is not there is told what is. */
static void
list_all(const struct runner_suite *suites)
{
	const struct runner_test *t;

	for (const struct runner_suite *s = suites; s->name != NULL; s++)
		for (t = s->tests; t != NULL && t->name != NULL; t++)
			printf("  there is %s.%s\n", s->name, t->name);
}

static void
run_select(
    struct run *run, const struct runner_suite *suites, const char *filter)
{
	const struct runner_suite *s;
	const struct runner_test  *t;
	unsigned                   n = 0;

	for (s = suites; s->name != NULL; s++)
		for (t = s->tests; t != NULL && t->name != NULL; t++)
			n++;
	run->tests = calloc(n + 1, sizeof(*run->tests));
	run->verdict = calloc(n + 1, sizeof(*run->verdict));
	if (run->tests == NULL || run->verdict == NULL)
		abort();
	for (s = suites; s->name != NULL; s++) {
		if (s->tests == NULL || s->tests->name == NULL)
			run_fails(run, s->name, "the suite has no test");
		for (t = s->tests; t != NULL && t->name != NULL; t++)
			if (is_selected(filter, s->name, t->name))
				run->tests[run->count++] = (struct selected){
				    s, t};
	}
	if (run->count == 0)
		list_all(suites);
}

/* `build/unit/x` is called unit-x. */
static const char *
program_name(const char *path)
{
	static char name[128];
	const char *base = strrchr(path, '/');
	const char *dir = base;

	if (base == NULL)
		return path;
	while (dir > path && dir[-1] != '/')
		dir--;
	snprintf(
	    name, sizeof(name), "%.*s-%s", (int)(base - dir), dir, base + 1);
	return name;
}

static int
run_summary(struct run *run)
{
	unsigned passed = 0, failed = run->extra;

	for (unsigned i = 0; i < run->count; i++) {
		if (run->verdict[i] == UNKNOWN)
			test_fails(run, i, "was not run");
		if (run->verdict[i] == PASSED)
			passed++;
		else
			failed++;
	}
	if (run->count == 0) {
		printf("FAIL there is no such test\n");
		failed++;
	}
	printf("%s: %u passed, %u failed\n", run->name, passed, failed);
	fflush(stdout);
	free(run->tests);
	free(run->verdict);
	return passed > 0 && failed == 0 ? 0 : 1;
}

int
runner_main(int argc, char **argv, const struct runner_suite *suites)
{
	struct run  run = {.name = program_name(argv[0])};
	const char *filter = NULL;
	bool        list = false;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-v") == 0)
			run.verbose = true;
		else if (strcmp(argv[i], "--list") == 0)
			list = true;
		else if (argv[i][0] != '-' && filter == NULL)
			filter = argv[i];
		else {
			fprintf(stderr,
			    "usage: %s [-v] [--list] [SUITE[.TEST]]\n",
			    argv[0]);
			return 2;
		}
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	run.deadline = now_ms() + 1000LL * deadline_s * runner_deadline_scale();
	run_select(&run, suites, filter);
	if (list) {
		for (unsigned i = 0; i < run.count; i++)
			printf("%s.%s\n", run.tests[i].suite->name,
			    run.tests[i].test->name);
		free(run.tests);
		free(run.verdict);
		return 0;
	}
	while (run_child(&run))
		;
	return run_summary(&run);
}
