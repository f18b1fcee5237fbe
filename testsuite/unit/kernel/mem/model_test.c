/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random address spaces against a reference.
 *
 * Nodes, guards and pages, ephemeral and persistent, are wired at random and
 * changed at random, with rescinds, snapshots, evictions, cleaning and table
 * reclaiming in between. Each access goes through the TLB model first. What is
 * reached, and what is read there, must be what a walk of the shadow tree says;
 * each commit must hold exactly what the shadow held at its snapshot.
 */
#include <stdio.h>
#include <string.h>

#include "testsuite/unit/kernel/mem/support.h"

#include "kernel/abi/pager.h"
#include "kernel/mem/cache.h"
#include "kernel/mem/epoch.h"
#include "kernel/mem/pager.h"

enum {
	MEMORY = 2048,
	FRAMES = 4, /* Node frames: 0, 1 ephemeral, 2, 3 persistent. */
	NODES = FRAMES * FRAME_NODES,
	PAGES = 32, /* 0-9 ephemeral, the rest persistent. */
	EPHEMERAL = 10,
	SPACES = 5,
	SLOTS = 4,    /* Used of each node. */
	FIRST = 2000, /* Store positions of the pages. */
};

struct shadow_cap {
	uint8_t  kind;
	uint8_t  object; /* Node or page. */
	uint8_t  span;
	uint8_t  rights;
	uint32_t count;
};

static struct {
	struct shadow_cap slot[NODES][SLOTS];
	uint32_t          node_count[NODES], page_count[PAGES];
	uint64_t          value[PAGES], frozen[PAGES];
	struct shadow_cap root[SPACES];
	struct space      space[SPACES];
	struct frame     *pinned[PAGES];
	uint64_t          random;
	uint64_t          last_value;
} model;

static unsigned
pick(unsigned n)
{
	model.random ^= model.random << 13;
	model.random ^= model.random >> 7;
	model.random ^= model.random << 17;
	return (unsigned)((model.random >> 11) % n);
}

/* --- Names -----------------------------------------------------------------
 */

static bool
is_guard(unsigned node)
{
	return node % FRAME_NODES == FRAME_NODES - 1;
}

static uint64_t
node_frame_number(unsigned node)
{
	unsigned f = node / FRAME_NODES;

	return frame_of(f < 2 ? SOURCE_EPHEMERAL : SOURCE_PERSISTENT, 100 + f);
}

static uint64_t
page_number(unsigned page)
{
	return page < EPHEMERAL ? frame_of(SOURCE_EPHEMERAL, 200 + page)
				: frame_of(SOURCE_PERSISTENT, FIRST + page);
}

static oid
node_oid(unsigned node)
{
	return oid_make(node_frame_number(node), node % FRAME_NODES);
}

static struct cap
real_cap(const struct shadow_cap *c)
{
	switch (c->kind) {
	case CK_PAGE:
		return cap_make(CK_PAGE, c->rights, 0, c->count,
		    oid_make(page_number(c->object), OID_INDEX_FRAME));
	case CK_NODE:
	case CK_GUARD:
		return cap_make((enum cap_kind)c->kind, c->rights, c->span - 1u,
		    c->count, node_oid(c->object));
	default:
		return (struct cap){.type = CK_VOID};
	}
}

/* --- The machine under test, waited for ----------------------------------- */

static void
pump(void)
{
	next_entry();
	pager_poll();
	store_run();
}

/* An object made writable; NULL would fail the test. */
static struct frame *
writable(uint64_t number)
{
	for (int i = 0; i < 100; i++) {
		struct frame *f = NULL;
		enum status   st;

		next_entry();
		st = object_fetch(number, &f);
		if (st == RC_OK)
			st = object_prepare_write(&f);
		if (st == RC_OK)
			return f;
		pump();
	}
	return NULL;
}

static struct frame *
made(uint64_t number, enum frame_kind kind)
{
	for (int i = 0; i < 100; i++) {
		struct frame *f = NULL;

		next_entry();
		if (object_make(number, kind, CLASS_ANY, &f) == RC_OK)
			return f;
		pump();
	}
	return NULL;
}

