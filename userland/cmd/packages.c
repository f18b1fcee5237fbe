/* SPDX-License-Identifier: BSD-2-Clause */
/* drv add, remove, forget, history; and what `drv` says of packages. */
#include <stdio.h>
#include <string.h>

#include "uldrv/class/catalogue.h"
#include "uldrv/class/catalogue.stub.h"
#include "userland/cmd/format.h"
#include "userland/cmd/packages.h"
#include "userland/rt/registers.h"
#include "userland/rt/retry.h"

enum { ANSWER_BYTES = 512, WHY_BYTES = 1024 };

static const char *const states[PACKAGE_STATES] = {
    [PACKAGE_NONE] = "-",
    [PACKAGE_HERE] = "not started",
    [PACKAGE_TRYING] = "trying",
    [PACKAGE_ADDED] = "added",
    [PACKAGE_REFUSED] = "refused",
};

static void
show_package(struct command_call *c, const struct catalogue_package *p)
{
	char name[DEVDB_NAME + 1], title[DEVDB_TEXT + 1];
	char remark[CATALOGUE_REMARK + 1];

	format_label(name, sizeof(name), p->name, sizeof(p->name));
	format_label(title, sizeof(title), p->title, sizeof(p->title));
	format_label(remark, sizeof(remark), p->remark, sizeof(p->remark));
	term_printf(c->out, "%-12s  %-11s  %02x%02x%02x%02x  %-8lu  %s%s%s\n",
	    name, p->state < PACKAGE_STATES ? states[p->state] : "?",
	    p->hash[0], p->hash[1], p->hash[2], p->hash[3], p->bytes, title,
	    p->remark[0] != '\0' ? ": " : "",
	    p->remark[0] != '\0' ? remark : "");
}

void
packages_list(struct command_call *c)
{
	uint64_t count = 1;

	if (!command_has(SHELL_CATALOGUE, REG_T0))
		return;
	for (uint64_t i = 0; i < count; i++) {
		struct catalogue_package p = {0};
		enum status              st;

		retry(&st,
		    catalogue_package(REG_T0, i, &p, sizeof(p), NULL, &count));
		if (st == RC_NOT_FOUND)
			return;
		if (st != RC_OK) {
			command_failed(c, st);
			return;
		}
		if (i == 0)
			term_text(c->out,
			    "\npackage       state        hash      bytes     "
			    "what\n");
		show_package(c, &p);
	}
}

static void
history(struct command_call *c)
{
	uint64_t count = 1;

	for (uint64_t i = 0; i < count; i++) {
		struct catalogue_event e = {0};
		char                   wall[32], text[CATALOGUE_LINE + 1];
		enum status            st;

		retry(&st,
		    catalogue_event(REG_T0, i, &e, sizeof(e), NULL, &count));
		if (st == RC_NOT_FOUND)
			return;
		if (st != RC_OK) {
			command_failed(c, st);
			return;
		}
		format_wall(wall, e.wall);
		format_label(text, sizeof(text), e.text, sizeof(e.text));
		term_printf(c->out, "%-19s  %s\n", wall, text);
	}
}

static enum status
change(
    const char *verb, const char *name, char *text, size_t *n, uint64_t *result)
{
	size_t bytes = strlen(name);

	if (strcmp(verb, "add") == 0)
		return catalogue_add(
		    REG_T0, name, bytes, text, ANSWER_BYTES, n, result);
	if (strcmp(verb, "remove") == 0)
		return catalogue_remove(
		    REG_T0, name, bytes, text, ANSWER_BYTES, n, result);
	if (strcmp(verb, "prefer") == 0)
		return catalogue_prefer(
		    REG_T0, name, bytes, text, ANSWER_BYTES, n, result);
	return catalogue_forget(
	    REG_T0, name, bytes, text, ANSWER_BYTES, n, result);
}

/* The words behind the verb, with a blank between, as the orders have them. */
static bool
operand(const struct command_call *c, char *words, size_t room)
{
	bool prefer = strcmp(c->argv[1], "prefer") == 0;

	if (c->argc != (prefer ? 4 : 3) ||
	    (!prefer && strcmp(c->argv[1], "add") != 0 &&
		strcmp(c->argv[1], "remove") != 0 &&
		strcmp(c->argv[1], "forget") != 0))
		return false;
	snprintf(words, room, "%s%s%s", c->argv[2], prefer ? " " : "",
	    prefer ? c->argv[3] : "");
	return true;
}

bool
packages_command(struct command_call *c)
{
	const char *verb = c->argv[1];
	char        words[2 * DEVDB_NAME];
	char        text[ANSWER_BYTES + 1], shown[ANSWER_BYTES + 1];
	size_t      n = 0;
	uint64_t    result = 0;
	enum status st;

	if (c->argc == 2 && strcmp(verb, "history") == 0) {
		if (command_fetch(c, SHELL_CATALOGUE, REG_T0))
			history(c);
		return true;
	}
	if (!operand(c, words, sizeof(words)))
		return false;
	for (unsigned i = 2; i < c->argc; i++)
		if (!names_short(c, c->argv[i]))
			return true;
	if (!command_fetch(c, SHELL_CATALOGUE, REG_T0))
		return true;
	st = change(verb, words, text, &n, &result);
	if (st == RC_STATE) {
		/* Its keeper has started it again: see devdb/catalogue. */
		term_text(c->out,
		    "drv: the catalogue died of this order and was started "
		    "again; 'drv' shows what it refuses now\n");
		return true;
	}
	if (st != RC_OK) {
		command_failed(c, st);
		return true;
	}
	format_text(shown, sizeof(shown), text, n);
	term_printf(c->out, "%s\n", shown);
	return true;
}

void
packages_why(struct command_call *c, const char *device)
{
	static char text[WHY_BYTES + 1];
	size_t      n = 0;
	enum status st;

	if (!command_has(SHELL_CATALOGUE, REG_T0))
		return;
	retry(&st,
	    catalogue_why(REG_T0, device, strlen(device), text, WHY_BYTES, &n));
	if (st != RC_OK || n > WHY_BYTES)
		return;
	text[n] = '\0';
	format_lines(text);
	term_text(c->out, text);
}
