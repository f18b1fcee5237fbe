/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The counting plugin against a guest whose counts are known (marks.S, in the
 * image that MARKS_IMAGE names).
 */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "testsuite/system/lib/vm.h"

enum { BOOT_S = 20, MANY_NS = 1000000000 };

struct line {
	char               kind[16];
	unsigned long long instructions, ns;
};

/* plugin.insn.1: marks and spans count exactly what lies between them. */
static void
counts_are_exact(void)
{
	static const struct line want[] = {
	    {"span", 2001, 0}, {"span", 0, 0}, {"mark", 0, 0}, {"mark", 3, 0}};
	char              plugin[600], path[256];
	const char *const args[] = {"-plugin", plugin, NULL};
	struct line       got[8] = {0};
	struct vm        *vm;
	unsigned          n = 0;
	FILE             *f;

	snprintf(
	    path, sizeof(path), "%s/log/marks.out", getenv("ANTEROS_BUILD"));
	snprintf(plugin, sizeof(plugin), "%s/plugin/insn.so,out=%s",
	    getenv("ANTEROS_BUILD"), path);
	vm = vm_start(&(struct vm_config){
	    .image = getenv("MARKS_IMAGE"), .snapshot = true, .args = args});
	CU_ASSERT_PTR_NOT_NULL_FATAL(vm);
	CU_ASSERT(vm_expect(vm, "marks done", BOOT_S));
	CU_ASSERT(vm_quit(vm));
	vm_free(vm);

	f = fopen(path, "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	while (n < 8 &&
	    fscanf(f, "%15s %llu %llu", got[n].kind, &got[n].instructions,
		&got[n].ns) == 3)
		n++;
	fclose(f);
	CU_ASSERT_EQUAL(n, 6);
	for (unsigned i = 0; i < 4; i++) {
		CU_ASSERT_STRING_EQUAL(got[i].kind, want[i].kind);
		/* The first mark counts from QEMU's start: the firmware. */
		if (i == 2) {
			CU_ASSERT(got[i].instructions > 100000);
		} else {
			CU_ASSERT_EQUAL(
			    got[i].instructions, want[i].instructions);
		}
		CU_ASSERT(i == 2 || got[i].ns < MANY_NS);
	}
	/* Each iteration of REP STOSQ counts, and perhaps its end. */
	CU_ASSERT(got[4].instructions >= 66 && got[4].instructions <= 67);
	CU_ASSERT_STRING_EQUAL(got[5].kind, "total");
	CU_ASSERT(got[5].instructions > got[2].instructions);
}

/* plugin.insn.2: an argument it does not know keeps QEMU from starting. */
static void
unknown_argument_is_refused(void)
{
	char              plugin[256];
	const char *const args[] = {"-plugin", plugin, NULL};
	struct vm        *vm;

	snprintf(plugin, sizeof(plugin), "%s/plugin/insn.so,outt=x",
	    getenv("ANTEROS_BUILD"));
	vm = vm_start(&(struct vm_config){.args = args});
	CU_ASSERT_PTR_NULL(vm);
	vm_free(vm);
}

static const struct runner_test tests[] = {
    RUNNER_TEST(counts_are_exact),
    RUNNER_TEST(unknown_argument_is_refused),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "insn", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
