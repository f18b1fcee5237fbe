/* SPDX-License-Identifier: BSD-2-Clause */
/* run, holes, kill, forget: programs that were pushed. */
#include <stdio.h>
#include <string.h>

#include "kernel/abi/process.h"
#include "userland/cmd/command.h"
#include "userland/cmd/format.h"
#include "userland/rt/idl/programs.h"
#include "userland/rt/idl/programs.stub.h"
#include "userland/rt/registers.h"

static const char *const states[PROGRAMS_STATES] = {
    [PROGRAMS_NONE] = "-",
    [PROGRAMS_KEPT] = "kept",
    [PROGRAMS_RUNNING] = "running",
    [PROGRAMS_FAULTED] = "faulted",
};

static void
show(struct command_call *c, const struct programs_program *p)
{
	char name[PROGRAMS_NAME + 1], remark[64] = "-";

	format_label(name, sizeof(name), p->name, sizeof(p->name));
	if (p->state == PROGRAMS_FAULTED)
		snprintf(remark, sizeof(remark), "fault %u at %lx, pc %lx",
		    p->fault, p->address, p->pc);
	term_printf(c->out, "%-16s  %-8s  %-8u  %-6u  %-4lu  %s\n", name,
	    p->state < PROGRAMS_STATES ? states[p->state] : "?", p->bytes,
	    p->frames, p->runs, remark);
}

static void
list(struct command_call *c)
{
	uint64_t count = 1;

	for (uint64_t i = 0; i < count; i++) {
		struct programs_program p = {0};
		enum status st = programs_program(
		    REG_T0, i, &p, sizeof(p), NULL, &count);

		if (st == RC_NOT_FOUND && i == 0)
			term_text(c->out,
			    "no programs; 'make push PROG=NAME' sends one\n");
		else if (st != RC_NOT_FOUND)
			command_failed(c, st);
		if (st != RC_OK)
			return;
		if (i == 0)
			term_text(c->out,
			    "program           state     bytes     frames  "
			    "runs  remark\n");
		show(c, &p);
	}
}

/* In which register products hold it. */
static void
hole_place(char *place, size_t size, uint64_t n)
{
	if (n == SLOT_KEEPER)
		snprintf(place, size, "keeper");
	else
		snprintf(place, size, "%lu", n);
}

/* The holes of argv[1], as its constructor says them. */
static void
list_holes(struct command_call *c)
{
	uint64_t    n = 0, kind = 0, rights = 0, i;
	enum status st = RC_OK;

	for (i = 0; i <= SLOT_KEEPER; i++) {
		char place[24];

		st = programs_hole(REG_T0, i, c->argv[1], strlen(c->argv[1]),
		    &n, &kind, &rights);
		if (st != RC_OK)
			break;
		hole_place(place, sizeof(place), n);
		term_printf(c->out, "hole: %-6s  %s\n", place,
		    format_kind((unsigned)kind));
	}
	if (st != RC_NOT_FOUND)
		command_failed(c, st);
	else if (i == 0)
		term_printf(
		    c->out, "holes: no program '%s'; run lists them\n", c->argv[1]);
}

void
cmd_holes(struct command_call *c)
{
	if (c->argc != 2)
		command_usage(c);
	else if (command_fetch(c, SHELL_PROGRAMS, REG_T0))
		list_holes(c);
}

typedef enum status (*order)(capreg self, const void *name, size_t name_bytes,
    void *text, size_t text_limit, size_t *text_bytes, uint64_t *result);

/* An order about one program, and the sentence that answers it. */
static bool
tell(struct command_call *c, order give, const char *words)
{
	char        text[PROGRAMS_TEXT] = "", shown[PROGRAMS_TEXT + 1];
	uint64_t    result = RC_OK;
	size_t      n = 0;
	enum status st = give(REG_T0, words, strlen(words), text,
	    sizeof(text), &n, &result);

	if (st == RC_STRING)
		st = RC_NOT_FOUND;
	command_failed(c, st);
	if (st != RC_OK)
		return false;
	format_text(shown, sizeof(shown), text,
	    n < sizeof(text) ? n : sizeof(text));
	term_printf(c->out, "%s\n", shown);
	return result == RC_OK;
}

static void
one(struct command_call *c, order give)
{
	if (c->argc != 2)
		command_usage(c);
	else if (command_fetch(c, SHELL_PROGRAMS, REG_T0))
		(void)tell(c, give, c->argv[1]);
}

/* The name, and all behind `with`, a blank between; false: that is no line. */
static bool
run_words(const struct command_call *c, char words[PROGRAMS_WORDS + 1])
{
	size_t used = strlen(c->argv[1]);

	if (used > PROGRAMS_WORDS ||
	    (c->argc > 2 && (c->argc == 3 || strcmp(c->argv[2], "with") != 0)))
		return false;
	strcpy(words, c->argv[1]);
	for (unsigned i = 3; i < c->argc; i++) {
		if (used + 1 + strlen(c->argv[i]) > PROGRAMS_WORDS)
			return false;
		used += (size_t)sprintf(words + used, " %s", c->argv[i]);
	}
	return true;
}

void
cmd_run(struct command_call *c)
{
	char words[PROGRAMS_WORDS + 1];

	if (c->argc > 1 && !run_words(c, words)) {
		command_usage(c);
		return;
	}
	if (!command_fetch(c, SHELL_PROGRAMS, REG_T0))
		return;
	if (c->argc == 1)
		list(c);
	else if (tell(c, programs_run, words))
		list_holes(c);
}

void
cmd_kill(struct command_call *c)
{
	one(c, programs_kill);
}

void
cmd_forget(struct command_call *c)
{
	one(c, programs_forget);
}
