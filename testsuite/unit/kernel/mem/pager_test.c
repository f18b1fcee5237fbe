/* SPDX-License-Identifier: BSD-2-Clause */
/* The pager ring: what the kernel believes of the store (S8, D10, F5). */
#include <stdlib.h>

#include "testsuite/unit/kernel/mem/support.h"

#include "kernel/mem/cache.h"
#include "kernel/mem/pager.h"
#include "kernel/mem/window.h"

enum { PAGES = 4096 };

static void
start(void)
{
	fake_boot_reset();
	fake_start(PAGES);
	store_start(1000);
}

static enum status
ask(uint64_t position, struct frame **f)
{
	next_entry();
	return object_fetch(frame_of(SOURCE_PERSISTENT, position), f);
}

/* One fetch in flight; its request. */
static struct pager_request
one_fetch(uint64_t position)
{
	struct pager_request r = {.op = PAGER_NONE};
	struct frame        *f;

	CU_ASSERT_EQUAL(ask(position, &f), ST_WAIT);
	CU_ASSERT_TRUE(store_next(&r));
	CU_ASSERT_EQUAL(r.op, PAGER_FETCH);
	return r;
}

static struct pager_completion
completion_of(const struct pager_request *r)
{
	return (struct pager_completion){
	    .tag = r->tag,
	    .op = r->op,
	    .kind = FK_PAGE,
	    .count = 3,
	    .oid = r->oid,
	    .epoch = r->epoch,
	};
}

/* Before OPEN, and for ever without a store, persistent objects wait. */
static void
waits_for_the_volume(void)
{
	struct frame *f;
	uint32_t      left;

	fake_boot_reset();
	fake_start(PAGES);
	CU_ASSERT_EQUAL(ask(1, &f), ST_WAIT);
	CU_ASSERT_FALSE(pager_bound());
	CU_ASSERT_EQUAL(pager_kick(&left), RC_STATE);
	store_start(10);
	CU_ASSERT(fake.wakes[WAIT_MEMORY] > 0);
	CU_ASSERT_PTR_NOT_NULL(fetch(1));
	CU_ASSERT_EQUAL(pager_bind(NULL, PAGER_PAGES, NULL), RC_STATE);
}

/*
 * A process that waited for memory because a fetch was open is woken when that
 * has come: it is what may be evicted now.
 */
static void
fetched_is_memory(void)
{
	unsigned before;

	fake_boot_reset();
	fake_start(PAGES);
	store_start(10);
	before = fake.wakes[WAIT_MEMORY];
	CU_ASSERT_PTR_NOT_NULL(fetch(1));
	CU_ASSERT(fake.wakes[WAIT_MEMORY] > before);
}

/* Each field that does not fit: refused, and the good one still counts. */
static void
S8_bad_completions(void)
{
	start();
	for (unsigned i = 0; i < 9; i++) {
		struct pager_request    r = one_fetch(100 + i * 100);
		struct pager_completion c = completion_of(&r);
		struct frame           *f;

		switch (i) {
		case 0:
			c.tag++;
			break;
		case 1:
			c.tag += 256;
			break;
		case 2:
			c.op = PAGER_CLEAN;
			break;
		case 3:
			c.oid += 8;
			break;
		case 4:
			c.epoch++;
			break;
		case 5:
			c.kind = FK_COUNT;
			break;
		case 6:
			c.status = RC_KERNEL_COUNT;
			break;
		case 7:
			c.flags = 0x8000;
			break;
		default:
			c.tag = 0;
			break;
		}
		store_put(&c);
		CU_ASSERT_EQUAL(store_kick(), RC_OK);
		CU_ASSERT_EQUAL(ask(100 + i * 100, &f), ST_WAIT);
		c = completion_of(&r);
		store_put(&c);
		CU_ASSERT_EQUAL(store_kick(), RC_OK);
		CU_ASSERT_EQUAL(ask(100 + i * 100, &f), RC_OK);
		/* Twice is once too often. */
		store_put(&c);
		CU_ASSERT_EQUAL(store_kick(), RC_OK);
	}
	CU_ASSERT_PTR_NOT_NULL(strstr(fake.log, "bad completion"));
	CU_ASSERT_TRUE(all_ok());
}

