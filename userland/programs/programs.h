/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs of one's own, without the loop.
 *
 * Each is kept as a sealed constructor, made in a bank of its own; a product
 * of it runs in another bank, whose destruction is its end. A product gets the
 * log and the clock, and this domain as its keeper.
 *
 * Invariant: slot SLOT_PROGRAM + i of REG_NODE holds the node of entry i if
 * its state is not PROGRAMS_NONE; in that stand the capabilities below.
 */
#ifndef USERLAND_PROGRAMS_PROGRAMS_H
#define USERLAND_PROGRAMS_PROGRAMS_H

#include "userland/programs/table.h"
#include "userland/rt/invoke.h"
#include "userland/rt/registers.h"

enum {
	REG_STAGE_BANK = REG_OWN,
	REG_STAGE = REG_OWN + 1, /* The segment that is being filled. */
	REG_LEAF = REG_OWN + 2,
	REG_THIS = REG_OWN + 3, /* The node of the program at work. */

	/* Slots of REG_NODE; system.dts fills the first two. */
	SLOT_CONSTRUCTORS = 0,
	SLOT_RUN_SCHEDULE = 1,
	SLOT_PROGRAM = 2,

	/* Slots of a program's node. */
	HAS_BANK = 0, /* Has sold the node itself, and the constructor. */
	HAS_CONSTRUCTOR = 1,
	HAS_RUN = 2, /* The bank of what runs. */

	/* What is needed beside the image's frames, and what one may use. */
	KEEP_FRAMES = 128,
	RUN_FRAMES = 1024,
	STACK_PAGES = 4,
};

extern struct program_table programs;

/* The next bytes; offset 0 begins anew. Uses REG_IN0. */
enum status stage_put(
    uint64_t offset, const void *bytes, size_t length) must_check;

/* All there is, mapped. */
const void *stage_image(size_t *bytes);
void        stage_drop(void);

/* Make a constructor of what is staged, for entry i. */
enum status keep_program(unsigned i, const char *name) must_check;

/* Yield a product of entry i. */
enum status run_program(unsigned i) must_check;

/* Take back what runs, or all that entry i has. */
enum status end_program(unsigned i) must_check;
enum status forget_program(unsigned i) must_check;

/* The frames that entry i's run uses; 0: it does not run. */
uint32_t program_frames(unsigned i);

/* Destroy the bank in a register. */
enum status destroy_bank(capreg bank) must_check;

#endif
