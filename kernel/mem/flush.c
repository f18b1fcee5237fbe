/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which translations the TLB may still hold (F10).
 *
 * One CPU. A global stamp rises whenever an entry that some space can reach is
 * weakened or removed, and at each snapshot. A top table remembers the stamp
 * up to which its PCID is clean: if that is an older one when it is loaded,
 * its PCID is flushed with it. The loaded space is flushed at once.
 *
 * Invariants:
 *  1. For each top table with stamp == the global one and no weakening noted,
 *     the TLB holds nothing for its PCID that its entries do not allow.
 *  2. Entries are only made stronger (present, writable) without a flush.
 *  3. A PCID belongs to the table that was loaded with it last.
 */
#include "kernel/mem/cache.h"
#include "kernel/mem/map.h"
#include "kernel/mem/table.h"

enum { PCIDS = 4096 }; /* 0 is the kernel's own top table. */

static struct {
	uint64_t      stamp;
	struct table *loaded; /* NULL: the kernel's own. */
	bool          noted;
	uint32_t      owner[PCIDS]; /* Serial of table, by PCID. */
} flush;

void
flush_init(void)
{
	memset(&flush, 0, sizeof(flush));
	flush.stamp = 1; /* New tables have 0: flushed at their first load. */
}

void
flush_note(void)
{
	flush.noted = true;
}

void
flush_now(void)
{
	if (!flush.noted)
		return;
	flush.noted = false;
	flush.stamp++;
	mem_counters.tlb_flushes++;
	if (flush.loaded != NULL) {
		hal_tlb_all();
		flush.loaded->stamp = flush.stamp;
	}
}

void
flush_snapshot(void)
{
	flush.noted = false;
	flush.stamp++;
}

void
flush_stronger(uint64_t v)
{
	if (flush.loaded != NULL)
		hal_tlb_page((vaddr){v});
}

struct table *
flush_loaded(void)
{
	return flush.loaded;
}

/*
 * Nothing has happened: no other table has its PCID, nothing was weakened, and
 * no snapshot taken, so it is of the current epoch.
 */
bool
map_reload(const struct frame *state)
{
	struct table *t;

	if (state->state.top == NO_INDEX)
		return false;
	t = &mem.table[state->state.top];
	if (t->serial != state->state.serial || t->stamp != flush.stamp ||
	    flush.owner[t->pcid] != t->serial)
		return false;
	if (flush.loaded == t)
		return true;
	t->used = 1;
	flush.loaded = t;
	mem_counters.cr3_writes++;
	hal_top_load((paddr){(uint64_t)t->frame << PAGE_SHIFT}, t->pcid, false);
	return true;
}

void
flush_load(struct table *t)
{
	uint32_t pcid = 1 + table_index(t) % (PCIDS - 1);
	bool stale = t->stamp != flush.stamp || flush.owner[pcid] != t->serial;

	if (flush.loaded == t && !stale)
		return;
	t->pcid = (uint16_t)pcid;
	flush.owner[pcid] = t->serial;
	t->stamp = flush.stamp;
	flush.loaded = t;
	mem_counters.cr3_writes++;
	hal_top_load(frame_paddr(&mem.frame[t->frame]), (uint16_t)pcid, stale);
}

void
flush_unload(void)
{
	if (flush.loaded == NULL)
		return;
	flush.loaded = NULL;
	mem_counters.cr3_writes++;
	hal_top_load(hal_top_kernel(), 0, false);
}
