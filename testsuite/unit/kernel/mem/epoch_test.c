/* SPDX-License-Identifier: BSD-2-Clause */
/* Epochs: first writes, credits, snapshots, cleaning (F2, F4, F7, S4, D8). */
#include <stdlib.h>

#include "testsuite/unit/kernel/mem/support.h"

#include "kernel/mem/cache.h"
#include "kernel/mem/epoch.h"
#include "kernel/mem/pager.h"
#include "kernel/sched/clock.h"

enum { PAGES = 4096, CREDITS = 1000 };

static uint64_t no_alarms[8]; /* The clock's, which is not at stake here. */

static void
start(void)
{
	fake_boot_reset();
	fake_start(PAGES);
	store_start(CREDITS);
	moves = 0;
	alarm_init(no_alarms, 0);
}

/* A persistent page that the store has, with this first byte. */
static void
stored_page(uint64_t position, uint8_t byte)
{
	struct stored *o = &store.object[position];

	o->kind = FK_PAGE;
	o->count = 3;
	o->content = calloc(1, PAGE_SIZE);
	memset(o->content, byte, PAGE_SIZE);
}

static uint8_t *
bytes(struct frame *f)
{
	return frame_data(f);
}

/* A record of one frame, and the snapshot. */
static enum status
snapshot(void)
{
	struct frame *f = NULL;
	uint32_t      record;
	uint64_t      epoch = 0;
	enum status   st;

	next_entry();
	if (frame_alloc(CLASS_ANY, USE_FROZEN, &f) != RC_OK)
		return RC_NO_MEMORY;
	memset(bytes(f), 0, PAGE_SIZE); /* As if no process were left. */
	record = frame_index(f);
	st = epoch_snapshot(&record, 1, 4711, &epoch);
	if (st != RC_OK) {
		frame_free(f);
		return st;
	}
	epoch_recorded();
	clean_frozen(); /* As the store's first answer does. */
	return st;
}

static void
run_store(void)
{
	for (int i = 0; i < 100; i++) {
		next_entry();
		pager_poll();
		if (!store_run())
			break;
	}
}

static void
fetch_gives_content(void)
{
	struct frame *f;

	start();
	stored_page(5, 0x77);
	f = fetch(5);
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(f->count, 3);
	CU_ASSERT_EQUAL(bytes(f)[100], 0x77);
	CU_ASSERT_FALSE(frame_writable(f));
	f = fetch(6); /* Never used. */
	CU_ASSERT_PTR_NOT_NULL_FATAL(f);
	CU_ASSERT_EQUAL(f->kind, FK_FREE);
	CU_ASSERT_EQUAL(mem.boot, 7);
	CU_ASSERT_EQUAL(restart_call_number, 1000);
	CU_ASSERT_TRUE(restart_ended);
	CU_ASSERT_TRUE(all_ok());
}

/* A first write takes one credit in an epoch, however often it is cleaned. */
static void
F7_one_credit_an_epoch(void)
{
	struct frame *f;

	start();
	stored_page(5, 1);
	f = fetch_write(5);
	CU_ASSERT_EQUAL(epoch_credits(), CREDITS - 1);
	CU_ASSERT_TRUE(frame_writable(f));
	bytes(f)[0] = 2;
	next_entry();
	clean_some(); /* Memory is not short: nothing happens. */
	CU_ASSERT_TRUE(frame_writable(f));
	CU_ASSERT_EQUAL(snapshot(), RC_OK);
	run_store();
	CU_ASSERT_EQUAL(epoch_credits(), CREDITS);
	CU_ASSERT_FALSE(f->flags & FF_DIRTY);
	CU_ASSERT_EQUAL(store.object[5].content[0], 2);
	f = fetch_write(5);
	CU_ASSERT_EQUAL(epoch_credits(), CREDITS - 1);
	f = fetch_write(5);
	CU_ASSERT_EQUAL(epoch_credits(), CREDITS - 1);
	CU_ASSERT_TRUE(all_ok());
}

