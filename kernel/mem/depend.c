/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Depend entries: from a node slot to the table entries built through it.
 *
 * One item stands for a node at one place in one table. Slots lie evenly in
 * an address range, so the item holds where slot 0 is relative to the table
 * (delta), how large a slot is (shift), and which slots were used (a bit
 * each): a slot's entries are computed, and neighbouring slots share an item.
 * Slots smaller than an entry over-invalidate it, which is allowed (M2).
 * Devices use the same with their pages for slots.
 *
 * Items live as long as their table. When the pool is empty, the hand
 * recycles the oldest, clearing its entries first.
 *
 * Invariant: each item with a table is in the hash by key and in the chain of
 * its table. To take one away takes no longer the more there are (D3).
 */
#include "kernel/mem/cache.h"
#include "kernel/mem/table.h"

enum { DROPS = 4 }; /* To drop so many takes as long as to clear an entry. */

struct item {
	uint64_t key;   /* OID of node or device. */
	int64_t  delta; /* Where slot 0 begins, from the table's start. */
	uint32_t slots; /* Used ones. */
	uint32_t table; /* Slot of the table, NO_INDEX: free. */
	uint32_t hash_next, hash_prev;
	uint32_t table_next;
	uint32_t shift; /* log2 of a slot. */
};

static struct {
	struct item *item;
	uint32_t     n;
	uint32_t     free;
	uint32_t     hand;
	uint32_t    *hash;
	uint32_t     mask;
} pool;

size_t
depend_entry_bytes(void)
{
	return sizeof(struct item);
}

__attribute__((cold)) void
depend_init(void *items, uint32_t n, uint32_t *hash, uint32_t buckets)
{
	assert((buckets & (buckets - 1)) == 0);
	pool.item = items;
	pool.n = n;
	pool.hand = 0;
	pool.hash = hash;
	pool.mask = buckets - 1;
	pool.free = NO_INDEX;
	memset(hash, 0xff, buckets * sizeof(*hash));
	for (uint32_t i = n; i-- > 0;) {
		pool.item[i] = (struct item){
		    .table = NO_INDEX, .hash_next = pool.free};
		pool.free = i;
	}
}

static uint32_t *
bucket_of(uint64_t key)
{
	uint64_t h = key * UINT64_C(0x9e3779b97f4a7c15);

	return &pool.hash[(h >> 32) & pool.mask];
}

/* --- Clearing ----------------------------------------------------------- */

/* 2^shift as a signed 64-bit distance; too large ones are as good as all. */
static int64_t
reach(unsigned shift)
{
	return INT64_C(1) << (shift < 62 ? shift : 62);
}

/*
 * Clear the entries of a table that overlap [from, from + bytes), at most as
 * many as are left. False: there are more.
 */
static bool
clear_bytes(struct table *t, int64_t from, int64_t bytes, unsigned *left)
{
	unsigned shift = entry_shift(t->key.level);
	int64_t  end = INT64_C(1) << table_span(t->key.level);
	int64_t  to = from + bytes;

	if (t->key.level == TABLE_TOP)
		end /= 2; /* The rest is the kernel's. */
	if (from < 0)
		from = 0;
	if (to > end)
		to = end;
	if (from >= to)
		return true;
	for (int64_t i = from >> shift; i <= (to - 1) >> shift; i++) {
		if (!(table_entries(t)[i] & PTE_PRESENT))
			continue;
		if (*left == 0)
			return false;
		entry_clear(t, (unsigned)i);
		--*left;
	}
	return true;
}

static void
item_clear(struct item *it, uint32_t slots, unsigned *left)
{
	struct table *t = table_at(it->table);

	slots &= it->slots;
	if (slots != 0 && it->shift > PAGE_SHIFT)
		mem.upper++; /* What is behind it may be another (hit.c). */
	for (unsigned i = 0; slots != 0; i++, slots >>= 1) {
		if (!(slots & 1))
			continue;
		if (!clear_bytes(t, it->delta + (int64_t)i * reach(it->shift),
			reach(it->shift), left))
			return;
		it->slots &= ~(UINT32_C(1) << i);
	}
}

void
depend_thin(uint64_t key, uint32_t slots, unsigned *left)
{
	uint32_t i = *bucket_of(key);

	while (i != NO_INDEX && *left != 0) {
		struct item *it = &pool.item[i];

		if (it->key == key && (it->slots & slots) != 0)
			item_clear(it, slots, left);
		i = it->hash_next;
	}
}

