/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The shell: reads the console, edits a line, runs a command.
 *
 * One program serves twice (D14). The boot range's comes forward only when no
 * volume opens (boot.h), and gives the console up when the persistent shell
 * opens it. The persistent one is part of each
 * snapshot in mid-line: after a restart its read answers RC_RESTARTED, or,
 * if it was not reading, the console does not know it (RC_STATE); then it
 * takes the console, says how old the state is, and shows the line again.
 */
#include <string.h>

#include "kernel/abi/clock.stub.h"
#include "kernel/abi/node.stub.h"
#include "userland/cmd/command.h"
#include "userland/demo/note.h"
#include "userland/rt/exit.h"
#include "userland/rt/idl/console.stub.h"
#include "userland/rt/idl/store.h"
#include "userland/rt/idl/store.stub.h"
#include "userland/rt/log.h"
#include "userland/rt/registers.h"
#include "userland/rt/retry.h"
#include "userland/shell/boot.h"
#include "userland/shell/edit.h"

enum {
	REG_CONSOLE = REG_OWN,
	READ_BYTES = 256,
	SHELL_BOOT = 1, /* The argument of the boot range's shell. */
};

static const char prompt_command[] = "anteros> ";
static const char prompt_note[] = "note> ";

/* All that the shell is. */
static struct shell {
	struct edit         edit;
	struct term         term;
	struct note         note;
	struct command_call call;
	bool                restarted; /* To be said before the next read. */
} shell;

static void
open_console(void)
{
	enum status st;

	retry(&st, console_open(REG_CONSOLE));
	if (st == RC_OK)
		return;
	if (st == RC_TAKEN)
		ant_exit();
	log_printf("shell: no console: %s\n", command_status(st));
	ant_exit();
}

/* The terminal's output. A console of another boot has to be opened first. */
static void
show(void *arg, const char *text, size_t bytes)
{
	enum status st;

	(void)arg;
	retry(&st, console_write(REG_CONSOLE, text, bytes));
	if (st != RC_STATE)
		return;
	open_console();
	shell.restarted = true;
	retry(&st, console_write(REG_CONSOLE, text, bytes));
}

static void
begin(void)
{
	edit_begin(
	    &shell.edit, shell.call.note_mode ? prompt_note : prompt_command);
}

static void
run_line(void)
{
	char line[LINE_BYTES];

	memcpy(line, shell.edit.line, sizeof(line));
	if (shell.call.note_mode) {
		shell.call.note_mode = note_type(
		    &shell.note, &shell.term, line);
		return;
	}
	shell.call.out = &shell.term;
	shell.call.note = &shell.note;
	command_run(&shell.call, line);
}

static void
type(uint8_t byte)
{
	switch (edit_feed(&shell.edit, byte)) {
	case EDIT_LINE:
		run_line();
		break;
	case EDIT_INTERRUPT:
		break;
	case EDIT_END:
		shell.call.note_mode = false;
		break;
	case EDIT_MORE:
	default:
		return;
	}
	begin();
}

/* What the store is now; false if nobody knows. */
static bool
booted_from(struct store_status *s)
{
	enum status st;

	if (node_get(REG_NODE, SHELL_STORE, REG_T0) != RC_OK)
		return false;
	retry(&st, store_status(REG_T0, s, sizeof(*s), NULL));
	return st == RC_OK && s->booted != 0;
}

static void
say_age(void)
{
	struct store_status s = {0};
	uint64_t            wall = 0;

	if (!booted_from(&s)) {
		term_text(&shell.term, "\nrestarted\n");
		return;
	}
	ignore_status(clock_now(REG_CLOCK, NULL, NULL, &wall));
	if (wall == 0 || s.booted_wall == 0 || wall < s.booted_wall)
		term_printf(&shell.term,
		    "\nrestarted from generation %lu; its age is not known\n",
		    s.booted);
	else
		term_printf(&shell.term,
		    "\nrestarted from generation %lu, taken %lu s ago\n",
		    s.booted, (wall - s.booted_wall) / 1000000000);
}

/* Back after a restart: say so, and show the line again. */
static void
come_back(void)
{
	shell.restarted = false;
	say_age();
	edit_redraw(&shell.edit);
}

/* Wait for typing, whatever happens to the console meanwhile. */
static size_t
read_console(uint8_t *bytes)
{
	enum status st;
	size_t      n;

	for (;;) {
		if (shell.restarted)
			come_back();
		st = console_read(REG_CONSOLE, bytes, READ_BYTES, &n);
		switch ((int)st) {
		case RC_OK:
			return n;
		case RC_RESTARTED:
		case RC_STATE:
			open_console();
			come_back();
			break;
		case RC_TAKEN:
			ant_exit();
		default:
			log_printf("shell: the console cannot be read\n");
			ant_exit();
		}
	}
}

int
main(void)
{
	uint8_t bytes[READ_BYTES];

	shell.term.write = show;
	edit_init(&shell.edit, &shell.term);
	if (node_get(REG_NODE, SHELL_CONSOLE, REG_CONSOLE) != RC_OK)
		log_printf("shell: it was given no node\n");
	if (ant_argument == SHELL_BOOT)
		boot_wait();
	open_console();
	if (ant_argument == SHELL_BOOT)
		boot_explain(&shell.term);
	term_text(&shell.term, "\nAnteros; help lists the commands\n");
	begin();
	for (;;) {
		size_t n = read_console(bytes);

		for (size_t i = 0; i < n; i++)
			type(bytes[i]);
	}
}