/* F7: no credit left waits for the store; the reserve is for the few. */
static void
F7_credits_run_out(void)
{
	struct frame *f;

	fake_boot_reset();
	fake_start(PAGES);
	store_start(2);
	CU_ASSERT_PTR_NOT_NULL(fetch_write(1));
	CU_ASSERT_PTR_NOT_NULL(fetch_write(2));
	f = fetch(3);
	next_entry();
	CU_ASSERT_EQUAL(object_prepare_write(&f), ST_WAIT);
	CU_ASSERT_EQUAL(fake.wait_kind, WAIT_CREDIT);
	fake.reserve = true;
	CU_ASSERT_EQUAL(object_prepare_write(&f), RC_OK);
	fake.reserve = false;
	f = fetch(4);
	CU_ASSERT_EQUAL(object_prepare_write(&f), ST_WAIT);
	/* A snapshot brings the next epoch's. */
	CU_ASSERT_EQUAL(snapshot(), RC_OK);
	CU_ASSERT(fake.wakes[WAIT_CREDIT] > 0);
	next_entry();
	CU_ASSERT_EQUAL(object_prepare_write(&f), RC_OK);
	CU_ASSERT_TRUE(all_ok());
}

/* S4: frozen content is copied out, the object keeps its frame. */
static void
S4_copy_on_first_write(void)
{
	struct frame *f, *g;

	start();
	f = write_page(5);
	g = f;
	bytes(f)[0] = 1;
	store.hold = true;
	object_pin(f); /* So that the snapshot does not queue it at once. */
	CU_ASSERT_EQUAL(snapshot(), RC_OK);
	object_unpin(f);
	CU_ASSERT_FALSE(frame_writable(f));
	next_entry();
	CU_ASSERT_EQUAL(object_prepare_write(&f), RC_OK);
	CU_ASSERT_PTR_EQUAL(f, g);
	CU_ASSERT_EQUAL(moves, 0);
	bytes(f)[0] = 2;
	store.hold = false;
	store_run();
	next_entry();
	clean_frozen();
	run_store();
	CU_ASSERT_EQUAL(store.object[5].content[0], 1);
	CU_ASSERT_EQUAL(bytes(f)[0], 2);
	CU_ASSERT_TRUE(f->flags & FF_DIRTY);
	CU_ASSERT_TRUE(all_ok());
}

/* S4: under I/O the live object moves, and its mappings with it. */
static void
S4_move_under_io(void)
{
	struct pager_request r;
	struct frame        *f, *g;
	struct space         s;

	start();
	f = write_page(5);
	bytes(f)[0] = 1;
	space_make(&s, page_cap(f, 0));
	CU_ASSERT_EQUAL(space_access(&s, 8, ACCESS_WRITE).how, REACHED);
	next_entry();
	CU_ASSERT_EQUAL(snapshot(), RC_OK); /* Queues the clean. */
	CU_ASSERT_TRUE(f->flags & FF_IO_OUT);
	/* F2: no translation writes into what the disk reads. */
	CU_ASSERT_EQUAL(map_load(&s.map), RC_OK);
	CU_ASSERT_TRUE(fake_touch(8, ACCESS_WRITE).fault);
	CU_ASSERT_EQUAL(
	    space_access(&s, 8, ACCESS_READ).physical, frame_paddr(f).v + 8);
	g = f;
	CU_ASSERT_EQUAL(space_access(&s, 8, ACCESS_WRITE).how, REACHED);
	f = frame_find(frame_of(SOURCE_PERSISTENT, 5));
	CU_ASSERT_PTR_NOT_EQUAL(f, g);
	CU_ASSERT_EQUAL(moves, 1);
	CU_ASSERT_EQUAL(g->use, USE_FROZEN);
	CU_ASSERT_EQUAL(
	    space_access(&s, 8, ACCESS_READ).physical, frame_paddr(f).v + 8);
	bytes(f)[0] = 2;
	while (store_next(&r))
		store_answer(&r);
	CU_ASSERT_EQUAL(store_kick(), RC_OK);
	CU_ASSERT_EQUAL(store.object[5].content[0], 1);
	CU_ASSERT_EQUAL(g->use, USE_FREE);
	run_store();
	CU_ASSERT_EQUAL(bytes(f)[0], 2);
	CU_ASSERT_TRUE(all_ok());
}

/* A pinned object under I/O cannot move: its writer waits for the disk. */
static void
S4_pinned_waits(void)
{
	struct frame *f;

	start();
	f = fetch_write(5);
	next_entry();
	CU_ASSERT_EQUAL(snapshot(), RC_OK);
	CU_ASSERT_TRUE(f->flags & FF_IO_OUT);
	object_pin(f);
	next_entry();
	CU_ASSERT_EQUAL(object_prepare_write(&f), ST_WAIT);
	CU_ASSERT_EQUAL(fake.wait_kind, WAIT_IO);
	run_store();
	next_entry();
	CU_ASSERT_EQUAL(object_prepare_write(&f), RC_OK);
	object_unpin(f);
	CU_ASSERT_TRUE(all_ok());
}

