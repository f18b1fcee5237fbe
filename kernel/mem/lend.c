/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages that stand in for others in one space, for one instruction (D4).
 *
 * Tables are shared by spaces, so a page lent to one process cannot be put
 * into them. The tables above it are copied; the copies are loaded, under the
 * kernel's PCID, and are worth nothing as soon as the kernel is entered again:
 * whoever takes a frame or an entry away need not look for them. The next
 * load of any space drops them.
 *
 * Invariants:
 *  1. What is copied is of the current epoch, so that it may be writable where
 *     the original is (table.h, 2).
 *  2. Frames once taken for copies are kept for the next ones.
 */
#include "kernel/mem/lend.h"
#include "kernel/mem/cache.h"
#include "kernel/mem/table.h"

enum {
	COPIES = 25, /* So that making them ends soon (D3). */
	PTE_COPY = 1 << 10, /* Ours: refers to a copy. */
};

static struct {
	uint32_t frame[COPIES];
	uint32_t have, used;
} copies;

void
lend_init(void)
{
	copies.have = copies.used = 0;
}

/* So many copies can be made. */
static enum status
reserve(uint32_t n)
{
	while (copies.have < n) {
		struct frame *f = NULL;
		enum status   st = frame_alloc(CLASS_ANY, USE_KERNEL, &f);

		if (st != RC_OK)
			return st;
		copies.frame[copies.have++] = frame_index(f);
	}
	return RC_OK;
}

/* The copy of a table, or an empty one; *pte leads to it. */
static uint64_t *
copy(struct table *t, uint64_t *pte)
{
	struct frame *f = &mem.frame[copies.frame[copies.used++]];

	*pte = frame_paddr(f).v | PTE_PRESENT | PTE_USER | PTE_WRITE | PTE_COPY;
	if (t == NULL) {
		memset(frame_data(f), 0, PAGE_SIZE);
	} else {
		table_freshen(t);
		memcpy(frame_data(f), table_entries(t), PAGE_SIZE);
	}
	return frame_data(f);
}

/* The table below an entry of a copy, as a copy. */
static uint64_t *
below(uint64_t *pte)
{
	if (*pte & PTE_COPY)
		return hal_direct((paddr){*pte & PTE_ADDRESS});
	if (!(*pte & PTE_PRESENT) || (*pte & PTE_LARGE))
		return copy(NULL, pte);
	return copy(table_of_entry(*pte), pte);
}

static uint64_t
leaf(const struct lent *l)
{
	uint64_t pte = frame_paddr(l->page).v | PTE_PRESENT | PTE_USER;

	if (l->write && frame_writable(l->page))
		pte |= PTE_WRITE;
	if (!l->execute)
		pte |= PTE_NO_EXECUTE;
	return pte;
}

/* Tables that must be copied for these: the top, and those on the ways down. */
static unsigned
tables_of(const struct lent *list, unsigned n)
{
	unsigned need = 1;

	for (unsigned i = 0; i < n; i++) {
		for (unsigned level = TABLE_TOP; level > 1; level--) {
			unsigned j = 0;

			while ((list[j].address ^ list[i].address) >>
				entry_shift(level) != 0)
				j++;
			need += j == i;
		}
	}
	return need;
}

enum status
map_lend(const struct lent *list, unsigned n)
{
	const unsigned need = tables_of(list, n);
	uint64_t       root = 0, *top;
	enum status    st;

	if (need > COPIES)
		return RC_LIMIT;
	st = reserve(need);
	if (st != RC_OK)
		return st;
	copies.used = 0;
	top = copy(flush_loaded(), &root);
	if (flush_loaded() == NULL)
		hal_top_init(top);
	for (unsigned i = 0; i < n; i++) {
		uint64_t *t = top;

		for (unsigned level = TABLE_TOP; level > 1; level--)
			t = below(&t[list[i].address >> entry_shift(level) &
			    (TABLE_ENTRIES - 1)]);
		t[list[i].address >> PAGE_SHIFT & (TABLE_ENTRIES - 1)] =
		    leaf(&list[i]);
	}
	flush_load_copy((paddr){root & PTE_ADDRESS});
	return RC_OK;
}
