/* SPDX-License-Identifier: BSD-2-Clause */
/* DMA: the memory that one device can reach. */
#include "kernel/device/dma.h"
#include "kernel/method/proto.h"
#include "kernel/object/invocation.h"
#include "kernel/object/restrict.h"

static uint32_t
self(const struct invocation *inv)
{
	uint32_t             index = 0;
	const struct device *d = device_find(&inv->self.cap, &index);

	assert(d != NULL);
	return index;
}

/*
 * The device will write: a capability that may only be read does not allow
 * that. The unit may refuse, so it comes before the commit.
 */
enum status
method_dma_map(struct invocation *inv)
{
	struct ref *page = &inv->cap[0];
	uint64_t    bus;
	enum status st;

	if ((page->rights & (CR_READ_ONLY | CR_WEAK)) != 0)
		return RC_CAPABILITY;
	st = dma_map_prepare(self(inv), page->frame);
	if (st != RC_OK)
		return st;
	st = dma_map(self(inv), page->frame, &bus);
	if (st != RC_OK)
		return st;
	inv_commit(inv);
	inv->out_word[1] = bus;
	return RC_OK;
}

enum status
method_dma_unmap(struct invocation *inv, uint64_t address)
{
	enum status st = dma_unmap(self(inv), address);

	if (st == RC_OK)
		inv_commit(inv);
	return st;
}

enum status
method_dma_release(struct invocation *inv)
{
	enum status st = dma_release_check(self(inv));

	if (st != RC_OK)
		return st;
	inv_commit(inv);
	dma_release(self(inv));
	return RC_OK;
}

/* As range.page, but the frame is of the class that the device can address. */
enum status
method_dma_page(struct invocation *inv, uint64_t position)
{
	const struct cap *range = &inv->cap[0].cap;
	const uint64_t    first = cap_range_first(range);
	const uint64_t    number = first + position;
	struct frame     *f;
	enum status       st;

	if (frame_source(first) != SOURCE_EPHEMERAL ||
	    position >= cap_range_length(range) ||
	    position >= OID_FRAMES - frame_position(first))
		return RC_ARGUMENT;
	st = object_fetch(number, &f);
	if (st == RC_OK && f->kind != FK_FREE)
		return RC_STATE;
	if (st != RC_OK && st != RC_NOT_FOUND)
		return st;
	st = object_make(number, FK_PAGE, dma_class(self(inv)), &f);
	if (st != RC_OK)
		return st;
	if (!dma_reaches(self(inv), f))
		return RC_STATE; /* It had a frame already. */
	inv_commit(inv);
	inv->out_cap[0] = cap_make(
	    CK_PAGE, 0, 0, f->count, oid_make(number, OID_INDEX_FRAME));
	return RC_OK;
}

enum status
method_dma_restrict(struct invocation *inv, uint64_t rights)
{
	return restrict_cap(inv, rights);
}

enum status
method_dma_figures(struct invocation *inv)
{
	const struct device *d = device_at(self(inv));

	inv_commit(inv);
	inv->out_word[1] = d->dma.source_id;
	inv->out_word[2] = d->dma.limit;
	inv->out_word[3] = d->dma.pages;
	inv->out_word[4] = dma_enforced();
	return RC_OK;
}
