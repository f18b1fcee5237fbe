/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A TLB with PCIDs in front of the mapping tables.
 *
 * It caches what a CPU may cache, and forgets only what it is told to forget:
 * final translations with the rights that all levels gave them, and for each
 * 2 MiB the level 1 table that was found (paging-structure cache). INVLPG
 * drops one translation and all structure entries of the loaded PCID; a
 * flush, everything of it (Intel SDM vol. 3A, 4.10.4).
 */
#include <stdlib.h>

#include "testsuite/unit/kernel/fake/fake.h"

enum {
	SLOTS = 1 << 16, /* Of the open hash. */
	PCIDS = 4096,
	CR3_TOP = 1, /* Page 0 of RAM is the kernel's own top table. */
};

struct translation {
	uint64_t key; /* Page or 2 MiB number, and what kind; 0: empty. */
	uint16_t pcid;
	uint32_t generation;
	uint64_t physical;
	bool     write, execute;
};

static struct {
	struct translation slot[SLOTS];
	uint32_t           page_generation[PCIDS]; /* Raised by a flush. */
	uint32_t           structure_generation[PCIDS];
	uint64_t           top;
	uint16_t           pcid;
} tlb;

enum { KEY_PAGE = 1, KEY_STRUCTURE = 2 };

void
fake_tlb_reset(void)
{
	memset(&tlb, 0, sizeof(tlb));
}

uint16_t
fake_loaded_pcid(void)
{
	return tlb.pcid;
}

paddr
fake_loaded_top(void)
{
	return (paddr){tlb.top};
}

/* --- What the kernel asks for -------------------------------------------- */

bool
hal_has_pcid(void)
{
	return !fake.no_pcid;
}

uint64_t
hal_pte_cache(enum cache_mode mode)
{
	return mode == CACHE_BACK ? 0 : 1 << 4;
}

void
hal_top_init(uint64_t *table)
{
	table[TABLE_ENTRIES - 1] = 1; /* Something of the kernel's. */
}

static void
flush(uint16_t pcid)
{
	tlb.page_generation[pcid]++;
	tlb.structure_generation[pcid]++;
}

void
hal_top_load(paddr table, uint16_t pcid, bool do_flush)
{
	fake.top_loads++;
	fake.top_flushes += do_flush;
	if (fake.no_pcid) {
		if (table.v != tlb.top || do_flush)
			flush(0);
		pcid = 0;
	} else if (do_flush) {
		flush(pcid);
	}
	tlb.top = table.v;
	tlb.pcid = pcid;
}

uint64_t
hal_top_value(paddr table, uint16_t pcid)
{
	return table.v | pcid;
}

void
hal_top_switch(uint64_t value)
{
	hal_top_load((paddr){value & ~(uint64_t)(PAGE_SIZE - 1)},
	    (uint16_t)(value & (PAGE_SIZE - 1)), false);
}

void
hal_top_flush(uint64_t value)
{
	hal_top_load((paddr){value & ~(uint64_t)(PAGE_SIZE - 1)},
	    (uint16_t)(value & (PAGE_SIZE - 1)), true);
}

paddr
hal_top_kernel(void)
{
	return (paddr){0};
}

void
hal_tlb_all(void)
{
	fake.tlb_alls++;
	flush(tlb.pcid);
}

/* --- The cache ------------------------------------------------------------ */

static uint32_t
generation(unsigned kind, uint16_t pcid)
{
	return kind == KEY_PAGE ? tlb.page_generation[pcid]
				: tlb.structure_generation[pcid];
}

/* The slot of a key, or an unused one for it. */
static struct translation *
slot_of(unsigned kind, uint64_t number)
{
	uint64_t key = number << 2 | kind;
	uint64_t h = (key * UINT64_C(0x9e3779b97f4a7c15) + tlb.pcid) >> 20;
	struct translation *unused = NULL;

	for (unsigned i = 0; i < SLOTS; i++) {
		struct translation *t = &tlb.slot[(h + i) % SLOTS];

		if (t->key == key && t->pcid == tlb.pcid)
			return t;
		if (t->key == 0)
			return unused ? unused : t;
		if (unused == NULL &&
		    t->generation !=
			generation((unsigned)(t->key & 3), t->pcid))
			unused = t;
	}
	if (unused == NULL)
		abort();
	return unused;
}

