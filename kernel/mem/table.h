/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mapping tables from the inside: products, depend entries, reverse map,
 * flushing. Shared by the files of kernel/mem; nobody else includes this.
 *
 * Invariants (map_ok):
 *  1. A table whose epoch is not current has entries with W only if they were
 *     made in its epoch; it is freshened before it is loaded or walked.
 *  2. An entry onto a table has W only if that table is of the epoch in which
 *     the entry's own table is (so of the current one, if that is).
 *  3. Each present entry onto a page or table stands in the reverse map of
 *     what it refers to, but for entries with PTE_WINDOWED or PTE_LARGE, which
 *     are found through the depend entries of their device.
 *  4. Each present entry is covered by depend entries for every slot between
 *     the producer of its table and what it refers to.
 *  5. nwritable and npresent count the entries with W and with P.
 */
#ifndef KERNEL_MEM_TABLE_H
#define KERNEL_MEM_TABLE_H

#include "kernel/mem/top.h"

enum product_flags {
	TF_READ_ONLY = CR_READ_ONLY, /* The same bits as the rights. */
	TF_NO_EXECUTE = CR_NO_EXECUTE,
	TF_WEAK = CR_WEAK,
	TF_NP = 1 << 7, /* No persistent page below (F9). */
};

/* --- table.c ------------------------------------------------------------ */

void tables_init(
    struct table *pool, uint32_t n, uint32_t *hash, uint32_t buckets);
struct table *table_find(const struct product *key);

/* A new empty table; takes a frame. */
must_check enum status table_make(
    const struct product *key, struct table **out);
void     table_destroy(struct table *t);

/*
 * Take away at most as many entries onto tables made of so many objects as are
 * left, and the tables that nothing refers to any more.
 */
void     producers_thin(uint64_t first, unsigned n, unsigned *left);
uint32_t table_slots(void);

static inline struct table *
table_at(uint32_t slot)
{
	debug_assert(slot < table_slots());
	return &mem.table[slot];
}

static inline uint32_t
table_index(const struct table *t)
{
	return (uint32_t)(t - mem.table);
}

static inline struct table *
table_of_frame(const struct frame *f)
{
	debug_assert(f->use == USE_TABLE);
	return table_at(f->table.slot);
}

/* The table that an entry of a higher one refers to. */
static inline struct table *
table_of_entry(uint64_t pte)
{
	return table_of_frame(&mem.frame[(pte & PTE_ADDRESS) >> PAGE_SHIFT]);
}

static inline uint64_t *
table_entries(const struct table *t)
{
	return t->entry;
}

void table_freshen_old(struct table *t);

/* Bring to the current epoch: no entry is writable any more, or all may be. */
static inline void
table_freshen(struct table *t)
{
	if (t->epoch < mem.epoch)
		table_freshen_old(t);
}

static inline unsigned
table_span(unsigned level)
{
	return PAGE_SHIFT + TABLE_SHIFT * level;
}

/* log2 of what one entry covers. */
static inline unsigned
entry_shift(unsigned level)
{
	return PAGE_SHIFT + TABLE_SHIFT * (level - 1);
}

/* Set, weaken, remove an entry; reverse map and counts follow. */
void entry_set(struct table *t, unsigned i, uint64_t pte);
void entry_protect(struct table *t, unsigned i);
void entry_clear(struct table *t, unsigned i);

/* Weaken it where no TLB can hold it as writable. */
void entry_protect_quietly(struct table *t, unsigned i);

/* --- rmap.c ------------------------------------------------------------- */

/* An entry, as the reverse map names it. */
static inline uint32_t
ref_make(uint32_t table, unsigned i)
{
	return table * TABLE_ENTRIES + i + 1;
}

void rmap_init(void *pool, uint32_t n);
void rmap_add(struct frame *target, uint32_t ref);
void rmap_remove(struct frame *target, uint32_t ref);

/* Clear the entry that a ref names; no flush. */
void rmap_clear(uint32_t ref);

/* The first entry onto it, or 0. */
uint32_t rmap_first(const struct frame *target);

/* Read and clear the accessed bits of all entries onto a page. */
bool   rmap_take_accessed(struct frame *target);
size_t rmap_entry_bytes(void);
bool   rmap_has(const struct frame *target, uint32_t ref);

/* Call for each entry onto it; entries must not be added or removed. */
void rmap_each(
    const struct frame *target, void (*call)(struct table *t, unsigned i));

/* --- depend.c ----------------------------------------------------------- */

/*
 * A node (or device) at work in a table: its slot i is behind the table's
 * bytes from delta + (i << shift) on.
 */
struct place {
	uint64_t key; /* OID. */
	int64_t  delta;
	uint8_t  shift;
};

void   depend_init(void *pool, uint32_t n, uint32_t *hash, uint32_t buckets);
size_t depend_entry_bytes(void);
void   depend_add(struct table *t, const struct place *p, unsigned slot);

