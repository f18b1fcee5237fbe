/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The record of a snapshot: what runs, who waits outside, who has notices
 * (D8, S3), as 32-byte entries in pages that go to the store with it.
 *
 * The first entry is the header. Making it takes time in proportion to the
 * processes that have activities, not to memory (M6).
 */
#ifndef KERNEL_OBJECT_RECORD_H
#define KERNEL_OBJECT_RECORD_H

#include "kernel/core/core.h"

enum record_kind {
	RECORD_NONE,
	RECORD_HEADER,  /* a: call number, b: persistent time, ns. */
	RECORD_RUNNING, /* a: notices. */
	RECORD_OUTSIDE, /* a: notices, b: the call number it waits with. */
	RECORD_IDLE,    /* Has notices; available or waits inside. a: notices. */
};

enum record_flags {
	RF_NOTICE    = 1 << 0, /* Has notice capabilities. */
	RF_AVAILABLE = 1 << 1,
};

struct record_entry {
	uint64_t oid; /* Header: the magic. */
	uint32_t count;
	uint8_t  kind; /* enum record_kind */
	uint8_t  flags;
	uint16_t unused;
	uint64_t a, b;
};

_Static_assert(sizeof(struct record_entry) == 32, "128 a page");

enum { RECORD_ENTRIES = PAGE_SIZE / 32 };
#define RECORD_MAGIC UINT64_C(0x31434552544e41) /* "ANTREC1" */

/*
 * Write the record into frames of their own: at most `limit`, their indices
 * into `frames`. RC_NO_MEMORY or ST_WAIT: there are not enough; none is kept.
 */
must_check enum status record_make(
    uint32_t *frames, uint32_t limit, uint32_t *n);

#endif