/* Random bytes in the completion ring change nothing that is not asked for. */
static void
S8_random_completions(void)
{
	struct pager_request r;
	uint64_t             random = 1;

	start();
	r = one_fetch(100);
	for (unsigned i = 0; i < 20000; i++) {
		struct pager_completion c = completion_of(&r);
		uint8_t                *b = (void *)&c;

		for (unsigned k = 0; k < 3; k++) {
			random = random * UINT64_C(6364136223846793005) + 1;
			b[(random >> 40) % sizeof(c)] = (uint8_t)(random >> 56);
		}
		if (c.tag == r.tag && c.oid == r.oid && c.epoch == r.epoch &&
		    c.op == r.op)
			continue; /* It says it is done: that is believed. */
		store_put(&c);
		CU_ASSERT_EQUAL(store_kick(), RC_OK);
		fake.log_bytes = 0;
	}
	CU_ASSERT_EQUAL(mem.boot, 7);
	CU_ASSERT_TRUE(all_ok());
}

/* An index beyond the ring: refused as a whole. */
static void
S8_bad_index(void)
{
	start();
	store.completion_head += PAGER_RING + 1;
	CU_ASSERT_EQUAL(store_kick(), RC_ARGUMENT);
	store.completion_head -= PAGER_RING + 1;
	CU_ASSERT_EQUAL(store_kick(), RC_OK);
}

/* A media error marks that object; others go on; a later try may succeed. */
static void
media_errors(void)
{
	struct frame *f;
	struct cap    c = cap_make(CK_PAGE, 0, 0, 3,
	       oid_make(frame_of(SOURCE_PERSISTENT, 5), OID_INDEX_FRAME));
	struct space  s;
	struct reach  r;

	start();
	store.object[5].kind = FK_PAGE;
	store.object[5].count = 3;
	store.fail_fetch = RC_MEDIA;
	CU_ASSERT_PTR_NULL(fetch(5));
	CU_ASSERT_EQUAL(ask(5, &f), RC_MEDIA);
	CU_ASSERT_EQUAL(cap_resolve(&c, NULL, &f), RC_MEDIA);
	space_make(&s, c);
	r = space_access(&s, 0, ACCESS_READ);
	CU_ASSERT_EQUAL(r.how, FAULTED);
	CU_ASSERT_EQUAL(r.fault.code, FAULT_MEDIA);
	store.fail_fetch = RC_OK;
	CU_ASSERT_PTR_NOT_NULL(fetch(6));
	/* What it held may be given up without being read. */
	next_entry();
	CU_ASSERT_TRUE(free_object(frame_of(SOURCE_PERSISTENT, 5)));
	f = fetch(5);
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(f->kind, FK_FREE);
	CU_ASSERT_EQUAL(f->count, 4);
	CU_ASSERT_TRUE(all_ok());
}

/* Its count is known, then somebody wants it after all: it is fetched. */
static void
S8_stat_then_fetch(void)
{
	uint64_t      number = frame_of(SOURCE_PERSISTENT, 5);
	struct frame *f;
	struct cap    c = cap_make(
	       CK_PAGE, 0, 0, 3, oid_make(number, OID_INDEX_FRAME));

	start();
	store.object[5].kind = FK_PAGE;
	store.object[5].count = 3;
	next_entry();
	CU_ASSERT_EQUAL(object_free_prepare(number), ST_WAIT);
	CU_ASSERT_TRUE(store_run());
	CU_ASSERT_TRUE(frame_find(number)->flags & FF_STAT);
	CU_ASSERT_TRUE(all_ok());
	next_entry();
	CU_ASSERT_EQUAL(cap_resolve(&c, NULL, &f), ST_WAIT);
	CU_ASSERT_TRUE(store_run());
	CU_ASSERT_EQUAL(cap_resolve(&c, NULL, &f), RC_OK);
	CU_ASSERT_EQUAL(store.fetches, 1);
	CU_ASSERT_EQUAL(store.stats, 1);
	CU_ASSERT_TRUE(all_ok());
}

/*
 * A state page is read to be freed, if anybody waits for a process, who may wait for
 * its one; if it cannot be read it is freed nevertheless.
 */
