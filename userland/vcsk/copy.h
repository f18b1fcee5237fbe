/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtual copy is a guarded node and what hangs from it:
 *
 *     slot 0  the space: nodes of spans span, span - 5, ... 17, then pages
 *     slot 1  the keeper: data is COPY_KEEPER + span
 *     slot 2  the bank that pays
 *     slot 3  the original, read-only and weak, or void; a space that is frozen
 *             moves here
 *
 * The keeper itself remembers nothing between two faults, so a restart, or
 * several segments, are no matter to it.
 *
 * Invariants:
 *  1. A page in the space is either bought for it, writable and not
 *     executable, or the original's, read-only.
 *  2. Nothing is put into the space before it is as it must be seen: a fault
 *     that is cut off anywhere can be handled again from its start.
 */
#ifndef USERLAND_VCSK_COPY_H
#define USERLAND_VCSK_COPY_H

#include "userland/rt/invoke.h"

enum {
	COPY_KEEPER = 0x100, /* In the data: this is a fault. */
	COPY_SPAN_MASK = 0xff,
	COPY_SPAN_LEAST = 17,
	COPY_SPAN_MOST = 47,

	COPY_SPACE = 0,
	COPY_SELF = 1,
	COPY_BANK = 2,
	COPY_ORIGINAL = 3,
};

/*
 * Make the page at an offset what the access needs. RC_OK: the instruction
 * can run again. RC_ARGUMENT, RC_RIGHTS: it can never run. Others: the bank's.
 */
enum status copy_fault(
    capreg guard, unsigned span, uint64_t offset, unsigned access) must_check;

/*
 * Make what the space holds the original, and give that. RC_STATE: there is
 * an original, so the space does not hold all of it. On failure nothing has
 * changed.
 */
enum status copy_freeze(capreg guard, unsigned span, capreg frozen) must_check;

#endif
