/* SPDX-License-Identifier: BSD-2-Clause */
/* Devices that the shell reaches through the broker. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>

#include "testsuite/system/devices/devices.h"

enum { RESTART_SECONDS = 20 };

/*
 * devices.edu.1: each factorial is one message, each copy two; a driver that
 * is killed is started again, and its client does not notice.
 */
static void
edu(void)
{
	static const char *const args[] = {"-device", "edu,addr=8", NULL};
	struct vm               *vm = devices_boot("q35", args);
	long long                before;

	devices_answers(
	    vm, "dev", "^00:08.0 +bound +not enforced +1 MSI +edu ");
	devices_answers(vm, "edu 5", "^5! = 120$");
	before = devices_interrupts(vm, "edu ");
	CU_ASSERT(before >= 1);
	devices_answers(vm, "edu 12", "^12! = 479001600$");
	CU_ASSERT_EQUAL(devices_interrupts(vm, "edu "), before + 1);
	devices_answers(vm, "edu copy there-and-back", "^there-and-back$");
	CU_ASSERT_EQUAL(devices_interrupts(vm, "edu "), before + 3);
	devices_answers(vm, "edu 13", "^edu: N is at most 12");
	devices_answers(vm, "edu", "^expected: edu N");
	devices_answers(vm, "drv restart 00:08.0", "^$");
	devices_answers(vm, "edu 6", "^6! = 720$");
	free(shell_until(vm, "drv", "^edu +00:08.0 +up +1 ", RESTART_SECONDS));
	vm_free(vm);
}

/* devices.edu.2: on the other machine; and without the device it says so. */
static void
edu_on_pc(void)
{
	static const char *const args[] = {"-device", "edu,addr=8", NULL};
	struct vm               *vm = devices_boot("pc", args);

	devices_answers(vm, "edu 7", "^7! = 5040$");
	vm_free(vm);
	vm = devices_boot("q35", NULL);
	devices_answers(vm, "edu 7", "^edu: no driver of an edu device is up");
	vm_free(vm);
}

const struct runner_test devices_small_tests[] = {
    RUNNER_TEST(edu),
    RUNNER_TEST(edu_on_pc),
    {NULL, NULL},
};
