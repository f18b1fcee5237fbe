/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/system/power/log.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* drivers/md/dm-log-writes.c of Linux; all little-endian. */
struct log_super {
	uint64_t magic;
	uint64_t version;
	uint64_t entries;
	uint32_t sector_size;
} __attribute__((packed));

struct log_header {
	uint64_t sector;
	uint64_t sectors;
	uint64_t flags;
	uint64_t data_bytes; /* Of a mark; 0 for writes. */
};

static const uint64_t magic = 0x6a736677736872;

static bool
super_ok(const struct log_super *s)
{
	return s->magic == magic && s->version == 1 &&
	    s->sector_size == LOG_SECTOR;
}

long long
log_length(const char *path)
{
	struct log_super s;
	int              fd = open(path, O_RDONLY | O_CLOEXEC);
	bool             ok = fd >= 0 && read(fd, &s, sizeof(s)) == sizeof(s);

	if (fd >= 0)
		close(fd);
	return ok && super_ok(&s) ? (long long)s.entries : -1;
}

/* Enters one request; returns where the next begins, 0 if it is cut off. */
static size_t
entry_read(struct log *l, size_t i, size_t at)
{
	const uint8_t    *file = l->map;
	struct log_header h;
	struct log_entry *e = &l->entry[i];

	if (at + LOG_SECTOR > l->mapped)
		return 0;
	memcpy(&h, file + at, sizeof(h));
	at += LOG_SECTOR;
	e->at = h.sector * LOG_SECTOR;
	e->bytes = h.sectors * LOG_SECTOR;
	e->flags = h.flags;
	e->data = file + at;
	if ((h.flags & LOG_DISCARD) != 0)
		return at;
	return e->bytes > l->mapped - at ? 0 : at + e->bytes;
}

static bool
log_map(struct log *l, const char *path)
{
	struct stat st;
	int         fd = open(path, O_RDONLY | O_CLOEXEC);
	bool ok = fd >= 0 && fstat(fd, &st) == 0 && st.st_size >= LOG_SECTOR;

	if (ok) {
		l->mapped = (size_t)st.st_size;
		l->map = mmap(NULL, l->mapped, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	if (fd >= 0)
		close(fd);
	return ok && l->map != MAP_FAILED;
}

bool
log_open(struct log *l, const char *path)
{
	struct log_super s;
	size_t           at = LOG_SECTOR;

	*l = (struct log){0};
	if (!log_map(l, path)) {
		fprintf(stderr, "power: %s cannot be read\n", path);
		return false;
	}
	memcpy(&s, l->map, sizeof(s));
	if (!super_ok(&s)) {
		fprintf(stderr, "power: %s is no log of writes\n", path);
		return false;
	}
	l->entries = s.entries;
	l->entry = calloc(l->entries + 1, sizeof(*l->entry));
	for (size_t i = 0; l->entry != NULL && i < l->entries; i++) {
		at = entry_read(l, i, at);
		if (at == 0) {
			fprintf(stderr, "power: entry %zu of %zu is cut off\n",
			    i, l->entries);
			return false;
		}
	}
	return l->entry != NULL;
}

void
log_close(struct log *l)
{
	free(l->entry);
	if (l->map != NULL)
		munmap(l->map, l->mapped);
	*l = (struct log){0};
}
