/* SPDX-License-Identifier: BSD-2-Clause */
#include "uldrv/lib/registers.h"

#include <string.h>

#include "uldrv/lib/backend.h"

static const struct control_range *
granted(const struct dev *d, enum region_kind kind, unsigned resource)
{
	const struct control_given *g = dev_given(d);

	if (kind == REGION_PORTS && resource < CONTROL_PORTS)
		return &g->port[resource];
	if (kind == REGION_MMIO && resource < CONTROL_MMIO)
		return &g->mmio[resource];
	return NULL;
}

enum status
reg_region(struct dev *d, unsigned i, enum region_kind kind, unsigned resource,
    uint32_t bytes, bool optional)
{
	const struct control_range *r = granted(d, kind, resource);

	if (i >= DEV_REGIONS)
		return RC_ARGUMENT;
	d->region[i] = (struct region){.kind = REGION_NONE};
	if (r == NULL || r->bytes < bytes)
		return optional ? RC_OK : RC_NOT_FOUND;
	d->region[i] = (struct region){
	    .kind = (uint8_t)kind,
	    .resource = (uint8_t)resource,
	    .bytes = bytes,
	};
	return RC_OK;
}

enum status
reg_found(struct dev *d, unsigned i, unsigned resource, uint64_t base,
    uint64_t bytes, uint32_t least)
{
	enum region_kind            kind = REGION_MMIO;
	const struct control_range *r = granted(d, kind, resource);

	if (i >= DEV_REGIONS)
		return RC_ARGUMENT;
	d->region[i] = (struct region){.kind = REGION_NONE};
	if (r == NULL || r->bytes == 0)
		return RC_DEVICE;
	if (base > r->bytes || bytes > r->bytes - base || bytes < least)
		return RC_DEVICE;
	d->region[i] = (struct region){
	    .kind = (uint8_t)kind,
	    .resource = (uint8_t)resource,
	    .bytes = bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX,
	    .base = base,
	};
	return RC_OK;
}

bool
reg_present(const struct dev *d, unsigned i)
{
	return i < DEV_REGIONS && d->region[i].kind != REGION_NONE;
}

/* The region, if the access lies within it. */
static const struct region *
reached(const struct dev *d, unsigned i, uint32_t offset, unsigned bytes)
{
	if (!reg_present(d, i) || d->stopped)
		return NULL;
	if (offset > d->region[i].bytes || bytes > d->region[i].bytes - offset)
		return NULL;
	return &d->region[i];
}

uint64_t
reg_read(struct dev *d, unsigned region, uint32_t offset, unsigned bytes)
{
	const struct region *r = reached(d, region, offset, bytes);

	if (r == NULL)
		return UINT64_MAX;
	if (bytes == 8) {
		uint64_t low = be_read(d, r, offset, 4);

		return low | (uint64_t)be_read(d, r, offset + 4, 4) << 32;
	}
	return be_read(d, r, offset, bytes);
}

void
reg_write(struct dev *d, unsigned region, uint32_t offset, unsigned bytes,
    uint64_t value)
{
	const struct region *r = reached(d, region, offset, bytes);

	if (r == NULL)
		return;
	if (bytes == 8) {
		be_write(d, r, offset, 4, (uint32_t)value);
		be_write(d, r, offset + 4, 4, (uint32_t)(value >> 32));
		return;
	}
	be_write(d, r, offset, bytes, (uint32_t)value);
}

void
reg_read_words(
    struct dev *d, unsigned region, uint32_t offset, void *to, unsigned words)
{
	const struct region *r = reached(d, region, offset, 2);

	if (r == NULL)
		memset(to, 0xff, 2 * (size_t)words);
	else
		be_read_words(d, r, offset, to, words);
}

void
reg_write_words(struct dev *d, unsigned region, uint32_t offset,
    const void *from, unsigned words)
{
	const struct region *r = reached(d, region, offset, 2);

	if (r != NULL)
		be_write_words(d, r, offset, from, words);
}