void
depends_thin(uint64_t first, unsigned n, unsigned *left)
{
	for (; n > 0; n--, first++)
		if (*bucket_of(first) != NO_INDEX)
			depend_thin(first, UINT32_MAX, left);
}

void
depend_clear(uint64_t key, uint32_t slots)
{
	unsigned left = UINT32_MAX;

	depend_thin(key, slots, &left);
}

bool
depend_thin_page(uint64_t key, uint64_t page, unsigned *left)
{
	for (uint32_t i = *bucket_of(key); i != NO_INDEX;
	     i = pool.item[i].hash_next) {
		const struct item *it = &pool.item[i];

		if (it->key == key &&
		    !clear_bytes(table_at(it->table),
			it->delta + (int64_t)(page << PAGE_SHIFT), PAGE_SIZE,
			left))
			return false;
	}
	return true;
}

/* --- Adding and dropping ------------------------------------------------ */

static void
unhash(const struct item *it)
{
	if (it->hash_prev == NO_INDEX)
		*bucket_of(it->key) = it->hash_next;
	else
		pool.item[it->hash_prev].hash_next = it->hash_next;
	if (it->hash_next != NO_INDEX)
		pool.item[it->hash_next].hash_prev = it->hash_prev;
}

static void
item_free(struct item *it)
{
	it->table = NO_INDEX;
	it->hash_next = pool.free;
	pool.free = (uint32_t)(it - pool.item);
}

void
depend_drop(struct table *t, unsigned *left)
{
	const unsigned most = *left;
	unsigned       n = 0;
	uint32_t       i = t->depends;

	for (; i != NO_INDEX && n / DROPS < most; n++) {
		struct item *it = &pool.item[i];

		i = it->table_next;
		unhash(it);
		item_free(it);
	}
	t->depends = i;
	*left -= n / DROPS;
}

static void
recycle(void)
{
	struct item  *it = &pool.item[pool.hand];
	struct table *t = table_at(it->table);
	uint32_t     *p = &t->depends;
	unsigned      left = UINT32_MAX;

	pool.hand = (pool.hand + 1) % pool.n;
	item_clear(it, UINT32_MAX, &left);
	while (*p != (uint32_t)(it - pool.item))
		p = &pool.item[*p].table_next;
	*p = it->table_next;
	unhash(it);
	item_free(it);
	flush_now();
}

static bool
is_for(const struct item *it, const struct table *t, const struct place *p)
{
	return it->key == p->key && it->table == table_index(t) &&
	    it->delta == p->delta && it->shift == p->shift;
}

/* The newest item of the table is asked first: neighbours come together. */
static inline struct item *
newest(const struct table *t, const struct place *p)
{
	const uint32_t i = t->depends;

	return i != NO_INDEX && is_for(&pool.item[i], t, p) ? &pool.item[i]
							    : NULL;
}

static struct item *
find(const struct table *t, const struct place *p)
{
	uint32_t i = *bucket_of(p->key);

	while (i != NO_INDEX) {
		struct item *it = &pool.item[i];

		if (is_for(it, t, p))
			return it;
		i = it->hash_next;
	}
	return NULL;
}

void
depend_add(struct table *t, const struct place *p, unsigned slot)
{
	struct item *it = newest(t, p);
	uint32_t    *b;

	if (it == NULL)
		it = find(t, p);
	if (it != NULL) {
		it->slots |= UINT32_C(1) << slot;
		return;
	}
	if (pool.free == NO_INDEX)
		recycle();
	it = &pool.item[pool.free];
	pool.free = it->hash_next;
	b = bucket_of(p->key);
	*it = (struct item){
	    .key = p->key,
	    .delta = p->delta,
	    .slots = UINT32_C(1) << slot,
	    .table = table_index(t),
	    .hash_next = *b,
	    .hash_prev = NO_INDEX,
	    .table_next = t->depends,
	    .shift = p->shift,
	};
	if (*b != NO_INDEX)
		pool.item[*b].hash_prev = (uint32_t)(it - pool.item);
	*b = (uint32_t)(it - pool.item);
	t->depends = *b;
}

bool
depend_covers(const struct table *t, const struct place *p, unsigned slot)
{
	const struct item *it = find(t, p);

	return it != NULL && (it->slots >> slot & 1) != 0;
}
