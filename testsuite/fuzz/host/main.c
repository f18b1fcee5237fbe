/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Episodes: each a machine of its own, made from the seed and its number, so
 * that any of them can be run again alone.
 *
 *     SEED=4711 COUNT=10000000 fuzz-host      so many invocations
 *     SEED=4711 EPISODE=17 fuzz-host          that episode again
 */
#include "testsuite/fuzz/host/fuzz.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	EPISODE_STEPS = 20000,
	ALL_EVERY = 1000, /* Steps between comparisons of everything. */
	COUNT_USUAL = 1000000,
};

struct figures figures;
uint64_t       random_state;
bool           verbose;

static struct {
	uint64_t seed, episode, step;
} place;

void
wrong(const char *format, ...)
{
	va_list ap;

	fprintf(stderr, "fuzz: ");
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fprintf(stderr,
	    "\nfuzz: at step %" PRIu64 "; again: SEED=%" PRIu64
	    " EPISODE=%" PRIu64 "\n",
	    place.step, place.seed, place.episode);
	printf("fuzz-host: 0 passed, 1 failed\n");
	fflush(stdout);
	if (getenv("FUZZ_ABORT") != NULL)
		abort();
	exit(1);
}

static uint64_t
number_of(const char *name, uint64_t usual)
{
	const char *s = getenv(name);

	return s != NULL && *s != '\0' ? strtoull(s, NULL, 0) : usual;
}

/* Two episodes with neighbouring numbers have nothing in common. */
static uint64_t
mix(uint64_t v)
{
	v ^= v >> 33;
	v *= UINT64_C(0xff51afd7ed558ccd);
	v ^= v >> 33;
	v *= UINT64_C(0xc4ceb9fe1a85ec53);
	v ^= v >> 33;
	return v | 1;
}

static void
episode(void)
{
	random_state = mix(place.seed * UINT64_C(0x9e3779b97f4a7c15) +
	    place.episode);
	place.step = 0;
	machine_boot(true);
	for (; place.step < EPISODE_STEPS; place.step++) {
		step();
		if (place.step % ALL_EVERY == ALL_EVERY - 1) {
			compare_all();
			invariants();
		}
	}
}

static void
report(void)
{
	fprintf(stderr,
	    "fuzz: seed %" PRIu64 ", %" PRIu64 " episodes: %" PRIu64
	    " invocations (%" PRIu64 " done, %" PRIu64 " put off), %" PRIu64
	    " touches, %" PRIu64 " faults, %" PRIu64 " snapshots, %" PRIu64
	    " commits, %" PRIu64 " restarts, %" PRIu64 " fetches, %" PRIu64
	    " cleans, %" PRIu64 " lies, %" PRIu64 " unread, %" PRIu64
	    " answers of that, %" PRIu64 " loans, %" PRIu64 " steps, %" PRIu64
	    " refusals, %" PRIu64 " parcels, %" PRIu64
	    " objects compared\n",
	    place.seed, place.episode, figures.invocations, figures.done,
	    figures.waits, figures.touches, figures.faults, figures.snapshots,
	    figures.commits, figures.restarts, figures.fetches, figures.cleans,
	    figures.lies, figures.unread, figures.media,
	    figures.loans, figures.stepped, figures.refused,
	    figures.parcels, figures.compared);
}

int
main(void)
{
	const uint64_t count = number_of("COUNT", COUNT_USUAL);
	const uint64_t only = number_of("EPISODE", UINT64_MAX);

	place.seed = number_of("SEED", 1);
	verbose = getenv("FUZZ_VERBOSE") != NULL;
	if (!orders_complete(true)) {
		printf("fuzz-host: 0 passed, 1 failed\n");
		return 1;
	}
	if (only != UINT64_MAX) {
		place.episode = only;
		episode();
		report();
	} else {
		for (; figures.invocations < count; place.episode++)
			episode();
		report();
	}
	printf("fuzz-host: 1 passed, 0 failed\n");
	return 0;
}
