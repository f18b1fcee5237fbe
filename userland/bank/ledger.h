/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A space bank's books: which frames of its range are sold, to which bank.
 * Pure code; the server does what it says to the range.
 *
 * Frames are handed to banks in runs of 64 (M5), of one use each: pages, or
 * node frames, whose seven nodes go to one bank (M8). A run that a bank has
 * but does not use costs nothing: limits count frames.
 *
 * Invariants (ledger_ok):
 *  1. A run without an owner has no frame in use.
 *  2. A bank's `used` is the number of frames in use in the runs of it and of
 *     all below it, and never above its limit.
 *  3. Parents form a tree with bank 0 at the top, at most DEPTH deep.
 *  4. Numbers of banks are never used again, so that a start capability that
 *     somebody kept can never reach a stranger's bank.
 */
#ifndef USERLAND_BANK_LEDGER_H
#define USERLAND_BANK_LEDGER_H

#include "kernel/abi/status.h"
#include "kernel/abi/types.h"

enum {
	RUN_FRAMES = 64,
	LEDGER_BANKS = 256,
	LEDGER_DEPTH = 16,
	NUMBER_LAST = 0xffff, /* Start data has 16 bits. */
	RUN_BYTES = 80,
	INDEX_PAGE = 7, /* As in an OID. */
};

enum run_use {
	RUN_FREE,
	RUN_PAGES,
	RUN_NODES,
};

struct run {
	uint16_t bank; /* Index of the owner, if not free. */
	uint8_t  use;  /* enum run_use */
	uint8_t  unused[5];
	uint64_t frames;            /* Bit i: frame i is in use. */
	uint8_t  nodes[RUN_FRAMES]; /* Of a node frame: bit i, node i is. */
};

_Static_assert(sizeof(struct run) == RUN_BYTES, "run");

struct bank {
	bool     live;
	bool     dying; /* Sells nothing any more. */
	uint16_t number;
	uint16_t parent; /* Index; bank 0 is its own. */
	uint16_t depth;
	uint64_t limit, used;  /* Frames; with those of the banks below. */
	uint64_t pages, nodes; /* Sold by it and those below. */
	uint32_t run[3];       /* By use: where to look first. */
};

struct ledger {
	struct run *run;
	uint32_t    nruns;
	uint32_t    next_run; /* Where to look for a free one. */
	uint32_t    next_number;
	struct bank bank[LEDGER_BANKS];
};

/* Books for nruns runs, in zeroed memory; bank 0 gets the limit. */
void ledger_init(
    struct ledger *l, struct run *runs, uint32_t nruns, uint64_t limit);

/* The index of the live bank with a number; RC_VOID if there is none. */
enum status ledger_find(
    const struct ledger *l, uint16_t number, unsigned *bank) must_check;

/* Enter a sale. RC_LIMIT, RC_FULL (no run is left), RC_VOID (dying). */
enum status ledger_page(
    struct ledger *l, unsigned bank, uint64_t *position) must_check;
enum status ledger_node(struct ledger *l, unsigned bank, uint64_t *position,
    unsigned *index) must_check;

/* RC_NOT_FOUND unless the page (index 7) or node was sold by this bank. */
enum status ledger_sold(const struct ledger *l, unsigned bank,
    uint64_t position, unsigned index) must_check;

/* Strike a sale that ledger_sold knows; true if its frame is now unused. */
bool ledger_return(struct ledger *l, uint64_t position, unsigned index);

/* RC_LIMIT: no bank or number is left, or the tree would be too deep. */
enum status ledger_sub_bank(struct ledger *l, unsigned parent, uint64_t limit,
    unsigned *bank) must_check;

/* RC_STATE if it has used more; RC_NOT_FOUND if not a child of `parent`. */
enum status ledger_limit(struct ledger *l, unsigned parent, uint16_t number,
    uint64_t limit) must_check;

/* Stop a bank and all below it from selling. */
void ledger_stop(struct ledger *l, unsigned bank);

/*
 * A frame still in use by a bank or one below it, looking from run *at on.
 * False: there is none.
 */
bool ledger_next(
    const struct ledger *l, unsigned bank, uint32_t *at, uint64_t *position);

/* Strike a whole frame, whatever it holds. */
void ledger_return_frame(struct ledger *l, uint64_t position);

/* A bank without frames in use, and those below it, cease to be. */
void ledger_close(struct ledger *l, unsigned bank);

bool ledger_ok(const struct ledger *l);

#endif
