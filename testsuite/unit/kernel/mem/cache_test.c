/* SPDX-License-Identifier: BSD-2-Clause */
/* The object cache's orders: bind, expose, conceal (S8, D15). */
#include "testsuite/unit/kernel/mem/support.h"

#include "kernel/device/dma.h"
#include "kernel/mem/cache.h"
#include "kernel/mem/pager.h"
#include "kernel/method/proto.h"
#include "kernel/object/cpu.h"
#include "kernel/object/store.h"

enum { PAGES = 8192, BATCH = 32, PIECE = 8 };

/* --- What kernel/object and kernel/device supply ---------------------------
 */

struct cpu cpu;

static struct {
	unsigned bells;
	unsigned exposed, conceals, flushes, bounces;
	unsigned fail_at; /* The n-th dma_expose fails. */
	bool     below_16m;
	bool     device_writes;
} seen;

void
store_bound(void)
{
}

bool
notice_post(const struct notice_binding *b)
{
	(void)b;
	seen.bells++;
	return true;
}

enum status
dma_find(const struct cap *c, uint32_t *index)
{
	*index = 5;
	return c->count == 1 ? RC_OK : RC_VOID;
}

bool
dma_reaches(uint32_t index, const struct frame *f)
{
	(void)index;
	return !seen.below_16m || f->class == CLASS_16M;
}

enum frame_class
dma_class(uint32_t index)
{
	(void)index;
	return CLASS_16M;
}

enum status
dma_expose(
    uint32_t index, const struct frame *f, bool device_writes, uint64_t *bus)
{
	(void)index;
	if (seen.fail_at > 0 && --seen.fail_at == 0)
		return RC_NO_MEMORY;
	if (!dma_reaches(index, f))
		return RC_UNSUPPORTED;
	seen.exposed++;
	seen.device_writes = device_writes;
	*bus = frame_paddr(f).v;
	return RC_OK;
}

void
dma_bounced(uint32_t index)
{
	(void)index;
	seen.bounces++;
}

void
dma_conceal(uint32_t index, uint64_t bus)
{
	(void)index;
	(void)bus;
	seen.exposed--;
	seen.conceals++;
}

void
dma_flush(uint32_t index)
{
	(void)index;
	seen.flushes++;
}

/* --- Invocations ------------------------------------------------------------
 */

static struct pager_request    request[BATCH];
static struct pager_expose     expose[BATCH];
static struct invocation       inv;
static uint64_t                out[BATCH];
static struct pager_completion done;

static void
start(void)
{
	fake_boot_reset();
	fake_start(PAGES);
	store_start(1000);
	memset(&seen, 0, sizeof(seen));
	memset(expose, 0, sizeof(expose));
	for (unsigned i = 0; i < BATCH; i++) {
		struct frame *f;

		next_entry();
		CU_ASSERT_EQUAL(
		    object_fetch(
			frame_of(SOURCE_PERSISTENT, 100 + i * 100), &f),
		    ST_WAIT);
		CU_ASSERT_TRUE(store_next(&request[i]));
		expose[i].tag = request[i].tag;
		expose[i].slot = i;
	}
}

static enum status
do_expose(const struct cap *through, unsigned n)
{
	next_entry();
	inv = (struct invocation){
	    .string = (const uint8_t *)expose,
	    .string_bytes = n * (uint32_t)sizeof(expose[0]),
	    .out_string = (uint8_t *)out,
	};
	inv.cap[0].cap = *through;
	inv.cap[0].kind = through->type;
	return method_cache_expose(&inv);
}

static enum status
do_conceal(const uint64_t *tags, unsigned n)
{
	next_entry();
	inv = (struct invocation){
	    .string = (const uint8_t *)tags,
	    .string_bytes = n * (uint32_t)sizeof(tags[0]),
	};
	return method_cache_conceal(&inv);
}

static struct cap
dma_cap(void)
{
	return cap_make(CK_DMA, 0, 0, 1, (oid){0});
}

static struct frame *
frame_of_request(unsigned i)
{
	return &mem.frame[request[i].frame];
}

/* Complete a fetch with what its frame holds. */
static void
complete(unsigned i)
{
	done = (struct pager_completion){
	    .tag = request[i].tag,
	    .op = request[i].op,
	    .kind = FK_PAGE,
	    .oid = request[i].oid,
	    .epoch = request[i].epoch,
	};
	store_put(&done);
	CU_ASSERT_EQUAL(store_kick(), RC_OK);
}

/* --- Tests -------------------------------------------------------------------
 */

