/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/system/programs/chapter.h"

#include <stdlib.h>
#include <string.h>

enum { SECONDS = 30 };

static const char system_comment[] = "<!-- system -->";
static const char host_comment[] = "<!-- host -->";
static const char system_prompt[] = "anteros> ", host_prompt[] = "$ ";

/* Within a block: its prompt. A step goes up to the next prompt. */
static const char *prompt;

static bool
begins(const char *line, const char *with)
{
	return with != NULL && strncmp(line, with, strlen(with)) == 0;
}

/* To the next command, over whatever is between; false: there is none. */
static bool
to_command(FILE *chapter, char *line)
{
	const char *next = NULL;

	while (fgets(line, CHAPTER_LINE, chapter) != NULL) {
		if (begins(line, system_comment))
			next = system_prompt;
		else if (begins(line, host_comment))
			next = host_prompt;
		else if (begins(line, "```"))
			prompt = prompt == NULL ? next : NULL;
		else if (begins(line, prompt))
			return true;
		if (begins(line, "```") && prompt == NULL)
			next = NULL;
	}
	return false;
}

bool
chapter_next(FILE *chapter, struct chapter_step *s)
{
	char   line[CHAPTER_LINE];
	size_t used = 0;
	long   here;

	if (!to_command(chapter, line))
		return false;
	line[strcspn(line, "\n")] = '\0';
	strcpy(s->command, line + strlen(prompt));
	s->on_host = prompt == host_prompt;
	s->wanted[0] = '\0';
	for (here = ftell(chapter);
	     fgets(line, sizeof(line), chapter) != NULL &&
	     !begins(line, prompt) && !begins(line, "```");
	     here = ftell(chapter)) {
		if (used + strlen(line) >= sizeof(s->wanted))
			return false;
		strcpy(s->wanted + used, line);
		used += strlen(line);
	}
	return fseek(chapter, here, SEEK_SET) == 0;
}

/* The next line, without its end; NULL: there is none. */
static char *
next_line(char **at)
{
	char *line = *at, *end;

	if (line == NULL || *line == '\0')
		return NULL;
	end = strchr(line, '\n');
	*at = end == NULL ? NULL : end + 1;
	line[strcspn(line, "\r\n")] = '\0';
	return line;
}

/* The bytes that are wanted of a line; *all: there may be no more. */
static size_t
wanted_bytes(const char *want, bool *all)
{
	size_t n = strlen(want);

	*all = n < 4 || strcmp(want + n - 4, " ...") != 0;
	return *all ? n : n - 4;
}

static bool
is_line(const char *want, const char *line)
{
	bool   all;
	size_t n = wanted_bytes(want, &all);

	return all ? strcmp(line, want) == 0 : strncmp(line, want, n) == 0;
}

bool
chapter_answer(const char *wanted, const char *answer)
{
	char *want = strdup(wanted), *have = strdup(answer);
	char *want_at = want, *have_at = have, *w, *h;
	bool  all = true;

	while (all && (w = next_line(&want_at)) != NULL) {
		if (strcmp(w, "...") == 0)
			continue;
		do
			h = next_line(&have_at);
		while (h != NULL && !is_line(w, h));
		all = h != NULL;
	}
	free(want);
	free(have);
	return all;
}

/* The last line that is wanted, as a regular expression. */
static void
last_expression(const char *wanted, char *out)
{
	char  *copy = strdup(wanted), *at = copy, *w;
	size_t n, used;
	bool   all;

	out[0] = '\0';
	while ((w = next_line(&at)) != NULL) {
		if (strcmp(w, "...") == 0)
			continue;
		n = wanted_bytes(w, &all);
		used = 0;
		out[used++] = '^';
		for (size_t i = 0; i < n; i++) {
			if (strchr(".[]()*+?{}|^$\\", w[i]) != NULL)
				out[used++] = '\\';
			out[used++] = w[i];
		}
		strcpy(out + used, all ? "\r?$" : "");
	}
	free(copy);
}

bool
chapter_type(struct vm *vm, const struct chapter_step *s)
{
	char  expression[2 * CHAPTER_LINE + 8];
	char *answer;
	bool  good;

	last_expression(s->wanted, expression);
	answer = strcmp(s->command, "log") == 0 || strcmp(s->command, "run") == 0
	    ? shell_until(vm, s->command, expression, SECONDS)
	    : shell_run(vm, s->command);
	if (answer == NULL)
		return false;
	good = chapter_answer(s->wanted, answer);
	if (!good)
		fprintf(stderr, "%s: expected:\n%s\nanswered:\n%s\n",
		    s->command, s->wanted, answer);
	free(answer);
	return good;
}