static struct translation *
cached(unsigned kind, uint64_t number)
{
	struct translation *t = slot_of(kind, number);

	if (t->key != (number << 2 | kind) || t->pcid != tlb.pcid ||
	    t->generation != generation(kind, tlb.pcid))
		return NULL;
	return t;
}

static void
remember(
    unsigned kind, uint64_t number, uint64_t physical, bool write, bool execute)
{
	struct translation *t = slot_of(kind, number);

	*t = (struct translation){
	    .key = number << 2 | kind,
	    .pcid = tlb.pcid,
	    .generation = generation(kind, tlb.pcid),
	    .physical = physical,
	    .write = write,
	    .execute = execute,
	};
}

static void
forget(unsigned kind, uint64_t number)
{
	struct translation *t = cached(kind, number);

	if (t != NULL)
		t->generation--; /* The slot stays in its chain. */
}

void
hal_tlb_page(vaddr v)
{
	fake.tlb_pages++;
	forget(KEY_PAGE, v.v >> PAGE_SHIFT);
	tlb.structure_generation[tlb.pcid]++;
}

/* --- The walk --------------------------------------------------------------
 */

struct walk_state {
	uint64_t table; /* Physical. */
	unsigned level;
	bool     write, execute;
};

static uint64_t *
entry(const struct walk_state *w, uint64_t v)
{
	uint64_t *t = hal_direct((paddr){w->table});

	return &t[v >> (PAGE_SHIFT + TABLE_SHIFT * (w->level - 1)) &
	    (TABLE_ENTRIES - 1)];
}

static bool
start(struct walk_state *w, uint64_t v)
{
	struct translation *s = cached(KEY_STRUCTURE, v >> 21);

	if (s != NULL) {
		*w = (struct walk_state){s->physical, 1, s->write, s->execute};
		return true;
	}
	*w = (struct walk_state){tlb.top, TABLE_TOP, true, true};
	return tlb.top != 0;
}

/* Walk to the leaf; false: not present. Caches what a CPU may. */
static bool
resolve(uint64_t v, enum fault_access access, struct translation *out)
{
	struct walk_state w;

	if (!start(&w, v))
		return false;
	for (;;) {
		uint64_t *e = entry(&w, v);
		bool      large = w.level == 2 && (*e & PTE_LARGE);

		if (!(*e & PTE_PRESENT) || !(*e & PTE_USER))
			return false;
		w.write &= (*e & PTE_WRITE) != 0;
		w.execute &= !(*e & PTE_NO_EXECUTE);
		if (w.level == 1 || large) {
			uint64_t mask = large ? 0x1fffff : 0xfff;

			out->physical = (*e & PTE_ADDRESS & ~mask) |
			    (v & mask & ~UINT64_C(0xfff));
			out->write = w.write;
			out->execute = w.execute;
			if ((access == ACCESS_WRITE && !w.write) ||
			    (access == ACCESS_EXECUTE && !w.execute))
				return true; /* A fault: not cached. */
			*e |= PTE_ACCESSED;
			if (access == ACCESS_WRITE)
				*e |= PTE_DIRTY;
			remember(KEY_PAGE, v >> PAGE_SHIFT, out->physical,
			    w.write, w.execute);
			return true;
		}
		*e |= PTE_ACCESSED;
		w.table = *e & PTE_ADDRESS;
		w.level--;
		if (w.level == 1)
			remember(KEY_STRUCTURE, v >> 21, w.table, w.write,
			    w.execute);
	}
}

struct fake_access
fake_touch(uint64_t v, enum fault_access access)
{
	struct fake_access  a = {.fault = true};
	struct translation  found;
	struct translation *t = cached(KEY_PAGE, v >> PAGE_SHIFT);

	if (t != NULL) {
		a.cached = true;
		found = *t;
	} else if (!resolve(v, access, &found)) {
		forget(KEY_PAGE, v >> PAGE_SHIFT);
		tlb.structure_generation[tlb.pcid]++;
		return a;
	}
	if ((access == ACCESS_WRITE && !found.write) ||
	    (access == ACCESS_EXECUTE && !found.execute)) {
		forget(KEY_PAGE, v >> PAGE_SHIFT);
		tlb.structure_generation[tlb.pcid]++;
		return a;
	}
	a.fault = false;
	a.physical = found.physical | (v & (PAGE_SIZE - 1));
	return a;
}
