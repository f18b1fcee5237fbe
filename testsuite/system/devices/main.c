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
	char       image[256];
	struct vm *vm;

	snprintf(image, sizeof(image), "%s/devices/devices.img",
	    getenv("ANTEROS_BUILD"));
	vm = shell_boot(&(struct vm_config){
	    .machine = machine,
	    .image = image,
	    .snapshot = true,
	    .args = args,
	});
	CU_ASSERT_PTR_NOT_NULL_FATAL(vm);
	return vm;
}

void
devices_answers(struct vm *vm, const char *line, const char *expression)
{
	char *answer = shell_run(vm, line);

	CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
	if (!text_matches(answer, expression)) {
		printf("  %s: not /%s/:\n%s\n", line, expression, answer);
		CU_FAIL("the answer is not as expected");
	}
	free(answer);
}

void
devices_lacks(struct vm *vm, const char *line, const char *expression)
{
	char *answer = shell_run(vm, line);

	CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
	if (text_matches(answer, expression)) {
		printf("  %s: /%s/:\n%s\n", line, expression, answer);
		CU_FAIL("the answer has what must not be there");
	}
	free(answer);
}

void
devices_until(
    struct vm *vm, const char *line, const char *expression, unsigned seconds)
{
	char *answer = shell_until(vm, line, expression, seconds);

	CU_ASSERT_PTR_NOT_NULL(answer);
	free(answer);
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
