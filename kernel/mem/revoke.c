/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Invalidation: taking away what was mapped (F2, F10).
 *
 * At least what must go goes, and has gone from every TLB, when a function
 * here returns (M2); the _later and _page ones leave the flush to map_flush.
 */
#include "kernel/mem/cache.h"
#include "kernel/mem/table.h"

/* What goes with so many objects. */
static bool
objects_thin(uint64_t first, unsigned n, unsigned *left)
{
	depends_thin(first, n, left);
	producers_thin(first, n, left);
	flush_now();
	return *left != 0;
}

bool
map_slot_thin(oid node, unsigned slot)
{
	unsigned left = MAP_PIECE;

	depend_thin(node.v, UINT32_C(1) << slot, &left);
	flush_now();
	return left != 0;
}

bool
map_node_thin(oid node)
{
	unsigned left = MAP_PIECE;

	return objects_thin(node.v, 1, &left);
}

bool
map_page_thin(struct frame *f)
{
	unsigned left = MAP_PIECE;
	uint32_t ref;

	for (; left != 0 && (ref = rmap_first(f)) != 0; left--)
		rmap_clear(ref);
	producers_thin(oid_make(f->number, OID_INDEX_FRAME).v, 1, &left);
	if (left == MAP_PIECE)
		return true;
	flush_now();
	return left != 0;
}

bool
map_number_thin(uint64_t number)
{
	struct frame *f = frame_find(number);
	unsigned      left = MAP_PIECE;

	if (f != NULL && f->kind == FK_PAGE)
		return map_page_thin(f);
	if (f != NULL && f->kind == FK_STATE)
		return true;
	return objects_thin(oid_make(number, 0).v, OID_INDEX_FRAME + 1, &left);
}

bool
map_device_thin(uint32_t object, unsigned *left)
{
	return objects_thin(device_key(object), 1, left);
}

bool
map_device_thin_page(uint32_t object, uint64_t page, unsigned *left)
{
	return depend_thin_page(device_key(object), page, left);
}

void
map_slot_changed(oid node, unsigned slot)
{
	depend_clear(node.v, UINT32_C(1) << (slot & (NODE_SLOTS - 1)));
	flush_now();
}

void
map_node_changed(oid node)
{
	mem.upper++; /* It may be another from now on. */
	depend_clear(node.v, UINT32_MAX);
	flush_now();
}

void
map_space_changed(struct frame *state)
{
	state->state.top = NO_INDEX;
}

void
map_frame_revoke_later(struct frame *f)
{
	uint32_t ref;

	while ((ref = rmap_first(f)) != 0)
		rmap_clear(ref);
}

void
map_frame_revoke(struct frame *f)
{
	map_frame_revoke_later(f);
	flush_now();
}

void
map_frame_protect_later(struct frame *f)
{
	rmap_each(f, entry_protect);
}

void
map_frame_protect(struct frame *f)
{
	map_frame_protect_later(f);
	flush_now();
}

void
map_flush(void)
{
	flush_now();
}

void
map_device_revoke(uint32_t object)
{
	uint64_t key = device_key(object);

	depend_clear(key, UINT32_MAX);
	map_producer_dead((oid){key});
	flush_now();
}

void
map_device_revoke_page(uint32_t object, uint64_t page)
{
	unsigned left = UINT32_MAX;

	(void)depend_thin_page(device_key(object), page, &left);
}

void
map_snapshot(void)
{
	flush_snapshot();
}
