/* SPDX-License-Identifier: BSD-2-Clause */
/* count, fill, note: the demonstrations. */
#include <string.h>

#include "userland/cmd/command.h"
#include "userland/demo/fill.h"
#include "userland/demo/note.h"
#include "userland/rt/idl/count.stub.h"
#include "userland/rt/idl/demo.stub.h"
#include "userland/rt/idl/fill.stub.h"
#include "userland/rt/registers.h"

static enum status
count_order(const char *word)
{
	if (strcmp(word, "start") == 0)
		return count_start(REG_T0);
	if (strcmp(word, "stop") == 0)
		return count_stop(REG_T0);
	return count_reset(REG_T0);
}

void
cmd_count(struct command_call *c)
{
	uint64_t    seconds = 0, running = 0, restarts = 0;
	enum status st = RC_OK;

	if (c->argc > 2 ||
	    (c->argc == 2 && strcmp(c->argv[1], "start") != 0 &&
		strcmp(c->argv[1], "stop") != 0 &&
		strcmp(c->argv[1], "reset") != 0)) {
		command_usage(c);
		return;
	}
	if (!command_fetch(c, SHELL_COUNT, REG_T0))
		return;
	if (c->argc == 2)
		st = count_order(c->argv[1]);
	if (st == RC_OK)
		st = count_get(REG_T0, &seconds, &running, &restarts);
	if (st != RC_OK)
		command_failed(c, st);
	else
		term_printf(c->out, "%lu seconds, %s, %lu restarts\n", seconds,
		    running != 0 ? "counting" : "stopped", restarts);
}

static void
fill_print(struct command_call *c)
{
	static const char *const states[] = {
	    [FILL_IDLE] = "idle",
	    [FILL_WRITING] = "writing",
	    [FILL_VERIFYING] = "verifying",
	    [FILL_DONE] = "done",
	    [FILL_STOPPED] = "stopped",
	};
	uint64_t    state = 0, written = 0, verified = 0, wrong = 0;
	enum status st;

	st = fill_get(REG_T0, &state, &written, &verified, &wrong);
	if (st != RC_OK)
		command_failed(c, st);
	else
		term_printf(c->out,
		    "%s: %lu pages written, %lu verified, %lu wrong\n",
		    state <= FILL_STOPPED ? states[state] : "?", written,
		    verified, wrong);
}

void
cmd_fill(struct command_call *c)
{
	bool        stop = c->argc == 2 && strcmp(c->argv[1], "stop") == 0;
	uint64_t    mebibytes = 0, rounds = 1;
	enum status st = RC_OK;

	if (c->argc > 3) {
		command_usage(c);
		return;
	}
	if (c->argc >= 2 && !stop &&
	    !command_operand(
		c, "MIB", c->argv[1], 1, FILL_MEBIBYTES, &mebibytes))
		return;
	if (c->argc == 3 &&
	    !command_operand(c, "ROUNDS", c->argv[2], 1, FILL_ROUNDS, &rounds))
		return;
	if (!command_fetch(c, SHELL_FILL, REG_T0))
		return;
	if (stop)
		st = fill_stop(REG_T0);
	else if (c->argc > 1)
		st = fill_start(REG_T0, mebibytes, rounds);
	if (st != RC_OK)
		command_failed(c, st);
	else
		fill_print(c);
}

static void
demo_print(struct command_call *c, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		term_printf(c->out, "%c", text[i]);
}

void
cmd_demo(struct command_call *c)
{
	static char text[2048];
	uint64_t    shown = 0;
	size_t      n = 0;
	const char *what = c->argc == 2 ? c->argv[1] : "";
	enum status st = RC_OK;

	if (strcmp(what, "confine") != 0 && strcmp(what, "deputy") != 0 &&
	    strcmp(what, "linux") != 0) {
		command_usage(c);
		return;
	}
	if (!command_fetch(c, SHELL_DEMO, REG_T0))
		return;
	if (what[0] == 'c')
		st = demo_confine(REG_T0, text, sizeof(text), &n, &shown);
	else if (what[0] == 'd')
		st = demo_deputy(REG_T0, text, sizeof(text), &n, &shown);
	else
		st = demo_linux(REG_T0, text, sizeof(text), &n, &shown);
	if (st != RC_OK)
		command_failed(c, st);
	else
		demo_print(c, text, n);
}

void
cmd_note(struct command_call *c)
{
	if (c->argc == 2 && strcmp(c->argv[1], "clear") == 0) {
		note_clear(c->note);
		return;
	}
	if (!command_alone(c))
		return;
	note_help(c->out);
	note_list(c->note, c->out);
	c->note_mode = true;
}
