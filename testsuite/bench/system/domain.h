/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the whole system is measured with, from within: a domain of the
 * persistent range marks spans for the counting plugin (../plugin/insn.c),
 * and afterwards says on the console what they were:
 *
 *	bench: NAME PER SPANS
 *
 * for the next SPANS spans, each of PER operations. Not before, for whoever
 * shows it would be counted. run.c makes figures of both.
 */
#ifndef TESTSUITE_BENCH_SYSTEM_DOMAIN_H
#define TESTSUITE_BENCH_SYSTEM_DOMAIN_H

#include <stdbool.h>

#include "userland/rt/registers.h"
#include "userland/rt/space.h"

enum bench_slot {
	NODE_STORE, /* Its administration, with control. */
	NODE_KINFO,
	NODE_CONSOLE,
};

enum {
	REG_VCSK = REG_OWN,
	REG_ORIGINAL = REG_OWN + 1,
	REG_NEW = REG_OWN + 2,

	LEAF_PAGES = 32, /* Below one node of a virtual copy. */
	MIB_PAGES = 256,
	SLOT_MIB = 128,
};

/* A span for the plugin. */
static inline void
span_start(void)
{
	__asm__ volatile("xchg %%r11, %%r11" : : : "memory");
}

static inline void
span_stop(void)
{
	__asm__ volatile("xchg %%r13, %%r13" : : : "memory");
}

/* The next spans are these. */
void note(const char *name, unsigned per, unsigned spans);

/* That went wrong: said, and the domain ends. */
void fail(const char *what, uint64_t value);

/* `what` must be RC_OK. */
#define OK(what)                                    \
	do {                                        \
		enum status st_ = (what);           \
		if (st_ != RC_OK)                   \
			fail(#what, (uint64_t)st_); \
	} while (0)

/* A virtual copy of zeros in this slot of the space. */
void map_zeros(unsigned slot);

volatile uint64_t *page_of(unsigned slot, unsigned page);

/* Write to so many pages from this one on. */
void touch(unsigned slot, unsigned first, unsigned pages);

/* Everything that is dirty goes to the disk; counted or not. */
void checkpoint(void);

/* The same, as a span. */
void checkpoint_span(void);

/* What the store has read so far, and the epoch's credits used. */
uint64_t pages_in(void);
uint64_t credits_used(void);

void bench_keeper(void);
void bench_paging(void);
void bench_snapshot(unsigned mib, const char *name);

#endif
