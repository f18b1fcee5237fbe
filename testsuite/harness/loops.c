/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The program of a driver over the model of its device: the script without
 * faults, the conversation held against QEMU's, then a loop for each kind of
 * fault. CASE=kind and N=n run one; V=1 prints the register conversation;
 * SOAK=1 flips every bit.
 *
 * A loop tries n = 1, 2, 3 ... until the fault no longer fires. It has failed
 * if that is before the last event of this class that the script without
 * faults had.
 */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "testsuite/harness/compare.h"
#include "testsuite/harness/model/model.h"
#include "testsuite/harness/script.h"

enum { LOOP_MAX = 1000000, FLIPS = 12, PIO_ALL = 40, PIO_STRIDE = 40, NAP_AT = 4 };

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool
wanted(const char *name)
{
	const char *v = getenv(name);

	return v != NULL && *v != '\0';
}

static bool
good(const struct script_result *r)
{
	return r->wrong == 0 && r->strays == 0 && harness_complaints == 0;
}

static struct script_result
undisturbed(void)
{
	const struct fault none = {.kind = FK_NOTHING};

	harness_complaints = 0;
	return class_script.run(&none);
}

static void
without_fault(void)
{
	struct script_result r = undisturbed();

	CU_ASSERT(r.ended);
	CU_ASSERT(good(&r));
	CU_ASSERT_EQUAL(r.restarts, 0);
}

/* The conversation with the model is that with QEMU's device. */
static void
agrees(void)
{
	struct harness *h = harness_open();
	struct trace   *qemu;

	harness_complaints = 0;
	h->trace = trace_new();
	h->prompt = true;
	CU_ASSERT(class_script.converse(h));
	CU_ASSERT_EQUAL(harness_complaints, 0);
	CU_ASSERT_EQUAL(h->strays, 0);
	if (wanted("AGREE")) {
		qemu = trace_load(getenv("AGREE"));
		CU_ASSERT_PTR_NOT_NULL(qemu);
		CU_ASSERT(qemu != NULL &&
		    trace_agrees(h->trace, qemu, model_differences));
		trace_free(qemu);
	}
	if (wanted("RECORD"))
		CU_ASSERT(trace_save(h->trace, getenv("RECORD")));
	harness_close(h);
}

/* One place: false if the fault did not fire, so that the loop is over. */
static bool
place(const struct fault *f, unsigned long *fired, unsigned *width)
{
	struct script_result r;

	harness_complaints = 0;
	r = class_script.run(f);
	if (!good(&r))
		printf("  %s at %lu, bit %u, sticky %d: wrong %lu, strays "
		       "%lu, complaints %lu\n",
		    fault_info[f->kind].name, f->at, f->bit, f->sticky, r.wrong,
		    r.strays, harness_complaints);
	CU_ASSERT(good(&r));
	*fired += r.fired != 0;
	*width = r.width;
	return r.fired != 0;
}

/* The n-th event: all bits of it, or eight, others at each n. */
static bool
places(struct fault *f, unsigned long *fired)
{
	bool     bits = fault_info[f->kind].bits;
	unsigned width = 0, flips;
	bool     any;

	f->bit = 0;
	any = place(f, fired, &width);
	flips = width <= FLIPS || wanted("SOAK") ? width : FLIPS;
	if (wanted("PIO"))
		flips = 1;
	for (unsigned i = 1; any && bits && i < flips; i++) {
		unsigned unused;

		f->bit = (unsigned)(i * width / flips + f->at) % width;
		if (f->bit != 0)
			(void)place(f, fired, &unused);
	}
	return any;
}

/* PIO says the same for each sector: of those beyond the first a sample. */
static unsigned long
stride(unsigned long n)
{
	return wanted("PIO") && n > PIO_ALL ? PIO_STRIDE : 1;
}

