/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which programs there are, and what may be done with each. Pure.
 *
 *        push           run               kill
 *   NONE -----> KEPT ---------> RUNNING --------> KEPT
 *    ^           |                 |                ^
 *    +-----------+                 v      kill      |
 *        forget                 FAULTED ------------+
 *
 * Invariant: no two entries have the same name, but while one replaces
 * the other.
 */
#ifndef USERLAND_PROGRAMS_TABLE_H
#define USERLAND_PROGRAMS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "kernel/abi/status.h"
#include "userland/programs/grant.h"
#include "userland/rt/idl/programs.h"

struct program {
	char                name[PROGRAMS_NAME];
	enum programs_state state;
	uint32_t            bytes, fault;
	uint64_t            address, pc, runs;
	struct grants       given; /* What its constructor is furnished with. */
	uint64_t            timer; /* Its number there; 0: no client. */
};

struct program_table {
	struct program program[PROGRAMS_MOST];
};

/* What is asked for. */
enum program_verb {
	PROGRAM_PUSH,
	PROGRAM_RUN,
	PROGRAM_KILL,
	PROGRAM_FORGET,
};

/* 1 to 15 letters, digits, '-' and '_'. */
bool program_name_ok(const char *name, size_t bytes);

/* The entry of this name, or -1. */
int program_find(const struct program_table *t, const char *name, size_t bytes);

/* An empty entry, or -1. */
int program_free(const struct program_table *t);

/* The index-th of those there are, or -1. */
int program_at(const struct program_table *t, uint64_t index);

uint64_t program_count(const struct program_table *t);

/*
 * May this be done with the program of this name? Gives its entry (-1: there
 * is none, for PROGRAM_PUSH), or in *why what is in the way, for people.
 */
enum status program_may(const struct program_table *t, enum program_verb verb,
    const char *name, size_t bytes, int *entry, const char **why);

/* The keeper of an entry is told of a fault; false: it does not run. */
bool program_fault(struct program_table *t, unsigned entry, uint64_t fault,
    uint64_t address, uint64_t pc);

#endif