static void
D5_state_page_is_read_to_be_freed(void)
{
	enum { NOBODY, UNREAD, READ, CASES };
	const uint64_t number = frame_of(SOURCE_PERSISTENT, 5);

	for (unsigned i = 0; i < CASES; i++) {
		const struct frame *f;

		start();
		store.object[5].kind = FK_STATE;
		store.object[5].count = 3;
		store.fail_fetch = i == UNREAD ? RC_DEVICE : RC_OK;
		fake.stalled = i != NOBODY;
		next_entry();
		CU_ASSERT_EQUAL(object_free_prepare(number), ST_WAIT);
		while (store_run())
			;
		f = frame_find(number);
		CU_ASSERT_PTR_NOT_NULL_FATAL(f);
		CU_ASSERT_EQUAL(store.stats, 1);
		CU_ASSERT_EQUAL(store.fetches, i == NOBODY ? 0 : 1);
		CU_ASSERT_EQUAL(f->kind, i == READ ? FK_STATE : FK_COUNT);
		CU_ASSERT_EQUAL(f->flags & FF_STAT, i == READ ? 0 : FF_STAT);
		CU_ASSERT_EQUAL(f->count, 3);
		CU_ASSERT_TRUE(all_ok());
		CU_ASSERT_TRUE(free_object(number));
		store.fail_fetch = RC_OK;
		CU_ASSERT_EQUAL(fetch(5)->kind, FK_FREE);
		CU_ASSERT_EQUAL(fetch(5)->count, 4);
		CU_ASSERT_EQUAL(store.stats, 1);
		CU_ASSERT_TRUE(all_ok());
	}
	fake.stalled = false;
}

/* One that cannot be read is asked for once, whatever its count: here 0. */
static void
D5_unread_state_page_without_count(void)
{
	const uint64_t number = frame_of(SOURCE_PERSISTENT, 5);

	start();
	store.object[5].kind = FK_STATE;
	store.object[5].count = 0;
	store.fail_fetch = RC_DEVICE;
	fake.stalled = true;
	for (unsigned i = 0; i < 8; i++) {
		next_entry();
		if (object_free_prepare(number) != ST_WAIT)
			break;
		while (store_run())
			;
	}
	CU_ASSERT_EQUAL(store.stats, 1);
	CU_ASSERT_EQUAL(store.fetches, 1);
	CU_ASSERT_TRUE(free_object(number));
	store.fail_fetch = RC_OK;
	CU_ASSERT_EQUAL(fetch(5)->kind, FK_FREE);
	CU_ASSERT_EQUAL(fetch(5)->count, 1);
	CU_ASSERT_TRUE(all_ok());
	fake.stalled = false;
}

/* Who reads on is read ahead for; a random reader is not. */
static void
reads_ahead(void)
{
	unsigned before;

	start();
	for (uint64_t i = 0; i < 10; i++)
		CU_ASSERT_PTR_NOT_NULL(fetch(1000 + i * 1000));
	CU_ASSERT_EQUAL(store.fetches, 10);
	for (uint64_t i = 0; i < 64; i++)
		CU_ASSERT_PTR_NOT_NULL(fetch(20000 + i));
	before = store.fetches;
	CU_ASSERT(before >= 10 + 64 && before <= 10 + 64 + 16);
	CU_ASSERT_TRUE(all_ok());
}

/* A fetch ahead that the store declines leaves nothing behind. */
static void
ahead_declined(void)
{
	struct pager_request r;
	struct frame        *f;
	unsigned             declined = 0;

	start();
	CU_ASSERT_PTR_NOT_NULL(fetch(20000));
	CU_ASSERT_EQUAL(ask(20001, &f), ST_WAIT);
	while (store_next(&r)) {
		struct pager_completion c = completion_of(&r);

		if (r.flags & PAGER_AHEAD) {
			declined++;
			c.status = RC_NOT_FOUND;
		}
		store_put(&c);
	}
	CU_ASSERT_EQUAL(store_kick(), RC_OK);
	CU_ASSERT(declined > 0);
	CU_ASSERT_EQUAL(ask(20001, &f), RC_OK);
	CU_ASSERT_PTR_NULL(frame_find(frame_of(SOURCE_PERSISTENT, 20002)));
	CU_ASSERT_TRUE(all_ok());
}

/* No more than PAGER_OUTSTANDING; SNAPSHOT and BARRIER always find a place. */
static void
S8_tags_run_out(void)
{
	struct frame *f;
	unsigned      n = 0;
	enum status   st;

	start();
	store.hold = true;
	do {
		st = ask(1000 + n * 100, &f);
		CU_ASSERT_EQUAL_FATAL(st, ST_WAIT);
		n++;
	} while (fake.wait_kind == WAIT_FRAME);
	CU_ASSERT_EQUAL(fake.wait_kind, WAIT_MEMORY);
	CU_ASSERT(n > 150 && n <= PAGER_OUTSTANDING);
	pager_snapshot(1, 2, 0);
	pager_barrier(1);
	CU_ASSERT_TRUE(all_ok());
}

