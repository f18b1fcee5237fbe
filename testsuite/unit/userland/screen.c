/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/unit/userland/screen.h"

#include <string.h>

enum {
	GROUND,
	ESCAPE,
	SEQUENCE,
};

void
screen_reset(struct screen *s)
{
	memset(s, 0, sizeof(*s));
}

static void
erase(struct screen *s, unsigned row, unsigned from)
{
	memset(s->cell[row][from], 0, (SCREEN_COLUMNS - from) * CELL_BYTES);
}

static void
sequence(struct screen *s, char c)
{
	if (c >= '0' && c <= '9') {
		s->number = s->number * 10 + (unsigned)(c - '0');
		return;
	}
	s->state = GROUND;
	if (c == 'K') {
		erase(s, s->row, s->column);
	} else if (c == 'D' && s->number <= s->column) {
		s->column -= s->number;
	} else if (c == 'H') {
		s->row = s->column = 0;
	} else if (c == 'J' && s->number == 2) {
		memset(s->cell, 0, sizeof(s->cell));
	} else {
		s->strange = true;
	}
}

static void
character(struct screen *s, unsigned char c)
{
	char *cell;

	if (s->row >= SCREEN_ROWS || s->column >= SCREEN_COLUMNS) {
		s->strange = true;
		return;
	}
	if ((c & 0xc0) == 0x80) {
		if (s->missing == 0) {
			s->strange = true;
			return;
		}
		cell = s->cell[s->row][s->column - 1];
		cell[strlen(cell)] = (char)c;
		s->missing--;
		return;
	}
	s->strange |= s->missing > 0;
	cell = s->cell[s->row][s->column++];
	memset(cell, 0, CELL_BYTES);
	cell[0] = (char)c;
	s->missing = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
}

static void
feed(struct screen *s, char c)
{
	if (s->state == ESCAPE) {
		s->number = 0;
		s->state = SEQUENCE;
		s->strange |= c != '[';
	} else if (s->state == SEQUENCE) {
		sequence(s, c);
	} else if (c == '\x1b') {
		s->state = ESCAPE;
	} else if (c == '\r') {
		s->column = 0;
	} else if (c == '\n') {
		s->row++;
	} else if ((unsigned char)c < 0x20) {
		s->strange = true;
	} else {
		character(s, (unsigned char)c);
	}
}

void
screen_write(void *arg, const char *text, size_t bytes)
{
	struct screen *s = arg;

	s->bytes += bytes;
	for (size_t i = 0; i < bytes; i++)
		feed(s, text[i]);
}

const char *
screen_row(const struct screen *s, unsigned row)
{
	static char text[SCREEN_COLUMNS * CELL_BYTES];
	size_t      n = 0;

	for (unsigned i = 0; i < SCREEN_COLUMNS; i++) {
		const char *cell = s->cell[row][i];

		if (cell[0] == 0)
			cell = " ";
		memcpy(text + n, cell, strlen(cell));
		n += strlen(cell);
	}
	while (n > 0 && text[n - 1] == ' ')
		n--;
	text[n] = 0;
	return text;
}
