/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A kernel for the tests of domains' code: capability registers, nodes,
 * pages, guards, processes and one space bank, behind ant_invoke. It knows
 * only what the code under test uses and fails the test at anything else.
 */
#ifndef TESTSUITE_UNIT_USERLAND_FAKE_H
#define TESTSUITE_UNIT_USERLAND_FAKE_H

#include "kernel/abi/cap.h"
#include "kernel/abi/process.h"
#include "kernel/abi/status.h"
#include "userland/rt/invoke.h"

enum {
	FAKE_NODES = 512,
	FAKE_PAGES = 512,
	FAKE_PLACED = 64,
	FAKE_BANK = 1000, /* OID of the bank's process. */
};

struct fake_node {
	struct cap slot[NODE_SLOTS];
	bool       sold, started;
	/* When it was made a process. */
	uint64_t   registers[24];
	char       name[16];
};

/* What a range has made. */
struct fake_placed {
	uint64_t   position, index;
	struct cap cap;
};

struct fake {
	struct cap       reg[CAP_REGISTERS];
	struct fake_node node[FAKE_NODES];
	uint8_t          page[FAKE_PAGES][PAGE_SIZE];
	unsigned         nodes, pages; /* Sold so far, and never again. */
	unsigned         calls;
	unsigned         fail_at;   /* The call that fails, from 1; 0: none. */
	enum status      fail_with; /* And how. */
	struct fake_placed placed[FAKE_PLACED];
	unsigned         nplaced;
	unsigned         freed;     /* What was given back to the bank. */
	/* Answers calls of processes other than the bank. */
	enum status (*other)(
	    struct message *m, struct cap self, struct cap sent);
};

extern struct fake fake;

/* Nothing but a bank in register 2, and discrim in 5. */
void fake_reset(void);

/* A page or node sold by hand, as the bank would. */
struct cap fake_new_page(void);
struct cap fake_new_node(unsigned span);

/*
 * What an access through a segment reaches, by the rules of address spaces:
 * the page capability (void: nothing), with the rights lost on the way.
 */
struct cap fake_walk(struct cap segment, uint64_t offset);

uint8_t *fake_page_bytes(struct cap page);

#endif
