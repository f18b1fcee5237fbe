/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * D3: the longest calls that the store makes. This domain stands in for it: it
 * opens a persistent range that nobody uses, and asks no disk.
 */
#include <string.h>

#include "kernel/abi/cache.stub.h"
#include "kernel/abi/dma_spaces.stub.h"
#include "kernel/abi/node.stub.h"
#include "kernel/abi/pager.h"
#include "kernel/abi/pager.stub.h"
#include "kernel/abi/process.stub.h"
#include "kernel/abi/snapshot.stub.h"
#include "testsuite/bench/domain/bench.h"
#include "persist/format/frame.h"
#include "persist/format/record.h"

enum {
	BATCH = 32,   /* Frames of one call, */
	LOW_BITS = 24, /* all beyond these: they need bounce frames (D15). */
	RING = 0, /* Windows. */
	RECORD,
	PROCESSES = 2000, /* In the record. */
};

static struct {
	struct pager_control *control;
	uint64_t              tag[BATCH];
	struct pager_expose   batch[BATCH];
	uint64_t              where[BATCH];
} store;

/* Entry n of the ring that begins at this page. */
static void *
place(unsigned page, uint32_t n)
{
	return (uint8_t *)store.control + page * PAGE_SIZE +
	    n % PAGER_RING * sizeof(struct pager_completion);
}

static void
complete(const struct pager_completion *c)
{
	const uint32_t n = store.control->completion_head;

	*(struct pager_completion *)place(1 + PAGER_RING_PAGES, n) = *c;
	__atomic_store_n(
	    &store.control->completion_head, n + 1, __ATOMIC_RELEASE);
}

static void
kick(void)
{
	uint64_t left = 1;

	while (left != 0 && !check_failed())
		OK(pager_kick(A, &left));
}

/* The range is opened: the kernel asks for the record's pages. */
static void
begin(void)
{
	const struct pager_completion open = {
	    .op = PAGER_OPEN, .epoch = 1, .count = BATCH, .word = {1, 1}};
	struct pager_request r;

	extra(X_RING, A);
	OK(node_segment(A, 17, B));
	map_window(RING, B);
	store.control = window(RING);
	OK(process_make_notice(R_SELF, 1, C));
	extra(X_CACHE, D);
	OK(cache_bind(D, PAGER_PAGES, A, C));
	extra(X_PAGER, A);
	complete(&open);
	kick();
	CHECK(store.control->request_head == BATCH);
	for (uint32_t i = 0; i < BATCH; i++) {
		r = *(struct pager_request *)place(1, i);
		CHECK(r.op == PAGER_FETCH && r.frame >> (LOW_BITS - 12) != 0);
		store.batch[i].tag = store.tag[i] = r.tag;
	}
}

static void
expose(void)
{
	size_t got;

	OK(cache_expose(D, E, store.batch, sizeof(store.batch), store.where,
	    sizeof(store.where), &got));
}

static void
conceal(void)
{
	OK(cache_conceal(D, store.tag, sizeof(store.tag)));
}

static uint64_t
expose_once(void)
{
	uint64_t t = bench_piece(expose, 0);

	conceal();
	return t;
}

static uint64_t
conceal_once(void)
{
	expose();
	return bench_piece(conceal, 0);
}

/* The record says that so many processes have notices, and are available. */
static void
fill_record(void)
{
	struct record_entry *e = window(RECORD);

	OK(cache_window(D, BATCH, G));
	map_window(RECORD, G);
	for (unsigned i = 0; i < BATCH; i++)
		store.batch[i].slot = i;
	cap_copy(G, E);
	expose();
	memset(e, 0, BATCH * PAGE_SIZE);
	e[0] = (struct record_entry){
	    .oid = RECORD_MAGIC, .kind = RECORD_HEADER, .a = 1};
	for (unsigned i = 1; i <= PROCESSES; i++)
		e[i] = (struct record_entry){
		    .oid = oid_make(frame_of(SOURCE_PERSISTENT, i), 0).v,
		    .kind = RECORD_IDLE,
		    .flags = RF_NOTICE};
	conceal();
	for (uint32_t i = 0; i < BATCH; i++) {
		const struct pager_request   *r = place(1, i);
		const struct pager_completion c = {.tag = r->tag,
		    .op = r->op, .kind = FK_PAGE, .oid = r->oid,
		    .epoch = r->epoch};

		complete(&c);
	}
	kick();
}

static uint64_t took; /* By the snapshot. */

static void
snapshot(void)
{
	struct message m = {
	    .control = control_make(INVOKE_CALL, F), .word = {SNAPSHOT_TAKE}};

	took = ant_invoke_timed(&m);
	OK(m.word[0]);
	/* Behind the fetches: a header and PROCESSES, 128 a page. */
	CHECK(((struct pager_request *)place(1, BATCH))->word[1] ==
	    PROCESSES / RECORD_ENTRIES + 1);
}

void
bench_pager(void)
{
	begin();
	extra(X_DMA_SPACES, E);
	OK(dma_spaces_alloc(E, 0x00f8, LOW_BITS, "bench", 5, E));
	extra(X_KINFO, R_RT);
	measure("longest_expose", expose_once);
	measure("longest_conceal", conceal_once);
	fill_record();
	extra(X_SNAPSHOT, F);
	extra(X_KINFO, R_RT);
	figure("longest_snapshot", bench_piece(snapshot, 0));
	figure("record_process", took / PROCESSES);
}
