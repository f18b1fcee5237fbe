/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The commit: what is frozen becomes a generation (state diagram: state.h).
 *
 * 1. Nothing that the newest durable superblock's generations use is written.
 * 2. The superblock is given out only when every write of its generation is
 *    done and a flush after them; the generation is durable only when a flush
 *    after the superblock is done.
 * 3. A failure changes nothing that is durable: the changes join the working
 *    epoch. If the superblock may have reached the disk, the blocks that it
 *    names rest until a later one has taken its slot (space: limbo).
 */
#include "persist/store/state.h"

#include <string.h>

struct generation *
commit_generation(struct store *s)
{
	return &s->next->generation[s->next->generations - 1];
}

uint64_t
commit_alloc(struct store *s)
{
	uint64_t b = space_alloc(&s->space, SPACE_META);

	if (b != 0)
		s->commit.allocated++;
	return b;
}

enum status
commit_dead(struct store *s, uint64_t block, uint64_t birth)
{
	if (!space_holds(&s->space, block))
		return RC_CORRUPT;
	/* Written by this very commit: nobody else has seen it. */
	if (birth == commit_generation(s)->number) {
		space_hold(&s->space, block);
		s->commit.allocated--;
		return RC_OK;
	}
	s->commit.died++;
	if (mutated(MUTATE_REUSE_EARLY))
		return space_drop(&s->space, block) ? RC_OK : RC_CORRUPT;
	return list_add(&s->dead, block, birth);
}

void
commit_snapshot(struct store *s, const struct pager_request *r)
{
	struct delta *d = s->frozen;

	s->frozen = s->working;
	s->working = d;
	delta_reset(d, r->epoch + 1);
	space_freeze(&s->space);
	s->commit.state = C_FROZEN;
	s->commit.status = RC_OK;
	s->commit.snapshot = *r;
	credit_snapshot(s);
}

void
commit_barrier(struct store *s, struct request *q)
{
	q->state = R_BARRIER;
	s->commit.barrier = (uint32_t)(q - s->request) + 1;
	s->commit.state = C_DRAIN;
}

static bool
frozen_writes(const struct store *s)
{
	for (uint32_t i = 0; i < s->config.requests; i++)
		if (s->request[i].state == R_WRITE &&
		    s->request[i].r.epoch == s->frozen->epoch)
			return true;
	return false;
}

/* The record is complete, and pages that a longer one had are forgotten. */
static enum status
record_check(struct store *s)
{
	uint32_t had = store_current(s)->record_pages;
	uint64_t n = s->commit.snapshot.word[1];
	bool     made;

	for (uint32_t i = 0; i < n || i < had; i++) {
		uint64_t            key = frame_of(MAP_SOURCE_RECORD, i);
		struct delta_entry *e = delta_find(s->frozen, key);

		if ((e != NULL) != (i < n))
			return RC_ARGUMENT;
		if (e != NULL)
			continue;
		e = delta_get(s->frozen, key, &made);
		if (e == NULL)
			return RC_LIMIT;
		e->flags = DELTA_RECORD;
	}
	return RC_OK;
}

static enum status
frozen_check(struct store *s)
{
	for (uint32_t i = 0; i < s->frozen->n; i++)
		if ((s->frozen->entry[i].flags & DELTA_BROKEN) != 0)
			return RC_DEVICE;
	return record_check(s);
}

