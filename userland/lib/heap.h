/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that grows: up to 4 MiB at the start of a slot of the address space,
 * page by page, zero, bought from the domain's bank. What is there stays.
 */
#ifndef USERLAND_LIB_HEAP_H
#define USERLAND_LIB_HEAP_H

#include "userland/rt/invoke.h"

enum {
	HEAP_PAGES = NODE_SLOTS * NODE_SLOTS,
};

struct heap {
	unsigned slot; /* Of the address space. */
	capreg   top;  /* Holds the node of the whole. */
	capreg   scratch[2];
	bool     begun;
	unsigned pages; /* That can be used. */
};

/* Have so many pages. RC_LIMIT beyond HEAP_PAGES; others are the bank's. */
enum status heap_grow(struct heap *h, unsigned pages) must_check;

#endif
