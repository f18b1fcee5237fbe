/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The record of a snapshot (persist/format/record.h).
 *
 * Making it takes time in proportion to the processes that have activities,
 * not to memory (M6), and is done in pieces (D3). The order of calls:
 *
 *        record_prepare ... until RC_OK
 *        record_frames, epoch_snapshot, record_begin       the instant
 *        record_go_on ... until true    what is changed is written first
 *        epoch_recorded                 the store may have it
 */
#ifndef KERNEL_OBJECT_RECORD_H
#define KERNEL_OBJECT_RECORD_H

#include "kernel/core/core.h"
#include "persist/format/record.h"

void record_init(void);

/*
 * See to it that there are frames, at most `limit`, for the record of this
 * moment. ST_AGAIN: some are there, it is to be called again (D3).
 * RC_NO_MEMORY or ST_WAIT: there are not enough; none is kept.
 */
must_check enum status record_prepare(uint32_t limit);

/* The record is of this instant; prepared in the same entry. */
void record_begin(void);

/* A piece of it; true: it is complete. */
bool record_go_on(void);

/* From record_begin until it is complete. */
bool record_is_open(void);

/*
 * The frames that were prepared: epoch_snapshot takes them, and until the record
 * is complete nobody else writes or frees them.
 */
const uint32_t *record_frames(uint32_t *n);

/* --- kernel/object/restart.c -------------------------------------------- */

/* The i-th process that waits to be started (S2); false: there is none. */
bool     restart_unstarted(uint32_t i, struct record_entry *out);
uint32_t restart_unstarted_count(void);

/*
 * Start some of those, if activities have come free; none while a record is
 * open, which they are part of. Called by the dispatcher when it has nothing
 * else to do, and by the clock.
 */
void restart_more(void);

#endif
