/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs of one's own, without the loop.
 *
 * Each is kept as its image and a sealed constructor, in banks of its own; a
 * product of it runs in another bank, whose destruction is its end. A product
 * gets what was asked for at its start (grant.h), and this domain as its
 * keeper. Who asks for something else gets another constructor, for one that
 * is sealed never changes.
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
	REG_NEW = REG_RT, /* The bank of a constructor that is being made. */

	/* Slots of REG_NODE; system.dts fills the first four. */
	SLOT_CONSTRUCTORS = 0,
	SLOT_RUN_SCHEDULE = 1,
	SLOT_SERVICES = 2, /* A node: constructors, pipes and others. */
	SLOT_RANDOM = 3,
	SLOT_PROGRAM = 4,

	/* Slots of a program's node. */
	HAS_BANK = 0, /* Has sold the node itself. */
	HAS_CONSTRUCTOR = 1,
	HAS_RUN = 2, /* The bank of what runs. */
	HAS_MAKING = 3, /* The bank of the constructor. */
	HAS_IMAGE = 4, /* The segment that was staged, and its bank. */
	HAS_IMAGE_BANK = 5,
	HAS_DIRECTORY = 6, /* Of its own, once asked for; sold by */
	HAS_COLLECTION = 7,
	HAS_PIPE = 8,
	HAS_OWN_BANK = 9,
	HAS_TIMER = 10, /* A handle (userland/timer). */

	/* For a constructor beside the image; for a thing of its own. */
	KEEP_FRAMES = 128,
	OWN_FRAMES = 256,
	NODE_FRAMES = 1, /* For its node. */
	STACK_PAGES = 4,
};

extern struct program_table programs;

/* The next bytes; offset 0 begins anew. Uses REG_IN0. */
enum status stage_put(
    uint64_t offset, const void *bytes, size_t length) must_check;

/* All there is, mapped. */
const void *stage_image(size_t *bytes);
void        stage_drop(void);

/* It is somebody else's now: REG_STAGE and REG_STAGE_BANK are in his node. */
void stage_hand_over(void);

/* Keep what is staged as entry i, with a constructor of it. */
enum status keep_program(unsigned i, const char *name, const struct grants *g)
    must_check;

/* Yield a product of entry i that holds just this. */
enum status run_program(unsigned i, const struct grants *g) must_check;

/* A sub-bank into REG_IN0, and into a slot of the node in REG_THIS. */
enum status have_bank(unsigned slot, uint64_t frames) must_check;

/* Insert it by the builder's capability in REG_IN2. Uses REG_IN0. */
enum status furnish_with(unsigned i, const struct grants *g) must_check;

/* Entry i is no client of the timer any more. Uses REG_IN0. */
void leave_timer(unsigned i);

/* Make what of it is the program's own, for the node in REG_THIS. */
enum status have_own(const struct grants *g) must_check;

/* What is entry i's own becomes that of entry `heir`, which has nothing. */
enum status hand_down(unsigned i, unsigned heir) must_check;

/* Take back what runs, or all that entry i has. */
enum status end_program(unsigned i) must_check;
enum status forget_program(unsigned i) must_check;

/* The frames that entry i's run uses; 0: it does not run. */
uint32_t program_frames(unsigned i);

/* Destroy the bank in a register. */
enum status destroy_bank(capreg bank) must_check;

#endif
