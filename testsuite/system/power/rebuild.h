/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The volume as a power cut at some point of the log could have left it.
 *
 * One working copy, mapped and shared, so that a QEMU beside may boot what
 * stands in it. Cuts are visited in ascending order:
 *
 *     base --advance: all that was flushed--> durable --cut: some of the
 *     rest--> the state to be judged --undo--> durable --advance-->
 *
 * Invariants:
 *  1. A write before a FLUSH that is before the cut is on the disk.
 *  2. Of the writes after that FLUSH each may be there or not; the last of
 *     them may be broken off in the middle of a sector.
 */
#ifndef TESTSUITE_SYSTEM_POWER_REBUILD_H
#define TESTSUITE_SYSTEM_POWER_REBUILD_H

#include "testsuite/system/power/log.h"

enum cut_kind {
	CUT_NONE, /* Nothing since the last FLUSH has arrived, */
	CUT_ALL,  /* all of it, the last sector torn, */
	CUT_HALF, /* the last write, perhaps torn, and half of the others. */
	CUT_KINDS,
};

struct saved; /* What a write overwrote. */

struct rebuild {
	const struct log *log;
	uint8_t          *disk;
	size_t            bytes;
	size_t        durable; /* Entries before this one are on the disk. */
	struct saved *saved;
	size_t        nsaved;
	uint64_t      random; /* State of a xorshift: the seed at first. */
};

bool rebuild_open(
    struct rebuild *r, const char *path, const struct log *log, uint64_t seed);
void rebuild_close(struct rebuild *r);

/* The state after the first `point` entries were issued. */
void rebuild_cut(struct rebuild *r, size_t point, enum cut_kind kind);
void rebuild_undo(struct rebuild *r);

/* Entries that this cut could have lost. */
size_t rebuild_volatile(const struct log *l, size_t point);

uint64_t rebuild_random(struct rebuild *r, uint64_t below);

#endif
