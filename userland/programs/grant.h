/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program may be given when it is run, and reading that from what was
 * typed. Pure.
 *
 * Each thing has a name. Log, clock and discrim have their registers
 * (userland/rt/registers.h); all else comes into those of a domain's own,
 * 8 to 11, in the order in which it was asked for.
 * What a program has of its own another one can be given by `directory=NAME`,
 * `collection=NAME` or `pipe=NAME`: the first two to look at, and the reading
 * end.
 */
#ifndef USERLAND_PROGRAMS_GRANT_H
#define USERLAND_PROGRAMS_GRANT_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/abi/status.h"
#include "kernel/abi/types.h"
#include "userland/rt/idl/programs.h"

/* "Of its own": made once for the program, and kept over its runs. */
enum grant {
	GRANT_NONE,
	GRANT_LOG,
	GRANT_CLOCK,
	GRANT_DISCRIM,
	GRANT_TIMER,
	GRANT_RANDOM, /* The broker, but for its random bytes only. */
	GRANT_CONSTRUCTORS,
	GRANT_DIRECTORIES,
	GRANT_COLLECTIONS,
	GRANT_PIPES,
	GRANT_DIRECTORY,    /* One of its own. */
	GRANT_COLLECTION,   /* The same. */
	GRANT_PIPE,         /* The writing end of one. */
	GRANT_DIRECTORY_OF, /* Another program's, to look at. */
	GRANT_COLLECTION_OF,
	GRANT_PIPE_OF, /* The reading end of another program's. */
	GRANTS,
};

enum {
	GRANT_OWNERS = 4,    /* Registers of a domain's own. */
	GRANT_FRAMES = 1024, /* What it may use, if nothing is said. */
	GRANT_FRAMES_MOST = 1 << 18,
};

struct grants {
	uint32_t frames;            /* The limit of the bank of a run. */
	uint8_t  at[CAP_REGISTERS]; /* enum grant, by register. */
	char     of[GRANT_OWNERS][PROGRAMS_NAME]; /* Whose, of 8 to 11. */
};

/* Log and clock. */
void grants_default(struct grants *g);

/*
 * Read words that are separated by blanks: names, and `frames=N`; or `nothing`
 * in place of names. Without any name it is the default. If not RC_OK, *g is as
 * it was, and in `why` stands what is wrong, for people.
 */
enum status grants_read(struct grants *g, const char *words, size_t bytes,
    char *why, size_t why_bytes) must_check;

/* Do both give the same, whatever the frames? */
bool grants_same(const struct grants *a, const struct grants *b);

/* Whose the thing in a register is; "": nobody's, or the program's own. */
const char *grants_owner(const struct grants *g, unsigned at);

/* Is something of another program's among it? */
bool grants_of_others(const struct grants *g);

/* What is given, and where: "log in 1, clock in 3", or "nothing". */
void grants_say(const struct grants *g, char *text, size_t text_bytes);

#endif
