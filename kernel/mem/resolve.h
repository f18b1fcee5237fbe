/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a capability to the object it names.
 *
 * A capability is valid while the object has the count, kind and role that it
 * was made for. A stale hint costs one hash look-up and is refreshed in place,
 * unless the slot's own frame is being written to disk.
 */
#ifndef KERNEL_MEM_RESOLVE_H
#define KERNEL_MEM_RESOLVE_H

#include "kernel/mem/object.h"

/* The slow half of cap_resolve: looks in the hash, fetches, refreshes. */
must_check enum status cap_resolve_slow(
    struct cap *slot, const struct frame *holder, struct frame **out);

/*
 * Find the frame of a page, node, guard, process, start, resume, restart,
 * notice or forwarder capability. holder is the frame that slot lies in.
 * RC_VOID: the capability is dead. ST_WAIT, RC_MEDIA as object_fetch.
 * For resume and restart only the node is found: the call number is checked
 * by kernel/object.
 */
must_check enum status cap_resolve(
    struct cap *slot, const struct frame *holder, struct frame **out);

#endif
