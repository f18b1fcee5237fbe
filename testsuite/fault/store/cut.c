/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cutting the power: for each point of a life's log, which blocks the disk
 * holds if none, all or some of the unflushed writes survived, torn or whole;
 * then recovery by the real store, and the oracle.
 */
#include "persist/format/check.h"
#include "persist/tools/audit.h"
#include "testsuite/fault/store/sim.h"

#include <stdlib.h>
#include <string.h>

enum { LOOSE = 4096 };

/* The disk as the replay of the log goes on. */
struct replay {
	struct image base;         /* What is safe. */
	uint32_t     loose[LOOSE]; /* Events of writes that are not. */
	uint32_t     nloose;
	uint32_t     done[SIM_LOG]; /* When each write was done; 0: not. */
	uint64_t     acked;
};

static struct store_config
config_for(const struct sim_plan *p, const uint8_t *frames)
{
	static int cpu = -1;

	/* CPUID traps under a hypervisor: ask once. */
	if (cpu < 0)
		cpu = crc_cpu();
	return (struct store_config){
	    .frames = frames,
	    .crc_cpu = cpu != 0,
	    .blocks = SIM_BLOCKS,
	    .credits = p->credits,
	    .reserve = 2,
	    .floor = SIM_FLOOR,
	    .cache = 48,
	    .requests = 32,
	    .record = SIM_RECORD,
	    .retain = 6,
	};
}

struct store_config
sim_config(const struct sim_plan *p, const uint8_t *frames)
{
	return config_for(p, frames);
}

void
sim_format(const struct sim_plan *p, struct image *i)
{
	struct content       *h = content_new(), *s = content_new();
	struct volume_header *v = (struct volume_header *)(void *)h->data;
	struct superblock    *b = (struct superblock *)(void *)s->data;

	memset(h->data, 0, BLOCK_SIZE);
	memset(s->data, 0, BLOCK_SIZE);
	i->blocks = p->blocks;
	for (uint32_t n = 0; n < p->blocks; n++)
		i->block[n] = content_zero();
	v->magic = VOLUME_MAGIC;
	v->version = VOLUME_VERSION;
	v->uuid[0] = b->volume[0] = 1;
	v->blocks = p->blocks;
	v->data_block = BLOCK_SUPER + 2;
	v->data_blocks = p->blocks - v->data_block;
	v->positions = (uint64_t)p->objects * p->stride;
	v->members = b->members = 1;
	v->checksum = crc_struct(
	    crc_cpu(), v, sizeof(*v), offsetof(struct volume_header, checksum));
	b->magic = SUPER_MAGIC;
	b->version = SUPER_VERSION;
	b->generations = 1;
	b->number = b->highest = b->generation[0].number = 1;
	b->checksum = crc_struct(
	    crc_cpu(), b, sizeof(*b), offsetof(struct superblock, checksum));
	i->block[BLOCK_VOLUME] = h;
	i->block[BLOCK_SUPER] = s;
}

/* A write of which only some sectors arrived. */
static const struct content *
tear(struct sim_random *r, const struct content *old, const struct content *new)
{
	struct content *c = content_new();
	uint32_t        mask = 1 + sim_below(r, 254);

	c->torn = true;
	for (uint32_t i = 0; i < BLOCK_SECTORS; i++)
		memcpy(c->data + i * SECTOR_SIZE,
		    ((mask >> i & 1) != 0 ? new : old)->data + i * SECTOR_SIZE,
		    SECTOR_SIZE);
	return c;
}

enum { SURVIVE_NONE, SURVIVE_ALL, SURVIVE_SOME };

static void
survivors(const struct disk *d, const struct replay *y, unsigned how,
    struct sim_random *r, struct image *out)
{
	image_copy(out, &y->base);
	if (how == SURVIVE_NONE)
		return;
	for (uint32_t i = 0; i < y->nloose; i++) {
		const struct event *e = &d->event[y->loose[i]];
		uint32_t            dice = sim_below(r, 8);

		if (how == SURVIVE_SOME && dice < 4)
			continue;
		out->block[e->block] = how == SURVIVE_SOME && dice == 7
		    ? tear(r, out->block[e->block], e->content)
		    : e->content;
	}
}

