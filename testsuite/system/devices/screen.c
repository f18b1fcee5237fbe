/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console on screen and keyboard: keys are sent through QMP, the screen is
 * read from the memory of the VGA, and must show what the serial line shows.
 */
#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/system/devices/devices.h"

enum { ROWS = 25, COLUMNS = 80, SECONDS = 30 };

/* The characters of the screen, row by row, without blanks at their ends. */
static void
read_screen(struct vm *vm, char *text)
{
	unsigned char cells[ROWS * COLUMNS * 2];
	char          path[300];
	FILE         *f;
	size_t        n = 0;

	snprintf(path, sizeof(path), "%s/screen", vm_dir(vm));
	CU_ASSERT_FATAL(vm_do(vm, "pmemsave",
	    json_pack("{s:i, s:i, s:s}", "val", 0xb8000, "size",
		(int)sizeof(cells), "filename", path)));
	f = fopen(path, "rb");
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL_FATAL(fread(cells, 1, sizeof(cells), f), sizeof(cells));
	fclose(f);
	for (unsigned r = 0; r < ROWS; r++) {
		size_t end = n;

		for (unsigned c = 0; c < COLUMNS; c++) {
			text[n++] = (char)cells[2 * (r * COLUMNS + c)];
			if (text[n - 1] != ' ')
				end = n;
		}
		n = end;
		text[n++] = '\n';
	}
	text[n] = 0;
}

static void
expect_screen(struct vm *vm, const char *expression)
{
	static char text[ROWS * (COLUMNS + 1) + 1];
	long long   deadline = vm_deadline(SECONDS);

	do {
		read_screen(vm, text);
		if (text_has(text, expression))
			return;
	} while (vm_look_again(vm, deadline));
	printf("  the screen has no /%s/:\n%s", expression, text);
	CU_FAIL("the screen does not show it");
}

/* Each key waits for what the one before has shown: their queue is short. */
static void
press(struct vm *vm, const char *keys)
{
	char      line[64], key[16];
	long long deadline = vm_deadline(SECONDS);
	size_t    shown;

	for (; *keys != 0; keys++) {
		snprintf(key, sizeof(key), "%c", *keys);
		snprintf(line, sizeof(line), "sendkey %s",
		    *keys == '\r'       ? "ret"
			: *keys == ' '  ? "spc"
			: *keys == '\b' ? "backspace"
					: key);
		shown = strlen(vm_transcript(vm, 0));
		free(vm_hmp(vm, line));
		while (strlen(vm_transcript(vm, 0)) == shown)
			CU_ASSERT_FATAL(vm_look_again(vm, deadline));
	}
}

/* devices.screen.1: serial line and screen show the same, both type. */
static void
screen_and_keyboard(void)
{
	static const char *const args[] = {"-device", "VGA", NULL};
	struct vm               *vm = devices_boot("pc", args);

	comes(vm, "dev", "^kbd +bound +none +1 +ps2 ");
	comes(vm, "dev", "^vga +bound +none +- +vga-text ");
	expect_screen(vm, "^anteros> $|^anteros>$");
	/* Typed on the keyboard, answered on both; the wrong key is deleted. */
	press(vm, "datex\b\r");
	CU_ASSERT(vm_expect_re(vm, "20[0-9]{2}-[0-9-]+ [0-9:]+\n", SECONDS));
	expect_screen(
	    vm, "^anteros> date$(.*[\n])+20[0-9]{2}-[0-9-]+ [0-9:]+$");
	/* Typed on the line, shown on the screen; it scrolls. */
	CU_ASSERT(vm_expect(vm, "anteros> ", SECONDS));
	answers(vm, "help", "^help +\\[NAME\\] +this list");
	expect_screen(vm, "^reboot .*[\n]anteros>$");
	/* Drivers die: the new ones show and type all the same. */
	answers(vm, "drv restart vga", "^$");
	answers(vm, "drv restart kbd", "^$");
	comes_within(vm, "drv", "^ps2 +kbd +up +1 +[0-9]+ +[1-9]", SECONDS);
	comes_within(vm, "drv", "^vga-text +vga +up +1 ", SECONDS);
	press(vm, "date\r");
	CU_ASSERT(vm_expect_re(vm, "20[0-9]{2}-[0-9-]+ [0-9:]+\n", SECONDS));
	expect_screen(
	    vm, "^anteros> date$(.*[\n])+20[0-9]{2}-[0-9-]+ [0-9:]+$");
	if (getenv("SCREENDUMP") != NULL)
		CU_ASSERT(vm_do(vm, "screendump",
		    json_pack("{s:s, s:s}", "filename", getenv("SCREENDUMP"),
			"format", "png")));
	vm_free(vm);
}

const struct runner_test devices_screen_tests[] = {
    RUNNER_TEST(screen_and_keyboard),
    {NULL, NULL},
};
