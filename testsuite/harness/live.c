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

enum { DEATHS = 40, PIO_DEATHS = 4, AT_ONCE = 16 };

/* How a child of deaths_at_once ends. */
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

/*
 * A device that goes by the seconds of the world keeps each run waiting for
 * them: all places at the same time, each with a QEMU of its own.
 */
static unsigned long
deaths_at_once(unsigned long count, unsigned long *last)
{
	pid_t         child[AT_ONCE];
	unsigned long n = 1, fired = 0;
	int           status;

	CU_ASSERT_FATAL(count <= AT_ONCE);
	fflush(stdout);
	for (unsigned i = 0; i < count; i++, n += 1 + n * 3 / 4) {
		const struct fault   f = {.kind = FK_DEATH, .at = n};
		struct script_result r;

		child[i] = fork();
		CU_ASSERT_FATAL(child[i] >= 0);
		if (child[i] != 0)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		r = class_script.run(&f);
		fflush(stdout);
		_exit(!good(&r)        ? WENT_WRONG
			: r.fired != 0 ? FIRED
				       : DID_NOT_FIRE);
	}
	for (unsigned i = 0, at = 1; i < count; i++, at += 1 + at * 3 / 4) {
		CU_ASSERT_EQUAL(waitpid(child[i], &status, 0), child[i]);
		CU_ASSERT(WIFEXITED(status));
		CU_ASSERT_NOT_EQUAL(WEXITSTATUS(status), WENT_WRONG);
		if (WEXITSTATUS(status) == FIRED) {
			*last = at;
			fired++;
		}
	}
	return fired;
}

static void
tell(unsigned long n, unsigned long tried)
{
	printf("loop %-12s %-6s %-8s %-16s %-6s n %5lu  faults %6lu\n",
	    driver.name, backend_name, "point", "death", "once", n, tried);
}

/* Every place while it starts up, then further and further apart. */
static void
death(void)
{
	const char   *only = getenv("N");
	bool          one = only != NULL && *only != '\0';
	unsigned long n = one ? strtoul(only, NULL, 0) : 1, tried = 0;
	/* PIO goes word by word over the socket: seconds for each run. */
	unsigned long most = one ? 1 : getenv("PIO") ? PIO_DEATHS : DEATHS;

	if (!one && class_script.deaths != NULL && *class_script.deaths != 0)
		most = *class_script.deaths;
	if (!one && class_script.at_once != NULL &&
	    *class_script.at_once != 0) {
		tried = deaths_at_once(*class_script.at_once, &n);
		CU_ASSERT(tried > 3);
		tell(n, tried);
		return;
	}
	for (; tried < most; tried++, n += 1 + n / 12) {
		const struct fault   f = {.kind = FK_DEATH, .at = n};
		struct script_result r = class_script.run(&f);

		check(&r);
		if (r.fired == 0)
			break;
	}
	CU_ASSERT(tried > 3 || one);
	tell(n, tried);
}

static const struct runner_test tests[] = {
    RUNNER_TEST(without_fault),
    RUNNER_TEST(conversation),
    RUNNER_TEST(death),
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
