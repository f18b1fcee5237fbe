/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console log: a ring of text. A position counts the bytes since boot, so
 * a reader knows what it has and whether it missed some.
 *
 * NMI code must not log: it may have interrupted this.
 */
#include "kernel/core/core.h"
#include "kernel/core/format.h"
#include "kernel/hal/hal.h"

static struct {
	uint64_t end; /* Position after the newest byte. */
	char     text[LOG_BYTES];
} ring;

static void
append_byte(char c, void *context)
{
	(void)context;
	ring.text[ring.end++ % LOG_BYTES] = c;
	hal_debug_byte(c);
}

void
log_append(const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		append_byte(text[i], NULL);
}

void
log_line(const char *format, ...)
{
	va_list list;

	va_start(list, format);
	format_put(append_byte, NULL, format, list);
	va_end(list);
	append_byte('\n', NULL);
}

/*
 * Copies what there is from `position` on, at most `limit` bytes, and gives
 * the position after it.
 */
uint64_t
log_read(uint64_t position, char *to, size_t limit, size_t *bytes)
{
	const uint64_t oldest = ring.end > LOG_BYTES ? ring.end - LOG_BYTES : 0;
	size_t         n = 0;

	if (position < oldest)
		position = oldest;
	while (position < ring.end && n < limit)
		to[n++] = ring.text[position++ % LOG_BYTES];
	if (position > ring.end)
		position = ring.end;
	*bytes = n;
	return position;
}
