/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Making tables and entries agree with a walk.
 *
 * The walk is over and its page is held; what is lacking here is only memory
 * for tables, and then less is cached than could be. The tables on the path
 * are `busy`, so that making room does not take one of them away.
 */
#include "kernel/mem/cache.h"
#include "kernel/mem/table.h"

static struct product
product_of(const struct step *s, unsigned level)
{
	uint64_t mask = (UINT64_C(1) << table_span(level)) - 1;

	return (struct product){
	    .producer = s->key,
	    .offset = s->offset & ~mask,
	    .kind = s->kind,
	    .span = s->span,
	    .level = (uint8_t)level,
	    .flags = s->flags,
	};
}

enum status
table_find_or_make(const struct step *s, unsigned level, struct table **out)
{
	struct product key = product_of(s, level);
	struct table  *t = table_find(&key);

	if (t == NULL)
		return table_make(&key, out);
	*out = t;
	return RC_OK;
}

/* Depend entries for the slots taken by steps [from, to). */
static void
add_depends(struct table *t, const struct walk *w, uint64_t v, unsigned from,
    unsigned to)
{
	uint64_t mask = (UINT64_C(1) << table_span(t->key.level)) - 1;

	for (unsigned i = from; i < to; i++) {
		const struct step *s = &w->step[i];
		struct place       p = {
			  .key = s->key,
			  .delta = (int64_t)(v & mask) - (int64_t)s->offset,
			  .shift = s->shift,
                };

		depend_add(t, &p, s->slot);
	}
}

/* A device at the end: as if its pages were slots. */
static void
add_device_depend(struct table *t, const struct walk *w, uint64_t v)
{
	const struct step *s = &w->step[w->n - 1];
	uint64_t           mask = (UINT64_C(1) << table_span(t->key.level)) - 1;
	struct place       p = {
		  .key = s->key,
		  .delta = (int64_t)(v & mask) - (int64_t)s->offset,
		  .shift = s->span,
        };

	depend_add(t, &p, 0);
}

static unsigned
index_in(const struct table *t, uint64_t v)
{
	return (unsigned)(v >> entry_shift(t->key.level)) & (TABLE_ENTRIES - 1);
}

/* Make t's entry refer to the table below, which is fresh. */
static void
link_table(struct table *t, unsigned i, const struct table *below)
{
	uint64_t *e = &table_entries(t)[i];
	uint64_t  pte = frame_paddr(&mem.frame[below->frame]).v | PTE_PRESENT |
	    PTE_USER;

	if (!(below->key.flags & TF_READ_ONLY))
		pte |= PTE_WRITE;
	if (!(*e & PTE_PRESENT)) {
		entry_set(t, i, pte);
	} else if ((pte & PTE_WRITE) && !(*e & PTE_WRITE)) {
		*e |= PTE_WRITE;
		t->nwritable++;
	}
}

/* The step that produces the table of this level: the lowest that alone can. */
static unsigned
producer_at(const struct walk *w, unsigned from, unsigned level)
{
	while (from + 1 < w->n && w->step[from + 1].cover >= table_span(level))
		from++;
	return from;
}

/* The table below t's entry for v, made and linked if need be. */
static enum status
descend(struct table *t, const struct walk *w, uint64_t v, unsigned at,
    unsigned below, struct table **out)
{
	unsigned      i = index_in(t, v);
	uint64_t      pte = table_entries(t)[i];
	struct table *b = NULL;
	enum status   st;

	if ((pte & PTE_PRESENT) && table_of_entry(pte)->serial == 0) {
		entry_clear(t, i); /* It is being reclaimed: make another. */
		pte = 0;
	}
	if (pte & PTE_PRESENT) {
		b = table_of_entry(pte);
	} else {
		st = table_find_or_make(&w->step[below], t->key.level - 1u, &b);
		if (st != RC_OK)
			return st;
		b->busy = 1; /* Making room for entries may clear others. */
		add_depends(t, w, v, at, below);
	}
	table_freshen(b);
	link_table(t, i, b);
	b->busy = b->used = 1;
	*out = b;
	return RC_OK;
}

/* The entry for the page or device at the end of the walk. */
static uint64_t
leaf_pte(const struct walk *w)
{
	unsigned flags = w->step[w->n - 1].flags;
	uint64_t pte = PTE_PRESENT | PTE_USER;

	if (w->page == NULL) {
		pte |= w->device.page.v | PTE_WINDOWED |
		    hal_pte_cache(w->device.cache);
		if (!(flags & TF_READ_ONLY))
			pte |= PTE_WRITE;
		return pte | PTE_NO_EXECUTE;
	}
	return page_pte(w->page, flags);
}

