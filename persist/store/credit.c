/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The capacity rule (F7).
 *
 * Between two commits up to three sets of blocks exist beside the newest
 * generation: those that only its predecessor uses, the frozen epoch's and
 * the working epoch's. Each is at most N = C + reserve + overhead(C), where C
 * is an epoch's credits and the overhead is the map, bitmap and list blocks
 * that so many changes can touch. So with F blocks that neither the newest nor
 * a pinned generation uses, C is what makes 3 N <= F.
 *
 * 1. granted - charged + granted_next + 2 (reserve + overhead) <= free blocks
 *    whenever credit is given: no commit runs out of blocks.
 * 2. granted never falls within an epoch.
 */
#include "persist/store/state.h"

static uint64_t
up(uint64_t n, unsigned shift)
{
	return (n + (UINT64_C(1) << shift) - 1) >> shift;
}

static uint64_t
least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Blocks of the object map that so many changes touch at most. */
static uint64_t
map_touched(const struct store *s, uint64_t changes)
{
	uint64_t n = 0, part = changes;

	for (unsigned l = 1; l <= MAP_LEVELS_MAX; l++) {
		part = least(part, up(s->header->positions, map_shift(l)));
		n += part;
		if (up(s->header->positions, map_shift(l)) == 1)
			break;
	}
	return n;
}

uint64_t
credit_overhead(const struct store *s, uint64_t credits)
{
	uint64_t lists = 0, n;

	n = map_touched(s, credits + s->config.reserve);
	n += s->config.record + up(s->config.record, LEAF_SHIFT);
	n += s->space.leaves + s->bitmap.nnodes + s->lists.nnodes;
	/* Lists filtered because a generation is dropped, and the new one. */
	for (unsigned i = 0; i < s->now->generations; i++)
		lists += s->now->generation[i].dead_entries / DEAD_ENTRIES + 2;
	return n + lists +
	    (credits + s->config.reserve + n + lists) / DEAD_ENTRIES + 2;
}

uint64_t
credit_pinned(const struct superblock *b)
{
	uint64_t n = 0;

	for (unsigned i = 0; i + 1 < b->generations; i++)
		if ((b->generation[i].flags & GEN_PINNED) != 0)
			n += b->generation[i].blocks;
	return n;
}

/* C for so many blocks that neither live nor pinned generations use. */
static uint64_t
credit_for(const struct store *s, uint64_t f)
{
	uint64_t cap = s->config.credits;
	uint64_t m = credit_overhead(s, least(cap, f / 3)) + s->config.reserve;

	return f / 3 > m ? least(cap, f / 3 - m) : 0;
}

static uint64_t
credit_room(const struct store *s, const struct superblock *b)
{
	uint64_t used = b->generation[b->generations - 1].blocks +
	    credit_pinned(b);

	return s->space.blocks > used ? s->space.blocks - used : 0;
}

uint64_t
credit_sellable(const struct store *s)
{
	uint64_t floor = s->config.floor;
	uint64_t n = 3 *
	    (floor + s->config.reserve + credit_overhead(s, floor));

	n += credit_pinned(s->now) + map_touched(s, s->header->positions);
	n += s->config.record + 1 + s->space.leaves + s->bitmap.nnodes +
	    s->lists.nnodes + RETAINED_MAX + s->space.blocks / DEAD_ENTRIES;
	return s->space.blocks > n
	    ? least(s->space.blocks - n, s->header->positions)
	    : 0;
}

static void
credit_tell(struct store *s)
{
	const struct pager_completion c = {
	    .op = PAGER_CREDIT,
	    .epoch = s->working->epoch,
	    .credits = s->granted,
	    .word[0] = s->granted_next,
	    .word[1] = s->config.reserve,
	    .word[2] = pager_figures((uint32_t)credit_sellable(s),
		(uint32_t)store_current(s)->frames),
	};

	store_tell(s, &c);
}

