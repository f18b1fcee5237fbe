/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A space bank's books: which frames of its range are sold, to which bank.
 * Pure code; the server does what it says to the range.
 *
 * Frames are handed to banks in runs of 64 (M5), of one use each: pages, or
 * node frames, whose seven nodes go to one bank (M8). A run that a bank has
 * but does not use costs nothing: limits count frames.
 *
 * The books lie in the range they are about, and grow with what is sold: 32
 * runs are a group, whose first frames hold the records of its runs, those of
 * 64 banks, in the first 32 groups of a range 2,048 numbers, and, in every 32nd
 * group, the nodes that map all this. So the place of a record follows from its
 * index, no search is needed, and books cost one frame in a thousand, charged to
 * bank 0.
 *
 * A bank is known outside by its number, which a start capability holds, and in
 * here by the index of its record; a table leads from the one to the other.
 * Records are used again.
 *
 * Invariants (ledger_ok):
 *  1. A run without an owner has no frame in use, and is in the free list; one
 *     with an owner is in that list of its owner which run_list() names.
 *  2. A bank's `used` is the number of frames in use in the runs of it and of
 *     all below it, and never above its limit; bank 0's holds the books too.
 *  3. Parents form a tree with bank 0 at the top, at most DEPTH deep, and a
 *     bank is in its parent's list of children.
 *  4. Numbers of banks are never used again, so that a start capability that
 *     somebody kept can never reach a stranger's bank.
 *  5. However many banks are made below a sub-bank, some numbers and some records
 *     are left for others: it has a sixteenth of those that its parent had when
 *     it was made.
 *  6. A number leads to the record that has it, or to 0: it is dead. Bank 0 has
 *     number 0.
 */
#ifndef USERLAND_BANK_LEDGER_H
#define USERLAND_BANK_LEDGER_H

#include "kernel/abi/status.h"
#include "kernel/abi/types.h"

enum {
	RUN_FRAMES = 64,
	RUN_BYTES = 128,
	BANK_BYTES = 64,
	GROUP_RUNS = PAGE_SIZE / RUN_BYTES,
	GROUP_BANKS = PAGE_SIZE / BANK_BYTES,
	NUMBER_BYTES = 2,
	GROUP_NUMBERS = PAGE_SIZE / NUMBER_BYTES,
	GROUP_FRAMES = GROUP_RUNS * RUN_FRAMES,
	LEDGER_RUNS = 1 << 29, /* As many as a source has frames for. */
	LEDGER_DEPTH = 16,
	NUMBER_LAST = 0xffff, /* Start data has 16 bits. */
	INDEX_PAGE = 7,       /* As in an OID. */
	/* Frames of a group that hold books, by their place in it. */
	BOOKS_RUNS = 0,
	BOOKS_BANKS = 1,
	BOOKS_NODES = 2,
	BOOKS_NUMBERS = 3,
};

enum run_use {
	RUN_FREE,
	RUN_PAGES,
	RUN_NODES,
};

/* Where a bank keeps a run. */
enum run_list {
	LIST_PAGES,   /* A page can be sold from it. */
	LIST_PARTIAL, /* A node, of a frame that is in use already. */
	LIST_NODES,   /* A node, of a frame that is not. */
	LIST_FULL,
	LIST_COUNT,
};

struct run {
	uint32_t next, prev; /* In its list: 1 + the number, 0 at an end. */
	uint16_t bank;       /* The owner, if not free. */
	uint8_t  use;        /* enum run_use */
	uint8_t  list;       /* enum run_list */
	uint32_t unused;
	uint64_t frames;            /* Bit i: frame i is in use. */
	uint64_t partial;           /* And has a node that is not. */
	uint8_t  nodes[RUN_FRAMES]; /* Of a node frame: bit i, node i is. */
	uint8_t  unused2[32];
};

_Static_assert(sizeof(struct run) == RUN_BYTES, "run");

