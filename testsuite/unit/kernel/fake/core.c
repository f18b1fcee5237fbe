/* SPDX-License-Identifier: BSD-2-Clause */
/* core.h on the host: panics leave the kernel, the log is kept. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "testsuite/unit/kernel/fake/fake.h"

_Noreturn void
panic_at(const char *file, int line, const char *what)
{
	fake.panic = what;
	if (fake.leaving)
		fake_leave(FAKE_PANIC);
	fprintf(stderr, "%s:%d: panic: %s\n", file, line, what);
	abort();
}

void
log_line(const char *format, ...)
{
	size_t  room = sizeof(fake.log) - fake.log_bytes;
	va_list ap;
	int     n;

	va_start(ap, format);
	n = vsnprintf(fake.log + fake.log_bytes, room, format, ap);
	va_end(ap);
	if (n < 0 || (size_t)n + 1 >= room)
		return;
	fake.log_bytes += (size_t)n;
	fake.log[fake.log_bytes++] = '\n';
	fake.log[fake.log_bytes] = 0;
}

void
log_append(const char *text, size_t bytes)
{
	log_line("%.*s", (int)bytes, text);
}

uint64_t
log_read(uint64_t position, char *to, size_t limit, size_t *bytes)
{
	size_t n = 0;

	while (n < limit && position < fake.log_bytes)
		to[n++] = fake.log[position++];
	*bytes = n;
	return position;
}
