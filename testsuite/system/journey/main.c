/* SPDX-License-Identifier: BSD-2-Clause */
/* From power-on to the shell, and through power cuts back to it. */
#include "testsuite/system/journey/journey.h"

#include <CUnit/CUnit.h>
#include <stdlib.h>

enum { DEADLINE = 600, SOAK_DEADLINE = 3000 };

struct vm *
journey_boot(struct vm_config config)
{
	struct vm *vm = shell_boot(&config);

	CU_ASSERT_PTR_NOT_NULL_FATAL(vm);
	return vm;
}

void
journey_answers(struct vm *vm, const char *line, const char *expression)
{
	char *answer = shell_run(vm, line);

	CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
	CU_ASSERT(text_matches(answer, expression));
	free(answer);
}

int
main(int argc, char **argv)
{
	static const struct runner_suite suites[] = {
	    {"command", work_init, work_cleanup, journey_command_tests},
	    {"restart", work_init, work_cleanup, journey_restart_tests},
	    {"driver", work_init, work_cleanup, journey_driver_tests},
	    {.name = NULL},
	};

	runner_set_deadline(
	    getenv("JOURNEY_CUTS") != NULL ? SOAK_DEADLINE : DEADLINE);
	return runner_main(argc, argv, suites);
}
