/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A store that hangs takes nothing with it, but people are told so, at their
 * terminal; and when it is back (S11; testsuite/guest/devices/storestop.c).
 */
#include <CUnit/CUnit.h>

#include "testsuite/runner/runner.h"
#include "testsuite/system/lib/claims.h"
#include "testsuite/system/lib/work.h"

enum { SECONDS = 60 }; /* Ten until it is said. */

static void
S11_silence(void)
{
	struct vm *vm;

	CU_ASSERT_EQUAL_FATAL(
	    work_shell("cp --sparse=always $B/store-silent/silent.img $W/v"),
	    0);
	vm = boots(&(struct vm_config){.image = work_path("v")});
	answers(vm, "disk", "^disk: there is none$");
	CU_ASSERT(vm_expect(vm, "The store does not answer", SECONDS));
	CU_ASSERT(vm_expect(vm, "goes on from the last checkpoint", SECONDS));
	CU_ASSERT(vm_expect(vm, "The store answers again", SECONDS));
	CU_ASSERT(shell_clear(vm));
	answers(vm, "log", "the store has not answered for 10 s: nothing is");
	answers(vm, "ckpt now", "^generation ");
	vm_free(vm);
}

static const struct runner_test tests[] = {
    RUNNER_TEST(S11_silence),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {"store-silent", work_init, work_cleanup, tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