/* A batch is exposed, and concealed with one flush. */
static void
S8_batch(void)
{
	struct cap c = dma_cap();
	uint64_t   tags[BATCH];

	start();
	CU_ASSERT_EQUAL(do_expose(&c, BATCH), RC_OK);
	CU_ASSERT_EQUAL(inv.out_bytes, BATCH * 8);
	CU_ASSERT_TRUE(seen.device_writes);
	for (unsigned i = 0; i < BATCH; i++) {
		tags[i] = request[i].tag;
		CU_ASSERT_EQUAL(out[i], (uint64_t)request[i].frame << 12);
		CU_ASSERT_TRUE(frame_of_request(i)->flags & FF_EXPOSED);
	}
	CU_ASSERT_EQUAL(do_expose(&c, 1), RC_ARGUMENT);
	complete(0); /* Refused: it can still be reached. */
	CU_ASSERT_TRUE(frame_of_request(0)->flags & FF_IO_IN);
	CU_ASSERT_EQUAL(do_conceal(tags, BATCH), RC_OK);
	CU_ASSERT_EQUAL(seen.flushes, 1);
	CU_ASSERT_EQUAL(seen.exposed, 0);
	CU_ASSERT_EQUAL(do_conceal(tags, 1), RC_ARGUMENT);
	complete(0);
	CU_ASSERT_FALSE(frame_of_request(0)->flags & FF_IO_IN);
	CU_ASSERT_TRUE(all_ok());
}

/* The n-th of a batch fails: nothing is exposed. */
static void
S8_all_or_nothing(void)
{
	struct cap c = dma_cap();

	for (unsigned n = 1; n <= BATCH; n++) {
		start();
		seen.fail_at = n;
		CU_ASSERT_EQUAL(do_expose(&c, BATCH), RC_NO_MEMORY);
		CU_ASSERT_FALSE(inv.committed);
		CU_ASSERT_EQUAL(seen.exposed, 0);
		CU_ASSERT_EQUAL(seen.flushes, n > 1);
		for (unsigned i = 0; i < BATCH; i++)
			CU_ASSERT_FALSE(
			    frame_of_request(i)->flags & FF_EXPOSED);
		CU_ASSERT_EQUAL(do_expose(&c, BATCH), RC_OK);
	}
}

static void
S8_bad_batches(void)
{
	struct cap c = dma_cap(), dead = c;
	uint64_t   tags[2];

	start();
	dead.count = 2;
	CU_ASSERT_EQUAL(do_expose(&dead, 1), RC_CAPABILITY);
	expose[1].tag = expose[0].tag; /* One tag twice. */
	CU_ASSERT_EQUAL(do_expose(&c, 2), RC_ARGUMENT);
	CU_ASSERT_EQUAL(seen.exposed, 0);
	expose[1].tag = 12345;
	CU_ASSERT_EQUAL(do_expose(&c, 2), RC_ARGUMENT);
	CU_ASSERT_EQUAL(do_expose(&c, 1), RC_OK);
	tags[0] = tags[1] = expose[0].tag;
	CU_ASSERT_EQUAL(do_conceal(tags, 2), RC_ARGUMENT);
	CU_ASSERT_EQUAL(seen.exposed, 1);
	inv.string_bytes = 7;
	CU_ASSERT_EQUAL(method_cache_conceal(&inv), RC_STRING);
	CU_ASSERT_EQUAL(do_conceal(tags, 1), RC_OK);
}

/* D15: what the device cannot address goes through a bounce frame. */
static void
D15_bounce(void)
{
	struct cap    c = dma_cap();
	uint64_t      tag;
	struct frame *b;

	start();
	seen.below_16m = true;
	CU_ASSERT_NOT_EQUAL(frame_of_request(0)->class, CLASS_16M);
	CU_ASSERT_EQUAL(do_expose(&c, 1), RC_OK);
	CU_ASSERT_EQUAL(seen.bounces, 1);
	b = &mem.frame[out[0] >> 12];
	CU_ASSERT_EQUAL(b->use, USE_BOUNCE);
	CU_ASSERT_EQUAL(b->class, CLASS_16M);
	memset(frame_data(b), 0x42, PAGE_SIZE);
	tag = request[0].tag;
	CU_ASSERT_EQUAL(do_conceal(&tag, 1), RC_OK);
	CU_ASSERT_EQUAL(b->use, USE_FREE);
	CU_ASSERT_EQUAL(
	    ((uint8_t *)frame_data(frame_of_request(0)))[4095], 0x42);
	CU_ASSERT_TRUE(all_ok());
}

static uint32_t
bounce_frames(void)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < mem.nframes; i++)
		n += mem.frame[i].use == USE_BOUNCE;
	return n;
}

/*
 * D3: bounce frames are had and given back in pieces of a call, and until the
 * last piece of the one, or after the first of the other, nothing is reached.
 */
