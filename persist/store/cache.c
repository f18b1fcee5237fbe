/* SPDX-License-Identifier: BSD-2-Clause */
/* Map blocks in memory: hash by block, a clock hand for eviction. */
#include "persist/store/cache.h"
#include "persist/format/check.h"

#include <string.h>

size_t
cache_bytes(uint32_t blocks)
{
	uint32_t buckets = 16;

	while (buckets < blocks)
		buckets *= 2;
	return blocks * (sizeof(struct slot) + BLOCK_SIZE) +
	    buckets * sizeof(uint32_t) + 64;
}

void
cache_init(struct cache *c, uint32_t blocks, bool crc_cpu, void *memory)
{
	uint32_t buckets = 16;

	while (buckets < blocks)
		buckets *= 2;
	*c = (struct cache){.n = blocks, .crc_cpu = crc_cpu};
	c->mask = buckets - 1;
	c->data = memory;
	c->slot = (struct slot *)(void *)(c->data + blocks);
	c->bucket = (uint32_t *)(void *)(c->slot + blocks);
	memset(c->slot, 0, blocks * sizeof(c->slot[0]));
	memset(c->bucket, 0, buckets * sizeof(c->bucket[0]));
}

static uint32_t *
bucket(struct cache *c, uint64_t block)
{
	return &c->bucket[block * 2654435761u >> 7 & c->mask];
}

static struct slot *
find(struct cache *c, uint64_t block)
{
	uint32_t i = *bucket(c, block);

	while (i != 0 && c->slot[i - 1].at.block != block)
		i = c->slot[i - 1].next;
	return i == 0 ? NULL : &c->slot[i - 1];
}

static void
unhash(struct cache *c, struct slot *s)
{
	uint32_t *p = bucket(c, s->at.block), me;

	me = (uint32_t)(s - c->slot) + 1;
	while (*p != me)
		p = &c->slot[*p - 1].next;
	*p = s->next;
	s->state = SLOT_EMPTY;
}

static void
enqueue(struct cache *c, uint32_t i)
{
	struct slot *s = &c->slot[i];

	s->queued = true;
	s->next_io = 0;
	if (c->io_tail != 0)
		c->slot[c->io_tail - 1].next_io = i + 1;
	else
		c->io_head = i + 1;
	c->io_tail = i + 1;
}

/* A slot for this block; evicts one that is not in flight. NULL: none. */
static struct slot *
take(struct cache *c, const struct pointer *p, enum slot_state state)
{
	struct slot *s = NULL;
	uint32_t    *b;

	for (uint32_t i = 0; i < 2 * c->n; i++) {
		s = &c->slot[c->hand];
		c->hand = c->hand + 1 == c->n ? 0 : c->hand + 1;
		if (s->state == SLOT_EMPTY || s->state == SLOT_BAD ||
		    (s->state == SLOT_VALID && !s->used))
			break;
		s->used = false;
		s = NULL;
	}
	if (s == NULL)
		return NULL;
	if (s->state != SLOT_EMPTY)
		unhash(c, s);
	b = bucket(c, p->block);
	*s = (struct slot){.at = *p, .state = state, .next = *b, .used = true};
	*b = (uint32_t)(s - c->slot) + 1;
	enqueue(c, *b - 1);
	return s;
}

const void *
cache_want(struct cache *c, const struct pointer *p, enum status *why)
{
	struct slot *s = find(c, p->block);

	if (s == NULL) {
		take(c, p, SLOT_READING);
		*why = ST_WAIT;
		return NULL;
	}
	if (s->state == SLOT_READING) {
		*why = ST_WAIT;
		return NULL;
	}
	if (s->state == SLOT_BAD) {
		*why = s->status;
		unhash(c, s);
		return NULL;
	}
	if (s->at.check != p->check || s->at.key != p->key ||
	    s->at.level != p->level) {
		*why = RC_CORRUPT;
		return NULL;
	}
	s->used = true;
	return c->data[s - c->slot];
}

bool
cache_has(struct cache *c, uint64_t block)
{
	struct slot *s = find(c, block);

	return s != NULL && s->state != SLOT_READING;
}

void *
cache_new(struct cache *c, const struct pointer *p)
{
	struct slot *s;

	cache_forget(c, p->block);
	s = take(c, p, SLOT_WRITING);
	if (s == NULL)
		return NULL;
	c->writing++;
	return c->data[s - c->slot];
}

void
cache_forget(struct cache *c, uint64_t block)
{
	struct slot *s = find(c, block);

	if (s != NULL && (s->state == SLOT_VALID || s->state == SLOT_BAD))
		unhash(c, s);
}

bool
cache_next_io(struct cache *c, uint32_t *slot)
{
	uint32_t i = c->io_head;

	if (i == 0)
		return false;
	c->io_head = c->slot[i - 1].next_io;
	if (c->io_head == 0)
		c->io_tail = 0;
	c->slot[i - 1].queued = false;
	*slot = i - 1;
	return true;
}

void
cache_requeue(struct cache *c, uint32_t slot)
{
	c->slot[slot].tries++;
	enqueue(c, slot);
}

uint64_t
pointer_check(bool crc_cpu, const struct pointer *p, const void *data)
{
	if (p->level != 0)
		return check_map(crc_cpu, p->key, p->level, data);
	return check_object(
	    crc_cpu, oid_make(p->key, OID_INDEX_FRAME), FK_META, 0, data);
}

void
cache_read_done(struct cache *c, uint32_t slot, enum status st)
{
	struct slot *s = &c->slot[slot];

	if (st == RC_OK &&
	    pointer_check(c->crc_cpu, &s->at, c->data[slot]) != s->at.check)
		st = RC_CORRUPT;
	s->state = st == RC_OK ? SLOT_VALID : SLOT_BAD;
	s->status = st;
}

void
cache_write_done(struct cache *c, uint32_t slot)
{
	c->slot[slot].state = SLOT_VALID;
	c->writing--;
}

void
cache_write_failed(struct cache *c, uint32_t slot)
{
	unhash(c, &c->slot[slot]);
	c->writing--;
}

bool
cache_ok(const struct cache *c)
{
	uint32_t hashed = 0, writing = 0;

	for (uint32_t i = 0; i <= c->mask; i++)
		for (uint32_t j = c->bucket[i]; j != 0; j = c->slot[j - 1].next)
			hashed++;
	for (uint32_t i = 0; i < c->n; i++) {
		const struct slot *s = &c->slot[i];

		hashed -= s->state != SLOT_EMPTY;
		writing += s->state == SLOT_WRITING;
		for (uint32_t j = 0; j < i && s->state != SLOT_EMPTY; j++)
			if (c->slot[j].state != SLOT_EMPTY &&
			    c->slot[j].at.block == s->at.block)
				return false;
		if (s->state == SLOT_VALID &&
		    pointer_check(c->crc_cpu, &s->at, c->data[i]) !=
			s->at.check)
			return false;
	}
	return hashed == 0 && writing == c->writing;
}

uint64_t
cache_seal(struct cache *c, const void *data)
{
	size_t i = (size_t)((const uint8_t *)data - c->data[0]) / BLOCK_SIZE;
	struct slot *s = &c->slot[i];

	s->at.check = pointer_check(c->crc_cpu, &s->at, data);
	return s->at.check;
}