/* --- The reference ----------------------------------------------------------
 */

static enum fault_code
reference(unsigned space, uint64_t v, enum fault_access access, unsigned *page)
{
	struct shadow_cap c = model.root[space];
	uint64_t          offset = v;
	unsigned          limit = 64, rights = 0;

	for (int i = 0; i < 28; i++) {
		bool     weak = (rights & CR_WEAK) != 0;
		unsigned span = c.kind == CK_PAGE ? 12 : c.span;

		if (c.kind == CK_VOID || (weak && c.kind == CK_GUARD))
			return FAULT_UNMAPPED;
		if (span > limit)
			return FAULT_MALFORMED;
		if (span < 64 && offset >> span != 0)
			return FAULT_UNMAPPED;
		if (c.kind == CK_NODE && span < 17)
			return FAULT_MALFORMED;
		rights |= c.rights;
		if (rights & CR_WEAK)
			rights |= CR_READ_ONLY;
		if (c.kind == CK_PAGE) {
			if (c.count != model.page_count[c.object])
				return FAULT_UNMAPPED;
			*page = c.object;
			break;
		}
		if (c.count != model.node_count[c.object])
			return FAULT_UNMAPPED;
		if (c.kind == CK_GUARD) {
			limit = span;
			c = model.slot[c.object][0];
		} else {
			unsigned s = (unsigned)(offset >> (span - 5));

			limit = span - 5;
			offset = offset & ((UINT64_C(1) << limit) - 1);
			if (s >= SLOTS)
				return FAULT_UNMAPPED;
			c = model.slot[c.object][s];
		}
		if (i == 27)
			return FAULT_MALFORMED;
	}
	if (access == ACCESS_WRITE && (rights & CR_READ_ONLY))
		return FAULT_ACCESS;
	if (access == ACCESS_EXECUTE &&
	    (!(rights & CR_READ_ONLY) || (rights & CR_NO_EXECUTE)))
		return FAULT_ACCESS;
	return FAULT_NONE;
}

/* --- Operations --------------------------------------------------------------
 */

static uint64_t
random_address(void)
{
	uint64_t v = pick(PAGE_SIZE / 8) * 8u;

	for (unsigned shift = 12; shift < 47; shift += 5) {
		if (pick(3) == 0)
			v |= (uint64_t)pick(SLOTS) << shift;
	}
	return v;
}

static struct shadow_cap
random_cap(void)
{
	static const uint8_t spans[] = {17, 22, 27, 32, 37, 42, 47, 20, 64};
	static const uint8_t rights[] = {
	    0, 0, 0, 0, CR_READ_ONLY, CR_NO_EXECUTE, CR_WEAK};
	struct shadow_cap c = {
	    .rights = rights[pick(sizeof(rights))],
	    .span = spans[pick(sizeof(spans))],
	};
	unsigned what = pick(10);

	if (what < 4) {
		c.kind = CK_PAGE;
		c.object = (uint8_t)pick(PAGES);
		c.count = model.page_count[c.object];
	} else if (what < 9) {
		c.object = (uint8_t)pick(NODES);
		c.kind = is_guard(c.object) ? CK_GUARD : CK_NODE;
		c.count = model.node_count[c.object];
	} else {
		c.kind = CK_VOID;
	}
	return c;
}

static void
change_slot(void)
{
	unsigned          node = pick(NODES), slot = pick(SLOTS);
	struct shadow_cap c = random_cap();
	struct frame     *f = writable(node_frame_number(node));

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	map_slot_changed(node_oid(node), slot);
	*slot_of(f, node % FRAME_NODES, slot) = real_cap(&c);
	model.slot[node][slot] = c;
}

static void
change_root(void)
{
	unsigned          s = pick(SPACES);
	struct shadow_cap c = random_cap();

	map_space_changed(model.space[s].state);
	model.root[s] = c;
	model.space[s].root = real_cap(&c);
}

static void
rescind_page(void)
{
	unsigned      p = pick(PAGES);
	struct frame *f = writable(page_number(p));

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	object_rescind_page(f);
	model.page_count[p]++;
	model.value[p] = 0;
}

