/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fake kernel: objects that are written, cleaned, evicted, fetched,
 * dropped and snapshotted, by the rules of kernel/abi/pager.h. Content is a
 * key and a version, so that the oracle can tell what any block holds.
 */
#include "testsuite/fault/store/kernel.h"

#include <stdlib.h>
#include <string.h>

struct kernel *
kernel_new(void)
{
	return calloc(1, sizeof(struct kernel));
}

void
kernel_start(struct kernel *k, struct store *s, struct disk *d,
    const struct sim_plan *p, const struct snapshot_state *from, uint64_t seed)
{
	uint64_t version = k->version, id = k->next_id;

	memset(k, 0, sizeof(*k));
	k->s = s;
	k->d = d;
	k->p = p;
	k->random.x = seed;
	k->version = version;
	k->next_id = id > from->id ? id : from->id;
	k->snapshot[k->snapshots++] = *from;
	k->acked = from->id;
	for (uint32_t i = 0; i < p->objects; i++)
		k->object[i].now = from->object[i];
}

static bool
chance(struct kernel *k, uint32_t n)
{
	return sim_below(&k->random, n) == 0;
}

static uint64_t
key_of(const struct kernel *k, uint32_t i)
{
	return frame_of(MAP_SOURCE_OBJECTS, (uint64_t)i * k->p->stride);
}

/* Fill a frame as the content of this version. */
static void
frame_fill(struct kernel *k, uint64_t frame, uint64_t key, uint64_t version)
{
	uint8_t *p = k->d->frames_rw + frame * PAGE_SIZE;

	for (uint32_t i = 0; i < BLOCK_SECTORS; i++) {
		memcpy(p + i * SECTOR_SIZE, &key, 8);
		memcpy(p + i * SECTOR_SIZE + 8, &version, 8);
	}
}

static bool
send(struct kernel *k, enum pager_op op, uint64_t key,
    const struct object_state *o, uint64_t epoch)
{
	uint32_t             i = 1;
	struct open_request *q;
	enum status          st;

	while (k->open[i].busy)
		i++;
	q = &k->open[i];
	*q = (struct open_request){.busy = true};
	q->r.tag = ++k->tag * 256 + i;
	q->r.op = (uint8_t)op;
	q->r.oid = oid_make(key, OID_INDEX_FRAME).v;
	q->r.epoch = epoch;
	q->r.frame = i;
	if (o != NULL) {
		q->r.kind = o->kind;
		q->r.count = o->count;
		q->version = o->version;
		if (op == PAGER_CLEAN)
			frame_fill(k, i, key, o->version);
	}
	if (op == PAGER_SNAPSHOT) {
		q->r.word[0] = k->next_id;
		q->r.word[1] = k->record_pages;
	}
	k->nopen++;
	st = store_request(k->s, &q->r);
	if (st != RC_OK)
		WRONG(k, "op %d refused with %d", op, st);
	return st == RC_OK;
}

static uint32_t
existing(const struct kernel *k)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < k->p->objects; i++)
		n += k->object[i].now.kind != FK_FREE;
	return n;
}

static void
object_write(struct kernel *k, uint32_t i)
{
	struct object *o = &k->object[i];
	uint32_t       limit = k->credits + (chance(k, 16) ? k->reserve : 0);

	/* The bank sells no more than the store allows (F7). */
	if (o->now.kind == FK_FREE && existing(k) >= k->sellable)
		return;
	if (!o->charged) {
		if (k->used >= limit) {
			k->waiting = 1;
			return;
		}
		k->used++;
		o->charged = true;
	}
	o->now.version = ++k->version;
	o->now.kind = k->p->full || !chance(k, 8)
	    ? (uint8_t)(FK_PAGE + sim_below(&k->random, 3))
	    : FK_ZERO;
	o->now.count += chance(k, 4);
	o->dirty = true;
}

static void
object_drop(struct kernel *k, uint32_t i)
{
	struct object *o = &k->object[i];

	if (o->open[k->epoch & 1] || (!o->charged && k->used >= k->credits))
		return;
	k->used += !o->charged;
	o->now.kind = chance(k, 2) ? FK_FREE : FK_ZERO;
	o->now.count++;
	o->dirty = false;
	o->resident = false;
	o->charged = false;
	o->open[k->epoch & 1] = true;
	send(k, PAGER_DROP, key_of(k, i), &o->now, k->epoch);
}

static void
object_clean(struct kernel *k, uint32_t i)
{
	struct object *o = &k->object[i];
	uint64_t       frozen = k->epoch - 1;

	if (o->frozen_dirty && !o->open[frozen & 1]) {
		o->frozen_dirty = false;
		o->open[frozen & 1] = true;
		send(k, PAGER_CLEAN, key_of(k, i), &o->frozen, frozen);
	} else if (o->dirty && !o->open[k->epoch & 1]) {
		o->dirty = false;
		o->open[k->epoch & 1] = true;
		send(k, PAGER_CLEAN, key_of(k, i), &o->now, k->epoch);
	}
}

static void
object_touch(struct kernel *k, uint32_t i)
{
	struct object *o = &k->object[i];
	bool           still = !o->dirty && !o->frozen_dirty && !o->open[0] &&
	    !o->open[1] && !o->reading;

	if (!o->resident) {
		if (!still)
			return;
		o->reading = true;
		send(k, chance(k, 8) ? PAGER_STAT : PAGER_FETCH, key_of(k, i),
		    NULL, k->epoch);
	} else if (still && chance(k, 3)) {
		o->resident = o->charged = false;
	} else if (chance(k, 12) && !k->p->full) {
		object_drop(k, i);
	} else {
		object_write(k, i);
	}
}

