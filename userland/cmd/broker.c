/* SPDX-License-Identifier: BSD-2-Clause */
/* edu, date, random: orders to small devices. */
#include <string.h>

#include "uldrv/class/devdb.stub.h"
#include "userland/cmd/command.h"
#include "userland/cmd/format.h"
#include "userland/rt/idl/broker.stub.h"
#include "userland/rt/registers.h"
#include "userland/rt/retry.h"

enum {
	COPY_MOST = 512,
	RANDOM_MOST = 64, /* On a screen. */
	RANDOM_USUAL = 16,
	IN_A_LINE = 16,
};

/* What keeps an order from being done, where a status says too little. */
static void
failed(struct command_call *c, enum status st, const char *what)
{
	if (st == RC_NOT_FOUND)
		term_printf(c->out,
		    "%s: no driver of %s is up; dev and drv show what is\n",
		    c->argv[0], what);
	else
		command_failed(c, st);
}

/*
 * The broker's link is to the first driver of a class. Orders for one that is
 * suspended wait until it is not, and so would the shell that is to resume it.
 */
static bool
awake(struct command_call *c, unsigned class)
{
	uint64_t count = 1;

	if (!command_fetch(c, SHELL_DEVDB, REG_T0))
		return false;
	for (uint64_t i = 0; i < count; i++) {
		struct devdb_driver r = {0};
		char                name[DEVDB_NAME + 1];
		enum status         st;

		retry(
		    &st, devdb_driver(REG_T0, i, &r, sizeof(r), NULL, &count));
		if (st != RC_OK)
			return true; /* Who is asked next will say it. */
		if (r.class != class)
			continue;
		if (r.run != DEVDB_RUN_SUSPENDED)
			return true;
		format_label(name, sizeof(name), r.device, sizeof(r.device));
		term_printf(c->out,
		    "%s: %s is suspended; 'dev resume %s' wakes it\n",
		    c->argv[0], name, name);
		return false;
	}
	return true;
}

static void
copy(struct command_call *c)
{
	char        text[COPY_MOST + 1];
	size_t      n = 0;
	enum status st;

	retry(&st,
	    broker_copy(REG_T0, 0, c->argv[2], strlen(c->argv[2]), text,
		COPY_MOST, &n));
	if (st != RC_OK) {
		failed(c, st, "an edu device");
		return;
	}
	text[n] = 0;
	term_printf(c->out, "%s\n", text);
}

void
cmd_edu(struct command_call *c)
{
	bool        copies = c->argc == 3 && strcmp(c->argv[1], "copy") == 0;
	uint64_t    n = 0, value = 0;
	enum status st;

	if (!copies &&
	    (c->argc != 2 || !command_number(c->argv[1], UINT32_MAX, &n))) {
		command_usage(c);
		return;
	}
	if (!awake(c, DEVDB_TEST) || !command_fetch(c, SHELL_BROKER, REG_T0))
		return;
	if (copies) {
		copy(c);
		return;
	}
	retry(&st, broker_factorial(REG_T0, 0, n, &value));
	if (st == RC_ARGUMENT)
		term_text(c->out, "edu: N is at most 12: 13! has 33 bits\n");
	else if (st != RC_OK)
		failed(c, st, "an edu device");
	else
		term_printf(c->out, "%lu! = %lu\n", n, value);
}

void
cmd_date(struct command_call *c)
{
	bool        set = c->argc == 3 && strcmp(c->argv[1], "set") == 0;
	char        text[32];
	uint64_t    seconds = 0;
	enum status st = RC_OK;

	if (c->argc != 1 && !set) {
		command_usage(c);
		return;
	}
	if (set &&
	    !command_operand(c, "SECONDS", c->argv[2], 0, UINT32_MAX, &seconds))
		return;
	if (!awake(c, DEVDB_CLOCK) || !command_fetch(c, SHELL_BROKER, REG_T0))
		return;
	if (set)
		st = broker_set_time(REG_T0, seconds);
	if (st == RC_OK)
		retry(&st, broker_time(REG_T0, &seconds));
	if (st == RC_ARGUMENT)
		term_text(c->out,
		    "date: the clock knows the years 2000 to 2099 only\n");
	else if (st == RC_STATE)
		term_text(c->out,
		    "date: the clock has lost the time; date set SECONDS\n");
	else if (st != RC_OK)
		failed(c, st, "a clock");
	else {
		format_wall(text, seconds * 1000000000);
		term_printf(c->out, "%s\n", text);
	}
}

void
cmd_random(struct command_call *c)
{
	uint8_t     bytes[RANDOM_MOST];
	uint64_t    n = RANDOM_USUAL;
	size_t      got = 0;
	enum status st;

	if (c->argc > 2) {
		command_usage(c);
		return;
	}
	if (c->argc == 2 &&
	    !command_operand(c, "BYTES", c->argv[1], 1, RANDOM_MOST, &n))
		return;
	if (!awake(c, DEVDB_ENTROPY) || !command_fetch(c, SHELL_BROKER, REG_T0))
		return;
	retry(&st, broker_random(REG_T0, n, bytes, n, &got));
	if (st != RC_OK) {
		failed(c, st, "a source of entropy");
		return;
	}
	for (size_t i = 0; i < got; i++)
		term_printf(c->out, "%02x%s", bytes[i],
		    i + 1 == got || i % IN_A_LINE == IN_A_LINE - 1 ? "\n"
								   : " ");
}
