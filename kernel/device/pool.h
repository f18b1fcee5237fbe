/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pools of small items of one size, by index. A pool grows a frame at a time
 * and never shrinks: what a crowd of devices once needed, it may need again.
 */
#ifndef KERNEL_DEVICE_POOL_H
#define KERNEL_DEVICE_POOL_H

#include "kernel/abi/status.h"
#include "kernel/abi/types.h"

enum {
	POOL_FRAMES = 128, /* The most that one pool may take. */
	POOL_NONE = UINT32_MAX,
};

/* An item's first word is its own while it is in use. */
struct pool {
	uint32_t bytes; /* Of one item; a divisor is not needed. */
	uint32_t each;  /* Items in a frame. */
	uint32_t frames;
	uint32_t free; /* First of the free items, chained by first words. */
	uint8_t *frame[POOL_FRAMES];
};

void pool_init(struct pool *p, uint32_t bytes);

/*
 * See to it that the next pool_take succeeds. RC_NO_MEMORY: the pool is as
 * large as it may get. ST_WAIT as frame_alloc.
 */
must_check enum status pool_reserve(struct pool *p);

/* Take an item, not cleared; pool_reserve has said RC_OK. */
uint32_t pool_take(struct pool *p);
void     pool_give(struct pool *p, uint32_t i);

/* The item, or NULL if the pool never had so many. */
void *pool_at(const struct pool *p, uint32_t i);

/* Items that exist, free ones included. */
uint32_t pool_count(const struct pool *p);

#endif
