/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/system/lib/claims.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "testsuite/system/lib/work.h"

struct vm *
boots(const struct vm_config *config)
{
	struct vm *vm = shell_boot(config);

	CU_ASSERT_PTR_NOT_NULL_FATAL(vm);
	return vm;
}

static char line2[160];

const char *
line2_path(void)
{
	return line2;
}

struct vm *
boots_with_line2(const struct vm_config *config)
{
	struct vm_config with = *config;

	snprintf(line2, sizeof(line2), "%s", work_path("line2"));
	with.line2 = line2;
	unlink(line2);
	return boots(&with);
}

/* The answer, the caller's; the test ends if there is none. */
static char *
answer_of(struct vm *vm, const char *line)
{
	char *answer = shell_run(vm, line);

	CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
	return answer;
}

void
answers(struct vm *vm, const char *line, const char *expression)
{
	char *answer = answer_of(vm, line);

	if (!text_matches(answer, expression)) {
		fprintf(stderr, "that was the answer to: %s\n", line);
		CU_FAIL("the answer is not as expected");
	}
	free(answer);
}

void
lacks(struct vm *vm, const char *line, const char *expression)
{
	char *answer = answer_of(vm, line);

	if (text_has(answer, expression)) {
		fprintf(stderr, "%s: there is a match for %s in:\n%s\n", line,
		    expression, answer);
		CU_FAIL("the answer has what must not be there");
	}
	free(answer);
}

void
comes_within(
    struct vm *vm, const char *line, const char *expression, unsigned seconds)
{
	char *answer = shell_until(vm, line, expression, seconds);

	if (answer == NULL) {
		answer = answer_of(vm, line);
		fprintf(stderr, "%s: never %s, but:\n%s\n", line, expression,
		    answer);
		free(answer);
		CU_FAIL_FATAL("it does not come");
	}
	free(answer);
}

void
comes(struct vm *vm, const char *line, const char *expression)
{
	comes_within(vm, line, expression, CLAIM_SECONDS);
}

bool
pushes(const char *kind, const char *name, const char *file)
{
	return work_shell("$T/push %s %s %s %s >$W/said 2>&1 || "
			  "{ cat $W/said; false; }",
		   line2, kind, name, file) == 0;
}

void
plugs_in(struct vm *vm, const char *driver, const char *id, const char *bus)
{
	CU_ASSERT_FATAL(vm_do(vm, "device_add",
	    json_pack("{s:s, s:s, s:s}", "driver", driver, "id", id, "bus",
		bus)));
}

void
unplugs(struct vm *vm, const char *id)
{
	json_t *event;

	CU_ASSERT_FATAL(
	    vm_do(vm, "device_del", json_pack("{s:s}", "id", id)));
	event = vm_event(vm, "DEVICE_DELETED", CLAIM_SECONDS);
	CU_ASSERT_PTR_NOT_NULL_FATAL(event);
	json_decref(event);
}
