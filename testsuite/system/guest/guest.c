/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boots the conformance tests (testsuite/guest) on several machines and counts
 * each of them by name: one that did not say `pass` has failed.
 */
#include <CUnit/CUnit.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "testsuite/system/guest/transcript.h"

enum { DEADLINE_S = 120 };

static const struct runner_test tests[];

static void
count(const char *name)
{
	const char *line = transcript_line(name);

	CU_ASSERT_PTR_NOT_NULL(line);
	if (line == NULL)
		return;
	CU_ASSERT(line[0] == 'p');
	if (line[0] != 'p')
		transcript_show(line);
}

/* The guest has as many tests as we have, and says so. */
static void
all_are_counted(void)
{
	unsigned n = 0;

	while (tests[n].name != NULL)
		n++;
	transcript_counts(n - 1);
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


/* --- The generated list --------------------------------------------------- */

enum { NAME_MOST = 80, UNDECLARED_MOST = 32 };

/* What of it some machine has seen. */
#define CONFORM_KIND(i, kind, limit)
#define CONFORM_ORDER(i, o, kind, n, forbid, min, max, caps, a, b, c)
#define CONFORM_ENTRY(i, o, st) {#i "_" #o " " #st, false},
static struct {
	const char *name;
	bool        seen;
} entries[] = {
#include "kernel/abi/conform.def"
};
#undef CONFORM_ENTRY

/* Who sees what they cannot. */
static const struct {
	const char *name, *file, *function;
} elsewhere[] = {
#define CONFORM_ELSEWHERE(order, st, file, function) \
	{#order " " #st, file, #function},
#include "testsuite/guest/elsewhere.def"
    {NULL, NULL, NULL},
};

static char undeclared[UNDECLARED_MOST][NAME_MOST];

static void
mark_seen(const char *name)
{
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
		entries[i].seen |= strcmp(entries[i].name, name) == 0;
}

static void
mark_undeclared(const char *name)
{
	unsigned i = 0;

	while (i < UNDECLARED_MOST && undeclared[i][0] != '\0' &&
	    strcmp(undeclared[i], name) != 0)
		i++;
	if (i < UNDECLARED_MOST)
		strcpy(undeclared[i], name);
}

/* The lines `seen NAME CODE` and `undeclared NAME CODE` of a transcript. */
static void
note_entries(const char *text)
{
	char word[12], order[48], code[24], name[NAME_MOST];

	for (; text != NULL; text = strchr(text, '\n')) {
		text += *text == '\n';
		if (sscanf(text, "%11s %47s %23s", word, order, code) != 3)
			continue;
		snprintf(name, sizeof(name), "%s %s", order, code);
		if (strcmp(word, "seen") == 0)
			mark_seen(name);
		else if (strcmp(word, "undeclared") == 0)
			mark_undeclared(name);
	}
}

/* Does a file of the source hold the definition of a function? */
static bool
has_function(const char *file, const char *function)
{
	char   line[256];
	size_t n = strlen(function);
	bool   found = false;
	FILE  *f = fopen(file, "r");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		found |= strncmp(line, function, n) == 0 && line[n] == '(';
	if (f != NULL)
		fclose(f);
	return found;
}

static unsigned
find_elsewhere(const char *name)
{
	unsigned i = 0;

	while (elsewhere[i].name != NULL &&
	    strcmp(elsewhere[i].name, name) != 0)
		i++;
	return i;
}

/* Every status that an order may answer: some test has seen it. */
static void
all_are_seen(void)
{
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
		const unsigned e = find_elsewhere(entries[i].name);
		bool           ok = entries[i].seen;

		if (elsewhere[e].name != NULL)
			ok = !ok &&
			    has_function(
				elsewhere[e].file, elsewhere[e].function);
		CU_ASSERT(ok);
		if (!ok)
			fprintf(stderr, "conformance: %s: %s\n",
			    entries[i].name,
			    entries[i].seen
				? "is in elsewhere.def, and seen here"
				: "no test has seen it");
	}
}

/* And none answers what its .idl does not say. */
static void
all_are_declared(void)
{
	for (unsigned i = 0; i < UNDECLARED_MOST; i++) {
		CU_ASSERT(undeclared[i][0] == '\0');
		if (undeclared[i][0] != '\0')
			fprintf(stderr, "conformance: %s: not in the .idl\n",
			    undeclared[i]);
	}
}

/* elsewhere.def names entries that exist. */
static void
elsewhere_is_in_the_list(void)
{
	for (unsigned i = 0; elsewhere[i].name != NULL; i++) {
		size_t k = 0;

		while (k < sizeof(entries) / sizeof(entries[0]) &&
		    strcmp(entries[k].name, elsewhere[i].name) != 0)
			k++;
		CU_ASSERT(k < sizeof(entries) / sizeof(entries[0]));
	}
	CU_PASS("also without one");
}

static const struct runner_test list_tests[] = {
    RUNNER_TEST(all_are_seen),
    RUNNER_TEST(all_are_declared),
    RUNNER_TEST(elsewhere_is_in_the_list),
    {NULL, NULL},
};

static int
q35_max(void)
{
	return transcript_boot("debug", "q35", "max", DEADLINE_S);
}

static int
q35_default(void)
{
	return transcript_boot("debug", "q35", "", DEADLINE_S);
}

static int
pc_max(void)
{
	return transcript_boot("debug", "pc", "max", DEADLINE_S);
}

static int
pc_default(void)
{
	return transcript_boot("debug", "pc", "", DEADLINE_S);
}

static int
release(void)
{
	return transcript_boot("release", "q35", "max", DEADLINE_S);
}

/* S16: an Intel CPU, which is affected. TCG lacks some of what it has. */
static int
q35_intel(void)
{
	return transcript_boot("release", "q35", "Skylake-Client", DEADLINE_S);
}

static int
forget(void)
{
	if (transcript != NULL)
		note_entries(transcript);
	transcript_forget();
	return 0;
}

static const struct runner_suite suites[] = {
    {"q35_max", q35_max, forget, tests},
    {"q35_qemu64", q35_default, forget, tests},
    {"pc_max", pc_max, forget, tests},
    {"pc_qemu64", pc_default, forget, tests},
    {"release", release, forget, tests},
    {"intel", q35_intel, forget, tests},
    {"conformance", NULL, NULL, list_tests}, /* After all machines. */
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	runner_set_deadline(5 * DEADLINE_S);
	return runner_main(argc, argv, suites);
}
