/* SPDX-License-Identifier: BSD-2-Clause */
/* Persistent names of devices: what dev says of them, and dev name. */
#include <stdio.h>
#include <string.h>

#include "uldrv/class/catalogue.h"
#include "uldrv/class/catalogue.stub.h"
#include "userland/cmd/format.h"
#include "userland/cmd/packages.h"
#include "userland/rt/registers.h"
#include "userland/rt/retry.h"

enum { ANSWER_BYTES = 512 };

/* The index-th; false if there is none, or nobody answers. */
static bool
row(uint64_t index, struct catalogue_name *r, uint64_t *count)
{
	enum status st;

	memset(r, 0, sizeof(*r));
	retry(&st, catalogue_called(REG_T0, index, r, sizeof(*r), NULL, count));
	r->name[DEVDB_NAME - 1] = r->path[DEVDB_NAME - 1] = '\0';
	return st == RC_OK;
}

static void
show(struct command_call *c, const struct catalogue_name *r)
{
	char name[DEVDB_NAME + 1], path[DEVDB_NAME + 1];
	char id[CATALOGUE_ID + 1], prefer[DEVDB_NAME + 1];

	format_label(name, sizeof(name), r->name, sizeof(r->name));
	format_label(path, sizeof(path), r->path, sizeof(r->path));
	format_label(id, sizeof(id), r->id, sizeof(r->id));
	format_label(prefer, sizeof(prefer), r->prefer, sizeof(r->prefer));
	term_printf(c->out, "%-15s  %-11s  %04x:%04x%s%s%s%s%s%s\n", name,
	    r->present ? path : "-", r->vendor, r->device,
	    id[0] != '\0' ? " " : "", id, r->present ? "" : ", last at ",
	    r->present ? "" : path, prefer[0] != '\0' ? ", prefers " : "",
	    prefer);
}

void
names_list(struct command_call *c)
{
	struct catalogue_name r;
	uint64_t              count = 1;

	if (!command_has(SHELL_CATALOGUE, REG_T0))
		return;
	for (uint64_t i = 0; i < count && row(i, &r, &count); i++) {
		if (i == 0)
			term_text(c->out,
			    "\nname             device       known by\n");
		show(c, &r);
	}
}

bool
names_short(struct command_call *c, const char *name)
{
	if (strlen(name) < DEVDB_NAME)
		return true;
	term_printf(c->out, "%s: no name has more than %d characters: '%s'\n",
	    c->argv[0], DEVDB_NAME - 1, name);
	return false;
}

bool
names_path(struct command_call *c, const char *name, char *path)
{
	struct catalogue_name r;
	uint64_t              count = 1;

	if (!names_short(c, name))
		return false;
	snprintf(path, DEVDB_NAME, "%s", name);
	if (!command_has(SHELL_CATALOGUE, REG_T0))
		return true;
	for (uint64_t i = 0; i < count && row(i, &r, &count); i++) {
		if (strcmp(r.name, name) != 0)
			continue;
		snprintf(path, DEVDB_NAME, "%s", r.path);
		if (!r.present)
			term_printf(c->out,
			    "%s is not there; it was last at %s\n", name, path);
		return r.present;
	}
	return true;
}

void
names_change(struct command_call *c)
{
	char        words[2 * DEVDB_NAME], text[ANSWER_BYTES + 1];
	char        shown[ANSWER_BYTES + 1];
	size_t      n = 0;
	uint64_t    result = 0;
	enum status st;

	if (!names_short(c, c->argv[2]) || !names_short(c, c->argv[3]) ||
	    !command_fetch(c, SHELL_CATALOGUE, REG_T0))
		return;
	snprintf(words, sizeof(words), "%s %s", c->argv[2], c->argv[3]);
	st = catalogue_rename(
	    REG_T0, words, strlen(words), text, ANSWER_BYTES, &n, &result);
	if (st != RC_OK) {
		command_failed(c, st);
		return;
	}
	format_text(shown, sizeof(shown), text, n);
	term_printf(c->out, "%s\n", shown);
}
