/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The walk down the tree of nodes that is an address space.
 *
 * From the root capability to the page (or device) behind an address, noting
 * each capability on the way. Rights add up: each can only take away. Read
 * only by weak follows S15: through a weak node only pages and nodes pass.
 *
 * The walk ends: a child's span must be at most its slot's (S1), which is 5
 * less for each node; guards keep the span, so their number is bounded by
 * WALK_STEPS.
 */
#include "kernel/mem/cache.h"
#include "kernel/mem/resolve.h"
#include "kernel/mem/table.h"

static enum status
fault(struct walk *w, enum fault_code code)
{
	w->fault.code = code;
	return ST_FAULT;
}

/* What a capability that cannot be resolved does to an access. */
static enum status
unresolved(struct walk *w, enum status st)
{
	switch ((unsigned)st) {
	case RC_VOID:
	case RC_NOT_FOUND:
	case RC_ARGUMENT: /* Beyond the end of a device. */
		return fault(w, FAULT_UNMAPPED);
	case RC_RESTARTED:
		return fault(w, FAULT_RESTARTED);
	case RC_MEDIA:
	case RC_CORRUPT:
		return fault(w, FAULT_MEDIA);
	default:
		return st;
	}
}

/* What a kind is to a walk. */
enum walk_class {
	WC_NONE,
	WC_PAGE,
	WC_NODE,
	WC_GUARD,
	WC_DEVICE,
};

static const uint8_t walk_class[256] = {
    [CK_PAGE] = WC_PAGE,
    [CK_NODE] = WC_NODE,
    [CK_GUARD] = WC_GUARD,
    [CK_MMIO] = WC_DEVICE,
    [CK_WINDOW] = WC_DEVICE,
    [CK_CACHE] = WC_DEVICE,
};

static bool
is_device(unsigned kind)
{
	return walk_class[kind] == WC_DEVICE;
}

static bool
is_segment(unsigned kind)
{
	return walk_class[kind] != WC_NONE;
}

static unsigned
segment_span(const struct cap *c)
{
	return c->type == CK_CACHE ? CACHE_SPAN : cap_span(c);
}

static unsigned
rights_of(const struct cap *c)
{
	unsigned f = c->rights & (TF_READ_ONLY | TF_NO_EXECUTE | TF_WEAK);

	return f & TF_WEAK ? f | TF_READ_ONLY : f;
}

/* Devices stand for themselves in the place of an object. */
static uint64_t
key_of(const struct cap *c)
{
	if (c->type == CK_CACHE)
		return device_key(CACHE_OBJECT);
	if (is_device(c->type))
		return oid_make(oid_frame(cap_oid(c)), OID_INDEX_FRAME).v;
	return cap_oid(c).v;
}

/* The step of a capability, its slot not yet taken. */
static void
step_init(struct step *s, const struct cap *c, uint64_t offset, unsigned cover,
    unsigned flags)
{
	s->key = key_of(c);
	s->offset = offset;
	s->kind = c->type;
	s->span = (uint8_t)segment_span(c);
	s->cover = (uint8_t)cover;
	s->flags = (uint8_t)(flags | rights_of(c));
	s->shift = 0;
	s->slot = 0;
}

/* Inside the span, and allowed in a slot of `limit`? */
static enum fault_code
step_check(const struct step *s, unsigned limit)
{
	if (s->span > limit)
		return FAULT_MALFORMED;
	if (s->span < 64 && s->offset >> s->span != 0)
		return FAULT_UNMAPPED;
	if (s->kind == CK_NODE && s->span < PAGE_SHIFT + NODE_SHIFT)
		return FAULT_MALFORMED; /* Its slots are less than a page. */
	if (s->kind == CK_GUARD && s->span < PAGE_SHIFT)
		return FAULT_MALFORMED;
	return FAULT_NONE;
}

/* The end of the walk at device memory. */
static enum status
end_device(const struct cap *c, struct step *s, struct walk *w)
{
	enum status st = map_device_page(c, s->offset, &w->device);

	if (st != RC_OK)
		return unresolved(w, st);
	debug_assert(s->key == device_key(w->device.object));
	s->flags |= TF_NO_EXECUTE;
	if (w->device.read_only)
		s->flags |= TF_READ_ONLY;
	w->page = NULL;
	return RC_OK;
}

/* Which slot of a node or guard lies behind the step's offset. */
static void
take_slot(struct step *s)
{
	if (s->kind == CK_GUARD) {
		s->shift = s->span;
		s->slot = 0;
		return;
	}
	s->shift = (uint8_t)(s->span - NODE_SHIFT);
	s->slot = (uint8_t)(s->offset >> s->shift);
}

static uint64_t
low_bits(uint64_t v, unsigned bits)
{
	return bits >= 64 ? v : v & ((UINT64_C(1) << bits) - 1);
}

/* What kind a capability counts as when it was reached through `flags`. */
static unsigned
effective_kind(const struct cap *c, unsigned flags)
{
	if ((flags & TF_WEAK) && c->type != CK_PAGE && c->type != CK_NODE)
		return CK_VOID;
	return c->type;
}

static enum fault_code
not_segment(unsigned kind)
{
	switch (kind) {
	case CK_VOID:
	case CK_BOOTSVC: /* Not resolved on a walk. */
		return FAULT_UNMAPPED;
	case CK_RESTARTED:
		return FAULT_RESTARTED;
	default:
		return FAULT_MALFORMED;
	}
}

