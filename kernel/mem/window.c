/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Windows, and the map's view of all device memory.
 *
 * Invariant: a page-table entry onto a window's slot refers to the frame that
 * stands in the slot; window_take clears it before the slot is free.
 */
#include "kernel/mem/window.h"
#include "kernel/mem/table.h"

enum { SLOT_READ_ONLY = 1u << 31 }; /* Frame indices have 24 bits. */

static struct {
	uint32_t first[WINDOWS_MAX], slots[WINDOWS_MAX]; /* 0 slots: none. */
	uint32_t used; /* Windows; they live until the reboot. */
	uint32_t slots_used;
	uint32_t slot[WINDOW_SLOTS]; /* Frame index, or NO_INDEX. */
} windows;

void
window_init(void)
{
	windows.used = windows.slots_used = 0;
	memset(windows.slot, 0xff, sizeof(windows.slot));
}

static unsigned
span_for(uint32_t slots)
{
	unsigned span = PAGE_SHIFT;

	while ((UINT64_C(1) << span) < (uint64_t)slots << PAGE_SHIFT)
		span++;
	return span;
}

enum status
window_make(uint32_t slots, struct cap *out)
{
	uint32_t w = windows.used;

	if (slots == 0 || slots > WINDOW_SLOTS_MAX)
		return RC_ARGUMENT;
	if (w == WINDOWS_MAX || slots > WINDOW_SLOTS - windows.slots_used)
		return RC_NO_MEMORY;
	windows.used++;
	windows.first[w] = windows.slots_used;
	windows.slots[w] = slots;
	windows.slots_used += slots;
	*out = cap_make(CK_WINDOW, CR_NO_EXECUTE, span_for(slots) - 1, 0,
	    (oid){device_key(WINDOW_OBJECTS + w)});
	return RC_OK;
}

enum status
window_find(const struct cap *c, uint32_t *window)
{
	uint64_t object = frame_position(oid_frame(cap_oid(c)));

	if (c->type != CK_WINDOW || object < WINDOW_OBJECTS ||
	    object - WINDOW_OBJECTS >= windows.used)
		return RC_VOID;
	*window = (uint32_t)(object - WINDOW_OBJECTS);
	return RC_OK;
}

uint32_t
window_slots(uint32_t window)
{
	return windows.slots[window];
}

enum status
window_put(
    uint32_t window, uint32_t slot, const struct frame *f, bool read_only)
{
	uint32_t *s;

	if (slot >= windows.slots[window])
		return RC_ARGUMENT;
	s = &windows.slot[windows.first[window] + slot];
	if (*s != NO_INDEX)
		return RC_ARGUMENT;
	*s = frame_index(f) | (read_only ? SLOT_READ_ONLY : 0);
	return RC_OK;
}

void
window_take(uint32_t window, uint32_t slot)
{
	assert(slot < windows.slots[window]);
	map_device_revoke_page(WINDOW_OBJECTS + window, slot);
	windows.slot[windows.first[window] + slot] = NO_INDEX;
}

/* --- The map's view ------------------------------------------------------ */

static enum status
window_page(const struct cap *c, uint64_t offset, struct map_device *out)
{
	uint32_t    w = 0, s;
	enum status st = window_find(c, &w);

	if (st != RC_OK)
		return st;
	if (offset >> PAGE_SHIFT >= windows.slots[w])
		return RC_ARGUMENT;
	s = windows.slot[windows.first[w] + (offset >> PAGE_SHIFT)];
	if (s == NO_INDEX)
		return RC_ARGUMENT;
	*out = (struct map_device){
	    .page = frame_paddr(&mem.frame[s & ~(uint32_t)SLOT_READ_ONLY]),
	    .cache = CACHE_BACK,
	    .read_only = (s & SLOT_READ_ONLY) != 0,
	    .object = WINDOW_OBJECTS + w,
	};
	return RC_OK;
}

/* The store's view of all frames: never writable, nothing of the kernel. */
static enum status
cache_page(uint64_t offset, struct map_device *out)
{
	uint64_t i = offset >> PAGE_SHIFT;

	if (i >= mem.nframes || mem.frame[i].use == USE_NONE ||
	    mem.frame[i].use == USE_KERNEL)
		return RC_ARGUMENT;
	*out = (struct map_device){
	    .page = frame_paddr(&mem.frame[i]),
	    .cache = CACHE_BACK,
	    .read_only = true,
	    .object = CACHE_OBJECT,
	};
	return RC_OK;
}

enum status
map_device_page(const struct cap *c, uint64_t offset, struct map_device *out)
{
	if (c->type == CK_WINDOW)
		return window_page(c, offset, out);
	if (c->type == CK_CACHE)
		return cache_page(offset, out);
	return mmio_translate(c, offset, out);
}

void
map_cache_revoke(const struct frame *f)
{
	map_device_revoke_page(CACHE_OBJECT, frame_index(f));
	map_flush();
}
