/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The record of a snapshot: what runs, who waits outside, who has notices
 * (D8, S3). 32-byte entries, 128 to a record page, the first the header. The
 * kernel writes and reads it; the volume builder writes the first one.
 */
#ifndef PERSIST_FORMAT_RECORD_H
#define PERSIST_FORMAT_RECORD_H

#include "kernel/abi/types.h"

enum record_kind {
	RECORD_NONE,
	RECORD_HEADER,  /* a: call number, b: persistent time, ns. */
	RECORD_RUNNING, /* a: notices. */
	RECORD_OUTSIDE, /* a: notices, b: the call number it waits with. */
	RECORD_IDLE,    /* Has notices; available or waits inside. a: notices. */
	/* oid: its id, a: period, b: budget, both ns, or 0: it was given back. */
	RECORD_RESERVE,
};

enum record_flags {
	RF_NOTICE = 1 << 0, /* Has notice capabilities. */
	RF_AVAILABLE = 1 << 1,
};

struct record_entry {
	uint64_t oid; /* Header: the magic. */
	uint32_t count;
	uint8_t  kind;  /* enum record_kind */
	uint8_t  flags; /* enum record_flags */
	uint16_t unused;
	uint64_t a, b;
};

enum { RECORD_ENTRIES = PAGE_SIZE / 32 };
#define RECORD_MAGIC UINT64_C(0x31434552544e41) /* "ANTREC1" */

_Static_assert(sizeof(struct record_entry) == 32, "128 a page");

#endif
