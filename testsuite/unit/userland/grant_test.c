/* SPDX-License-Identifier: BSD-2-Clause */
/* What a pushed program is given: reading it, and what is refused. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "userland/programs/grant.h"
#include "userland/rt/registers.h"

static struct grants g;
static char          why[256];

static enum status
read_words(const char *words)
{
	why[0] = '\0';
	return grants_read(&g, words, strlen(words), why, sizeof(why));
}

static void
gives(const char *words, const char *said)
{
	char text[256];

	CU_ASSERT_EQUAL(read_words(words), RC_OK);
	CU_ASSERT_STRING_EQUAL(why, "");
	grants_say(&g, text, sizeof(text));
	CU_ASSERT_STRING_EQUAL(text, said);
}

/* Refused with such words; what was read before stays. */
static void
refuses(const char *words, enum status st, const char *because)
{
	struct grants before;

	grants_default(&before);
	g = before;
	CU_ASSERT_EQUAL(read_words(words), st);
	CU_ASSERT_PTR_NOT_NULL(strstr(why, because));
	CU_ASSERT_EQUAL(memcmp(&g, &before, sizeof(g)), 0);
}

/* programs.grant.1: what is asked for, all of it, and nothing else. */
static void
just_what_is_asked_for(void)
{
	gives("", "log in 1, clock in 3");
	gives("  ", "log in 1, clock in 3");
	gives(" log", "log in 1");
	gives("clock log", "log in 1, clock in 3");
	gives("nothing", "nothing");
	gives("discrim", "discrim in 5");
	gives("collection clock timer",
	    "clock in 3, collection in 8, timer in 9");
	gives("pipes directories collections constructors log clock discrim",
	    "log in 1, clock in 3, discrim in 5, pipes in 8, directories in 9, "
	    "collections in 10, constructors in 11");
	gives("random directory", "random in 8, directory in 9");
	CU_ASSERT_EQUAL(g.frames, GRANT_FRAMES);
	for (unsigned i = 0; i < CAP_REGISTERS; i++)
		CU_ASSERT_EQUAL(g.at[i],
		    i == 8       ? (unsigned)GRANT_RANDOM
			: i == 9 ? (unsigned)GRANT_DIRECTORY
				 : (unsigned)GRANT_NONE);
}

/* programs.grant.2: the limit of the bank. */
static void
frames(void)
{
	gives("frames=64", "log in 1, clock in 3");
	CU_ASSERT_EQUAL(g.frames, 64);
	gives("nothing frames=1", "nothing");
	CU_ASSERT_EQUAL(g.frames, 1);
	gives("log frames=262144", "log in 1");
	CU_ASSERT_EQUAL(g.frames, GRANT_FRAMES_MOST);
	refuses("frames=0", RC_ARGUMENT, "1 to 262144");
	refuses("frames=262145", RC_ARGUMENT, "1 to 262144");
	refuses("frames=4294967297", RC_ARGUMENT, "1 to 262144");
	refuses("frames=99999999999999999999", RC_ARGUMENT, "1 to 262144");
	refuses("frames=-1", RC_ARGUMENT, "1 to 262144");
	refuses("frames=1x", RC_ARGUMENT, "1 to 262144");
	refuses("frames=x10", RC_ARGUMENT, "1 to 262144");
	refuses("frames=1 frames=1", RC_EXISTS, "twice");
	refuses("frames=", RC_ARGUMENT, "there is no 'frames='");
	refuses("frames", RC_ARGUMENT, "there is no 'frames'");
}

/* programs.grant.3: a name that nobody knows is told all that there are. */
static void
unknown_names(void)
{
	static const char *const all[] = {"log", "clock", "discrim", "timer",
	    "random", "constructors", "directories", "collections", "pipes",
	    "directory", "collection", "pipe,", "nothing", "frames=N", "directory=,", "collection= or pipe=NAME"};

	refuses("log coffee", RC_ARGUMENT, "there is no 'coffee'; expected of");
	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		CU_ASSERT_PTR_NOT_NULL(strstr(why, all[i]));
	refuses("lo", RC_ARGUMENT, "'lo'");
	refuses("logs", RC_ARGUMENT, "'logs'");
	refuses("Log", RC_ARGUMENT, "'Log'");
	/* A long one leaves the list its place. */
	refuses("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
	    RC_ARGUMENT, "'abcdefghijklmnop'; expected of: log");
	CU_ASSERT_PTR_NOT_NULL(strstr(why, "frames=N"));
}

