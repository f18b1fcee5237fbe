/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/system/lib/shell.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "testsuite/system/lib/internal.h"

/* As the line editor draws it: the line's end is cleared behind it. */
static const char prompt[] = "anteros> \x1b[K";

enum {
	COMMIT_FLUSHES = 4, /* One under way, and the whole next one. */
};

bool
shell_prompts(struct vm *vm)
{
	/*
	 * One that was busy when the power went prompts first, and learns only
	 * when it reads that the console is a new one; then it draws again.
	 */
	return vm_expect_re(vm,
		   "^(restarted from generation [0-9]+, .*|Anteros; help lists "
		   "the commands)$",
		   SHELL_BOOT_SECONDS) &&
	    vm_expect(vm, "anteros> ", SHELL_BOOT_SECONDS);
}

bool
shell_ready(struct vm *vm)
{
	/*
	 * The boot range's shell could prompt as well, before that. It does when
	 * the volume takes long: then it has the line, without the log, until
	 * the persistent shell comes.
	 */
	return vm_expect_re(vm,
		   "store: opened at generation |^no volume is open: |"
		   "^the volume is open, but ",
		   SHELL_BOOT_SECONDS) &&
	    (strncmp(vm_match(vm, 0), "store", 5) == 0 ||
		shell_prompts(vm)) &&
	    shell_prompts(vm);
}

struct vm *
shell_boot(const struct vm_config *config)
{
	struct vm *vm = vm_start(config);

	if (vm != NULL && !shell_ready(vm)) {
		vm_free(vm);
		return NULL;
	}
	return vm;
}

bool
shell_clear(struct vm *vm)
{
	/* A letter, so that there is something to drop and to draw. */
	return vm_send(vm, "\x05x\x15") && vm_expect(vm, prompt, SHELL_SECONDS);
}

char *
shell_run(struct vm *vm, const char *line)
{
	const char *answer, *end;

	if (!vm_send(vm, line) || !vm_send(vm, "\r") ||
	    !vm_expect(vm, line, SHELL_SECONDS) ||
	    !vm_expect(vm, prompt, SHELL_SECONDS))
		return NULL;
	answer = vm_before(vm);
	end = strchr(answer, '\n');
	return strdup(end != NULL ? end + 1 : answer);
}

long long
shell_number(struct vm *vm, const char *line, const char *word)
{
	char       *answer = shell_run(vm, line);
	const char *at = answer != NULL ? strstr(answer, word) : NULL;
	long long   value = -1;

	if (at != NULL) {
		at += strlen(word);
		at += strcspn(at, "0123456789");
		if (*at != '\0')
			value = strtoll(at, NULL, 10);
	}
	free(answer);
	return value;
}

bool
text_has(const char *text, const char *expression)
{
	regex_t re;
	bool    found;

	if (regcomp(&re, expression, REG_EXTENDED | REG_NEWLINE | REG_NOSUB)) {
		fprintf(stderr, "not a regular expression: %s\n", expression);
		return false;
	}
	found = regexec(&re, text, 0, NULL, 0) == 0;
	regfree(&re);
	return found;
}

bool
text_matches(const char *text, const char *expression)
{
	bool found = text_has(text, expression);

	if (!found)
		fprintf(
		    stderr, "no match for: %s\nin:\n%s\n", expression, text);
	return found;
}

char *
shell_until(
    struct vm *vm, const char *line, const char *expression, unsigned seconds)
{
	long long deadline = vm_deadline(seconds);
	char     *answer;

	do {
		answer = shell_run(vm, line);
		if (answer == NULL)
			return NULL;
		if (text_has(answer, expression))
			return answer;
		free(answer);
	} while (vm_look_again(vm, deadline));
	vm_unmet(vm, 0, "never answered as expected", expression);
	return NULL;
}

static uint64_t
member(const json_t *stats, const char *name)
{
	return (uint64_t)json_integer_value(json_object_get(stats, name));
}

/* The machine may have other drives, say an empty one for compact discs. */
bool
disk_stats(struct vm *vm, struct disk_stats *s)
{
	json_t *all = vm_qmp(vm, "query-blockstats", NULL), *disk, *stats;
	size_t  i;

	*s = (struct disk_stats){.reads = 0};
	json_array_foreach(all, i, disk)
	{
		stats = json_object_get(disk, "stats");
		if (stats == NULL || member(stats, "rd_operations") <= s->reads)
			continue;
		s->reads = member(stats, "rd_operations");
		s->writes = member(stats, "wr_operations");
		s->flushes = member(stats, "flush_operations");
		s->position = s->writes - member(stats, "wr_merged") +
		    s->flushes;
	}
	json_decref(all);
	return s->reads > 0;
}

bool
disk_flushes(struct vm *vm, const struct disk_stats *from, uint64_t count,
    unsigned seconds)
{
	long long         deadline = vm_deadline(seconds);
	struct disk_stats now;

	do {
		if (!disk_stats(vm, &now))
			return false;
		if (now.flushes >= from->flushes + count)
			return true;
	} while (vm_look_again(vm, deadline));
	vm_complain(vm, 0, "expected", "more flushes of the disk");
	return false;
}

bool
disk_commits(struct vm *vm, unsigned seconds)
{
	struct disk_stats now;

	return disk_stats(vm, &now) &&
	    disk_flushes(vm, &now, COMMIT_FLUSHES, seconds);
}
