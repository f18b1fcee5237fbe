/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A terminal that keeps what is shown on it, for tests that type commands. The
 * test answers what they ask of others: it has an `ant_invoke` of its own.
 */
#ifndef TESTSUITE_UNIT_USERLAND_TYPED_H
#define TESTSUITE_UNIT_USERLAND_TYPED_H

#include "userland/cmd/command.h"

extern struct term         term;
extern struct command_call call;
extern char                shown[16384]; /* By the last line. */

/* Forgets the terminal, what it shows and the call. */
void typed_start(void);

/* Runs a line of this call; gives what was shown. */
const char *typed(const char *line);

/* The same in a call of its own. */
const char *run(const char *line);

#endif
