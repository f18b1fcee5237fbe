/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/system/power/rebuild.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct saved {
	uint64_t at, bytes;
	uint8_t *data;
};

uint64_t
rebuild_random(struct rebuild *r, uint64_t below)
{
	r->random ^= r->random << 13;
	r->random ^= r->random >> 7;
	r->random ^= r->random << 17;
	return r->random % below;
}

bool
rebuild_open(
    struct rebuild *r, const char *path, const struct log *log, uint64_t seed)
{
	struct stat st;
	int         fd = open(path, O_RDWR | O_CLOEXEC);

	*r = (struct rebuild){.log = log, .random = seed | 1};
	if (fd < 0 || fstat(fd, &st) != 0) {
		fprintf(stderr, "power: %s cannot be opened\n", path);
		return false;
	}
	r->bytes = (size_t)st.st_size;
	r->disk = mmap(
	    NULL, r->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	r->saved = calloc(log->entries + 1, sizeof(*r->saved));
	return r->disk != MAP_FAILED && r->saved != NULL;
}

void
rebuild_close(struct rebuild *r)
{
	rebuild_undo(r);
	munmap(r->disk, r->bytes);
	free(r->saved);
}

static bool
is_write(const struct log_entry *e)
{
	return (e->flags & LOG_DISCARD) == 0 && e->bytes > 0;
}

/* Writes the first `bytes` of an entry; what lies there is kept if wanted. */
static void
apply(struct rebuild *r, const struct log_entry *e, uint64_t bytes, bool keep)
{
	struct saved *s;

	if (e->at > r->bytes || bytes > r->bytes - e->at)
		abort();
	if (keep) {
		s = &r->saved[r->nsaved++];
		*s = (struct saved){e->at, bytes, malloc(bytes)};
		if (s->data == NULL)
			abort();
		memcpy(s->data, r->disk + e->at, bytes);
	}
	memcpy(r->disk + e->at, e->data, bytes);
}

/* The FLUSH before the cut that covers most: all before it is durable. */
static size_t
last_flush(const struct log *l, size_t point)
{
	for (size_t i = point; i > 0; i--)
		if ((l->entry[i - 1].flags & LOG_FLUSH) != 0)
			return i - 1;
	return 0;
}

size_t
rebuild_volatile(const struct log *l, size_t point)
{
	size_t n = 0;

	for (size_t i = last_flush(l, point); i < point; i++)
		n += is_write(&l->entry[i]);
	return n;
}

/*
 * How much of the last write has arrived. Of all: its last sector is torn. Of
 * a half: it is whole, or broken off in any sector.
 */
static uint64_t
torn(struct rebuild *r, uint64_t bytes, enum cut_kind kind)
{
	uint64_t sectors = bytes / LOG_SECTOR;

	if (kind == CUT_ALL)
		return bytes - LOG_SECTOR / 2;
	if (rebuild_random(r, 4) != 0)
		return bytes;
	return rebuild_random(r, sectors) * LOG_SECTOR + LOG_SECTOR / 2;
}

void
rebuild_cut(struct rebuild *r, size_t point, enum cut_kind kind)
{
	const struct log *l = r->log;
	size_t            last = SIZE_MAX, first = last_flush(l, point);
	bool             *here = calloc(point + 1, sizeof(*here));

	if (here == NULL)
		abort();
	for (; r->durable < first; r->durable++)
		if (is_write(&l->entry[r->durable]))
			apply(r, &l->entry[r->durable],
			    l->entry[r->durable].bytes, false);
	for (size_t i = first; i < point && kind != CUT_NONE; i++)
		if (is_write(&l->entry[i]))
			last = i;
	/* The last is among the half: without it this were an earlier cut. */
	for (size_t i = first; i < point && kind != CUT_NONE; i++)
		here[i] = is_write(&l->entry[i]) &&
		    (kind == CUT_ALL || i == last || rebuild_random(r, 2) == 0);
	for (size_t i = first; i < point; i++) {
		uint64_t bytes = l->entry[i].bytes;

		if (!here[i])
			continue;
		if (i == last)
			bytes = torn(r, bytes, kind);
		apply(r, &l->entry[i], bytes, true);
	}
	free(here);
}

/* Backwards, so that what was there first comes back last. */
void
rebuild_undo(struct rebuild *r)
{
	while (r->nsaved > 0) {
		struct saved *s = &r->saved[--r->nsaved];

		memcpy(r->disk + s->at, s->data, s->bytes);
		free(s->data);
	}
}
