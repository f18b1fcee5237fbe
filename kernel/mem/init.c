/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Taking over memory at start.
 *
 * The frame table and the other tables that grow with memory are laid at the
 * end of the largest stretch of free RAM; the boot range stays where the
 * loader put it and becomes pinned objects; the rest is free.
 */
#include "boot/handoff/handoff.h"
#include "kernel/mem/cache.h"
#include "kernel/mem/pager.h"
#include "kernel/mem/table.h"
#include "kernel/mem/window.h"

enum {
	FRAMES_MAX = 1 << 24,  /* 64 GiB: what hints can name (M1). */
	FRAMES_PER_TABLE = 32, /* Of memory, for one mapping table. */
	FRAMES_PER_DEPEND = 12,
	FRAMES_PER_RMAP = 8,
	POOL_LEAST = 512,
	FRAMES_16M = 1 << 12,
	FRAMES_4G = 1 << 20,
};

/* The stretch that mem_reserve takes from, until the rest is given away. */
static struct {
	uint64_t first, pages;
} stretch;

static uint64_t
page_of(paddr p)
{
	return p.v >> PAGE_SHIFT;
}

/* First page beyond `first` + `pages`, within what hints can name. */
static uint64_t
end_of(uint64_t first, uint64_t pages)
{
	uint64_t end = first + pages;

	return end < FRAMES_MAX ? end : FRAMES_MAX;
}

static void
choose_stretch(const struct hal_memory *list, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint64_t first = page_of(list[i].first);
		uint64_t end = end_of(first, list[i].pages);

		if (end > first && end - first > stretch.pages) {
			stretch.first = first;
			stretch.pages = end - first;
		}
	}
}

/* From the end of the stretch, before there are free lists. */
static void *
take(size_t bytes)
{
	uint64_t pages = (bytes + PAGE_SIZE - 1) >> PAGE_SHIFT;
	void    *p;

	if (pages > stretch.pages)
		panic("too little memory for the kernel's tables");
	stretch.pages -= pages;
	p = hal_direct((paddr){(stretch.first + stretch.pages) << PAGE_SHIFT});
	memset(p, 0, pages << PAGE_SHIFT);
	return p;
}

static uint32_t
power_of_two(uint32_t least)
{
	uint32_t n = 1;

	while (n < least)
		n <<= 1;
	return n;
}

static uint32_t
pool_size(uint32_t frames_per_item)
{
	uint32_t n = mem.nframes / frames_per_item;

	return n > POOL_LEAST ? n : POOL_LEAST;
}

static uint8_t
class_of(uint64_t index)
{
	if (index < FRAMES_16M)
		return CLASS_16M;
	return index < FRAMES_4G ? CLASS_4G : CLASS_ANY;
}

/* Every frame of the table is USE_NONE until somebody claims it. */
static void
make_frame_table(
    const struct hal_memory *list, unsigned n, const struct handoff *h)
{
	uint64_t end = end_of(
	    h->range_first >> PAGE_SHIFT, h->range_bytes >> PAGE_SHIFT);
	uint32_t buckets;

	for (unsigned i = 0; i < n; i++) {
		uint64_t e = end_of(page_of(list[i].first), list[i].pages);

		if (e > end)
			end = e;
	}
	mem.nframes = (uint32_t)end;
	mem.hint_mask = power_of_two(mem.nframes) - 1;
	mem.frame = take(((size_t)mem.hint_mask + 1) * sizeof(struct frame));
	for (uint32_t i = 0; i <= mem.hint_mask; i++) {
		mem.frame[i] = (struct frame){
		    .number = FRAME_NONE,
		    .epoch = EPOCH_ALWAYS,
		    .use = USE_NONE,
		    .class = class_of(i),
		    .hash_next = NO_INDEX,
		    .next = NO_INDEX,
		    .prev = NO_INDEX,
		    .tag = NO_INDEX,
		};
	}
	buckets = power_of_two(mem.nframes);
	frame_init(take(buckets * sizeof(uint32_t)), buckets);
	counts_init(take(buckets * sizeof(uint32_t)), buckets);
}

