/* SPDX-License-Identifier: BSD-2-Clause */
/* The store's memory, its outputs, and the pump that runs its machines. */
#include "persist/store/state.h"

#include <string.h>

/* Hands out parts of the memory; with no memory it only counts. */
struct parts {
	uint8_t *memory;
	size_t   at;
};

static void *
part(struct parts *p, size_t bytes, size_t align)
{
	size_t at = (p->at + align - 1) & ~(align - 1);

	p->at = at + bytes;
	return p->memory == NULL ? NULL : p->memory + at;
}

static uint32_t
leaves_for(uint64_t blocks)
{
	return (uint32_t)((blocks + BITMAP_BLOCKS - 1) / BITMAP_BLOCKS);
}

/* Entries that a dead list may gather before it is written. */
static uint32_t
dead_limit(const struct store_config *c)
{
	uint32_t keys = map_list_keys(c->blocks);

	/* A step of the merge, all leaves and nodes of both tables. */
	return 4 * DEAD_ENTRIES + 2 * leaves_for(c->blocks) +
	    keys / LEAF_ENTRIES + 64;
}

static void
store_lay_out(const struct store_config *c, struct parts *p, struct store *s)
{
	/* Two epochs' worth: after a failed commit they share one table. */
	uint32_t changes = 2 * (c->credits + c->reserve) + 2 * c->record;
	uint32_t leaves = leaves_for(c->blocks);
	uint32_t keys = map_list_keys(c->blocks);
	void    *cache = part(p, cache_bytes(c->cache), BLOCK_SIZE);
	uint8_t *blocks = part(
	    p, (3 + MAP_LEVELS_MAX) * BLOCK_SIZE, BLOCK_SIZE);
	void *delta[2], *space, *bitmap, *lists, *dead, *kept, *request;

	for (unsigned i = 0; i < 2; i++)
		delta[i] = part(p, delta_bytes(changes), 64);
	space = part(p, space_bytes(c->blocks), 64);
	bitmap = part(p, table_bytes(leaves), 64);
	lists = part(p, table_bytes(keys), 64);
	dead = part(p, list_bytes(dead_limit(c)), 64);
	kept = part(p, list_bytes(4 * DEAD_ENTRIES), 64);
	request = part(p, c->requests * sizeof(struct request), 64);
	if (s == NULL)
		return;
	cache_init(&s->cache, c->cache, c->crc_cpu, cache);
	s->header = (struct volume_header *)(void *)blocks;
	for (unsigned i = 0; i < SUPER_SLOTS; i++)
		s->super[i] = (struct superblock *)(void *)(blocks +
		    (1 + i) * BLOCK_SIZE);
	for (unsigned i = 0; i < MAP_LEVELS_MAX; i++)
		s->commit.merge.path[1 + i].data = blocks +
		    (3 + i) * BLOCK_SIZE;
	for (unsigned i = 0; i < 2; i++)
		delta_init(&s->delta[i], changes, delta[i]);
	space_init(&s->space, c->blocks, space);
	table_init(&s->bitmap, MAP_SOURCE_SPACE, leaves, bitmap);
	table_init(&s->lists, MAP_SOURCE_LISTS, keys, lists);
	list_init(&s->dead, dead_limit(c), dead);
	list_init(&s->kept, 4 * DEAD_ENTRIES, kept);
	s->request = request;
}

size_t
store_bytes(const struct store_config *c)
{
	struct parts p = {NULL, 0};

	part(&p, sizeof(struct store), BLOCK_SIZE);
	store_lay_out(c, &p, NULL);
	return p.at;
}

struct store *
store_init(const struct store_config *c, void *memory)
{
	struct parts  p = {memory, 0};
	struct store *s = part(&p, sizeof(*s), BLOCK_SIZE);

	memset(s, 0, sizeof(*s));
	s->config = *c;
	/* A superblock has room for these and those on their way out. */
	if (s->config.retain > RETAINED_MAX - 3)
		s->config.retain = RETAINED_MAX - 3;
	store_lay_out(c, &p, s);
	s->working = &s->delta[0];
	s->frozen = &s->delta[1];
	s->mount.status = ST_WAIT;
	requests_init(s);
	return s;
}

