/* SPDX-License-Identifier: BSD-2-Clause */
/* More than memory holds, and nearly what the volume holds: Done 3. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "testsuite/system/lib/shell.h"
#include "testsuite/system/lib/work.h"

enum {
	DEADLINE = 400,
	MEMORY_MB = 64,
	FILL_SECONDS = 180,
	MIB_PAGES = 256,
	SMALL_MB = 128,
};

static struct vm *
boot(const char *image)
{
	struct vm *vm = shell_boot(&(struct vm_config){
	    .image = image,
	    .memory_mb = MEMORY_MB,
	});

	CU_ASSERT_PTR_NOT_NULL_FATAL(vm);
	return vm;
}

/* Fills so much, so often, and waits until all of it was found intact. */
static void
fill(struct vm *vm, unsigned mib, unsigned rounds)
{
	char  line[40], done[120];
	char *answer;

	snprintf(line, sizeof(line), "fill %u %u", mib, rounds);
	answer = shell_run(vm, line);
	CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
	CU_ASSERT_FATAL(text_matches(answer, "^writing: "));
	free(answer);
	snprintf(done, sizeof(done),
	    "^done: %u pages written, %u verified, 0 wrong$",
	    mib * MIB_PAGES * rounds, mib * MIB_PAGES * rounds);
	answer = shell_until(vm, "fill", "^(done|stopped)", FILL_SECONDS);
	CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
	CU_ASSERT(text_matches(answer, done));
	free(answer);
}

/* Asserts that a command's answer has so large a number after a word. */
static void
at_least(struct vm *vm, const char *line, const char *word, long long least)
{
	long long value = shell_number(vm, line, word);

	if (value < least)
		fprintf(stderr, "%s: %s %lld\n", line, word, value);
	CU_ASSERT(value >= least);
}

/* workload.1: three times memory, out to the disk and back. */
static void
thrice_memory(void)
{
	const char *image = work_volume("v", 1024);
	struct vm  *vm;

	CU_ASSERT_PTR_NOT_NULL_FATAL(image);
	vm = boot(image);
	fill(vm, 3 * MEMORY_MB, 1);
	/* All but what memory holds has gone out, and come in again. */
	at_least(vm, "mem", "\npaging", 2 * MEMORY_MB * MIB_PAGES);
	at_least(vm, "mem", " in,", 2 * MEMORY_MB * MIB_PAGES);
	at_least(vm, "mem", " out,", MEMORY_MB * MIB_PAGES);
	at_least(vm, "ckpt now", "generation", 3);
	vm_kill9(vm);
	vm_free(vm);
	CU_ASSERT(work_check(image));
}

/* The most that `fill` may ask the bank for: it adds a thirtieth for nodes. */
static unsigned
affordable(struct vm *vm)
{
	char    *answer = shell_run(vm, "mem");
	unsigned used = 0, limit = 0;
	char    *at;

	CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
	at = strstr(answer, "bank ");
	CU_ASSERT_PTR_NOT_NULL_FATAL(at);
	CU_ASSERT_EQUAL_FATAL(
	    sscanf(at, "bank %u of %u frames", &used, &limit), 2);
	free(answer);
	return (limit - used - 64) / 31 * 30 / MIB_PAGES;
}

/*
 * workload.2: all that the bank sells of a small volume, written twice over.
 * Writers wait for commits, and everyone else goes on.
 */
static void
nearly_full(void)
{
	const char *image = work_volume("v", SMALL_MB);
	struct vm  *vm;
	unsigned    mib;
	char        line[40];
	char       *answer;
	long long   counted;

	CU_ASSERT_PTR_NOT_NULL_FATAL(image);
	vm = boot(image);
	free(shell_run(vm, "count start"));
	mib = affordable(vm);
	CU_ASSERT(mib > MEMORY_MB);
	snprintf(line, sizeof(line), "fill %u", mib + 4);
	answer = shell_run(vm, line);
	CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
	CU_ASSERT_STRING_EQUAL(answer, "fill: a limit is reached\n");
	free(answer);
	fill(vm, mib, 2);
	/* Nothing is wedged: time is counted, checkpoints are taken. */
	counted = shell_number(vm, "count", "");
	CU_ASSERT(counted > 0);
	at_least(vm, "ckpt now", "generation", 3);
	CU_ASSERT(disk_commits(vm, 60));
	at_least(vm, "count", "", counted + 1);
	vm_kill9(vm);
	vm_free(vm);
	CU_ASSERT(work_check(image));
	vm = boot(image);
	at_least(vm, "count", "", counted);
	vm_free(vm);
}

int
main(int argc, char **argv)
{
	static const struct runner_test tests[] = {
	    RUNNER_TEST(thrice_memory),
	    RUNNER_TEST(nearly_full),
	    {NULL, NULL},
	};
	static const struct runner_suite suites[] = {
	    {"workload", work_init, work_cleanup, tests},
	    {.name = NULL},
	};

	runner_set_deadline(DEADLINE);
	return runner_main(argc, argv, suites);
}
