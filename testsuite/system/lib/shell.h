/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Anteros's shell on the first serial line, and what QEMU counts of the disk
 * beneath it.
 */
#ifndef TESTSUITE_SYSTEM_LIB_SHELL_H
#define TESTSUITE_SYSTEM_LIB_SHELL_H

#include <stdint.h>

#include "testsuite/system/lib/vm.h"

enum {
	SHELL_BOOT_SECONDS = 120, /* From power-on to the prompt. */
	SHELL_SECONDS = 30,      /* For a command. */
};

/* Waits for the prompt of the persistent shell, on a first boot or later. */
bool shell_ready(struct vm *vm);

/* The same, when the store has opened the volume already. */
bool shell_prompts(struct vm *vm);

/* Starts a machine and waits for that; NULL if it does not come. */
struct vm *shell_boot(const struct vm_config *config);

/* Drops what is typed (^E^U), and waits for the empty line. */
bool shell_clear(struct vm *vm);

/*
 * Types a line and waits for the next prompt. What stood between, without the
 * echo, is the caller's; NULL when the prompt does not come.
 */
char *shell_run(struct vm *vm, const char *line);

/* The same, and the first number after `word` in the answer; -1 if none. */
long long shell_number(struct vm *vm, const char *line, const char *word);

/*
 * Repeats a command until its answer matches the regular expression, and
 * returns that answer; NULL at the deadline.
 */
char *shell_until(
    struct vm *vm, const char *line, const char *expression, unsigned seconds);

/*
 * Whether the text matches the regular expression (^ and $ at lines): the first
 * says on standard error if it does not.
 */
bool text_matches(const char *text, const char *expression);
bool text_has(const char *text, const char *expression);

/* Completed requests of the disk that is read most, by query-blockstats. */
struct disk_stats {
	uint64_t reads, writes, flushes;
	/* Writes and flushes as a node below the device saw them. */
	uint64_t position;
};

bool disk_stats(struct vm *vm, struct disk_stats *s);

/* Waits until this many flushes have completed since `from`. */
bool disk_flushes(struct vm *vm, const struct disk_stats *from, uint64_t count,
    unsigned seconds);

/* A schedule's commit that began after now has ended: a commit has two. */
bool disk_commits(struct vm *vm, unsigned seconds);

#endif
