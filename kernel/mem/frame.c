/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The object table: free lists by class, the hash, allocation.
 *
 * Invariants:
 *  1. A USE_FREE frame is on the free list of its class and has no flags.
 *  2. The last `keep` frames go only to bounce buffers and to tables of
 *     resident processes: the paging path never waits for memory (F5).
 *  3. The hash holds exactly the frames whose number is not FRAME_NONE.
 *  4. Mapping tables and the frames kept for them are TABLES_LEAST at least:
 *     objects never take the last ones, or nobody could run.
 */
#include "kernel/mem/cache.h"
#include "kernel/mem/map.h"
#include "kernel/mem/pager.h"
#include "kernel/sched/clock.h"
#include "kernel/sched/wait.h"

enum {
	RESERVE_FRAMES = 24, /* Invariant 2. */
	TABLES_LEAST = 64,   /* Invariant 4. */
	ALLOC_TRIES = 64,    /* Evictions for one allocation; */
	WORK_MOST = 4000,    /* with so much work another entry goes on (D3). */
};

struct mem mem;

static struct frame *const nobody[2];

void
mem_unload(void)
{
	mem.loaded = nobody;
}

/* A frame of nodes matters if one of them is a process. */
void
frame_changed_slow(const struct frame *f)
{
	const struct node_header *h = frame_nodes(f)->node;

	for (unsigned i = 0; f->kind == FK_NODE; i++) {
		if (i == FRAME_NODES)
			return;
		if (h[i].role == ROLE_PROCESS)
			break;
	}
	mem.changes++;
}

static struct {
	struct frame_list free[CLASS_COUNT];
	uint32_t         *hash;
	uint32_t          hash_mask;
	uint32_t          total, objects, tables, frozen, bounce, others;
	bool              reserve;
	uint64_t          again; /* When some who wait need not; else UINT64_MAX. */
} frames;

__attribute__((cold)) void
frame_init(uint32_t *hash, uint32_t buckets)
{
	assert((buckets & (buckets - 1)) == 0);
	memset(&frames, 0, sizeof(frames));
	frames.hash = hash;
	frames.hash_mask = buckets - 1;
	frames.again = UINT64_MAX;
	memset(hash, 0xff, buckets * sizeof(*hash));
	for (unsigned c = 0; c < CLASS_COUNT; c++)
		frame_list_init(&frames.free[c], LIST_FREE);
}

/* --- The hash ----------------------------------------------------------- */

static uint32_t *
bucket_of(uint64_t number)
{
	uint64_t h = number * UINT64_C(0x9e3779b97f4a7c15);

	return &frames.hash[(h >> 32) & frames.hash_mask];
}

struct frame *
frame_find(uint64_t number)
{
	uint32_t i = *bucket_of(number);

	while (i != NO_INDEX) {
		struct frame *f = &mem.frame[i];

		if (f->number == number)
			return f;
		i = f->hash_next;
	}
	return NULL;
}

void
frame_name(struct frame *f, uint64_t number)
{
	uint32_t *b = bucket_of(number);

	debug_assert(f->number == FRAME_NONE && number != FRAME_NONE);
	f->number = number;
	f->hash_next = *b;
	*b = frame_index(f);
}

void
frame_unname(struct frame *f)
{
	uint32_t *p = bucket_of(f->number);
	uint32_t  i = frame_index(f);

	frame_changed(f);
	while (*p != i) {
		assert(*p != NO_INDEX);
		p = &mem.frame[*p].hash_next;
	}
	*p = f->hash_next;
	f->hash_next = NO_INDEX;
	f->number = FRAME_NONE;
}

/* --- Allocation --------------------------------------------------------- */

static uint32_t *
use_count(unsigned use)
{
	switch (use) {
	case USE_OBJECT:
		return &frames.objects;
	case USE_TABLE:
		return &frames.tables;
	case USE_FROZEN:
		return &frames.frozen;
	case USE_BOUNCE:
		return &frames.bounce;
	default:
		return &frames.others;
	}
}

uint32_t
frame_free_count(void)
{
	uint32_t n = 0;

	for (unsigned c = 0; c < CLASS_COUNT; c++)
		n += frames.free[c].count;
	return n;
}

static void
reset(struct frame *f, enum frame_use use)
{
	f->number = FRAME_NONE;
	f->epoch = EPOCH_ALWAYS;
	f->count = 0;
	f->use = (uint8_t)use;
	f->kind = FK_FREE;
	f->flags = 0;
	f->pins = 0;
	f->hash_next = NO_INDEX;
	f->tag = NO_INDEX;
	f->held = 0;
	f->charged = 0;
	f->state.activity = f->state.top = f->state.serial = NO_INDEX;
}

void
frame_give(struct frame *f)
{
	frames.total++;
	reset(f, USE_FREE);
	frame_list_add(&frames.free[f->class], f);
}

void
frame_claim(struct frame *f)
{
	assert(f->use == USE_FREE);
	frame_list_remove(&frames.free[f->class], f);
	reset(f, USE_KERNEL);
	frames.others++;
}

void
frame_reuse(struct frame *f, enum frame_use use)
{
	--*use_count(f->use);
	f->use = (uint8_t)use;
	++*use_count(use);
}