static void
loop(enum fault_kind kind, bool sticky)
{
	enum fault_class class = fault_info[kind].class;
	struct script_result base = undisturbed();
	struct fault         f = {.kind = kind, .sticky = sticky};
	unsigned long        fired = 0;
	unsigned             width;
	double               start = seconds();

	CU_ASSERT(good(&base));
	if (wanted("N")) {
		f.at = strtoul(getenv("N"), NULL, 0);
		f.bit = wanted("BIT")
		    ? (unsigned)strtoul(getenv("BIT"), NULL, 0)
		    : 0;
		if (!place(&f, &fired, &width))
			printf("  %s did not fire: without faults there are "
			       "%lu events of its class\n",
			    fault_info[kind].name, base.seen[class]);
		CU_ASSERT(fired > 0);
		return;
	}
	for (f.at = 1; f.at < LOOP_MAX; f.at += stride(f.at))
		if (!places(&f, &fired))
			break;
	if (f.at - 1 < base.seen[class])
		printf("  %s ended at %lu of %lu\n", fault_info[kind].name,
		    f.at - 1, base.seen[class]);
	CU_ASSERT(f.at - 1 >= base.seen[class]);
	CU_ASSERT(f.at < LOOP_MAX);
	printf("loop %-12s %-6s %-8s %-16s %-6s n %5lu  faults %6lu  %6.2f s\n",
	    driver.name, backend_name, fault_class_name[class],
	    fault_info[kind].name, sticky ? "sticky" : "once", f.at - 1, fired,
	    seconds() - start);
}

/*
 * harness.nap.1: suspended after any turn and woken again; the script sees
 * nothing of it. Further and further apart.
 */
static void
naps(void)
{
	bool          one = wanted("N");
	unsigned long at = one ? strtoul(getenv("N"), NULL, 0) : 1, tried = 0;

	if (class_script.loses) {
		CU_PASS("it has a test of its own");
		return;
	}
	for (; at < LOOP_MAX; at += 1 + at / 12, tried++) {
		struct script_result r;

		harness_nap.at = at;
		r = undisturbed();
		if (!r.ended || !good(&r) || r.restarts != 0)
			printf("  nap after turn %lu\n", at);
		CU_ASSERT(r.ended);
		CU_ASSERT(good(&r));
		CU_ASSERT_EQUAL(r.restarts, 0);
		if (one || harness_nap.turns < at)
			break;
		CU_ASSERT(harness_nap.taken);
	}
	harness_nap.at = 0;
	CU_ASSERT(tried > 2 || one);
}

/* Each kind of fault, at each event from the wish to sleep until it is awake. */
static void
naps_with(const struct nap *base, enum fault_kind kind, bool sticky)
{
	enum fault_class class = fault_info[kind].class;
	struct fault     f = {.kind = kind, .sticky = sticky};
	unsigned long    fired = 0;

	for (f.at = base->first[class] + 1; f.at <= base->last[class]; f.at++)
		(void)places(&f, &fired);
	if (fired != 0)
		printf("loop %-12s %-6s %-8s nap-%-12s %-6s n %5lu  faults %6lu\n",
		    driver.name, backend_name, fault_class_name[class],
		    fault_info[kind].name, sticky ? "sticky" : "once", f.at - 1,
		    fired);
}

/* harness.nap.2 */
static void
naps_fail(void)
{
	static const enum fault_kind kinds[] = {FK_READ_ONES, FK_READ_ZERO,
	    FK_READ_FLIP, FK_WRITE_LOST, FK_DEATH, FK_DMA_LOST, FK_DMA_GARBAGE,
	    FK_IRQ_LOST, FK_IRQ_TWICE, FK_IRQ_SPURIOUS, FK_IRQ_STORM, FK_ERROR,
	    FK_HANG, FK_RESET};
	static const enum fault_kind for_good[] = {FK_READ_ONES, FK_READ_ZERO,
	    FK_READ_STUCK, FK_REMOVED, FK_WRITE_LOST, FK_DMA_LOST, FK_IRQ_LOST,
	    FK_ERROR, FK_HANG};
	struct nap base;

	if (class_script.loses) {
		CU_PASS("it has a test of its own");
		return;
	}
	harness_nap.at = NAP_AT;
	(void)undisturbed();
	CU_ASSERT_FATAL(harness_nap.taken);
	base = harness_nap;
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		naps_with(&base, kinds[i], false);
	for (unsigned i = 0; i < sizeof(for_good) / sizeof(for_good[0]); i++)
		naps_with(&base, for_good[i], true);
	harness_nap.at = 0;
}

