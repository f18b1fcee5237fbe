/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boots the fuzzer (testsuite/fuzz/domain) on the debug kernel, and waits for
 * its end. A panic, a reset, a hang, or a warden that cannot build workers any
 * more is an error of the kernel; the transcript has the seed.
 */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "testsuite/system/lib/vm.h"

enum { SLACK_S = 60, LEAST_INVOCATIONS = 300000, MEMORY_MB = 64 };

static unsigned
seconds(void)
{
	const char *s = getenv("FUZZ_SECONDS");

	return s != NULL ? (unsigned)strtoul(s, NULL, 10) : 20;
}

/* Boot; what it said at the end is in *n. */
static void
fuzz(const char *machine, const char *cpu, unsigned long *n)
{
	struct vm *vm;
	char       image[256];
	bool       ended;

	snprintf(image, sizeof(image), "%s/fuzz/debug.img",
	    getenv("ANTEROS_BUILD"));
	vm = vm_start(&(struct vm_config){
	    .image = image,
	    .snapshot = true,
	    .machine = machine,
	    .cpu = cpu,
	    .no_reboot = true,
	    .memory_mb = MEMORY_MB, /* Workers can use it up. */
	});
	CU_ASSERT_PTR_NOT_NULL_FATAL(vm);
	ended = vm_expect_re(vm,
	    "^fuzz: done, ([0-9]+) invocations|panic|fuzz: warden:.*",
	    seconds() + SLACK_S);
	CU_ASSERT(ended);
	*n = ended ? strtoul(vm_match(vm, 1), NULL, 10) : 0;
	if (*n == 0) {
		fprintf(stderr, "%s", vm_transcript(vm, 0));
		vm_keep(vm);
	}
	vm_free(vm);
}

static void
random_invocations(void)
{
	unsigned long n;

	fuzz("q35", "max", &n);
	CU_ASSERT(n >= LEAST_INVOCATIONS);
	fprintf(stderr, "fuzz: %lu invocations\n", n);
}

static const struct runner_test tests[] = {
    RUNNER_TEST(random_invocations),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "fuzz", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	runner_set_deadline(seconds() + 2 * SLACK_S);
	return runner_main(argc, argv, suites);
}
