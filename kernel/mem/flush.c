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
 *  3. A PCID belongs to the table that was loaded with it last; one that lost
 *     its own has stamp 0, which is nobody's.
 *  4. PCID 0, the kernel's, holds nothing of a copy (lend.c) while its own top
 *     table is loaded: a process without a space runs with that.
 */
#include "kernel/mem/cache.h"
#include "kernel/mem/map.h"
#include "kernel/mem/table.h"

enum { PCIDS = 4096 }; /* 0 is the kernel's own top table. */

static struct {
	bool     noted;
	bool     copy; /* With mem.top NULL: a copy is loaded (lend.c). */
	bool     lent; /* PCID 0 has had a copy since its last flush. */
	uint32_t owner[PCIDS]; /* Slot of a table, by PCID. */
} flush;

void
flush_init(void)
{
	memset(&flush, 0xff, sizeof(flush));
	flush.noted = false;
	hit_init();
	mem.top = NULL;
	mem.stamp = 1; /* New tables have 0: flushed at their first load. */
	flush.copy = false;
	flush.lent = false;
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
	mem.stamp++;
	mem_counters.tlb_flushes++;
	if (mem.top != NULL) {
		hal_tlb_all();
		mem.top->stamp = mem.stamp;
	}
}

void
flush_snapshot(void)
{
	mem.upper++; /* None of them is fresh. */
	flush.noted = false;
	mem.stamp++;
}

void
flush_stronger(uint64_t v)
{
	if (mem.top != NULL)
		hal_tlb_page((vaddr){v});
}

struct table *
flush_loaded(void)
{
	return mem.top;
}

bool
map_reload(const struct frame *state)
{
	const uint64_t load = map_top(map_remembered(state));

	if (load == TOP_UNKNOWN)
		return false;
	if (load != TOP_SAME)
		hal_top_switch(load);
	return true;
}

/* The PCID is t's from here on; was it another's? */
static bool
take_pcid(struct table *t, uint32_t pcid)
{
	const uint32_t owner = flush.owner[pcid];

	if (owner == table_index(t))
		return false; /* A new table in that slot has stamp 0. */
	if (owner != NO_INDEX)
		table_at(owner)->stamp = 0;
	flush.owner[pcid] = table_index(t);
	return true;
}

void
flush_load(struct table *t)
{
	uint32_t pcid = 1 + table_index(t) % (PCIDS - 1);
	const bool stale = take_pcid(t, pcid) || t->stamp != mem.stamp;

	if (mem.top == t && !stale)
		return;
	t->stamp = mem.stamp;
	mem.top = t;
	flush.copy = false;
	mem_counters.cr3_writes++;
	t->load = hal_top_value(frame_paddr(&mem.frame[t->frame]), (uint16_t)pcid);
	hal_top_load(frame_paddr(&mem.frame[t->frame]), (uint16_t)pcid, stale);
}

void
flush_unload(void)
{
	if (mem.top == NULL && !flush.copy)
		return;
	mem.top = NULL;
	flush.copy = false;
	mem_counters.cr3_writes++;
	hal_top_load(hal_top_kernel(), 0, flush.lent);
	flush.lent = false;
}

void
flush_load_copy(paddr top)
{
	mem.top = NULL;
	flush.copy = true;
	flush.lent = true;
	mem_counters.cr3_writes++;
	hal_top_load(top, 0, true);
}
