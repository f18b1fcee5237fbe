/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Orders of those who look at disks, one after the other. Pure code: who opens
 * extents, rings and answers is main.c.
 *
 *     WAITING --disks_next--> TABLE --disks_came--> DATA --disks_came--> DONE
 *                    \___________(part 0)___________/
 *
 * TABLE and DATA are a read of one extent, which step.* describes: the first
 * sector of the disk, and then that of the partition and nothing else.
 */
#ifndef USERLAND_DISKS_DISKS_H
#define USERLAND_DISKS_DISKS_H

#include "kernel/abi/status.h"
#include "kernel/abi/types.h"

enum {
	DISKS_JOBS = 8,
	DISKS_PARTS = 4,
	DISKS_SECTOR = 512,
	DISKS_COUNT = 8, /* Sectors of one order. */
};

enum disks_state {
	DISKS_FREE,
	DISKS_WAITING,
	DISKS_TABLE,
	DISKS_DATA,
	DISKS_DONE,
};

struct disks_part {
	uint64_t first, sectors;
	uint8_t  type; /* 0: there is none. */
};

struct disks_job {
	uint8_t  state; /* enum disks_state */
	bool     reads; /* Else it asks for the partition only. */
	uint64_t disk, part, sector, count;
	uint64_t number; /* Among all orders ever. */
	uint64_t serial; /* Of the disk that its first step read, or 0. */

	/* The step: sectors `at` to `at + many` of an extent of the disk. */
	uint64_t first, sectors; /* The extent; UINT64_MAX: to the end. */
	uint64_t at, many;

	/* The answer. */
	enum status       status;
	struct disks_part found;
	size_t            bytes;
};

struct disks {
	uint64_t         numbers;
	struct disks_job job[DISKS_JOBS];
	uint8_t          data[DISKS_COUNT * DISKS_SECTOR];
};

/* A new order, filled in by the caller; NULL if there is no place. */
struct disks_job *disks_job(struct disks *d);

/* RC_OK, or why this order is nonsense. */
enum status disks_check(const struct disks_job *j) must_check;

/* The order in hand; if there is none, the oldest one that waits; or NULL. */
struct disks_job *disks_next(struct disks *d);

/*
 * The disk that has the number now. False if it is not the one that the order
 * has read from before: a table is not used for another disk.
 */
bool disks_same(struct disks_job *j, uint64_t serial);

/*
 * The step's read has ended, with those bytes. True if another step follows.
 * What came is copied before it is looked at.
 */
bool disks_came(struct disks *d, struct disks_job *j, enum status st,
    const void *data, size_t bytes);

/* Partition 1-4 of a first sector; type 0 if there is no such one. */
struct disks_part disks_part(const uint8_t *sector, unsigned part);

#endif
