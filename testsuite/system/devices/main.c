/* SPDX-License-Identifier: BSD-2-Clause */
/* Drivers in the running system, on machines that have their devices. */
#include "testsuite/system/devices/devices.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct vm *
devices_boot(const char *machine, const char *const *args)
{
	char image[256];

	snprintf(image, sizeof(image), "%s/devices/devices.img",
	    getenv("ANTEROS_BUILD"));
	return boots(&(struct vm_config){
	    .machine = machine,
	    .image = image,
	    .snapshot = true,
	    .args = args,
	});
}

long long
devices_interrupts(struct vm *vm, const char *driver)
{
	char     *answer = shell_run(vm, "drv"), *at;
	long long n = -1;

	CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
	at = strstr(answer, driver);
	/* driver, device, state, restarts, interrupts */
	if (at != NULL)
		(void)!sscanf(at, "%*s %*s %*s %*s %lld", &n);
	free(answer);
	return n;
}

int
main(int argc, char **argv)
{
	static const struct runner_suite suites[] = {
	    {"small", work_init, work_cleanup, devices_small_tests},
	    {"net", work_init, work_cleanup, devices_net_tests},
	    {"screen", work_init, work_cleanup, devices_screen_tests},
	    {"terminal", work_init, work_cleanup, devices_terminal_tests},
	    {.name = NULL},
	};

	runner_set_deadline(300);
	return runner_main(argc, argv, suites);
}
