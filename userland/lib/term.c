/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/lib/term.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
term_flush(struct term *t)
{
	if (t->used > 0)
		t->write(t->arg, t->buffer, t->used);
	t->used = 0;
}

void
term_put(struct term *t, const char *text, size_t bytes)
{
	while (bytes > 0) {
		size_t n = sizeof(t->buffer) - t->used;

		if (n > bytes)
			n = bytes;
		memcpy(t->buffer + t->used, text, n);
		t->used += n;
		text += n;
		bytes -= n;
		if (t->used == sizeof(t->buffer))
			term_flush(t);
	}
}

void
term_text(struct term *t, const char *text)
{
	for (;;) {
		size_t n = strcspn(text, "\n");

		term_put(t, text, n);
		if (text[n] == 0)
			return;
		term_put(t, "\r\n", 2);
		text += n + 1;
	}
}

void
term_printf(struct term *t, const char *format, ...)
{
	char    text[TERM_BUFFER];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	term_text(t, text);
}
