/* SPDX-License-Identifier: BSD-2-Clause */
#include "uldrv/mux/block/guard.h"

/* Is the segment something that the device, or our window, can reach? */
static enum status
segment_check(const struct block_geometry *g, uint64_t window_bytes,
    bool window, const struct block_segment *s)
{
	uint64_t limit = g->address_bits >= 64
	    ? UINT64_MAX
	    : (UINT64_C(1) << g->address_bits) - 1;

	if (s->bytes == 0 || s->bytes % BLOCK_SECTOR != 0 ||
	    s->bytes > g->segment_bytes || s->address % 4 != 0)
		return RC_ARGUMENT;
	if (window)
		return s->address > window_bytes ||
			s->bytes > window_bytes - s->address
		    ? RC_ARGUMENT
		    : RC_OK;
	if (s->address > limit || s->bytes - 1 > limit - s->address)
		return RC_UNSUPPORTED;
	return RC_OK;
}

/* From `sector` on, within that many. */
static bool
within(uint64_t sector, uint64_t bytes, uint64_t sectors)
{
	return sector <= sectors && bytes / BLOCK_SECTOR <= sectors - sector;
}

static enum status
transfer_check(
    const struct block_geometry *g, uint64_t window_bytes, struct block_io *io)
{
	uint32_t needs = io->window ? BLOCK_HAS_WINDOW : BLOCK_HAS_DMA;
	uint64_t bytes = 0;

	if (io->nsegments == 0 || io->nsegments > g->segments)
		return RC_ARGUMENT;
	if (io->op == BLOCK_WRITE && (g->features & BLOCK_READ_ONLY) != 0)
		return RC_RIGHTS;
	if ((g->features & needs) == 0)
		return RC_UNSUPPORTED;
	for (unsigned i = 0; i < io->nsegments; i++) {
		enum status st = segment_check(
		    g, window_bytes, io->window, &io->segment[i]);

		if (st != RC_OK)
			return st;
		bytes += io->segment[i].bytes;
	}
	if (bytes > g->bytes || !within(io->sector, bytes, g->sectors))
		return RC_ARGUMENT;
	io->bytes = (uint32_t)bytes;
	return RC_OK;
}

/* Where nothing is cached, what has completed is on the platter. */
static enum status
flush_check(const struct block_geometry *g, const struct block_io *io)
{
	if (io->nsegments != 0)
		return RC_ARGUMENT;
	return (g->features & BLOCK_HAS_FLUSH) != 0 ? RC_OK : RC_EXISTS;
}

enum status
guard_store(
    const struct block_geometry *g, uint64_t window_bytes, struct block_io *io)
{
	switch (io->op) {
	case BLOCK_READ:
	case BLOCK_WRITE:
		return transfer_check(g, window_bytes, io);
	case BLOCK_FLUSH:
		return flush_check(g, io);
	case BLOCK_GEOMETRY:
		return io->nsegments != 0 ? RC_ARGUMENT : RC_EXISTS;
	default:
		return RC_ARGUMENT;
	}
}

/* The extent's end, no further than the disk's. */
static uint64_t
extent_sectors(const struct block_geometry *g, const struct control_client *c)
{
	uint64_t left = c->first < g->sectors ? g->sectors - c->first : 0;

	return c->sectors < left ? c->sectors : left;
}

struct block_geometry
guard_geometry(const struct block_geometry *g, const struct control_client *c)
{
	struct block_geometry its = *g;

	its.sectors = extent_sectors(g, c);
	its.features &= ~(uint32_t)(BLOCK_HAS_DMA | BLOCK_HAS_WINDOW);
	if (c->writes == 0)
		its.features |= BLOCK_READ_ONLY;
	if (its.bytes > BLOCK_DATA_PAGES * PAGE_SIZE)
		its.bytes = BLOCK_DATA_PAGES * PAGE_SIZE;
	if (its.segment_bytes > PAGE_SIZE)
		its.segment_bytes = PAGE_SIZE;
	its.address_bits = 64;
	return its;
}

/* Nobody writes into the volume beside the store. */
static enum status
write_check(const struct control_client *c, const struct block_claim *claim,
    uint64_t first, uint64_t sectors)
{
	if (c->writes == 0)
		return RC_RIGHTS;
	if (claim->decided == 0)
		return RC_STATE;
	if (claim->sectors != 0 && first < claim->first + claim->sectors &&
	    claim->first < first + sectors)
		return RC_RIGHTS;
	return RC_OK;
}

/* A place in the data area, in terms of who moves the bytes. */
static enum status
segment_translate(const struct control_client *c, bool window, uint64_t area,
    struct block_segment *s)
{
	uint64_t page = s->address / PAGE_SIZE;
	uint64_t at = s->address % PAGE_SIZE;

	if (page >= BLOCK_DATA_PAGES || s->bytes > PAGE_SIZE - at ||
	    s->bytes == 0 || s->bytes % BLOCK_SECTOR != 0 || at % 4 != 0)
		return RC_ARGUMENT;
	s->address = window ? area + s->address : c->address[page] + at;
	return RC_OK;
}

static enum status
raw_transfer(const struct block_geometry *g, const struct control_client *c,
    const struct block_claim *claim, uint64_t area, struct block_io *io)
{
	enum status st = RC_OK;
	uint64_t    bytes = 0;

	if (io->window || io->nsegments == 0 || io->nsegments > g->segments)
		return RC_ARGUMENT;
	io->window = (g->features & BLOCK_HAS_DMA) == 0;
	for (unsigned i = 0; i < io->nsegments && st == RC_OK; i++) {
		st = segment_translate(c, io->window, area, &io->segment[i]);
		bytes += io->segment[i].bytes;
	}
	if (st != RC_OK)
		return st;
	if (!within(io->sector, bytes, extent_sectors(g, c)))
		return RC_ARGUMENT;
	io->sector += c->first;
	if (io->op == BLOCK_WRITE)
		st = write_check(c, claim, io->sector, bytes / BLOCK_SECTOR);
	/* What the disk itself asks of a request. */
	return st != RC_OK ? st : transfer_check(g, UINT64_MAX, io);
}

enum status
guard_raw(const struct block_geometry *g, const struct control_client *c,
    const struct block_claim *claim, uint64_t area, struct block_io *io)
{
	switch (io->op) {
	case BLOCK_READ:
	case BLOCK_WRITE:
		return raw_transfer(g, c, claim, area, io);
	case BLOCK_FLUSH:
		/* Who cannot write has nothing to make durable. */
		return c->writes == 0 ? RC_RIGHTS : flush_check(g, io);
	case BLOCK_GEOMETRY:
		return io->nsegments != 0 ? RC_ARGUMENT : RC_EXISTS;
	default:
		return RC_ARGUMENT;
	}
}
