/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The commonest faults: the lowest table is there and the node that it was made
 * of is in memory. Then what is in one of the node's slots decides: a page,
 * whose entry is missing, or nothing, of which a keeper is to be told. A small
 * table remembers where faults were served last, and which guard covers them.
 * Another one does so for pages whose node lies below that one.
 *
 * Whatever is unusual is left to map_serve in map.c, which gives the same
 * result in every case.
 *
 * Invariants:
 *  1. With upper == mem.upper, the tables of the top table lead to `table` for
 *     the region, all of them fresh, and writable as far as they may be.
 *     mem.upper rises when an entry above the lowest level is weakened or
 *     removed, when a table dies, and at each snapshot.
 *  2. With `told` a walk to any address of the region that the table's producer
 *     covers meets the same guards: all lie above that (product_at in build.c),
 *     and to change one of them changes an entry of an upper table (F2).
 *  3. With upper == mem.upper, the nodes from the producer of a `below` to its
 *     own are as they were, and the table has depend entries for the slots on
 *     the way. mem.upper rises when a depend entry goes whose slots are larger
 *     than a page, and when a node dies.
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
	struct cap   *slots; /* And these its slots. */

	/* What a walk says of an access that fails, map_fault. */
	bool       told; /* The others hold. */
	bool       guarded;
	uint8_t    rights;
	struct cap guard;
	uint64_t   base; /* Address of the guard's segment. */
} hits[HITS];

/* Where the last node on the way was, that lies below the table's producer. */
static struct below {
	uint64_t      upper, region; /* As above. */
	uint32_t      top, serial;
	struct table *table;
	struct frame *node;
	uint64_t      key;   /* Its OID. */
	int64_t       delta; /* Where its slot 0 is, from the table's start. */
	uint8_t       shift; /* Of its slots. */
	uint8_t       flags; /* Of the way to it; enum product_flags. */
} belows[HITS];

static struct below *
below_at(const struct frame *state, uint64_t v)
{
	return &belows[(v >> (PAGE_SHIFT + NODE_SHIFT) ^ state->state.top) %
	    HITS];
}

static struct hit *
hit_at(const struct frame *state, uint64_t v)
{
	return &hits[(v >> table_span(1) ^ state->state.top) % HITS];
}

void
hit_init(void)
{
	memset(hits, 0, sizeof(hits));
	memset(belows, 0, sizeof(belows));
	mem.upper = 1;
}

/* Is it of this space and region, and has nothing happened since? */
static inline bool
holds(const struct hit *h, const struct frame *state, uint64_t v)
{
	return h->upper == mem.upper && h->region == v >> table_span(1) &&
	    h->top == state->state.top && h->serial == state->state.serial;
}

void
hit_note(const struct frame *state, uint64_t v, struct table *t)
{
	const struct product *k = &t->key;
	struct hit           *h = hit_at(state, v);
	const bool            again = holds(h, state, v) && h->table == t;
	struct frame         *f;

	if (again && h->node->number == k->producer >> OID_INDEX_BITS)
		return;
	f = frame_find(oid_frame((oid){k->producer}));
	if (f == NULL || k->kind != CK_NODE || k->level != 1)
		return;
	if (!again)
		*h = (struct hit){
		    .upper = mem.upper,
		    .region = v >> table_span(1),
		    .top = state->state.top,
		    .serial = state->state.serial,
		    .table = t,
		};
	h->node  = f;
	h->slots = frame_nodes(f)->slot[k->producer & 7];
}

/* The last node of a walk that failed was behind this table: it lacks v. */
static bool
failed_below(const struct table *t, const struct walk *w)
{
	const struct step *s;

	if (w->n == 0)
		return false;
	s = &w->step[w->n - 1];
	if (w->n > 1 && s->kind == CK_PAGE)
		s--;
	return s->kind == CK_NODE && s->key == t->key.producer &&
	    s->flags == t->key.flags;
}

void
hit_note_fault(const struct frame *state, uint64_t v, struct table *t,
    const struct walk *w)
{
	struct hit *h = hit_at(state, v);

	/* A top table says nothing of some rights of the capability to it. */
	if (!failed_below(t, w) ||
	    (w->fault.guarded && w->step[0].key == cap_oid(&w->fault.guard).v))
		return;
	hit_note(state, v, t);
	if (!holds(h, state, v))
		return;
	h->told    = true;
	h->guarded = w->fault.guarded;
	h->guard   = w->fault.guard;
	h->rights  = w->fault.rights;
	h->base    = v - w->fault.offset;
}

void
hit_note_below(const struct frame *state, uint64_t v, struct table *t,
    const struct walk *w)
{
	const uint64_t     low = v & ((UINT64_C(1) << table_span(1)) - 1);
	const struct step *s;
	struct frame      *f;

	if (w->page == NULL || w->n < 3)
		return; /* None is below. */
	s = &w->step[w->n - 2];
	f = frame_find(oid_frame((oid){s->key}));
	if (s->kind != CK_NODE || f == NULL)
		return;
	*below_at(state, v) = (struct below){
	    .upper = mem.upper,
	    .region = v >> table_span(1),
	    .top = state->state.top,
	    .serial = state->state.serial,
	    .table = t,
	    .node = f,
	    .key = s->key,
	    .delta = (int64_t)low - (int64_t)s->offset,
	    .shift = s->shift,
	    .flags = s->flags,
	};
}

