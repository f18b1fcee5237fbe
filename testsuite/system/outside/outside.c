/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * S3: who waits for the boot range when the power is cut goes on afterwards,
 * by whichever way the right to answer it had got there.
 */
#include <CUnit/CUnit.h>
#include <stdlib.h>

#include "testsuite/runner/runner.h"
#include "testsuite/system/lib/shell.h"
#include "testsuite/system/lib/work.h"

enum { DEADLINE_S = 30 };

static struct vm *
boot(const char *image)
{
	struct vm *vm = vm_start(&(struct vm_config){.image = image});

	CU_ASSERT_PTR_NOT_NULL_FATAL(vm);
	return vm;
}

static void
S3_goes_on(void)
{
	const char *image = work_path("v");
	struct vm  *vm;
	char       *answer;

	CU_ASSERT_EQUAL_FATAL(
	    work_shell("cp --sparse=always $B/outside/debug.img $W/v"), 0);
	vm = boot(image);
	CU_ASSERT(vm_log_expect(vm, "outside: moved", DEADLINE_S));
	CU_ASSERT(vm_log_expect(vm, "outside: fault kept", DEADLINE_S));
	/* S6: who waits for what is killed is told at once. */
	CU_ASSERT(vm_log_expect(vm, "outside: the client got 2", DEADLINE_S));
	CU_ASSERT_FATAL(shell_ready(vm));
	answer = shell_run(vm, "ckpt now");
	CU_ASSERT(answer != NULL && text_matches(answer, "^generation "));
	free(answer);
	vm_kill9(vm);
	vm_free(vm);

	vm = boot(image);
	/* RC_RESTARTED is 2. */
	CU_ASSERT(vm_log_expect(vm, "outside: the waiter got 2", DEADLINE_S));
	CU_ASSERT(vm_log_expect(vm, "outside: fault 9 told", DEADLINE_S));
	CU_ASSERT(
	    vm_log_expect(vm, "outside: the faulter goes on", DEADLINE_S));
	vm_free(vm);
}

static const struct runner_test tests[] = {
    RUNNER_TEST(S3_goes_on),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {"outside", work_init, work_cleanup, tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
