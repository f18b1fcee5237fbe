/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/bios/format.h"

#include <stdint.h>

struct sink {
	char  *to;
	size_t size;
	size_t length;
};

static void
put(struct sink *s, char c)
{
	if (s->length + 1 < s->size)
		s->to[s->length++] = c;
}

static void
put_text(struct sink *s, const char *text)
{
	for (; *text != '\0'; text++)
		put(s, *text);
}

static void
put_number(struct sink *s, uint32_t value, uint32_t base, unsigned width)
{
	char     digit[10]; /* Of 2^32 - 1. */
	unsigned n = 0;

	do {
		digit[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value != 0);
	for (; width > n; width--)
		put(s, '0');
	while (n > 0)
		put(s, digit[--n]);
}

size_t
format_text(char *to, size_t size, const char *format, va_list args)
{
	struct sink s = {.to = to, .size = size};
	unsigned    width;

	for (; *format != '\0'; format++) {
		if (*format != '%') {
			put(&s, *format);
			continue;
		}
		format++;
		width = 0;
		if (*format == '0')
			format++;
		if (*format >= '1' && *format <= '9')
			width = (unsigned)(*format++ - '0');
		switch (*format) {
		case 's':
			put_text(&s, va_arg(args, const char *));
			break;
		case 'c':
			put(&s, (char)va_arg(args, int));
			break;
		case 'u':
			put_number(&s, va_arg(args, uint32_t), 10, width);
			break;
		case 'x':
			put_number(&s, va_arg(args, uint32_t), 16, width);
			break;
		case '\0':
			format--;
			break;
		default:
			put(&s, *format);
			break;
		}
	}
	to[s.length] = '\0';
	return s.length;
}
