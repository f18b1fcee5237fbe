/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Address spaces: loading, serving faults, invalidating.
 *
 * A fault is served in two halves. The walk (walk.c) finds what the tree of
 * nodes says; it may wait. The build makes tables and entries agree with it;
 * it may run out of frames, and then only less is cached than could be.
 *
 * Invariants: see table.h. And: every function that other layers call flushes
 * before it returns, but for the _later and _page ones.
 */
#include "kernel/mem/map.h"
#include "kernel/mem/cache.h"
#include "kernel/mem/object.h"
#include "kernel/mem/table.h"

/* The walk in progress; too large for the stack. */
static struct walk now;

/* --- Loading ------------------------------------------------------------ */

/* The top table remembered in the state frame, if it is still that. */
static struct table *
remembered(const struct frame *state)
{
	struct table *t;

	if (state->state.top >= table_slots())
		return NULL;
	t = table_at(state->state.top);
	return t->serial == state->state.serial ? t : NULL;
}

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

static enum status
find_or_make(const struct step *s, unsigned level, struct table **out)
{
	struct product key = product_of(s, level);
	struct table  *t = table_find(&key);

	if (t == NULL)
		return table_make(&key, out);
	*out = t;
	return RC_OK;
}

static enum status
top_of(const struct map_space *space, struct table **out)
{
	struct table *t = remembered(space->state);
	struct step   root;
	enum status   st;

	if (t != NULL) {
		*out = t;
		return RC_OK;
	}
	st = walk_root(space, 0, &root);
	if (st != RC_OK)
		return st;
	frame_use_reserve(space->resident);
	st = find_or_make(&root, TABLE_TOP, &t);
	frame_use_reserve(false);
	if (st != RC_OK)
		return st;
	space->state->state.top = table_index(t);
	space->state->state.serial = t->serial;
	*out = t;
	return RC_OK;
}

enum status
map_load(const struct map_space *s)
{
	struct table *t = NULL;
	enum status   st;

	if (map_reload(s->state))
		return RC_OK;
	st = top_of(s, &t);
	if (st == RC_VOID || st == RC_RESTARTED || st == RC_MEDIA) {
		flush_unload();
		return RC_OK;
	}
	if (st != RC_OK)
		return st;
	table_freshen(t);
	t->used = 1;
	flush_load(t);
	return RC_OK;
}

void
map_unload(void)
{
	flush_unload();
}

/* --- Building ----------------------------------------------------------- */

