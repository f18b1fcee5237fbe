/* SPDX-License-Identifier: BSD-2-Clause */
#include "kernel/device/dma.h"

#include "kernel/mem/object.h"

enum {
	HASH_BUCKETS = 256,
	SOURCE_ID_MOST = 0xffff,
};

/* A page that is mapped in a space. */
struct entry {
	uint32_t hash_next; /* First: the pool chains free ones by it. */
	uint32_t space_next;
	uint32_t space; /* Object index. */
	uint32_t frame; /* Index; the bus address is its physical one. */
};

static struct {
	const struct iommu_ops *iommu;
	uint32_t                first; /* Spaces, newest first. */
	uint32_t                total;
	uint32_t                bucket[HASH_BUCKETS];
	struct pool             entries;
} dma;

void
dma_init(void)
{
	dma.iommu = NULL;
	dma.first = DEVICE_NONE;
	dma.total = 0;
	for (unsigned i = 0; i < HASH_BUCKETS; i++)
		dma.bucket[i] = POOL_NONE;
	pool_init(&dma.entries, sizeof(struct entry));
}

void
dma_set_iommu(const struct iommu_ops *ops)
{
	assert(dma.total == 0);
	dma.iommu = ops;
}

bool
dma_enforced(void)
{
	return dma.iommu != NULL;
}

/* --- Spaces --------------------------------------------------------------- */

enum status
dma_check(uint64_t source_id, uint64_t limit)
{
	const struct device *d;

	if (source_id > SOURCE_ID_MOST ||
	    (limit != 24 && limit != 32 && limit != 64))
		return RC_ARGUMENT;
	for (uint32_t i = dma.first; i != DEVICE_NONE; i = d->next) {
		d = device_at(i);
		if (d->dma.source_id == source_id)
			return RC_TAKEN;
	}
	return RC_OK;
}

uint32_t
dma_take(uint32_t source_id, uint32_t limit, const void *label, size_t bytes)
{
	uint32_t       index;
	struct device *d = device_take(CK_DMA, label, bytes, &index);

	d->dma.source_id = source_id;
	d->dma.limit = limit;
	d->dma.first = POOL_NONE;
	d->next = dma.first;
	dma.first = index;
	dma.total++;
	return index;
}

enum frame_class
dma_class(uint32_t index)
{
	switch (device_at(index)->dma.limit) {
	case 24:
		return CLASS_16M;
	case 32:
		return CLASS_4G;
	default:
		return CLASS_ANY;
	}
}

bool
dma_reaches(uint32_t index, const struct frame *f)
{
	const uint32_t limit = device_at(index)->dma.limit;

	return limit == 64 || frame_paddr(f).v >> limit == 0;
}

/* --- Entries -------------------------------------------------------------- */

static uint32_t *
bucket_of(uint32_t frame)
{
	return &dma.bucket[frame % HASH_BUCKETS];
}

static struct entry *
entry_at(uint32_t i)
{
	struct entry *e = pool_at(&dma.entries, i);

	assert(e != NULL);
	return e;
}

/* The entry of a frame in a space, or in any if that is DEVICE_NONE. */
static uint32_t
entry_find(uint32_t space, uint32_t frame)
{
	const struct entry *e;

	for (uint32_t i = *bucket_of(frame); i != POOL_NONE; i = e->hash_next) {
		e = entry_at(i);
		if (e->frame == frame &&
		    (space == DEVICE_NONE || e->space == space))
			return i;
	}
	return POOL_NONE;
}

enum status
dma_map_prepare(uint32_t index, const struct frame *f)
{
	if (frame_source(f->number) != SOURCE_EPHEMERAL)
		return RC_CAPABILITY; /* F9: nothing that a snapshot freezes. */
	if (!dma_reaches(index, f))
		return RC_UNSUPPORTED;
	if (entry_find(index, frame_index(f)) != POOL_NONE)
		return RC_EXISTS;
	if (device_at(index)->dma.pages >= DMA_PAGES_MOST)
		return RC_LIMIT;
	return pool_reserve(&dma.entries);
}

enum status
dma_map(uint32_t index, struct frame *f, uint64_t *bus)
{
	struct dma_space *s = &device_at(index)->dma;
	const uint64_t    p = frame_paddr(f).v;
	enum status       st;
	struct entry     *e;
	uint32_t          i;

	if (dma.iommu != NULL) {
		st = dma.iommu->map(s->source_id, p, frame_paddr(f), true);
		if (st != RC_OK)
			return st;
	}
	i = pool_take(&dma.entries);
	e = entry_at(i);
	*e = (struct entry){
	    .hash_next = *bucket_of(frame_index(f)),
	    .space_next = s->first,
	    .space = index,
	    .frame = frame_index(f),
	};
	*bucket_of(e->frame) = i;
	s->first = i;
	s->pages++;
	object_pin(f);
	f->flags |= FF_DMA;
	*bus = p;
	return RC_OK;
}

