/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's half of every address space (SDM vol. 3, 4.5):
 *
 *     0xffff800000000000   direct map: RAM, not executable; writable, but for
 *                          the kernel's text and constants
 *     0xffffffff80000000   the kernel: text executable, constants read-only,
 *                          data not executable, a hole below each stack
 *     0xffffffffc0000000   device registers of the kernel's own, uncached
 *
 * It is built once; afterwards only the device area changes. All of it is
 * global. Tables are reached through the loader's one-to-one mapping until
 * ours are loaded, and then through the direct map: machine.table_base.
 */
#include "kernel/abi/kinfo.h"
#include "kernel/arch/x86_64/arch.h"
#include "kernel/arch/x86_64/asm.h"

enum {
	PTE_WRITE_THROUGH = 1 << 3,
	PTE_UNCACHED = 1 << 4,
	PTE_GLOBAL = 1 << 8,

	LEVEL_PAGE = 1,
	LEVEL_2M = 2,
	LEVEL_1G = 3,

	VGA_TEXT = 0xb8000,
	VGA_TEXT_BYTES = 0x8000,
};

#define DIRECT_BASE  UINT64_C(0xffff800000000000)
#define DEVICE_BASE  UINT64_C(0xffffffffc0000000)
#define BELOW_4G     (UINT64_C(1) << 32)

/* Capability hints have 24 bits: memory beyond 64 GiB is not used (M1). */
#define MEMORY_LIMIT (UINT64_C(1) << (PAGE_SHIFT + 24))

#define KERNEL_DATA  (PTE_PRESENT | PTE_WRITE | PTE_GLOBAL | PTE_NO_EXECUTE)
#define KERNEL_RO    (PTE_PRESENT | PTE_GLOBAL | PTE_NO_EXECUTE)
#define KERNEL_TEXT  ((uint64_t)(PTE_PRESENT | PTE_GLOBAL))

uint8_t *hal_direct_base = (uint8_t *)DIRECT_BASE;

static uint64_t *
table_at(uint64_t physical)
{
	return (uint64_t *)(machine.table_base + physical);
}

static uint64_t
table_alloc(void)
{
	paddr p;

	if (!regions_take(&machine.regions, BELOW_4G, &p))
		panic("no memory below 4 GiB for the kernel's tables");
	memset(table_at(p.v), 0, PAGE_SIZE);
	return p.v;
}

static unsigned
level_shift(unsigned level)
{
	return PAGE_SHIFT + TABLE_SHIFT * (level - 1);
}

/* The entry of this level for an address; tables on the way are made. */
static uint64_t *
entry_for(uint64_t v, unsigned level)
{
	uint64_t *table = machine.top;

	for (unsigned l = TABLE_TOP;; l--) {
		uint64_t *e = &table[v >> level_shift(l) & (TABLE_ENTRIES - 1)];

		if (l == level)
			return e;
		if (*e == 0)
			*e = table_alloc() | PTE_PRESENT | PTE_WRITE;
		table = table_at(*e & PTE_ADDRESS);
	}
}

/* The largest page that fits here, up to `most`. */
static unsigned
level_fit(uint64_t v, uint64_t physical, uint64_t bytes, unsigned most)
{
	unsigned level = most;

	while (level > LEVEL_PAGE) {
		const uint64_t size = UINT64_C(1) << level_shift(level);

		if (((v | physical) & (size - 1)) == 0 && bytes >= size)
			break;
		level--;
	}
	return level;
}

static void
map(uint64_t v, uint64_t physical, uint64_t bytes, uint64_t flags,
    unsigned most)
{
	while (bytes > 0) {
		const unsigned level = level_fit(v, physical, bytes, most);
		const uint64_t size = UINT64_C(1) << level_shift(level);

		*entry_for(v, level) = physical | flags |
		    (level == LEVEL_PAGE ? 0 : (uint64_t)PTE_LARGE);
		v += size;
		physical += size;
		bytes -= size;
	}
}

static uint64_t
kernel_physical(const char *symbol)
{
	return (uint64_t)symbol - KERNEL_BASE;
}

/* RAM from first to end, without what lies outside [low, high). */
static void
map_direct(
    uint64_t first, uint64_t end, uint64_t low, uint64_t high, uint64_t flags)
{
	const unsigned most = (arch.features & KF_1G_PAGES) != 0 ? LEVEL_1G
								 : LEVEL_2M;

	if (first < low)
		first = low;
	if (end > high)
		end = high;
	if (first < end)
		map(DIRECT_BASE + first, first, end - first, flags, most);
}

static void
map_ram(const struct region_list *ram)
{
	const uint64_t ro_first = kernel_physical(text_first);
	const uint64_t ro_end = kernel_physical(data_first);

	for (unsigned i = 0; i < ram->n; i++) {
		const uint64_t first = ram->at[i].first.v;
		const uint64_t end = first + (ram->at[i].pages << PAGE_SHIFT);

		map_direct(first, end, 0, ro_first, KERNEL_DATA);
		map_direct(first, end, ro_first, ro_end, KERNEL_RO);
		map_direct(first, end, ro_end, UINT64_MAX, KERNEL_DATA);
	}
}

static void
map_section(const char *first, const char *end, uint64_t flags)
{
	const uint64_t v = (uint64_t)first;
	const uint64_t bytes = (uint64_t)end - v;

	map(v, v - KERNEL_BASE, (bytes + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1ul),
	    flags, LEVEL_PAGE);
}