static void
snapshot_take(struct kernel *k)
{
	struct snapshot_state *n;

	if (k->snapshots == SIM_SNAPSHOTS)
		return;
	n = &k->snapshot[k->snapshots++];
	k->record_pages = sim_below(&k->random, SIM_RECORD + 1);
	k->record_left = k->record_pages;
	k->record = ++k->version;
	k->next_id++;
	*n = (struct snapshot_state){.id = k->next_id,
	    .record = k->record,
	    .record_pages = k->record_pages};
	for (uint32_t i = 0; i < k->p->objects; i++) {
		struct object *o = &k->object[i];

		n->object[i] = o->now;
		o->frozen = o->now;
		o->frozen_dirty = o->dirty;
		o->dirty = o->charged = false;
	}
	if (!send(k, PAGER_SNAPSHOT, 0, NULL, k->epoch))
		return;
	k->epoch++;
	k->credits = k->next;
	k->next = 0;
	k->used = k->waiting = 0;
	k->taking = true;
	k->barrier_sent = false;
	k->tries = 0;
}

static void
record_clean(struct kernel *k)
{
	struct object_state o = {.kind = FK_META, .version = k->record};

	k->record_left--;
	send(k, PAGER_CLEAN, frame_of(MAP_SOURCE_RECORD, k->record_left), &o,
	    k->epoch - 1);
}

static void
barrier_try(struct kernel *k)
{
	uint32_t parity = (k->epoch - 1) & 1;

	if (k->barrier_sent || k->record_left > 0)
		return;
	for (uint32_t i = 0; i < k->p->objects; i++)
		if (k->object[i].open[parity] ||
		    (k->object[i].frozen_dirty && k->tries < GIVE_UP))
			return;
	for (uint32_t i = 1; i <= REQUESTS; i++)
		if (k->open[i].busy && k->open[i].r.op == PAGER_CLEAN &&
		    k->open[i].r.epoch == k->epoch - 1)
			return;
	k->barrier_sent = true;
	send(k, PAGER_BARRIER, 0, NULL, k->epoch - 1);
}

static void
act(struct kernel *k)
{
	uint32_t limit = k->p->objects;
	uint32_t i = sim_below(&k->random, limit);

	/* Near full: sweep, so that all is rewritten before each commit. */
	if (k->p->full && chance(k, 2))
		i = k->sweep++ % limit;
	if (k->taking && k->record_left > 0 && chance(k, 2)) {
		record_clean(k);
	} else if (k->taking && chance(k, 2)) {
		for (uint32_t n = 0; n < k->p->objects; n++)
			if (k->object[(i + n) % k->p->objects].frozen_dirty) {
				object_clean(k, (i + n) % k->p->objects);
				break;
			}
		barrier_try(k);
	} else if (chance(k, 3)) {
		object_clean(k, i);
	} else {
		object_touch(k, i);
	}
}

static void
maybe_pin(struct kernel *k)
{
	struct generation g;
	uint32_t          n = sim_below(&k->random, RETAINED_MAX);
	enum status       st;

	if (!store_generation(k->s, n, &g))
		return;
	st = store_keep(k->s, g.number, (g.flags & GEN_PINNED) == 0);
	if (st != RC_OK && st != RC_FULL && st != RC_STATE && st != RC_LIMIT)
		WRONG(k, "keep: status %u", st);
}

bool
kernel_step(struct kernel *k)
{
	struct store_io         io;
	struct pager_completion c;
	bool                    acted = false;

	if (k->ready && k->nopen + 2 < REQUESTS && chance(k, 2)) {
		act(k);
		acted = true;
		store_usage(k->s, k->epoch, k->used, k->waiting);
		if (!k->taking && k->wrong == NULL &&
		    (store_wants_snapshot(k->s) ||
			chance(k, k->p->every != 0 ? 3000 : 60)))
			snapshot_take(k);
		if (chance(k, 100) && !k->p->full)
			maybe_pin(k);
	}
	while (store_next_io(k->s, &io))
		disk_give(k->d, &io);
	if (!acted)
		disk_step(k->d, k->s);
	while (store_next_io(k->s, &io))
		disk_give(k->d, &io);
	while (store_next_completion(k->s, &c))
		kernel_answer(k, &c);
	return k->wrong == NULL;
}

bool
kernel_open(const struct kernel *k)
{
	return k->ready;
}

uint64_t
kernel_commits(const struct kernel *k)
{
	return k->commits;
}

uint64_t
kernel_refused(const struct kernel *k)
{
	return k->refused;
}

uint64_t
kernel_acked(const struct kernel *k)
{
	return k->acked;
}

const char *
kernel_wrong(const struct kernel *k)
{
	return k->wrong;
}

const struct snapshot_state *
kernel_snapshot(const struct kernel *k, uint64_t id)
{
	for (uint32_t i = 0; i < k->snapshots; i++)
		if (k->snapshot[i].id == id)
			return &k->snapshot[i];
	return NULL;
}

/* One line for a report. */
const char *
kernel_state(struct kernel *k)
{
	struct store_figures f;

	store_figures(k->s, &f);
	snprintf(k->message, sizeof(k->message),
	    "epoch %lu credits %u next %u used %u waiting %u sellable %u; "
	    "free %lu live %lu of %lu, %u generations%s",
	    k->epoch, k->credits, k->next, k->used, k->waiting, k->sellable,
	    f.free, f.live, f.blocks, f.generations,
	    f.committing ? ", committing" : "");
	return k->message;
}
