/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The shell's commands. One file each; a command prints its answer, and one
 * line saying what was expected if its arguments are wrong.
 *
 * What a command needs it takes from the shell's node, by the slots below,
 * into the scratch registers. A slot may be void: the command says so.
 */
#ifndef USERLAND_CMD_COMMAND_H
#define USERLAND_CMD_COMMAND_H

#include "userland/rt/invoke.h"
#include "userland/lib/term.h"

/* The node in REG_NODE of a shell. */
enum shell_slot {
	SHELL_CONSOLE,
	SHELL_KINFO,
	SHELL_IRQ_SPACE,
	SHELL_PORT_SPACE,
	SHELL_MMIO_SPACE,
	SHELL_DMA_SPACES,
	SHELL_RESET,
	SHELL_DEVDB,
	SHELL_STORE,
	SHELL_COUNT,
	SHELL_FILL,
	SHELL_BROKER,
	SHELL_CATALOGUE,
	SHELL_DEMO,
	SHELL_SERVICES, /* A node: constructors, pipes and others. */
	SHELL_PROGRAMS,
	SHELL_DISKS,
	SHELL_SLOT_COUNT,
};

struct note;

enum {
	COMMAND_WORDS = 12, /* The command and its arguments. */
};

/* What a command gets. */
struct command_call {
	struct term *out;
	unsigned     argc; /* With the command itself. */
	char        *argv[COMMAND_WORDS];
	bool         note_mode; /* Set by `note`: lines go to the note next. */
	struct note *note;
};

struct command {
	const char *name;
	const char *arguments; /* As help shows them. */
	const char *about;
	void (*run)(struct command_call *c);
};

/* All commands, ended by one without a name. */
extern const struct command commands[];

/* Take a line apart and run it. The line is changed. */
void command_run(struct command_call *c, char *line);

/*
 * Get a capability of the shell into a register; otherwise say on the
 * terminal that there is none.
 */
bool command_fetch(struct command_call *c, enum shell_slot slot, capreg to);

/* The same without a word: false if there is none. */
bool command_has(enum shell_slot slot, capreg to);

/* `name: ` and what is wrong. Says nothing if st is RC_OK. */
void command_failed(struct command_call *c, enum status st);

/* `expected: name arguments`. */
void command_usage(struct command_call *c);

/* True if the command has no argument; otherwise says so. */
bool command_alone(struct command_call *c);

/* A decimal number up to a limit. */
bool command_number(const char *text, uint64_t limit, uint64_t *value);

/*
 * The same for an argument that has a name and limits; if it is no such number,
 * says so on the terminal.
 */
bool command_operand(struct command_call *c, const char *name, const char *text,
    uint64_t least, uint64_t most, uint64_t *value);

/* What a status means, in words. */
const char *command_status(enum status st);

void cmd_help(struct command_call *c);
void cmd_ps(struct command_call *c);
void cmd_caps(struct command_call *c);
void cmd_irq(struct command_call *c);
void cmd_ports(struct command_call *c);
void cmd_mmio(struct command_call *c);
void cmd_dma(struct command_call *c);
void cmd_dev(struct command_call *c);
void cmd_drv(struct command_call *c);
void cmd_mem(struct command_call *c);
void cmd_ckpt(struct command_call *c);
void cmd_gen(struct command_call *c);
void cmd_count(struct command_call *c);
void cmd_fill(struct command_call *c);
void cmd_demo(struct command_call *c);
void cmd_note(struct command_call *c);
void cmd_run(struct command_call *c);
void cmd_holes(struct command_call *c);
void cmd_kill(struct command_call *c);
void cmd_forget(struct command_call *c);
void cmd_edu(struct command_call *c);
void cmd_date(struct command_call *c);
void cmd_disk(struct command_call *c);
void cmd_random(struct command_call *c);
void cmd_log(struct command_call *c);
void cmd_halt(struct command_call *c);
void cmd_reboot(struct command_call *c);

#endif