static void
map_kernel(void)
{
	const char *const guards[] = {kernel_stack_guard, nmi_stack_guard,
	    double_stack_guard, check_stack_guard, debug_stack_guard,
	    idle_stack_guard};

	map_section(text_first, text_end, KERNEL_TEXT);
	map_section(rodata_first, rodata_end, KERNEL_RO);
	map_section(data_first, kernel_end, KERNEL_DATA);
	for (size_t i = 0; i < sizeof(guards) / sizeof(guards[0]); i++)
		*entry_for((uint64_t)guards[i], LEVEL_PAGE) = 0;
	/* The panic console writes here, before and after this. */
	map(KERNEL_BASE + VGA_TEXT, VGA_TEXT, VGA_TEXT_BYTES,
	    KERNEL_DATA | hal_pte_cache(CACHE_NONE), LEVEL_PAGE);
	/* The device area's one table of pages, so that it never grows. */
	(void)entry_for(DEVICE_BASE, LEVEL_PAGE);
}

static void
take_regions(void)
{
	const struct handoff *h = &machine.handoff;
	uint64_t              limit = UINT64_C(1) << arch.physical_bits;

	if (limit > MEMORY_LIMIT)
		limit = MEMORY_LIMIT;
	regions_from_handoff(&machine.ram, h, limit);
	machine.regions = machine.ram;
	regions_remove(&machine.regions, kernel_physical(kernel_first),
	    (uint64_t)(kernel_end - kernel_first));
	regions_remove(&machine.regions, h->kernel_first, h->kernel_bytes);
	regions_remove(&machine.regions, h->range_first, h->range_bytes);
	regions_remove(&machine.regions, h->ramdisk_first, h->ramdisk_bytes);
}

void
paging_init(void)
{
	uint64_t pages = 0;

	take_regions();
	for (unsigned i = 0; i < machine.ram.n; i++)
		pages += machine.ram.at[i].pages;
	machine.top_paddr.v = table_alloc();
	machine.top = table_at(machine.top_paddr.v);
	map_ram(&machine.ram);
	map_kernel();

	arch.cr3 = machine.top_paddr.v;
	write_cr3(arch.cr3);
	machine.table_base = DIRECT_BASE;
	machine.top = hal_direct(machine.top_paddr);
	assert(regions_ok(&machine.regions));
	log_line("memory: %lu KiB in %u regions, kernel text %u bytes",
	    pages << (PAGE_SHIFT - 10), machine.ram.n,
	    (unsigned)(text_end - text_first));
}

volatile void *
device_map(uint64_t physical, uint64_t bytes)
{
	const uint64_t offset = physical & (PAGE_SIZE - 1);
	const uint64_t n = (offset + bytes + PAGE_SIZE - 1) >> PAGE_SHIFT;
	const uint64_t v = DEVICE_BASE +
	    ((uint64_t)machine.device_pages << PAGE_SHIFT);

	if (machine.device_pages + n > TABLE_ENTRIES)
		panic("too many devices of the kernel's own");
	map(v, physical - offset, n << PAGE_SHIFT,
	    KERNEL_DATA | hal_pte_cache(CACHE_NONE), LEVEL_PAGE);
	machine.device_pages += (unsigned)n;
	return (volatile void *)(v + offset);
}

/* --- For kernel/mem ------------------------------------------------------ */

/* Entries 0 to 3 of the PAT as cpu_init set them. */
uint64_t
hal_pte_cache(enum cache_mode mode)
{
	switch (mode) {
	case CACHE_NONE:
		return PTE_UNCACHED | PTE_WRITE_THROUGH;
	case CACHE_COMBINE:
		return PTE_WRITE_THROUGH;
	case CACHE_BACK:
	default:
		return 0;
	}
}

void
hal_top_init(uint64_t *table)
{
	memcpy(table + USER_ENTRIES, machine.top + USER_ENTRIES,
	    (TABLE_ENTRIES - USER_ENTRIES) * sizeof(*table));
}

paddr
hal_top_kernel(void)
{
	return machine.top_paddr;
}

void
hal_top_load(paddr table, uint16_t pcid, bool flush)
{
	const uint64_t v = table.v | (arch.pcid_keep != 0 ? pcid : 0u);

	if (v == (arch.cr3 & ~arch.pcid_keep) && !flush)
		return;
	arch.cr3 = v;
	write_cr3(flush ? v : v | arch.pcid_keep);
}

uint64_t
hal_top_value(paddr table, uint16_t pcid)
{
	return table.v | (arch.pcid_keep != 0 ? pcid | arch.pcid_keep : 0);
}

void
hal_top_switch(uint64_t value)
{
	arch.cr3 = value;
	write_cr3(value);
}

void
hal_top_flush(uint64_t value)
{
	arch.cr3 = value & ~arch.pcid_keep;
	write_cr3(arch.cr3);
}

void
hal_tlb_page(vaddr v)
{
	invlpg(v.v);
}

void
hal_tlb_all(void)
{
	write_cr3(arch.cr3 & ~arch.pcid_keep);
}

bool
hal_has_pcid(void)
{
	return arch.pcid_keep != 0;
}

unsigned
hal_memory_regions(const struct hal_memory **list)
{
	*list = machine.regions.at;
	return machine.regions.n;
}

bool
hal_is_ram(uint64_t first, uint64_t bytes)
{
	const struct handoff *h = &machine.handoff;
	const uint64_t        last = first + (bytes - 1);

	for (unsigned i = 0; i < h->nregions; i++) {
		const struct handoff_region *r = &h->region[i];

		if (r->kind == REGION_RAM && r->bytes != 0 &&
		    r->first <= last && r->first + (r->bytes - 1) >= first)
			return true;
	}
	return false;
}
