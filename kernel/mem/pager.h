/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's side of the pager protocol (S8; layout in kernel/abi/pager.h).
 */
#ifndef KERNEL_MEM_PAGER_H
#define KERNEL_MEM_PAGER_H

#include "kernel/abi/pager.h"
#include "kernel/mem/frame.h"

/* Is there a store? Without one, persistent objects wait. */
bool pager_bound(void);

/*
 * Called by the dispatcher before it idles and at each clock interrupt: ages
 * pages, starts cleaning when free frames run low. Bounded work.
 */
void pager_poll(void);

/*
 * Called once by the store's `cache.bind`; see kernel/method/cache.c. ring:
 * the frames of PAGER_PAGES pages, pinned. RC_STATE: bound already.
 */
must_check enum status pager_bind(
    const uint32_t *ring, uint32_t npages, void (*doorbell)(void));

/*
 * Completions have come: take them, as many as bounded work allows (D3), and
 * tell how many are left. RC_STATE: no ring is bound.
 */
must_check enum status pager_kick(uint32_t *left);

/* --- Exposure (S8) ------------------------------------------------------- */

/* How a frame in flight is reached: one way at a time. */
enum exposure_way {
	EXPOSED_NOT,
	EXPOSED_WINDOW, /* object: window; where: slot. */
	EXPOSED_DMA,    /* object: DMA space; where: bus address. */
	EXPOSED_GONE,   /* Out of reach; the rest of concealing is to come. */
};

struct exposure {
	uint8_t       way; /* enum exposure_way */
	uint32_t      object;
	uint64_t      where;
	/* Stands in for the frame (D15), or will; or NULL. */
	struct frame *bounce;
};

/*
 * The frame of an open request, and whether its device only reads it. NULL:
 * the tag is not outstanding or has no frame. *exposure may be changed, with
 * pager_exposed called for each change of way.
 */
struct frame *pager_exposable(
    uint64_t tag, struct exposure **exposure, bool *to_disk);
void pager_exposed(struct frame *f, bool exposed);

/* --- For kernel/mem ------------------------------------------------------ */

void pager_init(void);
bool pager_open(void); /* The persistent range may be used. */

/* And the record of what ran was read, or what could not be is given up. */
bool pager_restarted(void);

/* May waiting for memory help: is anything dirty or in flight? */
bool pager_may_free(void);

/* Ask for an absent persistent object, and wait for it. */
must_check enum status pager_fetch(uint64_t number);

/*
 * Make one FK_FREE with this count, without its content; the second cannot
 * fail. pager_stat asks for the count of an absent one: its frame comes as
 * FF_STAT, or as what it is if that has no content.
 */
must_check enum status pager_stat(uint64_t number);
must_check enum status pager_drop_prepare(uint64_t number);
void                   pager_drop(uint64_t number, uint32_t count);

/* Ring entries of a snapshot; their places are always there. */
void pager_snapshot(uint64_t epoch, uint64_t call_number, uint32_t nrecord);
void pager_barrier(uint64_t epoch);

/* Write a frame, which is FF_IO_OUT and off its list; pager_bell follows. */
void     pager_clean(struct frame *f, enum frame_kind kind, uint64_t epoch);
uint32_t pager_clean_room(void); /* How many more cleans may be queued. */
uint32_t pager_cleaning(void);   /* How many are in flight. */
void     pager_bell(void);

/* Is a change of this object open in any epoch; of anything in this epoch? */
bool pager_changing(uint64_t number);
bool pager_changes_in(uint64_t epoch);

/* Figures for the store's schedule, in the shared page. */
void pager_credit_used(uint32_t used);
void pager_credit_wanted(void);

#endif
