/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Address spaces: loading, serving faults, invalidating.
 *
 * A fault is served in two halves. The walk (walk.c) finds what the tree of
 * nodes says; it may wait. The build (build.c) makes tables and entries agree
 * with it.
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

/* The page that map_page or map_page_next walked to last. */
#define NOWHERE (UINT64_MAX - 1)
static uint64_t walked;

/* --- Loading ------------------------------------------------------------ */

struct table map_no_table;

/* The top table that the state frame remembers, or NULL. */
static struct table *
remembered(const struct frame *state)
{
	struct table *t = map_remembered(state);

	return t != &map_no_table ? t : NULL;
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
	st = table_find_or_make(&root, TABLE_TOP, &t);
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

uint64_t
map_top_flush(struct table *t)
{
	/* Stamp 0: its PCID is another's (flush.c, 3). */
	if (t->epoch < mem.epoch || t->stamp == 0)
		return TOP_UNKNOWN;
	t->stamp = mem.stamp;
	t->used = 1;
	mem.top = t;
	mem_counters.cr3_writes++;
	hal_top_flush(t->load);
	return TOP_SAME;
}

void
map_unload(void)
{
	flush_unload();
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

/* The walk is over. */
static enum status
found(enum status st, enum fault_access access, struct map_fault *fault)
{
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

static enum status
find(const struct map_space *s, uint64_t v, enum fault_access access,
    struct map_fault *fault)
{
	if (v >> USER_SPAN != 0) {
		*fault = (struct map_fault){.code = FAULT_UNMAPPED};
		return ST_FAULT;
	}
	return found(walk(s, v, &now), access, fault);
}

/* The same for the page behind the one that was found last, in this entry. */
static enum status
find_next(const struct map_space *s, uint64_t v, enum fault_access access,
    struct map_fault *fault)
{
	const enum status st = walk_next(&now);

	return st == RC_NOT_FOUND ? find(s, v, access, fault)
				  : found(st, access, fault);
}

/*
 * The common case: all tables are there, only the last entry is missing or too
 * weak. What lies above the lowest table's producer need not be walked, for if
 * it had changed the tables would not lead here. False: serve it in full.
 */
static bool
serve_low(const struct map_space *s, uint64_t v, enum fault_access access)
{
	struct table *top = remembered(s->state);
	struct table *t;
	bool          served;

	if (top == NULL || v >> USER_SPAN != 0)
		return false;
	t = build_lowest(top, v);
	if (t == NULL)
		return false;
	t->busy = 1; /* Preparing the page may need memory. */
	served = walk_within(t, v, &now) == RC_OK && permit(access) == RC_OK;
	if (served) {
		build_leaf(t, &now, v);
		hit_note(s->state, v, t);
		hit_note_below(s->state, v, t, &now);
	}
	t->busy = 0;
	flush_now();
	return served;
}

/* Remember what the walk to v has met, if the tables lead to its end. */
static void
note_fault(const struct map_space *s, uint64_t v)
{
	struct table *top = remembered(s->state), *t;

	if (top == NULL || v >> USER_SPAN != 0)
		return;
	t = build_lowest(top, v);
	if (t != NULL)
		hit_note_fault(s->state, v, t, &now);
}

enum status
map_serve(const struct map_space *s, uint64_t v, enum fault_access access,
    struct map_fault *fault)
{
	struct table *top = NULL;
	enum status   st;

	if (serve_low(s, v, access))
		return RC_OK;
	st = find(s, v, access, fault);
	if (st == ST_FAULT)
		note_fault(s, v);
	if (st != RC_OK)
		return st;
	st = top_of(s, &top);
	if (st != RC_OK)
		return st;
	frame_use_reserve(s->resident);
	st = build(top, &now, v);
	frame_use_reserve(false);
	flush_now();
	return st;
}

struct frame *
map_mapped(const struct frame *state, uint64_t v, enum fault_access access)
{
	struct table *t = remembered(state);
	struct frame *f;
	uint64_t      need = PTE_PRESENT, pte;

	if (t == NULL || v >> USER_SPAN != 0)
		return NULL;
	if (access == ACCESS_WRITE)
		need |= PTE_WRITE;
	for (unsigned level = TABLE_TOP;; level--) {
		if (t->epoch < mem.epoch && access == ACCESS_WRITE)
			return NULL;
		pte = table_entries(
		    t)[(v >> entry_shift(level)) & (TABLE_ENTRIES - 1)];
		if ((pte & need) != need || (pte & (PTE_LARGE | PTE_WINDOWED)))
			return NULL;
		f = &mem.frame[(pte & PTE_ADDRESS) >> PAGE_SHIFT];
		if (level == 1)
			return f;
		t = table_of_frame(f);
	}
}

/* The page at v; next: `now` is a walk to the one before. */
static enum status
page_at(const struct map_space *s, uint64_t v, enum fault_access access,
    struct frame **out, struct map_fault *fault, bool next)
{
	struct frame *f = access == ACCESS_EXECUTE ? NULL
						   : map_mapped(s->state, v, access);
	enum status   st;

	walked = NOWHERE;
	if (f != NULL) {
		frame_hold(f);
		*out = f;
		return RC_OK;
	}
	st = next ? find_next(s, v, access, fault)
		  : find(s, v, access, fault);
	if (st != RC_OK)
		return st;
	walked = v >> PAGE_SHIFT;
	if (now.page == NULL) {
		now.fault.code = FAULT_ACCESS;
		*fault = now.fault;
		return ST_FAULT;
	}
	*out = now.page;
	return RC_OK;
}

enum status
map_page(const struct map_space *s, uint64_t v, enum fault_access access,
    struct frame **out, struct map_fault *fault)
{
	return page_at(s, v, access, out, fault, false);
}

enum status
map_page_next(const struct map_space *s, uint64_t v, enum fault_access access,
    struct frame **out, struct map_fault *fault)
{
	return page_at(
	    s, v, access, out, fault, walked + 1 == v >> PAGE_SHIFT);
}