static void
note_guard(struct walk *w, const struct cap *c, const struct step *s)
{
	w->fault.guarded = true;
	w->fault.guard = *c;
	w->fault.offset = s->offset;
	w->fault.rights = s->flags & CR_ALL;
}

/* Where a walk stands: the next capability, and what it may be. */
struct place_in {
	struct cap         *c;
	const struct frame *holder;
	uint64_t            offset;
	unsigned            limit, cover, flags;
};

/* On to the slot of a node or guard that the step has taken. */
static void
enter(struct place_in *p, struct step *s, struct frame *f)
{
	take_slot(s);
	if (s->kind != CK_GUARD)
		p->cover = s->shift;
	p->limit = s->shift;
	p->flags = s->flags;
	p->offset = low_bits(p->offset, s->shift);
	p->c = &frame_nodes(f)->slot[oid_index((oid){s->key})][s->slot];
	p->holder = f;
}

static enum status
go_on(struct walk *w, struct place_in *p)
{
	while (w->n < WALK_STEPS) {
		struct step    *s = &w->step[w->n];
		struct frame   *f = NULL;
		unsigned        kind = effective_kind(p->c, p->flags);
		enum fault_code code;
		enum status     st;

		if (!is_segment(kind))
			return fault(w, not_segment(kind));
		step_init(s, p->c, p->offset, p->cover, p->flags);
		code = step_check(s, p->limit);
		if (code != FAULT_NONE)
			return fault(w, code);
		w->n++;
		if (is_device(kind))
			return end_device(p->c, s, w);
		if ((p->flags & TF_NP) &&
		    is_persistent(oid_frame(cap_oid(p->c))))
			return fault(w, FAULT_ACCESS); /* F9 */
		st = cap_resolve(p->c, p->holder, &f);
		if (st != RC_OK)
			return unresolved(w, st);
		if (kind == CK_PAGE) {
			w->page = f;
			w->node = p->holder;
			return RC_OK;
		}
		if (kind == CK_GUARD)
			note_guard(w, p->c, s);
		enter(p, s, f);
	}
	return fault(w, FAULT_MALFORMED);
}

enum status
walk(const struct map_space *space, uint64_t v, struct walk *w)
{
	struct place_in p = {
	    .c = space->root,
	    .holder = space->holder,
	    .offset = v,
	    .limit = 64,
	    .cover = 64,
	    .flags = space->resident ? TF_NP : 0,
	};

	w->n = 0;
	w->page = NULL;
	w->fault.guarded = false;
	return go_on(w, &p);
}

enum status
walk_within(const struct table *t, uint64_t v, struct walk *w)
{
	const struct product *k = &t->key;
	uint64_t              mask = (UINT64_C(1) << table_span(k->level)) - 1;
	struct step          *s = &w->step[0];
	struct place_in       p = {.offset = k->offset + (v & mask)};
	struct frame         *f;

	if (k->kind != CK_NODE && k->kind != CK_GUARD)
		return RC_NOT_FOUND;
	if (k->span < 64 && p.offset >> k->span != 0)
		return RC_NOT_FOUND;
	f = frame_find(oid_frame((oid){k->producer}));
	if (f == NULL || f->kind != FK_NODE)
		return RC_NOT_FOUND;
	frame_hold(f);
	*s = (struct step){
	    .key = k->producer,
	    .offset = p.offset,
	    .kind = k->kind,
	    .span = k->span,
	    .cover = 64,
	    .flags = k->flags,
	};
	w->n = 1;
	w->page = NULL;
	w->fault.guarded = false;
	p.cover = 64;
	enter(&p, s, f);
	return go_on(w, &p);
}

enum status
walk_next(struct walk *w)
{
	struct step    *s;
	struct place_in p = {.offset = 0};

	if (w->page == NULL || w->n < 2)
		return RC_NOT_FOUND;
	s = &w->step[w->n - 2];
	if (s->kind != CK_NODE || s->shift != PAGE_SHIFT ||
	    s->slot == NODE_SLOTS - 1)
		return RC_NOT_FOUND;
	s->slot++;
	s->offset += PAGE_SIZE;
	w->fault.offset += PAGE_SIZE; /* Means something if it is guarded. */
	w->page = NULL;
	w->n--;
	p.c = &frame_nodes(w->node)->slot[oid_index((oid){s->key})][s->slot];
	p.holder = w->node;
	p.limit = p.cover = s->shift;
	p.flags = s->flags;
	return go_on(w, &p);
}

enum status
walk_root(const struct map_space *space, uint64_t v, struct step *out)
{
	struct cap       *c = space->root;
	struct frame     *f = NULL;
	struct map_device device;
	enum status       st;

	if (!is_segment(c->type))
		return RC_VOID;
	step_init(out, c, v, 64, space->resident ? TF_NP : 0);
	if (!is_device(c->type)) {
		if (space->resident && is_persistent(oid_frame(cap_oid(c))))
			return RC_VOID; /* F9: nothing is mapped below it. */
		return cap_resolve(c, space->holder, &f);
	}
	/* Whether there is something at its start does not matter here. */
	st = map_device_page(c, 0, &device);
	return st == RC_ARGUMENT ? RC_OK : st;
}
