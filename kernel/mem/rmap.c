/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reverse map: from a page or table to the entries that refer to it (F2).
 *
 * One entry stands in the target itself, which with shared tables is nearly
 * always enough; others come from a fixed pool. When that is empty, the hand
 * recycles the oldest by clearing its page-table entry: a mapping lost is only
 * a fault more.
 *
 * Invariant: a pool item is either on the free list (owner NO_INDEX) or on the
 * list of exactly one target, its owner.
 */
#include "kernel/mem/cache.h"
#include "kernel/mem/table.h"

struct item {
	uint32_t ref;
	uint32_t next;
	uint32_t owner; /* Frame index of the target. */
};

static struct {
	struct item *item;
	uint32_t     n;
	uint32_t     free;
	uint32_t     hand;
} pool;

size_t
rmap_entry_bytes(void)
{
	return sizeof(struct item);
}

void
rmap_init(void *items, uint32_t n)
{
	pool.item = items;
	pool.n = n;
	pool.hand = 0;
	pool.free = NO_INDEX;
	for (uint32_t i = n; i-- > 0;) {
		pool.item[i] = (struct item){0, pool.free, NO_INDEX};
		pool.free = i;
	}
}

static struct rmap *
map_of(const struct frame *target)
{
	if (target->use == USE_TABLE)
		return &table_of_frame(target)->refs;
	return &mem.frame[frame_index(target)].rmap;
}

/* Clearing the entry gives the item back through rmap_remove. */
static void
recycle(void)
{
	struct item *it = &pool.item[pool.hand];
	uint32_t     ref = it->ref - 1;

	pool.hand = (pool.hand + 1) % pool.n;
	entry_clear(table_at(ref / TABLE_ENTRIES), ref % TABLE_ENTRIES);
	flush_now();
}

void
rmap_add(struct frame *target, uint32_t ref)
{
	struct rmap *r = map_of(target);
	uint32_t     i;

	if (r->first == 0) {
		r->first = ref;
		return;
	}
	if (pool.free == NO_INDEX)
		recycle();
	i = pool.free;
	assert(i != NO_INDEX);
	pool.free = pool.item[i].next;
	pool.item[i] = (struct item){ref, r->more, frame_index(target)};
	r->more = i;
}

static void
item_free(uint32_t i)
{
	pool.item[i] = (struct item){0, pool.free, NO_INDEX};
	pool.free = i;
}

void
rmap_remove(struct frame *target, uint32_t ref)
{
	struct rmap *r = map_of(target);
	uint32_t    *p = &r->more;
	uint32_t     i;

	if (r->first == ref) {
		/* Something in the pool moves in. */
		i = r->more;
		r->first = 0;
		if (i == NO_INDEX)
			return;
		r->first = pool.item[i].ref;
		r->more = pool.item[i].next;
		item_free(i);
		return;
	}
	while (*p != NO_INDEX && pool.item[*p].ref != ref)
		p = &pool.item[*p].next;
	assert(*p != NO_INDEX);
	i = *p;
	*p = pool.item[i].next;
	item_free(i);
}

uint32_t
rmap_first(const struct frame *target)
{
	return map_of(target)->first;
}

bool
rmap_has(const struct frame *target, uint32_t ref)
{
	const struct rmap *r = map_of(target);

	if (r->first == ref)
		return true;
	for (uint32_t i = r->more; i != NO_INDEX; i = pool.item[i].next) {
		if (pool.item[i].ref == ref)
			return true;
	}
	return false;
}

void
rmap_each(const struct frame *target, void (*call)(struct table *t, unsigned i))
{
	const struct rmap *r = map_of(target);
	uint32_t           ref = r->first;
	uint32_t           i = r->more;

	while (ref != 0) {
		call(table_at((ref - 1) / TABLE_ENTRIES),
		    (ref - 1) % TABLE_ENTRIES);
		ref = 0;
		if (i != NO_INDEX) {
			ref = pool.item[i].ref;
			i = pool.item[i].next;
		}
	}
}

static bool accessed;

static void
take_accessed(struct table *t, unsigned i)
{
	uint64_t *e = &table_entries(t)[i];

	if (*e & PTE_ACCESSED)
		accessed = true;
	*e &= ~(uint64_t)PTE_ACCESSED;
}

bool
rmap_take_accessed(struct frame *target)
{
	accessed = false;
	rmap_each(target, take_accessed);
	return accessed;
}