/* After mount and after each commit. */
void
credit_update(struct store *s)
{
	uint64_t want = credit_for(s, credit_room(s, s->now));
	uint64_t charged = s->working->charged - s->inherited;
	uint64_t table = 2 * ((uint64_t)s->config.credits + s->config.reserve);
	uint64_t fixed = 2 * (credit_overhead(s, want) + s->config.reserve);
	uint64_t room = s->space.nfree > fixed ? s->space.nfree - fixed : 0;
	uint64_t granted = s->granted, more;

	/* The working epoch may use what it was promised, come what may. */
	more = granted > charged ? granted - charged : 0;
	room = room > more ? room - more : 0;
	if (want > granted) {
		more = least(want - granted, room / 2);
		granted += more;
		room -= more;
	}
	s->granted = (uint32_t)granted;
	/* If the commit of this epoch fails, the next one takes its changes. */
	more = (granted > charged ? granted - charged : 0) +
	    s->working->charged + 2 * (uint64_t)s->config.reserve;
	table = table > more ? table - more : 0;
	s->granted_next = (uint32_t)least(least(want, room), table);
	credit_tell(s);
}

/* The next epoch has begun, with what it had been promised. */
void
credit_snapshot(struct store *s)
{
	s->granted = s->granted_next;
	s->granted_next = 0;
	s->inherited = 0;
	s->used = s->waiting = 0;
	credit_tell(s);
}

void
store_usage(struct store *s, uint64_t epoch, uint32_t used, uint32_t waiting)
{
	if (epoch != s->working->epoch)
		return;
	s->used = used;
	s->waiting = waiting;
}

/* A commit gives credit back only if it commits or drops something. */
static bool
commit_may_help(const struct store *s)
{
	for (unsigned i = 0; i < s->now->generations; i++)
		if ((s->now->generation[i].flags & GEN_CONDEMNED) != 0)
			return true;
	return s->used > 0 || s->working->charged > 0;
}

bool
store_wants_snapshot(const struct store *s)
{
	if (s->mount.state != M_OPEN || s->commit.state != C_IDLE)
		return false;
	if (s->waiting > 0 && commit_may_help(s))
		return true;
	return s->used > 0 && s->used >= s->granted / 2;
}

uint32_t
store_credits_notify(const struct store *s)
{
	return s->granted / 2 > 0 ? s->granted / 2 : 1;
}

/*
 * Which retained generations the next commit shall drop: none while three
 * epochs fit beside all of them, the oldest when it is getting close, all
 * that are not pinned when they no longer fit. Epochs are taken to be as busy
 * as this one, twice over, and never less than the floor: else a large volume
 * with little on it would keep nothing, for the sake of credits that nobody
 * uses. What is granted is bounded by what is free in any case.
 */
void
credit_condemn(struct store *s)
{
	struct superblock *b = s->next;
	uint64_t           want = credit_for(s, credit_room(s, b)), need, free;
	uint64_t busy = s->config.floor + 2 * (uint64_t)s->frozen->charged;
	unsigned kept = 0;

	want = least(want, busy);
	need = 3 * (want + s->config.reserve + credit_overhead(s, want));
	free = s->space.nfree + s->space.nfreed;
	for (unsigned i = 0; i + 1 < b->generations; i++) {
		bool old = b->generations - kept > s->config.retain;

		if ((b->generation[i].flags & GEN_PINNED) != 0)
			continue;
		if (free >= need + need / 3 && !old)
			break;
		b->generation[i].flags |= GEN_CONDEMNED;
		kept++;
		if (free >= need && !old)
			break;
	}
}

enum status
store_keep(struct store *s, uint64_t number, bool keep)
{
	struct generation *g = NULL;
	uint64_t           need;
	unsigned           pins = 0;

	for (unsigned i = 0; i < s->now->generations; i++) {
		pins += (s->now->generation[i].flags & GEN_PINNED) != 0;
		if (s->now->generation[i].number == number)
			g = &s->now->generation[i];
	}
	if (g == NULL)
		return RC_NOT_FOUND;
	if ((g->flags & GEN_CONDEMNED) != 0 || s->commit.state > C_DRAIN)
		return RC_STATE;
	if (!keep) {
		g->flags &= ~(uint32_t)GEN_PINNED;
		return RC_OK;
	}
	if ((g->flags & GEN_PINNED) != 0)
		return RC_OK;
	if (pins + 1 > RETAINED_MAX / 2)
		return RC_LIMIT;
	/* What has been sold stays within what may be: see credit_sellable. */
	need = g->blocks + store_current(s)->frames + s->working->charged;
	if (credit_sellable(s) < need)
		return RC_FULL;
	g->flags |= GEN_PINNED;
	return RC_OK;
}
