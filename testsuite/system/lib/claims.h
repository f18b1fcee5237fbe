/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a test claims of the answers that the shell gives, and what it does to
 * have something to claim. Each says on standard error what it has found
 * instead, and fails the test; who gets no prompt any more ends it.
 */
#ifndef TESTSUITE_SYSTEM_LIB_CLAIMS_H
#define TESTSUITE_SYSTEM_LIB_CLAIMS_H

#include "testsuite/system/lib/shell.h"

enum { CLAIM_SECONDS = 30 }; /* For what may take a moment. */

/* A machine from power-on to the prompt; the test ends if it does not come. */
struct vm *boots(const struct vm_config *config);

/*
 * The same, with the second serial line at line2_path, where pushes() sends;
 * `config` has no line2 of its own.
 */
struct vm *boots_with_line2(const struct vm_config *config);
const char *line2_path(void);

/* The command's answer matches the regular expression (^ and $ at lines). */
void answers(struct vm *vm, const char *line, const char *expression);

/* The command's answer matches it nowhere. */
void lacks(struct vm *vm, const char *line, const char *expression);

/* The command is repeated until its answer matches, so long, or 30 seconds. */
void comes(struct vm *vm, const char *line, const char *expression);
void comes_within(
    struct vm *vm, const char *line, const char *expression, unsigned seconds);

/*
 * `make push`'s tool sends a file ($B and $W as for work_shell) as a driver's
 * package or as a program; false if the system did not take it. What was said
 * is in $W/said.
 */
bool pushes(const char *kind, const char *name, const char *file);

/* A device that can be unplugged comes into the machine. */
void plugs_in(
    struct vm *vm, const char *driver, const char *id, const char *bus);

/* The guest lets a device go, and QEMU says so. */
void unplugs(struct vm *vm, const char *id);

#endif
