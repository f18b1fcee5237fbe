/* SPDX-License-Identifier: BSD-2-Clause */
/* DMA: the memory that one device can reach. */
#include "kernel/device/dma.h"
#include "kernel/method/proto.h"
#include "kernel/object/ref.h"

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
	st = dma_map_prepare(device_self(&inv->self), page->frame);
	if (st != RC_OK)
		return st;
	st = dma_map(device_self(&inv->self), page->frame, &bus);
	if (st != RC_OK)
		return st;
	inv_commit(inv);
	inv->out_word[1] = bus;
	return RC_OK;
}

enum status
method_dma_unmap(struct invocation *inv, uint64_t address)
{
	enum status st = dma_unmap(device_self(&inv->self), address);

	if (st == RC_OK)
		inv_commit(inv);
	return st;
}

enum status
method_dma_release(struct invocation *inv)
{
	enum status st = dma_release_check(device_self(&inv->self));

	if (st != RC_OK)
		return st;
	inv_commit(inv);
	dma_release(device_self(&inv->self));
	return RC_OK;
}

/* As range.page, but the frame is of the class that the device can address. */
enum status
method_dma_page(struct invocation *inv, uint64_t position)
{
	const uint32_t space = device_self(&inv->self);
	uint64_t       number;
	struct frame  *f;
	enum status    st;

	if (!range_locate(&inv->cap[0].cap, position, &number) ||
	    frame_source(number) != SOURCE_EPHEMERAL)
		return RC_ARGUMENT;
	st = object_make(number, FK_PAGE, dma_class(space), &f);
	if (st != RC_OK)
		return st;
	debug_assert(dma_reaches(space, f)); /* Its frame is a new one. */
	inv_commit(inv);
	inv->out_cap[0] = cap_make(
	    CK_PAGE, 0, 0, f->count, oid_make(number, OID_INDEX_FRAME));
	return RC_OK;
}

enum status
method_dma_figures(struct invocation *inv)
{
	const struct device *d = device_at(device_self(&inv->self));

	inv_commit(inv);
	inv->out_word[1] = d->dma.source_id;
	inv->out_word[2] = d->dma.limit;
	inv->out_word[3] = d->dma.pages;
	inv->out_word[4] = dma_enforced();
	return RC_OK;
}
