/* SPDX-License-Identifier: BSD-2-Clause */
/* When the store dies the machine is reset, and the log says why (S11). */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>

#include "testsuite/runner/runner.h"
#include "testsuite/system/lib/vm.h"

enum { DEADLINE_S = 30 };

static void
S11_reset(void)
{
	struct vm *vm;
	char       image[256];
	int        status = -1;

	snprintf(image, sizeof(image), "%s/store-death/debug.img",
	    getenv("ANTEROS_BUILD"));
	vm = vm_start(&(struct vm_config){
	    .image = image,
	    .snapshot = true,
	    .no_reboot = true, /* A reset ends it. */
	});
	CU_ASSERT_PTR_NOT_NULL_FATAL(vm);
	/* One that only looks like the store. */
	CU_ASSERT(vm_log_expect(vm, "other: fault", DEADLINE_S));
	CU_ASSERT(vm_log_expect(vm, "store death: bound", DEADLINE_S));
	CU_ASSERT(vm_wait_end(vm, DEADLINE_S, &status));
	CU_ASSERT_EQUAL(status, 0);
	CU_ASSERT(vm_log_expect(vm,
	    "store: it has faulted: what it knew is lost, the machine is reset",
	    DEADLINE_S));
	vm_free(vm);
}

static const struct runner_test tests[] = {
    RUNNER_TEST(S11_reset),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "store-death", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
