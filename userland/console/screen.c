/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/console/screen.h"

#include <string.h>

enum {
	BLANK = 0x0720, /* Grey on black. */
	CELLS = DISPLAY_ROWS * DISPLAY_COLUMNS,
	TAB = 8,
	ESC = 27,
	NUMBER_MOST = 999,
	/* Of an escape sequence. */
	SEEN_ESCAPE = 1,
	SEEN_BRACKET,
};

static void
changed(struct screen *s, unsigned first, unsigned last)
{
	s->first = first < s->first ? first : s->first;
	s->last = last > s->last ? last : s->last;
}

void
screen_spoil(struct screen *s)
{
	s->first = 0;
	s->last = CELLS;
}

static void
blank(struct screen *s, unsigned first, unsigned last)
{
	for (unsigned i = first; i < last; i++)
		s->cell[i] = BLANK;
	if (first < last)
		changed(s, first, last);
}

void
screen_init(struct screen *s)
{
	memset(s, 0, sizeof(*s));
	blank(s, 0, CELLS);
}

static void
line_feed(struct screen *s)
{
	if (s->row + 1 < DISPLAY_ROWS) {
		s->row++;
		return;
	}
	memmove(s->cell, s->cell + DISPLAY_COLUMNS,
	    (CELLS - DISPLAY_COLUMNS) * sizeof(s->cell[0]));
	blank(s, CELLS - DISPLAY_COLUMNS, CELLS);
	screen_spoil(s);
}

static void
show(struct screen *s, uint8_t c)
{
	unsigned at;

	if (s->column == DISPLAY_COLUMNS) {
		s->column = 0;
		line_feed(s);
	}
	at = s->row * DISPLAY_COLUMNS + s->column;
	s->cell[at] = (uint16_t)((BLANK & 0xff00) | c);
	changed(s, at, at + 1);
	s->column++;
}

static unsigned
clamp(unsigned v, unsigned most)
{
	return v < most ? v : most;
}

/* The n-th number of a sequence; 0 and none are `otherwise`. */
static unsigned
number(const struct screen *s, unsigned n, unsigned otherwise)
{
	return n < s->parameters && s->parameter[n] != 0 ? s->parameter[n]
							 : otherwise;
}

static void
erase(struct screen *s, bool line)
{
	unsigned at = s->row * DISPLAY_COLUMNS +
	    clamp(s->column, DISPLAY_COLUMNS - 1);
	unsigned first = line ? s->row * DISPLAY_COLUMNS : 0;
	unsigned last = line ? first + DISPLAY_COLUMNS : CELLS;
	unsigned how = number(s, 0, 0);

	if (how == 0)
		blank(s, at, last);
	else if (how == 1)
		blank(s, first, at + 1);
	else if (how == 2)
		blank(s, first, last);
}

static void
sequence(struct screen *s, uint8_t final)
{
	unsigned n = number(s, 0, 1);

	switch (final) {
	case 'A':
		s->row -= clamp(n, s->row);
		break;
	case 'B':
		s->row = clamp(s->row + n, DISPLAY_ROWS - 1);
		break;
	case 'C':
		s->column = clamp(s->column + n, DISPLAY_COLUMNS - 1);
		break;
	case 'D':
		s->column -= clamp(n, s->column);
		break;
	case 'G':
		s->column = clamp(n - 1, DISPLAY_COLUMNS - 1);
		break;
	case 'H':
		s->row = clamp(n - 1, DISPLAY_ROWS - 1);
		s->column = clamp(number(s, 1, 1) - 1, DISPLAY_COLUMNS - 1);
		break;
	case 'J':
	case 'K':
		erase(s, final == 'K');
		break;
	default:
		break;
	}
}

static void
in_escape(struct screen *s, uint8_t c)
{
	if (s->escape == SEEN_ESCAPE) {
		s->escape = c == '[' ? SEEN_BRACKET : 0;
		s->parameters = 1;
		memset(s->parameter, 0, sizeof(s->parameter));
		return;
	}
	if (c >= '0' && c <= '9') {
		unsigned *p = &s->parameter[s->parameters - 1];

		*p = clamp(*p * 10 + (c - '0'), NUMBER_MOST);
	} else if (c == ';') {
		s->parameters = clamp(s->parameters + 1, SCREEN_PARAMETERS);
	} else if (c >= 0x40 && c <= 0x7e) {
		s->escape = 0;
		sequence(s, c);
	} else if (c < 0x20) {
		s->escape = 0;
	}
}

static void
put(struct screen *s, uint8_t c)
{
	switch (c) {
	case '\r':
		s->column = 0;
		break;
	case '\n':
		line_feed(s);
		break;
	case '\b':
		s->column -= clamp(1, s->column);
		break;
	case '\t':
		s->column =
		    clamp((s->column / TAB + 1) * TAB, DISPLAY_COLUMNS - 1);
		break;
	case ESC:
		s->escape = SEEN_ESCAPE;
		break;
	default:
		if (c >= 0x20 && c != 0x7f)
			show(s, c);
	}
}

void
screen_put(struct screen *s, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s->escape != 0 && bytes[i] != ESC)
			in_escape(s, bytes[i]);
		else
			put(s, bytes[i]);
}
