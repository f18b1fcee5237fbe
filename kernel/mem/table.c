/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mapping tables as products of the tree of nodes (S1).
 *
 *     free --table_make--> in the hash --table_destroy--> free
 *                              |                ^
 *                              `--reclaimed, withdrawn
 *
 * Tables are found by their key, so that all spaces that reach a segment in
 * the same way share its tables. A table may be destroyed at any moment but
 * while a walk is in it; the loaded top table only when its producer dies,
 * and then the kernel's own is loaded first.
 *
 * To reclaim one, it is withdrawn, so that nobody comes to it anew; then what leads
 * to it is taken away, its entries, its depend entries, some at a time (D3). So it
 * ends, whatever processes do in between.
 */
#include "kernel/mem/table.h"
#include "kernel/mem/cache.h"

enum {
	HAND_STEPS = 64, /* Tables looked at to reclaim one. */
	COST_ONE = 110,  /* Instructions, about (D3). */
};

static struct {
	uint32_t  n;
	uint32_t  used;
	uint32_t  free;
	uint32_t  hand[CLASS_COUNT]; /* Next in the ring; NO_INDEX: none. */
	uint32_t  turn;      /* Of the hand: the last one. */
	uint32_t  withdrawn; /* Being reclaimed; NO_INDEX: none. */
	uint32_t  serial; /* Last one given; 0 is none. */
	uint32_t *hash;
	uint32_t  mask;
} tables;

__attribute__((cold)) void
tables_init(struct table *pool, uint32_t n, uint32_t *hash, uint32_t buckets)
{
	assert((buckets & (buckets - 1)) == 0);
	memset(&tables, 0, sizeof(tables));
	mem.table = pool;
	tables.n = n;
	tables.hash = hash;
	tables.mask = buckets - 1;
	tables.free = NO_INDEX;
	tables.withdrawn = NO_INDEX;
	memset(tables.hand, 0xff, sizeof(tables.hand));
	memset(hash, 0xff, buckets * sizeof(*hash));
	for (uint32_t i = n; i-- > 0;) {
		pool[i] = (struct table){
		    .frame = NO_INDEX, .hash_next = tables.free};
		tables.free = i;
	}
}

uint32_t
table_slots(void)
{
	return tables.n;
}

uint32_t
map_table_count(void)
{
	return tables.used;
}

/* By producer alone: all products of one that dies are in one bucket. */
static uint32_t *
bucket_of(uint64_t producer)
{
	uint64_t h = producer * UINT64_C(0x9e3779b97f4a7c15);

	return &tables.hash[(h >> 32) & tables.mask];
}

static bool
key_equal(const struct product *a, const struct product *b)
{
	return a->producer == b->producer && a->offset == b->offset &&
	    a->kind == b->kind && a->span == b->span && a->level == b->level &&
	    a->flags == b->flags;
}

struct table *
table_find(const struct product *key)
{
	uint32_t i = *bucket_of(key->producer);

	while (i != NO_INDEX) {
		struct table *t = &mem.table[i];

		if (key_equal(&t->key, key))
			return t;
		i = t->hash_next;
	}
	return NULL;
}

/*
 * The rings of tables that may be reclaimed, one for each class of their frames, in
 * the order in which the hand comes by: all but those of resident processes,
 * which stay (rule 4 of the design).
 */
static uint32_t *
hand_of(const struct table *t)
{
	return &tables.hand[mem.frame[t->frame].class];
}

/* When the hand came by last. */
static uint32_t *
turn_of(const struct table *t)
{
	return &mem.frame[t->frame].table.turn;
}

static void
ring_add(struct table *t)
{
	const uint32_t i = table_index(t);
	uint32_t      *hand = hand_of(t);
	struct table  *h;

	*turn_of(t) = ++tables.turn;
	if (*hand == NO_INDEX) {
		t->next = t->prev = *hand = i;
		return;
	}
	h = &mem.table[*hand]; /* The new one is the last to be met. */
	t->next = *hand;
	t->prev = h->prev;
	mem.table[h->prev].next = i;
	h->prev = i;
}

static void
ring_remove(struct table *t)
{
	const uint32_t i = table_index(t);
	uint32_t      *hand = hand_of(t);

	mem.table[t->prev].next = t->next;
	mem.table[t->next].prev = t->prev;
	if (*hand == i)
		*hand = t->next == i ? NO_INDEX : t->next;
}

static enum status
slot_take(uint32_t *out)
{
	if (tables.free == NO_INDEX) {
		enum status st = map_reclaim_table(CLASS_ANY);

		if (st != RC_OK)
			return st;
	}
	*out = tables.free;
	tables.free = mem.table[*out].hash_next;
	return RC_OK;
}

enum status
table_make(const struct product *key, struct table **out)
{
	struct frame *f = NULL;
	struct table *t;
	uint32_t     *b;
	uint32_t      slot;
	enum status   st;

	st = frame_alloc(CLASS_ANY, USE_TABLE, &f);
	if (st != RC_OK)
		return st;
	st = slot_take(&slot);
	if (st != RC_OK) {
		f->table.slot = NO_INDEX;
		frame_free(f);
		return st;
	}
	t = &mem.table[slot];
	b = bucket_of(key->producer);
	f->table.slot = slot;
	if (++tables.serial == 0)
		tables.serial = 1;
	*t = (struct table){
	    .key = *key,
	    .epoch = key->flags & TF_NP ? EPOCH_ALWAYS : mem.epoch,
	    .frame = frame_index(f),
	    .serial = tables.serial,
	    .hash_next = *b,
	    .depends = NO_INDEX,
	    .refs = {0, NO_INDEX},
	    .used = 1,
	};
	*b = slot;
	if (!(key->flags & TF_NP))
		ring_add(t);
	t->entry = frame_data(f);
	if (key->level == TABLE_TOP)
		hal_top_init(table_entries(t));
	tables.used++;
	mem_counters.tables_made++;
	*out = t;
	return RC_OK;
}

static void
unhash(struct table *t)
{
	uint32_t *p = bucket_of(t->key.producer);
	uint32_t  i = table_index(t);

	while (*p != i) {
		assert(*p != NO_INDEX);
		p = &mem.table[*p].hash_next;
	}
	*p = t->hash_next;
}

/* Entries of a table that may be present: not the kernel's half of a top. */
static unsigned
entries_of(const struct table *t)
{
	return t->key.level == TABLE_TOP ? USER_ENTRIES : TABLE_ENTRIES;
}

/*
 * Take away what leads to a table and what it holds, as much as is left: about
 * COST_ONE instructions each. False: there may be more.
 */
static bool
table_thin(struct table *t, unsigned *left)
{
	const struct frame *f = &mem.frame[t->frame];
	const unsigned      before = *left;
	uint32_t            ref;

	for (; *left != 0 && (ref = rmap_first(f)) != 0; --*left)
		entry_clear(table_at((ref - 1) / TABLE_ENTRIES),
		    (ref - 1) % TABLE_ENTRIES);
	for (unsigned i = 0; *left != 0 && t->npresent > 0; i++) {
		if (!(table_entries(t)[i] & PTE_PRESENT))
			continue;
		entry_clear(t, i);
		--*left;
	}
	depend_drop(t, left);
	mem_work += (before - *left) * COST_ONE;
	return *left != 0;
}

void
table_destroy(struct table *t)
{
	struct frame *f = &mem.frame[t->frame];
	unsigned      all = UINT32_MAX;

	assert(!t->busy);
	if (flush_loaded() == t)
		flush_unload();
	(void)table_thin(t, &all);
	if (tables.withdrawn == table_index(t))
		tables.withdrawn = NO_INDEX;
	if (!(t->key.flags & TF_NP))
		ring_remove(t);
	if (t->key.level == TABLE_TOP)
		mem.changes++; /* Whose process is known by it. */
	mem.upper++;
	unhash(t);
	flush_note();
	flush_now(); /* Before the frame can be anything else. */
	t->frame = NO_INDEX;
	t->serial = 0;
	t->hash_next = tables.free;
	tables.free = table_index(t);
	tables.used--;
	f->table.slot = NO_INDEX;
	frame_free(f);
}

/* Of the classes that serve, the ring whose next table waits longest; or NULL. */
static __attribute__((cold)) uint32_t *
oldest_hand(enum frame_class class)
{
	uint32_t *oldest = NULL, waits = 0;

	for (unsigned c = 0; c <= class; c++) {
		uint32_t *hand = &tables.hand[c], turns;

		if (*hand == NO_INDEX)
			continue;
		turns = tables.turn - *turn_of(&mem.table[*hand]);
		if (oldest == NULL || turns > waits) {
			oldest = hand;
			waits = turns;
		}
	}
	return oldest;
}

/*
 * Tables of all classes that serve take turns, as in one ring: if one class went
 * first and had few, what processes need in turn would be made anew for ever. As
 * long as nothing was found, the second half of the steps takes what comes, used
 * or not; so it ends soon however many tables there are (D3).
 */
static __attribute__((cold)) struct table *
choose(enum frame_class class)
{
	for (unsigned n = 0; n < HAND_STEPS; n++) {
		uint32_t     *hand = oldest_hand(class);
		struct table *t;

		if (hand == NULL)
			break;
		t = &mem.table[*hand];
		*hand = t->next;
		*turn_of(t) = ++tables.turn;
		if (t->busy || flush_loaded() == t)
			continue;
		if (!t->used || n >= HAND_STEPS / 2)
			return t;
		t->used = 0;
	}
	return NULL;
}

/* Nobody finds it from here on, by its key or as the top of a process. */
static __attribute__((cold)) bool
withdraw(struct table *t)
{
	if (t == NULL)
		return false;
	t->key.kind = CK_VOID;
	t->serial = 0;
	if (t->key.level == TABLE_TOP)
		mem.changes++; /* Whose process is known by it. */
	mem.upper++;
	tables.withdrawn = table_index(t);
	return true;
}

__attribute__((cold)) enum status
map_reclaim_table(enum frame_class class)
{
	struct table *t;
	unsigned      left = MAP_PIECE;

	if (tables.withdrawn == NO_INDEX && !withdraw(choose(class)))
		return RC_NO_MEMORY;
	t = &mem.table[tables.withdrawn];
	while (t->busy || !table_thin(t, &left)) {
		const enum status st = frame_wait_again();

		flush_now();
		if (st == ST_WAIT || t->busy)
			return st;
		left = MAP_PIECE;
	}
	mem_counters.tables_reclaimed++;
	table_destroy(t);
	return RC_OK;
}

/* Of one: it is in a chain that is not empty. */
static __attribute__((noinline)) void
producer_thin(uint64_t producer, unsigned *left)
{
	uint32_t i = *bucket_of(producer);

	while (i != NO_INDEX && *left != 0) {
		struct table *t = &mem.table[i];

		i = t->hash_next;
		if (t->key.producer != producer)
			continue;
		/* The loaded one goes when its producer does. */
		if (!table_thin(t, left) ||
		    (flush_loaded() == t && *left <= MAP_PIECE))
			continue;
		table_destroy(t);
		--*left;
	}
}

void
producers_thin(uint64_t first, unsigned n, unsigned *left)
{
	for (; n > 0; n--, first++)
		if (*bucket_of(first) != NO_INDEX)
			producer_thin(first, left);
}

void
map_producer_dead(oid producer)
{
	unsigned left = UINT32_MAX;

	if (*bucket_of(producer.v) != NO_INDEX)
		producer_thin(producer.v, &left);
}

/*
 * M7: a clean table costs nothing. No flush: since the epoch rose every top
 * table was flushed when it was loaded, and no entry onto this one has had W.
 */
void
table_freshen_old(struct table *t)
{
	for (unsigned i = 0; t->nwritable > 0 && i < entries_of(t); i++)
		entry_protect_quietly(t, i);
	t->epoch = mem.epoch;
}
