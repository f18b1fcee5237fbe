/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Invalidation: taking away what was mapped (F2, F10).
 *
 * At least what must go goes, and has gone from every TLB, when a function
 * here returns (M2); the _later and _page ones leave the flush to map_flush.
 */
#include "kernel/mem/cache.h"
#include "kernel/mem/table.h"

/*
 * So many entries are taken away between two chances for an interrupt (D3); each
 * takes 200 instructions at most.
 */
enum { PIECE = 64 };

bool
map_slots_thin(oid node, uint32_t slots)
{
	unsigned left = PIECE;

	depend_thin(node.v, slots, &left);
	flush_now();
	return left != 0;
}

static void
frame_thin(struct frame *f, unsigned *left)
{
	uint32_t ref;

	for (; *left != 0 && (ref = rmap_first(f)) != 0; --*left)
		entry_clear(table_at((ref - 1) / TABLE_ENTRIES),
		    (ref - 1) % TABLE_ENTRIES);
}

bool
map_frame_thin(struct frame *f)
{
	unsigned left = PIECE;

	frame_thin(f, &left);
	flush_now();
	return left != 0;
}

bool
map_number_thin(uint64_t number)
{
	struct frame *f = frame_find(number);
	unsigned      left = PIECE;

	if (f != NULL && f->kind == FK_PAGE)
		frame_thin(f, &left);
	else if (f == NULL || f->kind != FK_STATE)
		for (unsigned i = 0; i < FRAME_NODES && left != 0; i++)
			depend_thin(oid_make(number, i).v, UINT32_MAX, &left);
	flush_now();
	return left != 0;
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
		entry_clear(table_at((ref - 1) / TABLE_ENTRIES),
		    (ref - 1) % TABLE_ENTRIES);
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
	depend_clear_page(device_key(object), page);
}

void
map_snapshot(void)
{
	flush_snapshot();
}
