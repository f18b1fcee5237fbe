/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The program of a driver over QEMU's own device: the script, the conversation
 * (recorded in the file that RECORD names), and death of the driver, a fresh
 * instance taking the device over. The driver's objects are those of its
 * package.
 */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "testsuite/harness/script.h"
#include "testsuite/harness/trace.h"

enum { DEATHS = 40, PIO_DEATHS = 4, AT_ONCE = 8, NAPS = 7 };

/* How the process of a death ends. */
enum { WENT_WRONG = 1, FIRED, DID_NOT_FIRE };

static bool
good(const struct script_result *r)
{
	return r->ended && r->wrong == 0 && harness_complaints == 0;
}

static void
check(const struct script_result *r)
{
	CU_ASSERT(r->ended);
	CU_ASSERT_EQUAL(r->wrong, 0);
	CU_ASSERT_EQUAL(harness_complaints, 0);
}

static void
without_fault(void)
{
	const struct fault   none = {.kind = FK_NOTHING};
	struct script_result r = class_script.run(&none);

	check(&r);
	CU_ASSERT_EQUAL(r.restarts, 0);
}

static void
conversation(void)
{
	const char     *path = getenv("RECORD");
	struct harness *h = harness_open();

	h->trace = trace_new();
	CU_ASSERT(class_script.converse(h));
	CU_ASSERT_EQUAL(harness_complaints, 0);
	if (path != NULL && *path != '\0')
		CU_ASSERT(trace_save(h->trace, path));
	harness_close(h);
}

/* One place in a process of its own, which ends with how it went. */
static pid_t
die_apart(unsigned long n)
{
	const struct fault   f = {.kind = FK_DEATH, .at = n};
	struct script_result r;
	pid_t                child;

	fflush(stdout);
	child = fork();
	CU_ASSERT_FATAL(child >= 0);
	if (child != 0)
		return child;
	/* A QEMU ends with the process that has started it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	r = class_script.run(&f);
	if (!good(&r))
		printf("  death at %lu: ended %d, wrong %lu, complaints %lu\n",
		    n, r.ended, r.wrong, harness_complaints);
	fflush(stdout);
	_exit(!good(&r) ? WENT_WRONG : r.fired != 0 ? FIRED : DID_NOT_FIRE);
}

/*
 * `count` places from *n on, all at the same time: over QEMU there is more to
 * wait for than to do. How many fired, and at which the last did.
 */
static unsigned
die_at_once(
    unsigned count, unsigned long *n, unsigned long most, unsigned long *last)
{
	unsigned long at[AT_ONCE];
	pid_t         child[AT_ONCE];
	unsigned      fired = 0;
	int           status;

	for (unsigned i = 0; i < count; i++) {
		at[i] = *n;
		child[i] = die_apart(*n);
		/* Few places lie further apart, so that they reach as far. */
		*n += 1 + *n * (most < DEATHS ? 6 : 3) / most;
	}
	for (unsigned i = 0; i < count; i++) {
		CU_ASSERT_EQUAL(waitpid(child[i], &status, 0), child[i]);
		CU_ASSERT(WIFEXITED(status));
		CU_ASSERT_NOT_EQUAL(WEXITSTATUS(status), WENT_WRONG);
		if (WEXITSTATUS(status) == FIRED) {
			fired++;
			*last = at[i];
		}
	}
	return fired;
}

static void
die_at(unsigned long n)
{
	const struct fault   f = {.kind = FK_DEATH, .at = n};
	struct script_result r = class_script.run(&f);

	check(&r);
}

/* harness.nap.1: suspended after some turns, QEMU's device goes on as before. */
static void
naps(void)
{
	const struct fault none = {.kind = FK_NOTHING};

	if (class_script.loses) {
		CU_PASS("it has a test of its own");
		return;
	}
	for (unsigned long at = 1; at <= NAPS; at += 3) {
		struct script_result r;

		harness_nap.at = at;
		r = class_script.run(&none);
		check(&r);
		CU_ASSERT_EQUAL(r.restarts, 0);
		CU_ASSERT(harness_nap.taken);
	}
	harness_nap.at = 0;
}

/* Every place while it starts up, then further and further apart. */
static void
death(void)
{
	const char   *only = getenv("N");
	unsigned long n = 1, tried = 0, last = 0;
	/* PIO goes word by word over the socket: seconds for each run. */
	unsigned long most = getenv("PIO") ? PIO_DEATHS : DEATHS;
	unsigned      count, fired;

	if (only != NULL && *only != '\0') {
		die_at(strtoul(only, NULL, 0));
		return;
	}
	if (class_script.deaths != NULL && *class_script.deaths != 0)
		most = *class_script.deaths;
	do {
		count = (unsigned)(most - tried < AT_ONCE ? most - tried
							  : AT_ONCE);
		fired = die_at_once(count, &n, most, &last);
		tried += fired;
	} while (fired == count && tried < most);
	CU_ASSERT(tried > 3);
	printf("loop %-12s %-6s %-8s %-16s %-6s n %5lu  faults %6lu\n",
	    driver.name, backend_name, "point", "death", "once", last, tried);
}

static const struct runner_test tests[] = {
    RUNNER_TEST(without_fault),
    RUNNER_TEST(conversation),
    RUNNER_TEST(death),
    RUNNER_TEST(naps),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "harness", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	runner_set_deadline(300);
	return runner_main(argc, argv, suites);
}