/* F5: a resident process asks for nothing absent. */
static void
F5_resident_does_not_wait(void)
{
	struct frame *f;

	start();
	fake.resident = true;
	CU_ASSERT_EQUAL(ask(5, &f), RC_NOT_RESIDENT);
	fake.resident = false;
	CU_ASSERT_FALSE(store_run());
}

/* F9: a resident space reaches no persistent page, present or not. */
static void
F9_resident_space(void)
{
	struct frame *p, *n, *e;
	struct space  s;

	start();
	p = write_page(5);
	n = make_nodes(1);
	e = make_page(2);
	*slot_of(n, 0, 0) = page_cap(p, 0);
	*slot_of(n, 0, 1) = page_cap(e, 0);
	space_make(&s, node_cap(n, 0, 17, 0));
	CU_ASSERT_EQUAL(space_access(&s, 0, ACCESS_READ).how, REACHED);
	map_space_changed(s.state);
	s.map.resident = true;
	CU_ASSERT_EQUAL(
	    space_access(&s, 0, ACCESS_READ).fault.code, FAULT_ACCESS);
	CU_ASSERT_EQUAL(space_access(&s, 0x1000, ACCESS_WRITE).how, REACHED);
	/* Its tables are not gone through at a snapshot. */
	mem.epoch++;
	map_snapshot();
	CU_ASSERT_EQUAL(space_access(&s, 0x1000, ACCESS_WRITE).served, 0);
	mem.epoch--;
}

/* S8: a frame is in a window from expose to conceal, and no other is. */
static void
S8_windows(void)
{
	struct pager_request    r;
	struct pager_completion c;
	struct exposure        *x;
	struct frame           *f, *e;
	struct space            s;
	struct cap              window;
	uint32_t                w = 0;
	bool                    to_disk;

	start();
	CU_ASSERT_EQUAL(window_make(0, &window), RC_ARGUMENT);
	CU_ASSERT_EQUAL(
	    window_make(WINDOW_SLOTS_MAX + 1, &window), RC_ARGUMENT);
	CU_ASSERT_EQUAL(window_make(16, &window), RC_OK);
	CU_ASSERT_EQUAL(window_find(&window, &w), RC_OK);
	CU_ASSERT_EQUAL(window_slots(w), 16);
	space_make(&s, window);
	CU_ASSERT_EQUAL(space_access(&s, 0x3000, ACCESS_READ).how, FAULTED);
	r = one_fetch(77);
	e = pager_exposable(r.tag, &x, &to_disk);
	CU_ASSERT_PTR_NOT_NULL_FATAL(e);
	CU_ASSERT_FALSE(to_disk);
	CU_ASSERT_PTR_NULL(pager_exposable(r.tag + 256, &x, &to_disk));
	CU_ASSERT_PTR_NULL(pager_exposable(0, &x, &to_disk));
	(void)pager_exposable(r.tag, &x, &to_disk);
	CU_ASSERT_EQUAL(window_put(w, 16, e, false), RC_ARGUMENT);
	CU_ASSERT_EQUAL(window_put(w, 3, e, false), RC_OK);
	CU_ASSERT_EQUAL(window_put(w, 3, e, false), RC_ARGUMENT);
	x->way = EXPOSED_WINDOW;
	pager_exposed(e, true);
	CU_ASSERT_EQUAL(space_access(&s, 0x3010, ACCESS_WRITE).physical,
	    frame_paddr(e).v + 0x10);
	CU_ASSERT_EQUAL(space_access(&s, 0x2000, ACCESS_READ).how, FAULTED);
	/* Its completion is refused while it can be reached. */
	c = completion_of(&r);
	store_put(&c);
	CU_ASSERT_EQUAL(store_kick(), RC_OK);
	CU_ASSERT_EQUAL(ask(77, &f), ST_WAIT);
	window_take(w, 3);
	map_flush();
	x->way = EXPOSED_NOT;
	pager_exposed(e, false);
	CU_ASSERT_TRUE(fake_touch(0x3010, ACCESS_READ).fault);
	CU_ASSERT_EQUAL(space_access(&s, 0x3000, ACCESS_READ).how, FAULTED);
	store_put(&c);
	CU_ASSERT_EQUAL(store_kick(), RC_OK);
	CU_ASSERT_EQUAL(ask(77, &f), RC_OK);
	/* For writing to disk it is read-only. */
	CU_ASSERT_EQUAL(window_put(w, 5, f, true), RC_OK);
	CU_ASSERT_EQUAL(
	    space_access(&s, 0x5000, ACCESS_WRITE).fault.code, FAULT_ACCESS);
	CU_ASSERT_EQUAL(space_access(&s, 0x5000, ACCESS_READ).how, REACHED);
	window_take(w, 5);
	map_flush();
	CU_ASSERT_TRUE(fake_touch(0x5000, ACCESS_READ).fault);
	CU_ASSERT_TRUE(all_ok());
}

