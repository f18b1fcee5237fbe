/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/unit/userland/typed.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

#include "userland/lib/history.h"
#include "userland/rt/invoke.h"

struct term         term;
struct command_call call;
char                shown[16384];

static size_t shown_bytes;

/* Words or a string: to a test it is one. */
void
ant_invoke_words(struct message *m)
{
	ant_invoke(m);
}

static void
show(void *arg, const char *text, size_t bytes)
{
	(void)arg;
	CU_ASSERT_FATAL(shown_bytes + bytes < sizeof(shown));
	memcpy(shown + shown_bytes, text, bytes);
	shown_bytes += bytes;
	shown[shown_bytes] = '\0';
}

void
typed_start(void)
{
	term = (struct term){.write = show};
	call = (struct command_call){.out = &term};
	shown_bytes = 0;
	shown[0] = '\0';
}

const char *
typed(const char *line)
{
	char copy[LINE_BYTES];

	snprintf(copy, sizeof(copy), "%s", line);
	shown_bytes = 0;
	shown[0] = '\0';
	command_run(&call, copy);
	term_flush(&term);
	return shown;
}

const char *
run(const char *line)
{
	typed_start();
	return typed(line);
}