/* programs.grant.4: twice, too many, and nothing with something. */
static void
contradictions(void)
{
	refuses("log log", RC_EXISTS, "twice");
	refuses("timer log timer", RC_EXISTS, "twice");
	refuses("timer random pipes directory collection", RC_LIMIT,
	    "no more than four");
	refuses("nothing log", RC_ARGUMENT, "nothing, or something");
	refuses("log nothing", RC_ARGUMENT, "nothing, or something");
}

/* programs.grant.7: what another program has. */
static void
of_others(void)
{
	struct grants a;

	gives("pipe directory", "pipe in 8, directory in 9");
	CU_ASSERT_FALSE(grants_of_others(&g));
	gives("pipe=a log directory=fifteen-letters pipe collection=x",
	    "log in 1, pipe of a in 8, directory of fifteen-letters in 9, "
	    "pipe in 10, collection of x in 11");
	CU_ASSERT(grants_of_others(&g));
	CU_ASSERT_STRING_EQUAL(grants_owner(&g, 8), "a");
	CU_ASSERT_STRING_EQUAL(grants_owner(&g, 10), "");
	CU_ASSERT_STRING_EQUAL(grants_owner(&g, 1), "");
	CU_ASSERT_STRING_EQUAL(grants_owner(&g, 12), "");
	gives("pipe=a pipe=b", "pipe of a in 8, pipe of b in 9");
	a = g;
	gives("pipe=a pipe=c", "pipe of a in 8, pipe of c in 9");
	CU_ASSERT_FALSE(grants_same(&a, &g));
	refuses("pipe=a pipe=a", RC_EXISTS, "twice");
	refuses("pipe=", RC_ARGUMENT, "'pipe='");
	refuses("=", RC_ARGUMENT, "'='");
	refuses("log=a", RC_ARGUMENT, "'log=a'");
	refuses("pipe=sixteen-letters--", RC_ARGUMENT, "'pipe=sixteen-let'");
}

/* programs.grant.5: a buffer that is too small cuts, and is not overrun. */
static void
short_buffers(void)
{
	for (size_t n = 1; n < 200; n++) {
		char text[200];

		memset(text, 'x', sizeof(text));
		CU_ASSERT_EQUAL(
		    grants_read(&g, "tea", 3, text, n), RC_ARGUMENT);
		CU_ASSERT(strnlen(text, sizeof(text)) < n);
		for (size_t i = n; i < sizeof(text); i++)
			CU_ASSERT_EQUAL_FATAL(text[i], 'x');
		CU_ASSERT_EQUAL(read_words("log clock timer pipes"), RC_OK);
		memset(text, 'x', sizeof(text));
		grants_say(&g, text, n);
		CU_ASSERT(strnlen(text, sizeof(text)) < n);
		for (size_t i = n; i < sizeof(text); i++)
			CU_ASSERT_EQUAL_FATAL(text[i], 'x');
	}
}

/* programs.grant.6: the same set, wherever its frames. */
static void
the_same(void)
{
	struct grants a;

	CU_ASSERT_EQUAL(read_words("log timer pipes"), RC_OK);
	a = g;
	CU_ASSERT_EQUAL(read_words("timer pipes frames=9 log"), RC_OK);
	CU_ASSERT(grants_same(&a, &g));
	CU_ASSERT_EQUAL(read_words("pipes timer log"), RC_OK);
	CU_ASSERT_FALSE(grants_same(&a, &g));
	CU_ASSERT_EQUAL(read_words("nothing"), RC_OK);
	CU_ASSERT_FALSE(grants_same(&a, &g));
}

static const struct runner_test tests[] = {
    RUNNER_TEST(just_what_is_asked_for),
    RUNNER_TEST(frames),
    RUNNER_TEST(unknown_names),
    RUNNER_TEST(contradictions),
    RUNNER_TEST(short_buffers),
    RUNNER_TEST(the_same),
    RUNNER_TEST(of_others),
    {NULL, NULL},
};

int
main(int argc, char **argv)
{
	static const struct runner_suite suites[] = {
	    {.name = "grants", .tests = tests},
	    {.name = NULL},
	};

	return runner_main(argc, argv, suites);
}
