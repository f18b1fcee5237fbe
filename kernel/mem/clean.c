/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cleaning: which dirty frames are written, when, and together with which.
 *
 * Frozen ones go first, for a commit waits for them; those of the working
 * epoch only when memory runs short. A cluster is a frame and its neighbours
 * by OID, in order, so that the store can lay them side by side.
 *
 * Invariants:
 *  1. W is gone from all entries and TLBs before a clean is queued (F2).
 *  2. A frame that is held, pinned or loaded is left alone; so is an object
 *     that has a change in flight.
 */
#include "kernel/mem/cache.h"
#include "kernel/mem/map.h"
#include "kernel/mem/pager.h"
#include "kernel/mem/table.h"

enum {
	CLUSTER = 16,
	COST_MOST = 7000, /* Instructions of a go, about (D3): so many more, */
	COST_FRAME = 250, /* of each frame queued, */
	COST_WORD = 2,    /* and of each word that was looked at. */
	SKIP_MOST = 32,   /* Frames passed over to find one. */
	LOW_SHARE = 8,    /* Clean when less than 1/8 can be had at once, */
	HIGH_SHARE = 5,   /* until 1/5 can. */
};

static bool
may_clean(const struct frame *f)
{
	return frame_movable(f) && !pager_changing(frame_content(f));
}

static bool
all_zero(const struct frame *f)
{
	const unsigned  n = PAGE_SIZE / sizeof(uint64_t);
	const uint64_t *w = frame_data(f);
	unsigned        i = 0;

	while (i < n && (w[i] | w[i + 1] | w[i + 2] | w[i + 3]) == 0)
		i += 4;
	mem_work += i * COST_WORD;
	return i == n;
}

/* A page of the record is one even if it holds no entry (M6). */
static enum frame_kind
kind_on_disk(const struct frame *f)
{
	if (f->kind == FK_PAGE && is_persistent(frame_content(f)) &&
	    all_zero(f))
		return FK_ZERO;
	return (enum frame_kind)f->kind;
}

/*
 * Take a frame off its list; nobody writes it from here on. What kind it will
 * be on disk: no process runs between this and the flush.
 */
static enum frame_kind
withdraw(struct frame_list *l, struct frame *f)
{
	mem_work += COST_FRAME;
	frame_list_remove(l, f);
	frame_changed(f);
	f->epoch = 0;
	f->flags |= FF_IO_OUT;
	if (f->use == USE_OBJECT && f->kind == FK_PAGE)
		map_frame_protect_later(f);
	return kind_on_disk(f);
}

/* The neighbour of an object with this number, if it can go along. */
static struct frame *
companion(const struct frame_list *l, uint64_t number)
{
	struct frame *f = frame_find(number);

	if (f == NULL || f->list != l->id || !may_clean(f))
		return NULL;
	return f;
}

/* Where the run of companions that ends in f begins. */
static uint64_t
run_start(const struct frame_list *l, uint64_t number)
{
	for (unsigned i = 1; i < CLUSTER; i++) {
		if (companion(l, number - 1) == NULL)
			break;
		number--;
	}
	return number;
}

/* Queue f and its neighbours of one list. The flush is between. */
static void
clean_cluster(struct frame_list *l, struct frame *seed, uint64_t epoch)
{
	struct frame   *batch[CLUSTER];
	enum frame_kind kind[CLUSTER];
	unsigned        n = 0;
	uint32_t        room = pager_clean_room();
	uint64_t        number;

	if (seed->use == USE_FROZEN) {
		batch[n] = seed;
		kind[n++] = withdraw(l, seed);
	} else {
		struct frame *f;

		number = run_start(l, seed->number);
		while (n < CLUSTER && n < room &&
		    (n == 0 || mem_work < COST_MOST) &&
		    (f = companion(l, number)) != NULL) {
			batch[n] = f;
			kind[n++] = withdraw(l, f);
			number++;
		}
	}
	map_flush();
	for (unsigned i = 0; i < n; i++)
		pager_clean(batch[i], kind[i], epoch);
}

/*
 * The first frame of a list that may be cleaned; idle_only: and was not used
 * lately, while there is a choice. Those passed over go to the tail.
 */
static struct frame *
choose(struct frame_list *l, bool idle_only)
{
	for (unsigned i = 0; i < SKIP_MOST; i++) {
		struct frame *f = frame_list_first(l);

		if (f == NULL)
			return NULL;
		if (may_clean(f) &&
		    (!idle_only || i >= SKIP_MOST / 2 ||
			mem_work >= COST_MOST / 2 || !frame_take_used(f)))
			return f;
		frame_list_remove(l, f);
		frame_list_add(l, f);
	}
	return NULL;
}

/* Some of a list. */
static void
clean_list(struct frame_list *l, uint64_t epoch, bool idle_only)
{
	while (mem_work < COST_MOST && pager_clean_room() > 0) {
		struct frame *f = choose(l, idle_only);

		if (f == NULL)
			break;
		clean_cluster(l, f, epoch);
	}
	pager_bell();
}

void
clean_frozen(void)
{
	uint64_t epoch = mem.epoch - 1;

	mem_work = 0; /* The working epoch gets what this leaves. */
	if (!epoch_may_clean())
		return;
	clean_list(epoch_frozen(), epoch, false);
	if (epoch_frozen()->count == 0 && !pager_changes_in(epoch))
		pager_barrier(epoch);
}

static bool
fewer_than(unsigned share)
{
	struct memory_figures m;

	frame_figures(&m);
	return m.free + age_count() + pager_cleaning() < m.total / share;
}

void
clean_some(void)
{
	if (!pager_open())
		return;
	clean_frozen();
	if (fewer_than(HIGH_SHARE))
		clean_list(epoch_dirty(), mem.epoch, true);
}

/* As clean_some, but only when it is time. */
void
clean_if_low(void)
{
	if (fewer_than(LOW_SHARE))
		clean_some();
	else
		clean_frozen();
}
