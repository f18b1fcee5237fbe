/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/bios/slot.h"

#include "boot/bios/crc32c.h"

enum {
	/* The kernel is mapped by the first 1 GiB at KERNEL_BASE and lies
	 * clear of low memory, which is the bootstrap's. */
	KERNEL_LEAST = 1 << 20,
	KERNEL_END = 1 << 30,
	CAP_BYTES = 16, /* struct cap on disk. */
};

static bool
slot_is_zero(const struct boot_slot *slot)
{
	const uint8_t *p = (const uint8_t *)slot;

	for (size_t i = 0; i < sizeof(*slot); i++) {
		if (p[i] != 0)
			return false;
	}
	return true;
}

/* Whether the blocks of `bytes` from `block` are in the area. */
static bool
area_holds(const struct boot_area *area, uint64_t block, uint64_t bytes)
{
	uint64_t blocks = (bytes + BLOCK_SIZE - 1) / BLOCK_SIZE;

	return bytes <= UINT32_MAX && block >= area->block &&
	    blocks <= area->blocks &&
	    block - area->block <= area->blocks - blocks;
}

enum slot_state
slot_check(const struct boot_slot *slot, const uint8_t volume[16],
    const struct boot_area *area)
{
	if (slot_is_zero(slot))
		return SLOT_EMPTY;
	if (slot->magic != BOOT_SLOT_MAGIC ||
	    slot->checksum !=
		boot_crc_without(
		    slot, sizeof(*slot), offsetof(struct boot_slot, checksum)))
		return SLOT_DAMAGED;
	if (slot->version != BOOT_SLOT_VERSION)
		return SLOT_VERSION;
	if (slot->serial == 0)
		return SLOT_EMPTY;
	for (int i = 0; i < 16; i++) {
		if (slot->volume[i] != volume[i])
			return SLOT_FOREIGN;
	}
	if (!area_holds(area, slot->kernel_block, slot->kernel_bytes) ||
	    !area_holds(area, slot->range_block, slot->range_bytes) ||
	    slot->range_block < slot->kernel_block +
		    (slot->kernel_bytes + BLOCK_SIZE - 1) / BLOCK_SIZE)
		return SLOT_OUTSIDE;
	return SLOT_GOOD;
}

const char *
slot_state_name(enum slot_state state)
{
	switch (state) {
	case SLOT_GOOD:
		return "good";
	case SLOT_EMPTY:
		return "never written";
	case SLOT_DAMAGED:
		return "header is damaged";
	case SLOT_VERSION:
		return "header has an unknown version";
	case SLOT_FOREIGN:
		return "is of another volume";
	case SLOT_OUTSIDE:
		return "names blocks outside its area";
	}
	return "?";
}

unsigned
slot_order(const enum slot_state state[BOOT_SLOTS],
    const struct boot_slot slot[BOOT_SLOTS], unsigned order[BOOT_SLOTS])
{
	unsigned n = 0;

	for (unsigned i = 0; i < BOOT_SLOTS; i++) {
		if (state[i] == SLOT_GOOD)
			order[n++] = i;
	}
	if (n == 2 && slot[order[1]].serial > slot[order[0]].serial) {
		order[0] = 1;
		order[1] = 0;
	}
	return n;
}

const char *
kernel_check(const struct kernel_image *kernel, uint64_t bytes)
{
	if (bytes < PAGE_SIZE || kernel->magic != KERNEL_IMAGE_MAGIC)
		return "not a kernel image";
	if (kernel->version != HANDOFF_VERSION)
		return "kernel is for another version of the hand-off";
	if (kernel->file_bytes != bytes - PAGE_SIZE ||
	    kernel->total_bytes < kernel->file_bytes ||
	    kernel->first % PAGE_SIZE != 0 || kernel->first < KERNEL_LEAST ||
	    kernel->first >= KERNEL_END ||
	    kernel->total_bytes > KERNEL_END - kernel->first)
		return "kernel's extent makes no sense";
	if (kernel->entry < KERNEL_BASE + kernel->first ||
	    kernel->entry - KERNEL_BASE - kernel->first >= kernel->file_bytes)
		return "kernel's entry lies outside it";
	return NULL;
}

const char *
range_check(const struct boot_range *range, uint64_t bytes)
{
	uint64_t list;

	if (bytes < sizeof(*range) || range->magic != BOOT_RANGE_MAGIC)
		return "not a boot range";
	if (range->version != BOOT_RANGE_VERSION)
		return "boot range has an unknown version";
	list = sizeof(*range) +
	    (uint64_t)range->nframes * sizeof(struct boot_range_entry);
	if (range->first_frame % PAGE_SIZE != 0 || range->first_frame < list ||
	    range->first_frame + (uint64_t)range->nframes * PAGE_SIZE > bytes)
		return "boot range's extent makes no sense";
	if (range->processes_at +
		    (uint64_t)range->nprocesses * sizeof(uint64_t) >
		bytes ||
	    range->services_at + (uint64_t)range->nservices * CAP_BYTES > bytes)
		return "boot range's lists lie outside it";
	if (range->checksum !=
	    boot_crc_without(
		range, (size_t)bytes, offsetof(struct boot_range, checksum)))
		return "boot range's checksum is wrong";
	return NULL;
}
