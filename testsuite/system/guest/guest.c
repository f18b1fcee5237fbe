/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boots the conformance tests (testsuite/guest) on several machines and counts
 * each of them by name: one that did not say `pass` has failed.
 */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "testsuite/system/lib/vm.h"

enum { DEADLINE_S = 120 };

static char *transcript; /* Of the machine of this suite. */

static const struct runner_test tests[];

/* Boot, and keep all that was said until the last line. */
static int
boot(const char *kernel, const char *machine, const char *cpu)
{
	struct vm *vm;
	char       image[256];

	snprintf(image, sizeof(image), "%s/guest/%s.img",
	    getenv("ANTEROS_BUILD"), kernel);
	vm = vm_start(&(struct vm_config){
	    .image = image,
	    .snapshot = true,
	    .machine = machine,
	    .cpu = cpu,
	    .no_reboot = true,
	    .memory_mb = 64, /* Some tests use it up. */
	});
	if (vm == NULL)
		return 1;
	free(transcript);
	transcript = NULL;
	/* A panic ends it: what is missing then has failed. */
	if (vm_expect_re(
		vm, "^guest: [0-9]+ passed, [0-9]+ failed|panic", DEADLINE_S))
		transcript = strdup(vm_transcript(vm, 0));
	else if (asprintf(&transcript, "\n%s", vm_transcript(vm, 0)) < 0)
		transcript = NULL;
	if (transcript == NULL || strstr(transcript, "guest: ") == NULL)
		vm_keep(vm);
	vm_free(vm);
	return transcript == NULL;
}

/* The line that tells of a test; NULL: there is none. */
static const char *
line_of(const char *name)
{
	const char *line = transcript;
	size_t      n = strlen(name);

	while (line != NULL) {
		if ((strncmp(line, "pass ", 5) == 0 ||
			strncmp(line, "fail ", 5) == 0) &&
		    strncmp(line + 5, name, n) == 0 &&
		    (line[5 + n] == '\n' || line[5 + n] == ' '))
			return line;
		line = strchr(line, '\n');
		if (line != NULL)
			line++;
	}
	return NULL;
}

static void
count(const char *name)
{
	const char *line = line_of(name);

	CU_ASSERT_PTR_NOT_NULL(line);
	if (line == NULL)
		return;
	CU_ASSERT(line[0] == 'p');
	if (line[0] != 'p')
		fprintf(stderr, "%.*s\n", (int)strcspn(line, "\n"), line);
}

/* The guest has as many tests as we have, and says so. */
static void
all_are_counted(void)
{
	const char *last = strstr(transcript, "guest: ");
	unsigned    passed = 0, failed = 0, n = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(last);
	CU_ASSERT_EQUAL(
	    sscanf(last, "guest: %u passed, %u failed", &passed, &failed), 2);
	while (tests[n].name != NULL)
		n++;
	CU_ASSERT_EQUAL(passed + failed, n - 1);
}

#define GUEST_TEST(name)              \
	static void test_##name(void) \
	{                             \
		count(#name);         \
	}
#include "testsuite/guest/tests.def"
#undef GUEST_TEST

static const struct runner_test tests[] = {
#define GUEST_TEST(name) {#name, test_##name},
#include "testsuite/guest/tests.def"
#undef GUEST_TEST
    RUNNER_TEST(all_are_counted),
    {NULL, NULL},
};

static int
q35_max(void)
{
	return boot("debug", "q35", "max");
}

static int
q35_default(void)
{
	return boot("debug", "q35", "");
}

static int
pc_max(void)
{
	return boot("debug", "pc", "max");
}

static int
pc_default(void)
{
	return boot("debug", "pc", "");
}

static int
release(void)
{
	return boot("release", "q35", "max");
}

static int
forget(void)
{
	free(transcript);
	transcript = NULL;
	return 0;
}

static const struct runner_suite suites[] = {
    {"q35_max", q35_max, forget, tests},
    {"q35_qemu64", q35_default, forget, tests},
    {"pc_max", pc_max, forget, tests},
    {"pc_qemu64", pc_default, forget, tests},
    {"release", release, forget, tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	runner_set_deadline(5 * DEADLINE_S);
	return runner_main(argc, argv, suites);
}
