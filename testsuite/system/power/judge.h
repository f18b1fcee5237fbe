/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether a rebuilt volume holds exactly one committed state, and not one
 * older than what had been acknowledged before the cut.
 */
#ifndef TESTSUITE_SYSTEM_POWER_JUDGE_H
#define TESTSUITE_SYSTEM_POWER_JUDGE_H

#include "testsuite/system/power/rebuild.h"

/* A checkpoint that was answered when the log had so many entries. */
struct ack {
	uint64_t generation;
	size_t   position;
};

enum { ACKS = 64, SUPERS = 1024 };

/* A superblock that was written whole, and by which entry; 0: before all. */
struct super_seen {
	const uint8_t *block;
	uint64_t       generation;
	size_t         entry;
};

struct judge {
	struct ack        ack[ACKS];
	size_t            acks;
	struct super_seen super[SUPERS];
	size_t            supers;
	bool              quiet;     /* What is wrong is not listed. */
	uint64_t          partition; /* Byte of the volume's block 0. */
	uint8_t           base[2][4096];
};

/* Learns what superblocks there were; `disk` is the volume before the run. */
bool judge_learn(struct judge *j, const struct rebuild *r);

/*
 * Runs the checker's code over the rebuilt volume. Returns the generation that
 * it holds, or 0 after saying what is wrong.
 */
uint64_t judge_state(
    const struct judge *j, const struct rebuild *r, size_t point);

/* The newest generation acknowledged before the cut. */
uint64_t judge_least(const struct judge *j, size_t point);

#endif