/* S4: a second snapshot waits until the first is committed. */
static void
S4_one_snapshot_at_a_time(void)
{
	struct pager_completion c = {.op = PAGER_BARRIER};

	start();
	store.hold_barrier = true;
	CU_ASSERT_PTR_NOT_NULL(fetch_write(5));
	CU_ASSERT_EQUAL(snapshot(), RC_OK);
	run_store();
	CU_ASSERT_EQUAL(store.nheld, 1);
	CU_ASSERT_EQUAL(snapshot(), RC_BUSY);
	c.tag = store.barrier_tag;
	c.epoch = store.barrier_epoch;
	store_put(&c);
	CU_ASSERT_EQUAL(store_kick(), RC_OK);
	CU_ASSERT_EQUAL(fake.wakes[WAIT_COMMIT], 1);
	CU_ASSERT_EQUAL(snapshot(), RC_OK);
	CU_ASSERT_EQUAL(store.records, 1);
	run_store();
	CU_ASSERT_EQUAL(store.records, 2);
}

/* BARRIER comes only after all changes of its epoch are done. */
static void
S4_barrier_is_last(void)
{
	struct pager_request r;
	bool                 barrier = false;

	start();
	for (uint64_t i = 0; i < 300; i++)
		CU_ASSERT_PTR_NOT_NULL_FATAL(fetch_write(i));
	CU_ASSERT_EQUAL(snapshot(), RC_OK);
	CU_ASSERT_TRUE(store_next(&r));
	CU_ASSERT_EQUAL(r.op, PAGER_SNAPSHOT);
	CU_ASSERT_EQUAL(r.word[0], 4711);
	CU_ASSERT_EQUAL(r.word[1], 1);
	store_answer(&r);
	for (int i = 0; i < 400 && !barrier; i++) {
		next_entry();
		while (store_next(&r)) {
			CU_ASSERT_FALSE(barrier);
			barrier = r.op == PAGER_BARRIER;
			store_answer(&r);
		}
		CU_ASSERT_EQUAL(store_kick(), RC_OK);
	}
	CU_ASSERT_TRUE(barrier);
	CU_ASSERT_EQUAL(store.cleans + store.drops, 300);
	CU_ASSERT_EQUAL(store.records, 1);
	CU_ASSERT_FALSE(epoch_freezing());
	CU_ASSERT_TRUE(all_ok());
}

/*
 * M6: the last page of a record need not hold an entry, if processes ended that
 * it was made for: it is a page all the same, and the commit comes.
 */
static void
M6_record_page_without_entries(void)
{
	struct pager_request r;
	bool                 seen = false;

	start();
	store.hold = true;
	CU_ASSERT_EQUAL(snapshot(), RC_OK);
	while (store_next(&r)) {
		if (r.op == PAGER_CLEAN) {
			seen = true;
			CU_ASSERT_EQUAL(r.kind, FK_PAGE);
			CU_ASSERT_EQUAL(r.count, 0);
		}
		store_answer(&r);
	}
	CU_ASSERT_TRUE(seen);
	CU_ASSERT_EQUAL(store_kick(), RC_OK);
	store.hold = false;
	run_store();
	CU_ASSERT_EQUAL(store.records, 1);
	CU_ASSERT_EQUAL(store.barriers, 1);
	CU_ASSERT_FALSE(epoch_freezing());
}

/* A failed commit loses nothing: what was frozen is dirty again. */
static void
S4_failed_clean(void)
{
	struct frame *f;

	start();
	f = write_page(5);
	bytes(f)[0] = 9;
	store.fail_clean = RC_DEVICE;
	CU_ASSERT_EQUAL(snapshot(), RC_OK);
	run_store();
	CU_ASSERT_FALSE(epoch_freezing());
	CU_ASSERT_TRUE(f->flags & FF_DIRTY);
	CU_ASSERT_EQUAL(bytes(f)[0], 9);
	store.fail_clean = RC_OK;
	next_entry();
	CU_ASSERT_EQUAL(object_prepare_write(&f), RC_OK);
	CU_ASSERT_EQUAL(snapshot(), RC_OK);
	run_store();
	CU_ASSERT_EQUAL(store.object[5].content[0], 9);
	CU_ASSERT_TRUE(all_ok());
}

