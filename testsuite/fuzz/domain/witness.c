/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages and nodes that no worker can reach, and whose content is known: out and
 * in they must go unchanged, and after a restart all of them must be of the
 * very moment of which the warden's own memory is.
 */
#include "testsuite/fuzz/domain/store.h"

#include <stdio.h>

#include "kernel/abi/discrim.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.stub.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/space.h"

enum {
	PAGES = 3072,
	NODES = 32,
	SLOT = 2, /* Of the warden's space. */
	SPAN_TOP = 27,
	WORDS = PAGE_SIZE / sizeof(uint64_t),
	SOME_PAGES = 8, /* At a time. */
	SOME_SLOTS = 8,
	SAID_MOST = 10,
};

static struct {
	uint16_t page[PAGES]; /* How often each was written. */
	uint16_t slot[NODES][NODE_SLOTS];
} version;

struct witness witness;

static void
is_wrong(const char *what, unsigned i, uint64_t is, uint64_t was)
{
	char line[120];

	if (witness.wrong++ >= SAID_MOST)
		return;
	snprintf(line, sizeof(line), "fuzz: WRONG: %s %u holds %lx, not %lx\n",
	    what, i, is, was);
	say(line);
}

/* --- Pages ---------------------------------------------------------------- */

static uint64_t
pattern(unsigned page, unsigned word)
{
	const uint64_t v = version.page[page];

	return v == 0 ? 0
		      : (v << 32 | page << 12 | word) *
		UINT64_C(0x9e3779b97f4a7c15);
}

static void
page_look(unsigned i)
{
	static const uint16_t place[] = {0, 1, WORDS / 2, WORDS - 1};
	const volatile uint64_t *p =
	    (const volatile uint64_t *)space_address(SLOT) + i * WORDS;

	witness.checked++;
	for (unsigned k = 0; k < sizeof(place) / sizeof(place[0]); k++) {
		const uint64_t v = p[place[k]];

		if (v != pattern(i, place[k]))
			is_wrong("page", i, v, pattern(i, place[k]));
	}
}

static void
page_change(unsigned i)
{
	volatile uint64_t *p =
	    (volatile uint64_t *)space_address(SLOT) + i * WORDS;

	version.page[i]++;
	for (unsigned k = 0; k < WORDS; k++)
		p[k] = pattern(i, k);
}

/* A node in a slot of that in ROOT, into `to`. */
static void
below_root(unsigned slot, unsigned span, capreg to)
{
	MUST(bank_node(R_OBJECTS, to));
	MUST(node_segment(to, span, to));
	MUST(node_swap(ROOT, slot, to, 0));
}

static void
build_pages(void)
{
	enum { LEAF = PAGE_SHIFT + NODE_SHIFT, MIDDLE = LEAF + NODE_SHIFT };

	MUST(bank_node(R_OBJECTS, BAG));
	MUST(node_segment(BAG, SPAN_TOP, BAG));
	for (unsigned i = 0; i < PAGES; i++) {
		if (i % (NODE_SLOTS * NODE_SLOTS) == 0) {
			MUST(bank_node(R_OBJECTS, ROOT));
			MUST(node_segment(ROOT, MIDDLE, ROOT));
			MUST(node_swap(BAG, i / (NODE_SLOTS * NODE_SLOTS),
			    ROOT, 0));
		}
		if (i % NODE_SLOTS == 0)
			below_root(i / NODE_SLOTS % NODE_SLOTS, LEAF, NODE);
		MUST(bank_page(R_OBJECTS, PAGE));
		MUST(node_swap(NODE, i % NODE_SLOTS, PAGE, 0));
	}
	MUST(space_map(SLOT, BAG));
}

/* --- Nodes: slots hold start capabilities with data ------------------------ */

static void
slot_look(unsigned i, unsigned s)
{
	uint64_t kind = 0, rights = 0, data = 0;
	const uint64_t v = version.slot[i][s];

	witness.checked++;
	MUST(node_get(TABLE, TABLE_WITNESS, ROOT));
	MUST(node_get(ROOT, i, NODE));
	MUST(node_get(NODE, s, PAGE));
	MUST(discrim_classify(R_DISCRIM, PAGE, &kind, &rights, &data));
	if (kind != (v == 0 ? CK_VOID : CK_START) || data != v)
		is_wrong("node", i * NODE_SLOTS + s, kind << 16 | data, v);
}

/* NODE holds it from the look. */
static void
slot_change(unsigned i, unsigned s)
{
	version.slot[i][s]++;
	MUST(process_make_start(R_SELF, version.slot[i][s], PAGE));
	MUST(node_swap(NODE, s, PAGE, 0));
}

static void
build_nodes(void)
{
	MUST(bank_node(R_OBJECTS, ROOT));
	MUST(node_swap(TABLE, TABLE_WITNESS, ROOT, 0));
	for (unsigned i = 0; i < NODES; i++) {
		MUST(bank_node(R_OBJECTS, NODE));
		MUST(node_swap(ROOT, i, NODE, 0));
	}
}

/* -------------------------------------------------------------------------- */

void
witness_build(void)
{
	build_pages();
	build_nodes();
}

void
witness_some(void)
{
	for (unsigned k = 0; k < SOME_PAGES; k++) {
		const unsigned i = (unsigned)(random_next(&warden.seed) % PAGES);

		page_look(i);
		page_change(i);
	}
	for (unsigned k = 0; k < SOME_SLOTS; k++) {
		const uint64_t r = random_next(&warden.seed);
		const unsigned i = (unsigned)(r % NODES);
		const unsigned s = (unsigned)(r / NODES % NODE_SLOTS);

		slot_look(i, s);
		slot_change(i, s);
	}
}

void
witness_all(void)
{
	for (unsigned i = 0; i < PAGES; i++)
		page_look(i);
	for (unsigned i = 0; i < NODES; i++)
		for (unsigned s = 0; s < NODE_SLOTS; s++)
			slot_look(i, s);
}