static uint64_t
stir(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/*
 * D13: the seed alone may repeat on a machine without a source of randomness,
 * so volume, lineage and time go in as well. Never 0.
 */
static uint64_t
commit_id(struct store *s, const struct generation *g)
{
	uint64_t x = s->seed += UINT64_C(0x9e3779b97f4a7c15) + g->number;
	uint64_t uuid[2];

	memcpy(uuid, s->header->uuid, sizeof(uuid));
	x = stir(x ^ uuid[0]);
	x = stir(x ^ uuid[1]);
	x = stir(x ^ g->parent);
	return stir(x ^ g->time) | 1;
}

/* The next superblock starts as the last one with one generation more. */
static enum status
commit_begin(struct store *s)
{
	const struct generation *last = store_current(s);
	struct commit           *c = &s->commit;
	struct generation       *g;
	enum status              st = frozen_check(s);

	if (st != RC_OK)
		return st;
	if (s->now->generations == RETAINED_MAX)
		return RC_LIMIT;
	*s->next = *s->now;
	g = &s->next->generation[s->next->generations++];
	*g = *last;
	g->number = mutated(MUTATE_OLD_NUMBER) ? last->number
					       : ++s->last_number;
	g->parent = last->commit;
	g->boot = s->boot;
	g->call_number = c->snapshot.word[0];
	g->record_pages = (uint32_t)c->snapshot.word[1];
	g->time = c->snapshot.word[2];
	g->commit = commit_id(s, g);
	g->flags = 0;
	memset(g->label, 0, sizeof(g->label));
	c->allocated = c->died = 0;
	c->frames = last->frames;
	c->emit = c->emit_level = 0;
	c->super_seen = false;
	list_begin(&s->dead, 0, 0);
	drop_begin(s);
	return RC_OK;
}

/* All is written that the superblock will name: make the superblock. */
static void
commit_super(struct store *s)
{
	struct commit     *c = &s->commit;
	struct generation *g = commit_generation(s);
	struct superblock *b = s->next;

	g->dead = s->dead.head;
	g->dead_entries = s->dead.entries;
	g->blocks += c->allocated - c->died;
	g->frames = c->frames;
	b->number = g->number;
	b->highest = s->last_number;
	b->boot = s->boot;
	b->used = space_image_used(&s->space);
	table_root(&s->bitmap, &b->space);
	table_root(&s->lists, &b->lists);
	credit_condemn(s);
	super_seal(s, b);
	c->slot = 1 - s->slot;
	c->super_wanted = true;
}

static bool
commit_quiet(const struct store *s)
{
	return s->cache.writing == 0 && !s->commit.io &&
	    !s->commit.flush_wanted && !s->commit.super_wanted;
}

static void
commit_end(struct store *s, enum status st)
{
	struct commit  *c = &s->commit;
	struct request *q = &s->request[c->barrier - 1];

	q->c.word[0] = s->now->number;
	c->state = C_IDLE;
	c->barrier = 0;
	s->failed = st != RC_OK;
	delta_reset(s->frozen, 0);
	lookups_restart(s);
	credit_update(s);
	store_event(s, st == RC_OK ? EVENT_COMMITTED : EVENT_COMMIT_FAILED, st,
	    0, s->now->number);
	request_done(s, q, st);
}

/*
 * The generation is durable: what it does not use may be written. A walk of
 * the old map may still be reading such a block; it is let finish first.
 */
static enum status
commit_release(struct store *s)
{
	struct superblock *was = s->now;

	for (uint32_t i = 0; i < s->cache.n; i++)
		if (s->cache.slot[i].state == SLOT_READING &&
		    space_freed(&s->space, s->cache.slot[i].at.block))
			return ST_WAIT;
	s->now = s->next;
	s->next = was;
	s->slot = s->commit.slot;
	space_durable(&s->space);
	table_durable(&s->bitmap);
	table_durable(&s->lists);
	commit_end(s, RC_OK);
	return RC_OK;
}

/* One change of the failed epoch joins the working one. */
static void
entry_rework(struct store *s, struct delta_entry *e, bool seen)
{
	bool                made = false;
	struct delta_entry *w = NULL;

	/* Not on disk: the kernel has it, and will clean it again. */
	if ((e->flags & (DELTA_BROKEN | DELTA_RECORD)) == 0)
		w = delta_get(s->working, e->key, &made);
	if (w != NULL && made) {
		*w = *e;
		s->working->charged++;
		s->inherited++;
		if (e->block != 0) {
			space_rework(&s->space, e->block);
			if (seen)
				w->flags |= DELTA_HELD;
		}
		return;
	}
	if (e->block == 0)
		return;
	if (seen || (e->flags & DELTA_HELD) != 0)
		space_hold(&s->space, e->block);
	else
		space_release(&s->space, e->block);
}

static enum status
commit_undo(struct store *s)
{
	bool seen = s->commit.super_seen;

	if (!commit_quiet(s))
		return ST_WAIT;
	space_undo(&s->space, seen);
	for (uint32_t i = 0; i < s->frozen->n; i++)
		entry_rework(s, &s->frozen->entry[i], seen);
	table_undo(&s->bitmap);
	table_undo(&s->lists);
	commit_end(s, s->commit.status);
	return RC_OK;
}

void
commit_fail(struct store *s, enum status st)
{
	if (s->commit.state <= C_FROZEN || s->commit.state == C_FAIL)
		return;
	s->commit.status = st == RC_MEDIA ? RC_DEVICE : st;
	s->commit.state = C_FAIL;
}

void
commit_flush_done(struct store *s, enum status st)
{
	struct commit *c = &s->commit;

	c->io = false;
	if (st != RC_OK) {
		store_event(s, EVENT_IO_ERROR, st, 0, STORE_FLUSH);
		commit_fail(s, RC_DEVICE);
	} else if (c->state == C_FLUSH1) {
		c->state = C_SUPER;
		commit_super(s);
	} else if (c->state == C_FLUSH2) {
		c->state = C_RELEASE;
	}
}

void
commit_super_done(struct store *s, enum status st)
{
	struct commit *c = &s->commit;

	c->io = false;
	if (st != RC_OK) {
		store_event(
		    s, EVENT_IO_ERROR, st, BLOCK_SUPER + c->slot, STORE_WRITE);
		commit_fail(s, RC_DEVICE);
		return;
	}
	if (c->state != C_SUPER)
		return;
	c->state = C_FLUSH2;
	if (mutated(MUTATE_NO_SECOND_FLUSH))
		c->state = C_RELEASE;
	else
		c->flush_wanted = true;
}

/* Everything written, and so to the flush before the superblock. */
static enum status
commit_settle(struct store *s)
{
	if (mutated(MUTATE_SUPER_FIRST)) {
		s->commit.state = C_SUPER;
		commit_super(s);
		return RC_OK;
	}
	if (!commit_quiet(s))
		return ST_WAIT;
	if (mutated(MUTATE_NO_FIRST_FLUSH)) {
		s->commit.state = C_SUPER;
		commit_super(s);
		return RC_OK;
	}
	s->commit.state = C_FLUSH1;
	s->commit.flush_wanted = true;
	return RC_OK;
}

/* One step; RC_OK: there may be another. */
static enum status
commit_step(struct store *s)
{
	struct commit *c = &s->commit;
	enum status    st;

	switch (c->state) {
	case C_DRAIN:
		if (frozen_writes(s))
			return ST_WAIT;
		st = commit_begin(s);
		break;
	case C_DROP:
		st = drop_continue(s);
		if (st == RC_OK)
			merge_begin(s);
		break;
	case C_MERGE:
		st = merge_continue(s);
		break;
	case C_PLAN:
		st = plan_all(s);
		break;
	case C_EMIT:
		st = emit_continue(s);
		break;
	case C_SETTLE:
		return commit_settle(s);
	case C_RELEASE:
		return commit_release(s);
	case C_FAIL:
		return commit_undo(s);
	case C_IDLE:
	case C_FROZEN:
	case C_FLUSH1:
	case C_SUPER:
	case C_FLUSH2:
	default:
		return ST_WAIT;
	}
	if (st == RC_OK)
		c->state++;
	return st;
}

void
commit_continue(struct store *s)
{
	enum status st;

	do {
		st = commit_step(s);
		if (st != RC_OK && st != ST_WAIT) {
			commit_fail(s, st);
			st = RC_OK;
		}
	} while (st == RC_OK && s->commit.state != C_IDLE);
}
