/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Objects in the cache: bringing in, making writable, making, killing.
 *
 * Every function that returns ST_WAIT has arranged to be woken (wait_on).
 */
#ifndef KERNEL_MEM_OBJECT_H
#define KERNEL_MEM_OBJECT_H

#include "kernel/mem/frame.h"

/* An allocation count that has come to its end (M4). */
#define COUNT_RETIRED UINT32_MAX

/*
 * Get an object's frame into memory. A frame that was never used, or was
 * freed, comes as FK_FREE with its count. Boot and ephemeral objects that are
 * not in memory are RC_NOT_FOUND; a persistent one on a system without its
 * volume waits. RC_MEDIA: it could not be read.
 */
must_check enum status object_fetch(uint64_t number, struct frame **out);

/*
 * Before any write to an object (D3): takes a credit, copies the frozen
 * content, waits for I/O. The object may move: *f is where it is then, and
 * all pointers into the old frame are void. Afterwards frame_writable holds
 * until the next snapshot, and the frame is dirty.
 */
must_check enum status object_prepare_write(struct frame **f);

/*
 * Make an FK_FREE frame a page, node frame or state page; zero content, node
 * headers with the frame's count. For ephemeral numbers that are not there
 * yet, allocates a frame of that class. Prepared for writing on return.
 */
must_check enum status object_make(uint64_t number, enum frame_kind kind,
    enum frame_class class, struct frame                          **out);

/*
 * Kill all capabilities to a page or state page: new count, zero content, kind
 * FK_PAGE; mappings gone and flushed. The frame is prepared for writing.
 */
void object_rescind_page(struct frame *f);

/*
 * Kill all capabilities to a node: new count, role data, slots void, the
 * tables it produced and its depend entries gone. Prepared for writing.
 */
void object_rescind_node(struct frame *f, unsigned index);

/* Is its count the last but one, so that a rescind would be its end (M4)? */
static inline bool
object_node_is_last(const struct frame *f, unsigned index)
{
	return frame_nodes(f)->node[index].count >= COUNT_RETIRED - 1;
}

/*
 * Give a whole frame back (FK_FREE, its counts raised past all of them), in
 * two steps: prepare may wait, and says RC_BUSY for a frame that is mapped for
 * DMA or pinned, RC_NOT_FOUND for one that does not exist (nothing to do); the
 * second cannot fail. Absent persistent objects are dropped without a fetch
 * (S8). The caller has destroyed the processes in it, and nothing maps it any
 * more (map_number_thin).
 */
must_check enum status object_free_prepare(uint64_t number);
void                   object_free(uint64_t number);

/*
 * Change what a prepared page is: FK_PAGE to FK_STATE, its count raised. Nothing
 * maps it any more (map_page_thin); state.activity and state.top are NO_INDEX.
 */
void object_make_state(struct frame *f);

/*
 * Supplied by kernel/object: an object has moved to another frame, and what
 * this kernel entry remembers of the old one is to follow.
 */
void object_moved(const struct frame *from, struct frame *to);

/*
 * Supplied by kernel/object: a state page leaves memory; its process's
 * activity is to be found by OID from now on.
 */
void object_evicted(const struct frame *f);

void object_pin(struct frame *f);
void object_unpin(struct frame *f);

/* Note a use, for ageing. */
static inline void
object_touch(struct frame *f)
{
	f->flags |= FF_REFERENCED;
}

#endif
