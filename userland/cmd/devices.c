/* SPDX-License-Identifier: BSD-2-Clause */
/* dev, drv: what the device server knows. */
#include <string.h>

#include "uldrv/class/devdb.stub.h"
#include "userland/cmd/command.h"
#include "userland/cmd/format.h"
#include "userland/cmd/packages.h"
#include "userland/rt/registers.h"
#include "userland/rt/retry.h"
#include "userland/rt/wait.h"

enum {
	WHY_BYTES = 2048,
	SUSPEND_LOOKS = 100,
	SUSPEND_LOOK_NS = 100000000, /* 10 s together. */
};

static void
why(struct command_call *c, const char *name)
{
	static char text[WHY_BYTES + 1];
	size_t      n = 0;
	enum status st;

	retry(&st, devdb_why(REG_T0, name, strlen(name), text, WHY_BYTES, &n));
	if (st == RC_NOT_FOUND) {
		term_printf(
		    c->out, "dev: no device '%s'; dev lists them\n", name);
		return;
	}
	if (st != RC_OK) {
		command_failed(c, st);
		return;
	}
	text[n] = 0;
	format_lines(text);
	term_text(c->out, text);
	packages_why(c, name);
}

static void
list_devices(struct command_call *c)
{
	uint64_t count = 1;

	for (uint64_t i = 0; i < count; i++) {
		struct devdb_device r = {0};
		char                line[FORMAT_BYTES];
		enum status         st;

		retry(
		    &st, devdb_device(REG_T0, i, &r, sizeof(r), NULL, &count));
		if (i == 0 && (st == RC_OK || st == RC_NOT_FOUND))
			term_text(c->out, format_device_head);
		if (st == RC_NOT_FOUND)
			return;
		if (st != RC_OK) {
			command_failed(c, st);
			return;
		}
		format_device(line, &r);
		term_text(c->out, line);
	}
}

/* What the server says to that, but RC_OK. */
static void
refuse(struct command_call *c, enum status st, const char *name, bool resume)
{
	switch ((unsigned)st) {
	case RC_NOT_FOUND:
		term_printf(
		    c->out, "dev: no device '%s'; dev lists them\n", name);
		break;
	case RC_STATE:
		term_printf(c->out,
		    resume ? "dev: %s is not suspended\n"
			   : "dev: no driver of %s is up; drv lists them\n",
		    name);
		break;
	case RC_EXISTS:
		term_printf(c->out,
		    "dev: %s is suspended already; 'dev resume %s' wakes it\n",
		    name, name);
		break;
	case RC_TAKEN:
		term_printf(c->out,
		    "dev: the volume is on %s: nothing would run without it\n",
		    name);
		break;
	case RC_UNSUPPORTED:
		term_printf(c->out,
		    "dev: the driver of %s cannot be suspended\n", name);
		break;
	default:
		command_failed(c, st);
	}
}

/* The state of the device of this path; DEVDB_STATE_COUNT if it is gone. */
static unsigned
state_of(struct command_call *c, const char *path)
{
	uint64_t count = 1;

	if (!command_fetch(c, SHELL_DEVDB, REG_T0))
		return DEVDB_STATE_COUNT;
	for (uint64_t i = 0; i < count; i++) {
		struct devdb_device r = {0};
		enum status         st;

		retry(
		    &st, devdb_device(REG_T0, i, &r, sizeof(r), NULL, &count));
		if (st == RC_OK && strncmp(r.name, path, DEVDB_NAME) == 0)
			return r.state;
	}
	return DEVDB_STATE_COUNT;
}

/* A terminal's: who suspends his own sees nothing more of it. */
static void
warn_of_silence(struct command_call *c, const char *name, const char *path)
{
	uint64_t count = 1;

	for (uint64_t i = 0; i < count; i++) {
		struct devdb_driver r = {0};
		enum status         st;

		retry(
		    &st, devdb_driver(REG_T0, i, &r, sizeof(r), NULL, &count));
		if (st != RC_OK)
			return;
		if (strncmp(r.device, path, DEVDB_NAME) == 0 &&
		    (r.class == DEVDB_CHAR || r.class == DEVDB_TERMINAL ||
			r.class == DEVDB_INPUT || r.class == DEVDB_DISPLAY))
			term_printf(c->out,
			    "dev: %s is a terminal's; 'dev resume %s' at "
			    "another "
			    "one wakes it\n",
			    name, name);
	}
}

