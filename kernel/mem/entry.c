/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Single entries of mapping tables: the only file that writes them, but for
 * accessed bits.
 */
#include "kernel/mem/cache.h"
#include "kernel/mem/table.h"

/* The frame whose reverse map an entry belongs to, or NULL. */
static struct frame *
target_of(uint64_t pte)
{
	if (pte & (PTE_WINDOWED | PTE_LARGE))
		return NULL;
	return &mem.frame[(pte & PTE_ADDRESS) >> PAGE_SHIFT];
}

void
entry_set(struct table *t, unsigned i, uint64_t pte)
{
	uint64_t     *e = &table_entries(t)[i];
	struct frame *target = target_of(pte);

	debug_assert(!(*e & PTE_PRESENT) && (pte & PTE_PRESENT));
	if (target != NULL)
		rmap_add(target, ref_make(table_index(t), i));
	*e = pte;
	t->npresent++;
	if (pte & PTE_WRITE)
		t->nwritable++;
}

void
entry_protect_quietly(struct table *t, unsigned i)
{
	uint64_t *e = &table_entries(t)[i];

	if (!(*e & PTE_WRITE))
		return;
	*e &= ~(uint64_t)PTE_WRITE;
	t->nwritable--;
	if (t->key.level > 1)
		mem.upper++;
}

void
entry_protect(struct table *t, unsigned i)
{
	if (!(table_entries(t)[i] & PTE_WRITE))
		return;
	entry_protect_quietly(t, i);
	flush_note();
}

void
entry_clear(struct table *t, unsigned i)
{
	uint64_t     *e = &table_entries(t)[i];
	uint64_t      pte = *e;
	struct frame *target;

	if (!(pte & PTE_PRESENT))
		return;
	*e = 0;
	if (t->key.level > 1)
		mem.upper++;
	t->npresent--;
	if (pte & PTE_WRITE)
		t->nwritable--;
	flush_note();
	target = target_of(pte);
	if (target == NULL)
		return;
	rmap_remove(target, ref_make(table_index(t), i));
	if (pte & PTE_ACCESSED)
		target->flags |= FF_REFERENCED;
}