/* Depend entries for the slots taken by steps [from, to). */
static void
add_depends(struct table *t, uint64_t v, unsigned from, unsigned to)
{
	uint64_t mask = (UINT64_C(1) << table_span(t->key.level)) - 1;

	for (unsigned i = from; i < to; i++) {
		const struct step *s = &now.step[i];
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
add_device_depend(struct table *t, uint64_t v)
{
	const struct step *s = &now.step[now.n - 1];
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
producer_at(unsigned from, unsigned level)
{
	while (
	    from + 1 < now.n && now.step[from + 1].cover >= table_span(level))
		from++;
	return from;
}

/* The table below t's entry for v, made and linked if need be. */
static enum status
descend(struct table *t, uint64_t v, unsigned at, unsigned below,
    struct table **out)
{
	unsigned      i = index_in(t, v);
	uint64_t      pte = table_entries(t)[i];
	struct table *b = NULL;
	enum status   st;

	if (pte & PTE_PRESENT) {
		b = table_of_frame(
		    &mem.frame[(pte & PTE_ADDRESS) >> PAGE_SHIFT]);
	} else {
		st = find_or_make(&now.step[below], t->key.level - 1u, &b);
		if (st != RC_OK)
			return st;
		b->busy = 1; /* Making room for entries may clear others. */
		add_depends(t, v, at, below);
	}
	table_freshen(b);
	link_table(t, i, b);
	b->busy = b->used = 1;
	*out = b;
	return RC_OK;
}

/* The entry for the page or device at the end of the walk. */
static uint64_t
leaf_pte(void)
{
	unsigned flags = now.step[now.n - 1].flags;
	uint64_t pte = PTE_PRESENT | PTE_USER;

	if (now.page == NULL) {
		pte |= now.device.page.v | PTE_WINDOWED |
		    hal_pte_cache(now.device.cache);
		if (!(flags & TF_READ_ONLY))
			pte |= PTE_WRITE;
		return pte | PTE_NO_EXECUTE;
	}
	pte |= frame_paddr(now.page).v;
	if (!(flags & TF_READ_ONLY) && frame_writable(now.page))
		pte |= PTE_WRITE;
	/* S15: what may be written is never executed, whatever the epoch. */
	if (!(flags & TF_READ_ONLY) || (flags & TF_NO_EXECUTE))
		pte |= PTE_NO_EXECUTE;
	return pte;
}

static void
set_leaf(struct table *t, uint64_t v, unsigned at, uint64_t pte)
{
	unsigned i = index_in(t, v);
	uint64_t old = table_entries(t)[i];
	uint64_t hw = PTE_ACCESSED | PTE_DIRTY;

	if ((old & ~hw) == (pte & ~hw)) {
		flush_stronger(v); /* The TLB had an older view. */
		return;
	}
	if ((old & ~hw & ~(uint64_t)PTE_WRITE) ==
		(pte & ~(uint64_t)PTE_WRITE) &&
	    (pte & PTE_WRITE)) {
		table_entries(t)[i] |= PTE_WRITE;
		t->nwritable++;
		flush_stronger(v);
		return;
	}
	entry_clear(t, i);
	add_depends(t, v, at, now.n - 1);
	if (now.page == NULL)
		add_device_depend(t, v);
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
set_large(struct table *t, uint64_t v, unsigned at)
{
	const struct step *s = &now.step[now.n - 1];
	uint64_t           mask = (UINT64_C(1) << entry_shift(2)) - 1;

	if (t->key.level != 2 || !large_ok(s))
		return false;
	set_leaf(t, v, at,
	    (s->offset & ~mask) | PTE_PRESENT | PTE_USER | PTE_WINDOWED |
		PTE_LARGE | PTE_NO_EXECUTE);
	return true;
}

static enum status
build(struct table *top, uint64_t v)
{
	struct table *path[TABLE_TOP + 1];
	unsigned      level = TABLE_TOP, at = 0;
	enum status   st = RC_OK;

	path[level] = top;
	top->busy = top->used = 1;
	table_freshen(top);
	while (level > 1) {
		unsigned below;

		if (level == 2 && now.page == NULL && set_large(path[2], v, at))
			break;
		below = producer_at(at, level - 1);
		st = descend(path[level], v, at, below, &path[level - 1]);
		if (st != RC_OK)
			break;
		at = below;
		level--;
	}
	if (level == 1)
		set_leaf(path[1], v, at, leaf_pte());
	for (; level <= TABLE_TOP; level++)
		path[level]->busy = 0;
	return st;
}

/* --- Serving ------------------------------------------------------------ */

/* Does the walk's end allow this access? Prepares the page for a write. */
static enum status
permit(enum fault_access access)
{
	unsigned flags = now.step[now.n - 1].flags;

	now.fault.code = FAULT_ACCESS;
	if (access == ACCESS_WRITE) {
		if (flags & TF_READ_ONLY)
			return ST_FAULT;
		if (now.page != NULL)
			return object_prepare_write(&now.page);
	}
	if (access == ACCESS_EXECUTE &&
	    ((flags & TF_NO_EXECUTE) || !(flags & TF_READ_ONLY)))
		return ST_FAULT;
	return RC_OK;
}

static enum status
find(const struct map_space *s, uint64_t v, enum fault_access access,
    struct map_fault *fault)
{
	enum status st;

	if (v >> USER_SPAN != 0) {
		*fault = (struct map_fault){.code = FAULT_UNMAPPED};
		return ST_FAULT;
	}
	st = walk(s, v, &now);
	if (st == RC_OK)
		st = permit(access);
	if (st == RC_MEDIA) {
		now.fault.code = FAULT_MEDIA;
		st = ST_FAULT;
	}
	if (st == ST_FAULT)
		*fault = now.fault;
	return st;
}

enum status
map_serve(const struct map_space *s, uint64_t v, enum fault_access access,
    struct map_fault *fault)
{
	struct table *top = NULL;
	enum status   st = find(s, v, access, fault);

	if (st != RC_OK)
		return st;
	st = top_of(s, &top);
	if (st != RC_OK)
		return st;
	frame_use_reserve(s->resident);
	st = build(top, v);
	frame_use_reserve(false);
	flush_now();
	return st;
}

enum status
map_page(const struct map_space *s, uint64_t v, enum fault_access access,
    struct frame **out, struct map_fault *fault)
{
	enum status st = find(s, v, access, fault);

	if (st != RC_OK)
		return st;
	if (now.page == NULL) {
		now.fault.code = FAULT_ACCESS;
		*fault = now.fault;
		return ST_FAULT;
	}
	*out = now.page;
	return RC_OK;
}
