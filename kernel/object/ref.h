/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a slot to a ref: a capability that was looked at.
 */
#ifndef KERNEL_OBJECT_REF_H
#define KERNEL_OBJECT_REF_H

#include "kernel/object/invocation.h"

/*
 * Look at a capability: resolves boot services, finds and holds the object. A
 * dead capability gives kind CK_VOID and RC_OK. holder: the frame of the slot.
 */
must_check enum status ref_prepare(
    struct cap *slot, const struct frame *holder, struct ref *out);

/*
 * The capability as it stood in its slot, to be stored elsewhere: a boot
 * service stays one (F6).
 */
static inline struct cap
ref_stored(const struct ref *r)
{
	return r->service == 0
	    ? r->cap
	    : cap_make(CK_BOOTSVC, 0, r->service - 1u, 0, (oid){0});
}

/* Boot services: capabilities of this boot's boot range, by number (F6). */
void service_set(unsigned n, const struct cap *c);

/* The slot of service n, or NULL. */
struct cap *service_slot(unsigned n);

/* Is this device capability (kernel object) alive? By kernel/device. */
bool device_cap_alive(const struct cap *c);

/* The frame number at a position, if the range has it. */
static inline bool
range_locate(const struct cap *range, uint64_t position, uint64_t *number)
{
	const uint64_t first = cap_range_first(range);

	*number = first + position;
	return position < cap_range_length(range) &&
	    position < OID_FRAMES - frame_position(first);
}

#endif
