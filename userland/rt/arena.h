/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory handed out in order and given back all at once. */
#ifndef USERLAND_RT_ARENA_H
#define USERLAND_RT_ARENA_H

#include <stddef.h>

struct arena {
	unsigned char *base;
	size_t         bytes, used;
};

/* 16-byte aligned and zeroed; NULL when the arena is full. */
void *arena_alloc(struct arena *a, size_t bytes);

static inline void
arena_reset(struct arena *a)
{
	a->used = 0;
}

#endif
