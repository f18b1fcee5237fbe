/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which frames in flight a device or driver can reach (S8).
 *
 * A frame is reachable only between expose and conceal, and only while its
 * request is open: a completion of an exposed frame is refused (complete.c).
 */
#include "kernel/mem/cache.h"
#include "kernel/mem/request.h"

struct frame *
pager_exposable(uint64_t tag, struct exposure **exposure, bool *to_disk)
{
	uint64_t        i = (tag & 0xff) - 1;
	struct request *r;

	if (i >= PAGER_OUTSTANDING)
		return NULL;
	r = &pager.request[i];
	if (r->tag != tag || r->frame == NO_INDEX ||
	    (r->op != PAGER_FETCH && r->op != PAGER_CLEAN))
		return NULL;
	*exposure = &r->exposure;
	*to_disk = r->op == PAGER_CLEAN;
	return &mem.frame[r->frame];
}

/* A device that reports success without writing must not pass for one. */
static inline void
poison(struct frame *f)
{
	memset(frame_data(f), 0xdb, PAGE_SIZE);
}

void
pager_exposed(struct frame *f, bool exposed)
{
	if (!exposed) {
		f->flags &= (uint16_t)~FF_EXPOSED;
		return;
	}
	if (f->flags & FF_IO_IN)
		debug_assert((poison(f), true));
	f->flags |= FF_EXPOSED;
}