/* Out of the hash, and back to the pool; the device is out already. */
static void
entry_free(uint32_t i)
{
	const struct entry *e = entry_at(i);
	struct frame       *f = &mem.frame[e->frame];
	uint32_t           *link = bucket_of(e->frame);

	while (*link != i)
		link = &entry_at(*link)->hash_next;
	*link = e->hash_next;
	object_unpin(f);
	if (entry_find(DEVICE_NONE, e->frame) == POOL_NONE)
		f->flags &= (uint16_t)~FF_DMA;
	pool_give(&dma.entries, i);
}

static void
unreach(struct dma_space *s, uint64_t bus)
{
	if (dma.iommu != NULL)
		dma.iommu->unmap(s->source_id, bus);
}

void
dma_flush(uint32_t index)
{
	struct dma_space *s = &device_at(index)->dma;

	if (dma.iommu == NULL)
		return;
	dma.iommu->flush(s->source_id);
	s->flushes++;
}

enum status
dma_unmap(uint32_t index, uint64_t bus)
{
	struct dma_space *s = &device_at(index)->dma;
	uint32_t         *link = &s->first;

	while (*link != POOL_NONE &&
	    (uint64_t)entry_at(*link)->frame << PAGE_SHIFT != bus)
		link = &entry_at(*link)->space_next;
	if (*link == POOL_NONE)
		return RC_NOT_FOUND;

	const uint32_t i = *link;

	*link = entry_at(i)->space_next;
	unreach(s, bus);
	dma_flush(index);
	s->pages--;
	entry_free(i);
	return RC_OK;
}

enum status
dma_release_check(uint32_t index)
{
	return device_at(index)->dma.exposed > 0 ? RC_BUSY : RC_OK;
}

/* One flush for all pages; only then are they given back. */
void
dma_release(uint32_t index)
{
	struct dma_space *s = &device_at(index)->dma;
	uint32_t         *link = &dma.first;
	uint32_t          i;

	for (i = s->first; i != POOL_NONE; i = entry_at(i)->space_next)
		unreach(s, (uint64_t)entry_at(i)->frame << PAGE_SHIFT);
	dma_flush(index);
	while (s->first != POOL_NONE) {
		i = s->first;
		s->first = entry_at(i)->space_next;
		entry_free(i);
	}
	while (*link != index)
		link = &device_at(*link)->next;
	*link = device_at(index)->next;
	dma.total--;
	device_give(index);
}

/* --- Frames in flight ----------------------------------------------------- */

enum status
dma_find(const struct cap *c, uint32_t *index)
{
	return c->type == CK_DMA && device_find(c, index) != NULL ? RC_OK
								  : RC_VOID;
}

enum status
dma_expose(
    uint32_t index, const struct frame *f, bool device_writes, uint64_t *bus)
{
	struct dma_space *s = &device_at(index)->dma;
	const paddr       p = frame_paddr(f);
	enum status       st;

	if (!dma_reaches(index, f))
		return RC_UNSUPPORTED;
	if (dma.iommu != NULL) {
		st = dma.iommu->map(s->source_id, p.v, p, device_writes);
		if (st != RC_OK)
			return st;
	}
	s->exposed++;
	*bus = p.v;
	return RC_OK;
}

void
dma_bounced(uint32_t index)
{
	device_at(index)->dma.bounces++;
}

void
dma_conceal(uint32_t index, uint64_t bus)
{
	struct dma_space *s = &device_at(index)->dma;

	assert(s->exposed > 0);
	s->exposed--;
	unreach(s, bus);
}

/* --- Query ---------------------------------------------------------------- */

uint64_t
dma_total(void)
{
	return dma.total;
}

enum status
dma_query(uint64_t index, struct dma_info *out)
{
	uint32_t             i = dma.first;
	const struct device *d;

	if (index >= dma.total)
		return RC_NOT_FOUND;
	while (index-- > 0)
		i = device_at(i)->next;
	d = device_at(i);
	*out = (struct dma_info){
	    .source_id = d->dma.source_id,
	    .pages = d->dma.pages,
	    .exposed = d->dma.exposed,
	    .limit = d->dma.limit,
	    .bounces = d->dma.bounces,
	    .flushes = d->dma.flushes,
	};
	memcpy(out->label, d->label, sizeof(out->label));
	return RC_OK;
}

static bool
space_ok(uint32_t index)
{
	const struct dma_space *s = &device_at(index)->dma;
	uint32_t                n = 0;
	const struct entry     *e;

	for (uint32_t i = s->first; i != POOL_NONE; i = e->space_next) {
		const struct frame *f;

		e = entry_at(i);
		f = &mem.frame[e->frame];
		n++;
		if (e->space != index || (f->flags & FF_DMA) == 0 ||
		    f->pins == 0 || entry_find(index, e->frame) != i)
			return false;
	}
	return n == s->pages;
}

bool
dma_ok(void)
{
	uint32_t n = 0;

	for (uint32_t i = dma.first; i != DEVICE_NONE; i = device_at(i)->next) {
		n++;
		if (device_at(i)->kind != CK_DMA || !space_ok(i))
			return false;
	}
	return n == dma.total;
}
