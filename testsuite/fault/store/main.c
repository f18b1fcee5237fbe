/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The simulator's suites. A failure prints the command that repeats it.
 *
 *     store-sim [-t SECONDS] [-s SEED] [cuts|full|faults|mutations] ...
 *     store-sim -1 SHAPE -s SEED [-f N [-k]] [-m MUTATION]
 */
#include "testsuite/fault/store/sim.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum store_mutation store_mutation;

/* Volumes of several shapes: tiny, deep tree, many blocks, near full, large. */
static const struct sim_plan shapes[] = {
    {.blocks = 192,
	.objects = 40,
	.stride = 1,
	.credits = 16,
	.lives = 3,
	.commits = 8,
	.cut = true},
    {.blocks = 1200,
	.objects = 40,
	.stride = 1000,
	.credits = 16,
	.lives = 2,
	.commits = 6,
	.cut = true},
    {.blocks = 1200,
	.objects = 300,
	.stride = 3,
	.credits = 100,
	.lives = 2,
	.commits = 6,
	.cut = true},
    {.blocks = 120,
	.objects = 60,
	.stride = 1,
	.credits = 64,
	.lives = 2,
	.commits = 12,
	.cut = true,
	.full = true},
    /* Two leaves of bitmap, two levels over the lists, lists of blocks. */
    {.blocks = 36000,
	.objects = SIM_OBJECTS,
	.stride = 29,
	.credits = 1000,
	.lives = 2,
	.commits = 6,
	.every = 400,
	.cut = true},
};

enum {
	SHAPES = sizeof(shapes) / sizeof(shapes[0]),
	SMALL = SHAPES - 1, /* The last one takes seconds. */
	LARGE_EVERY = 20,
};

static const char *const mutation_names[MUTATE_COUNT] = {"nothing",
    "no-first-flush", "no-second-flush", "super-first", "old-number",
    "birth-off", "reuse-early", "forget-merge"};

struct tally {
	unsigned passed, failed;
	uint64_t cuts, commits, faults;
};

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool
run(struct tally *y, unsigned shape, struct sim_plan p)
{
	struct sim_result r;
	bool              ok = sim_run(&p, &r);

	y->cuts += r.cuts;
	y->commits += r.commits;
	y->faults += r.faults;
	if (!ok && store_mutation == MUTATE_NOTHING)
		printf("FAIL %s\n  store-sim -1 %u -s %lu%s%s\n", r.what, shape,
		    p.seed, p.fail_at != 0 ? " -f " : "",
		    p.sticky ? "n -k" : "");
	return ok;
}

/* F8, S9: any cut leaves one committed generation, none acknowledged lost. */
static void
suite_cuts(struct tally *y, uint64_t seed, double seconds)
{
	double   from = now();
	bool     ok = true;
	unsigned runs = 0;

	while (ok && now() - from < seconds) {
		unsigned        shape = runs % LARGE_EVERY == LARGE_EVERY - 1
			   ? SMALL
			   : runs % SMALL;
		struct sim_plan p = shapes[shape];

		p.seed = seed++;
		ok = run(y, shape, p);
		runs++;
	}
	y->passed += ok;
	y->failed += !ok;
	seconds = now() - from;
	printf("cuts: %lu cut, recovered and verified in %.1f s (%.0f/s), "
	       "%u runs\n",
	    y->cuts, seconds, (double)y->cuts / seconds, runs);
}

/* F7: on a volume as full as may be, rewriting everything never wedges. */
static void
suite_full(struct tally *y, uint64_t seed)
{
	static const uint32_t blocks[] = {110, 192, 400, 1500, 4000};
	bool                  ok = true;

	for (unsigned i = 0; ok && i < 5; i++) {
		struct sim_plan p = {.blocks = blocks[i],
		    .objects = SIM_OBJECTS,
		    .stride = 1,
		    .credits = 400,
		    .lives = 2,
		    .commits = 30,
		    .full = true,
		    .seed = seed++};

		/* Positions are as many as blocks, as on a real volume. */
		if (p.objects > blocks[i])
			p.objects = blocks[i];
		ok = run(y, 3, p);
	}
	y->passed += ok;
	y->failed += !ok;
	printf("full: %s\n", ok ? "no wedge" : "wedged");
}