/* The independent checker, on a copy of the outcome in one piece. */
static const char *
checker_ask(const struct image *i)
{
	static uint8_t   *whole;
	static struct use use[SIM_BLOCKS];
	struct reader     r;
	struct audit      a = {.r = &r, .use = use};
	const char       *why;

	if (whole == NULL)
		whole = malloc((size_t)SIM_BLOCKS * BLOCK_SIZE);
	for (uint32_t n = 0; n < i->blocks; n++)
		memcpy(whole + (size_t)n * BLOCK_SIZE, i->block[n]->data,
		    BLOCK_SIZE);
	if (!reader_open_memory(
		&r, "outcome", whole, (size_t)i->blocks * BLOCK_SIZE, &why) ||
	    r.now == NULL)
		return "the checker finds no volume";
	memset(use, 0, i->blocks * sizeof(use[0]));
	audit_space(&a);
	return a.problems == 0 ? NULL : "the checker finds problems";
}

struct recovery {
	struct store *s;
	uint8_t      *memory, *frames;
	size_t        bytes;
};

static struct recovery *
recovery_get(const struct sim_plan *p)
{
	static struct recovery r;
	struct store_config    c;

	if (r.frames == NULL)
		r.frames = aligned_alloc(PAGE_SIZE, 64 * PAGE_SIZE);
	c = config_for(p, r.frames);
	if (r.bytes < store_bytes(&c)) {
		free(r.memory);
		r.bytes = (store_bytes(&c) + PAGE_SIZE) & ~(size_t)4095;
		r.memory = aligned_alloc(PAGE_SIZE, r.bytes);
	}
	return &r;
}

/* Some objects through the real store, as the kernel would see them. */
static const char *
fetch_some(struct recovery *y, const struct image *i,
    const struct snapshot_state *want, uint32_t objects, uint32_t stride,
    struct sim_random *random, uint32_t n)
{
	struct pager_completion c;
	uint64_t                v;

	for (; n > 0; n--) {
		uint32_t             k = sim_below(random, objects);
		struct pager_request q = {.tag = 1,
		    .op = PAGER_FETCH,
		    .oid = oid_make(
			frame_of(MAP_SOURCE_OBJECTS, (uint64_t)k * stride), 7)
			       .v,
		    .frame = 1};

		if (store_request(y->s, &q) != RC_OK)
			return "fetch refused";
		image_serve(i, y->s, y->frames);
		c.tag = 0;
		while (c.tag == 0 && store_next_completion(y->s, &c))
			;
		if (c.tag != 1 || c.status != RC_OK ||
		    c.kind != want->object[k].kind ||
		    c.count != want->object[k].count)
			return "fetch after recovery is wrong";
		memcpy(&v, y->frames + PAGE_SIZE + 8, 8);
		if (c.kind != FK_ZERO && c.kind != FK_FREE &&
		    v != want->object[k].version)
			return "content after recovery is wrong";
	}
	return NULL;
}

/* Recover one outcome and verify it; gives the state that it holds. */
static const char *
outcome_check(const struct image *i, const struct kernel *k,
    const struct sim_plan *p, const struct replay *y, struct sim_random *random,
    bool deep, const struct snapshot_state **state)
{
	struct recovery         *r = recovery_get(p);
	struct store_config      c = config_for(p, r->frames);
	struct pager_completion  open = {0};
	struct generation        g;
	const struct superblock *b;
	unsigned                 n = 0;
	const char              *w;

	r->s = store_init(&c, r->memory);
	store_mount(r->s, 1);
	image_serve(i, r->s, r->frames);
	if (store_mounted(r->s) != RC_OK ||
	    !store_next_completion(r->s, &open) || open.op != PAGER_OPEN)
		return "the volume does not open";
	*state = kernel_snapshot(k, open.word[1]);
	if (*state == NULL)
		return "an unknown generation";
	if ((*state)->id < y->acked)
		return "older than what was acknowledged";
	while (store_generation(r->s, n, &g))
		n++;
	b = store_superblock(r->s);
	w = oracle_state(i, &g, *state, p);
	if (w == NULL && deep)
		w = oracle_space(i, b);
	/* Other generations on offer must be whole as well. */
	for (unsigned m = 0; w == NULL && m + 1 < n; m++) {
		const struct snapshot_state *old;

		if (!store_generation(r->s, m, &g) ||
		    (g.flags & GEN_CONDEMNED) != 0)
			continue;
		old = kernel_snapshot(k, g.call_number);
		if (old != NULL)
			w = oracle_state(i, &g, old, p);
	}
	if (w == NULL)
		w = fetch_some(
		    r, i, *state, p->objects, p->stride, random, deep ? 4 : 1);
	if (w == NULL && sim_below(random, 256) == 0)
		w = checker_ask(i);
	if (w == NULL && deep && !store_ok(r->s))
		w = "store_ok fails after recovery";
	return w;
}

