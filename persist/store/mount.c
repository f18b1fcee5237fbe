/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Recovery: the newest superblock that verifies, and whose roots, bitmap and
 * list blocks verify too (F8); else the other one, and that is reported.
 *
 *     START -> HEADER -> SUPER -> ROOTS -> SPACE -> LISTS -> OPEN
 *                                   ^        |        |
 *                                   `--------+--------'  try the other slot
 *     any -> FAILED: neither will do, or it is not our volume
 *
 * What it reads does not depend on how full the volume is: one block of the
 * bitmap for each 128 MiB and the tree over the dead lists' blocks.
 */
#include "persist/format/check.h"
#include "persist/store/state.h"

#include <string.h>

bool
super_sealed(const struct store *s, const struct superblock *b)
{
	return b->magic == SUPER_MAGIC && b->version == SUPER_VERSION &&
	    crc_struct(s->config.crc_cpu, b, sizeof(*b),
		offsetof(struct superblock, checksum)) == b->checksum &&
	    b->generations >= 1 && b->generations <= RETAINED_MAX &&
	    b->generation[b->generations - 1].number == b->number;
}

void
super_seal(struct store *s, struct superblock *b)
{
	b->checksum = crc_struct(s->config.crc_cpu, b, sizeof(*b),
	    offsetof(struct superblock, checksum));
}

void
store_mount(struct store *s, uint64_t seed)
{
	s->seed = seed;
	s->mount = (struct mount){
	    .state = M_HEADER, .wanted = true, .status = ST_WAIT};
}

enum status
store_mounted(const struct store *s)
{
	return s->mount.status;
}

static void
mount_fail(struct store *s, enum status st)
{
	s->mount.state = M_FAILED;
	s->mount.status = st;
	store_event(s, EVENT_NO_VOLUME, st, 0, 0);
}

static enum status
header_check(const struct store *s)
{
	const struct volume_header *h = s->header;

	if (h->magic != VOLUME_MAGIC)
		return RC_NOT_FOUND;
	if (crc_struct(s->config.crc_cpu, h, sizeof(*h),
		offsetof(struct volume_header, checksum)) != h->checksum)
		return RC_CORRUPT;
	if (h->version != VOLUME_VERSION || h->check != CHECK_CRC32C ||
	    h->members != 1)
		return RC_UNSUPPORTED;
	if (h->data_blocks == 0 || h->data_block <= BLOCK_SUPER + 1 ||
	    h->data_block > h->blocks ||
	    h->data_blocks > h->blocks - h->data_block || h->positions == 0 ||
	    h->positions > OID_FRAMES)
		return RC_CORRUPT;
	return h->data_blocks > s->config.blocks ? RC_LIMIT : RC_OK;
}

static bool
blank(const void *block)
{
	const uint8_t *p = block;

	return p[0] == 0 && memcmp(p, p + 1, BLOCK_SIZE - 1) == 0;
}

/* Whether the superblock just read can be used; says why not. */
static bool
super_check(struct store *s, unsigned slot)
{
	const struct superblock *b = s->super[slot];
	uint32_t                 needs;

	if (!super_sealed(s, b)) {
		if (!blank(b)) {
			store_event(s, EVENT_SUPER_BAD, RC_CORRUPT,
			    BLOCK_SUPER + slot, slot);
			s->mount.fell_back = true;
		}
		return false;
	}
	if (memcmp(b->volume, s->header->uuid, sizeof(b->volume)) != 0) {
		store_event(
		    s, EVENT_SUPER_OTHER, RC_CORRUPT, BLOCK_SUPER + slot, slot);
		return false;
	}
	needs = b->generation[b->generations - 1].needs;
	if ((needs & ~(uint32_t)NEEDS_KNOWN) != 0) {
		store_event(s, EVENT_SUPER_NEEDS, RC_UNSUPPORTED,
		    BLOCK_SUPER + slot, needs & ~(uint32_t)NEEDS_KNOWN);
		return false;
	}
	if (b->highest > s->last_number)
		s->last_number = b->highest;
	if (b->boot + 1 > s->boot)
		s->boot = b->boot + 1;
	return true;
}

/* Set out with the superblock in this slot. */
static void
mount_try(struct store *s, unsigned slot)
{
	s->mount.slot = s->slot = slot;
	s->mount.state = M_ROOTS;
	s->mount.step = 0;
	s->now = s->super[slot];
	s->next = s->super[1 - slot];
	space_open(&s->space, s->header->data_block, s->header->data_blocks);
	table_open(&s->bitmap, s->space.leaves);
	table_open(&s->lists, map_list_keys(s->header->data_blocks));
}

static void
supers_choose(struct store *s)
{
	struct mount            *m = &s->mount;
	const struct superblock *a = s->super[0], *b = s->super[1];

	if (!m->valid[0] && !m->valid[1]) {
		mount_fail(s, RC_CORRUPT);
		return;
	}
	if (m->valid[0] && m->valid[1] && a->number == b->number) {
		store_event(s, EVENT_SPLIT, RC_STATE, 0, a->number);
		mount_fail(s, RC_STATE);
		return;
	}
	mount_try(s, !m->valid[0] || (m->valid[1] && b->number > a->number));
}

/* What the chosen superblock names is not there: F8 takes the other. */
static void
mount_next_try(struct store *s, enum status st, uint64_t block)
{
	struct mount *m = &s->mount;

	store_event(s, EVENT_ROOT_BAD, st, block, s->now->number);
	m->valid[m->slot] = false;
	if (!m->valid[1 - m->slot]) {
		mount_fail(s, st == RC_DEVICE ? RC_MEDIA : st);
		return;
	}
	m->fell_back = true;
	mount_try(s, 1 - m->slot);
	store_event(s, EVENT_FELL_BACK, RC_OK, 0, s->now->number);
}

void
mount_read_done(struct store *s, enum status st)
{
	struct mount *m = &s->mount;

	m->io = false;
	if (st != RC_OK && ++m->step < IO_TRIES) {
		m->wanted = true;
		return;
	}
	m->step = 0;
	if (m->state == M_HEADER) {
		if (st == RC_OK)
			st = header_check(s);
		if (st != RC_OK) {
			mount_fail(s, st);
			return;
		}
		m->state = M_SUPER;
		m->slot = 0;
		m->wanted = true;
		return;
	}
	if (st != RC_OK)
		memset(s->super[m->slot], 0xff, BLOCK_SIZE);
	m->valid[m->slot] = super_check(s, m->slot);
	if (m->slot + 1 < SUPER_SLOTS) {
		m->slot++;
		m->wanted = true;
	} else {
		supers_choose(s);
	}
}

static enum status
root_read(struct store *s, const struct map_root *r, enum oid_source source)
{
	struct pointer p = {r->block, r->check, frame_of(source, 0), r->levels};
	enum status    st;

	if (r->levels == 0)
		return RC_OK;
	if (r->levels > MAP_LEVELS_MAX || !space_holds(&s->space, r->block))
		return RC_CORRUPT;
	return cache_want(&s->cache, &p, &st) == NULL ? st : RC_OK;
}

static enum status
mount_roots(struct store *s)
{
	const struct generation *g = store_current(s);
	enum status              st;

	st = root_read(s, &g->objects, MAP_SOURCE_OBJECTS);
	if (st == RC_OK)
		st = root_read(s, &g->record, MAP_SOURCE_RECORD);
	return st;
}

static enum status
mount_space(struct store *s)
{
	struct mount *m = &s->mount;
	enum status   st;

	if (m->step < s->bitmap.nnodes) {
		st = table_read(s, &s->bitmap, &s->now->space, &m->step);
		if (st != RC_OK)
			return st;
		m->step = s->bitmap.nnodes;
	}
	for (; m->step < s->bitmap.nnodes + s->space.leaves; m->step++) {
		uint32_t               i = m->step - s->bitmap.nnodes;
		const struct map_leaf *e = &s->bitmap.leaf[i];
		struct pointer         p = {
			    .block = map_get48(e->block),
			    .check = e->check,
			    .key = frame_of(MAP_SOURCE_SPACE, i),
                };
		const void *data;

		if (p.block == 0)
			continue;
		if (!space_holds(&s->space, p.block))
			return RC_CORRUPT;
		data = cache_want(&s->cache, &p, &st);
		if (data == NULL)
			return st;
		space_load(&s->space, i, data);
	}
	return space_image_used(&s->space) == s->now->used ? RC_OK : RC_CORRUPT;
}

static void
mount_open(struct store *s)
{
	const struct generation *g = store_current(s);
	struct pager_completion  c = {
	     .op = PAGER_OPEN,
	     .flags = s->mount.fell_back ? PAGER_FELL_BACK : 0,
	     .count = g->record_pages,
	     .epoch = 1,
	     .word = {s->boot, g->call_number, g->number},
        };

	if (g->number > s->last_number)
		s->last_number = g->number;
	table_durable(&s->bitmap);
	table_durable(&s->lists);
	delta_reset(s->working, 1);
	delta_reset(s->frozen, 0);
	s->mount.status = RC_OK;
	store_event(s, EVENT_OPENED, RC_OK, s->slot, g->number);
	store_tell(s, &c);
	credit_update(s);
}

void
mount_continue(struct store *s)
{
	struct mount *m = &s->mount;
	enum status   st = RC_OK;

	while (m->state >= M_ROOTS && m->state < M_OPEN) {
		if (m->state == M_ROOTS)
			st = mount_roots(s);
		else if (m->state == M_SPACE)
			st = mount_space(s);
		else
			st = table_read(s, &s->lists, &s->now->lists, &m->step);
		if (st == ST_WAIT)
			return;
		if (st != RC_OK) {
			mount_next_try(s, st, m->state);
			continue;
		}
		m->step = 0;
		m->state++;
		if (m->state == M_OPEN)
			mount_open(s);
	}
}