/* The n-th transfer fails, once and for a while, for every n. */
static void
suite_faults(struct tally *y, uint64_t seed)
{
	bool ok = true;

	for (unsigned sticky = 0; ok && sticky < 2; sticky++) {
		uint64_t before = y->faults;

		for (uint32_t n = 1; ok; n++) {
			struct sim_plan p = shapes[0];

			p.lives = 2;
			p.commits = 3;
			p.seed = seed + n % 8;
			p.fail_at = n;
			p.sticky = sticky != 0;
			before = y->faults;
			ok = run(y, 0, p);
			if (!ok)
				printf("  n = %u\n", n);
			if (y->faults == before)
				break;
		}
	}
	y->passed += ok;
	y->failed += !ok;
	printf("faults: %lu injected\n", y->faults);
}

/* Seeded bugs: each must be caught, else the simulator proves nothing. */
static void
suite_mutations(struct tally *y, uint64_t seed)
{
	for (unsigned m = 1; m < MUTATE_COUNT; m++) {
		bool     caught = false;
		unsigned n;

		store_mutation = (enum store_mutation)m;
		for (n = 0; !caught && n < 60; n++) {
			struct sim_plan p = shapes[n % SMALL];

			p.seed = seed + n;
			caught = !run(y, 0, p);
		}
		store_mutation = MUTATE_NOTHING;
		y->passed += caught;
		y->failed += !caught;
		printf("mutation %s: %s after %u runs\n", mutation_names[m],
		    caught ? "caught" : "NOT CAUGHT", n);
	}
}

static int
one(unsigned shape, uint64_t seed, uint32_t fail_at, bool sticky)
{
	struct tally    y = {0};
	struct sim_plan p = shapes[shape % SHAPES];
	bool            ok;

	p.seed = seed;
	p.fail_at = fail_at;
	p.sticky = sticky;
	ok = run(&y, shape, p);
	printf("%s: %lu outcomes, %lu commits\n", ok ? "passed" : "failed",
	    y.cuts, y.commits);
	return ok ? 0 : 1;
}

static bool
chosen(int argc, char **argv, const char *name)
{
	for (int i = optind; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return true;
	return optind >= argc;
}

int
main(int argc, char **argv)
{
	struct tally y = {0};
	uint64_t     seed = 1;
	double       seconds = 20;
	uint32_t     fail_at = 0;
	int          c, shape = -1;
	bool         sticky = false;

	while ((c = getopt(argc, argv, "t:s:1:f:km:")) != -1) {
		switch (c) {
		case 't':
			seconds = atof(optarg);
			break;
		case 's':
			seed = strtoull(optarg, NULL, 0);
			break;
		case '1':
			shape = atoi(optarg);
			break;
		case 'f':
			fail_at = (uint32_t)atoi(optarg);
			break;
		case 'k':
			sticky = true;
			break;
		case 'm':
			store_mutation = (enum store_mutation)atoi(optarg);
			break;
		default:
			return 2;
		}
	}
	if (shape >= 0)
		return one((unsigned)shape, seed, fail_at, sticky);
	if (chosen(argc, argv, "cuts"))
		suite_cuts(&y, seed, seconds);
	if (chosen(argc, argv, "full"))
		suite_full(&y, seed);
	if (chosen(argc, argv, "faults"))
		suite_faults(&y, seed);
	if (chosen(argc, argv, "mutations"))
		suite_mutations(&y, seed);
	printf("store-sim: %u passed, %u failed\n", y.passed, y.failed);
	return y.failed == 0 ? 0 : 1;
}
