/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/shell/edit.h"

#include <stdio.h>
#include <string.h>

static bool
continues(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static unsigned
columns(const char *text, unsigned bytes)
{
	unsigned n = 0;

	for (unsigned i = 0; i < bytes; i++)
		n += !continues(text[i]);
	return n;
}

static unsigned
next_character(const struct edit *e, unsigned at)
{
	if (at < e->length)
		at++;
	while (at < e->length && continues(e->line[at]))
		at++;
	return at;
}

static unsigned
last_character(const struct edit *e, unsigned at)
{
	if (at > 0)
		at--;
	while (at > 0 && continues(e->line[at]))
		at--;
	return at;
}

/* Columns that the line may take; one is left for the cursor. */
static unsigned
room(const struct edit *e)
{
	return EDIT_COLUMNS - 1 -
	    columns(e->prompt, (unsigned)strlen(e->prompt));
}

/* Choose `start` so that the cursor is on the screen. */
static void
scroll(struct edit *e)
{
	if (columns(e->line, e->length) <= room(e)) {
		e->start = 0;
		return;
	}
	if (e->cursor < e->start)
		e->start = e->cursor;
	while (columns(e->line + e->start, e->cursor - e->start) > room(e))
		e->start = next_character(e, e->start);
}

void
edit_redraw(struct edit *e)
{
	unsigned end, behind;

	scroll(e);
	end = e->start;
	while (end < e->length &&
	    columns(e->line + e->start, end - e->start) < room(e))
		end = next_character(e, end);
	behind = columns(e->line + e->cursor, end - e->cursor);
	term_put(e->term, "\r", 1);
	term_text(e->term, e->prompt);
	term_put(e->term, e->line + e->start, end - e->start);
	term_put(e->term, "\x1b[K", 3);
	if (behind > 0)
		term_printf(e->term, "\x1b[%uD", behind);
	term_flush(e->term);
}

void
edit_init(struct edit *e, struct term *term)
{
	memset(e, 0, sizeof(*e));
	e->term = term;
}

void
edit_begin(struct edit *e, const char *prompt)
{
	snprintf(e->prompt, sizeof(e->prompt), "%s", prompt);
	e->length = e->cursor = e->start = e->back = 0;
	e->line[0] = 0;
	edit_redraw(e);
}

static void
remove_bytes(struct edit *e, unsigned from, unsigned to)
{
	memmove(e->line + from, e->line + to, e->length - to + 1);
	e->length -= to - from;
	e->cursor = from;
	if (e->start > from)
		e->start = from;
	edit_redraw(e);
}

/* Remove, and keep for ^Y. */
static void
kill_bytes(struct edit *e, unsigned from, unsigned to)
{
	if (from == to)
		return;
	memcpy(e->killed, e->line + from, to - from);
	e->killed[to - from] = 0;
	remove_bytes(e, from, to);
}

/* A character at the end is only echoed: the usual case, one short write. */
static void
insert(struct edit *e, const char *text, unsigned bytes)
{
	bool at_end = e->cursor == e->length;

	if (bytes == 0 || e->length + bytes >= LINE_BYTES)
		return;
	memmove(e->line + e->cursor + bytes, e->line + e->cursor,
	    e->length - e->cursor + 1);
	memcpy(e->line + e->cursor, text, bytes);
	e->length += bytes;
	e->cursor += bytes;
	if (!at_end || columns(e->line, e->length) > room(e)) {
		edit_redraw(e);
		return;
	}
	term_put(e->term, text, bytes);
	term_flush(e->term);
}

static unsigned
word_start(const struct edit *e)
{
	unsigned at = e->cursor;

	while (at > 0 && e->line[at - 1] == ' ')
		at--;
	while (at > 0 && e->line[at - 1] != ' ')
		at--;
	return at;
}

/* Show the history line `back`, or the one being typed. */
static void
show_history(struct edit *e, unsigned back)
{
	const char *text = back == 0 ? e->typed
				     : history_get(&e->history, back);

	if (text == NULL)
		return;
	if (e->back == 0)
		memcpy(e->typed, e->line, sizeof(e->typed));
	e->back = back;
	snprintf(e->line, sizeof(e->line), "%s", text);
	e->length = e->cursor = (unsigned)strlen(e->line);
	e->start = 0;
	edit_redraw(e);
}

static void
move(struct edit *e, unsigned to)
{
	if (to == e->cursor)
		return;
	e->cursor = to;
	edit_redraw(e);
}

/* The cursor goes to the line's end, then to the next line. */
static enum edit_event
leave(struct edit *e, enum edit_event event, const char *mark)
{
	move(e, e->length);
	term_text(e->term, mark);
	term_text(e->term, "\n");
	term_flush(e->term);
	if (event == EDIT_LINE)
		history_add(&e->history, e->line);
	e->back = 0;
	return event;
}

static void
edit_key(struct edit *e, enum key key)
{
	switch (key) {
	case KEY_TEXT:
		insert(e, e->keys.text, e->keys.bytes);
		break;
	case KEY_LEFT:
		move(e, last_character(e, e->cursor));
		break;
	case KEY_RIGHT:
		move(e, next_character(e, e->cursor));
		break;
	case KEY_HOME:
		move(e, 0);
		break;
	case KEY_END:
		move(e, e->length);
		break;
	case KEY_UP:
		show_history(e, e->back + 1);
		break;
	case KEY_DOWN:
		if (e->back > 0)
			show_history(e, e->back - 1);
		break;
	case KEY_BACKSPACE:
		if (e->cursor > 0)
			remove_bytes(
			    e, last_character(e, e->cursor), e->cursor);
		break;
	case KEY_EOF: /* Not on an empty line: see edit_feed. */
	case KEY_DELETE:
		if (e->cursor < e->length)
			remove_bytes(
			    e, e->cursor, next_character(e, e->cursor));
		break;
	case KEY_KILL_END:
		kill_bytes(e, e->cursor, e->length);
		break;
	case KEY_KILL_START:
		kill_bytes(e, 0, e->cursor);
		break;
	case KEY_KILL_WORD:
		kill_bytes(e, word_start(e), e->cursor);
		break;
	case KEY_YANK:
		insert(e, e->killed, (unsigned)strlen(e->killed));
		break;
	case KEY_REDRAW:
		term_put(e->term, "\x1b[H\x1b[2J", 7);
		edit_redraw(e);
		break;
	case KEY_NONE:
	case KEY_ENTER:
	case KEY_INTERRUPT:
	default:
		break;
	}
}

enum edit_event
edit_feed(struct edit *e, uint8_t byte)
{
	enum key key = keys_feed(&e->keys, byte);

	if (key == KEY_ENTER)
		return leave(e, EDIT_LINE, "");
	if (key == KEY_INTERRUPT)
		return leave(e, EDIT_INTERRUPT, "^C");
	if (key == KEY_EOF && e->length == 0)
		return leave(e, EDIT_END, "");
	edit_key(e, key);
	return EDIT_MORE;
}

bool
edit_ok(const struct edit *e)
{
	return e->start <= e->cursor && e->cursor <= e->length &&
	    e->length < LINE_BYTES && e->line[e->length] == 0 &&
	    strlen(e->line) == e->length && !continues(e->line[e->cursor]) &&
	    !continues(e->line[e->start]);
}