static void
make_map_tables(void)
{
	uint32_t n = pool_size(FRAMES_PER_TABLE), b = power_of_two(n);

	tables_init(
	    take(n * sizeof(struct table)), n, take(b * sizeof(uint32_t)), b);
	n = pool_size(FRAMES_PER_DEPEND);
	b = power_of_two(n);
	depend_init(
	    take(n * depend_entry_bytes()), n, take(b * sizeof(uint32_t)), b);
	n = pool_size(FRAMES_PER_RMAP);
	rmap_init(take(n * rmap_entry_bytes()), n);
}

/* --- The boot range ------------------------------------------------------ */

static void
claim_kernel(uint64_t first, uint64_t pages)
{
	for (uint64_t i = first; i < end_of(first, pages); i++)
		mem.frame[i].use = USE_KERNEL;
}

static void
adopt(uint64_t index, uint64_t number, const struct boot_range_entry *e)
{
	struct frame *f = &mem.frame[index];
	unsigned      kind = e->kind == FK_ZERO ? FK_PAGE : e->kind;

	if (kind >= FK_COUNT)
		panic("boot range: a frame of unknown kind");
	f->use = USE_OBJECT;
	f->pins = 1;
	frame_name(f, number);
	object_set_kind(f, (enum frame_kind)kind, e->count);
	if (kind == FK_NODE && !intake(f, number, e->count))
		panic("boot range: a malformed node frame");
}

static void
adopt_range(const struct handoff *h)
{
	const struct boot_range       *r = hal_direct((paddr){h->range_first});
	const struct boot_range_entry *e = (const void *)((const char *)r +
	    sizeof(*r));
	uint64_t first = (h->range_first + r->first_frame) >> PAGE_SHIFT;

	if (r->magic != BOOT_RANGE_MAGIC || r->version != BOOT_RANGE_VERSION ||
	    first + r->nframes > mem.nframes ||
	    sizeof(*r) + (uint64_t)r->nframes * sizeof(*e) > r->first_frame)
		panic("boot range: not one, or not of this version");
	claim_kernel(
	    h->range_first >> PAGE_SHIFT, r->first_frame >> PAGE_SHIFT);
	for (uint32_t i = 0; i < r->nframes; i++)
		adopt(first + i, frame_of(SOURCE_BOOT, i), &e[i]);
}

/* --- The rest ------------------------------------------------------------ */

static void
give_free(const struct hal_memory *list, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint64_t first = page_of(list[i].first);
		uint64_t end = end_of(first, list[i].pages);

		if (first == stretch.first) {
			claim_kernel(
			    first + stretch.pages, end - first - stretch.pages);
			end = first + stretch.pages;
		}
		for (uint64_t k = first; k < end; k++)
			frame_give(&mem.frame[k]);
	}
}

void
mem_init(const struct handoff *h)
{
	const struct hal_memory *list = NULL;
	unsigned                 n = hal_memory_regions(&list);

	stretch.first = stretch.pages = 0;
	mem = (struct mem){
	    .epoch = 1,
	    .changes = 1, /* 0 is what nothing is as of. */
	    .entry = 1,
	    .token = TOKEN_NONE,
	    .step = 2,
	};
	mem_unload();
	mem_counters = (struct kinfo_counters){0};
	choose_stretch(list, n);
	make_frame_table(list, n, h);
	age_init();
	epoch_init();
	pager_init();
	make_map_tables();
	give_free(list, n);
	adopt_range(h);
	log_line("memory: %u MiB free", frame_free_count() >> 8);
}

void
map_init(void)
{
	flush_init();
	window_init();
	lend_init();
}

/*
 * After mem_init: a run of free frames, searched from the top of the stretch
 * down, where they are still together.
 */
void *
mem_reserve(size_t bytes)
{
	uint64_t pages = (bytes + PAGE_SIZE - 1) >> PAGE_SHIFT;
	uint64_t run = 0;
	uint64_t i = stretch.first + stretch.pages;
	void    *p;

	while (run < pages) {
		if (i == stretch.first)
			panic("too little memory for the kernel's tables");
		i--;
		run = mem.frame[i].use == USE_FREE ? run + 1 : 0;
	}
	for (uint64_t k = i; k < i + pages; k++)
		frame_claim(&mem.frame[k]);
	p = hal_direct((paddr){i << PAGE_SHIFT});
	memset(p, 0, pages << PAGE_SHIFT);
	return p;
}
