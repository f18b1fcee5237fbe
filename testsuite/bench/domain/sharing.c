/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A thousand processes, each with an address space of its own, read one
 * resident segment of 64 MiB: what its faults cost each of them, and how many
 * mapping tables there are in the end.
 *
 * Linux takes 592 instructions a page to map so much in another process. Here
 * tables belong to the segment, so that who comes later finds it mapped; the
 * bound is a thousandth of that.
 */
#include "kernel/abi/kinfo.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/range.stub.h"
#include "testsuite/bench/domain/bench.h"

enum {
	X_SHARING = 28, /* Slot of the extra node, as in system.dts. */

	SHARERS = 1000,
	LEVELS = 3, /* Of nodes: 27, 22 and 17 bits. */
	SEGMENT_PAGES = (64 << 20) / PAGE_SIZE,
	SEGMENT_SPAN = 27,
	ROOT_SPAN = 47, /* Slots of 4 TiB. */
	EACH_MIB = 1 << 20,
	FULL_EVERY = 100, /* So many read a byte a MiB, then one all pages. */

	LINUX_PAGE = 592,
	TIMES = 1000,
	LINUX_ALL = LINUX_PAGE * SEGMENT_PAGES,

	/* For each 2 MiB, then for 1 GiB, and for the 512 GiB above. */
	SEGMENT_TABLES = SEGMENT_PAGES / 512 + 1 + 1,
	OWN_TABLES = 1, /* As the first, of this domain's own pages. */
};

static const uint64_t segment_at = UINT64_C(1) << 42;

static struct {
	uint64_t frames, node_frame;
	unsigned node_index;
} used;

/* From F, of which the frames are all given back at the end. */
static void
take_page(capreg to)
{
	OK(range_page(F, used.frames++, to));
}

static void
take_node(capreg to)
{
	if (used.frames == 0 || used.node_index == FRAME_NODES) {
		used.node_frame = used.frames++;
		used.node_index = 0;
	}
	OK(range_node(F, used.node_frame, used.node_index++, to));
}

/* The segment, in A. Pages are zero; to be resident is to be made. */
static void
make_segment(void)
{
	static const capreg level[LEVELS] = {C, B, A};

	take_node(A);
	OK(node_segment(A, SEGMENT_SPAN, A));
	for (unsigned i = 0; i < SEGMENT_PAGES; i++) {
		for (unsigned l = LEVELS - 1; l-- > 0;) {
			const unsigned below = NODE_SHIFT * (l + 1);

			if (i % (1u << below) != 0)
				continue;
			take_node(level[l]);
			OK(node_segment(level[l], PAGE_SHIFT + below,
			    level[l]));
			OK(node_swap(level[l + 1], i >> below & (NODE_SLOTS - 1),
			    level[l], 0));
		}
		take_page(D);
		OK(node_swap(C, i & (NODE_SLOTS - 1), D, 0));
	}
}

/* Slot 0 of its space is what this domain has, slot 1 the segment. */
static uint64_t
share(uint64_t stride)
{
	struct register_set r = {
	    .regs.rip = (uintptr_t)ant_invoke_sweep,
	    .regs.rdi = segment_at,
	    .regs.rsi = segment_at + (uint64_t)SEGMENT_PAGES * PAGE_SIZE,
	    .regs.r14 = stride,
	    .regs.rbx = control_make(INVOKE_RETURN, 0),
	    .regs.rflags = 0x202,
	};

	take_node(B);
	OK(node_segment(B, ROOT_SPAN, B));
	OK(node_swap(B, 0, E, 0));
	OK(node_swap(B, 1, A, 0));
	take_node(C);
	take_page(D);
	OK(node_make_process(C, D, C));
	OK(process_swap(C, SLOT_SPACE, B, 0));
	OK(process_swap(C, SLOT_SCHEDULE, G, 0));
	OK(process_set_registers(C, &r, sizeof(r)));
	bench_arrived = UINT64_MAX;
	OK(process_start(C));
	CHECK(bench_arrived != UINT64_MAX);
	return bench_arrived;
}

static uint64_t
tables_now(void)
{
	uint64_t tables = 0;

	extra(X_KINFO, R_RT);
	OK(kinfo_memory(R_RT, NULL, NULL, NULL, &tables));
	return tables;
}

void
bench_sharing(void)
{
	uint64_t tables, first, all = 0;

	used.frames = 0;
	OK(node_get(R_EXTRA, X_SHARING, F));
	OK(process_get(R_SELF, SLOT_SPACE, E));
	peer_new(C, NULL, 0, PRIORITY_HIGH);
	OK(process_get(C, SLOT_SCHEDULE, G));
	make_segment();
	tables = tables_now();
	first = share(PAGE_SIZE);
	for (unsigned i = 1; i < SHARERS; i++)
		all += share(i % FULL_EVERY == 0 ? PAGE_SIZE : EACH_MIB);
	tables = tables_now() - tables;
	/* Each has a top table; what is below is the segment's. */
	CHECK(tables >= SHARERS && 
	    tables <= SHARERS + SEGMENT_TABLES + OWN_TABLES);
	CHECK(all / (SHARERS - 1) <= LINUX_ALL / TIMES);
	say("share_first\t%lu\n", first);
	say("share_64_mib\t%lu\n", all / (SHARERS - 1));
	say("share_tables\t%lu\n", tables - SHARERS);
	for (uint64_t i = 0; i < used.frames; i++)
		OK(range_free(F, i));
}
