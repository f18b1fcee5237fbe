/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The program of a driver whose class stands on orders, over a model or over
 * QEMU's own device: the class's script without faults, a client that breaks
 * the ring, then a loop for each kind of fault (model), or deaths (qtest).
 * CASE=loop and N=n run one; V=1 prints the register conversation.
 */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "testsuite/harness/orders.h"
#include "testsuite/runner/runner.h"

enum { LOOP_MAX = 100000, DEATHS = 40 };

struct result {
	unsigned long wrong, strays, fired;
};

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The script with this fault, and without it by a fresh instance. */
static struct result
play(const struct fault *fault)
{
	static struct orders o;
	struct result        r = {0};

	harness_complaints = 0;
	orders_open(&o, fault);
	if (o.ended)
		script.run(&o);
	r.fired = o.h->fault.fired;
	/* A client never hangs while a driver says that it works. */
	if (!o.ended && !fault->sticky)
		orders_wrong(&o, "orders were left open");
	if (r.fired == 0 || !fault_info[fault->kind].lies)
		r.strays += o.h->strays;
	if (r.fired != 0) {
		orders_afresh(&o);
		if (o.ended)
			script.run(&o);
		r.strays += o.h->strays;
	}
	r.wrong = o.wrong + (r.fired != 0 && !o.ended) + harness_complaints;
	harness_close(o.h);
	return r;
}

static void
without_fault(void)
{
	const struct fault none = {.kind = FK_NOTHING};
	struct result      r = play(&none);

	CU_ASSERT_EQUAL(r.wrong, 0);
	CU_ASSERT_EQUAL(r.strays, 0);
}

/* A client that writes nonsense into the indices is left alone. */
static void
hostile_client(void)
{
	const struct fault   none = {.kind = FK_NOTHING};
	static struct orders o;

	orders_open(&o, &none);
	CU_ASSERT_FATAL(o.ended);
	orders_ring(&o)->control.request.head = 123456789;
	harness_ring(o.h);
	CU_ASSERT(harness_run(o.h, SECOND));
	CU_ASSERT_STRING_EQUAL(
	    o.h->control->said.remark, "the client broke the ring");
	/* The next client finds all in order. */
	orders_afresh(&o);
	CU_ASSERT_FATAL(o.ended);
	script.run(&o);
	CU_ASSERT(o.ended);
	CU_ASSERT_EQUAL(o.wrong, 0);
	harness_close(o.h);
}

/* Bits to flip of each read: all with SOAK=1, else every other. */
static unsigned
flips(void)
{
	const char *soak = getenv("SOAK");

	return soak != NULL && *soak != '\0' ? 8 : 4;
}

/* One place: false if the fault did not fire, so that the loop is over. */
static bool
place(enum fault_kind kind, unsigned long n, unsigned bit, bool sticky)
{
	const struct fault f = {
	    .kind = kind, .at = n, .bit = bit, .sticky = sticky};
	struct result r = play(&f);

	if (r.wrong != 0 || r.strays != 0)
		printf("  %s at %lu, bit %u, sticky %d: wrong %lu, strays "
		       "%lu\n",
		    fault_info[kind].name, n, bit, sticky, r.wrong, r.strays);
	CU_ASSERT_EQUAL(r.wrong, 0);
	CU_ASSERT_EQUAL(r.strays, 0);
	return r.fired != 0;
}

static void
loop(enum fault_kind kind, bool sticky)
{
	const char   *only = getenv("N");
	unsigned      bits = kind == FK_READ_FLIP ? flips() : 1;
	unsigned long fired = 0, n;
	double        start = seconds();

	if (only != NULL && *only != '\0') {
		(void)place(kind, strtoul(only, NULL, 0), 0, sticky);
		return;
	}
	for (n = 1; n < LOOP_MAX; n++) {
		bool any = false;

		for (unsigned bit = 0; bit < bits; bit++)
			if (place(kind, n, 8 / bits * bit, sticky)) {
				any = true;
				fired++;
			}
		if (!any)
			break;
	}
	CU_ASSERT(n > 1);        /* At least one fault was tried, */
	CU_ASSERT(n < LOOP_MAX); /* and the loop came to its end. */
	printf("%-14s %-6s %-14s %-6s n %5lu  faults %6lu  %6.2f s\n",
	    driver.name, backend_name, fault_info[kind].name,
	    sticky ? "sticky" : "once", n - 1, fired, seconds() - start);
}

/* CASE chooses among the tests; the loops are one of them, for speed. */
static void
loops(void)
{
	for (unsigned i = 0; script.loop[i].kind != FK_NOTHING; i++)
		loop(script.loop[i].kind, script.loop[i].sticky);
}

/* Every place while it starts up, then further and further apart. */
static void
deaths(void)
{
	unsigned      most = script.deaths != 0 ? script.deaths : DEATHS;
	unsigned      tried = 0;
	unsigned long n = 1;

	for (; tried < most; tried++, n += 1 + n / 12) {
		const struct fault f = {.kind = FK_DEATH, .at = n};
		struct result      r = play(&f);

		CU_ASSERT_EQUAL(r.wrong, 0);
		if (r.fired == 0)
			break;
	}
	CU_ASSERT(tried > 3);
	printf("%-14s %-6s %-14s %-6s n %5lu  faults %6u\n", driver.name,
	    backend_name, "death", "once", n, tried);
}

static const struct runner_test model_tests[] = {
    RUNNER_TEST(without_fault),
    RUNNER_TEST(hostile_client),
    RUNNER_TEST(loops),
    {NULL, NULL},
};

static const struct runner_test qtest_tests[] = {
    RUNNER_TEST(without_fault),
    RUNNER_TEST(hostile_client),
    RUNNER_TEST(deaths),
    {NULL, NULL},
};

int
main(int argc, char **argv)
{
	bool                      real = strcmp(backend_name, "qtest") == 0;
	const struct runner_suite suites[] = {
	    {.name = "orders", .tests = real ? qtest_tests : model_tests},
	    {.name = NULL},
	};

	runner_set_deadline(300);
	return runner_main(argc, argv, suites);
}