/* A device that says OK and writes nothing must not pass for one that did. */
static void
unwritten_fetch_is_poisoned(void)
{
	struct pager_request r;
	struct exposure     *x;
	struct frame        *e;
	bool                 to_disk;

	start();
	r = one_fetch(77);
	e = pager_exposable(r.tag, &x, &to_disk);
	pager_exposed(e, true);
	CU_ASSERT_EQUAL(*(uint8_t *)frame_data(e), 0xdb);
	pager_exposed(e, false);
}

/* At 64 MiB there are windows for a few drivers, not for all the world. */
static void
windows_run_out(void)
{
	struct cap  c;
	enum status st = RC_OK;
	unsigned    n = 0;

	start();
	while ((st = window_make(WINDOW_SLOTS_MAX, &c)) == RC_OK)
		n++;
	CU_ASSERT_EQUAL(st, RC_NO_MEMORY);
	CU_ASSERT_EQUAL(n, WINDOW_SLOTS / WINDOW_SLOTS_MAX);
}

/* The record of the last boot comes page by page, then restart_end. */
static void
record_is_fetched(void)
{
	struct pager_completion open = {
	    .op = PAGER_OPEN, .epoch = 1, .count = 100, .word = {9, 5000, 3}};
	struct pager_request r;
	unsigned             fetches = 0;

	start();
	/* A second one is refused. */
	store_put(&open);
	CU_ASSERT_EQUAL(store_kick(), RC_OK);
	CU_ASSERT_EQUAL(mem.boot, 7);
	/* As if it were the first. */
	fake_boot_reset();
	fake_start(PAGES);
	store_start_records(100);
	for (int i = 0; i < 10 && !restart_ended; i++) {
		while (store_next(&r)) {
			struct pager_completion c = completion_of(&r);

			CU_ASSERT_EQUAL(frame_source(oid_frame((oid){r.oid})),
			    SOURCE_EPHEMERAL);
			fetches++;
			store_put(&c);
		}
		CU_ASSERT_EQUAL(store_kick(), RC_OK);
	}
	CU_ASSERT_TRUE(restart_ended);
	CU_ASSERT_EQUAL(restart_pages, 100);
	CU_ASSERT_EQUAL(fetches, 100);
	CU_ASSERT_TRUE(all_ok());
}

/* D3: a full ring is taken in pieces, none lost and none twice. */
static void
D3_kick_is_bounded(void)
{
	const struct pager_completion junk = {.tag = 1, .op = PAGER_CLEAN};
	uint32_t                      before = 200, left = 0;
	unsigned                      kicks  = 0;

	fake_boot_reset();
	fake_start(PAGES);
	store_start(10);
	for (uint32_t i = 0; i < before; i++)
		store_put(&junk);
	store_publish();
	do {
		CU_ASSERT_EQUAL_FATAL(pager_kick(&left), RC_OK);
		CU_ASSERT(left < before);
		CU_ASSERT(before - left <= 40);
		before = left;
		kicks++;
	} while (left != 0);
	CU_ASSERT(kicks >= 5);
}

const struct runner_test pager_tests[] = {
    RUNNER_TEST(D3_kick_is_bounded),
    RUNNER_TEST(waits_for_the_volume),
    RUNNER_TEST(fetched_is_memory),
    RUNNER_TEST(S8_bad_completions),
    RUNNER_TEST(S8_random_completions),
    RUNNER_TEST(S8_bad_index),
    RUNNER_TEST(media_errors),
    RUNNER_TEST(S8_stat_then_fetch),
    RUNNER_TEST(D5_state_page_is_read_to_be_freed),
    RUNNER_TEST(D5_unread_state_page_without_count),
    RUNNER_TEST(reads_ahead),
    RUNNER_TEST(ahead_declined),
    RUNNER_TEST(S8_tags_run_out),
    RUNNER_TEST(F5_resident_does_not_wait),
    RUNNER_TEST(F9_resident_space),
    RUNNER_TEST(S8_windows),
    RUNNER_TEST(unwritten_fetch_is_poisoned),
    RUNNER_TEST(windows_run_out),
    RUNNER_TEST(record_is_fetched),
    {NULL, NULL},
};
