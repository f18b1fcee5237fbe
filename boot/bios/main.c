/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The extended bootstrap, in the order in which it happens. Whatever goes
 * wrong is said on the screen and on COM1, and the machine stays halted.
 */
#include "boot/bios/bios.h"
#include "boot/bios/bootrecord.h"
#include "boot/bios/crc32c.h"
#include "boot/bios/disk.h"
#include "boot/bios/e820.h"
#include "boot/bios/load.h"
#include "boot/bios/machine.h"
#include "boot/bios/partition.h"
#include "boot/bios/say.h"
#include "boot/bios/string.h"

void boot_main(uint32_t drive) __attribute__((noreturn));

enum {
	PAGE_TABLE_SLOTS = 512,
	LARGE_PAGE = 2 << 20,
	ENTRY_PRESENT = 1,
	ENTRY_WRITE = 2,
	ENTRY_LARGE = 0x80,
	GIBIBYTES = 4, /* Mapped one to one. */
	KERNEL_PML4_SLOT = 511,
	KERNEL_PDPT_SLOT = 510,
	NO_PARTITION = 255,
	MIB = 1 << 20,
};

/* Before anything of ours is written into the image's own data. */
static void
image_verify(void)
{
	const struct image_header *image = (const struct image_header *)
	    IMAGE_ADDRESS;

	if (image->bytes < sizeof(*image) ||
	    image->bytes > IMAGE_SECTORS_MAX * SECTOR_SIZE ||
	    boot_crc_without(image, image->bytes,
		offsetof(struct image_header, checksum)) != image->checksum)
		stop("the bootstrap's own checksum is wrong",
		    "Write the bootstrap again: install boot.");
}

/*
 * Page tables, Intel SDM volume 3, 4.5: PML4, PDPT for low addresses, PDPT
 * for the kernel's, and four page directories of 2 MiB pages.
 */
static void
tables_build(void)
{
	uint64_t      *pml4 = (uint64_t *)TABLES_ADDRESS;
	uint64_t      *low = pml4 + PAGE_TABLE_SLOTS;
	uint64_t      *high = low + PAGE_TABLE_SLOTS;
	uint64_t      *pd = high + PAGE_TABLE_SLOTS;
	const uint32_t bits = ENTRY_PRESENT | ENTRY_WRITE;

	memset(pml4, 0, 3 * PAGE_SIZE);
	pml4[0] = (uintptr_t)low | bits;
	pml4[KERNEL_PML4_SLOT] = (uintptr_t)high | bits;
	for (uint32_t i = 0; i < GIBIBYTES; i++)
		low[i] = (uintptr_t)(pd + i * PAGE_TABLE_SLOTS) | bits;
	high[KERNEL_PDPT_SLOT] = low[0];
	for (uint32_t i = 0; i < GIBIBYTES * PAGE_TABLE_SLOTS; i++)
		pd[i] = (uint64_t)i * LARGE_PAGE | ENTRY_LARGE | bits;
}

/* Which partition this is; it need not stand in the table. */
static void
partition_learn(struct handoff *h, uint64_t lba)
{
	static struct mbr mbr;
	int               n;

	h->partition = NO_PARTITION;
	if (!disk_read(0, &mbr, sizeof(mbr)) || partition_table_check(&mbr))
		return;
	n = partition_find(&mbr, lba);
	if (n >= 0)
		h->partition = (uint8_t)n;
}

static void
disk_learn(struct handoff *h, uint8_t drive, uint64_t lba)
{
	const char *wrong = disk_open(h, drive);
	char        place[40];

	if (wrong != NULL)
		stop(wrong, "Boot from another controller or disk.");
	disk_place(h, place, sizeof(place));
	partition_learn(h, lba);
	if (h->partition == NO_PARTITION)
		say("volume at sector %u of drive %2xh, %s", (uint32_t)lba,
		    drive, place);
	else
		say("partition %u at sector %u of drive %2xh, %s",
		    h->partition + 1u, (uint32_t)lba, drive, place);
}

static void
memory_learn(struct handoff *h)
{
	const char *wrong;

	if (machine_low_end() < LOW_MEMORY_END)
		stop("too little memory below 640 KiB",
		    "The bootstrap needs 232 KiB there.");
	if (!machine_open_a20())
		stop("address line A20 stays closed",
		    "Look for a setting of it in the BIOS.");
	wrong = machine_map(h);
	if (wrong != NULL)
		stop(wrong, "This BIOS is too old.");
	say("%u MiB of RAM, map of %u regions",
	    (uint32_t)((e820_ram(h->region, h->nregions) + MIB - 1) >> 20),
	    h->nregions);
}

void
boot_main(uint32_t drive)
{
	const struct boot_passed *passed = (const struct boot_passed *)
	    PASSED_ADDRESS;
	const struct image_header *image = (const struct image_header *)
	    IMAGE_ADDRESS;
	struct handoff *h = (struct handoff *)HANDOFF_ADDRESS;
	uint64_t        entry;

	memset(h, 0, sizeof(*h));
	say_start();
	image_verify();
	if (!machine_has_long_mode())
		stop("the CPU has no 64-bit mode", "Anteros needs x86-64.");
	disk_learn(h, (uint8_t)drive, passed->lba);
	memory_learn(h);

	h->magic = HANDOFF_MAGIC;
	h->version = HANDOFF_VERSION;
	h->bytes = sizeof(*h);
	h->tsc_start = passed->tsc;
	h->rsdp = machine_rsdp();
	machine_clock(h);
	memcpy(h->volume, image->volume, sizeof(h->volume));

	entry = load_slots(h, image, passed->lba);
	tables_build();
	enter_kernel(entry);
}
