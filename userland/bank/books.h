/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the ledger's books lie: in frames of the very range they are about,
 * mapped by the node in REG_NODE, which system.dts puts into the space.
 *
 *     BOOKS_BASE                  2^36 bytes: the records of runs
 *     BOOKS_BASE + BOOKS_BANKS_AT 2^22 bytes: those of banks
 *     BOOKS_BASE + BOOKS_NUMBERS_AT 2^17 bytes: the numbers of banks
 *
 * Page g of each belongs to group g of the ledger, and so does, if g is a
 * multiple of 32, a frame of nodes: index 0 to 3 cover 2^32, 2^27, 2^22 and
 * 2^17 bytes of runs, 4 and 5 the banks' 2^22 and 2^17, 6 the numbers' 2^17.
 */
#ifndef USERLAND_BANK_BOOKS_H
#define USERLAND_BANK_BOOKS_H

#include "userland/bank/ledger.h"
#include "userland/rt/invoke.h"
#include "userland/rt/registers.h"

enum {
	REG_RANGE = REG_OWN,
	REG_STORE = REG_OWN + 1, /* Void in the ephemeral bank. */
	REG_RESULT = REG_OWN + 2,
	REG_BOOKS = REG_NODE,
	BOOKS_BANKS_SLOT = 16, /* Of the topmost node. */
	BOOKS_NUMBERS_SLOT,
};

#define BOOKS_BASE UINT64_C(0x2000000000)
#define BOOKS_BANKS_AT ((uint64_t)BOOKS_BANKS_SLOT << 32)
#define BOOKS_NUMBERS_AT ((uint64_t)BOOKS_NUMBERS_SLOT << 32)

/*
 * Make and map the frames of a group. What was made before a failure is found
 * again by the next attempt, for its place is fixed. RC_NO_MEMORY, RC_FULL.
 */
enum status books_open(uint32_t group) must_check;

#endif
