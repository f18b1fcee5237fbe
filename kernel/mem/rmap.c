/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reverse map: from a page or table to the entries that refer to it (F2).
 *
 * One entry stands in the target itself, which with shared tables is nearly
 * always enough; others come from a fixed pool. When that is empty, the hand
 * recycles the oldest by clearing its page-table entry: a mapping lost is only
 * a fault more.
 *
 * Invariants:
 *  1. A pool item is either on the free list (owner NO_INDEX) or on the list of
 *     exactly one target, its owner.
 *  2. One with an owner is in the hash by ref, so that taking an entry away
 *     takes no longer the more there are (D3).
 *  3. A persistent page is mapped at PLACES_MOST places at most, so that it is
 *     cleaned, evicted and moved in one piece (D3).
 */
#include "kernel/mem/cache.h"
#include "kernel/mem/table.h"

enum {
	PLACES_MOST = 64,
	COST_LOOK = 16,   /* Instructions for an entry, about; */
	COST_CLEAR = 110, /* to take one away. */
};

struct item {
	uint32_t ref;
	uint32_t next, prev; /* Of its owner's list; next free. */
	uint32_t owner;      /* Frame index of the target. */
	uint32_t hash_next;
	uint32_t bucket; /* First item of the chain with this number. */
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

__attribute__((cold)) void
rmap_init(void *items, uint32_t n)
{
	pool.item = items;
	pool.n = n;
	pool.hand = 0;
	pool.free = NO_INDEX;
	for (uint32_t i = n; i-- > 0;) {
		pool.item[i] = (struct item){
		    .next = pool.free, .owner = NO_INDEX, .bucket = NO_INDEX};
		pool.free = i;
	}
}

/* Where the chain of a ref begins. */
static uint32_t *
chain_of(uint32_t ref)
{
	const uint64_t h = ref * UINT64_C(0x9e3779b97f4a7c15) >> 32;

	return &pool.item[h * pool.n >> 32].bucket;
}

/* The link that leads to the item of a ref. */
static uint32_t *
find(uint32_t ref)
{
	uint32_t *link = chain_of(ref);

	while (*link != NO_INDEX && pool.item[*link].ref != ref)
		link = &pool.item[*link].hash_next;
	return link;
}

static struct rmap *
map_of(const struct frame *target)
{
	if (target->use == USE_TABLE)
		return &table_of_frame(target)->refs;
	return &mem.frame[frame_index(target)].rmap;
}

void
rmap_clear(uint32_t ref)
{
	mem_work += COST_CLEAR;
	entry_clear(table_at((ref - 1) / TABLE_ENTRIES),
	    (ref - 1) % TABLE_ENTRIES);
}

/* Clearing the entry gives the item back through rmap_remove. */
static void
recycle(uint32_t i)
{
	rmap_clear(pool.item[i].ref);
	flush_now();
}

/* Before one more: who was here longest is no more, if there are so many. */
static void
keep_few(const struct rmap *r)
{
	uint32_t i = r->more;

	for (unsigned n = 2; n < PLACES_MOST && i != NO_INDEX; n++)
		i = pool.item[i].next;
	if (i != NO_INDEX)
		recycle(i);
}

void
rmap_add(struct frame *target, uint32_t ref)
{
	struct rmap *r = map_of(target);
	struct item *it;
	uint32_t    *link, i;

	if (r->first == 0) {
		r->first = ref;
		return;
	}
	if (target->use == USE_OBJECT && is_persistent(target->number))
		keep_few(r);
	if (pool.free == NO_INDEX) {
		recycle(pool.hand);
		pool.hand = (pool.hand + 1) % pool.n;
	}
	i = pool.free;
	assert(i != NO_INDEX);
	pool.free = pool.item[i].next;
	link = chain_of(ref);
	it = &pool.item[i];
	it->ref = ref;
	it->next = r->more;
	it->prev = NO_INDEX;
	it->owner = frame_index(target);
	it->hash_next = *link;
	*link = i;
	if (r->more != NO_INDEX)
		pool.item[r->more].prev = i;
	r->more = i;
}

/* Take the item that a link of its chain leads to off its owner's list. */
static void
item_free(struct rmap *r, uint32_t *link)
{
	const uint32_t i = *link;
	struct item   *it = &pool.item[i];

	*link = it->hash_next;
	if (it->prev != NO_INDEX)
		pool.item[it->prev].next = it->next;
	else
		r->more = it->next;
	if (it->next != NO_INDEX)
		pool.item[it->next].prev = it->prev;
	it->ref = 0;
	it->owner = NO_INDEX;
	it->next = pool.free;
	pool.free = i;
}

void
rmap_remove(struct frame *target, uint32_t ref)
{
	struct rmap *r = map_of(target);
	uint32_t    *link;

	if (r->first == ref) {
		/* Something in the pool moves in. */
		r->first = 0;
		if (r->more == NO_INDEX)
			return;
		r->first = ref = pool.item[r->more].ref;
	}
	link = find(ref);
	assert(*link != NO_INDEX);
	item_free(r, link);
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
		mem_work += COST_LOOK;
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