static void
set_leaf(struct table *t, const struct walk *w, uint64_t v, unsigned at,
    uint64_t pte)
{
	const uint64_t weak = PTE_ACCESSED | PTE_DIRTY | PTE_WRITE;
	unsigned       i = index_in(t, v);
	uint64_t       old = table_entries(t)[i];

	if ((old & PTE_PRESENT) && (old & ~weak) == (pte & ~weak) &&
	    (pte & PTE_WRITE) >= (old & PTE_WRITE)) {
		/* The TLB, or the entry, had a weaker view. */
		if ((pte & PTE_WRITE) > (old & PTE_WRITE)) {
			table_entries(t)[i] |= PTE_WRITE;
			t->nwritable++;
		}
		flush_stronger(v);
		return;
	}
	if (old & PTE_PRESENT)
		entry_clear(t, i);
	add_depends(t, w, v, at, w->n - 1);
	if (w->page == NULL)
		add_device_depend(t, w, v);
	entry_set(t, i, pte);
}

/* Can the 2 MiB of the cache round v be one large entry? */
static bool
large_ok(const struct step *s)
{
	uint64_t first = (s->offset >> PAGE_SHIFT) & ~(uint64_t)0x1ff;

	if (s->kind != CK_CACHE || first + TABLE_ENTRIES > mem.nframes)
		return false;
	for (uint64_t i = 0; i < TABLE_ENTRIES; i++) {
		unsigned use = mem.frame[first + i].use;

		if (use == USE_NONE || use == USE_KERNEL)
			return false;
	}
	return true;
}

/*
 * A large entry in the level 2 table: true if it was possible. The segment is
 * aligned to more than an entry, so offset and address agree below 2 MiB.
 */
static bool
set_large(struct table *t, const struct walk *w, uint64_t v, unsigned at)
{
	const struct step *s = &w->step[w->n - 1];
	uint64_t           mask = (UINT64_C(1) << entry_shift(2)) - 1;

	if (t->key.level != 2 || !large_ok(s))
		return false;
	set_leaf(t, w, v, at,
	    (s->offset & ~mask) | PTE_PRESENT | PTE_USER | PTE_WINDOWED |
		PTE_LARGE | PTE_NO_EXECUTE);
	return true;
}

enum status
build(struct table *top, const struct walk *w, uint64_t v)
{
	struct table *path[TABLE_TOP + 1];
	unsigned      level = TABLE_TOP, at = 0;
	enum status   st = RC_OK;

	path[level] = top;
	top->busy = top->used = 1;
	table_freshen(top);
	while (level > 1) {
		unsigned below;

		if (level == 2 && w->page == NULL &&
		    set_large(path[2], w, v, at))
			break;
		below = producer_at(w, at, level - 1);
		st = descend(path[level], w, v, at, below, &path[level - 1]);
		if (st != RC_OK)
			break;
		at = below;
		level--;
	}
	if (level == 1)
		set_leaf(path[1], w, v, at, leaf_pte(w));
	for (; level <= TABLE_TOP; level++)
		path[level]->busy = 0;
	return st;
}

/*
 * The level 1 table that the tables lead to for v, made fresh and writable on
 * the way as build would; NULL: something is missing.
 */
struct table *
build_lowest(struct table *top, uint64_t v)
{
	struct table *t = top;

	table_freshen(t);
	for (unsigned level = TABLE_TOP; level > 1; level--) {
		unsigned i = (unsigned)(v >> entry_shift(level)) &
		    (TABLE_ENTRIES - 1);
		uint64_t      pte = table_entries(t)[i];
		struct table *b;

		if (!(pte & PTE_PRESENT) || (pte & PTE_LARGE))
			return NULL;
		b = table_of_entry(pte);
		table_freshen(b);
		if (!(pte & PTE_WRITE) && !(b->key.flags & TF_READ_ONLY))
			link_table(t, i, b);
		t = b;
	}
	t->used = 1;
	return t;
}

/* The entry for the end of a walk that began at t's producer. */
void
build_leaf(struct table *t, const struct walk *w, uint64_t v)
{
	set_leaf(t, w, v, 0, leaf_pte(w));
}
