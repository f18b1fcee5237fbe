/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Paging and snapshots. The memory is more than the machine has, so that what
 * was written first is on the disk alone.
 */
#include "kernel/abi/kinfo.stub.h"
#include "testsuite/bench/system/domain.h"

enum {
	SLOT_MUCH = SPACE_SLOT_FIRST + 2,
	SLOT_SNAPSHOT,
	MUCH_MIB = 96,
	RUN = 256,
	RUNS = 5,
	RANDOM = 32, /* Pages of a span, each of another leaf. */
	RANDOMS = 5,
	SAMPLES = 5,
};

/*
 * Pages that are not neighbours, downwards, so that nothing is fetched ahead.
 * A first round sees to it that the nodes above them are in memory.
 */
static void
read_random(unsigned leaf)
{
	uint64_t before;

	for (unsigned i = RANDOM; i-- > 0;)
		(void)*page_of(SLOT_MUCH, (leaf + i) * LEAF_PAGES + 30);
	before = pages_in();
	span_start();
	for (unsigned i = RANDOM; i-- > 0;)
		(void)*page_of(SLOT_MUCH, (leaf + i) * LEAF_PAGES + 3);
	span_stop();
	before = pages_in() - before;
	if (before < RANDOM || before > RANDOM + RANDOM / 8)
		fail("pages came in", before);
}

static void
read_run(unsigned page)
{
	uint64_t before = pages_in();

	span_start();
	for (unsigned i = 0; i < RUN; i++)
		(void)*page_of(SLOT_MUCH, page + i);
	span_stop();
	before = pages_in() - before;
	if (before < RUN)
		fail("pages came in", before);
}

static void
page_in(void)
{
	unsigned page = RANDOM * RANDOMS * LEAF_PAGES;

	for (unsigned i = 0; i < RANDOMS; i++)
		read_random(i * RANDOM);
	note("page_in_random", RANDOM, RANDOMS);
	for (unsigned i = 0; i < RUNS; i++)
		read_run(page + i * RUN);
	note("page_in_run_256", RUN, RUNS);
}

/* Pages that are in memory; what a checkpoint takes without them is less. */
static void
page_out(void)
{
	const unsigned last = MUCH_MIB * MIB_PAGES;

	for (unsigned i = 0; i < SAMPLES; i++)
		checkpoint_span();
	note("checkpoint_idle", 1, SAMPLES);
	for (unsigned i = 0; i < SAMPLES; i++) {
		for (unsigned k = 1; k <= RANDOM; k++)
			touch(SLOT_MUCH, last - k * LEAF_PAGES, 1);
		checkpoint_span();
	}
	note("page_out_random", RANDOM, SAMPLES);
	for (unsigned i = 0; i < SAMPLES; i++) {
		touch(SLOT_MUCH, last - RUN, RUN);
		checkpoint_span();
	}
	note("page_out_run_256", RUN, SAMPLES);
}

void
bench_paging(void)
{
	map_zeros(SLOT_MUCH);
	touch(SLOT_MUCH, 0, MUCH_MIB * MIB_PAGES);
	checkpoint();
	page_in();
	/* The pages are bought already, and in memory. */
	touch(SLOT_MUCH, (MUCH_MIB - 4) * MIB_PAGES, 4 * MIB_PAGES);
	checkpoint();
	page_out();
}

void
bench_snapshot(unsigned mib, const char *name)
{
	const unsigned samples = mib > 64 ? 2 : 3;

	map_zeros(SLOT_SNAPSHOT);
	touch(SLOT_SNAPSHOT, 0, mib * MIB_PAGES);
	checkpoint();
	for (unsigned i = 0; i < samples; i++) {
		touch(SLOT_SNAPSHOT, 0, mib * MIB_PAGES);
		if (credits_used() < mib * MIB_PAGES)
			fail("only so much is dirty", credits_used());
		checkpoint_span();
	}
	note(name, 1, samples);
}