/* A snapshot does nothing for each dirty frame: they are cleaned later. */
static void
D8_snapshot_is_constant(void)
{
	struct pager_request r;
	uint64_t             epoch = 0;

	start();
	for (uint64_t i = 0; i < 200; i++)
		CU_ASSERT_PTR_NOT_NULL(fetch_write(i));
	next_entry();
	CU_ASSERT_EQUAL(epoch_snapshot(NULL, 0, 1, &epoch), RC_OK);
	CU_ASSERT_EQUAL(epoch, 1);
	CU_ASSERT_EQUAL(epoch_frozen()->count, 200);
	CU_ASSERT_EQUAL(epoch_dirty()->count, 0);
	CU_ASSERT_EQUAL(pager_cleaning(), 0);
	CU_ASSERT_TRUE(store_next(&r));
	CU_ASSERT_EQUAL(r.op, PAGER_SNAPSHOT);
	CU_ASSERT_FALSE(store_next(&r));
	store_answer(&r);
	run_store();
	CU_ASSERT_EQUAL(epoch_frozen()->count, 0);
	CU_ASSERT_FALSE(epoch_freezing());
}

/* Freed numbers come back with a higher count, absent ones unread. */
static void
S8_free_and_drop(void)
{
	uint64_t      number = frame_of(SOURCE_PERSISTENT, 5);
	struct frame *f;
	struct cap    c;
	uint32_t      count;

	start();
	stored_page(5, 1);
	stored_page(6, 1);
	f = fetch_write(5);
	count = f->count;
	c = page_cap(f, 0);
	next_entry();
	CU_ASSERT_TRUE(free_object(number));
	CU_ASSERT_EQUAL(cap_resolve(&c, NULL, &f), RC_VOID);
	CU_ASSERT_EQUAL(object_make(number, FK_PAGE, CLASS_ANY, &f), RC_OK);
	CU_ASSERT(f->count > count);
	CU_ASSERT_EQUAL(cap_resolve(&c, NULL, &f), RC_VOID);
	/* Absent: dropped without a fetch. */
	number = frame_of(SOURCE_PERSISTENT, 6);
	CU_ASSERT_TRUE(free_object(number));
	/* Until that is done it cannot be fetched. */
	CU_ASSERT_EQUAL(object_fetch(number, &f), ST_WAIT);
	CU_ASSERT_EQUAL(fake.wait_kind, WAIT_IO);
	run_store();
	CU_ASSERT_EQUAL(store.drops, 1);
	CU_ASSERT_EQUAL(store.stats, 1);
	CU_ASSERT_EQUAL(store.fetches, 1);
	f = fetch(6);
	CU_ASSERT_EQUAL(f->kind, FK_FREE);
	CU_ASSERT_EQUAL(f->count, 4);
	CU_ASSERT_TRUE(all_ok());
}

static void
failed_drop_is_asked_again(void)
{
	uint64_t number = frame_of(SOURCE_PERSISTENT, 6);

	start();
	stored_page(6, 1);
	store.fail_drop = RC_DEVICE;
	CU_ASSERT_TRUE(free_object(number));
	store_run();
	CU_ASSERT_EQUAL(store.object[6].kind, FK_PAGE);
	store.fail_drop = RC_OK;
	/* Not at once: who fails would be kept busy. The clock comes for it. */
	CU_ASSERT(fake.deadline <= fake.now + UINT64_C(10000000));
	run_store();
	CU_ASSERT_EQUAL(store.object[6].kind, FK_PAGE);
	fake.now = fake.deadline;
	clock_arm(UINT64_MAX);
	run_store();
	CU_ASSERT_EQUAL(store.object[6].kind, FK_FREE);
	CU_ASSERT_EQUAL(fetch(6)->kind, FK_FREE);
}

/* Who waits for memory for a moment does not take the pager's time away. */
static void
failed_drop_outlasts_other_waits(void)
{
	uint64_t when;

	start();
	stored_page(6, 1);
	store.fail_drop = RC_DEVICE;
	CU_ASSERT_TRUE(free_object(frame_of(SOURCE_PERSISTENT, 6)));
	CU_ASSERT_EQUAL(frame_wait_again(), ST_WAIT);
	store_run();
	store.fail_drop = RC_OK;
	when = clock_wanted();
	CU_ASSERT_FATAL(when > fake.now && when != UINT64_MAX);
	fake.now = when - 1;
	pager_poll();
	fake.now = when; /* It becomes due between the two. */
	frame_again();
	CU_ASSERT_EQUAL(clock_wanted(), when);
	run_store();
	CU_ASSERT_EQUAL(store.object[6].kind, FK_FREE);
}

