/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/harness/compare.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

enum { REASONS = 64, ABOUT = 6 };

struct side {
	const char         *name;
	const struct trace *t;
	size_t              at;
};

/* What every back end has in its own way, or only one of them knows. */
static bool
counts(const char *line)
{
	return strncmp(line, "given ", 6) != 0 &&
	    strncmp(line, "mem ", 4) != 0 && strncmp(line, "put ", 4) != 0;
}

static const char *
line_at(const struct side *s, size_t i)
{
	return i < s->t->count ? s->t->line[i] : NULL;
}

static size_t
after(const struct side *s, size_t i)
{
	do
		i++;
	while (i < s->t->count && !counts(s->t->line[i]));
	return i;
}

/* The same register read again: a device may take its time. */
static bool
same_read(const char *a, const char *b)
{
	size_t n;

	if (a == NULL || b == NULL || *a != 'r')
		return false;
	n = strcspn(a, "=");
	return strncmp(a, b, n) == 0 && b[n] == '=';
}

/*
 * Skips reads of s that its driver did while it waited for what the other
 * trace has; false if that does not lead to the other's line.
 */
static bool
skip_polls(struct side *s, const char *other)
{
	const char *here = line_at(s, s->at);
	size_t      i = s->at;

	while (same_read(here, line_at(s, i))) {
		if (other != NULL && strcmp(line_at(s, i), other) == 0) {
			s->at = i;
			return true;
		}
		i = after(s, i);
	}
	return false;
}

/* Once more the same read with the same result. */
static bool
skip_again(struct side *s)
{
	const char *here = line_at(s, s->at);
	size_t      i = s->at;

	while (i > 0 && !counts(s->t->line[--i]))
		;
	if (i == s->at || !same_read(here, s->t->line[i]) ||
	    strcmp(here, s->t->line[i]) != 0)
		return false;
	s->at = after(s, s->at);
	return true;
}

static bool
matches(const char *pattern, const char *line)
{
	return pattern != NULL && line != NULL &&
	    fnmatch(pattern, line, 0) == 0;
}

/* A reason for what stands here: steps over it. */
static bool
justified(struct side *model, struct side *qemu,
    const struct model_difference *d, bool *used)
{
	const char *a = line_at(model, model->at), *b = line_at(qemu, qemu->at);

	for (unsigned i = 0; d[i].why != NULL && i < REASONS; i++) {
		bool step_a = matches(d[i].model, a);
		bool step_b = matches(d[i].qemu, b);

		if ((d[i].model != NULL && !step_a) ||
		    (d[i].qemu != NULL && !step_b))
			continue;
		used[i] = true;
		if (step_a)
			model->at = after(model, model->at);
		if (step_b)
			qemu->at = after(qemu, qemu->at);
		return true;
	}
	return false;
}

static void
show(const struct side *s)
{
	size_t from = s->at > ABOUT ? s->at - ABOUT : 0;

	printf("  %s, line %zu:\n", s->name, s->at + 1);
	for (size_t i = from; i < s->at + 3 && i < s->t->count; i++)
		printf(
		    "  %s %.100s\n", i == s->at ? "->" : "  ", s->t->line[i]);
	if (s->at >= s->t->count)
		printf("  -> (the end)\n");
}

static bool
unused_reasons(const struct model_difference *d, const bool *used)
{
	bool any = false;

	for (unsigned i = 0; d[i].why != NULL && i < REASONS; i++)
		if (!used[i]) {
			printf("  nothing needs the reason `%s'\n", d[i].why);
			any = true;
		}
	return any;
}

bool
trace_agrees(const struct trace *model, const struct trace *qemu,
    const struct model_difference *differences)
{
	struct side   a = {.name = "model", .t = model};
	struct side   b = {.name = "QEMU", .t = qemu};
	bool          used[REASONS] = {false};
	unsigned long same = 0;

	a.at = after(&a, (size_t)-1);
	b.at = after(&b, (size_t)-1);
	for (;;) {
		const char *x = line_at(&a, a.at), *y = line_at(&b, b.at);

		if (x == NULL && y == NULL)
			break;
		if (x != NULL && y != NULL && strcmp(x, y) == 0) {
			a.at = after(&a, a.at);
			b.at = after(&b, b.at);
			same++;
			continue;
		}
		if (justified(&a, &b, differences, used))
			continue;
		if ((same_read(x, y) &&
			(skip_polls(&a, y) || skip_polls(&b, x))) ||
		    skip_again(&a) || skip_again(&b))
			continue;
		printf("  the traces differ after %lu common lines\n", same);
		show(&a);
		show(&b);
		return false;
	}
	if (unused_reasons(differences, used))
		return false;
	printf("agree %s lines %lu\n", driver.name, same);
	return same > 0;
}
