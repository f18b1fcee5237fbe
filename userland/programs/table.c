/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/programs/table.h"

#include <string.h>

static bool
letter_ok(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool
program_name_ok(const char *name, size_t bytes)
{
	if (bytes == 0 || bytes >= PROGRAMS_NAME)
		return false;
	for (size_t i = 0; i < bytes; i++)
		if (!letter_ok(name[i]))
			return false;
	return true;
}

int
program_find(const struct program_table *t, const char *name, size_t bytes)
{
	if (!program_name_ok(name, bytes))
		return -1;
	for (int i = 0; i < PROGRAMS_MOST; i++) {
		const struct program *p = &t->program[i];

		if (p->state != PROGRAMS_NONE && strlen(p->name) == bytes &&
		    memcmp(p->name, name, bytes) == 0)
			return i;
	}
	return -1;
}

int
program_free(const struct program_table *t)
{
	for (int i = 0; i < PROGRAMS_MOST; i++)
		if (t->program[i].state == PROGRAMS_NONE)
			return i;
	return -1;
}

int
program_at(const struct program_table *t, uint64_t index)
{
	for (int i = 0; i < PROGRAMS_MOST; i++)
		if (t->program[i].state != PROGRAMS_NONE && index-- == 0)
			return i;
	return -1;
}

uint64_t
program_count(const struct program_table *t)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < PROGRAMS_MOST; i++)
		n += t->program[i].state != PROGRAMS_NONE;
	return n;
}

static enum status
refuse(enum status st, const char **why, const char *text)
{
	*why = text;
	return st;
}

enum status
program_may(const struct program_table *t, enum program_verb verb,
    const char *name, size_t bytes, int *entry, const char **why)
{
	enum programs_state state = PROGRAMS_NONE;

	*entry = program_find(t, name, bytes);
	if (*entry >= 0)
		state = t->program[*entry].state;
	if (!program_name_ok(name, bytes))
		return refuse(RC_ARGUMENT, why,
		    "a name has 1 to 15 letters, digits, '-' or '_'");
	if (verb == PROGRAM_PUSH && program_free(t) < 0)
		return refuse(RC_LIMIT, why,
		    "no more programs can be kept; 'forget' one");
	if (verb != PROGRAM_PUSH && state == PROGRAMS_NONE)
		return refuse(RC_NOT_FOUND, why,
		    verb == PROGRAM_KILL
			? "no such program runs; 'run' lists them, 'drv' the "
			  "drivers"
			: "there is no such program; 'run' lists them");
	if (verb == PROGRAM_KILL && state == PROGRAMS_KEPT)
		return refuse(RC_STATE, why, "it does not run");
	if (verb != PROGRAM_KILL && state == PROGRAMS_RUNNING)
		return refuse(RC_STATE, why, "it runs; 'kill' it first");
	if (verb != PROGRAM_KILL && state == PROGRAMS_FAULTED)
		return refuse(RC_STATE, why, "it has faulted; 'kill' it first");
	return RC_OK;
}

bool
program_fault(struct program_table *t, unsigned entry, uint64_t fault,
    uint64_t address, uint64_t pc)
{
	struct program *p;

	if (entry >= PROGRAMS_MOST ||
	    t->program[entry].state != PROGRAMS_RUNNING)
		return false;
	p = &t->program[entry];
	p->state = PROGRAMS_FAULTED;
	p->fault = (uint32_t)fault;
	p->address = address;
	p->pc = pc;
	return true;
}