static void
rescind_node(void)
{
	unsigned      n = pick(NODES);
	struct frame *f = writable(node_frame_number(n));

	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	object_rescind_node(f, n % FRAME_NODES);
	frame_nodes(f)->node[n % FRAME_NODES].role = is_guard(n) ? ROLE_GUARD
								 : ROLE_DATA;
	model.node_count[n]++;
	memset(model.slot[n], 0, sizeof(model.slot[n]));
}

/* Some frames are not cleaned at once: first writes copy them out. */
static void
pin_some(void)
{
	for (unsigned p = EPHEMERAL; p < PAGES; p++) {
		struct frame *f = frame_find(page_number(p));

		if (f != NULL && model.pinned[p] == NULL &&
		    !(f->flags & FF_IO_IN) && pick(2) == 0) {
			object_pin(f);
			model.pinned[p] = f;
		}
	}
}

static void
unpin_all(void)
{
	for (unsigned p = EPHEMERAL; p < PAGES; p++) {
		if (model.pinned[p] != NULL)
			object_unpin(model.pinned[p]);
		model.pinned[p] = NULL;
	}
}

/* Free a whole page frame, resident or not, and make it a page again. */
static void
free_page(void)
{
	unsigned      p = pick(PAGES);
	struct frame *f;

	unpin_all();
	for (int i = 0; i < 100; i++) {
		next_entry();
		if (object_free_prepare(page_number(p)) == RC_OK)
			break;
		pump();
	}
	while (!map_number_thin(page_number(p)))
		;
	object_free(page_number(p));
	f = made(page_number(p), FK_PAGE);
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT(f->count > model.page_count[p]);
	model.page_count[p] = f->count;
	model.value[p] = 0;
}

static void
snapshot(void)
{
	uint64_t epoch;

	next_entry();
	if (epoch_freezing())
		return;
	pin_some();
	if (epoch_snapshot(NULL, 0, 1, &epoch) != RC_OK)
		CU_FAIL("snapshot");
	memcpy(model.frozen, model.value, sizeof(model.value));
}

/* What has been committed is what there was. */
static void
check_commit(void)
{
	for (unsigned p = EPHEMERAL; p < PAGES; p++) {
		if (store.object[FIRST + p].generation_value !=
		    model.frozen[p]) {
			printf("page %u: %lu, not %lu\n", p,
			    (unsigned long)store.object[FIRST + p]
				.generation_value,
			    (unsigned long)model.frozen[p]);
			CU_FAIL("a generation is not what was frozen");
			return;
		}
	}
}

static void
pressure(void)
{
	next_entry();
	switch (pick(4)) {
	case 0:
		age_evict(CLASS_ANY);
		break;
	case 1:
		if (map_reclaim_table(
			(enum frame_class)pick(CLASS_COUNT)) == ST_WAIT)
			frame_again();
		break;
	case 2:
		clean_some();
		break;
	default:
		map_unload();
		break;
	}
}

static struct reach
access_waited(unsigned s, uint64_t v, enum fault_access a)
{
	struct reach r = {.how = STUCK};

	for (int i = 0; i < 200; i++) {
		r = space_access(&model.space[s], v, a);
		if (r.how != WAITED)
			break;
		pump();
	}
	return r;
}

/* The kernel's own way to a page: the same, or the same fault. */
static bool
copy_agrees(unsigned s, uint64_t v, enum fault_access a, enum fault_code code,
    unsigned page)
{
	struct frame    *f = NULL;
	struct map_fault fault;
	enum status      st = ST_WAIT;

	for (int i = 0; i < 200 && st == ST_WAIT; i++) {
		next_entry();
		st = map_page(&model.space[s].map, v, a, &f, &fault);
		if (st == ST_WAIT)
			pump();
	}
	if (code != FAULT_NONE)
		return st == ST_FAULT && fault.code == code;
	return st == RC_OK && f->number == page_number(page) &&
	    (a != ACCESS_WRITE || frame_writable(f));
}