/* If its hint leads nowhere it may be in memory nevertheless. */
static inline void
find_page(struct cap *c, const struct frame *holder)
{
	const uint64_t number = oid_frame(cap_oid(c));
	struct frame  *p;

	if (c->type != CK_PAGE ||
	    likely(frame_hinted(cap_hint(c))->number == number))
		return;
	p = frame_find(number);
	if (p != NULL)
		cap_refresh(c, holder, p);
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

/* The walk would fail: say so, if it is known what it would say. */
static __attribute__((noinline)) enum map_hit
missing(const struct hit *h, uint64_t v, enum fault_code code,
    struct map_fault *fault)
{
	if (!h->told || fault == NULL)
		return HIT_NOT;
	fault->code    = code;
	fault->guarded = h->guarded;
	fault->guard   = h->guard;
	fault->rights  = h->rights;
	fault->offset  = v - h->base;
	return HIT_FAULT;
}

/* From the node that the table was made of. */
static inline enum map_hit
hit_above(const struct frame *state, uint64_t v, enum fault_access access,
    struct map_fault *fault)
{
	const struct hit *h = hit_at(state, v);
	struct table     *t = h->table;
	const uint64_t    low = v & ((UINT64_C(1) << table_span(1)) - 1);
	const unsigned    i = (unsigned)(low >> PAGE_SHIFT);
	const struct cap *c;
	struct frame     *p;
	uint64_t          offset;
	struct place      place;
	unsigned          shift, slot, flags;

	if (!holds(h, state, v))
		return HIT_NOT;
	offset = t->key.offset + low;
	if (h->node->number != t->key.producer >> OID_INDEX_BITS ||
	    h->node->kind != FK_NODE || offset >> (t->key.span - 1) > 1)
		return HIT_NOT;
	shift = t->key.span - NODE_SHIFT;
	slot = (unsigned)(offset >> shift);
	c = &h->slots[slot];
	if (c->type == CK_VOID)
		return missing(h, v, FAULT_UNMAPPED, fault);
	/* Beyond the page there is nothing (step_check). */
	if ((offset & ((UINT64_C(1) << shift) - 1)) >> PAGE_SHIFT != 0)
		return HIT_NOT;
	p = page_in(c, t->key.flags);
	flags = t->key.flags | (c->rights & (TF_READ_ONLY | TF_NO_EXECUTE));
	if (p == NULL || (c->rights & TF_WEAK))
		return HIT_NOT;
	if (!allowed(p, flags, access))
		return access == ACCESS_WRITE && (flags & TF_READ_ONLY)
		    ? missing(h, v, FAULT_ACCESS, fault)
		    : HIT_NOT;
	if (table_entries(t)[i] & PTE_PRESENT)
		return HIT_NOT;
	place.key = t->key.producer;
	place.delta = -(int64_t)t->key.offset;
	place.shift = (uint8_t)shift;
	depend_add(t, &place, slot);
	entry_set(t, i, page_pte(p, flags));
	t->used = 1;
	return HIT_SERVED;
}

/* From one below that. What fails is looked into by a walk. */
static __attribute__((noinline)) enum map_hit
hit_below(const struct frame *state, uint64_t v, enum fault_access access)
{
	const struct below *h = below_at(state, v);
	struct table       *t = h->table;
	const uint64_t      low = v & ((UINT64_C(1) << table_span(1)) - 1);
	const unsigned      i = (unsigned)(low >> PAGE_SHIFT);
	const uint64_t      offset = low - (uint64_t)h->delta;
	const struct place  place = {
	    .key = h->key, .delta = h->delta, .shift = h->shift};
	const unsigned slot = (unsigned)(offset >> h->shift);
	struct cap    *c;
	struct frame  *p;
	unsigned       flags;

	if (h->upper != mem.upper || h->region != v >> table_span(1) ||
	    h->top != state->state.top || h->serial != state->state.serial ||
	    (table_entries(t)[i] & PTE_PRESENT))
		return HIT_NOT;
	if (h->node->number != h->key >> OID_INDEX_BITS ||
	    h->node->kind != FK_NODE || offset >> h->shift >= NODE_SLOTS)
		return HIT_NOT;
	c = &frame_nodes(h->node)->slot[h->key & 7][slot];
	/* Beyond the page there is nothing (step_check). */
	if ((offset & ((UINT64_C(1) << h->shift) - 1)) >> PAGE_SHIFT != 0)
		return HIT_NOT;
	find_page(c, h->node);
	p = page_in(c, h->flags);
	flags = h->flags | (c->rights & (TF_READ_ONLY | TF_NO_EXECUTE));
	if (p == NULL || !allowed(p, flags, access) || (c->rights & TF_WEAK))
		return HIT_NOT;
	depend_add(t, &place, slot);
	entry_set(t, i, page_pte(p, flags));
	t->used = 1;
	return HIT_SERVED;
}

enum map_hit
map_hit(const struct frame *state, uint64_t v, enum fault_access access,
    struct map_fault *fault)
{
	const enum map_hit how = hit_above(state, v, access, fault);

	return how != HIT_NOT ? how : hit_below(state, v, access);
}
