/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Does what manual/domain-tutorial.md tells its reader to do. The blocks
 * behind the comments `system` and `host` are taken in their order.
 */
#ifndef TESTSUITE_SYSTEM_PROGRAMS_CHAPTER_H
#define TESTSUITE_SYSTEM_PROGRAMS_CHAPTER_H

#include <stdbool.h>
#include <stdio.h>

#include "testsuite/system/lib/shell.h"

enum { CHAPTER_LINE = 512, CHAPTER_WANTED = 4096 };

/* One thing to do. */
struct chapter_step {
	char command[CHAPTER_LINE];
	char wanted[CHAPTER_WANTED]; /* What is answered, line by line. */
	bool on_host;
};

/* The next one; false: the chapter has no more. */
bool chapter_next(FILE *chapter, struct chapter_step *s);

/*
 * Are the wanted lines there, in their order? `...` stands for any lines, and
 * at the end of one for the rest of it.
 */
bool chapter_answer(const char *wanted, const char *answer);

/* Types a step that is not the host's; what only looks, until it has come. */
bool chapter_type(struct vm *vm, const struct chapter_step *s);

#endif