static bool
do_access(void)
{
	unsigned          s = pick(SPACES), page = 0;
	uint64_t          v = random_address();
	enum fault_access a = (enum fault_access)pick(3);
	enum fault_code   code = reference(s, v, a, &page);
	struct reach      r = access_waited(s, v, a);
	struct frame     *f;
	uint64_t         *at;

	if (!copy_agrees(s, v, a, code, page))
		return false;
	if (code != FAULT_NONE)
		return r.how == FAULTED && r.fault.code == code;
	f = frame_find(page_number(page));
	if (r.how != REACHED || f == NULL ||
	    r.physical != (frame_paddr(f).v | (v & 0xfff)))
		return false;
	/* The CPU's access itself: the first word of the page. */
	at = hal_direct((paddr){r.physical & ~UINT64_C(0xfff)});
	if (a == ACCESS_WRITE)
		*at = model.value[page] = ++model.last_value;
	return *at == model.value[page];
}

/* --- The test
 * ------------------------------------------------------------------ */

static void
build_objects(void)
{
	for (unsigned n = 0; n < NODES; n++) {
		struct frame *f = n % FRAME_NODES == 0
		    ? made(node_frame_number(n), FK_NODE)
		    : writable(node_frame_number(n));

		CU_ASSERT_PTR_NOT_NULL_FATAL(f);
		if (is_guard(n))
			frame_nodes(f)->node[n % FRAME_NODES].role = ROLE_GUARD;
	}
	for (unsigned p = 0; p < PAGES; p++)
		CU_ASSERT_PTR_NOT_NULL_FATAL(made(page_number(p), FK_PAGE));
	for (unsigned s = 0; s < SPACES; s++)
		space_make(&model.space[s], (struct cap){.type = CK_VOID});
}

/* Memory so short that cleaning and eviction go on all the time. */
static void
fill_memory(void)
{
	struct frame *f = NULL;

	while (frame_free_count() > MEMORY / 12) {
		if (frame_alloc(CLASS_ANY, USE_BOUNCE, &f) != RC_OK)
			break;
	}
}

static void
operate(void)
{
	switch (pick(40)) {
	case 0 ... 6:
		change_slot();
		break;
	case 7 ... 8:
		change_root();
		break;
	case 9:
		if (pick(4) == 0)
			rescind_page();
		else if (pick(4) == 0)
			rescind_node();
		else if (pick(4) == 0)
			free_page();
		break;
	case 10 ... 11:
		pressure();
		break;
	case 12:
		if (pick(4) == 0)
			snapshot();
		break;
	default:
		break;
	}
}

static void
run(uint64_t seed, bool no_pcid, unsigned steps)
{
	unsigned committed = 0;

	memset(&model, 0, sizeof(model));
	model.random = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
	fake_boot_reset();
	fake.no_pcid = no_pcid;
	fake_start(MEMORY);
	fake.no_pcid = false;
	store_start(100000);
	build_objects();
	fill_memory();
	for (unsigned i = 0; i < steps; i++) {
		operate();
		if (!do_access()) {
			printf("seed %lu step %u\n", (unsigned long)seed, i);
			CU_FAIL("an access is not what the tree says");
			return;
		}
		if (pick(16) == 0)
			unpin_all();
		if (pick(8) == 0)
			pump();
		if (store.barriers > committed) {
			committed = store.barriers;
			check_commit();
		}
		if (i % 256 == 0 && !all_ok()) {
			printf("seed %lu step %u\n", (unsigned long)seed, i);
			CU_FAIL("an invariant does not hold");
			return;
		}
	}
	CU_ASSERT(committed > 0);
}

static void
model_random_trees(void)
{
	for (uint64_t seed = 1; seed <= 40; seed++)
		run(seed, false, 6000);
}

static void
model_without_pcid(void)
{
	for (uint64_t seed = 100; seed <= 110; seed++)
		run(seed, true, 6000);
}

const struct runner_test model_tests[] = {
    RUNNER_TEST(model_random_trees),
    RUNNER_TEST(model_without_pcid),
    {NULL, NULL},
};
