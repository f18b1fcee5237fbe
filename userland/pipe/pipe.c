/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/pipe/pipe.h"

#include <string.h>

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t
pipe_put(struct pipe *p, const void *bytes, size_t n)
{
	const uint8_t *from = bytes;
	size_t         tail = (p->head + p->used) % PIPE_BYTES, part;

	n = least(n, PIPE_BYTES - p->used);
	part = least(n, PIPE_BYTES - tail);
	memcpy(p->ring + tail, from, part);
	memcpy(p->ring, from + part, n - part);
	p->used += (unsigned)n;
	return n;
}

size_t
pipe_take(struct pipe *p, void *bytes, size_t n)
{
	uint8_t *to = bytes;
	size_t   part;

	n = least(n, p->used);
	part = least(n, PIPE_BYTES - p->head);
	memcpy(to, p->ring + p->head, part);
	memcpy(to + part, p->ring, n - part);
	p->head = (p->head + (unsigned)n) % PIPE_BYTES;
	p->used -= (unsigned)n;
	return n;
}

enum status
pipe_queue(struct pipe *p, enum pipe_end end, size_t most, unsigned *place)
{
	struct waiters *w = &p->wait[end];

	if (w->count == PIPE_WAITERS)
		return RC_BUSY;
	*place = (w->first + w->count++) % PIPE_WAITERS;
	w->most[*place] = most;
	return RC_OK;
}

static bool
can_go_on(const struct pipe *p, enum pipe_end end)
{
	if (p->closed[END_READER] || p->closed[END_WRITER])
		return true;
	return end == END_READER ? p->used > 0 : p->used < PIPE_BYTES;
}

bool
pipe_next(const struct pipe *p, enum pipe_end end, unsigned *place,
    size_t *most)
{
	const struct waiters *w = &p->wait[end];

	if (w->count == 0 || !can_go_on(p, end))
		return false;
	*place = w->first;
	*most = w->most[w->first];
	return true;
}

void
pipe_served(struct pipe *p, enum pipe_end end)
{
	struct waiters *w = &p->wait[end];

	w->first = (w->first + 1) % PIPE_WAITERS;
	w->count--;
}

bool
pipe_ok(const struct pipe *p)
{
	for (unsigned end = 0; end < END_COUNT; end++) {
		if (p->wait[end].count > PIPE_WAITERS ||
		    p->wait[end].first >= PIPE_WAITERS)
			return false;
		if (p->wait[end].count > 0 && can_go_on(p, end))
			return false;
	}
	return p->used <= PIPE_BYTES && p->head < PIPE_BYTES;
}
