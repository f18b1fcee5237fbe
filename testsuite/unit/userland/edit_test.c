/* SPDX-License-Identifier: BSD-2-Clause */
/* The line editor before a screen that says what a person would see. */
#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/runner/runner.h"
#include "testsuite/unit/userland/screen.h"
#include "userland/shell/edit.h"

static struct screen   screen;
static struct term     term;
static struct edit     edit;
static enum edit_event last;

static void
start(void)
{
	screen_reset(&screen);
	term = (struct term){.write = screen_write, .arg = &screen};
	edit_init(&edit, &term);
	edit_begin(&edit, "$ ");
}

/* Type; after a line is complete a new one begins. */
static void
type(const char *text)
{
	for (; *text != 0; text++) {
		last = edit_feed(&edit, (uint8_t)*text);
		CU_ASSERT_FATAL(edit_ok(&edit));
		if (last != EDIT_MORE)
			edit_begin(&edit, "$ ");
	}
}

/* The line, what is seen of it, and where the cursor is. */
static void
expect(const char *line, unsigned column)
{
	char   seen[LINE_BYTES + 2] = "$ ";
	size_t n;

	strcat(seen, line);
	for (n = strlen(seen); n > 0 && seen[n - 1] == ' '; n--)
		seen[n - 1] = 0;
	CU_ASSERT_STRING_EQUAL(edit.line, line);
	CU_ASSERT_STRING_EQUAL(screen_row(&screen, screen.row), seen);
	CU_ASSERT_EQUAL(screen.column, column);
	CU_ASSERT_FALSE(screen.strange);
}

/* edit.type.1: what is typed is shown, each character by one short write. */
static void
typing_is_echoed(void)
{
	size_t before;

	start();
	type("irq");
	expect("irq", 5);
	before = screen.bytes;
	type("x");
	CU_ASSERT_EQUAL(screen.bytes - before, 1);
}

/* edit.move.1: arrows and control characters move and insert anywhere. */
static void
moving_and_inserting(void)
{
	start();
	type("bd\x1b[Dc\x01"
	     "a");
	expect("abcd", 3);
	type("\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C"
	     "e\x1b[D\x1b[D\x02\x06\x06");
	expect("abcde", 6);
	type("\x1b[H\x1b[F\x1b[1~\x1b[4~\x05");
	expect("abcde", 7);
	type("\x1b[D\x1b[Dz");
	expect("abczde", 6);
}

/* edit.delete.1: every way to delete, and to get it back. */
static void
deleting(void)
{
	start();
	type("hello brave world\x7f\x08");
	expect("hello brave wor", 17);
	type("\x17");
	expect("hello brave ", 14);
	type("\x17");
	expect("hello ", 8);
	type("\x19\x01\x1b[3~\x04");
	expect("llo brave ", 2);
	type("\x1b[C\x1b[C\x0b");
	expect("ll", 4);
	type("\x15");
	expect("", 2);
	type("\x19\x19");
	expect("llll", 6);
	type("\x01\x7f\x05\x1b[3~");
	expect("llll", 6);
}

/* edit.line.1: CR, LF and CR LF each end a line once. */
static void
lines_end(void)
{
	start();
	type("one\r");
	CU_ASSERT_EQUAL(last, EDIT_LINE);
	CU_ASSERT_STRING_EQUAL(screen_row(&screen, 0), "$ one");
	CU_ASSERT_EQUAL(screen.row, 1);
	type("two\r\n");
	CU_ASSERT_EQUAL(screen.row, 2);
	type("\n");
	CU_ASSERT_EQUAL(screen.row, 3);
	type("abc\x03");
	CU_ASSERT_EQUAL(last, EDIT_INTERRUPT);
	CU_ASSERT_STRING_EQUAL(screen_row(&screen, 3), "$ abc^C");
	type("\x04");
	CU_ASSERT_EQUAL(last, EDIT_END);
	CU_ASSERT_FALSE(screen.strange);
}

/* edit.history.1: up and down go through it; the typed line is kept. */
static void
history_is_shown(void)
{
	start();
	type("first\rsecond\rsecond\r\rhalf");
	type("\x1b[A");
	expect("second", 8);
	type("\x10");
	expect("first", 7);
	type("\x1bOA\x1b[A");
	expect("first", 7);
	type("\x1b[B\x0e");
	expect("half", 6);
	type("\x0e");
	expect("half", 6);
	type("\x1b[A!\r");
	CU_ASSERT_STRING_EQUAL(history_get(&edit.history, 1), "second!");
	CU_ASSERT_STRING_EQUAL(history_get(&edit.history, 2), "second");
}

