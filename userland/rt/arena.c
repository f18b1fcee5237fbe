/* SPDX-License-Identifier: BSD-2-Clause */
#include "userland/rt/arena.h"

#include <string.h>

enum {
	ARENA_ALIGN = 16,
};

void *
arena_alloc(struct arena *a, size_t bytes)
{
	size_t start = (a->used + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);

	if (start > a->bytes || bytes > a->bytes - start)
		return NULL;
	a->used = start + bytes;
	return memset(a->base + start, 0, bytes);
}
