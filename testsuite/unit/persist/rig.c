/* SPDX-License-Identifier: BSD-2-Clause */
#include "testsuite/unit/persist/rig.h"

#include "persist/format/check.h"

#include <stdlib.h>
#include <string.h>

void
rig_seal(struct rig *r, unsigned slot)
{
	struct superblock *b = rig_super(r, slot);

	b->checksum = crc_struct(
	    crc_cpu(), b, sizeof(*b), offsetof(struct superblock, checksum));
}

struct superblock *
rig_super(struct rig *r, unsigned slot)
{
	return (struct superblock *)(void *)r->disk[BLOCK_SUPER + slot];
}

static void
format(struct rig *r, uint64_t positions)
{
	struct volume_header *h = (struct volume_header *)(void *)
				      r->disk[BLOCK_VOLUME];
	struct superblock *b = rig_super(r, 0);

	h->magic = VOLUME_MAGIC;
	h->version = VOLUME_VERSION;
	h->uuid[3] = b->volume[3] = 7;
	h->blocks = r->blocks;
	h->data_block = BLOCK_SUPER + 2;
	h->data_blocks = r->blocks - h->data_block;
	h->positions = positions;
	h->members = b->members = 1;
	h->checksum = crc_struct(
	    crc_cpu(), h, sizeof(*h), offsetof(struct volume_header, checksum));
	b->magic = SUPER_MAGIC;
	b->version = SUPER_VERSION;
	b->generations = 1;
	b->number = b->highest = b->generation[0].number = 1;
	b->generation[0].needs = NEEDS_KNOWN;
	rig_seal(r, 0);
}

void
rig_make(struct rig *r, uint64_t blocks, uint64_t positions)
{
	*r = (struct rig){.blocks = blocks};
	r->disk = aligned_alloc(PAGE_SIZE, blocks * BLOCK_SIZE);
	r->frame = aligned_alloc(PAGE_SIZE, RIG_FRAMES * PAGE_SIZE);
	memset(r->disk, 0, blocks * BLOCK_SIZE);
	memset(r->frame, 0, RIG_FRAMES * PAGE_SIZE);
	r->config = (struct store_config){
	    .frames = r->frame[0],
	    .crc_cpu = crc_cpu(),
	    .blocks = blocks,
	    .credits = 64,
	    .reserve = 4,
	    .floor = 8,
	    .cache = 48,
	    .requests = PAGER_OUTSTANDING,
	    .record = 4,
	    .retain = 6,
	};
	format(r, positions);
	r->memory = aligned_alloc(
	    PAGE_SIZE, (store_bytes(&r->config) + PAGE_SIZE) & ~(size_t)4095);
}

void
rig_credits(struct rig *r, uint32_t credits)
{
	r->config.credits = credits;
	free(r->memory);
	r->memory = aligned_alloc(
	    PAGE_SIZE, (store_bytes(&r->config) + PAGE_SIZE) & ~(size_t)4095);
}

void
rig_free(struct rig *r)
{
	free(r->disk);
	free(r->frame);
	free(r->memory);
}

static enum status
io_do(struct rig *r, const struct store_io *io)
{
	if (io->op == STORE_FLUSH) {
		r->flushes++;
		return r->bad_flush ? RC_DEVICE : RC_OK;
	}
	r->transfers++;
	if (io->count > r->longest)
		r->longest = io->count;
	for (uint32_t i = 0; i < io->count; i++) {
		uint8_t *p = io->buffer != NULL ? (uint8_t *)io->buffer
						: r->frame[io->frame[i]];

		if (io->block + i == r->bad_block && r->bad_times > 0) {
			r->bad_times--;
			return RC_MEDIA;
		}
		if (io->op == STORE_WRITE) {
			memcpy(r->disk[io->block + i], p, BLOCK_SIZE);
			r->written[io->block + i] = 1;
			r->writes++;
		} else {
			memcpy(p, r->disk[io->block + i], BLOCK_SIZE);
			r->reads++;
		}
	}
	return RC_OK;
}

void
rig_pump(struct rig *r)
{
	struct store_io         io;
	struct pager_completion c;

	while (!r->hold && store_next_io(r->s, &io))
		store_io_done(r->s, io.tag, io_do(r, &io));
	while (store_next_completion(r->s, &c)) {
		if (c.op == PAGER_OPEN) {
			r->open = c;
			r->opened = true;
		} else if (c.op == PAGER_CREDIT) {
			r->credit = c;
		} else {
			r->last = c;
		}
	}
	while (r->events < RIG_EVENTS &&
	    store_next_event(r->s, &r->event[r->events]))
		r->events++;
}

bool
rig_event(const struct rig *r, enum store_event_code code)
{
	for (unsigned i = 0; i < r->events; i++)
		if (r->event[i].code == code)
			return true;
	return false;
}

enum status
rig_mount(struct rig *r)
{
	r->s = store_init(&r->config, r->memory);
	r->events = 0;
	r->opened = false;
	r->epoch = 1;
	store_mount(r->s, 42);
	rig_pump(r);
	return store_mounted(r->s);
}

enum status
rig_ask(struct rig *r, struct pager_request q)
{
	enum status st;

	q.tag = ++r->tag;
	r->last = (struct pager_completion){0};
	st = store_request(r->s, &q);
	if (st != RC_OK)
		return st;
	rig_pump(r);
	return r->last.tag == q.tag ? (enum status)r->last.status : ST_WAIT;
}

static uint64_t
object(uint64_t n)
{
	return oid_make(frame_of(SOURCE_PERSISTENT, n), OID_INDEX_FRAME).v;
}

enum status
rig_clean_epoch(struct rig *r, uint64_t n, uint64_t content, uint64_t epoch)
{
	uint64_t f = r->tag % RIG_FRAMES;

	memcpy(r->frame[f], &content, sizeof(content));
	return rig_ask(r,
	    (struct pager_request){.op = PAGER_CLEAN,
		.oid = object(n),
		.kind = FK_PAGE,
		.count = 1,
		.epoch = epoch,
		.frame = f});
}

enum status
rig_clean(struct rig *r, uint64_t n, uint64_t content)
{
	return rig_clean_epoch(r, n, content, r->epoch);
}

enum status
rig_drop(struct rig *r, uint64_t n, uint32_t count)
{
	return rig_ask(r,
	    (struct pager_request){.op = PAGER_DROP,
		.oid = object(n),
		.kind = FK_FREE,
		.count = count,
		.epoch = r->epoch});
}

enum status
rig_fetch(struct rig *r, uint64_t n, uint64_t *content)
{
	uint64_t    f = r->tag % RIG_FRAMES;
	enum status st = rig_ask(r,
	    (struct pager_request){.op = PAGER_FETCH,
		.oid = object(n),
		.epoch = r->epoch,
		.frame = f});

	memcpy(content, r->frame[f], sizeof(*content));
	return st;
}

enum status
rig_snapshot(struct rig *r)
{
	enum status st = rig_ask(r,
	    (struct pager_request){.op = PAGER_SNAPSHOT,
		.epoch = r->epoch,
		.word = {99, 0, 1234}});

	r->epoch += st == RC_OK;
	return st;
}

enum status
rig_barrier(struct rig *r)
{
	return rig_ask(r,
	    (struct pager_request){.op = PAGER_BARRIER, .epoch = r->epoch - 1});
}

enum status
rig_commit(struct rig *r)
{
	enum status st = rig_snapshot(r);

	return st == RC_OK ? rig_barrier(r) : st;
}
