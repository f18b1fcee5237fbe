/* SPDX-License-Identifier: BSD-2-Clause */
/* What commands say of arguments that are wrong; nothing else answers. */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "testsuite/unit/userland/typed.h"
#include "userland/demo/note.h"
#include "userland/rt/registers.h"
#include "userland/rt/wait.h"

/* The shell's node has all; what it has does not know what it is asked for. */
void
ant_invoke(struct message *m)
{
	bool node = (m->control >> CONTROL_CAP_SHIFT & 31) == REG_NODE;

	m->word[0] = node ? RC_OK : RC_NOT_FOUND;
	m->control = node ? 1 << RESULT_RECEIVED_SHIFT : 0;
}

bool
wait_for(uint64_t nanoseconds)
{
	(void)nanoseconds;
	return false;
}

/* cmd.unknown.2: an argument that is wrong is named, with what it may be. */
static void
wrong_arguments_are_named(void)
{
	static const struct {
		const char *line, *answer;
	} wrong[] = {
	    {"help me", "help: no command 'me'; help lists them\r\n"},
	    {"fill x", "fill: MIB is a number from 1 to 3072, not 'x'\r\n"},
	    {"fill 0", "fill: MIB is a number from 1 to 3072, not '0'\r\n"},
	    {"fill 3073",
		"fill: MIB is a number from 1 to 3072, not '3073'\r\n"},
	    {"fill 1 y",
		"fill: ROUNDS is a number from 1 to 1000, not 'y'\r\n"},
	    {"random 0", "random: BYTES is a number from 1 to 64, not '0'\r\n"},
	    {"random 65",
		"random: BYTES is a number from 1 to 64, not '65'\r\n"},
	    {"date set -1",
		"date: SECONDS is a number from 0 to 4294967295, not "
		"'-1'\r\n"},
	    {"disk read 0.5 1",
		"disk: '0.5' is neither a DISK, a number that disk lists, nor "
		"DISK.PART, PART 1 to 4\r\n"},
	    {"disk read 0 x",
		"disk: SECTOR is a number from 0 to 36028797018963967, not "
		"'x'\r\n"},
	    {"drv restart eth7",
		"drv: no driver has a device 'eth7'; dev lists them\r\n"},
	    {"dev why 01:00.0-and-more-and-more-and-more",
		"dev: no name has more than 31 characters: "
		"'01:00.0-and-more-and-more-and-more'\r\n"},
	    {"dev name 01:00.0 thirty-two-in-a-row-is-one-too-many",
		"dev: no name has more than 31 characters: "
		"'thirty-two-in-a-row-is-one-too-many'\r\n"},
	    {"drv add thirty-two-in-a-row-is-one-too-many",
		"drv: no name has more than 31 characters: "
		"'thirty-two-in-a-row-is-one-too-many'\r\n"},
	};

	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CU_ASSERT_STRING_EQUAL(run(wrong[i].line), wrong[i].answer);
}

/* demo.note.2: a line that is not there is refused, with those that are. */
static void
notes_have_lines(void)
{
	static struct note note;

	typed_start();
	CU_ASSERT(note_type(&note, &term, ".d1"));
	term_flush(&term);
	CU_ASSERT_STRING_EQUAL(
	    shown, "note: it has no lines yet; text appends one\r\n");
	CU_ASSERT(note_type(&note, &term, "one"));
	typed_start();
	CU_ASSERT(note_type(&note, &term, ".d2"));
	term_flush(&term);
	CU_ASSERT_STRING_EQUAL(
	    shown, "note: expected a line number, 1 to 1\r\n");
}

static const struct runner_test tests[] = {
    RUNNER_TEST(notes_have_lines),
    RUNNER_TEST(wrong_arguments_are_named),
    {NULL, NULL},
};

int
main(int argc, char **argv)
{
	const struct runner_suite suites[] = {
	    {.name = "operands", .tests = tests},
	    {.name = NULL},
	};

	return runner_main(argc, argv, suites);
}
