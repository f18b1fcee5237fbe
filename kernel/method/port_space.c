/* SPDX-License-Identifier: BSD-2-Clause */
/* Port space: all I/O ports, and who has which. */
#include "kernel/device/ports.h"
#include "kernel/method/proto.h"
#include "kernel/object/invocation.h"

enum status
method_port_space_alloc(struct invocation *inv, uint64_t first, uint64_t count)
{
	uint32_t    index;
	enum status st = ports_check(first, count);

	if (st != RC_OK)
		return st;
	st = device_reserve();
	if (st != RC_OK)
		return st;
	inv_commit(inv);
	index = ports_take(
	    (uint32_t)first, (uint32_t)count, inv->string, inv->string_bytes);
	inv->out_cap[0] = device_cap(index, 0, 0);
	return RC_OK;
}

enum status
method_port_space_query(struct invocation *inv, uint64_t index)
{
	struct port_info info;
	enum status      st = ports_query(index, &info);

	if (st != RC_OK)
		return st;
	inv_commit(inv);
	inv_record(inv, &info, sizeof(info), ports_total());
	return RC_OK;
}
