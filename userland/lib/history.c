/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/lib/history.h"

#include <stdio.h>
#include <string.h>

const char *
history_get(const struct history *h, unsigned n)
{
	if (n == 0 || n > h->count || n > HISTORY_LINES)
		return NULL;
	return h->line[(h->count - n) % HISTORY_LINES];
}

void
history_add(struct history *h, const char *line)
{
	const char *newest = history_get(h, 1);

	if (line[0] == 0 || (newest != NULL && strcmp(newest, line) == 0))
		return;
	snprintf(h->line[h->count % HISTORY_LINES], LINE_BYTES, "%s", line);
	h->count++;
}