struct frame *
frame_take(enum frame_class class, enum frame_use use, uint32_t leave)
{
	struct frame *f = NULL;

	if (leave > 0 && frame_free_count() <= leave)
		return NULL;
	for (int c = (int)class; c >= 0 && f == NULL; c--)
		f = frame_list_first(&frames.free[c]);
	if (f == NULL)
		return NULL;
	frame_list_remove(&frames.free[f->class], f);
	reset(f, use);
	++*use_count(use);
	return f;
}

void
frame_use_reserve(bool use)
{
	frames.reserve = use;
}

/* How many frames an allocation has to leave (invariants 2 and 4). */
static uint32_t
must_leave(enum frame_use use)
{
	uint32_t tables = frames.tables;

	if (use == USE_BOUNCE || (use == USE_TABLE && frames.reserve))
		return 0;
	if (use == USE_TABLE || tables >= TABLES_LEAST)
		return RESERVE_FRAMES;
	return RESERVE_FRAMES + TABLES_LEAST - tables;
}

/* May a table go for this? Not the last ones for a mere object. */
static bool
may_reclaim(enum frame_use use)
{
	return use == USE_TABLE || frames.tables > TABLES_LEAST;
}

enum status
frame_alloc_raw(enum frame_class class, enum frame_use use, struct frame **out)
{
	const uint32_t leave = must_leave(use);
	unsigned       work = 0;
	enum status    st;

	for (unsigned i = 0; i < ALLOC_TRIES; i++, work += mem_work) {
		struct frame *f = frame_take(class, use, leave);

		if (f != NULL) {
			if (use == USE_KERNEL)
				map_cache_revoke(f);
			*out = f;
			return RC_OK;
		}
		if (work >= WORK_MOST && frame_wait_again() == ST_WAIT)
			return ST_WAIT;
		if (age_evict(class))
			continue;
		st = may_reclaim(use) ? map_reclaim_table(class) : RC_NO_MEMORY;
		if (st == ST_WAIT)
			return st;
		if (st != RC_OK)
			break;
	}
	if (!pager_may_free())
		return RC_NO_MEMORY;
	clean_some();
	return wait_on(WAIT_MEMORY, 0);
}

__attribute__((cold)) enum status
frame_wait_again(void)
{
	const enum status st = wait_on(WAIT_MEMORY, 0);

	if (st == ST_WAIT) {
		frames.again = hal_clock_now();
		clock_want(frames.again);
	}
	return st;
}

__attribute__((cold)) void
frame_again(void)
{
	const uint64_t at = frames.again;

	if (at == UINT64_MAX)
		return;
	frames.again = UINT64_MAX;
	if (clock_wanted() == at) /* Not the pager's. */
		clock_want(UINT64_MAX);
	wait_wake(WAIT_MEMORY, 0);
}

void
frame_clear(struct frame *f)
{
	memset(frame_data(f), 0, PAGE_SIZE);
}

void
frame_copy(struct frame *to, const struct frame *from)
{
	memcpy(frame_data(to), frame_data(from), PAGE_SIZE);
}

enum status
frame_alloc(enum frame_class class, enum frame_use use, struct frame **out)
{
	struct frame *f = NULL;
	enum status   st = frame_alloc_raw(class, use, &f);

	if (st != RC_OK)
		return st;
	frame_clear(f);
	*out = f;
	return RC_OK;
}

void
frame_free(struct frame *f)
{
	assert(f->use != USE_NONE && f->use != USE_FREE);
	assert(f->list == LIST_NONE && f->number == FRAME_NONE);
	debug_assert(f->pins == 0 && !(f->flags & (FF_EXPOSED | FF_IO_IN)));
	--*use_count(f->use);
	reset(f, USE_FREE);
	frame_list_add(&frames.free[f->class], f);
	wait_wake(WAIT_MEMORY, 0);
}

/* --- Figures and checks ------------------------------------------------- */

__attribute__((cold)) void
frame_figures(struct memory_figures *out)
{
	*out = (struct memory_figures){
	    .total = frames.total,
	    .free = frame_free_count(),
	    .objects = frames.objects + frames.frozen,
	    .tables = frames.tables,
	    .dirty = epoch_dirty()->count + epoch_frozen()->count,
	};
	out->kernel = out->total - out->free - out->objects - out->tables;
}

static __attribute__((cold)) bool
list_fits(const struct frame *f)
{
	bool dirty = (f->flags & FF_DIRTY) != 0;

	switch (f->list) {
	case LIST_FREE:
		return f->use == USE_FREE && f->flags == 0;
	case LIST_AGE:
		return f->use == USE_OBJECT && !dirty;
	case LIST_DIRTY_0:
	case LIST_DIRTY_1:
		return dirty && (f->use == USE_OBJECT || f->use == USE_FROZEN);
	default:
		return f->use != USE_FREE;
	}
}

__attribute__((cold)) bool
frame_ok(const struct frame *f)
{
	bool missing = (f->flags & (FF_IO_IN | FF_LOST | FF_STAT)) != 0;

	if (f->number != FRAME_NONE &&
	    (f->use != USE_OBJECT || frame_find(f->number) != f))
		return false;
	if (f->use == USE_OBJECT && f->number == FRAME_NONE)
		return false;
	if (f->use == USE_OBJECT && (f->kind == FK_COUNT) != missing)
		return false;
	if ((f->flags & FF_IO_OUT) && f->use == USE_OBJECT && frame_writable(f))
		return false;
	if (f->number != FRAME_NONE && is_persistent(f->number) &&
	    frame_writable(f) && !(f->flags & FF_DIRTY))
		return false;
	return list_fits(f);
}
