/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The program of a block driver over the models: the script without faults,
 * then a loop for each kind of fault. CASE=kind and N=n run one; V=1 prints
 * the register conversation.
 */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "testsuite/harness/blocktest.h"
#include "testsuite/harness/model/model.h"
#include "testsuite/runner/runner.h"

enum { LOOP_MAX = 2000000 };

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool
good(const struct script_result *r)
{
	return r->wrong == 0 && r->strays == 0 && harness_complaints == 0;
}

static void
without_fault(void)
{
	const struct fault   none = {.kind = FK_NOTHING};
	struct script_result r;

	harness_complaints = 0;
	r = block_script(&none);
	CU_ASSERT(r.ended);
	CU_ASSERT(good(&r));
	CU_ASSERT_EQUAL(r.restarts, 0);
}

/* One place: false if the fault did not fire, so that the loop is over. */
static bool
place(enum fault_kind kind, unsigned long n, unsigned bit, bool sticky,
    unsigned long *fired)
{
	const struct fault f = {
	    .kind = kind, .at = n, .bit = bit, .sticky = sticky};
	struct script_result r;

	harness_complaints = 0;
	r = block_script(&f);
	if (!good(&r))
		printf("  %s at %lu, bit %u, sticky %d: wrong %lu, strays "
		       "%lu, complaints %lu\n",
		    fault_info[kind].name, n, bit, sticky, r.wrong, r.strays,
		    harness_complaints);
	CU_ASSERT(good(&r));
	*fired += r.fired != 0;
	return r.fired != 0;
}

/* Bits to flip of each read: all with SOAK=1, else every other. */
static unsigned
flips(void)
{
	const char *soak = getenv("SOAK");

	return soak != NULL && *soak != '\0' ? 8 : 4;
}

static void
loop(enum fault_kind kind, bool sticky)
{
	const char   *only = getenv("N");
	unsigned      bits = kind == FK_READ_FLIP ? flips() : 1;
	unsigned long fired = 0, n;
	double        start = seconds();
	/* PIO has an access for each word: beyond the first, every 9,001st. */
	unsigned long step = getenv("PIO") != NULL ? 9001 : 1;

	if (only != NULL && *only != '\0') {
		(void)place(kind, strtoul(only, NULL, 0), 0, sticky, &fired);
		return;
	}
	for (n = 1; n < LOOP_MAX;
	     n += n < (step > 1 ? 60 : 2000000) ? 1 : step) {
		bool any = false;

		for (unsigned bit = 0; bit < bits; bit++)
			any |= place(kind, n, 8 / bits * bit, sticky, &fired);
		if (!any)
			break;
	}
	/* At least one fault was tried; PIO does no DMA. */
	CU_ASSERT(
	    n > 1 || (step > 1 && fault_info[kind].class == FAULT_AT_DMA));
	CU_ASSERT(n < LOOP_MAX); /* And the loop came to its end. */
	printf("%-12s %-6s %-14s %-6s n %5lu  faults %6lu  %6.2f s\n",
	    driver.name, backend_name, fault_info[kind].name,
	    sticky ? "sticky" : "once", n - 1, fired, seconds() - start);
}

#define LOOP(name, kind, sticky)    \
	static void name(void)      \
	{                           \
		loop(kind, sticky); \
	}

LOOP(read_ones, FK_READ_ONES, false)
LOOP(removed, FK_READ_ONES, true)
LOOP(read_zero, FK_READ_ZERO, false)
LOOP(read_flip, FK_READ_FLIP, false)
LOOP(write_lost, FK_WRITE_LOST, false)
LOOP(death, FK_DEATH, false)
LOOP(dma_lost, FK_DMA_LOST, false)
LOOP(dma_lost_always, FK_DMA_LOST, true)
LOOP(dma_torn, FK_DMA_TORN, false)
LOOP(dma_garbage, FK_DMA_GARBAGE, false)
LOOP(irq_lost, FK_IRQ_LOST, false)
LOOP(irq_lost_always, FK_IRQ_LOST, true)
LOOP(irq_twice, FK_IRQ_TWICE, false)
LOOP(irq_spurious, FK_IRQ_SPURIOUS, false)
LOOP(irq_storm, FK_IRQ_STORM, false)
LOOP(error, FK_ERROR, false)
LOOP(error_always, FK_ERROR, true)
LOOP(short_transfer, FK_SHORT, false)
LOOP(hang, FK_HANG, false)

static const struct runner_test tests[] = {
    RUNNER_TEST(without_fault),
    RUNNER_TEST(read_ones),
    RUNNER_TEST(removed),
    RUNNER_TEST(read_zero),
    RUNNER_TEST(read_flip),
    RUNNER_TEST(write_lost),
    RUNNER_TEST(death),
    RUNNER_TEST(dma_lost),
    RUNNER_TEST(dma_lost_always),
    RUNNER_TEST(dma_torn),
    RUNNER_TEST(dma_garbage),
    RUNNER_TEST(irq_lost),
    RUNNER_TEST(irq_lost_always),
    RUNNER_TEST(irq_twice),
    RUNNER_TEST(irq_spurious),
    RUNNER_TEST(irq_storm),
    RUNNER_TEST(error),
    RUNNER_TEST(error_always),
    RUNNER_TEST(short_transfer),
    RUNNER_TEST(hang),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "block", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	runner_set_deadline(300);
	return runner_main(argc, argv, suites);
}