/* Remove the entries behind these slots (a bit each), at most as many entries as are left; it is none then if not all. */
void depend_thin(uint64_t key, uint32_t slots, unsigned *left);

/* All those of so many objects, at most as many. */
void depends_thin(uint64_t first, unsigned n, unsigned *left);

void depend_clear(uint64_t key, uint32_t slots);

/* The same of what lies behind one 4 KiB page of a device; false: not all. */
bool depend_thin_page(uint64_t key, uint64_t page, unsigned *left);

/* Forget so many of a table, whose entries are gone; four for each that is left. */
void depend_drop(struct table *t, unsigned *left);
bool depend_covers(const struct table *t, const struct place *p, unsigned slot);

/* --- flush.c ------------------------------------------------------------ */

/* An entry was weakened or removed: some TLB may hold more than it allows. */
void flush_note(void);

/* Make good what was noted: before the frame is reused or the call returns. */
void flush_now(void);

/* Load a top table, whose entries are current. */
void          flush_load(struct table *t);
void          flush_unload(void);

/* Load a copy of a top table (lend.c): nothing of it is in the TLB. */
void          flush_load_copy(paddr top);
struct table *flush_loaded(void);
void          flush_snapshot(void);
void          flush_init(void);

/* An entry of the loaded space was made stronger. */
void flush_stronger(uint64_t v);

/* --- walk.c ------------------------------------------------------------- */

enum {
	WALK_STEPS = 28, /* 11 levels of nodes, and guards between them. */
	CACHE_SPAN = 36, /* Of the object cache as a segment: 64 GiB. */
	CACHE_OBJECT = UINT32_MAX, /* Its pseudo kernel object. */
};

/* One capability met on the way from the root to the page. */
struct step {
	uint64_t key;    /* OID, of a device its pseudo OID. */
	uint64_t offset; /* Of the address in its segment. */
	uint8_t  kind;
	uint8_t  span;
	uint8_t  cover; /* It alone is behind 2^cover bytes at this place. */
	uint8_t  flags; /* enum product_flags, this capability's included. */
	uint8_t  shift; /* Of its slots; only for nodes and guards. */
	uint8_t  slot;  /* Which one was taken. */
};

struct walk {
	struct step       step[WALK_STEPS];
	unsigned          n;
	struct frame     *page;   /* Of a page at the end, held; or NULL. */
	const struct frame *node; /* And of the node that it was found in. */
	struct map_device device; /* Otherwise. */
	struct map_fault  fault;
};

must_check enum status walk(
    const struct map_space *s, uint64_t v, struct walk *w);

/*
 * The same from t's producer on, for a v within t: shorter, but nothing is
 * known of guards above. RC_NOT_FOUND: the producer is not in memory, or is no
 * node. Any failure is to be looked into by a whole walk.
 */
must_check enum status walk_within(
    const struct table *t, uint64_t v, struct walk *w);

/*
 * From a walk that ended at a page on to the page behind it, in the same entry.
 * RC_NOT_FOUND: another node has that; walk anew.
 */
must_check enum status walk_next(struct walk *w);

/* The first step: the root capability alone. RC_VOID: no segment. */
must_check enum status walk_root(
    const struct map_space *s, uint64_t v, struct step *out);

/* --- build.c ------------------------------------------------------------ */

must_check enum status table_find_or_make(
    const struct step *s, unsigned level, struct table **out);
must_check enum status build(
    struct table *top, const struct walk *w, uint64_t v);
struct table *build_lowest(struct table *top, uint64_t v);
void          build_leaf(struct table *t, const struct walk *w, uint64_t v);

/* The entry for a page that is reached with these product flags. */
static inline uint64_t
page_pte(const struct frame *page, unsigned flags)
{
	uint64_t pte = frame_paddr(page).v | PTE_PRESENT | PTE_USER;

	if (!(flags & TF_READ_ONLY) && frame_writable(page))
		pte |= PTE_WRITE;
	/* S15: what may be written is never executed, whatever the epoch. */
	if (!(flags & TF_READ_ONLY) || (flags & TF_NO_EXECUTE))
		pte |= PTE_NO_EXECUTE;
	return pte;
}

/* --- hit.c -------------------------------------------------------------- */

/* The space of this state frame reaches v by this lowest table. */
void hit_note(const struct frame *state, uint64_t v, struct table *t);

/* The same of the node in which the walk from its producer has found v's page. */
void hit_note_below(const struct frame *state, uint64_t v, struct table *t,
    const struct walk *w);

/* A walk to v has failed, with this lowest table there: what it met. */
void hit_note_fault(const struct frame *state, uint64_t v, struct table *t,
    const struct walk *w);
void hit_init(void);

/* --- window.c ----------------------------------------------------------- */

/* The pseudo OID under which a device's places are kept. */
static inline uint64_t
device_key(uint32_t object)
{
	return oid_make(frame_of(SOURCE_PHYSICAL, object), OID_INDEX_FRAME).v;
}

void window_init(void);

/* --- lend.c ------------------------------------------------------------- */

void lend_init(void);

#endif