/* edit.history.2: it holds the newest lines only. */
static void
history_is_bounded(void)
{
	char line[8] = "0\r";

	start();
	for (unsigned i = 0; i < HISTORY_LINES + 5; i++) {
		line[0] = (char)('0' + i);
		type(line);
	}
	CU_ASSERT_PTR_NULL(history_get(&edit.history, HISTORY_LINES + 1));
	CU_ASSERT_EQUAL(history_get(&edit.history, HISTORY_LINES)[0], '5');
}

/* edit.utf8.1: characters of several bytes stay whole. */
static void
utf8_stays_whole(void)
{
	start();
	type("\xc3\xa4\xe2\x82\xac\xf0\x9f\x99\x82");
	expect("\xc3\xa4\xe2\x82\xac\xf0\x9f\x99\x82", 5);
	type("\x1b[D\x1b[D");
	expect("\xc3\xa4\xe2\x82\xac\xf0\x9f\x99\x82", 3);
	type("\x1b[3~x\xc3\xb6");
	expect("\xc3\xa4x\xc3\xb6\xf0\x9f\x99\x82", 5);
	type("\x7f\x7f\x7f");
	expect("\xf0\x9f\x99\x82", 2);
	/* Broken and impossible sequences leave nothing behind. */
	type("\xe2\x82"
	     "a\x80\xff\xc0\xaf");
	expect("a\xf0\x9f\x99\x82", 3);
}

/* edit.long.1: a long line scrolls, a full one takes no more. */
static void
long_lines_scroll(void)
{
	start();
	for (unsigned i = 0; i < LINE_BYTES + 50; i++) {
		char text[2] = {(char)('a' + i % 26), 0};

		type(text);
		CU_ASSERT(screen.column < EDIT_COLUMNS);
	}
	CU_ASSERT_EQUAL(edit.length, LINE_BYTES - 1);
	type("\x01");
	CU_ASSERT_EQUAL(screen.column, 2);
	CU_ASSERT_EQUAL(strncmp(screen_row(&screen, 0), "$ abcdefg", 9), 0);
	for (unsigned i = 0; i < LINE_BYTES; i++) {
		type("\x06");
		CU_ASSERT(screen.column < EDIT_COLUMNS);
	}
	CU_ASSERT_FALSE(screen.strange);
	CU_ASSERT_EQUAL(screen.row, 0);
}

/* edit.redraw.1 (D14): a half-typed line comes back with its cursor. */
static void
redraw_restores(void)
{
	start();
	type("half typed\x1b[D\x1b[D");
	screen_reset(&screen);
	edit_redraw(&edit);
	expect("half typed", 10);
	type("\x0c");
	expect("half typed", 10);
}

/* edit.random.1: no bytes break an invariant or the screen. */
static void
random_bytes(void)
{
	static const char usual[] = "ab \x1b[ADCHF3~\x7f\x15\x19\r\xc3\xa4\xe2";

	start();
	srand(1);
	for (unsigned i = 0; i < 300000; i++) {
		int     r = rand();
		uint8_t byte = (uint8_t)(r >> 8);

		if (r % 4 != 0)
			byte = (uint8_t)usual[(size_t)r % (sizeof(usual) - 1)];
		if (edit_feed(&edit, byte) != EDIT_MORE) {
			screen_reset(&screen);
			edit_begin(&edit, "$ ");
		}
		CU_ASSERT_FATAL(edit_ok(&edit));
		CU_ASSERT_FATAL(!screen.strange);
	}
}

static const struct runner_test tests[] = {
    RUNNER_TEST(typing_is_echoed),
    RUNNER_TEST(moving_and_inserting),
    RUNNER_TEST(deleting),
    RUNNER_TEST(lines_end),
    RUNNER_TEST(history_is_shown),
    RUNNER_TEST(history_is_bounded),
    RUNNER_TEST(utf8_stays_whole),
    RUNNER_TEST(long_lines_scroll),
    RUNNER_TEST(redraw_restores),
    RUNNER_TEST(random_bytes),
    {NULL, NULL},
};

static const struct runner_suite suites[] = {
    {.name = "edit", .tests = tests},
    {.name = NULL},
};

int
main(int argc, char **argv)
{
	return runner_main(argc, argv, suites);
}
