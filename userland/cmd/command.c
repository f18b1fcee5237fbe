/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/cmd/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/abi/node.stub.h"
#include "userland/rt/registers.h"
#include "userland/rt/slot.h"

enum {
	LINE_SHOWN = 79,
	NAME_SHOWN = 32, /* Of a name that is not known. */
	ARGUMENTS_SHOWN =
	    23, /* Longer ones have a line of help to themselves. */
};

const struct command commands[] = {
    {"help", "[NAME]", "this list, or one command of it", cmd_help},
    {"ps", "", "processes, reserves, space banks", cmd_ps},
    {"caps", "NAME | --dot", "all that a process holds; a graph of all", cmd_caps},
    {"irq", "", "interrupt lines and vectors", cmd_irq},
    {"ports", "", "I/O port ranges", cmd_ports},
    {"mmio", "", "device memory windows", cmd_mmio},
    {"dma", "", "what devices can reach in memory", cmd_dma},
    {"dev", "[why | suspend | resume DEVICE, name DEVICE NAME]",
	"devices, names; why one is bound; let it sleep",
	cmd_dev},
    {"drv", "[VERB NAME]", "drivers and packages; drv ? tells the verbs",
	cmd_drv},
    {"disk", "[read DISK[.PART] SECTOR]",
	"disks and partitions; what stands in a sector", cmd_disk},
    {"edu", "N | copy TEXT", "a factorial, or a copy, by QEMU's edu device",
	cmd_edu},
    {"date", "[set SECONDS]", "the battery clock, UTC", cmd_date},
    {"random", "[BYTES]", "random bytes of a device", cmd_random},
    {"mem", "", "memory, and what the kernel has done", cmd_mem},
    {"ckpt", "[now | every SECONDS]", "checkpoints", cmd_ckpt},
    {"gen", "", "generations on the volume", cmd_gen},
    {"count", "[start | stop | reset]", "seconds, counted in the background",
	cmd_count},
    {"fill", "[MIB [ROUNDS] | stop]", "fill memory and verify it", cmd_fill},
    {"demo", "confine | deputy | linux", "show confinement, and more",
	cmd_demo},
    {"note", "[clear]", "edit a note; its text is just memory", cmd_note},
    {"run", "[NAME [with THING...]]", "start a pushed program; or list them",
	cmd_run},
    {"holes", "NAME", "to whom a pushed program could talk", cmd_holes},
    {"kill", "NAME", "end a program that runs; nothing of it stays", cmd_kill},
    {"forget", "NAME", "delete a pushed program", cmd_forget},
    {"log", "", "the console log", cmd_log},
    {"halt", "[now]", "turn off; with now, without a checkpoint", cmd_halt},
    {"reboot", "[now]", "start afresh; with now, without a checkpoint",
	cmd_reboot},
    {NULL, NULL, NULL, NULL},
};

static const struct command *
find(const char *name)
{
	for (const struct command *c = commands; c->name != NULL; c++)
		if (strcmp(c->name, name) == 0)
			return c;
	return NULL;
}

static void
unknown(struct command_call *c)
{
	char     name[NAME_SHOWN + 1];
	unsigned used;

	snprintf(name, sizeof(name), "%s", c->argv[0]);
	term_printf(c->out, "%s: unknown command; expected one of", name);
	used = (unsigned)strlen(name) + 33;
	for (const struct command *k = commands; k->name != NULL; k++) {
		unsigned n = (unsigned)strlen(k->name) + 1;

		if (used + n > LINE_SHOWN) {
			term_text(c->out, "\n   ");
			used = 3;
		}
		term_printf(c->out, " %s", k->name);
		used += n;
	}
	term_text(c->out, "\n");
}

void
command_run(struct command_call *c, char *line)
{
	const struct command *k;
	char                 *state = NULL;
	char                 *word;

	c->argc = 0;
	for (word = strtok_r(line, " \t", &state); word != NULL;
	     word = strtok_r(NULL, " \t", &state)) {
		if (c->argc == COMMAND_WORDS) {
			term_text(c->out, "too many arguments\n");
			return;
		}
		c->argv[c->argc++] = word;
	}
	if (c->argc == 0)
		return;
	k = find(c->argv[0]);
	if (k == NULL)
		unknown(c);
	else
		k->run(c);
}

void
command_usage(struct command_call *c)
{
	const struct command *k = find(c->argv[0]);

	if (k == NULL)
		return;
	if (k->arguments[0] == 0)
		term_printf(
		    c->out, "expected: %s, without an argument\n", k->name);
	else
		term_printf(c->out, "expected: %s %s\n", k->name, k->arguments);
}

bool
command_alone(struct command_call *c)
{
	if (c->argc == 1)
		return true;
	command_usage(c);
	return false;
}

bool
command_number(const char *text, uint64_t limit, uint64_t *value)
{
	char              *end;
	unsigned long long v;

	if (text[0] < '0' || text[0] > '9' || strlen(text) > 19)
		return false;
	v = strtoull(text, &end, 10);
	if (*end != 0 || v > limit)
		return false;
	*value = v;
	return true;
}

bool
command_operand(struct command_call *c, const char *name, const char *text,
    uint64_t least, uint64_t most, uint64_t *value)
{
	if (command_number(text, most, value) && *value >= least)
		return true;
	term_printf(c->out, "%s: %s is a number from %lu to %lu, not '%s'\n",
	    c->argv[0], name, least, most, text);
	return false;
}

bool
command_fetch(struct command_call *c, enum shell_slot slot, capreg to)
{
	enum status st;

	st = node_get(REG_NODE, slot, to);
	command_failed(c, st);
	return st == RC_OK;
}

bool
command_has(enum shell_slot slot, capreg to)
{
	bool present = false;

	return slot_get(REG_NODE, slot, to, &present) == RC_OK && present;
}

void
command_failed(struct command_call *c, enum status st)
{
	if (st != RC_OK)
		term_printf(c->out, "%s: %s\n", c->argv[0], command_status(st));
}

static void
help_line(struct command_call *c, const struct command *k)
{
	if (strlen(k->arguments) <= ARGUMENTS_SHOWN)
		term_printf(c->out, "%-7s%-*s %s\n", k->name, ARGUMENTS_SHOWN,
		    k->arguments, k->about);
	else
		term_printf(c->out, "%-7s%s\n%*s%s\n", k->name, k->arguments,
		    7 + ARGUMENTS_SHOWN + 1, "", k->about);
}

void
cmd_help(struct command_call *c)
{
	const struct command *one = c->argc == 2 ? find(c->argv[1]) : NULL;

	if (c->argc > 2) {
		command_usage(c);
		return;
	}
	if (c->argc == 2 && one == NULL) {
		term_printf(c->out, "help: no command '%s'; help lists them\n",
		    c->argv[1]);
		return;
	}
	for (const struct command *k = commands; k->name != NULL; k++)
		if (one == NULL || k == one)
			help_line(c, k);
}
