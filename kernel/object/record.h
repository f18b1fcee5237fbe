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

#endif