#define LOOP(name, kind, sticky)    \
	static void name(void)      \
	{                           \
		loop(kind, sticky); \
	}

LOOP(read_ones, FK_READ_ONES, false)
LOOP(read_ones_always, FK_READ_ONES, true)
LOOP(read_zero, FK_READ_ZERO, false)
LOOP(read_zero_always, FK_READ_ZERO, true)
LOOP(read_flip, FK_READ_FLIP, false)
LOOP(stuck_bit, FK_READ_STUCK, true)
LOOP(removed, FK_REMOVED, true)
LOOP(write_lost, FK_WRITE_LOST, false)
LOOP(write_lost_always, FK_WRITE_LOST, true)
LOOP(death, FK_DEATH, false)
LOOP(dma_lost, FK_DMA_LOST, false)
LOOP(dma_lost_always, FK_DMA_LOST, true)
LOOP(dma_torn, FK_DMA_TORN, false)
LOOP(dma_garbage, FK_DMA_GARBAGE, false)
LOOP(dma_flip, FK_DMA_FLIP, false)
LOOP(dma_misdirected, FK_DMA_MISDIRECTED, false)
LOOP(irq_lost, FK_IRQ_LOST, false)
LOOP(irq_lost_always, FK_IRQ_LOST, true)
LOOP(irq_twice, FK_IRQ_TWICE, false)
LOOP(irq_spurious, FK_IRQ_SPURIOUS, false)
LOOP(irq_storm, FK_IRQ_STORM, false)
LOOP(error, FK_ERROR, false)
LOOP(error_always, FK_ERROR, true)
LOOP(short_transfer, FK_SHORT, false)
LOOP(hang, FK_HANG, false)
LOOP(hang_always, FK_HANG, true)
LOOP(reset_in_flight, FK_RESET, false)

static const struct runner_test tests[] = {
    RUNNER_TEST(without_fault),
    RUNNER_TEST(agrees),
    RUNNER_TEST(read_ones),
    RUNNER_TEST(read_ones_always),
    RUNNER_TEST(read_zero),
    RUNNER_TEST(read_zero_always),
    RUNNER_TEST(read_flip),
    RUNNER_TEST(stuck_bit),
    RUNNER_TEST(removed),
    RUNNER_TEST(write_lost),
    RUNNER_TEST(write_lost_always),
    RUNNER_TEST(death),
    RUNNER_TEST(dma_lost),
    RUNNER_TEST(dma_lost_always),
    RUNNER_TEST(dma_torn),
    RUNNER_TEST(dma_garbage),
    RUNNER_TEST(dma_flip),
    RUNNER_TEST(dma_misdirected),
    RUNNER_TEST(irq_lost),
    RUNNER_TEST(irq_lost_always),
    RUNNER_TEST(irq_twice),
    RUNNER_TEST(irq_spurious),
    RUNNER_TEST(irq_storm),
    RUNNER_TEST(error),
    RUNNER_TEST(error_always),
    RUNNER_TEST(short_transfer),
    RUNNER_TEST(hang),
    RUNNER_TEST(hang_always),
    RUNNER_TEST(reset_in_flight),
    RUNNER_TEST(naps),
    RUNNER_TEST(naps_fail),
    {NULL, NULL},
};

static const struct runner_test no_tests[] = {{NULL, NULL}};

int
main(int argc, char **argv)
{
	const struct runner_suite suites[] = {
	    {.name = "harness", .tests = tests},
	    {.name = class_script.more != NULL ? "class" : NULL,
		.tests = class_script.more != NULL ? class_script.more
						   : no_tests},
	    {.name = NULL},
	};

	runner_set_deadline(300);
	return runner_main(argc, argv, suites);
}