static void
replay_flush(const struct disk *d, struct replay *y, const struct event *e)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < y->nloose; i++) {
		uint32_t            n = y->loose[i];
		const struct event *w = &d->event[n];

		if (y->done[n] != 0 && y->done[n] < e->before + 1)
			y->base.block[w->block] = w->content;
		else
			y->loose[kept++] = n;
	}
	y->nloose = kept;
}

static void
replay_lost(struct replay *y, uint32_t write)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < y->nloose; i++)
		if (y->loose[i] != write)
			y->loose[kept++] = y->loose[i];
	y->nloose = kept;
}

static void
replay_step(const struct disk *d, struct replay *y, uint32_t n)
{
	const struct event *e = &d->event[n];

	switch (e->kind) {
	case EV_WRITE:
		if (y->nloose == LOOSE) {
			fprintf(stderr, "sim: too many loose writes\n");
			exit(2);
		}
		y->loose[y->nloose++] = n;
		break;
	case EV_LOST:
		replay_lost(y, e->write);
		break;
	case EV_DONE:
		y->done[e->write] = n + 1;
		break;
	case EV_FLUSH:
		replay_flush(d, y, e);
		break;
	case EV_ACK:
		y->acked = e->snapshot;
		break;
	}
}

/* Points that matter on large volumes: round flushes and superblocks. */
static bool
worth_cutting(const struct disk *d, const struct sim_plan *p, uint32_t n)
{
	if (!p->cut || p->every == 0 || n % p->every == 0)
		return p->cut;
	for (uint32_t i = n == 0 ? 0 : n - 1; i <= n && i < d->events; i++)
		if (d->event[i].kind == EV_FLUSH ||
		    (d->event[i].kind == EV_WRITE &&
			d->event[i].block <= BLOCK_SUPER + 1))
			return true;
	return false;
}

bool
cut_everywhere(const struct disk *d, const struct kernel *k,
    const struct sim_plan *p, struct sim_random *random, struct sim_result *r,
    struct image *survivor, struct snapshot_state *state, uint64_t first)
{
	static struct replay         y;
	static struct image          im;
	const struct snapshot_state *st;
	uint32_t                     chosen = sim_below(random, d->events + 1);
	const char                  *w;

	y.nloose = 0;
	memset(y.done, 0, d->events * sizeof(y.done[0]));
	image_copy(&y.base, &d->base);
	y.acked = first;
	for (uint32_t n = 0; n <= d->events; n++) {
		for (unsigned how = 0; how < 4; how++) {
			if (n != chosen && !worth_cutting(d, p, n))
				break;
			if (y.nloose == 0 && how > 0)
				break;
			survivors(d, &y, how, random, &im);
			w = outcome_check(&im, k, p, &y, random,
			    how == SURVIVE_ALL || (n & 7) == 0, &st);
			r->cuts++;
			if (w != NULL) {
				snprintf(r->what, sizeof(r->what),
				    "cut at %u of %u, subset %u: %s", n,
				    d->events, how, w);
				return false;
			}
			if (n == chosen) {
				image_copy(survivor, &im);
				*state = *st;
			}
		}
		if (n < d->events)
			replay_step(d, &y, n);
	}
	return true;
}
