/* SPDX-License-Identifier: BSD-2-Clause */
/* MMIO space: all physical addresses that are not RAM. */
#include "kernel/device/mmio.h"
#include "kernel/method/proto.h"
#include "kernel/object/invocation.h"

/* As the interface numbers them. */
static enum cache_mode
mode_of(uint64_t cache)
{
	switch (cache) {
	case 1:
		return CACHE_COMBINE;
	case 2:
		return CACHE_BACK;
	default:
		return CACHE_NONE;
	}
}

enum status
method_mmio_space_alloc(
    struct invocation *inv, uint64_t address, uint64_t bytes, uint64_t cache)
{
	uint32_t    index;
	enum status st = mmio_check(address, bytes, cache);

	if (st != RC_OK)
		return st;
	st = device_reserve();
	if (st != RC_OK)
		return st;
	inv_commit(inv);
	index = mmio_take(
	    address, bytes, mode_of(cache), inv->string, inv->string_bytes);
	inv->out_cap[0] = mmio_cap(index, 0);
	return RC_OK;
}

enum status
method_mmio_space_query(struct invocation *inv, uint64_t index)
{
	struct mmio_info info;
	enum status      st = mmio_query(index, &info);

	if (st != RC_OK)
		return st;
	inv_commit(inv);
	inv_record(inv, &info, sizeof(info), mmio_total());
	return RC_OK;
}
