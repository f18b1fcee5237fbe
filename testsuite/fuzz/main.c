/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fuzzer in QEMU, on the debug kernel: a machine with devices and no store,
 * and one with a volume, which is killed again and again.
 *
 *     FUZZ_SEED=4711 FUZZ_COUNT=1000000 build/system/fuzz
 *
 * Each machine invokes so often, or, if that is much, several do, with one seed
 * after the other.
 */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>

#include "testsuite/fuzz/qemu.h"
#include "testsuite/runner/runner.h"
#include "testsuite/system/lib/work.h"

enum {
	COUNT_USUAL = 150000, /* Of each kind. */
	SEED_USUAL = 1,
	SLACK_S = 120,
	LEAST_RATE = 2000, /* Invocations in a second, on a slow machine. */
	CHUNK_DEVICES = 2500000,
	CHUNK_STORE = 500000,
};

static uint64_t
number_of(const char *name, uint64_t usual)
{
	const char *s = getenv(name);

	return s != NULL && *s != '\0' ? strtoull(s, NULL, 0) : usual;
}

unsigned
fuzz_deadline(uint64_t count)
{
	return SLACK_S + (unsigned)(count / LEAST_RATE);
}

static void
all(const char *name, uint64_t chunk,
    uint64_t (*run)(uint64_t seed, uint64_t count))
{
	const uint64_t count = number_of("FUZZ_COUNT", COUNT_USUAL);
	const uint64_t first = number_of("FUZZ_SEED", SEED_USUAL);
	uint64_t       done = 0, seed = first;

	for (; done < count; seed++) {
		const uint64_t rest = count - done;
		const uint64_t n = run(seed, rest < chunk ? rest : chunk);

		CU_ASSERT(n > 0);
		if (n == 0) {
			fprintf(stderr, "fuzz: %s: seed %lu FAILED\n", name,
			    seed);
			return;
		}
		done += n;
	}
	CU_ASSERT(done >= count);
	fprintf(stderr, "fuzz: %s: %lu invocations, seeds %lu to %lu\n", name,
	    done, first, seed - 1);
}

static void
with_devices(void)
{
	all("devices", CHUNK_DEVICES, fuzz_devices);
}

static void
with_store(void)
{
	all("store", CHUNK_STORE, fuzz_store);
}

static const struct runner_test tests[] = {
    RUNNER_TEST(with_devices),
    RUNNER_TEST(with_store),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {"fuzz", work_init, work_cleanup, tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	const uint64_t count = number_of("FUZZ_COUNT", COUNT_USUAL);

	runner_set_deadline(2 * fuzz_deadline(count) + SLACK_S);
	return runner_main(argc, argv, suites);
}
