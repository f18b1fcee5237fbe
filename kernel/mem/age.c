/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ageing and eviction of clean persistent objects.
 *
 *             object_fetch, clean done              second time round
 *      ------------------------------> LIST_AGE ----------------------> free
 *                                       |   ^
 *                         first write   v   |  clean done
 *                                     LIST_DIRTY
 *
 * Invariants:
 *  1. Only clean persistent objects are on this list, so nothing that the
 *     store does not have is ever evicted.
 *  2. A frame is evicted only if it was not used since the hand came by: not
 *     held by any kernel entry, and no entry onto it has its accessed bit. What
 *     the holder of the progress token has looked at is not evicted (S12).
 *  3. Clearing accessed bits flushes no TLB, so a page in constant use through
 *     one cached translation may look idle: it is then fetched once too often.
 */
#include "kernel/mem/cache.h"
#include "kernel/mem/map.h"
#include "kernel/mem/object.h"
#include "kernel/mem/table.h"

enum {
	EVICT_ONCE = 16, /* Objects evicted together, with one flush, */
	COST_MOST = 4500, /* unless they are mapped at many places (D3). */
	COST_EVICT = 150, /* Instructions, about. */
	HAND_STEPS = 96, /* Frames looked at to find them. */
};

static struct frame_list clean_list;

void
age_init(void)
{
	frame_list_init(&clean_list, LIST_AGE);
}

void
age_add(struct frame *f)
{
	debug_assert(!(f->flags & FF_DIRTY));
	frame_list_add(&clean_list, f);
}

void
age_remove(struct frame *f)
{
	frame_list_remove(&clean_list, f);
}

uint32_t
age_count(void)
{
	return clean_list.count;
}

bool
frame_movable(const struct frame *f)
{
	return f->pins == 0 && f->held != mem.entry &&
	    !(f->flags &
		(FF_IO_IN | FF_IO_OUT | FF_EXPOSED | FF_DMA)) &&
	    !frame_loaded(f);
}

bool
frame_take_used(struct frame *f)
{
	bool used = f->held != 0 || (f->flags & FF_REFERENCED);

	if (f->held != mem.entry && f->held != mem.token)
		f->held = 0;
	f->flags &= (uint16_t)~FF_REFERENCED;
	if (f->kind == FK_PAGE && rmap_take_accessed(f))
		used = true;
	return used;
}

void
object_evict(struct frame *f)
{
	debug_assert(frame_movable(f) && !(f->flags & FF_DIRTY));
	if (f->kind == FK_PAGE)
		map_frame_revoke_later(f);
	if (f->kind == FK_STATE)
		object_evicted(f);
	age_remove(f);
	frame_unname(f);
	mem_counters.evictions++;
	mem_work += COST_EVICT;
	frame_free(f);
}

/*
 * As long as nothing was found, the second half of the steps takes what comes,
 * so that memory whose every page is in use still turns over.
 */
bool age_evict(enum frame_class class)
{
	unsigned n = 0;

	mem_work = 0;
	for (unsigned i = 0; i < HAND_STEPS && n < EVICT_ONCE; i++) {
		struct frame *f = frame_list_first(&clean_list);
		const bool    enough = mem_work >= COST_MOST;
		const bool    any = n == 0 && (enough || i >= HAND_STEPS / 2);

		if (f == NULL || (enough && n > 0))
			break;
		if (frame_movable(f) && f->held != mem.token &&
		    f->class <= class &&
		    (any || !frame_take_used(f))) {
			object_evict(f);
			n++;
			continue;
		}
		age_remove(f);
		age_add(f);
	}
	map_flush(); /* Before any of them is used again. */
	return n > 0;
}