/* Others are named by their indices: 0 is no child and no neighbour. */
struct bank {
	bool     live : 1;
	bool     dying : 1; /* It and those below sell nothing any more. */
	uint8_t  depth;
	uint16_t number;
	uint16_t parent; /* Bank 0 is its own. */
	uint16_t child, next, prev; /* next of a dead one: free_record. */
	/* Of banks that may be made below it: ever, and at a time. */
	uint16_t numbers, records;
	uint64_t limit, used;      /* Frames; with those of the banks below. */
	uint64_t pages, nodes;     /* Sold by it and those below. */
	uint32_t list[LIST_COUNT]; /* Of runs: 1 + the first one's number. */
};

_Static_assert(sizeof(struct bank) == BANK_BYTES, "bank");

struct ledger {
	struct run  *run;   /* Mapped as far as groups have been opened. */
	struct bank *bank;
	uint16_t    *number; /* The index of each one's bank; 0: dead. */
	uint32_t     nruns; /* Of the range. */
	uint32_t     opened;
	uint32_t     free; /* List of free runs: 1 + the first one's number. */
	uint32_t     next_number, next_record;
	uint32_t     live;        /* Banks, with bank 0. */
	uint16_t     free_record; /* List of records to be used again, or 0. */
	uint64_t     limit; /* Of bank 0, until it has a record. */
};

/*
 * Books for a range; run, bank and number are where they will be mapped. Nothing
 * can be sold before the first group is open.
 */
void ledger_init(struct ledger *l, struct run *run, struct bank *bank,
    uint16_t *number, uint64_t frames, uint64_t limit);

/* --- Growth -------------------------------------------------------------- */

/* Frames of a run that hold books: bits as in run.frames. */
uint64_t ledger_books(uint32_t run);

/*
 * Should another group be opened before a run or a bank is asked for? Gives
 * its number.
 */
bool ledger_wants_group(const struct ledger *l, bool for_bank, uint32_t *group);

/* May it be, by bank 0's limit? */
enum status ledger_may_open(const struct ledger *l) must_check;

/* Its books are mapped, and zero: use it. */
void ledger_open(struct ledger *l);

/* --- Orders -------------------------------------------------------------- */

/* The bank of a number. RC_VOID if there is no live one. */
enum status ledger_find(
    const struct ledger *l, uint64_t number, unsigned *bank) must_check;

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

/*
 * RC_LIMIT: no number or record is left, or none for the parent or a bank above
 * it, or the tree would be too deep.
 */
enum status ledger_sub_bank(struct ledger *l, unsigned parent, uint64_t limit,
    unsigned *bank) must_check;

/* RC_STATE if it has used more; RC_NOT_FOUND if not a child of `parent`. */
enum status ledger_limit(struct ledger *l, unsigned parent, uint64_t number,
    uint64_t limit) must_check;

/* The bank of a number, this one or below it at any depth; else RC_NOT_FOUND. */
enum status ledger_below(const struct ledger *l, unsigned bank, uint64_t number,
    unsigned *below) must_check;

/* --- Destruction, a step at a time --------------------------------------- */

enum ledger_step {
	LEDGER_DONE,   /* The bank has nothing and nobody below it any more. */
	LEDGER_FRAME,  /* This frame is still in use. */
	LEDGER_CLOSED, /* A bank below it, which was empty, is gone. */
};

/* Stop a bank and all below it from selling. */
void ledger_stop(struct ledger *l, unsigned bank);

/* What is to be done next; takes a time that depends on DEPTH only. */
enum ledger_step ledger_next(
    struct ledger *l, unsigned bank, uint64_t *position) must_check;

/* Strike a whole frame, whatever it holds. */
void ledger_return_frame(struct ledger *l, uint64_t position);

/* A bank of which ledger_next says DONE ceases to be. */
void ledger_close(struct ledger *l, unsigned bank);

bool ledger_ok(const struct ledger *l);

#endif
