/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A sorted table of records: a key of up to 63 bytes, and data or a number
 * that the user of the table gives a meaning. Pure code.
 *
 * Invariants (table_ok):
 *  1. order[0] to order[count - 1] name records in use, in ascending order of
 *     their keys (as bytes, the shorter first), no two alike.
 *  2. All other records below `known` are in the free list.
 */
#ifndef USERLAND_LIB_TABLE_H
#define USERLAND_LIB_TABLE_H

#include "kernel/abi/status.h"
#include "kernel/abi/types.h"

enum {
	TABLE_RECORDS = 4096,
	RECORD_BYTES = 256,
	KEY_BYTES = 63,
	DATA_BYTES = 186,
	PAGE_RECORDS = PAGE_SIZE / RECORD_BYTES,
};

struct record {
	uint8_t  key_bytes;
	uint8_t  is_cap; /* The value is a capability; data is empty. */
	uint8_t  data_bytes;
	uint8_t  unused;
	uint16_t next; /* In the free list: 1 + the number, 0 at its end. */
	uint8_t  key[KEY_BYTES + 1];
	uint8_t  data[DATA_BYTES];
};

_Static_assert(sizeof(struct record) == RECORD_BYTES, "16 to a page");

struct table {
	struct record *record; /* Memory for `room` records. */
	unsigned       room;
	unsigned       known; /* Records that have ever been in use. */
	unsigned       count;
	uint16_t       free;
	uint16_t       order[TABLE_RECORDS];
};

/*
 * The record of a key; if there is none RC_NOT_FOUND. In both cases *at is
 * its place in the order: that of the first whose key is not less.
 */
enum status table_find(const struct table *t, const void *key, size_t bytes,
    unsigned *at) must_check;

/* Must there be more memory before a record can be added? Pages in all. */
bool table_wants(const struct table *t, unsigned *pages);

/*
 * Add a record without data at the place that table_find has given; RC_LIMIT
 * if there is no room. *number is its own as long as it is in use.
 */
enum status table_add(struct table *t, unsigned at, const void *key,
    size_t bytes, unsigned *number) must_check;

void table_remove(struct table *t, unsigned at);

static inline struct record *
table_record(const struct table *t, unsigned at)
{
	return &t->record[t->order[at]];
}

bool table_ok(const struct table *t);

#endif
