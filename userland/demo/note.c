/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/demo/note.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
note_clear(struct note *n)
{
	memset(n, 0, sizeof(*n));
}

void
note_help(struct term *out)
{
	term_text(out,
	    "note: text appends; .iN TEXT inserts; .dN deletes; .l lists; "
	    ". leaves\n");
}

void
note_list(const struct note *n, struct term *out)
{
	for (unsigned i = 0; i < n->count; i++) {
		term_printf(out, "%3u  ", i + 1);
		term_text(out, n->line[i]);
		term_text(out, "\n");
	}
}

/* Put a line before line `at` (from 0). */
static void
insert(struct note *n, struct term *out, unsigned at, const char *text)
{
	if (n->count == NOTE_LINES) {
		term_printf(
		    out, "note: %d lines are all it holds\n", NOTE_LINES);
		return;
	}
	memmove(
	    n->line[at + 1], n->line[at], (n->count - at) * sizeof(n->line[0]));
	snprintf(n->line[at], LINE_BYTES, "%s", text);
	n->count++;
}

/* The number of an existing line after `.i` or `.d`, counted from 0. */
static bool
line_number(
    const struct note *n, const char *text, const char **rest, unsigned *number)
{
	char         *end;
	unsigned long v;

	if (*text < '0' || *text > '9')
		return false;
	v = strtoul(text, &end, 10);
	if (v < 1 || v > n->count)
		return false;
	*rest = *end == ' ' ? end + 1 : end;
	*number = (unsigned)v - 1;
	return true;
}

static bool
number_or_say(const struct note *n, struct term *out, const char *text,
    const char **rest, unsigned *number)
{
	if (line_number(n, text, rest, number))
		return true;
	if (n->count == 0)
		term_text(out, "note: it has no lines yet; text appends one\n");
	else
		term_printf(
		    out, "note: expected a line number, 1 to %u\n", n->count);
	return false;
}

bool
note_type(struct note *n, struct term *out, const char *line)
{
	const char *rest;
	unsigned    at;

	if (line[0] != '.') {
		insert(n, out, n->count, line);
	} else if (line[1] == '.') {
		insert(n, out, n->count, line + 1);
	} else if (line[1] == 0) {
		return false;
	} else if (line[1] == 'l' && line[2] == 0) {
		note_list(n, out);
	} else if (line[1] == 'i') {
		if (number_or_say(n, out, line + 2, &rest, &at))
			insert(n, out, at, rest);
	} else if (line[1] == 'd') {
		if (number_or_say(n, out, line + 2, &rest, &at)) {
			n->count--;
			memmove(n->line[at], n->line[at + 1],
			    (n->count - at) * sizeof(n->line[0]));
		}
	} else {
		note_help(out);
	}
	return true;
}
