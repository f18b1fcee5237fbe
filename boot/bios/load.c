/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/bios/load.h"

#include "boot/bios/crc32c.h"
#include "boot/bios/disk.h"
#include "boot/bios/e820.h"
#include "boot/bios/say.h"
#include "boot/bios/slot.h"
#include "boot/bios/string.h"

#define FOUR_GIB (UINT64_C(4) << 30)

/* The one reason that is not the slot's fault. */
static const char no_memory[] = "too little memory";

/* The first page of the kernel image: the checksum covers its padding too. */
static union {
	struct kernel_image head;
	uint8_t             page[PAGE_SIZE];
} kernel;

static uint32_t
kib(uint64_t bytes)
{
	return (uint32_t)((bytes + 1023) >> 10);
}

static const char *
kernel_load(struct handoff *h, const struct boot_slot *slot, uint64_t lba)
{
	const char *wrong;
	uint8_t    *to;
	uint32_t    bytes, sum;

	lba += slot->kernel_block * BLOCK_SECTORS;
	if (!disk_read(lba, &kernel, PAGE_SIZE))
		return "kernel cannot be read";
	wrong = kernel_check(&kernel.head, slot->kernel_bytes);
	if (wrong != NULL)
		return wrong;
	if (!e820_is_ram(h->region, h->nregions, kernel.head.first,
		kernel.head.total_bytes)) {
		say("the kernel needs %u KiB of RAM at %u KiB",
		    kib(kernel.head.total_bytes), kib(kernel.head.first));
		return no_memory;
	}

	/* Below 1 GiB, as kernel_check saw to. */
	to = (uint8_t *)(uintptr_t)kernel.head.first;
	bytes = (uint32_t)kernel.head.file_bytes;
	if (!disk_read(lba + BLOCK_SECTORS, to, bytes))
		return "kernel cannot be read";
	sum = boot_crc_without(
	    &kernel, PAGE_SIZE, offsetof(struct kernel_image, checksum));
	if (boot_crc(sum, to, bytes) != kernel.head.checksum)
		return "kernel's checksum is wrong";
	memset(to + bytes, 0, (uint32_t)kernel.head.total_bytes - bytes);
	h->kernel_first = kernel.head.first;
	h->kernel_bytes = kernel.head.total_bytes;
	return NULL;
}

static const char *
range_load(struct handoff *h, const struct boot_slot *slot, uint64_t lba)
{
	uint64_t at;
	void    *to;

	at = e820_place(h->region, h->nregions, slot->range_bytes, FOUR_GIB,
	    h->kernel_first, h->kernel_bytes);
	if (at == 0) {
		say("the boot range needs %u KiB of RAM in one piece",
		    kib(slot->range_bytes));
		return no_memory;
	}
	to = (void *)(uintptr_t)at;
	if (!disk_read(lba + slot->range_block * BLOCK_SECTORS, to,
		(uint32_t)slot->range_bytes))
		return "boot range cannot be read";
	h->range_first = at;
	h->range_bytes = slot->range_bytes;
	return range_check(to, slot->range_bytes);
}

static const char *
slot_load(struct handoff *h, const struct boot_slot *slot, uint64_t lba)
{
	const char *wrong = kernel_load(h, slot, lba);

	return wrong != NULL ? wrong : range_load(h, slot, lba);
}

/* Reads and judges both headers; says what is wrong with them. */
static void
headers_read(struct handoff *h, const struct image_header *image, uint64_t lba,
    struct boot_slot slot[BOOT_SLOTS], enum slot_state state[BOOT_SLOTS])
{
	for (unsigned i = 0; i < BOOT_SLOTS; i++) {
		state[i] = SLOT_DAMAGED;
		if (disk_read(lba + (BLOCK_SLOT + i) * BLOCK_SECTORS, &slot[i],
			sizeof(slot[i])))
			state[i] = slot_check(
			    &slot[i], image->volume, &image->area[i]);
		if (state[i] == SLOT_GOOD || state[i] == SLOT_EMPTY)
			continue;
		/* It may have been the newer one: nobody can tell. */
		h->fell_back = 1;
		say("slot %c: %s; not used", 'A' + (int)i,
		    slot_state_name(state[i]));
	}
}

uint64_t
load_slots(struct handoff *h, const struct image_header *image, uint64_t lba)
{
	static struct boot_slot slot[BOOT_SLOTS];
	enum slot_state         state[BOOT_SLOTS];
	unsigned                order[BOOT_SLOTS];
	const char             *wrong;
	unsigned                n, s;
	bool                    memory = false;

	headers_read(h, image, lba, slot, state);
	n = slot_order(state, slot, order);
	for (unsigned i = 0; i < n; i++) {
		s = order[i];
		wrong = slot_load(h, &slot[s], lba);
		if (wrong == NULL) {
			h->slot = (uint8_t)s;
			h->slot_serial = slot[s].serial;
			say("slot %c serial %u, kernel %u KiB, range %u KiB",
			    'A' + (int)s, slot[s].serial,
			    kib(slot[s].kernel_bytes),
			    kib(slot[s].range_bytes));
			return kernel.head.entry;
		}
		h->fell_back = 1;
		memory |= wrong == no_memory;
		say("slot %c serial %u: %s%s", 'A' + (int)s, slot[s].serial,
		    wrong, i + 1 < n ? "; falling back" : "");
	}
	if (memory)
		stop(no_memory, "Give the machine more memory.");
	stop("no boot slot can be used",
	    "Write one from another system: install slot.");
}
