/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The record of a snapshot (persist/format/record.h).
 *
 * Making it takes time in proportion to the processes that have activities,
 * not to memory (M6).
 */
#ifndef KERNEL_OBJECT_RECORD_H
#define KERNEL_OBJECT_RECORD_H

#include "kernel/core/core.h"
#include "persist/format/record.h"

/*
 * Write the record into frames of their own: at most `limit`, their indices
 * into `frames`. RC_NO_MEMORY or ST_WAIT: there are not enough; none is kept.
 */
must_check enum status record_make(
    uint32_t *frames, uint32_t limit, uint32_t *n);

/* --- kernel/object/restart.c -------------------------------------------- */

/* The i-th process that waits to be started (S2); false: there is none. */
bool restart_unstarted(uint32_t i, struct record_entry *out);

/*
 * Start some of those, if activities have come free. Called by the dispatcher
 * when it has nothing else to do, and by the clock.
 */
void restart_more(void);

#endif
