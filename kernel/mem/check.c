/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * map_ok: checks all tables, for tests and debug builds; and the counters.
 */
#include "kernel/mem/cache.h"
#include "kernel/mem/table.h"

struct kinfo_counters mem_counters;
unsigned              mem_work;

const struct kinfo_counters *
frame_counters(void)
{
	return &mem_counters;
}

/* What an entry refers to is what the invariants of table.h allow. */
static bool
entry_ok(const struct table *t, unsigned i, uint64_t pte)
{
	const struct frame *f;
	uint32_t            ref = ref_make(table_index(t), i);

	if (pte & (PTE_WINDOWED | PTE_LARGE))
		return !(pte & PTE_LARGE) || !(pte & PTE_WRITE);
	f = &mem.frame[(pte & PTE_ADDRESS) >> PAGE_SHIFT];
	if (!rmap_has(f, ref))
		return false;
	if (t->key.level > 1) {
		const struct table *b = table_of_frame(f);

		return b->key.level == t->key.level - 1 &&
		    (!(pte & PTE_WRITE) || b->epoch >= t->epoch);
	}
	if (f->use != USE_OBJECT || f->kind != FK_PAGE)
		return false;
	/* Writable entries of the current epoch need a writable frame. */
	if ((pte & PTE_WRITE) && t->epoch >= mem.epoch && !frame_writable(f))
		return false;
	return !(pte & PTE_WRITE) || (pte & PTE_NO_EXECUTE);
}

static bool
table_ok(const struct table *t)
{
	const uint64_t *e = table_entries(t);
	unsigned n = t->key.level == TABLE_TOP ? USER_ENTRIES : TABLE_ENTRIES;
	unsigned present = 0, writable = 0;

	for (unsigned i = 0; i < n; i++) {
		if (!(e[i] & PTE_PRESENT)) {
			if (e[i] != 0)
				return false;
			continue;
		}
		present++;
		writable += (e[i] & PTE_WRITE) != 0;
		if (!entry_ok(t, i, e[i]))
			return false;
	}
	return present == t->npresent && writable == t->nwritable;
}

bool
map_ok(void)
{
	for (uint32_t i = 0; i < table_slots(); i++) {
		const struct table *t = table_at(i);

		if (t->frame == NO_INDEX)
			continue;
		if (t->busy || !table_ok(t) ||
		    (t->key.kind != CK_VOID && table_find(&t->key) != t))
			return false;
	}
	return true;
}
