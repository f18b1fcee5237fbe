/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ckpt, gen, halt, reboot: the store's administration.
 *
 * A shell that waits in one of these when the machine is cut off is part of
 * the very generation it asked for, and comes back with RC_RESTARTED: what
 * was asked has been done, and must not be done again.
 */
#include <string.h>

#include "kernel/abi/reset.stub.h"
#include "uldrv/class/devdb.stub.h"
#include "userland/cmd/command.h"
#include "userland/cmd/format.h"
#include "userland/rt/idl/store.stub.h"
#include "userland/rt/registers.h"
#include "userland/rt/retry.h"
#include "userland/rt/wait.h"

enum {
	SECONDS_MOST = 86400,
};

/* So soon a machine that can turn itself off is off. */
static const uint64_t off_ns = 5000000000;

static void
print_schedule(struct command_call *c, const char *head, uint64_t ms)
{
	term_text(c->out, head);
	if (ms > 0)
		term_printf(c->out, "%lu ms after a change\n", ms);
	else
		term_text(c->out, "only when asked\n");
}

static void
print_status(struct command_call *c)
{
	static const char *const states[] = {
	    [STORE_SEARCHING] = "no volume found yet",
	    [STORE_OPEN] = "open",
	    [STORE_COMMITTING] = "committing",
	    [STORE_HALTED] = "halted",
	    [STORE_NO_VOLUME] = "no volume",
	};
	struct store_status s = {0};
	char                remark[sizeof(s.remark) + 1];
	enum status         st;

	retry(&st, store_status(REG_T0, &s, sizeof(s), NULL));
	if (st != RC_OK) {
		command_failed(c, st);
		return;
	}
	format_text(remark, sizeof(remark), s.remark, sizeof(s.remark));
	term_printf(c->out,
	    "state        %s%s%s\n"
	    "generation   %lu, %lu checkpoints since boot, the last in %lu "
	    "us\n",
	    s.state <= STORE_NO_VOLUME ? states[s.state] : "?",
	    remark[0] != 0 ? ": " : "", remark, s.generation, s.checkpoints,
	    s.last_ns / 1000);
	print_schedule(c, "schedule     ", s.schedule_ms);
	term_printf(c->out,
	    "blocks       %lu: %lu free, %lu live\n"
	    "credits      %lu of %lu used\n"
	    "paging       %lu in, %lu out, %lu errors\n",
	    s.blocks, s.free, s.live, s.credits_used, s.credits, s.pages_in,
	    s.pages_out, s.errors);
}

static void
checkpoint_now(struct command_call *c)
{
	uint64_t    generation = 0;
	enum status st;

	st = store_checkpoint(REG_T0, &generation);
	if (st == RC_RESTARTED)
		term_text(c->out, "checkpoint taken before the restart\n");
	else if (st != RC_OK)
		command_failed(c, st);
	else
		term_printf(c->out, "generation %lu\n", generation);
}

static void
checkpoint_every(struct command_call *c)
{
	uint64_t    seconds, former = 0;
	enum status st;

	if (!command_number(c->argv[2], SECONDS_MOST, &seconds)) {
		term_printf(c->out, "expected: ckpt every SECONDS, 0 to %d\n",
		    SECONDS_MOST);
		return;
	}
	retry(&st, store_schedule(REG_T0, seconds * 1000, &former));
	if (st != RC_OK)
		command_failed(c, st);
	else {
		print_schedule(c, "schedule     ", seconds * 1000);
		print_schedule(c, "before       ", former);
	}
}

void
cmd_ckpt(struct command_call *c)
{
	bool now = c->argc == 2 && strcmp(c->argv[1], "now") == 0;
	bool every = c->argc == 3 && strcmp(c->argv[1], "every") == 0;

	if (c->argc != 1 && !now && !every) {
		command_usage(c);
		return;
	}
	if (!command_fetch(c, SHELL_STORE, REG_T0))
		return;
	if (now)
		checkpoint_now(c);
	else if (every)
		checkpoint_every(c);
	else
		print_status(c);
}

void
cmd_gen(struct command_call *c)
{
	uint64_t count = 1;

	if (!command_alone(c) || !command_fetch(c, SHELL_STORE, REG_T0))
		return;
	for (uint64_t i = 0; i < count; i++) {
		struct store_generation r = {0};
		char                    line[FORMAT_BYTES];
		enum status             st;

		retry(&st,
		    store_generation(REG_T0, i, &r, sizeof(r), NULL, &count));
		if (i == 0 && (st == RC_OK || st == RC_NOT_FOUND))
			term_text(c->out, format_generation_head);
		if (st == RC_NOT_FOUND)
			return;
		if (st != RC_OK) {
			command_failed(c, st);
			return;
		}
		format_generation(line, &r);
		term_text(c->out, line);
	}
}

/* Is there a store that has a volume open? */
static bool
volume_open(void)
{
	struct store_status s = {0};
	enum status         st;

	retry(&st, store_status(REG_T1, &s, sizeof(s), NULL));
	return st == RC_OK && s.state != STORE_SEARCHING &&
	    s.state != STORE_NO_VOLUME;
}

/* The last checkpoint. True: go on and stop the machine. */
static bool
stop_store(struct command_call *c)
{
	uint64_t    generation = 0;
	enum status st;

	if (c->argc == 2)
		return true;
	if (!command_fetch(c, SHELL_STORE, REG_T1))
		return false;
	st = store_halt(REG_T1, &generation);
	if (st == RC_VOID || (st == RC_STATE && !volume_open()))
		return true; /* A system without a volume keeps nothing. */
	if (st == RC_RESTARTED)
		return false;
	if (st != RC_OK) {
		command_failed(c, st);
		term_printf(c->out,
		    "nothing was turned off; '%s now' does it without a "
		    "checkpoint\n",
		    c->argv[0]);
		return false;
	}
	term_printf(c->out, "generation %lu is on the volume\n", generation);
	term_flush(c->out);
	return true;
}

static bool
now_or_nothing(struct command_call *c)
{
	if (c->argc == 1 || (c->argc == 2 && strcmp(c->argv[1], "now") == 0))
		return true;
	command_usage(c);
	return false;
}

void
cmd_halt(struct command_call *c)
{
	if (!now_or_nothing(c) || !command_fetch(c, SHELL_DEVDB, REG_T0) ||
	    !stop_store(c))
		return;
	/* RC_OK says that the platform's driver has been told. */
	if (devdb_power_off(REG_T0) == RC_OK && !wait_for(off_ns))
		return;
	term_text(c->out, "the machine cannot turn itself off: do it now\n");
}

void
cmd_reboot(struct command_call *c)
{
	if (!now_or_nothing(c) || !command_fetch(c, SHELL_RESET, REG_T0) ||
	    !stop_store(c))
		return;
	command_failed(c, reset_reset(REG_T0));
}
