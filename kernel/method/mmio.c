/* SPDX-License-Identifier: BSD-2-Clause */
/* MMIO: a window of device memory. */
#include "kernel/device/mmio.h"
#include "kernel/method/proto.h"
#include "kernel/object/invocation.h"

enum status
method_mmio_extent(struct invocation *inv)
{
	const struct mmio_window *w = &device_at(device_self(&inv->self))->mmio;

	inv_commit(inv);
	inv->out_word[1] = w->address;
	inv->out_word[2] = w->bytes;
	return RC_OK;
}

enum status
method_mmio_part(struct invocation *inv, uint64_t offset, uint64_t bytes)
{
	enum status st = mmio_part_check(device_self(&inv->self), offset, bytes);

	if (st != RC_OK)
		return st;
	st = device_reserve();
	if (st != RC_OK)
		return st;
	inv_commit(inv);
	inv->out_cap[0] = mmio_cap(
	    mmio_part(device_self(&inv->self), offset, bytes), inv->self.rights);
	return RC_OK;
}

enum status
method_mmio_release(struct invocation *inv)
{
	if (!mmio_thin(device_self(&inv->self)))
		return ST_AGAIN;
	inv_commit(inv);
	mmio_release(device_self(&inv->self));
	return RC_OK;
}