/*
 * It sleeps when what is in flight has ended, which takes no longer than the
 * driver's deadline for a device that does not answer.
 */
static void
suspend(struct command_call *c, const char *name, const char *path)
{
	enum status st;

	warn_of_silence(c, name, path);
	st = devdb_suspend(REG_T0, path, strlen(path));
	if (st != RC_OK) {
		refuse(c, st, name, false);
		return;
	}
	for (unsigned i = 0; i < SUSPEND_LOOKS; i++) {
		if (state_of(c, path) != DEVDB_BOUND)
			return;
		if (!wait_for(SUSPEND_LOOK_NS))
			return;
	}
	term_printf(c->out,
	    "dev: %s is still busy; it sleeps when that has ended\n", name);
}

static void
resume(struct command_call *c, const char *name, const char *path)
{
	enum status st = devdb_resume(REG_T0, path, strlen(path));

	if (st != RC_OK)
		refuse(c, st, name, true);
}

void
cmd_dev(struct command_call *c)
{
	bool sleep = c->argc == 3 && strcmp(c->argv[1], "suspend") == 0;
	bool wake = c->argc == 3 && strcmp(c->argv[1], "resume") == 0;
	bool asks = c->argc == 3 && strcmp(c->argv[1], "why") == 0;
	char path[DEVDB_NAME];

	if (c->argc == 4 && strcmp(c->argv[1], "name") == 0) {
		names_change(c);
		return;
	}
	if ((c->argc > 2 && !asks && !sleep && !wake) ||
	    (c->argc == 2 &&
		(strcmp(c->argv[1], "why") == 0 ||
		    strcmp(c->argv[1], "suspend") == 0 ||
		    strcmp(c->argv[1], "resume") == 0 ||
		    strcmp(c->argv[1], "name") == 0))) {
		command_usage(c);
		return;
	}
	if (c->argc > 1 && !names_path(c, c->argv[c->argc - 1], path))
		return;
	if (!command_fetch(c, SHELL_DEVDB, REG_T0))
		return;
	if (sleep) {
		suspend(c, c->argv[2], path);
	} else if (wake) {
		resume(c, c->argv[2], path);
	} else if (c->argc > 1) {
		why(c, path);
	} else {
		list_devices(c);
		names_list(c);
	}
}

static bool
list_drivers(struct command_call *c)
{
	uint64_t count = 1;

	for (uint64_t i = 0; i < count; i++) {
		struct devdb_driver r = {0};
		char                line[FORMAT_BYTES];
		enum status         st;

		retry(
		    &st, devdb_driver(REG_T0, i, &r, sizeof(r), NULL, &count));
		if (i == 0 && (st == RC_OK || st == RC_NOT_FOUND))
			term_text(c->out, format_driver_head);
		if (st == RC_NOT_FOUND)
			return true;
		if (st != RC_OK) {
			command_failed(c, st);
			return false;
		}
		format_driver(line, &r);
		term_text(c->out, line);
	}
	return true;
}

static const char drv_usage[] =
    "expected: drv, drv history, drv restart DEVICE, drv prefer DRIVER "
    "DEVICE,\n"
    "          drv add NAME, drv remove NAME or drv forget NAME\n";

static void
restart_driver(struct command_call *c, const char *path)
{
	enum status st = devdb_restart(REG_T0, path, strlen(path));

	if (st == RC_NOT_FOUND)
		term_printf(c->out,
		    "drv: no driver has a device '%s'; dev lists them\n",
		    c->argv[2]);
	else if (st == RC_UNSUPPORTED)
		term_printf(c->out,
		    "drv: %s is a bus: its driver cannot be restarted\n",
		    c->argv[2]);
	else
		command_failed(c, st);
}

void
cmd_drv(struct command_call *c)
{
	bool restart = c->argc == 3 && strcmp(c->argv[1], "restart") == 0;
	char path[DEVDB_NAME];

	if (c->argc > 1 && packages_command(c))
		return;
	if (c->argc != 1 && !restart) {
		term_text(c->out, drv_usage);
		return;
	}
	if (restart && !names_path(c, c->argv[2], path))
		return;
	if (!command_fetch(c, SHELL_DEVDB, REG_T0))
		return;
	if (restart)
		restart_driver(c, path);
	else if (list_drivers(c))
		packages_list(c);
}
