/* SPDX-License-Identifier: BSD-2-Clause */
/* Page faults that the virtual-copy keeper answers. */
#include "kernel/abi/node.stub.h"
#include "testsuite/bench/system/domain.h"
#include "userland/rt/idl/bank.stub.h"
#include "userland/rt/idl/vcsk.stub.h"

enum {
	SLOT_ZEROS = SPACE_SLOT_FIRST,
	SLOT_COPY,
	WARM = 4, /* Of each leaf; then so many are counted. */
	COUNTED = 24,
	LEAVES = 4,
};

static void
count_reads(unsigned slot, unsigned first)
{
	for (unsigned i = first; i < first + COUNTED; i++) {
		span_start();
		(void)*page_of(slot, i);
		span_stop();
	}
}

static void
count_writes(unsigned slot, unsigned first)
{
	for (unsigned i = first; i < first + COUNTED; i++) {
		span_start();
		*page_of(slot, i) = i;
		span_stop();
	}
}

/* A node full of pages, to be copied. */
static void
make_original(void)
{
	OK(bank_node(REG_BANK, REG_ORIGINAL));
	for (unsigned i = 0; i < LEAF_PAGES; i++) {
		OK(bank_page(REG_BANK, REG_NEW));
		OK(node_swap(REG_ORIGINAL, i, REG_NEW, REG_VOID));
	}
	OK(vcsk_make(REG_VCSK, 17, REG_BANK, REG_ORIGINAL, REG_NEW));
	OK(space_map(SLOT_COPY, REG_NEW));
}

void
bench_keeper(void)
{
	map_zeros(SLOT_ZEROS);
	for (unsigned i = 0; i < LEAVES; i++) {
		touch(SLOT_ZEROS, i * LEAF_PAGES, WARM);
		count_writes(SLOT_ZEROS, i * LEAF_PAGES + WARM);
	}
	note("fault_copy_zero", 1, LEAVES * COUNTED);
	make_original();
	for (unsigned i = 0; i < WARM; i++)
		(void)*page_of(SLOT_COPY, i);
	count_reads(SLOT_COPY, WARM);
	note("fault_copy_lend", 1, COUNTED);
	touch(SLOT_COPY, 0, WARM);
	count_writes(SLOT_COPY, WARM);
	note("fault_copy_write", 1, COUNTED);
}