void
store_pump(struct store *s)
{
	if (s->mount.state != M_OPEN) {
		mount_continue(s);
		return;
	}
	lookups_continue(s);
	commit_continue(s);
}

void
store_event(struct store *s, enum store_event_code code, enum status st,
    uint64_t block, uint64_t value)
{
	if (s->event_head - s->event_tail == EVENTS)
		return;
	s->event[s->event_head++ % EVENTS] = (struct store_event){
	    code, st, block, value};
}

bool
store_next_event(struct store *s, struct store_event *e)
{
	if (s->event_head == s->event_tail)
		return false;
	*e = s->event[s->event_tail++ % EVENTS];
	return true;
}

/* A newer word on credit replaces one not yet taken. */
void
store_tell(struct store *s, const struct pager_completion *c)
{
	for (uint32_t i = 0; i < s->nunsolicited; i++) {
		if (s->unsolicited[i].op != c->op)
			continue;
		s->unsolicited[i] = *c;
		return;
	}
	s->unsolicited[s->nunsolicited++] = *c;
}

bool
store_next_completion(struct store *s, struct pager_completion *c)
{
	struct request *q;

	/* Credit before a barrier's answer: who waits for it may write. */
	if (s->nunsolicited > 0) {
		*c = s->unsolicited[0];
		s->nunsolicited--;
		memmove(s->unsolicited, s->unsolicited + 1,
		    s->nunsolicited * sizeof(*c));
		return true;
	}
	q = request_list_take(s, &s->done);
	if (q == NULL)
		return false;
	*c = q->c;
	q->state = R_FREE;
	request_list_add(s, &s->unused, q);
	return true;
}

bool
store_generation(const struct store *s, unsigned index, struct generation *g)
{
	if (s->mount.state != M_OPEN || index >= s->now->generations)
		return false;
	*g = s->now->generation[index];
	return true;
}

void
store_figures(const struct store *s, struct store_figures *f)
{
	*f = (struct store_figures){.open = s->mount.state == M_OPEN};
	if (!f->open)
		return;
	f->generation = s->now->number;
	f->blocks = s->space.blocks;
	f->free = s->space.nfree;
	f->live = store_current(s)->blocks;
	f->frames = store_current(s)->frames;
	f->sellable = credit_sellable(s);
	f->credits = s->granted;
	f->credits_next = s->granted_next;
	f->boot = (uint32_t)s->boot;
	f->generations = s->now->generations;
	f->committing = s->commit.state != C_IDLE;
	f->failed = s->failed;
	memcpy(f->volume, s->header->uuid, sizeof(f->volume));
}

static bool
lists_ok(const struct store *s)
{
	uint32_t n[R_DONE + 1] = {0}, all = 0;

	for (uint32_t i = 0; i < s->config.requests; i++)
		n[s->request[i].state]++;
	for (uint32_t i = s->unused.head; i != 0; i = s->request[i - 1].next)
		all++;
	if (all != n[R_FREE])
		return false;
	for (all = 0, n[0] = s->done.head; n[0] != 0;
	     n[0] = s->request[n[0] - 1].next)
		all++;
	return all == n[R_DONE] && n[R_BARRIER] <= 1;
}

bool
store_ok(struct store *s)
{
	if (s->mount.state != M_OPEN)
		return lists_ok(s);
	if (!delta_ok(s->working) || !delta_ok(s->frozen))
		return false;
	if (s->now == s->next || s->now != s->super[s->slot])
		return false;
	if (s->commit.state == C_IDLE && s->frozen->n != 0)
		return false;
	if (!table_ok(&s->bitmap) || !table_ok(&s->lists))
		return false;
	return space_ok(&s->space) && cache_ok(&s->cache) && lists_ok(s);
}

const struct superblock *
store_superblock(const struct store *s)
{
	return s->now;
}