/* Three times memory, written and read back: nothing is lost. */
static void
page_out_and_in(void)
{
	enum { SMALL = 1024, MANY = 3 * SMALL };
	bool good = true;

	fake_boot_reset();
	fake_start(SMALL);
	store_start(MANY * 2);
	for (uint64_t i = 0; i < MANY; i++) {
		struct frame *f = write_page(i);

		CU_ASSERT_PTR_NOT_NULL_FATAL(f);
		memcpy(bytes(f), &i, sizeof(i));
		bytes(f)[PAGE_SIZE - 1] = 1;
	}
	for (uint64_t i = 0; i < MANY; i++) {
		struct frame *f = fetch(i * 7 % MANY);

		CU_ASSERT_PTR_NOT_NULL_FATAL(f);
		good &= *(uint64_t *)(void *)bytes(f) == i * 7 % MANY;
	}
	CU_ASSERT_TRUE(good);
	CU_ASSERT(mem_counters.evictions > MANY);
	CU_ASSERT_TRUE(all_ok());
}

/* The same with snapshots in between, mixed reads and writes. */
static void
page_out_with_snapshots(void)
{
	enum { SMALL = 1024, MANY = 2 * SMALL, STEPS = 20000 };
	static uint32_t value[MANY];
	uint64_t        random = 1;
	bool            good = true;

	fake_boot_reset();
	fake_start(SMALL);
	store_start(MANY * 2);
	memset(value, 0, sizeof(value));
	for (unsigned i = 0; i < STEPS; i++) {
		struct frame *f;
		uint64_t      n;

		random = random * UINT64_C(6364136223846793005) + 1442695;
		n = (random >> 33) % MANY;
		if (i % 2 == 0) {
			f = write_page(n);
			CU_ASSERT_PTR_NOT_NULL_FATAL(f);
			value[n] = i + 1;
			memcpy(bytes(f), &value[n], 4);
		} else {
			f = fetch(n);
			CU_ASSERT_PTR_NOT_NULL_FATAL(f);
			good &= memcmp(bytes(f), &value[n], 4) == 0;
		}
		if (i % 500 == 499 && !epoch_freezing())
			CU_ASSERT_EQUAL(snapshot(), RC_OK);
		if (i % 1000 == 0)
			CU_ASSERT_TRUE(all_ok());
	}
	CU_ASSERT_TRUE(good);
}

/* Loaded, pinned and held frames are not cleaned. */
static void
F4_loaded_is_left_alone(void)
{
	struct frame *f;

	start();
	f = fetch_write(5);
	mem.loaded = (struct frame *const[2]){f, NULL};
	next_entry();
	CU_ASSERT_EQUAL(snapshot(), RC_OK);
	run_store();
	CU_ASSERT_FALSE(f->flags & FF_IO_OUT);
	CU_ASSERT_TRUE(epoch_freezing());
	mem_unload();
	run_store();
	CU_ASSERT_FALSE(epoch_freezing());
}

const struct runner_test epoch_tests[] = {
    RUNNER_TEST(fetch_gives_content),
    RUNNER_TEST(F7_one_credit_an_epoch),
    RUNNER_TEST(F7_credits_run_out),
    RUNNER_TEST(S4_copy_on_first_write),
    RUNNER_TEST(S4_move_under_io),
    RUNNER_TEST(S4_pinned_waits),
    RUNNER_TEST(S4_one_snapshot_at_a_time),
    RUNNER_TEST(S4_barrier_is_last),
    RUNNER_TEST(M6_record_page_without_entries),
    RUNNER_TEST(S4_failed_clean),
    RUNNER_TEST(D8_snapshot_is_constant),
    RUNNER_TEST(S8_free_and_drop),
    RUNNER_TEST(failed_drop_is_asked_again),
    RUNNER_TEST(failed_drop_outlasts_other_waits),
    RUNNER_TEST(page_out_and_in),
    RUNNER_TEST(page_out_with_snapshots),
    RUNNER_TEST(F4_loaded_is_left_alone),
    {NULL, NULL},
};
