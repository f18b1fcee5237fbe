/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Snapshots: epochs, credits, and what the store is told.
 */
#ifndef KERNEL_MEM_EPOCH_H
#define KERNEL_MEM_EPOCH_H

#include "kernel/mem/frame.h"

/*
 * Take a snapshot (D8), after the current process was unloaded: raises the epoch,
 * swaps the dirty lists, queues SNAPSHOT in the pager ring, raises the flush
 * stamp. The frames of the record (running list and the tables of S3) are the
 * caller's own (USE_FROZEN); on success they are the store's, and nothing frozen
 * is written until the caller has filled them: then epoch_recorded is to be
 * called, if there are any. Constant time but for them. RC_BUSY: the last one is
 * not committed yet.
 */
must_check enum status epoch_snapshot(const uint32_t *record, uint32_t nrecord,
    uint64_t call_number, uint64_t *epoch);
void epoch_recorded(void);

/*
 * Supplied by kernel/object. The store has opened the persistent range (the
 * kernel's boot number is set): the pages of the last snapshot's record are
 * handed over one by one, in any order, and then what ran goes on. Called by
 * the pager when completions arrive; no process is loaded or all are.
 */
void restart_begin(uint64_t call_number, uint32_t npages);
void restart_page(uint32_t i, const void *page);
void restart_end(void);

/* Dirty credits left, and those of the reserve (F7). */
uint32_t epoch_credits(void);

#endif
