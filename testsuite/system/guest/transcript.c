/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/system/guest/transcript.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/system/lib/vm.h"

char *transcript;

int
transcript_boot(const char *image, const char *machine, const char *cpu,
    unsigned deadline_s)
{
	struct vm *vm;
	char       path[256];

	snprintf(path, sizeof(path), "%s/guest/%s.img", getenv("ANTEROS_BUILD"),
	    image);
	vm = vm_start(&(struct vm_config){
	    .image = path,
	    .snapshot = true,
	    .machine = machine,
	    .cpu = cpu,
	    .no_reboot = true,
	    .memory_mb = 64, /* Some tests use it up. */
	});
	if (vm == NULL)
		return 1;
	transcript_forget();
	/* A panic ends it: what is missing then has failed. */
	if (vm_expect_re(
		vm, "^guest: [0-9]+ passed, [0-9]+ failed|panic", deadline_s))
		transcript = strdup(vm_transcript(vm, 0));
	else if (asprintf(&transcript, "\n%s", vm_transcript(vm, 0)) < 0)
		transcript = NULL;
	if (transcript == NULL || strstr(transcript, "guest: ") == NULL)
		vm_keep(vm);
	vm_free(vm);
	return transcript == NULL;
}

void
transcript_forget(void)
{
	free(transcript);
	transcript = NULL;
}

const char *
transcript_line(const char *test)
{
	const char *line = transcript;
	size_t      n = strlen(test);

	while (line != NULL) {
		if ((strncmp(line, "pass ", 5) == 0 ||
			strncmp(line, "fail ", 5) == 0) &&
		    strncmp(line + 5, test, n) == 0 &&
		    (line[5 + n] == '\n' || line[5 + n] == ' '))
			return line;
		line = strchr(line, '\n');
		if (line != NULL)
			line++;
	}
	return NULL;
}

void
transcript_show(const char *line)
{
	fprintf(stderr, "%.*s\n", (int)strcspn(line, "\n"), line);
}

void
transcript_counts(unsigned tests)
{
	const char *last = strstr(transcript, "guest: ");
	unsigned    passed = 0, failed = 0;

	CU_ASSERT_PTR_NOT_NULL_FATAL(last);
	CU_ASSERT_EQUAL(
	    sscanf(last, "guest: %u passed, %u failed", &passed, &failed), 2);
	CU_ASSERT_EQUAL(passed + failed, tests);
}
