/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The commonest fault: the lowest table is there, the node that it was made of
 * is in memory, and only the entry of a page in one of the node's slots is
 * missing. A small table remembers where faults were served last.
 *
 * Whatever is unusual is left to map_serve in map.c, which gives the same
 * result in every case.
 *
 * Invariant: with upper == mem.upper, the tables of the top table lead to
 * `table` for the region, all of them fresh, and writable as far as they may
 * be. mem.upper rises when an entry above the lowest level is weakened or
 * removed, when a table dies, and at each snapshot.
 */
#include "kernel/mem/cache.h"
#include "kernel/mem/resolve.h"
#include "kernel/mem/table.h"

enum { HITS = 64 };

static struct hit {
	uint64_t      upper;
	uint64_t      region; /* Address / 2 MiB. */
	uint32_t      top, serial; /* Of the space: state.top, state.serial. */
	struct table *table;
	struct frame *node; /* Where its producer was. */
} hits[HITS];

static struct hit *
hit_at(const struct frame *state, uint64_t v)
{
	return &hits[(v >> table_span(1) ^ state->state.top) % HITS];
}

void
hit_init(void)
{
	memset(hits, 0, sizeof(hits));
	mem.upper = 1;
}

void
hit_note(const struct frame *state, uint64_t v, struct table *t)
{
	const struct product *k = &t->key;
	struct frame         *f = frame_find(oid_frame((oid){k->producer}));

	if (f == NULL || k->kind != CK_NODE || k->level != 1)
		return;
	*hit_at(state, v) = (struct hit){
	    .upper = mem.upper,
	    .region = v >> table_span(1),
	    .top = state->state.top,
	    .serial = state->state.serial,
	    .table = t,
	    .node = f,
	};
}

/* The page in a slot, if it is there, and may be reached so. */
static inline struct frame *
page_in(const struct cap *c, unsigned flags)
{
	struct frame  *p = frame_hinted(cap_hint(c));
	const uint64_t id = c->word & OID_MASK;

	if (c->type != CK_PAGE || id >> OID_INDEX_BITS != p->number ||
	    p->kind != FK_PAGE || p->count != c->count ||
	    (id & 7) != OID_INDEX_FRAME)
		return NULL;
	if ((flags & TF_NP) && is_persistent(p->number))
		return NULL; /* F9 */
	return p;
}

/* May it be reached so now? As permit in map.c. */
static inline bool
allowed(const struct frame *p, unsigned flags, enum fault_access access)
{
	if (access == ACCESS_WRITE)
		return !(flags & TF_READ_ONLY) && frame_writable(p);
	if (access == ACCESS_EXECUTE)
		return (flags & (TF_READ_ONLY | TF_NO_EXECUTE)) ==
		    TF_READ_ONLY;
	return true;
}

bool
map_hit(const struct frame *state, uint64_t v, enum fault_access access)
{
	const struct hit *h = hit_at(state, v);
	struct table     *t = h->table;
	const uint64_t    low = v & ((UINT64_C(1) << table_span(1)) - 1);
	const unsigned    i = (unsigned)(low >> PAGE_SHIFT);
	const struct cap *c;
	struct frame     *p;
	struct place      place;
	uint64_t          offset;
	unsigned          slot, flags;

	if (h->upper != mem.upper || h->region != v >> table_span(1) ||
	    h->top != state->state.top || h->serial != state->state.serial ||
	    (table_entries(t)[i] & PTE_PRESENT))
		return false;
	offset = t->key.offset + low;
	if (h->node->number != t->key.producer >> OID_INDEX_BITS ||
	    h->node->kind != FK_NODE || offset >> (t->key.span - 1) > 1)
		return false;
	place.shift = (uint8_t)(t->key.span - NODE_SHIFT);
	slot = (unsigned)(offset >> place.shift);
	c = &frame_nodes(h->node)->slot[t->key.producer & 7][slot];
	/* Beyond the page there is nothing (step_check). */
	if ((offset & ((UINT64_C(1) << place.shift) - 1)) >> PAGE_SHIFT != 0)
		return false;
	p = page_in(c, t->key.flags);
	flags = t->key.flags | (c->rights & (TF_READ_ONLY | TF_NO_EXECUTE));
	if (p == NULL || !allowed(p, flags, access) || (c->rights & TF_WEAK))
		return false;

	place.key = t->key.producer;
	place.delta = -(int64_t)t->key.offset;
	depend_add(t, &place, slot);
	entry_set(t, i, page_pte(p, flags));
	t->used = 1;
	return true;
}