static void
D3_bounces_in_pieces(void)
{
	struct cap c = dma_cap();
	uint64_t   tags[BATCH];

	start();
	seen.below_16m = true;
	CU_ASSERT_EQUAL(do_expose(&c, BATCH), ST_AGAIN);
	CU_ASSERT_FALSE(inv.committed);
	CU_ASSERT_EQUAL(bounce_frames(), PIECE);
	CU_ASSERT_EQUAL(seen.exposed, 0);
	while (do_expose(&c, BATCH) == ST_AGAIN) {
		CU_ASSERT_EQUAL(seen.exposed, 0);
		CU_ASSERT_FALSE(inv.committed);
	}
	CU_ASSERT_TRUE(inv.committed);
	CU_ASSERT_EQUAL(bounce_frames(), BATCH);
	CU_ASSERT_EQUAL(seen.bounces, BATCH);
	for (unsigned i = 0; i < BATCH; i++) {
		tags[i] = request[i].tag;
		memset(frame_data(&mem.frame[out[i] >> 12]), (int)i + 1,
		    PAGE_SIZE);
	}
	CU_ASSERT_EQUAL(do_conceal(tags, BATCH), ST_AGAIN);
	CU_ASSERT_EQUAL(seen.exposed, 0);
	CU_ASSERT_EQUAL(bounce_frames(), BATCH - PIECE);
	for (unsigned i = 0; i < BATCH; i++)
		CU_ASSERT_TRUE(frame_of_request(i)->flags & FF_EXPOSED);
	CU_ASSERT_EQUAL(do_expose(&c, 1), RC_ARGUMENT); /* All still are. */
	complete(0);
	CU_ASSERT_TRUE(frame_of_request(0)->flags & FF_IO_IN);
	for (unsigned i = 2; i < BATCH / PIECE; i++)
		CU_ASSERT_EQUAL(do_conceal(tags, BATCH), ST_AGAIN);
	CU_ASSERT_EQUAL(seen.flushes, 1);
	CU_ASSERT_EQUAL(do_conceal(tags, BATCH), RC_OK);
	CU_ASSERT_EQUAL(seen.conceals, BATCH);
	CU_ASSERT_EQUAL(bounce_frames(), 0);
	for (unsigned i = 0; i < BATCH; i++) {
		CU_ASSERT_FALSE(frame_of_request(i)->flags & FF_EXPOSED);
		CU_ASSERT_EQUAL(((uint8_t *)frame_data(
				    frame_of_request(i)))[4095],
		    i + 1);
	}
	CU_ASSERT_TRUE(all_ok());
}

/* A call is not ended: its bounce frames serve the next, or go with requests. */
static void
D3_piece_without_an_end(void)
{
	struct cap c = dma_cap();

	start();
	seen.below_16m = true;
	CU_ASSERT_EQUAL(do_expose(&c, BATCH), ST_AGAIN);
	complete(0);
	CU_ASSERT_EQUAL(bounce_frames(), PIECE - 1);
	for (unsigned i = 1; i <= PIECE; i++)
		expose[i - 1].tag = request[i].tag;
	CU_ASSERT_EQUAL(do_expose(&c, 2), RC_OK);
	CU_ASSERT_EQUAL(bounce_frames(), PIECE - 1);
	seen.below_16m = false; /* As with a device that reaches all. */
	expose[0].tag = request[5].tag;
	CU_ASSERT_EQUAL(do_expose(&c, 1), RC_OK);
	CU_ASSERT_EQUAL(out[0], (uint64_t)request[5].frame << 12);
	CU_ASSERT_EQUAL(bounce_frames(), PIECE - 2);
	CU_ASSERT_TRUE(all_ok());
}

/* The n-th allocation or exposure fails: there is no bounce frame after it. */
static void
D3_bounces_all_or_nothing(void)
{
	struct cap  c = dma_cap();
	enum status st;

	for (unsigned n = 1; n <= BATCH; n++) {
		st = ST_AGAIN;
		start();
		seen.below_16m = true;
		seen.fail_at = n;
		while (st == ST_AGAIN)
			st = do_expose(&c, BATCH);
		CU_ASSERT_EQUAL(st, RC_NO_MEMORY);
		CU_ASSERT_EQUAL(seen.exposed, 0);
		CU_ASSERT_EQUAL(bounce_frames(), 0);
	}
	start();
	seen.below_16m = true;
	CU_ASSERT_EQUAL(do_expose(&c, BATCH), ST_AGAIN);
	expose[BATCH - 1].tag = 12345;
	do
		st = do_expose(&c, BATCH);
	while (st == ST_AGAIN);
	CU_ASSERT_EQUAL(st, RC_ARGUMENT);
	CU_ASSERT_EQUAL(bounce_frames(), 0);
	CU_ASSERT_EQUAL(seen.exposed, 0);
	CU_ASSERT_TRUE(all_ok());
}

