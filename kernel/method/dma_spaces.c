/* SPDX-License-Identifier: BSD-2-Clause */
/* DMA spaces: where devices may reach. */
#include "kernel/device/dma.h"
#include "kernel/method/proto.h"
#include "kernel/object/invocation.h"

enum status
method_dma_spaces_alloc(
    struct invocation *inv, uint64_t source_id, uint64_t limit)
{
	uint32_t    index;
	enum status st = dma_check(source_id, limit);

	if (st != RC_OK)
		return st;
	st = device_reserve();
	if (st != RC_OK)
		return st;
	inv_commit(inv);
	index = dma_take((uint32_t)source_id, (uint32_t)limit, inv->string,
	    inv->string_bytes);
	inv->out_cap[0] = device_cap(index, 0, 0);
	return RC_OK;
}

enum status
method_dma_spaces_query(struct invocation *inv, uint64_t index)
{
	struct dma_info info;
	enum status     st = dma_query(index, &info);

	if (st != RC_OK)
		return st;
	inv_commit(inv);
	inv_record(inv, &info, sizeof(info), dma_total());
	inv->out_word[2] = dma_enforced() ? 1 : 0;
	return RC_OK;
}
