/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The conformance tests a second time, with a proxy domain in front of every
 * capability (testsuite/guest/proxy.h). What a proxy cannot imitate stands in
 * testsuite/guest/proxy.def, to the check: a test that is there has to fail as
 * it says there, and all others have to pass.
 */
#include <CUnit/CUnit.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "testsuite/system/guest/transcript.h"

/* No line of the guest is longer; each call takes ten times as long. */
enum { LINE = 256, DEADLINE_S = 300 };

static const struct exception {
	const char *test, *use;
	unsigned    checks; /* 0: it hangs. */
	const char *first;
} exceptions[] = {
#define PROXY_LOOKS(kind, order, cap, first, last, but, what, why, test)
#define PROXY_USE(use, kind, what, why)
#define PROXY_EXCEPTION(test, use, checks, first) {#test, #use, checks, first},
#include "testsuite/guest/proxy.def"
    {NULL, NULL, 0, NULL},
};
#undef PROXY_LOOKS
#undef PROXY_USE
#undef PROXY_EXCEPTION

static const char *const looks[] = {
#define PROXY_LOOKS(kind, order, cap, first, last, but, what, why, test) #test,
#define PROXY_USE(use, kind, what, why)
#define PROXY_EXCEPTION(test, use, checks, first)
#include "testsuite/guest/proxy.def"
    NULL,
};
#undef PROXY_LOOKS
#undef PROXY_USE
#undef PROXY_EXCEPTION

static const char *const uses[] = {
#define PROXY_LOOKS(kind, order, cap, first, last, but, what, why, test)
#define PROXY_USE(use, kind, what, why) #use,
#define PROXY_EXCEPTION(test, use, checks, first)
#include "testsuite/guest/proxy.def"
    NULL,
};

static const struct runner_test tests[];

static const struct exception *
find(const char *test)
{
	for (const struct exception *e = exceptions; e->test != NULL; e++)
		if (strcmp(e->test, test) == 0)
			return e;
	return NULL;
}

/*
 * What is said of the first check of `fail NAME FILE:LINE CHECK ...`; that of a
 * fault has no file.
 */
static bool
begins_with(const char *text, const char *first)
{
	const char *after = strchr(text, ' ');

	return strncmp(text, first, strlen(first)) == 0 ||
	    (after != NULL && strncmp(after + 1, first, strlen(first)) == 0);
}

/* Does a line `fail NAME ... (N of M)` say what the table says? */
static bool
fails_so(const struct exception *e, const char *line)
{
	char         text[LINE], *count;
	unsigned     failed = 0, of = 0;
	const size_t n = strcspn(line, "\n");

	if (n >= sizeof(text))
		return false;
	memcpy(text, line, n);
	text[n] = '\0';
	count = strrchr(text, '(');
	if (!begins_with(
		text + strlen("fail ") + strlen(e->test) + 1, e->first) ||
	    count == NULL || sscanf(count, "(%u of %u)", &failed, &of) != 2)
		return false;
	return e->checks == 0 || failed == e->checks;
}

static void
judge(const char *test)
{
	const struct exception *e = find(test);
	const char             *line = transcript_line(test);
	bool                    ok;

	CU_ASSERT_PTR_NOT_NULL(line);
	if (line == NULL)
		return;
	ok = e == NULL ? line[0] == 'p' : line[0] == 'f' && fails_so(e, line);
	CU_ASSERT(ok);
	if (ok)
		return;
	transcript_show(line);
	if (e != NULL)
		fprintf(stderr,
		    "proxy.def: %s: \"%s\" and %u checks, because of %s\n",
		    test, e->first, e->checks, e->use);
}

#define GUEST_TEST(name)              \
	static void test_##name(void) \
	{                             \
		judge(#name);         \
	}
#include "testsuite/guest/tests.def"
#undef GUEST_TEST

static void
all_are_counted(void)
{
	unsigned n = 0;

	while (strcmp(tests[n].name, "all_are_counted") != 0)
		n++;
	transcript_counts(n);
}

static bool
has_test(const char *name)
{
	for (const struct runner_test *t = tests; t->name != NULL; t++)
		if (strcmp(t->name, name) == 0)
			return true;
	return false;
}

/* Behind a proxy, too, an order answers what its .idl says, and nothing else.
 */
static void
all_are_declared(void)
{
	const char *line = strstr(transcript, "\nundeclared ");

	CU_ASSERT_PTR_NULL(line);
	if (line != NULL)
		transcript_show(line + 1);
}

/* Exceptions are tests and have a reason, which has one; rows have tests. */
static void
table_is_closed(void)
{
	for (const struct exception *e = exceptions; e->test != NULL; e++) {
		bool known = false;

		for (unsigned i = 0; uses[i] != NULL; i++)
			known |= strcmp(uses[i], e->use) == 0;
		CU_ASSERT(known);
		CU_ASSERT(has_test(e->test));
		CU_ASSERT_PTR_EQUAL(find(e->test), e);
	}
	for (unsigned i = 0; looks[i] != NULL; i++)
		CU_ASSERT(has_test(looks[i]));
	for (unsigned i = 0; uses[i] != NULL; i++) {
		const struct exception *e = exceptions;

		while (e->test != NULL && strcmp(e->use, uses[i]) != 0)
			e++;
		CU_ASSERT_PTR_NOT_NULL(e->test);
	}
}

static const struct runner_test tests[] = {
#define GUEST_TEST(name) {#name, test_##name},
#include "testsuite/guest/tests.def"
#undef GUEST_TEST
    RUNNER_TEST(all_are_counted),
    RUNNER_TEST(all_are_declared),
    RUNNER_TEST(table_is_closed),
    {NULL, NULL},
};

static int
boot(void)
{
	return transcript_boot("proxied", "q35", "max", DEADLINE_S);
}

static int
forget(void)
{
	transcript_forget();
	return 0;
}

static const struct runner_suite suites[] = {
    {"proxied", boot, forget, tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	runner_set_deadline(2 * DEADLINE_S);
	return runner_main(argc, argv, suites);
}
