/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/device/pool.h"

#include "kernel/mem/frame.h"

void
pool_init(struct pool *p, uint32_t bytes)
{
	*p = (struct pool){
	    .bytes = bytes,
	    .each = PAGE_SIZE / bytes,
	    .free = POOL_NONE,
	};
}

uint32_t
pool_count(const struct pool *p)
{
	return p->frames * p->each;
}

static void *
place(const struct pool *p, uint32_t i)
{
	return p->frame[i / p->each] + i % p->each * p->bytes;
}

void *
pool_at(const struct pool *p, uint32_t i)
{
	return i < pool_count(p) ? place(p, i) : NULL;
}

enum status
pool_reserve(struct pool *p)
{
	struct frame *f;
	uint32_t      first;
	enum status   st;

	if (p->free != POOL_NONE)
		return RC_OK;
	if (p->frames == POOL_FRAMES)
		return RC_NO_MEMORY;
	st = frame_alloc(CLASS_ANY, USE_KERNEL, &f);
	if (st != RC_OK)
		return st;
	first = pool_count(p);

	p->frame[p->frames++] = frame_data(f);
	for (uint32_t i = first + p->each; i-- > first;)
		pool_give(p, i);
	return RC_OK;
}

uint32_t
pool_take(struct pool *p)
{
	const uint32_t  i = p->free;
	const uint32_t *item;

	assert(i != POOL_NONE);
	item = place(p, i);
	p->free = *item;
	return i;
}

void
pool_give(struct pool *p, uint32_t i)
{
	uint32_t *item = place(p, i);

	*item = p->free;
	p->free = i;
}
