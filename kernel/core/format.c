/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/core/format.h"

struct sink {
	void (*put)(char c, void *context);
	void *context;
};

enum { DIGITS = 20 }; /* Of 2^64 - 1 in decimal. */

static void
put_number(const struct sink *to, uint64_t v, unsigned base)
{
	char     digit[DIGITS];
	unsigned n = 0;

	do {
		digit[n++] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v != 0);
	while (n > 0)
		to->put(digit[--n], to->context);
}

static void
put_string(const struct sink *to, const char *s)
{
	if (s == NULL)
		s = "(null)";
	while (*s != '\0')
		to->put(*s++, to->context);
}

void
format_put(void (*put)(char c, void *context), void *context,
    const char *format, va_list list)
{
	const struct sink to = {.put = put, .context = context};
	const char       *p = format;

	while (*p != '\0') {
		if (*p != '%') {
			put(*p++, context);
			continue;
		}
		if (p[1] == 's') {
			put_string(&to, va_arg(list, const char *));
			p += 2;
		} else if (p[1] == 'u' || p[1] == 'x') {
			put_number(
			    &to, va_arg(list, unsigned), p[1] == 'u' ? 10 : 16);
			p += 2;
		} else if (p[1] == 'l' && (p[2] == 'u' || p[2] == 'x')) {
			put_number(
			    &to, va_arg(list, uint64_t), p[2] == 'u' ? 10 : 16);
			p += 3;
		} else {
			put('%', context);
			p += p[1] == '%' ? 2 : 1;
		}
	}
}