/* Through a window: at the slot that the store asked for. */
static void
S8_window(void)
{
	struct cap   w;
	struct space s;
	uint64_t     tag;

	start();
	inv = (struct invocation){.word = {0}};
	CU_ASSERT_EQUAL(method_cache_window(&inv, 0), RC_ARGUMENT);
	CU_ASSERT_EQUAL(method_cache_window(&inv, 1025), RC_ARGUMENT);
	CU_ASSERT_EQUAL(method_cache_window(&inv, 4), RC_OK);
	w = inv.out_cap[0];
	expose[0].slot = 3;
	expose[1].slot = 3; /* Taken. */
	CU_ASSERT_EQUAL(do_expose(&w, 2), RC_ARGUMENT);
	CU_ASSERT_EQUAL(do_expose(&w, 1), RC_OK);
	CU_ASSERT_EQUAL(out[0], 3 << 12);
	space_make(&s, w);
	CU_ASSERT_EQUAL(space_access(&s, 3 << 12, ACCESS_WRITE).physical,
	    (uint64_t)request[0].frame << 12);
	tag = request[0].tag;
	CU_ASSERT_EQUAL(do_conceal(&tag, 1), RC_OK);
	CU_ASSERT_TRUE(fake_touch(3 << 12, ACCESS_READ).fault);
	CU_ASSERT_EQUAL(space_access(&s, 3 << 12, ACCESS_READ).how, FAULTED);
	inv = (struct invocation){.self.cap = w};
	CU_ASSERT_EQUAL(method_window_slots(&inv), RC_OK);
	CU_ASSERT_EQUAL(inv.out_word[1], 4);
	CU_ASSERT_TRUE(all_ok());
}

/* bind: pages of the boot range, all of them, once. */
static void
bind_checks_its_ring(void)
{
	uint32_t      first = 0, nodes;
	struct frame *n;
	struct cap    kept;

	fake_boot_reset();
	nodes = fake_boot_nodes(1);
	for (unsigned i = 0; i < PAGER_PAGES; i++) {
		uint32_t page = fake_boot_page(1);

		first = i == 0 ? page : first;
		fake_boot_node_frame(nodes)->slot[2][i] = fake_page_cap(
		    page, 0);
	}
	fake_start(PAGES);
	n = frame_find(frame_of(SOURCE_BOOT, nodes));
	inv = (struct invocation){.word = {0}};
	inv.cap[0].frame = n;
	inv.cap[0].index = 2;
	inv.cap[1].cap = cap_make(CK_NOTICE, 0, 3, 1, (oid){8});
	inv.self.cap = cap_make(CK_CACHE, 0, 0, 0, (oid){0});
	CU_ASSERT_EQUAL(method_pager_kick(&inv), RC_STATE);
	CU_ASSERT_EQUAL(method_cache_bind(&inv, PAGER_PAGES - 1), RC_ARGUMENT);
	slot_of(n, 2, 4)->rights = CR_READ_ONLY;
	CU_ASSERT_EQUAL(method_cache_bind(&inv, PAGER_PAGES), RC_ARGUMENT);
	slot_of(n, 2, 4)->rights = 0;
	slot_of(n, 2, 4)->count = 7;
	CU_ASSERT_EQUAL(method_cache_bind(&inv, PAGER_PAGES), RC_ARGUMENT);
	slot_of(n, 2, 4)->count = 1;
	kept = *slot_of(n, 2, 4);
	*slot_of(n, 2, 4) = page_cap(make_page(77), 0); /* Not of the range. */
	CU_ASSERT_EQUAL(method_cache_bind(&inv, PAGER_PAGES), RC_ARGUMENT);
	*slot_of(n, 2, 4) = cap_number_make(1, 0);
	CU_ASSERT_EQUAL(method_cache_bind(&inv, PAGER_PAGES), RC_ARGUMENT);
	*slot_of(n, 2, 4) = kept;
	CU_ASSERT_FALSE(pager_bound());
	CU_ASSERT_EQUAL(method_cache_bind(&inv, PAGER_PAGES), RC_OK);
	CU_ASSERT_TRUE(pager_bound());
	CU_ASSERT_EQUAL(method_cache_bind(&inv, PAGER_PAGES), RC_STATE);
	inv.committed = false;
	CU_ASSERT_EQUAL(method_pager_kick(&inv), RC_OK);
}

const struct runner_test cache_tests[] = {
    RUNNER_TEST(S8_batch),
    RUNNER_TEST(S8_all_or_nothing),
    RUNNER_TEST(S8_bad_batches),
    RUNNER_TEST(D15_bounce),
    RUNNER_TEST(D3_bounces_in_pieces),
    RUNNER_TEST(D3_piece_without_an_end),
    RUNNER_TEST(D3_bounces_all_or_nothing),
    RUNNER_TEST(S8_window),
    RUNNER_TEST(bind_checks_its_ring),
    {NULL, NULL},
};
