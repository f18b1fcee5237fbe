/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages that stand in for others in one space, for one instruction (D4).
 */
#ifndef KERNEL_MEM_LEND_H
#define KERNEL_MEM_LEND_H

#include "kernel/mem/map.h"

enum { LEND_PAGES = LOAN_PAGES };

struct lent {
	uint64_t      address; /* Of the page that it stands for. */
	struct frame *page;    /* Held. */
	bool          write, execute;
};

/*
 * The loaded space, with these pages at these addresses, until the kernel is
 * entered next: then map_load is due. ST_WAIT, RC_NO_MEMORY as
 * frame_alloc; RC_LIMIT: they are in too many tables.
 */
must_check enum status map_lend(const struct lent *list, unsigned n);

#endif
